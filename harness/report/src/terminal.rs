//! Text for a terminal: progress, failures as they come, the summary, and `--explain`.
//!
//! Colour is the caller's choice; without it nothing but printable text is written. Whatever crossed a wire is made
//! visible first, so no candidate can move the cursor.

mod explain;
mod failure;
mod paint;
mod summary;

use wardgate_core::verdict::Outcome;

pub use explain::explain;
pub use failure::{failure, failure_repeated_by};
pub use summary::summary;

use self::paint::Paint;
use crate::{summary::CaseRow, text};

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many cases there are.
    pub cases: usize,
    /// How many of them are judged.
    pub done: usize,
    /// How many of those failed.
    pub failed: usize,
    /// How many of those could not be judged.
    pub errors: usize,
    /// Since the run began, in nanoseconds.
    pub elapsed_ns: u64,
}

/// The line that says how far a run has come: `41/132  2 failed  3.1 s`.
pub fn progress(progress: &Progress, colour: bool) -> String {
    let paint = Paint(colour);
    let mut line = format!("{}/{}", progress.done, progress.cases);
    if progress.failed > 0 {
        line += "  ";
        line += &paint.fail(&format!("{} failed", progress.failed));
    }
    if progress.errors > 0 {
        line += "  ";
        line += &paint.warn(&text::count(progress.errors, "error", "errors"));
    }
    line += "  ";
    line += &paint.dim(&text::duration(progress.elapsed_ns));
    line
}

/// One line for a case: its mark, its name, how long it took.
pub fn case_line(row: &CaseRow, colour: bool) -> String {
    let paint = Paint(colour);
    let took = row.verdict.as_ref().map_or_else(String::new, |verdict| {
        paint.dim(&format!("  {}", text::duration(verdict.duration_ns)))
    });
    format!("{} {}{took}", mark(row, paint), text::line(&row.name))
}

/// The mark of an outcome; its shape says as much as its colour.
fn mark(row: &CaseRow, paint: Paint) -> String {
    match row.outcome {
        Outcome::Pass => paint.pass("✓"),
        Outcome::Fail => paint.fail("✗"),
        Outcome::Error => paint.warn("!"),
        Outcome::Skip => paint.dim("-"),
    }
}
