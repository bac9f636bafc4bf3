//! One case: a line in the list that opens to everything about it.

use std::{collections::HashSet, fmt::Write as _};

use wardgate_expression::Json;

use super::{
    markup::{Esc, sign, sign_of},
    mismatch, wire,
};
use crate::{
    run_file::VerdictsLine,
    summary::{CaseRow, Summary},
    text,
    traffic::Traffic,
};

/// How much is said of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// The picture, but not what the messages say.
    NoMessages,
    /// Only the line.
    RowOnly,
}

/// The case as an entry of the list.
pub fn case(
    page: &mut String,
    summary: &Summary,
    traffic: &Traffic<'_>,
    row: &CaseRow,
    detail: Detail,
) {
    let ns = row
        .verdict
        .as_ref()
        .map_or(0, |verdict| verdict.duration_ns);
    let _ = write!(
        page,
        "<details class=\"case {0}\" id=\"c{1}\" data-outcome=\"{0}\" data-plan=\"{1}\" data-ns=\"{ns}\" data-workflow=\"{2}\"><summary>",
        row.outcome.name(),
        row.index,
        Esc(&text::line(&row.workflow))
    );
    headline(page, row, ns);
    page.push_str("</summary>");
    if detail == Detail::RowOnly {
        page.push_str("<p class=\"note\">Left out of this page for its size; junit.xml and run.jsonl have it all.</p></details>\n");
        return;
    }
    page.push_str("<div class=\"inside\">");
    facts(page, summary, row);
    match &row.verdict {
        None => {
            let why = summary.why_not_run();
            let _ = write!(page, "<p class=\"note\">It did not run: {}</p>", Esc(&why));
        }
        Some(verdict) => {
            if let Some(note) = &verdict.note {
                let _ = write!(page, "<p class=\"note\">{}</p>", Esc(note));
            }
            let broken = verdict.expectations.iter();
            for one in broken.filter(|one| one.outcome == "fail" || one.outcome == "error") {
                mismatch::broken(page, summary, one);
            }
            let messages = wire::wire(page, traffic, row, verdict, detail);
            expectations(page, row, verdict, &messages);
            drawn(page, verdict);
        }
    }
    page.push_str("</div></details>\n");
}

/// The name in its parts, the reason and the time.
fn headline(page: &mut String, row: &CaseRow, ns: u64) {
    let (title, variation) = match row.title.split_once(" [") {
        Some((title, rest)) => (title, rest.strip_suffix(']')),
        None => (row.title.as_str(), None),
    };
    let _ = write!(
        page,
        "{}<span class=\"name\"><span class=\"contract\">{}</span> <span class=\"title\">{}</span>",
        sign(row.outcome),
        Esc(&text::line(&row.contract)),
        Esc(&text::line(title))
    );
    if let Some(variation) = variation {
        let _ = write!(
            page,
            " <span class=\"variation\">{}</span>",
            Esc(&text::line(variation))
        );
    }
    if !row.required {
        page.push_str(" <span class=\"tag\">advisory</span>");
    }
    if let Some(reason) = row.reason() {
        let reason = text::line(&reason);
        let _ = write!(
            page,
            "<span class=\"reason\">{}</span>",
            Esc(&text::cut_chars(&reason, 240))
        );
    }
    let took = match row.verdict {
        Some(_) => text::duration(ns),
        None => String::from("did not run"),
    };
    let _ = write!(page, "</span><span class=\"took\">{took}</span>");
}

fn facts(page: &mut String, summary: &Summary, row: &CaseRow) {
    let mut facts = vec![
        ("contract", format!("{} {}", row.contract, row.version)),
        ("stands at", row.place.clone()),
        ("workflow", row.workflow.clone()),
        ("seed", summary.run.seed.to_string()),
    ];
    if let Some(owner) = &row.owner {
        facts.push(("owner", owner.clone()));
    }
    if let Some(verdict) = &row.verdict {
        if verdict.attempts > 1 {
            facts.push(("attempts", verdict.attempts.to_string()));
        }
        if let Some(seed) = verdict.regression {
            facts.push(("regression seed", seed.to_string()));
        }
        facts.push(("lane", verdict.lane.to_string()));
    }
    page.push_str("<dl class=\"line\">");
    for (name, value) in facts {
        let _ = write!(
            page,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            Esc(&text::line(&value))
        );
    }
    let _ = write!(
        page,
        "</dl><div class=\"repeat\"><code>{}</code><button type=\"button\" class=\"plain copy\" hidden>Copy</button></div>",
        Esc(&text::line(&summary.repeat_command(row)))
    );
}

fn expectations(page: &mut String, row: &CaseRow, verdict: &VerdictsLine, messages: &HashSet<u64>) {
    page.push_str(
        "<section><h4>What was expected</h4><div class=\"scroll\"><table><thead><tr><th></th><th>expectation</th><th>seen</th>\
         <th>settled</th><th>stands at</th><th>proof</th></tr></thead><tbody>",
    );
    for one in &verdict.expectations {
        let seen = text::line(&one.actual);
        let _ = write!(
            page,
            "<tr class=\"{}\"><td>{}</td><td>{}</td><td class=\"seen\">{}</td><td>{}</td><td class=\"mono\">{}</td><td>",
            match one.outcome.as_str() {
                "pass" => "pass",
                "fail" => "fail",
                "skip" => "skip",
                _ => "error",
            },
            sign_of(&one.outcome),
            Esc(&text::line(&one.expectation)),
            Esc(&text::cut_chars(&seen, 500)),
            Esc(&text::line(&one.settled)),
            Esc(&text::line(short(&one.place)))
        );
        for sequence in one.events.iter().take(12) {
            // What is no message on this page is still an event in run.jsonl.
            let _ = if messages.contains(sequence) {
                write!(
                    page,
                    "<a class=\"proof\" href=\"#c{}e{sequence}\">{sequence}</a> ",
                    row.index
                )
            } else {
                write!(page, "<span class=\"proof\">{sequence}</span> ")
            };
        }
        page.push_str("</td></tr>");
    }
    page.push_str("</tbody></table></div></section>");
}

/// A place without its folders.
fn short(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or(place)
}

fn drawn(page: &mut String, verdict: &VerdictsLine) {
    if verdict.drawn.is_empty() || verdict.drawn == "{}" {
        return;
    }
    // Of a property these are the smallest values that fail: the very thing to look at.
    let (open, title) = match verdict.regression {
        Some(_) => (" open", "Smallest failing values"),
        None => ("", "Drawn values"),
    };
    let _ = write!(
        page,
        "<details class=\"drawn\"{open}><summary>{title}</summary>"
    );
    match Json::parse(&verdict.drawn) {
        Ok(Json::Object(values)) => {
            page.push_str("<dl class=\"values\">");
            for (name, value) in values.iter() {
                let shown = match value {
                    Json::String(text) => text.clone(),
                    other => other.pretty(),
                };
                let _ = write!(
                    page,
                    "<div><dt>{}</dt><dd>{}</dd></div>",
                    Esc(&text::line(name)),
                    Esc(&text::cut(&shown, 8_192))
                );
            }
            page.push_str("</dl>");
        }
        _ => {
            let _ = write!(
                page,
                "<pre>{}</pre>",
                Esc(&text::cut(&verdict.drawn, 8_192))
            );
        }
    }
    page.push_str("</details>");
}
