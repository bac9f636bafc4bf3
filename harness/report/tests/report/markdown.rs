//! `summary.md` and the summary for programs.

use wardgate_report::{json, markdown, summary::CaseRow};

use crate::{hostile, sample::sample};

#[test]
fn the_text_reads_as_it_should() {
    insta::assert_snapshot!(markdown::render(&sample().summary));
}

#[test]
fn the_json_reads_as_it_should() {
    let text = json::render(&sample().summary);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let pretty = serde_json::to_string_pretty(&value).expect("JSON");
    insta::assert_snapshot!(pretty);
}

#[test]
fn outside_text_is_no_markup() {
    let mut sample = sample();
    for row in &mut sample.summary.cases {
        row.name = String::from("a`b``c | d\n<img src=x> **e** @someone `");
        row.place = String::from("``");
    }
    let text = markdown::render(&sample.summary);
    assert!(
        text.contains("| ``` a`b``c \\| d␊<img src=x> **e** @someone ` ``` |"),
        "{text}"
    );
    // Every row of a table has as many cells as its head.
    for line in text.lines().filter(|line| line.starts_with("| failed |")) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{line}");
    }
    for text in hostile::TEXTS {
        let rendered = markdown::render(&hostile::with_text(text).summary);
        assert!(
            !rendered.chars().any(|c| c.is_control() && c != '\n'),
            "{text:?}"
        );
    }
}

#[test]
fn ten_thousand_failures_fit_in_a_mebibyte() {
    let mut sample = sample();
    let row = sample.row("duplicate").clone();
    let rows = (0..10_000).map(|index| CaseRow {
        name: format!("{index} {}", row.name),
        ..row.clone()
    });
    sample.summary.cases = rows.collect();
    let text = markdown::render(&sample.summary);
    assert!(text.len() <= markdown::TEXT_MAX, "{}", text.len());
    assert!(text.contains("more, left out here for their length."));
    assert!(text.contains("### Slowest"));
}
