//! What a run came to.

use wardgate_core::{lane::Stray, verdict::CaseVerdict};

use crate::LaneInfo;

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct RunOutcome {
    /// The verdicts of the cases that were run, ordered by case.
    pub verdicts: Vec<CaseVerdict>,
    /// The selected cases that were not run, ordered by case.
    pub not_run: Vec<NotRun>,
    /// Traffic that fits no case, by lane.
    pub strays: Vec<LaneStrays>,
    /// Why the run could not be carried out, if it could not: the candidate was never ready, or gone before any stimulus.
    pub problem: Option<String>,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
    /// Ends of the candidate that fell between two cases and so belong to none, one line each.
    pub exits: Vec<String>,
    /// The lanes that were opened, ordered by number.
    pub lanes: Vec<LaneInfo>,
}

impl RunOutcome {
    /// What is wrong with the run as a whole, whatever its verdicts say. A candidate that ends between two cases broke
    /// none of them, but a run that lost its candidate is no proof.
    pub fn trouble(&self) -> Option<String> {
        self.problem.clone().or_else(|| {
            (!self.exits.is_empty()).then(|| {
                format!(
                    "the candidate ended by itself between two cases: {}",
                    self.exits.join("; ")
                )
            })
        })
    }
}

/// A selected case that was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// The case's index in the plan.
    pub case: usize,
    /// Why not.
    pub reason: String,
}

/// Traffic of one lane that fits no case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStrays {
    /// The lane's number.
    pub lane: usize,
    /// The traffic that was kept.
    pub strays: Vec<Stray>,
    /// How much more there was.
    pub dropped: u64,
}
