//! Watching a run: its log, its progress line.

use std::sync::Arc;

use wardgate_core::{event::Event, plan::Plan, port::Reaction, verdict::CaseVerdict};
use wardgate_runner::{LaneInfo, Observer};

use crate::{print::say, progress::Progress, run_log::RunLog};

/// Writes the log and moves the progress line.
pub struct Watch {
    plan: Arc<Plan>,
    log: RunLog,
    progress: Progress,
}

impl Watch {
    /// Watches a run of this plan.
    pub fn new(plan: Arc<Plan>, log: RunLog, progress: Progress) -> Arc<Self> {
        Arc::new(Self {
            plan,
            log,
            progress,
        })
    }

    /// The log.
    pub fn log(&self) -> &RunLog {
        &self.log
    }

    /// The progress line.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl Observer for Watch {
    fn event(&self, lane: usize, event: &Event, _reaction: &Reaction) {
        self.log.event(lane, event);
    }

    fn case_started(&self, _lane: usize, case: usize) {
        self.progress.started(&self.plan.cases[case].name);
    }

    fn case_finished(&self, verdict: &CaseVerdict) {
        self.log.verdict(&self.plan, verdict);
        self.progress.finished(verdict);
    }

    fn kept(&self, lanes: &[LaneInfo]) {
        self.progress.clear();
        for lane in lanes {
            for (name, address) in &lane.partners {
                say!("stub {name}: {address}");
            }
            for (name, address) in &lane.endpoints {
                say!("candidate endpoint {name}: {address}");
            }
            if let Some(process) = lane.process {
                say!("candidate process: {process}");
            }
            if let Some(log) = &lane.log_file {
                say!("candidate log: {}", log.display());
            }
        }
        say!("everything stays up until you press Ctrl-C");
    }
}
