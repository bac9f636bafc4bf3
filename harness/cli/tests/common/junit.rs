//! `junit.xml`, parsed back.

use roxmltree::{Document, Node};

/// One `testcase`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestCase {
    /// Its class name, a full stop between the parts, and its name.
    pub name: String,
    /// `pass`, `failure`, `error` or `skipped`.
    pub outcome: String,
    /// The `type` of what is not a pass.
    pub kind: String,
    /// The text of what is not a pass.
    pub body: String,
}

/// The test cases of a report whose totals are those of what is in it.
#[track_caller]
pub fn test_cases(xml: &str) -> Vec<TestCase> {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let root = document.root_element();
    let cases: Vec<TestCase> = root
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|node| test_case(&node))
        .collect();
    let total = |name: &str| root.attribute(name).and_then(|text| text.parse().ok());
    let count = |outcome: &str| Some(cases.iter().filter(|case| case.outcome == outcome).count());
    assert_eq!(total("tests"), Some(cases.len()));
    assert_eq!(total("failures"), count("failure"));
    assert_eq!(total("errors"), count("error"));
    assert_eq!(total("skipped"), count("skipped"));
    cases
}

fn test_case(node: &Node<'_, '_>) -> TestCase {
    let attribute = |node: &Node<'_, '_>, name| node.attribute(name).unwrap_or_default().to_owned();
    let bad = node
        .children()
        .find(|child| ["failure", "error", "skipped"].contains(&child.tag_name().name()));
    TestCase {
        name: format!(
            "{} {}",
            attribute(node, "classname"),
            attribute(node, "name")
        ),
        outcome: bad.map_or_else(
            || String::from("pass"),
            |bad| bad.tag_name().name().to_owned(),
        ),
        kind: bad.map(|bad| attribute(&bad, "type")).unwrap_or_default(),
        body: bad
            .and_then(|bad| bad.text())
            .unwrap_or_default()
            .to_owned(),
    }
}
