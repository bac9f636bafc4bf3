//! Watching a run: its log, its progress line, and where everything is that stays up after it.

use std::sync::{Arc, Mutex, PoisonError};

use wardgate_core::{event::Event, plan::Plan, port::Reaction, verdict::CaseVerdict};
use wardgate_report::{
    run_file::{EndLine, RunLine, VerdictsLine},
    summary::Summary,
    terminal,
};
use wardgate_runner::{LaneInfo, Observer};

use crate::{
    print::{say, tell},
    progress::Progress,
    run_log::RunLog,
    style,
};

/// Writes the log and moves the progress line.
pub struct Watch {
    plan: Arc<Plan>,
    log: RunLog,
    progress: Progress,
    keeping: Option<Keeping>,
}

/// What is told before everything stays up: whoever debugs wants to know first what came of the case.
struct Keeping {
    run: RunLine,
    /// Standard output is for JSON alone.
    aside: bool,
    verdicts: Mutex<Vec<VerdictsLine>>,
}

impl Watch {
    /// Watches a run of this plan.
    pub fn new(plan: Arc<Plan>, log: RunLog, progress: Progress) -> Self {
        Self {
            plan,
            log,
            progress,
            keeping: None,
        }
    }

    /// Tells what came of the run before everything stays up; `aside` keeps that off standard output.
    pub fn keeping(self, run: RunLine, aside: bool) -> Self {
        Self {
            keeping: Some(Keeping {
                run,
                aside,
                verdicts: Mutex::default(),
            }),
            ..self
        }
    }

    fn keep(&self, verdict: &CaseVerdict) {
        if let Some(keeping) = &self.keeping {
            keeping.take(VerdictsLine::new(&self.plan, verdict));
        }
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
        self.keep(verdict);
    }

    fn case_revised(&self, verdict: &CaseVerdict) {
        self.log.verdict(&self.plan, verdict);
        self.progress.revised();
        self.keep(verdict);
    }

    fn kept(&self, lanes: &[LaneInfo]) {
        self.progress.clear();
        let Some(keeping) = &self.keeping else {
            return;
        };
        for line in keeping.outcomes(&self.plan).iter().chain(&places(lanes)) {
            if keeping.aside {
                tell!("{line}");
            } else {
                say!("{line}");
            }
        }
        self.log.flush();
    }
}

impl Keeping {
    /// Takes a verdict in, instead of an earlier one on the same case.
    fn take(&self, line: VerdictsLine) {
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.retain(|known| known.case != line.case);
        verdicts.push(line);
    }

    /// What came of each case.
    fn outcomes(&self, plan: &Plan) -> Vec<String> {
        let verdicts = self
            .verdicts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let summary = Summary::of_lines(plan, self.run.clone(), EndLine::default(), verdicts);
        let colour = !self.aside && style::colour_on_stdout();
        summary
            .cases
            .iter()
            .filter(|case| case.verdict.is_some())
            .map(|case| match case.reason() {
                None => format!("{}: {}", case.name, case.outcome),
                Some(_) => terminal::failure(&summary, case, colour),
            })
            .collect()
    }
}

/// Where everything is, one line each.
fn places(lanes: &[LaneInfo]) -> Vec<String> {
    let mut text = Vec::new();
    for lane in lanes {
        for (name, address) in &lane.partners {
            text.push(format!("stub {name}: {address}"));
        }
        for (name, address) in &lane.endpoints {
            text.push(format!("candidate endpoint {name}: {address}"));
        }
        text.extend(
            lane.process
                .map(|process| format!("candidate process: {process}")),
        );
        text.extend(
            lane.log_file
                .as_ref()
                .map(|log| format!("candidate log: {}", log.display())),
        );
    }
    text.push(String::from("everything stays up until you press Ctrl-C"));
    text
}
