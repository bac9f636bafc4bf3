//! The text of a failure: all that is needed to understand and repeat it.

use std::fmt::Write as _;

use crate::{
    excerpt::{Bounds, excerpt},
    run_file::VerdictLine,
    summary::{CaseRow, Summary},
    text,
    traffic::Traffic,
};

/// The `type` of a failure: the kind of its first mismatch.
pub fn kind(row: &CaseRow) -> String {
    let Some(verdict) = &row.verdict else {
        return String::from("not-run");
    };
    let found = verdict
        .expectations
        .iter()
        .find(|one| one.outcome == row.outcome.name())
        .and_then(|one| one.mismatches.first());
    let kind = found.map_or(row.outcome.name(), |found| found.kind.as_str());
    text::cut_chars(&text::line(kind), 80).into_owned()
}

/// Expected, actual, where the contract says it, the seed, the command that repeats it and the wire.
pub fn body(summary: &Summary, traffic: &Traffic<'_>, row: &CaseRow, wire: Bounds) -> String {
    let mut out = String::new();
    match &row.verdict {
        None => {
            let why = summary.why_not_run();
            let _ = writeln!(out, "It did not run: {}", text::lines(&why));
        }
        Some(verdict) => {
            let broken = verdict
                .expectations
                .iter()
                .filter(|one| one.outcome == "fail" || one.outcome == "error");
            for one in broken {
                expectation(&mut out, one);
            }
            if let Some(note) = &verdict.note {
                let _ = writeln!(out, "note       {}\n", text::lines(note));
            }
        }
    }
    let _ = writeln!(
        out,
        "contract   {} {} ({})",
        text::line(&row.contract),
        text::line(&row.version),
        text::line(&row.place)
    );
    let _ = writeln!(out, "seed       {}", summary.run.seed);
    if let Some(seed) = row.verdict.as_ref().and_then(|verdict| verdict.regression) {
        let _ = writeln!(out, "regression {seed}");
    }
    if let Some(verdict) = &row.verdict
        && verdict.drawn != "{}"
        && !verdict.drawn.is_empty()
    {
        let drawn = text::line(&verdict.drawn);
        let _ = writeln!(out, "drawn      {}", text::cut(&drawn, 4_000));
    }
    let command = summary.repeat_command(row);
    let _ = writeln!(out, "repeat     {}", text::line(&command));
    if let Some(verdict) = &row.verdict {
        let wire = excerpt(traffic, verdict, wire);
        if !wire.is_empty() {
            let _ = write!(out, "\n{wire}");
        }
    }
    out
}

fn expectation(out: &mut String, one: &VerdictLine) {
    let _ = writeln!(
        out,
        "{} ({})",
        text::line(&one.expectation),
        text::line(&one.place)
    );
    for found in &one.mismatches {
        let at = if found.at.is_empty() {
            String::new()
        } else {
            format!(" at {}", text::line(&found.at))
        };
        let _ = writeln!(out, "  {}{at}", text::line(&found.kind));
        value(out, "expected", &found.expected);
        value(out, "actual", &found.actual);
    }
    if one.mismatches.is_empty() {
        value(out, "actual", &one.actual);
    }
    let _ = writeln!(out, "    settled   {}\n", text::line(&one.settled));
}

/// A value with its further lines below its first.
fn value(out: &mut String, name: &str, value: &str) {
    let shown = text::lines(value);
    let shown = text::cut(&shown, 8_000);
    let mut lines = shown.lines();
    let _ = writeln!(out, "    {name:<9} {}", lines.next().unwrap_or("(nothing)"));
    for line in lines {
        let _ = writeln!(out, "              {line}");
    }
}
