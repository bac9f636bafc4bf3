//! Equality, equivalence, order and membership.

use wardgate_expression::{Json, json};

use crate::{fails_to_hold, failure, holds, shown_for, yields_nothing};

#[test]
fn equality_is_pairwise_and_in_order() {
    holds("1 = 1.0");
    holds("(1 | 2) = (1 | 2)");
    fails_to_hold("(1 | 2) = (2 | 1)");
    fails_to_hold("(1 | 2) = 1");
    yields_nothing("{} = {}");
    yields_nothing("1 != {}");
    fails_to_hold("'a' = 'A'");
    fails_to_hold("1 = '1'");
    fails_to_hold("true = 'true'");
    holds("name[0] = name[0]");
    fails_to_hold("name[0] = name[1]");
}

#[test]
fn elements_are_equal_by_meaning() {
    let document = Json::parse(
        r#"{"a": {"x": 1.0, "y": "b"}, "b": {"y": "b", "x": 1.00}, "n": [1e400, 10e399]}"#,
    )
    .unwrap();
    assert_eq!(shown_for(&document, "a = b"), ["true"]);
    assert_eq!(shown_for(&document, "n[0] = n[1]"), ["true"]);
    assert_eq!(shown_for(&document, "(a | b).count()"), ["1"]);
}

#[test]
fn equivalence_is_lenient() {
    holds("'Smith  JONES' ~ ' smith jones'");
    holds("{} ~ {}");
    fails_to_hold("1 ~ {}");
    holds("(1 | 2 | 3) ~ (3 | 1 | 2)");
    fails_to_hold("(1 | 2) ~ (1 | 3)");
    holds("0.67 ~ 2 / 3");
    holds("1.5 !~ 1.6");
    holds("name ~ name");
}

#[test]
fn order_needs_things_that_have_one() {
    holds("'A' < 'a'");
    holds("2 <= 2.0");
    holds("name.family.first() > 'Smit'");
    yields_nothing("1 < {}");
    let (message, place) = failure("name.exists() and 1 < 'a'");
    assert_eq!(message, "a number and a text have no order: 1 and 'a'");
    assert_eq!(place, "1 < 'a'");
    assert!(failure("true < false").0.contains("no order"));
    assert!(failure("name.family < 'x'").0.contains("one item"));
}

#[test]
fn membership() {
    holds("'Maria' in name.given");
    holds("name.given contains 'Maria'");
    fails_to_hold("'Eve' in name.given");
    fails_to_hold("1 in {}");
    yields_nothing("{} in (1 | 2)");
    assert!(failure("(1 | 2) in (1 | 2)").0.contains("one item"));
}

#[test]
fn dates_of_the_document_are_dates_beside_dates() {
    holds("birthDate = @1974-12-25");
    holds("birthDate < @1975");
    holds("birthDate >= @1974-12-25");
    holds("birthDate = '1974-12-25'");
    yields_nothing("birthDate = @1974-12-25T10:00:00");
    let document = json!({
        "start": "2024-05-01T10:00:00Z", "end": "2024-05-01T12:00:00+02:00", "later": "2024-05-01T12:00:01+02:00",
        "year": "2024", "code": "2024-13", "time": "10:30:00",
    });
    let shown = |text: &str| shown_for(&document, text).join("");
    // The same moment, written with two offsets.
    assert_eq!(shown("start = end"), "true");
    assert_eq!(shown("start < later"), "true");
    assert_eq!(shown("start = '2024-05-01T12:00:00+02:00'"), "false");
    assert_eq!(shown("year = @2024"), "true");
    assert_eq!(shown("year = '2024'"), "true");
    assert_eq!(shown("code = @2024-12"), "false");
    assert_eq!(shown("time = @T10:30:00.000"), "true");
    assert_eq!(shown("time < @T11:00:00"), "true");
    assert_eq!(shown("(start | end | later).count()"), "2");
}
