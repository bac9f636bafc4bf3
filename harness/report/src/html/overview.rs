//! What one sees first: what came of it, in how many cases, where, and how fast.

use std::{collections::HashSet, fmt::Write as _};

use wardgate_core::{
    event::{Party, Wire},
    verdict::Outcome,
    wire::Direction,
};

use super::{
    chart::{Dot, dots},
    markup::{Esc, link},
};
use crate::{
    run_file::VerdictsLine,
    summary::{CaseRow, Summary},
    text,
    traffic::{Traffic, elapsed_ns, wire_of},
};

/// The most squares in the map of the suite.
const SQUARES_MAX: usize = 4_000;

/// What came of the run, as a sentence.
pub fn headline(summary: &Summary) -> String {
    let counts = &summary.counts;
    let cases = text::count(counts.cases, "case", "cases");
    match summary.outcome() {
        Outcome::Pass | Outcome::Skip if summary.is_empty_shard() => {
            String::from("No case falls into this shard")
        }
        Outcome::Pass | Outcome::Skip if counts.cases == 1 => String::from("The case passed"),
        Outcome::Pass | Outcome::Skip if counts.skipped == 0 => format!("All {cases} passed"),
        Outcome::Pass | Outcome::Skip => format!("{} of {cases} passed", counts.passed),
        Outcome::Fail => format!("{} of {cases} failed", counts.failed),
        Outcome::Error if counts.failed > 0 => format!(
            "{} of {cases} failed, {} could not be judged",
            counts.failed, counts.errors
        ),
        Outcome::Error if counts.errors > 0 => {
            format!("{} of {cases} could not be judged", counts.errors)
        }
        Outcome::Error => String::from("The run could not be judged"),
    }
}

/// The top of the page.
pub fn overview(
    page: &mut String,
    summary: &Summary,
    traffic: &Traffic<'_>,
    listed: &HashSet<usize>,
) {
    let run = &summary.run;
    let outcome = summary.outcome();
    let _ = write!(
        page,
        "<header class=\"top {}\"><p class=\"brand\">{LOGO}Wardgate</p><h1>{}</h1><p class=\"facts\">",
        outcome.name(),
        Esc(&headline(summary))
    );
    let mut facts = Vec::new();
    if !run.candidate.name.is_empty() {
        facts.push(format!("<b>{}</b>", Esc(&run.candidate.name)));
    }
    if !run.started.is_empty() {
        facts.push(format!("<time>{}</time>", Esc(&run.started)));
    }
    facts.push(format!("seed {}", run.seed));
    facts.push(text::count(run.workers, "worker", "workers"));
    if let Some(shard) = &run.shard {
        facts.push(format!(
            "shard {}/{} of {} cases",
            shard.index, shard.of, run.cases
        ));
    }
    let _ = write!(page, "{}</p>", facts.join(" <i>·</i> "));
    if let Some(why) = summary.stopped().or_else(|| summary.fault()) {
        let _ = write!(page, "<p class=\"problem\">{}</p>", Esc(&why));
    }
    bar(page, summary);
    page.push_str("</header>\n");
    tiles(page, summary);
    page.push_str("<div class=\"cards\">");
    map(page, summary, listed);
    durations(page, summary, listed);
    latencies(page, summary, traffic, listed);
    page.push_str("</div>\n");
}

const LOGO: &str = "<svg viewBox=\"0 0 20 20\" width=\"20\" height=\"20\" aria-hidden=\"true\"><path fill=\"none\" \
    stroke=\"currentColor\" stroke-width=\"1.8\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"M3 18V8a7 7 0 0 1 14 0v10M3 \
    18h3.5M13.500 18H17M6.500 18v-8a3.500 3.500 0 0 1 7 0v8M10 3.500V1.500\"/></svg> ";

