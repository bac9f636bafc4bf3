//! The run itself, in a thread of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
    thread::JoinHandle,
};

use wardgate_core::verdict::Outcome;
use wardgate_runner::{
    Observer, RunOptions, RunOutcome, Stop,
    contracts::{self, Remembered},
};

use super::{aside::tell, board::Board, plan::Prepared};
use crate::{error::Reason, folder::Folder};

/// A run that goes on in a thread of its own.
pub(crate) struct Execution {
    thread: JoinHandle<Result<RunOutcome, String>>,
    prepared: Arc<Prepared>,
    folder: Folder,
    stop: Stop,
}

/// What is left when it is over.
pub(crate) struct Ended {
    outcome: RunOutcome,
    /// Logs of candidates that are kept, since something failed.
    logs: Vec<PathBuf>,
    /// What became of failing seeds.
    remembered: Remembered,
}

impl Execution {
    /// Starts the run. Its verdicts appear on the board.
    pub(crate) fn start(
        prepared: &Arc<Prepared>,
        board: &Arc<Board>,
        workers: usize,
    ) -> Result<Self, Reason> {
        let folder = Folder::new().map_err(Reason::Other)?;
        let stop = Stop::new();
        let options = RunOptions {
            workers,
            stop: stop.clone(),
            ..RunOptions::new(folder.path())
        };
        let (run, board) = (prepared.clone(), board.clone());
        let thread = std::thread::Builder::new()
            .name(String::from("wardgate"))
            .spawn(move || {
                let ran = catch_unwind(AssertUnwindSafe(|| carry_out(&run, &board, options)))
                    .unwrap_or_else(|_| Err(String::from("the run broke: see the panic above")));
                // Whoever still waits must hear of it, whatever became of the run.
                board.close(ran.as_ref().map_err(String::as_str));
                ran
            })
            .map_err(|error| Reason::Other(format!("no thread can be had: {error}")))?;
        Ok(Self {
            thread,
            prepared: prepared.clone(),
            folder,
            stop,
        })
    }

    /// Waits until it is over.
    pub(crate) fn finish(mut self) -> Result<Ended, Reason> {
        let outcome = self
            .thread
            .join()
            .unwrap_or_else(|_| Err(String::from("the run broke")))
            .map_err(Reason::Other)?;
        let failed = outcome.trouble().is_some()
            || outcome
                .verdicts
                .iter()
                .any(|verdict| matches!(verdict.outcome, Outcome::Fail | Outcome::Error));
        let mut logs = Vec::new();
        if failed {
            let said = |log: &PathBuf| std::fs::metadata(log).is_ok_and(|file| file.len() > 0);
            let all = outcome
                .lanes
                .iter()
                .filter_map(|lane| lane.log_file.clone());
            logs.extend(all.filter(said));
        }
        if !logs.is_empty() {
            self.folder.keep();
        }
        let remembered = if self.prepared.remember && !self.stop.is_requested() {
            contracts::remember(&self.prepared.plan, &outcome.verdicts)
        } else {
            Remembered::default()
        };
        Ok(Ended {
            outcome,
            logs,
            remembered,
        })
    }
}

fn carry_out(
    prepared: &Prepared,
    board: &Arc<Board>,
    options: RunOptions,
) -> Result<RunOutcome, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.workers.min(2))
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime can be had: {error}"))?;
    runtime.block_on(async {
        // Without signals a run can still be made; Ctrl-C then ends it less gently.
        let _ = options.stop.on_signals();
        Ok(wardgate_runner::run(
            prepared.plan.clone(),
            prepared.catalog.clone(),
            prepared.candidate.clone(),
            options,
            board.clone() as Arc<dyn Observer>,
        )
        .await)
    })
}

impl Ended {
    /// What is wrong with the run as a whole.
    pub(crate) fn problem(&self) -> Option<String> {
        let interrupted = || String::from("the run was interrupted");
        let outcome = &self.outcome;
        let trouble = outcome.trouble();
        trouble.or_else(|| outcome.interrupted.then(interrupted))
    }

    /// Says on standard error what no single test says.
    pub(crate) fn say(&self) {
        if let Some(problem) = self.problem() {
            tell!("wardgate: {problem}");
        }
        for lost in &self.remembered.lost {
            tell!("wardgate: {lost}");
        }
        for path in &self.remembered.changed {
            tell!(
                "wardgate: a failing seed was added to {}: check it in, it is tried first from now on",
                path.display()
            );
        }
        for log in &self.logs {
            tell!(
                "wardgate: the candidate's output is kept in {}",
                log.display()
            );
        }
    }
}
