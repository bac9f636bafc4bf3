//! Whatever is thrown at the reader, it answers with findings that can be shown.

use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;
use wardgate_contract::{Source, Span, lint, read, report};

/// Reads, lints and renders; panics where a finding points outside the text or nothing comes of the text.
fn survive(text: &str) {
    let source = Arc::new(Source::new("any.yaml", text));
    let reading = read(Arc::clone(&source));
    assert!(reading.contract.is_some() || !reading.findings.is_empty());
    let mut findings = reading.findings;
    findings.extend(reading.contract.iter().flat_map(lint::lint));
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    for finding in &findings {
        let Span { start, end } = finding.span;
        assert!(
            text.get(start..end).is_some(),
            "{finding:?} is outside of {text:?}"
        );
        let mut rendered = String::new();
        handler
            .render_report(&mut rendered, &report(&source, finding))
            .unwrap();
        assert!(
            rendered.contains("any.yaml") || text.is_empty(),
            "{rendered}"
        );
    }
}

const EXAMPLES: [&str; 3] = [
    include_str!("examples/registration.yaml"),
    include_str!("examples/properties.yaml"),
    include_str!("examples/every-key.yaml"),
];

/// What is spliced into sound files: the characters and words that mean something.
fn splinter() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\[\\]{}:,&*!|>'\"%@`#?~\\- \n\t\r$\\\\]{1,4}",
        prop::sample::select(vec![
            "${",
            "}",
            "${now|",
            "%",
            "&a ",
            "*a",
            "<<: ",
            "!!str ",
            "\n---\n",
            "\n...\n",
            "\r",
            "\u{feff}",
            "ü",
            "𝄞",
            "null",
            "007",
            "regex: ",
            "{ absent: false }",
            "expect: ",
            "at least -1",
            "99999999999999999999",
        ])
        .prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        survive(&text);
    }

    #[test]
    fn any_marks_are_answered(text in "[a-z\\[\\]{}:,&*!|>'\"%@#?~ \n\t\r$-]{0,60}") {
        survive(&text);
    }

    #[test]
    fn a_broken_file_is_answered(
        example in prop::sample::select(EXAMPLES.to_vec()),
        at in any::<prop::sample::Index>(),
        drop in 0_usize..30,
        splinter in splinter(),
    ) {
        let mut start = at.index(example.len());
        while !example.is_char_boundary(start) {
            start -= 1;
        }
        let end = (start..example.len()).filter(|at| example.is_char_boundary(*at)).nth(drop).unwrap_or(example.len());
        survive(&format!("{}{splinter}{}", &example[..start], &example[end..]));
    }
}

#[test]
fn deep_and_long_texts_are_answered() {
    for unit in [
        "[", "{a: ", "- ", "? ", "a:\n ", "&a [", "${", "'", "\"\\x", "\n", "*a ", "!a ", "%",
        "- - \n", "|\n ", "[{",
    ] {
        survive(&unit.repeat(20_000));
    }
    let mut stairs = String::new();
    for depth in 0..500 {
        stairs.push_str(&" ".repeat(depth));
        stairs.push_str("a:\n");
    }
    survive(&stairs);
}
