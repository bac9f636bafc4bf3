//! What came of one case, as a line.

use serde::{Deserialize, Serialize};
use wardgate_core::{
    plan::Plan,
    verdict::{CaseVerdict, Mismatch, Settled, Verdict},
};

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictsLine {
    /// Always `verdict`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The case's index in the plan.
    pub case: usize,
    /// Its name.
    pub name: String,
    /// `error`, `fail`, `skip` or `pass`.
    pub outcome: String,
    /// The lane that ran it.
    pub lane: usize,
    /// Its first event in that lane.
    pub first: u64,
    /// Its last.
    pub last: u64,
    /// The events that belong to it.
    pub timeline: Vec<u64>,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// How many attempts it took.
    pub attempts: u32,
    /// The values that it drew, as JSON text.
    pub drawn: String,
    /// What else there is to say.
    pub note: Option<String>,
    /// The number that finds a property's failure again.
    pub regression: Option<u64>,
    /// Its expectations.
    pub expectations: Vec<VerdictLine>,
}

/// What came of one expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictLine {
    /// The expectation.
    pub expectation: String,
    /// The leg.
    pub leg: String,
    /// `error`, `fail`, `skip` or `pass`.
    pub outcome: String,
    /// `file:line` of the contract.
    pub place: String,
    /// What closed it, in words.
    pub settled: String,
    /// What was seen.
    pub actual: String,
    /// The events that prove it.
    pub events: Vec<u64>,
    /// Every difference.
    pub mismatches: Vec<MismatchLine>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MismatchLine {
    /// `missing`, `surplus`, `value`, `late`, `malformed`, `unequal`, `lost` or `unjudged`.
    pub kind: String,
    /// Where.
    pub at: String,
    /// What was promised.
    pub expected: String,
    /// What came.
    pub actual: String,
}

impl VerdictsLine {
    /// The line of a case's verdict.
    pub fn new(plan: &Plan, verdict: &CaseVerdict) -> Self {
        let case = &plan.cases[verdict.case];
        let source = &plan.contracts[case.contract].source;
        Self {
            kind: String::from("verdict"),
            case: verdict.case,
            name: case.name.clone(),
            outcome: verdict.outcome.name().to_owned(),
            lane: verdict.lane,
            first: verdict.events.0,
            last: verdict.events.1,
            timeline: verdict.timeline.clone(),
            duration_ns: verdict.duration_ns,
            attempts: verdict.attempts,
            drawn: verdict.drawn.clone(),
            note: verdict.note.clone(),
            regression: verdict.regression,
            expectations: verdict
                .verdicts
                .iter()
                .map(|one| expectation(one, &source.place(one.span.start)))
                .collect(),
        }
    }
}

fn expectation(verdict: &Verdict, place: &str) -> VerdictLine {
    VerdictLine {
        expectation: verdict.expectation.clone(),
        leg: verdict.leg.to_string(),
        outcome: verdict.outcome.name().to_owned(),
        place: place.to_owned(),
        settled: settled(&verdict.settled),
        actual: verdict.actual.clone(),
        events: verdict.events.clone(),
        mismatches: verdict.mismatches.iter().map(mismatch).collect(),
    }
}

fn settled(settled: &Settled) -> String {
    settled.to_string()
}

fn mismatch(found: &Mismatch) -> MismatchLine {
    MismatchLine {
        kind: found.kind.name().to_owned(),
        at: found.at.clone(),
        expected: found.expected.clone(),
        actual: found.actual.clone(),
    }
}
