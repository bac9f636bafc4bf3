//! One failure, as it is shown when it happens.

use std::fmt::Write as _;

use wardgate_core::verdict::Outcome;

use super::paint::Paint;
use crate::{
    diff,
    run_file::{MismatchLine, VerdictLine},
    summary::{CaseRow, Summary},
    text,
};

/// The most lines of a value that are shown.
const LINES_MAX: usize = 24;
/// The width of one column where two values stand side by side.
const COLUMN: usize = 46;

/// What was expected, what came, where the contract says it and the command that repeats it.
pub fn failure(summary: &Summary, row: &CaseRow, colour: bool) -> String {
    failure_repeated_by(summary, row, &summary.repeat_command(row), colour)
}

/// The same, for front ends in which another command repeats a case.
pub fn failure_repeated_by(
    summary: &Summary,
    row: &CaseRow,
    command: &str,
    colour: bool,
) -> String {
    let paint = Paint(colour);
    let mut out = String::new();
    let word = match row.outcome {
        Outcome::Fail => paint.fail("FAIL "),
        Outcome::Error => paint.warn("ERROR"),
        Outcome::Skip => paint.dim("SKIP "),
        Outcome::Pass => paint.pass("PASS "),
    };
    let took = row
        .verdict
        .as_ref()
        .map(|verdict| paint.dim(&format!("  {}", text::duration(verdict.duration_ns))))
        .unwrap_or_default();
    let _ = writeln!(out, "{word} {}{took}", paint.bold(&text::line(&row.name)));
    let _ = writeln!(out, "      {}", paint.dim(&text::line(&row.place)));
    if let Some(verdict) = &row.verdict {
        for one in &verdict.expectations {
            if one.outcome == "fail" || one.outcome == "error" {
                expectation(&mut out, one, paint);
            }
        }
        if let Some(note) = &verdict.note {
            let _ = writeln!(out, "      {}", text::line(note));
        }
        if let Some(seed) = verdict.regression {
            let _ = writeln!(
                out,
                "      smallest failing values {}",
                text::cut(&text::line(&verdict.drawn), 600)
            );
            let _ = writeln!(out, "      regression seed {seed}");
        }
    } else {
        let why = summary.why_not_run();
        let _ = writeln!(out, "      it did not run: {}", text::line(&why));
    }
    let _ = writeln!(
        out,
        "      {} {}",
        paint.dim("repeat:"),
        text::line(command)
    );
    out
}

fn expectation(out: &mut String, one: &VerdictLine, paint: Paint) {
    let place = paint.dim(&format!("  {}", text::line(&one.place)));
    let _ = writeln!(out, "      {}{place}", text::line(&one.expectation));
    mismatches(out, one, paint);
    let settled = format!("settled: {}", text::line(&one.settled));
    let _ = writeln!(out, "        {}", paint.dim(&settled));
}

/// The differences of one expectation.
pub fn mismatches(out: &mut String, one: &VerdictLine, paint: Paint) {
    for found in &one.mismatches {
        let at = if found.at.is_empty() {
            String::new()
        } else {
            format!(" at {}", text::line(&found.at))
        };
        let _ = writeln!(out, "        {}{at}", text::line(&found.kind));
        if found.expected.contains('\n') || found.actual.contains('\n') {
            side_by_side(out, found, paint);
        } else {
            stacked(out, found, paint);
        }
    }
}

/// One below the other, so that equal parts of one-line values stand in line.
fn stacked(out: &mut String, found: &MismatchLine, paint: Paint) {
    let (expected, actual) = (text::line(&found.expected), text::line(&found.actual));
    let (expected, actual) = (text::cut(&expected, 2_000), text::cut(&actual, 2_000));
    let (left, right) = diff::parts(&expected, &actual);
    let paint_parts = |parts: &[diff::Part<'_>], with: &dyn Fn(&str) -> String| -> String {
        parts
            .iter()
            .map(|part| {
                if part.differs {
                    with(part.text)
                } else {
                    part.text.to_owned()
                }
            })
            .collect()
    };
    let expected = paint_parts(&left, &|text| paint.pass(text));
    let actual = paint_parts(&right, &|text| paint.fail(text));
    let _ = writeln!(out, "          expected  {expected}");
    let _ = writeln!(out, "          actual    {actual}");
}

/// Two columns for values of several lines; lines that differ are marked.
fn side_by_side(out: &mut String, found: &MismatchLine, paint: Paint) {
    let expected = text::lines(&found.expected).replace('\t', "  ");
    let actual = text::lines(&found.actual).replace('\t', "  ");
    let _ = writeln!(
        out,
        "          {}",
        paint.dim(&format!("  {:<COLUMN$} │ actual", "expected"))
    );
    let (mut left, mut right) = (expected.lines(), actual.lines());
    for shown in 0.. {
        let (one, other) = (left.next(), right.next());
        if one.is_none() && other.is_none() {
            break;
        }
        if shown == LINES_MAX {
            let more = 1 + left.count().max(right.count());
            let _ = writeln!(
                out,
                "            … {}",
                text::count(more, "more line", "more lines")
            );
            break;
        }
        let mark = if one == other { " " } else { "≠" };
        let one = text::cut_chars(one.unwrap_or_default(), COLUMN);
        let other = text::cut_chars(other.unwrap_or_default(), COLUMN);
        let (one, other) = (format!("{one:<COLUMN$}"), other.into_owned());
        let (one, other) = if mark == " " {
            (one, other)
        } else {
            (paint.pass(&one), paint.fail(&other))
        };
        let _ = writeln!(out, "          {mark} {one} │ {other}");
    }
}
