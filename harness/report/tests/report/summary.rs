//! What a run comes to, and the exit code that says so.

use wardgate_core::verdict::Outcome;
use wardgate_report::summary::{Counts, Summary};

use crate::sample::sample;

/// A run of cases with these outcomes; `None` did not run.
fn run_of(outcomes: &[Option<Outcome>]) -> Summary {
    let sample = sample();
    let ran = sample.row("duplicate").clone();
    let mut summary = sample.summary;
    summary.end.interrupted = false;
    summary.cases = outcomes
        .iter()
        .map(|outcome| {
            let mut row = ran.clone();
            row.outcome = outcome.unwrap_or(Outcome::Error);
            if outcome.is_none() {
                row.verdict = None;
            }
            row
        })
        .collect();
    let of = |wanted: Outcome| {
        summary
            .cases
            .iter()
            .filter(|row| row.outcome == wanted)
            .count()
    };
    summary.counts = Counts {
        cases: outcomes.len(),
        passed: of(Outcome::Pass),
        failed: of(Outcome::Fail),
        errors: of(Outcome::Error),
        skipped: of(Outcome::Skip),
        not_run: outcomes.iter().filter(|outcome| outcome.is_none()).count(),
    };
    summary
}

#[test]
fn exit_codes_are_as_documented() {
    const PASS: Option<Outcome> = Some(Outcome::Pass);
    const FAIL: Option<Outcome> = Some(Outcome::Fail);
    const SKIP: Option<Outcome> = Some(Outcome::Skip);
    const ERROR: Option<Outcome> = Some(Outcome::Error);
    let table: [(&[Option<Outcome>], u8); 10] = [
        (&[PASS, PASS], 0),
        (&[PASS, SKIP], 0),
        (&[PASS, FAIL], 1),
        (&[SKIP, FAIL], 1),
        (&[FAIL, ERROR], 2),
        (&[PASS, ERROR], 2),
        // Nothing ran, or nothing was proven.
        (&[], 2),
        (&[SKIP, SKIP], 2),
        // Cases that did not run prove nothing, but whoever stopped at a failure wants to hear of it.
        (&[PASS, None], 2),
        (&[PASS, FAIL, None], 1),
    ];
    for (outcomes, code) in table {
        assert_eq!(run_of(outcomes).exit_code(), code, "{outcomes:?}");
    }
}

#[test]
fn what_stops_a_run_outranks_its_cases() {
    let mut summary = run_of(&[Some(Outcome::Pass)]);
    summary.end.interrupted = true;
    assert_eq!(summary.exit_code(), 2);
    assert_eq!(summary.fault().as_deref(), Some("the run was interrupted"));
    summary.end.problem = Some(String::from("no route to the candidate"));
    assert_eq!(
        summary.fault().as_deref(),
        Some("no route to the candidate")
    );
    // Where a case is an error already, the run needs none of its own.
    let mut summary = run_of(&[None]);
    summary.end.interrupted = true;
    assert_eq!(summary.fault(), None);
}

#[test]
fn a_reason_is_the_first_difference() {
    let sample = sample();
    let reason = |part: &str| sample.row(part).reason();
    assert_eq!(
        reason("invoiced").as_deref(),
        Some(
            "step 1: ledger received POST salesInvoices: body.totalAmountIncludingTax: expected 71.36, got 71.38"
        )
    );
    assert_eq!(reason("partner down"), None);
    assert_eq!(
        reason("filed [candidate").as_deref(),
        Some("it did not run")
    );
}

#[test]
fn a_repeat_command_survives_a_shell() {
    let mut sample = sample();
    let mut row = sample.row("duplicate").clone();
    row.name = String::from("a's `b` $c");
    row.file = String::from("with space.yaml");
    sample.summary.run.candidate.arguments =
        vec![String::from("--hub-defect"), String::from("late ack")];
    assert_eq!(
        sample.summary.repeat_command(&row),
        r"wardgate verify 'with space.yaml' --hub-defect 'late ack' --seed 42 --case 'a'\''s `b` $c'"
    );
}

#[test]
fn the_slowest_come_first() {
    let sample = sample();
    let times: Vec<u64> = sample
        .summary
        .slowest(3)
        .iter()
        .filter_map(|row| {
            row.verdict
                .as_ref()
                .map(|verdict| verdict.duration_ns / 1_000_000)
        })
        .collect();
    assert_eq!(times, [5_225, 1_551, 812]);
}
