//! `--explain`: what a case does, what it drew, and what each expectation saw, also where it passed.

use std::fmt::Write as _;

use wardgate_core::plan::{CaseKind, Plan};

use super::{failure::mismatches, paint::Paint};
use crate::{
    script,
    summary::{CaseRow, Summary},
    text,
};

/// The most bytes of an actual value.
const ACTUAL_MAX: usize = 1_500;

/// Everything about one case, without colour.
pub fn explain(summary: &Summary, plan: &Plan, row: &CaseRow) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", text::line(&row.name));
    let _ = writeln!(
        out,
        "  contract  {} {}, {}, workflow {}",
        text::line(&row.contract),
        text::line(&row.version),
        if row.required { "required" } else { "advisory" },
        text::line(&row.workflow)
    );
    let _ = writeln!(out, "  place     {}", text::line(&row.place));
    let _ = writeln!(out, "  seed      {}", summary.run.seed);
    if let Some(case) = plan.cases.get(row.index) {
        if let CaseKind::Property(property) = &case.kind {
            let values: Vec<String> = property
                .forall
                .iter()
                .map(|(name, generator)| format!("{name} from {generator}"))
                .collect();
            let _ = writeln!(
                out,
                "  property  {} attempts: {}",
                property.cases,
                values.join(", ")
            );
        }
        let _ = writeln!(out, "  what is done");
        for (number, line) in script::lines(plan, case).iter().enumerate() {
            let _ = writeln!(out, "    {:>2}. {}", number + 1, text::line(line));
        }
    }
    match &row.verdict {
        None => {
            let _ = writeln!(out, "  it did not run");
            expected(&mut out, plan, row);
        }
        Some(verdict) => {
            drawn(&mut out, &verdict.drawn);
            let _ = writeln!(out, "  expectations");
            for one in &verdict.expectations {
                let _ = writeln!(
                    out,
                    "    {:<5} {}  ({})",
                    text::line(&one.outcome),
                    text::line(&one.expectation),
                    text::line(&one.place)
                );
                mismatches(&mut out, one, Paint(false));
                if !one.actual.is_empty() {
                    let actual = text::lines(&one.actual);
                    let actual = text::cut(&actual, ACTUAL_MAX);
                    for (index, line) in actual.lines().enumerate() {
                        let word = if index == 0 { "seen" } else { "" };
                        let _ = writeln!(out, "          {word:<8}  {line}");
                    }
                }
                let _ = writeln!(out, "          settled   {}", text::line(&one.settled));
            }
            let note = verdict.note.iter().map(|note| text::line(note));
            for note in note {
                let _ = writeln!(out, "  note      {note}");
            }
            let _ = writeln!(
                out,
                "  outcome   {}, {}, {}",
                row.outcome,
                text::duration(verdict.duration_ns),
                text::count(verdict.attempts as usize, "attempt", "attempts")
            );
        }
    }
    let command = summary.repeat_command(row);
    let _ = writeln!(out, "  repeat    {}", text::line(&command));
    out
}

/// What would have been judged.
fn expected(out: &mut String, plan: &Plan, row: &CaseRow) {
    let Some(case) = plan.cases.get(row.index) else {
        return;
    };
    let _ = writeln!(out, "  expectations");
    for one in &case.expectations {
        let within = u64::try_from(one.within.as_nanos()).unwrap_or(u64::MAX);
        let _ = writeln!(
            out,
            "    {}, within {}",
            text::line(&one.id),
            text::duration(within)
        );
    }
}

/// The drawn values, one a line.
fn drawn(out: &mut String, drawn: &str) {
    let members = match wardgate_expression::Json::parse(drawn) {
        Ok(json) => json.as_object().map(|object| {
            object
                .iter()
                .map(|(name, value)| format!("{name} = {value}"))
                .collect::<Vec<_>>()
        }),
        Err(_) => None,
    };
    let lines = members.unwrap_or_else(|| vec![drawn.to_owned()]);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "  drawn values");
    for line in lines {
        let shown = text::line(&line);
        let _ = writeln!(out, "    {}", text::cut(&shown, ACTUAL_MAX));
    }
}
