//! Writing `run.jsonl` while the run goes on.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use wardgate_core::{event::Event, plan::Plan, verdict::CaseVerdict};
use wardgate_report::run_file::{EndLine, EventLine, RunLine, VerdictsLine, encode};

use crate::exit::Failure;

/// How long a line may wait for the next ones before all of them are handed to the system: what a run that is killed loses
/// at most.
const FLUSH_AFTER: Duration = Duration::from_millis(20);

/// Writes the lines of a run file. What cannot be written is remembered and told at the end: a run whose record is
/// incomplete is an error.
pub struct RunLog {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    file: BufWriter<File>,
    flushed: Instant,
    failure: Option<String>,
}

impl RunLog {
    /// Begins a run file with its first line.
    pub fn create(path: &Path, run: &RunLine) -> Result<Self, Failure> {
        let file = File::create_new(path).map_err(|error| {
            Failure::could_not_run(format!("{} cannot be written: {error}", path.display()))
        })?;
        let log = Self {
            path: path.to_owned(),
            state: Mutex::new(State {
                file: BufWriter::with_capacity(1 << 16, file),
                flushed: Instant::now(),
                failure: None,
            }),
        };
        log.line(&encode(run));
        Ok(log)
    }

    /// Adds an event.
    pub fn event(&self, lane: usize, event: &Event) {
        let entry = EventLine::new(lane, event);
        self.write(|file| {
            serde_json::to_writer(&mut *file, &entry)?;
            file.write_all(b"\n")
        });
    }

    /// Adds a verdict.
    pub fn verdict(&self, plan: &Plan, verdict: &CaseVerdict) {
        self.line(&encode(&VerdictsLine::new(plan, verdict)));
    }

    /// Hands what was written so far to the system, for readers while the run goes on.
    pub fn flush(&self) {
        self.write(BufWriter::flush);
    }

    /// Ends the file; the error says what could not be written.
    pub fn end(&self, end: &EndLine) -> Result<(), Failure> {
        self.line(&encode(end));
        self.write(BufWriter::flush);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            None => Ok(()),
            Some(reason) => Err(Failure::could_not_run(format!(
                "{} is incomplete, so nothing is proved: {reason}",
                self.path.display()
            ))),
        }
    }

    fn line(&self, text: &str) {
        self.write(|file| {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")
        });
    }

    fn write(&self, with: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State {
            file,
            flushed,
            failure,
        } = &mut *state;
        if failure.is_some() {
            return;
        }
        let mut written = with(file);
        if flushed.elapsed() >= FLUSH_AFTER {
            written = written.and_then(|()| file.flush());
            *flushed = Instant::now();
        }
        *failure = written.err().map(|error| error.to_string());
    }
}
