//! Where verdicts are waited for.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use wardgate_core::{plan::Plan, verdict::CaseVerdict};
use wardgate_runner::{Observer, RunOutcome};

/// What came of a case.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// It ran.
    Verdict(Box<CaseVerdict>),
    /// It did not, and why.
    NotRun(String),
}

/// The verdicts of a run so far. The run goes on in the background; each test waits here for its own case.
pub(crate) struct Board {
    plan: Arc<Plan>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    verdicts: HashMap<usize, CaseVerdict>,
    /// Once the run is over: why cases without a verdict did not run.
    over: Option<Over>,
}

#[derive(Default)]
struct Over {
    reasons: HashMap<usize, String>,
    problem: Option<String>,
    told: bool,
}

impl Board {
    /// One on which nothing is written.
    pub(crate) fn new(plan: Arc<Plan>) -> Arc<Self> {
        Arc::new(Self {
            plan,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the case has its verdict, or the run is over without one.
    pub(crate) fn wait(&self, case: usize) -> Found {
        if !self.plan.selected.contains(&case) {
            return Found::NotRun(String::from("it was not selected"));
        }
        let mut state = self.lock();
        loop {
            if let Some(verdict) = state.verdicts.get(&case) {
                return Found::Verdict(Box::new(verdict.clone()));
            }
            if let Some(over) = &mut state.over {
                return Found::NotRun(over.reason(case));
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The run is over; an error says that it broke.
    pub(crate) fn close(&self, outcome: Result<&RunOutcome, &str>) {
        let mut over = Over::default();
        match outcome {
            Ok(outcome) => {
                over.reasons = outcome
                    .not_run
                    .iter()
                    .map(|left| (left.case, left.reason.clone()))
                    .collect();
                over.problem.clone_from(&outcome.problem);
            }
            Err(reason) => over.problem = Some(reason.to_owned()),
        }
        self.lock().over.get_or_insert(over);
        self.changed.notify_all();
    }
}

impl Over {
    /// The first to ask is told the whole trouble, the others its first line: it is the same for all.
    fn reason(&mut self, case: usize) -> String {
        let own = self
            .reasons
            .get(&case)
            .map_or("the run ended before its turn", String::as_str);
        let Some(problem) = &self.problem else {
            return own.to_owned();
        };
        let first = !std::mem::replace(&mut self.told, true);
        let shown = if first {
            problem.as_str()
        } else {
            problem.lines().next().unwrap_or_default()
        };
        format!("{own}: {shown}")
    }
}

impl Observer for Board {
    fn case_finished(&self, verdict: &CaseVerdict) {
        self.lock().verdicts.insert(verdict.case, verdict.clone());
        self.changed.notify_all();
    }
}