/// The outcomes in proportion.
fn bar(page: &mut String, summary: &Summary) {
    let counts = &summary.counts;
    if counts.cases == 0 {
        return;
    }
    page.push_str(
        "<svg class=\"bar\" viewBox=\"0 0 1000 10\" width=\"100%\" height=\"10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
    );
    let mut before = 0;
    for (outcome, count) in [
        (Outcome::Fail, counts.failed),
        (Outcome::Error, counts.errors),
        (Outcome::Skip, counts.skipped),
        (Outcome::Pass, counts.passed),
    ] {
        let (from, to) = (
            before * 1_000 / counts.cases,
            (before + count) * 1_000 / counts.cases,
        );
        if count > 0 {
            // A sliver that nobody sees would hide a failure.
            let width = (to - from).max(4);
            let _ = write!(
                page,
                "<rect class=\"{}\" x=\"{from}\" y=\"0\" width=\"{width}\" height=\"10\"/>",
                outcome.name()
            );
        }
        before += count;
    }
    page.push_str("</svg>");
}

fn tiles(page: &mut String, summary: &Summary) {
    let counts = &summary.counts;
    page.push_str("<dl class=\"tiles\">");
    let mut tile = |class: &str, name: &str, value: String, more: String| {
        let _ = write!(
            page,
            "<div class=\"tile {class}\"><dt>{name}{more}</dt><dd>{value}</dd></div>"
        );
    };
    let dim = |class: &'static str, count: usize| if count == 0 { "zero" } else { class };
    let small = |text: String| format!(" <small>· {text}</small>");
    tile("", "cases", counts.cases.to_string(), String::new());
    tile(
        dim("pass", counts.passed),
        "passed",
        counts.passed.to_string(),
        String::new(),
    );
    tile(
        dim("fail", counts.failed),
        "failed",
        counts.failed.to_string(),
        String::new(),
    );
    let not_run = match counts.not_run {
        0 => String::new(),
        count => small(format!("{count} did not run")),
    };
    tile(
        dim("error", counts.errors),
        "errors",
        counts.errors.to_string(),
        not_run,
    );
    tile(
        dim("skip", counts.skipped),
        "skipped",
        counts.skipped.to_string(),
        String::new(),
    );
    tile(
        "",
        "duration",
        text::duration(summary.end.duration_ns),
        String::new(),
    );
    let strays = summary.end.strays_total;
    let strays_class = if strays == 0 { "zero" } else { "" };
    let link = if strays == 0 {
        strays.to_string()
    } else {
        format!("<a href=\"#strays\">{strays}</a>")
    };
    tile(strays_class, "stray messages", link, String::new());
    page.push_str("</dl>\n");
}

/// One square a case, by workflow and contract.
fn map(page: &mut String, summary: &Summary, listed: &HashSet<usize>) {
    if summary.cases.is_empty() {
        return;
    }
    page.push_str("<section class=\"card wide\"><h2>The suite at a glance</h2><div class=\"map\">");
    let mut rows: Vec<&CaseRow> = summary.cases.iter().collect();
    rows.sort_by(|one, other| {
        (&one.workflow, &one.contract, one.index).cmp(&(
            &other.workflow,
            &other.contract,
            other.index,
        ))
    });
    let mut last: Option<&CaseRow> = None;
    for row in rows.iter().take(SQUARES_MAX) {
        let new_flow = last.is_none_or(|last| last.workflow != row.workflow);
        let new_contract = new_flow || last.is_none_or(|last| last.contract != row.contract);
        if new_contract && last.is_some() {
            page.push_str("</span></div>");
        }
        if new_flow {
            if last.is_some() {
                page.push_str("</div>");
            }
            let _ = write!(page, "<div class=\"flow\"><h3>{}</h3>", Esc(&row.workflow));
        }
        if new_contract {
            let short = row.contract.rsplit('/').next().unwrap_or(&row.contract);
            let advisory = if row.required {
                ""
            } else {
                " <em>advisory</em>"
            };
            let _ = write!(
                page,
                "<div class=\"strip\"><span class=\"id\" title=\"{}\">{}{advisory}</span><span class=\"squares\">",
                Esc(&row.contract),
                Esc(short)
            );
        }
        let _ = write!(
            page,
            "<a class=\"sq {}\"{} title=\"{}\"><span>{}</span></a>",
            row.outcome.name(),
            link(listed.get(&row.index).copied()),
            Esc(&format!("{}: {}", row.title, row.outcome.name())),
            row.outcome.name()
        );
        last = Some(row);
    }
    page.push_str("</span></div></div></div>");
    if rows.len() > SQUARES_MAX {
        let _ = write!(
            page,
            "<p class=\"dim\">and {} more</p>",
            rows.len() - SQUARES_MAX
        );
    }
    page.push_str("</section>");
}

