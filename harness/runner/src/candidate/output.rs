//! What the candidate prints: kept in a file, searched for what we wait for, its last lines at hand.

use std::{
    collections::VecDeque,
    fs::File,
    io::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use regex::Regex;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::watch,
};

/// How many lines are kept at hand.
const LINES_MAX: usize = 50;
/// The longest line that is kept and searched; what is beyond counts as another line.
const LINE_MAX: usize = 8 * 1024;

/// The output of one start of the candidate.
#[derive(Debug)]
pub(crate) struct Output {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Inner {
    file: Option<File>,
    last: VecDeque<String>,
    patterns: Vec<Regex>,
    found: Vec<Option<String>>,
}

impl Output {
    /// Output that goes to this file and is searched for these patterns.
    pub(crate) fn new(file: Option<File>, patterns: Vec<Regex>) -> Arc<Self> {
        let found = vec![None; patterns.len()];
        Arc::new(Self {
            inner: Mutex::new(Inner {
                file,
                last: VecDeque::new(),
                patterns,
                found,
            }),
            changed: watch::Sender::new(()),
        })
    }

    /// Reads a stream to its end. The bytes go to the file as they are.
    pub(crate) async fn read(self: Arc<Self>, mut stream: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 4 * 1024];
        let mut line = Vec::new();
        loop {
            let count = stream.read(&mut buffer).await.unwrap_or(0);
            if count == 0 {
                break;
            }
            self.write(&buffer[..count]);
            for part in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                if part.ends_with(b"\n") || line.len() >= LINE_MAX {
                    self.line(&line);
                    line.clear();
                }
            }
        }
        if !line.is_empty() {
            self.line(&line);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, bytes: &[u8]) {
        // A log that cannot be written must not end the run.
        if let Some(file) = &mut self.lock().file {
            let _ = file.write_all(bytes);
        }
    }

    fn line(&self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end();
        {
            let mut inner = self.lock();
            if inner.last.len() == LINES_MAX {
                inner.last.pop_front();
            }
            inner.last.push_back(text.to_owned());
            let Inner {
                patterns, found, ..
            } = &mut *inner;
            for (pattern, found) in patterns.iter().zip(found) {
                if found.is_none()
                    && let Some(captures) = pattern.captures(text)
                {
                    let group = captures.get(1).or_else(|| captures.get(0));
                    *found = group.map(|group| group.as_str().to_owned());
                }
            }
        }
        self.changed.send_replace(());
    }

    /// What a pattern's group has caught, if it has been seen.
    pub(crate) fn found(&self, pattern: usize) -> Option<String> {
        self.lock().found.get(pattern).cloned().flatten()
    }

    /// Sees every line from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The last lines, the newest at the end.
    pub(crate) fn last_lines(&self) -> String {
        let inner = self.lock();
        inner
            .last
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_kept_searched_and_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let pattern = Regex::new(r"port=(\d+)").expect("it is sound");
        let output = Output::new(
            Some(File::create(&path).expect("it is made")),
            vec![pattern],
        );
        let mut text = String::from("hello\nready port=17 \nport=18\n");
        for number in 0..60 {
            text += "line ";
            text += &number.to_string();
            text += "\n";
        }
        text.push_str("the end");
        output.clone().read(text.as_bytes()).await;
        assert_eq!(output.found(0).as_deref(), Some("17"));
        let last = output.last_lines();
        assert!(
            last.ends_with("line 59\nthe end") && !last.contains("hello"),
            "{last}"
        );
        assert_eq!(last.lines().count(), LINES_MAX);
        assert_eq!(std::fs::read_to_string(path).expect("it is there"), text);
    }

    #[tokio::test]
    async fn a_line_without_end_is_bounded() {
        let output = Output::new(None, Vec::new());
        output
            .clone()
            .read(vec![b'x'; 10 * LINE_MAX].as_slice())
            .await;
        assert!(
            output
                .last_lines()
                .lines()
                .all(|line| line.len() < 2 * LINE_MAX)
        );
    }
}
