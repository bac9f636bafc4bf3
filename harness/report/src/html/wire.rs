//! The wire of a case: the picture, and beside it what each message said.

use std::{collections::HashSet, fmt::Write as _};

use wardgate_core::{
    event::{Event, Wire},
    verdict::Outcome,
};

use super::{case::Detail, markup::Esc, message, picture::picture};
use crate::{
    excerpt::way,
    run_file::VerdictsLine,
    summary::CaseRow,
    text,
    traffic::{Traffic, elapsed_ns, wire_of},
};

/// The most messages of one case, and the most bytes of each, by outcome.
const MESSAGES: usize = 60;
const BYTES_BROKEN: usize = 16_384;
const BYTES_PASSED: usize = 1_536;

/// Writes the wire of a case; gives the numbers of the messages that the page now holds.
pub fn wire(
    page: &mut String,
    traffic: &Traffic<'_>,
    row: &CaseRow,
    verdict: &VerdictsLine,
    detail: Detail,
) -> HashSet<u64> {
    let crossed: Vec<(&Event, &Wire)> = traffic
        .timeline(verdict)
        .into_iter()
        .filter_map(|event| wire_of(event).map(|wire| (event, wire)))
        .collect();
    let room = match detail {
        Detail::Full => MESSAGES,
        Detail::NoMessages | Detail::RowOnly => 0,
    };
    let (shown, rest) = crossed.split_at(room.min(crossed.len()));
    let on_page = shown.iter().map(|(event, _)| event.sequence).collect();
    let mut drawn = String::new();
    let parties = traffic.sides(&row.contract);
    let parties = parties.unwrap_or(("driver", "candidate"));
    picture(&mut drawn, traffic, verdict, parties, row.index, &on_page);
    if drawn.is_empty() {
        return HashSet::new();
    }
    let _ = write!(
        page,
        "<section class=\"wire\"><h4>On the wire</h4><div class=\"sides\">{drawn}"
    );
    if !shown.is_empty() {
        page.push_str("<div class=\"messages\">");
        messages(page, traffic, row, verdict, shown);
        if !rest.is_empty() {
            let _ = write!(
                page,
                "<p class=\"dim\">{} more messages stand in run.jsonl</p>",
                rest.len()
            );
        }
        page.push_str("</div>");
    }
    page.push_str("</div></section>");
    on_page
}

/// The messages, those that prove a failure open.
fn messages(
    page: &mut String,
    traffic: &Traffic<'_>,
    row: &CaseRow,
    verdict: &VerdictsLine,
    shown: &[(&Event, &Wire)],
) {
    let max = match row.outcome {
        Outcome::Fail | Outcome::Error => BYTES_BROKEN,
        Outcome::Pass | Outcome::Skip => BYTES_PASSED,
    };
    let began = traffic.began(verdict);
    let cited = cited(verdict);
    for (event, wire) in shown {
        let since = elapsed_ns(event).saturating_sub(began);
        let open = cited.contains(&event.sequence);
        let _ = write!(
            page,
            "<details class=\"message\" id=\"c{}e{}\"{}><summary><span class=\"dim\">+{}</span> <span class=\"way\">{}</span> \
             <b>{}</b></summary>",
            row.index,
            event.sequence,
            if open { " open" } else { "" },
            text::duration(since),
            Esc(&way(traffic, wire)),
            Esc(&text::cut_chars(&traffic.label(wire), 160))
        );
        if let Some(name) = &wire.name {
            let _ = write!(page, "<p class=\"dim\">file {}</p>", Esc(&text::line(name)));
        }
        if let Some(fault) = &wire.fault {
            let _ = write!(page, "<p class=\"problem\">{}</p>", Esc(&text::line(fault)));
        }
        message::body(page, &wire.bytes, max);
        page.push_str("</details>");
    }
}

/// The events that prove that something is broken.
pub fn cited(verdict: &VerdictsLine) -> HashSet<u64> {
    verdict
        .expectations
        .iter()
        .filter(|one| one.outcome == "fail" || one.outcome == "error")
        .flat_map(|one| one.events.iter().copied())
        .collect()
}
