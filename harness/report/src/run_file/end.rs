//! The last line: why the run ended.

use serde::{Deserialize, Serialize};

/// The last line of a run file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndLine {
    /// Always `end`.
    #[serde(rename = "type")]
    pub kind: String,
    /// From start to end, in nanoseconds.
    pub duration_ns: u64,
    /// The indices of cases that were to run and did not.
    pub not_run: Vec<usize>,
    /// Why the run could not go on, if it could not.
    pub problem: Option<String>,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    /// Traffic that fits no case: `partner: label`, bounded.
    pub strays: Vec<String>,
    /// How much of that there was in all.
    pub strays_total: u64,
}
