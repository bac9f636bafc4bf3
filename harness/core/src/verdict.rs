//! Verdicts: what came of each expectation, citing its proof.

use std::fmt;

use wardgate_contract::Span;

/// What came of an expectation, a case or a run, worst first.
///
/// Fail blames the candidate; error blames the harness or its environment. They map one to one onto JUnit's
/// `<error>`, `<failure>` and `<skipped>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It could not be judged.
    Error,
    /// The candidate broke it.
    Fail,
    /// It was not reached, or not wanted.
    Skip,
    /// The candidate kept it.
    Pass,
}

impl Outcome {
    /// The name in reports and on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Fail => "fail",
            Self::Skip => "skip",
            Self::Pass => "pass",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which leg of an exchange a verdict speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// A reply came at all, in time and well formed: HTTP exchange, ack received.
    Transport,
    /// The commit acknowledgement of an enhanced-mode exchange.
    Accept,
    /// What the reply says.
    Reply,
    /// Messages that a partner received.
    Received(String),
    /// What a partner holds.
    Holds(String),
    /// The candidate's own life: still running, still serving.
    Candidate,
    /// A property's closing claim.
    Property,
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport => f.write_str("transport"),
            Self::Accept => f.write_str("accept"),
            Self::Reply => f.write_str("reply"),
            Self::Received(partner) => write!(f, "{partner} received"),
            Self::Holds(partner) => write!(f, "{partner} holds"),
            Self::Candidate => f.write_str("candidate"),
            Self::Property => f.write_str("property"),
        }
    }
}

/// The kinds of mismatch; their names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MismatchKind {
    /// Nothing came, or fewer than promised.
    Missing,
    /// More came than promised.
    Surplus,
    /// A value is not what was promised.
    Value,
    /// It came, but after its deadline.
    Late,
    /// What came cannot be read.
    Malformed,
    /// Two replies that had to be the same are not.
    Unequal,
    /// The candidate exited, or stopped answering.
    Lost,
    /// It could not be judged, for a reason outside the candidate.
    Unjudged,
}

impl MismatchKind {
    /// The name in reports and on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Surplus => "surplus",
            Self::Value => "value",
            Self::Late => "late",
            Self::Malformed => "malformed",
            Self::Unequal => "unequal",
            Self::Lost => "lost",
            Self::Unjudged => "unjudged",
        }
    }
}

/// One difference between what was promised and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Its kind.
    pub kind: MismatchKind,
    /// Where, in the protocol's own words: `MSA-2`, `status`, `name.first().family`, or empty for the whole.
    pub at: String,
    /// What was promised, as text for people.
    pub expected: String,
    /// What came, as text for people.
    pub actual: String,
}

/// What closed an expectation for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was satisfied on sight; it has no upper bound.
    OnSight,
    /// The candidate said that it was idle.
    Idle,
    /// A declared quiet window passed.
    Quiet {
        /// Its length, in milliseconds.
        window_ms: u64,
    },
    /// Its deadline passed.
    Deadline,
    /// The case ended before it was settled.
    Unsettled,
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnSight => f.write_str("on sight"),
            Self::Idle => f.write_str("the candidate said that it was idle"),
            Self::Quiet { window_ms } => write!(f, "a quiet window of {window_ms} ms"),
            Self::Deadline => f.write_str("its deadline"),
            Self::Unsettled => f.write_str("the end of the case"),
        }
    }
}

/// One expectation's outcome, citing its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The expectation, unique within its case, such as `step 1: ehr received PUT Patient`.
    pub expectation: String,
    /// The leg it speaks of.
    pub leg: Leg,
    /// What came of it.
    pub outcome: Outcome,
    /// Every difference found; empty when it passed.
    pub mismatches: Vec<Mismatch>,
    /// What was seen, also where it passed: for `--explain`.
    pub actual: String,
    /// Sequence numbers of the lane's events that prove it.
    pub events: Vec<u64>,
    /// What closed it.
    pub settled: Settled,
    /// Where the contract says it.
    pub span: Span,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseVerdict {
    /// The case's index in the plan.
    pub case: usize,
    /// The worst of its verdicts; error if it has none.
    pub outcome: Outcome,
    /// Its verdicts in the order of the contract.
    pub verdicts: Vec<Verdict>,
    /// The lane that ran it.
    pub lane: usize,
    /// The first and last event of the case (of the failing attempt, for a property).
    pub events: (u64, u64),
    /// The events that belong to it, for pictures: its own traffic and what was done to its participants.
    pub timeline: Vec<u64>,
    /// From its first event to its last, in nanoseconds.
    pub duration_ns: u64,
    /// How many attempts it took: one for an example, many for a property.
    pub attempts: u32,
    /// The values it drew, as JSON text; for a property, the smallest failing ones.
    pub drawn: String,
    /// What else there is to say in one line, such as why it was skipped.
    pub note: Option<String>,
    /// The number that finds a property's failure again, for its regressions file.
    pub regression: Option<u64>,
}
