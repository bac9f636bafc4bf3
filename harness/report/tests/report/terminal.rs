//! What a terminal shows.

use wardgate_report::terminal;

use crate::{hostile, sample::sample};

#[test]
fn the_summary_reads_as_it_should() {
    insta::assert_snapshot!(terminal::summary(&sample().summary, false));
}

#[test]
fn failures_read_as_they_should() {
    let sample = sample();
    let mut shown = String::new();
    for row in &sample.summary.cases {
        shown += &terminal::failure(&sample.summary, row, false);
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn an_explanation_reads_as_it_should() {
    let sample = sample();
    let mut shown = String::new();
    for part in ["duplicate", "books", "result is filed [candidate"] {
        shown += &terminal::explain(&sample.summary, &sample.plan, sample.row(part));
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn progress_and_case_lines_read_as_they_should() {
    let progress = terminal::Progress {
        cases: 132,
        done: 41,
        failed: 2,
        errors: 1,
        elapsed_ns: 3_100_000_000,
    };
    assert_eq!(
        terminal::progress(&progress, false),
        "41/132  2 failed  1 error  3.10 s"
    );
    let sample = sample();
    assert_eq!(
        terminal::case_line(sample.row("duplicate"), false),
        "✗ registration/adt-a04 :: an A04 registers the patient [duplicate delivery]  25.9 ms"
    );
}

#[test]
fn colour_only_adds_colour() {
    let sample = sample();
    let plain = terminal::summary(&sample.summary, false);
    let coloured = terminal::summary(&sample.summary, true);
    assert_ne!(plain, coloured);
    assert_eq!(stripped(&coloured), plain);
    for row in &sample.summary.cases {
        let coloured = terminal::failure(&sample.summary, row, true);
        assert_eq!(
            stripped(&coloured),
            terminal::failure(&sample.summary, row, false)
        );
    }
}

/// A text without its SGR sequences.
fn stripped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out += before;
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[test]
fn no_candidate_moves_the_cursor() {
    for text in hostile::TEXTS {
        let sample = hostile::with_text(text);
        let mut shown = terminal::summary(&sample.summary, false);
        for row in &sample.summary.cases {
            shown += &terminal::failure(&sample.summary, row, false);
            shown += &terminal::explain(&sample.summary, &sample.plan, row);
            shown += &terminal::case_line(row, false);
        }
        let bad = shown
            .chars()
            .find(|c| c.is_control() && *c != '\n' && *c != '\t');
        assert_eq!(bad, None, "{text:?}");
    }
}
