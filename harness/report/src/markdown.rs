//! `summary.md`, for a pull request or a pipeline's step summary (GitHub takes 1 MiB).

use std::fmt::Write as _;

use wardgate_core::verdict::Outcome;

use crate::{
    summary::{CaseRow, Summary},
    text,
};

/// The largest text that is written, in bytes.
pub const TEXT_MAX: usize = 1 << 20;

/// How many of the slowest cases and of the strays are listed.
const SLOWEST: usize = 5;
const STRAYS: usize = 20;

/// The whole text: what came of it, what did not pass and why, what was slow, what was stray.
pub fn render(summary: &Summary) -> String {
    let mut out = String::new();
    head(&mut out, summary);
    let mut tail = String::new();
    repeat(&mut tail, summary);
    slowest(&mut tail, summary);
    strays(&mut tail, summary);
    let room = TEXT_MAX.saturating_sub(out.len() + tail.len());
    broken(&mut out, summary, room);
    out + &tail
}

fn head(out: &mut String, summary: &Summary) {
    let counts = &summary.counts;
    let (mark, word) = match summary.outcome() {
        Outcome::Pass | Outcome::Skip => ("✅", "passed"),
        Outcome::Fail => ("❌", "failed"),
        Outcome::Error => ("⚠️", "error"),
    };
    let _ = writeln!(out, "## {mark} Wardgate: {word}\n");
    let _ = writeln!(
        out,
        "| cases | passed | failed | errors | skipped | not run | duration |"
    );
    let _ = writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|");
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        counts.cases,
        counts.passed,
        counts.failed,
        counts.errors,
        counts.skipped,
        counts.not_run,
        text::duration(summary.end.duration_ns)
    );
    let run = &summary.run;
    let mut facts = vec![format!("seed {}", run.seed)];
    if !run.candidate.name.is_empty() {
        facts.push(format!("candidate {}", code(&run.candidate.name, 200)));
    }
    if let Some(digest) = &run.candidate.digest {
        facts.push(code(digest, 200));
    }
    if let Some(shard) = &run.shard {
        facts.push(format!(
            "shard {}/{} of {} cases",
            shard.index, shard.of, run.cases
        ));
    }
    facts.push(format!(
        "plan {}",
        code(run.plan.get(..12).unwrap_or(&run.plan), 64)
    ));
    let _ = writeln!(out, "{}\n", facts.join(" · "));
    if let Some(why) = summary.stopped().or_else(|| summary.fault()) {
        let _ = writeln!(out, "**Could not run:** {}\n", code(&why, 2_000));
    }
    if summary.is_empty_shard() {
        let _ = writeln!(
            out,
            "This shard is empty: none of the plan's {} cases falls into it.\n",
            run.cases
        );
    }
}

fn broken(out: &mut String, summary: &Summary, room: usize) {
    let is_broken = |row: &&CaseRow| matches!(row.outcome, Outcome::Fail | Outcome::Error);
    let rows: Vec<&CaseRow> = summary.cases.iter().filter(is_broken).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "### Not passed\n");
    let _ = writeln!(out, "| | case | why | contract |");
    let _ = writeln!(out, "|---|---|---|---|");
    // The last line must fit too.
    let end = out.len() + room.saturating_sub(200);
    for (index, row) in rows.iter().enumerate() {
        let line = format!(
            "| {} | {} | {} | {} |\n",
            match (row.outcome, &row.verdict) {
                (Outcome::Fail, _) if row.required => "failed",
                (Outcome::Fail, _) => "failed (advisory)",
                (_, None) => "not run",
                _ => "error",
            },
            code(&row.name, 300),
            code(&row.reason().unwrap_or_default(), 600),
            code(&row.place, 300)
        );
        if out.len() + line.len() > end {
            let _ = writeln!(
                out,
                "\n… and {} more, left out here for their length.",
                rows.len() - index
            );
            break;
        }
        out.push_str(&line);
    }
    out.push('\n');
}

/// The command that repeats the first case that ran and did not pass.
fn repeat(out: &mut String, summary: &Summary) {
    let first = summary
        .cases
        .iter()
        .find(|row| row.verdict.is_some() && matches!(row.outcome, Outcome::Fail | Outcome::Error));
    let Some(first) = first else { return };
    let command = summary.repeat_command(first);
    let command = text::line(&command);
    let shown = text::cut(&command, 2_000);
    let fence = fence(&shown, 3);
    let _ = writeln!(
        out,
        "Repeat the first of them:\n\n{fence}sh\n{shown}\n{fence}\n"
    );
}

fn slowest(out: &mut String, summary: &Summary) {
    let rows = summary.slowest(SLOWEST);
    if rows.len() < 2 {
        return;
    }
    let _ = writeln!(out, "### Slowest\n\n| | case |\n|---:|---|");
    for row in rows {
        let took = row
            .verdict
            .as_ref()
            .map_or(0, |verdict| verdict.duration_ns);
        let _ = writeln!(
            out,
            "| {} | {} |",
            text::duration(took),
            code(&row.name, 300)
        );
    }
    out.push('\n');
}

fn strays(out: &mut String, summary: &Summary) {
    let end = &summary.end;
    if end.strays_total == 0 {
        return;
    }
    let _ = writeln!(out, "### Stray traffic: {}\n", end.strays_total);
    let _ = writeln!(out, "Messages that fit no case.\n");
    let grouped = summary.strays();
    for (stray, count) in grouped.iter().take(STRAYS) {
        let times = match count {
            1 => String::new(),
            count => format!(" × {count}"),
        };
        let _ = writeln!(out, "- {}{times}", code(stray, 300));
    }
    if grouped.len() > STRAYS {
        let _ = writeln!(out, "- … and {} other kinds", grouped.len() - STRAYS);
    }
    out.push('\n');
}

/// A run of backticks longer than any in the text, and at least this long.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(least))
}

/// Outside text as a code span: nothing in it is markup, not even in a table's cell.
fn code(outside: &str, max: usize) -> String {
    let line = text::line(outside);
    let cut = text::cut(line.trim(), max);
    if cut.is_empty() {
        return String::new();
    }
    // A cell's bar is escaped even inside a code span (GitHub Flavored Markdown, tables).
    let fence = fence(&cut, 1);
    let pad = if cut.starts_with('`') || cut.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{}{pad}{fence}", cut.replace('|', "\\|"))
}
