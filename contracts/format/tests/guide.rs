//! Every example of the guide reads and lints clean.
//!
//! A block that begins with `wardgate:` is a whole file. Any other is a part: of the file where its first key is one
//! of the file's, else of an interaction. The rest is put around it here.

use std::sync::Arc;

use wardgate_contract::{Finding, Source, grammar, lint, read};

const HEAD: &str = "wardgate: 1\ncontract: guide/example\nversion: 1.0.0\nconsumer: pas\nprovider: hub\nworkflow: guide\n";
const PARTNERS: &str = "partners: { ehr: { stub: fhir }, ledger: { stub: erp } }\n";
const DATA: &str = "data: { patient: { draw: patient } }\n";
const SEND: &str =
    "    send: { fhir: { method: GET, path: /Patient } }\n    expect: { reply: {} }\n";

fn blocks() -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in include_str!("../../README.md").lines().enumerate() {
        match (&mut open, line) {
            (None, "```yaml") => open = Some((index + 1, String::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

fn whole(block: &str) -> String {
    let first = block.split(':').next().unwrap_or_default();
    if first == "wardgate" {
        return block.to_owned();
    }
    let has = |key: &str| block.lines().any(|line| line.starts_with(key));
    if grammar::CONTRACT.key(first).is_some() {
        let data = if has("data:") { "" } else { DATA };
        let interactions = if has("properties:") {
            String::new()
        } else {
            format!("interactions:\n  - name: an example\n{SEND}")
        };
        return format!("{HEAD}{PARTNERS}{data}{block}{interactions}");
    }
    let indented = format!("    {}\n", block.trim_end().replace('\n', "\n    "));
    let send = match first {
        "send" | "steps" => "",
        "expect" => SEND.split_inclusive('\n').next().unwrap_or_default(),
        _ => SEND,
    };
    format!("{HEAD}{PARTNERS}{DATA}interactions:\n  - name: an example\n{send}{indented}")
}

#[test]
fn every_example_is_sound() {
    let blocks = blocks();
    assert!(blocks.len() >= 10, "the guide has its examples");
    for (line, block) in blocks {
        let text = whole(&block);
        let source = Arc::new(Source::new(format!("README.md:{line}"), text.as_str()));
        let reading = read(Arc::clone(&source));
        let mut findings = reading.findings;
        findings.extend(reading.contract.iter().flat_map(lint::lint));
        let found: Vec<_> = findings
            .iter()
            .map(|Finding { message, span, .. }| format!("{} {message}", source.place(span.start)))
            .collect();
        assert!(found.is_empty(), "{found:#?}\n{text}");
    }
}
