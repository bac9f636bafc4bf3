//! Runs whose every text was written by somebody who means harm.

use std::sync::Arc;

use wardgate_report::{run_file::VerdictLine, summary::Summary, traffic::Traffic};

use crate::sample::{Sample, sample};

/// Texts that break parsers, terminals and pages.
pub const TEXTS: [&str; 10] = [
    "]]>",
    "\u{0}\u{b}\u{1c}\u{1b}[31mred",
    "\u{fffe}\u{ffff}\u{feff}",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</script><script>",
    "&amp; &#0; &lt;",
    "line\r\nfeed\ttab\u{85}",
    "\u{202e}reversed\u{2066}",
    "]]]]>]]>&",
];

/// The sample with this text in every place that comes from outside.
pub fn with_text(text: &str) -> Sample {
    let mut sample = sample();
    let own = || text.to_owned();
    let summary = &mut sample.summary;
    summary.run.candidate.name = own();
    summary.run.candidate.digest = Some(text.to_owned());
    summary.run.candidate.arguments = vec![text.to_owned()];
    summary.run.run = own();
    summary.run.started = own();
    summary.run.tool = own();
    summary.run.environment.os = own();
    summary.end.strays = vec![text.to_owned()];
    for (index, row) in summary.cases.iter_mut().enumerate() {
        for field in [
            &mut row.name,
            &mut row.title,
            &mut row.contract,
            &mut row.version,
            &mut row.workflow,
            &mut row.place,
            &mut row.file,
        ] {
            *field = own();
        }
        row.name = format!("{text}{index}");
        row.owner = Some(text.to_owned());
        let Some(verdict) = &mut row.verdict else {
            continue;
        };
        verdict.note = Some(text.to_owned());
        verdict.drawn = own();
        for one in &mut verdict.expectations {
            hostile(one, text);
        }
    }
    let plan = Arc::make_mut(&mut sample.plan);
    for partner in &mut plan.partners {
        partner.name = own();
    }
    for lane in &mut sample.lanes {
        for event in lane {
            if let wardgate_core::event::EventKind::Wire(wire) = &mut event.kind {
                wire.bytes = bytes::Bytes::copy_from_slice(text.as_bytes());
                wire.name = Some(text.to_owned());
            }
        }
    }
    sample
}

fn hostile(one: &mut VerdictLine, text: &str) {
    let own = || text.to_owned();
    one.expectation = own();
    one.leg = own();
    one.place = own();
    one.settled = own();
    one.actual = own();
    for found in &mut one.mismatches {
        found.kind = own();
        found.at = own();
        found.expected = own();
        found.actual = format!("{text}\n{text}");
    }
}

/// Renders the sample with each of the texts.
pub fn each(render: impl Fn(&Summary, &Traffic<'_>) -> String) -> Vec<(&'static str, String)> {
    TEXTS
        .iter()
        .map(|text| {
            let sample = with_text(text);
            let rendered = sample.with_traffic(|traffic| render(&sample.summary, traffic));
            (*text, rendered)
        })
        .collect()
}