fn durations(page: &mut String, summary: &Summary, listed: &HashSet<usize>) {
    let all: Vec<Dot> = summary
        .cases
        .iter()
        .filter_map(|row| {
            let verdict = row.verdict.as_ref()?;
            Some(Dot {
                ns: verdict.duration_ns,
                outcome: row.outcome,
                case: listed.get(&row.index).copied(),
                title: format!("{}: {}", row.name, text::duration(verdict.duration_ns)),
            })
        })
        .collect();
    dots(page, "How long the cases took", "a case", all);
}

/// How long the candidate took to answer, over every message that was answered.
fn latencies(page: &mut String, summary: &Summary, traffic: &Traffic<'_>, listed: &HashSet<usize>) {
    let mut all = Vec::new();
    for row in &summary.cases {
        let Some(verdict) = &row.verdict else {
            continue;
        };
        for (label, ns) in answers(traffic, verdict) {
            all.push(Dot {
                ns,
                outcome: row.outcome,
                case: listed.get(&row.index).copied(),
                title: format!("{label} in {}: {}", row.name, text::duration(ns)),
            });
        }
    }
    dots(page, "How fast the candidate answered", "a reply", all);
}

/// The messages of a case that got a reply, and how long that took. A reply that does not say what it answers (a framed
/// one) answers the oldest message on its connection.
fn answers(traffic: &Traffic<'_>, verdict: &VerdictsLine) -> Vec<(String, u64)> {
    let mut sent: Vec<(&Wire, u64)> = Vec::new();
    let mut answered = Vec::new();
    for event in traffic.timeline(verdict) {
        let Some(wire) = wire_of(event) else { continue };
        if matches!(wire.party, Party::Partner(_)) {
            continue;
        }
        if wire.direction == Direction::ToCandidate {
            sent.push((wire, elapsed_ns(event)));
            continue;
        }
        let answers = |(other, _): &(&Wire, u64)| match wire.stimulus {
            Some(stimulus) => other.stimulus == Some(stimulus),
            None => (other.party, other.channel) == (wire.party, wire.channel),
        };
        if let Some(at) = sent.iter().position(answers) {
            let (request, when) = sent.remove(at);
            let took = elapsed_ns(event).saturating_sub(when);
            answered.push((traffic.label(request), took));
        }
    }
    answered
}

/// The end of the page: strays, and what was run where.
pub fn foot(page: &mut String, summary: &Summary) {
    let end = &summary.end;
    if end.strays_total > 0 {
        let _ = write!(
            page,
            "<section id=\"strays\" class=\"card\"><h2>Stray traffic</h2><p class=\"dim\">{} came that fit no case.</p><ul class=\"mono\">",
            text::count(
                usize::try_from(end.strays_total).unwrap_or(usize::MAX),
                "message",
                "messages"
            )
        );
        for (stray, count) in summary.strays().into_iter().take(200) {
            let times = match count {
                1 => String::new(),
                count => format!(" <b>× {count}</b>"),
            };
            let _ = write!(
                page,
                "<li>{}{times}</li>",
                Esc(&text::cut_chars(stray, 300))
            );
        }
        page.push_str("</ul></section>\n");
    }
    let run = &summary.run;
    let mut facts = vec![("tool", run.tool.clone()), ("run", run.run.clone())];
    if let Some(digest) = &run.candidate.digest {
        facts.push(("candidate digest", digest.clone()));
    }
    facts.push(("plan", run.plan.clone()));
    facts.push((
        "environment",
        format!(
            "{} {}, {}",
            run.environment.os,
            run.environment.arch,
            text::count(run.environment.cpus, "processor", "processors")
        ),
    ));
    facts.push(("judge again", String::from("wardgate replay RUN")));
    page.push_str("<footer><dl>");
    for (name, value) in facts {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", Esc(&value));
    }
    page.push_str("</dl></footer>\n");
}
