//! `junit.xml` parsed back and held against what its consumers do.

use std::collections::HashSet;

use proptest::prelude::*;
use roxmltree::{Document, Node};
use wardgate_core::verdict::Outcome;
use wardgate_report::{junit, traffic::Traffic};

use crate::{
    hostile,
    sample::{Sample, sample},
};

fn render(sample: &Sample) -> String {
    sample.with_traffic(|traffic| junit::render(&sample.summary, traffic))
}

fn elements<'a, 'i>(node: &Node<'a, 'i>, name: &'a str) -> Vec<Node<'a, 'i>> {
    node.descendants()
        .filter(|one| one.has_tag_name(name))
        .collect()
}

fn number(node: &Node<'_, '_>, name: &str) -> usize {
    node.attribute(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{name} of {node:?}"))
}

#[test]
fn the_file_reads_as_it_should() {
    insta::assert_snapshot!(render(&sample()));
}

/// The rules of every consumer, for any file.
fn holds_the_rules(xml: &str) {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let root = document.root_element();
    assert!(root.has_tag_name("testsuites"));
    let cases = elements(&root, "testcase");
    assert_eq!(number(&root, "tests"), cases.len());
    for kind in ["failure", "error", "skipped"] {
        let total = match kind {
            "failure" => number(&root, "failures"),
            "error" => number(&root, "errors"),
            _ => number(&root, "skipped"),
        };
        assert_eq!(elements(&root, kind).len(), total, "{kind}");
    }
    for suite in elements(&root, "testsuite") {
        assert_eq!(number(&suite, "tests"), elements(&suite, "testcase").len());
        assert_eq!(
            number(&suite, "failures"),
            elements(&suite, "failure").len()
        );
        assert_eq!(number(&suite, "errors"), elements(&suite, "error").len());
        assert_eq!(number(&suite, "skipped"), elements(&suite, "skipped").len());
        assert_eq!(suite.attribute("hostname"), Some("localhost"));
    }
    let mut names = HashSet::new();
    for case in &cases {
        let class = case.attribute("classname").expect("a class name");
        let name = case.attribute("name").expect("a name");
        assert!(names.insert((class, name)), "{class} {name} stands twice");
        assert!(class.chars().count() + name.chars().count() < 512);
        let outcomes = case.children().filter(|child| {
            ["failure", "error", "skipped"]
                .iter()
                .any(|kind| child.has_tag_name(*kind))
        });
        assert!(outcomes.count() <= 1);
    }
    for timed in cases.iter().chain(&elements(&root, "testsuite")) {
        let time = timed.attribute("time").expect("a time");
        let (_, decimals) = time.split_once('.').expect("decimals");
        assert_eq!(decimals.len(), 3, "{time}");
    }
}

#[test]
fn every_rule_holds() {
    holds_the_rules(&render(&sample()));
}

#[test]
fn outcomes_stand_one_to_one() {
    let sample = sample();
    let xml = render(&sample);
    let document = Document::parse(&xml).expect("XML");
    let cases = elements(&document.root_element(), "testcase");
    assert_eq!(cases.len(), sample.summary.cases.len());
    for row in &sample.summary.cases {
        let case = cases
            .iter()
            .find(|case| {
                case.attribute("name") == Some(&row.title)
                    && case.attribute("classname") == Some(&row.contract.replace('/', "."))
            })
            .unwrap_or_else(|| panic!("{} is missing", row.name));
        let has = |kind: &str| case.children().any(|child| child.has_tag_name(kind));
        assert_eq!(has("failure"), row.outcome == Outcome::Fail, "{}", row.name);
        assert_eq!(has("error"), row.outcome == Outcome::Error, "{}", row.name);
    }
}

#[test]
fn a_failure_explains_itself() {
    let sample = sample();
    let xml = render(&sample);
    let document = Document::parse(&xml).expect("XML");
    let failures = elements(&document.root_element(), "failure");
    let failure = failures
        .iter()
        .find(|one| one.attribute("type") == Some("surplus"))
        .expect("the duplicate");
    let text = failure.text().expect("a body");
    for part in [
        "expected  exactly 1 message",
        "actual    2 messages",
        "contracts/suites/registration/adt-a04.yaml:27",
        "seed       42",
        "--seed 42 --case 'registration/adt-a04 :: an A04 registers the patient [duplicate delivery]'",
        "candidate → ehr  PUT /Patient?identifier=W4711",
        "␋MSH|^~\\&|PAS",
    ] {
        assert!(text.contains(part), "'{part}' is not in:\n{text}");
    }
    let case = failure.parent().expect("a case");
    assert_eq!(
        case.attribute("file"),
        Some("contracts/suites/registration/adt-a04.yaml")
    );
    let settled = elements(&case, "property")
        .into_iter()
        .find(|one| one.attribute("name") == Some("wardgate.settled-by"))
        .and_then(|one| one.attribute("value"));
    assert_eq!(
        settled,
        Some("on sight; the candidate said that it was idle")
    );
}

#[test]
fn hostile_text_leaves_a_file_that_parses() {
    for (text, xml) in hostile::each(junit::render) {
        let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(elements(&document.root_element(), "script").len(), 0);
        holds_the_rules(&xml);
    }
}

#[test]
fn a_run_of_nothing_is_an_error() {
    let mut sample = sample();
    sample.summary.cases.clear();
    sample.summary.counts = wardgate_report::summary::Counts::default();
    sample.summary.end.interrupted = false;
    let xml = render(&sample);
    holds_the_rules(&xml);
    assert!(xml.contains("nothing ran"), "{xml}");
}

#[test]
fn long_and_equal_titles_stay_apart() {
    let mut sample = sample();
    for row in &mut sample.summary.cases {
        row.title = "ä".repeat(2_000);
        row.contract = "b/".repeat(2_000);
    }
    holds_the_rules(&render(&sample));
}

#[test]
fn a_file_that_would_be_too_large_says_less_of_each_case() {
    const CASES: usize = 30;
    const MAX: usize = 250_000;
    let mut sample = sample();
    for event in sample.lanes.iter_mut().flatten() {
        if let wardgate_core::event::EventKind::Wire(wire) = &mut event.kind {
            wire.bytes = vec![b'x'; 10_000].into();
        }
    }
    let row = sample.row("duplicate").clone();
    let rows = (0..CASES).map(|index| wardgate_report::summary::CaseRow {
        title: format!("case {index}"),
        ..row.clone()
    });
    sample.summary.cases = rows.collect();
    assert!(render(&sample).len() > MAX, "the bound is put to the test");
    let xml = sample.with_traffic(|traffic| junit::render_within(&sample.summary, traffic, MAX));
    assert!(xml.len() <= MAX, "{}", xml.len());
    assert_eq!(xml.matches("<failure").count(), CASES);
    assert!(xml.contains("(9488 more bytes)") && xml.contains("are left out here"));
    let tiny = sample.with_traffic(|traffic| junit::render_within(&sample.summary, traffic, 1));
    assert_eq!(tiny.matches("<failure").count(), CASES);
}

#[test]
fn years_that_cannot_be_written_are_left_out() {
    let mut sample = sample();
    for started in [i64::MIN, i64::MAX, -62_200_000_000_000] {
        sample.summary.run.started_unix_ms = started;
        holds_the_rules(&render(&sample));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_bytes_on_the_wire_give_xml_that_parses(bytes in proptest::collection::vec(any::<u8>(), 0..300), name in any::<String>()) {
        let mut sample = sample();
        for event in sample.lanes.iter_mut().flatten() {
            if let wardgate_core::event::EventKind::Wire(wire) = &mut event.kind {
                wire.bytes = bytes.clone().into();
            }
        }
        for row in &mut sample.summary.cases {
            row.title.clone_from(&name);
        }
        let xml = render(&sample);
        Document::parse(&xml).expect("XML");
        let without = junit::render(&sample.summary, &Traffic::none());
        Document::parse(&without).expect("XML");
    }
}
