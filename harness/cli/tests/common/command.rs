//! One run of the binary, to its end.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// The longest that any run in these tests may take. A Wardgate that hangs fails its test instead of the whole build.
const PATIENCE: Duration = Duration::from_mins(3);

/// The root of the workspace, where users stand when they follow the README.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a run of the binary came to.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Fails unless this is the exit code, and then shows everything that was said.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n{self}");
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not JSON: {error}\n{self}"))
    }
}

/// Everything that a user sees, for snapshots.
impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// The binary, ready to be given arguments, in the root of the workspace and without what the environment would change.
pub fn wardgate() -> Invocation {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardgate"));
    command
        .current_dir(root())
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Invocation { command }
}

/// A command line in the making.
pub struct Invocation {
    command: Command,
}

impl Invocation {
    /// Adds the words of a command line; none of them may hold a space.
    pub fn words(mut self, words: &str) -> Self {
        self.command.args(words.split_whitespace());
        self
    }

    /// Adds one argument as it is.
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Stands elsewhere.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Gives it a line of shell in its place, in which the binary goes by its name.
    pub fn in_shell(self, line: &str) -> Self {
        let binary = Path::new(env!("CARGO_BIN_EXE_wardgate"));
        let folder = binary.parent().expect("it lies in a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line])
            .env("PATH", format!("{}:{path}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(folder) = self.command.get_current_dir() {
            shell.current_dir(folder);
        }
        Self { command: shell }
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(self) -> Run {
        self.start().end()
    }

    /// Runs it to its end with nobody to read its standard output.
    #[track_caller]
    pub fn unread(mut self) -> Run {
        let (reader, writer) = std::io::pipe().expect("a pipe can be had");
        drop(reader);
        self.command.stdout(writer);
        self.run()
    }

    /// Runs it to its end with nobody to hear what it says on standard error.
    #[track_caller]
    pub fn unheard(mut self) -> Run {
        let (reader, writer) = std::io::pipe().expect("a pipe can be had");
        drop(reader);
        self.command.stderr(writer);
        self.run()
    }

    /// Runs it to its end with a standard error that takes nothing, as on a full disk; none where the system has no such
    /// file.
    #[track_caller]
    pub fn on_full_disk(mut self) -> Option<Run> {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        self.command.stderr(full.ok()?);
        Some(self.run())
    }

    /// Starts it and leaves it running.
    #[track_caller]
    pub fn start(mut self) -> Started {
        let mut child = self.command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().map(Stream::of).unwrap_or_default();
        let stderr = child.stderr.take().map(Stream::of).unwrap_or_default();
        Started {
            child,
            stdout,
            stderr,
        }
    }
}

/// What came through a pipe so far.
#[derive(Default)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = bytes.clone();
        let reader = thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut part) {
                shared
                    .lock()
                    .expect("nobody panics with it")
                    .extend_from_slice(&part[..read]);
            }
        });
        Self {
            bytes,
            reader: Some(reader),
        }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("nobody panics with it")).into_owned()
    }

    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        self.so_far()
    }
}

/// A run of the binary that goes on. It is killed if its test ends first.
pub struct Started {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Started {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn said(&self) -> String {
        self.stdout.so_far() + &self.stderr.so_far()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let process = Pid::from_child(&self.child);
        kill_process(process, signal).expect("it is our child");
    }

    /// Waits until it ends.
    #[track_caller]
    pub fn end(mut self) -> Run {
        let mut status = None;
        until("it ends", || {
            status = self.child.try_wait().expect("it is our child");
            status.is_some()
        });
        Run {
            code: status.and_then(|status| status.code()),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until this holds, and fails if it never does.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain until {what}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}
