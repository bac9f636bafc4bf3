//! `report.html`: one file that explains a run, by itself, from anywhere.
//!
//! Everything is in the page: no other file and no address is asked for anything. The list, the pictures and the
//! messages are plain HTML and SVG, so that the page also reads where scripts and styles are blocked (as Jenkins does);
//! the script only filters, sorts and opens. A content security policy names the one style and the one script by their
//! hashes: should hostile wire bytes ever get past the escaping, they still cannot run.
//!
//! Cases that did not pass come first and say most. The page stays below [`PAGE_MAX`]: when it fills up, cases say less,
//! and in the end are only counted.

mod case;
mod chart;
mod markup;
mod message;
mod mismatch;
mod overview;
mod picture;
mod source;
mod wire;

use std::{collections::HashSet, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use wardgate_core::verdict::Outcome;

use self::{case::Detail, markup::Esc};
use crate::{
    summary::{CaseRow, Summary},
    traffic::Traffic,
};

/// The largest page that is written, in bytes.
pub const PAGE_MAX: usize = 20_000_000;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The whole page.
pub fn render(summary: &Summary, traffic: &Traffic<'_>) -> String {
    render_within(summary, traffic, PAGE_MAX)
}

/// The page with a list of at most about `max` bytes, beyond which cases are only counted. The overview above it has
/// its own bounds and stays below a megabyte.
pub fn render_within(summary: &Summary, traffic: &Traffic<'_>, max: usize) -> String {
    // The list is written first: what stands above it links only to cases that found room.
    let (mut page, listed) = list(summary, traffic, max);
    let mut above = String::new();
    head(&mut above, summary);
    overview::overview(&mut above, summary, traffic, &listed);
    // The list is nearly all of the page: it is moved, not held twice.
    page.insert_str(0, &above);
    overview::foot(&mut page, summary);
    let _ = writeln!(page, "</main><script>{SCRIPT}</script></body></html>");
    page
}

fn head(page: &mut String, summary: &Summary) {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; \
         style-src 'sha256-{}'; script-src 'sha256-{}'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{} · Wardgate</title><style>{STYLE}</style></head><body>\
         <a class=\"jump\" href=\"#cases\">To the cases</a><main>\n",
        hash(STYLE),
        hash(SCRIPT),
        Esc(&overview::headline(summary)),
    );
}

/// The list, and the indices of the cases that are in it.
fn list(summary: &Summary, traffic: &Traffic<'_>, max: usize) -> (String, HashSet<usize>) {
    let mut rows: Vec<&CaseRow> = summary.cases.iter().collect();
    rows.sort_by_key(|row| (row.outcome, row.index));
    let mut list = String::new();
    let mut listed = HashSet::new();
    filters(&mut list, summary);
    list.push_str("<div id=\"list\">\n");
    for row in &rows {
        // Cases that passed leave room for those that come after them to be at least in the list.
        let (full, pictures) = match row.outcome {
            Outcome::Error | Outcome::Fail => (60, 80),
            Outcome::Skip | Outcome::Pass => (35, 70),
        };
        let detail = match list.len() / (max / 100).max(1) {
            used if used < full => Detail::Full,
            used if used < pictures => Detail::NoMessages,
            used if used < 90 => Detail::RowOnly,
            _ => break,
        };
        case::case(&mut list, summary, traffic, row, detail);
        listed.insert(row.index);
    }
    list.push_str("</div>\n");
    if listed.len() < rows.len() {
        let _ = writeln!(
            list,
            "<p class=\"note\">{} more cases are left out of this page for its size; junit.xml and run.jsonl have them \
             all.</p>",
            rows.len() - listed.len()
        );
    }
    list.push_str(
        "<p id=\"none\" class=\"note\" hidden>No case fits these filters.</p></section>\n",
    );
    (list, listed)
}

fn filters(page: &mut String, summary: &Summary) {
    let mut workflows: Vec<&str> = summary
        .cases
        .iter()
        .map(|row| row.workflow.as_str())
        .collect();
    workflows.sort_unstable();
    workflows.dedup();
    page.push_str(
        "<section id=\"cases\" aria-labelledby=\"cases-title\"><h2 id=\"cases-title\">Cases</h2>\
         <form class=\"filters\" role=\"search\" aria-label=\"Filter the cases\" hidden>\
         <input id=\"text\" type=\"search\" placeholder=\"Filter by name or reason ( / )\" aria-label=\"Name or reason contains\" \
         autocomplete=\"off\"><div class=\"chips\" role=\"group\" aria-label=\"Outcomes\">",
    );
    for (outcome, word) in [
        (Outcome::Fail, "Failed"),
        (Outcome::Error, "Errors"),
        (Outcome::Pass, "Passed"),
        (Outcome::Skip, "Skipped"),
    ] {
        let count = summary
            .cases
            .iter()
            .filter(|row| row.outcome == outcome)
            .count();
        if count > 0 {
            let _ = write!(
                page,
                "<button type=\"button\" class=\"chip {0}\" data-outcome=\"{0}\" aria-pressed=\"true\">{word} <b>{count}</b></button>",
                outcome.name()
            );
        }
    }
    page.push_str("</div><select id=\"workflow\" aria-label=\"Workflow\"><option value=\"\">All workflows</option>");
    for workflow in workflows {
        let _ = write!(page, "<option>{}</option>", Esc(workflow));
    }
    page.push_str(
        "</select><select id=\"order\" aria-label=\"Order\"><option value=\"worst\">Worst first</option>\
         <option value=\"plan\">As planned</option><option value=\"slow\">Slowest first</option></select>\
         <button type=\"button\" id=\"fold\" class=\"plain\">Open all</button>\
         <output id=\"count\" class=\"dim\"></output></form>\n",
    );
}
