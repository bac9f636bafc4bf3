//! `verify --json`: a run's summary for programs, in structs of its own.
//!
//! [`FORMAT`] grows with every change that a careful reader would not survive: a field that goes or means something
//! else. New fields may come at any time.

use serde::Serialize;

use crate::{
    run_file::MismatchLine,
    summary::{CaseRow, Summary},
};

/// The format that this version writes.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    tool: &'a str,
    run: &'a str,
    started: &'a str,
    outcome: &'a str,
    exit_code: u8,
    seed: u64,
    plan: &'a str,
    shard: Option<String>,
    empty_shard: bool,
    duration_ms: u64,
    candidate: &'a str,
    candidate_digest: Option<&'a str>,
    problem: Option<String>,
    interrupted: bool,
    counts: Counts,
    strays: &'a [String],
    strays_total: u64,
    cases: Vec<Case<'a>>,
}

#[derive(Serialize)]
struct Counts {
    cases: usize,
    passed: usize,
    failed: usize,
    errors: usize,
    skipped: usize,
    not_run: usize,
}

#[derive(Serialize)]
struct Case<'a> {
    name: &'a str,
    contract: &'a str,
    version: &'a str,
    workflow: &'a str,
    required: bool,
    place: &'a str,
    outcome: &'a str,
    ran: bool,
    duration_ms: u64,
    attempts: u32,
    reason: Option<String>,
    note: Option<&'a str>,
    regression: Option<u64>,
    repeat: String,
    broken: Vec<Broken<'a>>,
}

#[derive(Serialize)]
struct Broken<'a> {
    expectation: &'a str,
    leg: &'a str,
    outcome: &'a str,
    place: &'a str,
    settled: &'a str,
    mismatches: &'a [MismatchLine],
}

/// The summary as one JSON object without a line feed. Failed expectations stand in full, passed ones only count.
pub fn render(summary: &Summary) -> String {
    let counts = &summary.counts;
    let run = &summary.run;
    crate::run_file::encode(&Document {
        format: FORMAT,
        tool: &run.tool,
        run: &run.run,
        started: &run.started,
        outcome: summary.outcome().name(),
        exit_code: summary.exit_code(),
        seed: run.seed,
        plan: &run.plan,
        shard: run
            .shard
            .map(|shard| format!("{}/{}", shard.index, shard.of)),
        empty_shard: summary.is_empty_shard(),
        duration_ms: summary.end.duration_ns / 1_000_000,
        candidate: &run.candidate.name,
        candidate_digest: run.candidate.digest.as_deref(),
        problem: summary.stopped().or_else(|| summary.fault()),
        interrupted: summary.end.interrupted,
        counts: Counts {
            cases: counts.cases,
            passed: counts.passed,
            failed: counts.failed,
            errors: counts.errors,
            skipped: counts.skipped,
            not_run: counts.not_run,
        },
        strays: &summary.end.strays,
        strays_total: summary.end.strays_total,
        cases: summary.cases.iter().map(|row| case(summary, row)).collect(),
    })
}

fn case<'a>(summary: &Summary, row: &'a CaseRow) -> Case<'a> {
    let verdict = row.verdict.as_ref();
    Case {
        name: &row.name,
        contract: &row.contract,
        version: &row.version,
        workflow: &row.workflow,
        required: row.required,
        place: &row.place,
        outcome: row.outcome.name(),
        ran: verdict.is_some(),
        duration_ms: verdict.map_or(0, |verdict| verdict.duration_ns / 1_000_000),
        attempts: verdict.map_or(0, |verdict| verdict.attempts),
        reason: row.reason(),
        note: verdict.and_then(|verdict| verdict.note.as_deref()),
        regression: verdict.and_then(|verdict| verdict.regression),
        repeat: summary.repeat_command(row),
        broken: verdict
            .iter()
            .flat_map(|verdict| &verdict.expectations)
            .filter(|one| one.outcome == "fail" || one.outcome == "error")
            .map(|one| Broken {
                expectation: &one.expectation,
                leg: &one.leg,
                outcome: &one.outcome,
                place: &one.place,
                settled: &one.settled,
                mismatches: &one.mismatches,
            })
            .collect(),
    }
}
