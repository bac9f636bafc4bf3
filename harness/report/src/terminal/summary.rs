//! The summary at the end of a run; the last line says what came of it.

use std::fmt::Write as _;

use wardgate_core::verdict::Outcome;

use super::{mark, paint::Paint};
use crate::{
    summary::{CaseRow, Summary},
    text,
};

/// How many of the slowest cases, failures and strays are listed.
const SLOWEST: usize = 5;
const LISTED: usize = 20;
const STRAYS: usize = 5;

/// Failures in one line each, the slowest cases, strays, and the counts.
pub fn summary(summary: &Summary, colour: bool) -> String {
    let paint = Paint(colour);
    let mut out = String::new();
    broken(&mut out, summary, paint);
    let slowest = summary.slowest(SLOWEST);
    if slowest.len() > 1 {
        let _ = writeln!(out, "{}", paint.bold("slowest"));
        for row in slowest {
            let took = row
                .verdict
                .as_ref()
                .map_or(0, |verdict| verdict.duration_ns);
            let _ = writeln!(
                out,
                "  {:>8}  {}",
                text::duration(took),
                text::line(&row.name)
            );
        }
    }
    strays(&mut out, summary, paint);
    if !out.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{}", counts(summary, paint));
    let _ = writeln!(out, "{}", paint.dim(&about(summary)));
    if let Some(why) = summary.stopped().or_else(|| summary.fault()) {
        // A candidate's last lines of output stand below, each on a line of its own.
        let why = text::lines(&why);
        let mut lines = why.lines();
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(out, "{} {first}", paint.warn("could not run:"));
        for line in lines {
            let _ = writeln!(out, "    {line}");
        }
    }
    if summary.is_empty_shard() {
        let _ = writeln!(
            out,
            "this shard is empty: none of the plan's {} cases falls into it",
            summary.run.cases
        );
    }
    out
}

fn broken(out: &mut String, summary: &Summary, paint: Paint) {
    let ran = |row: &&CaseRow| {
        row.verdict.is_some() && matches!(row.outcome, Outcome::Fail | Outcome::Error)
    };
    let rows: Vec<&CaseRow> = summary.cases.iter().filter(ran).collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "{}", paint.bold("not passed"));
    }
    for row in rows.iter().take(LISTED) {
        let _ = writeln!(out, "  {} {}", mark(row, paint), text::line(&row.name));
        let reason = row.reason().unwrap_or_default();
        let reason = text::line(&reason);
        let _ = writeln!(out, "      {}", text::cut_chars(&reason, 160));
    }
    if rows.len() > LISTED {
        let _ = writeln!(out, "  … {} more", rows.len() - LISTED);
    }
    let not_run: Vec<&CaseRow> = summary
        .cases
        .iter()
        .filter(|row| row.verdict.is_none())
        .collect();
    if !not_run.is_empty() {
        let _ = writeln!(out, "{}", paint.bold("did not run"));
    }
    for row in not_run.iter().take(STRAYS) {
        let _ = writeln!(out, "  {} {}", mark(row, paint), text::line(&row.name));
    }
    if not_run.len() > STRAYS {
        let _ = writeln!(out, "  … {} more", not_run.len() - STRAYS);
    }
}

fn strays(out: &mut String, summary: &Summary, paint: Paint) {
    let end = &summary.end;
    if end.strays_total == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "{} (fits no case: {})",
        paint.bold("stray traffic"),
        text::count(
            usize::try_from(end.strays_total).unwrap_or(usize::MAX),
            "message",
            "messages"
        )
    );
    let grouped = summary.strays();
    for (stray, count) in grouped.iter().take(STRAYS) {
        let times = match count {
            1 => String::new(),
            count => format!(" × {count}"),
        };
        let _ = writeln!(out, "  {}{times}", text::cut_chars(&text::line(stray), 120));
    }
    if grouped.len() > STRAYS {
        let _ = writeln!(out, "  … {} other kinds", grouped.len() - STRAYS);
    }
}

fn counts(summary: &Summary, paint: Paint) -> String {
    let counts = &summary.counts;
    let word = match summary.outcome() {
        Outcome::Pass | Outcome::Skip => paint.pass("passed"),
        Outcome::Fail => paint.fail("failed"),
        Outcome::Error => paint.warn("error"),
    };
    let some = |number: usize, text: String, painted: &dyn Fn(&str) -> String| {
        if number == 0 { text } else { painted(&text) }
    };
    let mut parts = vec![
        text::count(counts.cases, "case", "cases"),
        some(
            counts.passed,
            format!("{} passed", counts.passed),
            &|text| paint.pass(text),
        ),
        some(
            counts.failed,
            format!("{} failed", counts.failed),
            &|text| paint.fail(text),
        ),
        some(
            counts.errors,
            text::count(counts.errors, "error", "errors"),
            &|text| paint.warn(text),
        ),
        format!("{} skipped", counts.skipped),
    ];
    if counts.not_run > 0 {
        parts.push(paint.warn(&format!("{} of the errors did not run", counts.not_run)));
    }
    parts.push(text::duration(summary.end.duration_ns));
    format!("{word}: {}", parts.join(", "))
}

fn about(summary: &Summary) -> String {
    let run = &summary.run;
    let mut parts = vec![
        format!("seed {}", run.seed),
        text::count(run.workers, "worker", "workers"),
    ];
    if let Some(shard) = &run.shard {
        parts.push(format!(
            "shard {}/{} of {} cases",
            shard.index, shard.of, run.cases
        ));
    }
    if !run.candidate.name.is_empty() {
        parts.push(format!("candidate {}", text::line(&run.candidate.name)));
    }
    parts.join(", ")
}
