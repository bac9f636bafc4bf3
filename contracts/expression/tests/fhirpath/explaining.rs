//! What a failed condition says.

use wardgate_expression::fhirpath::{Context, Expression};
use wardgate_expression::json;

fn explained(text: &str) -> String {
    let patient = crate::patient();
    let context = Context::new(&patient).with_variable("patient", json!({"family": "Smyth"}));
    Expression::parse(text)
        .unwrap()
        .explain(&context)
        .unwrap()
        .to_string()
}

#[test]
fn both_sides_are_shown() {
    assert_eq!(
        explained("name.first().family = %patient.family"),
        "name.first().family = %patient.family is false: left 'Smith', right 'Smyth'"
    );
    assert_eq!(
        explained("name.count() >= 3"),
        "name.count() >= 3 is false: left 2, right 3"
    );
    assert_eq!(
        explained("name.given = 'Anna'"),
        "name.given = 'Anna' is false: left ('Anna', 'Maria', 'Anna'), right 'Anna'"
    );
    assert_eq!(
        explained("photo.url = 'x'"),
        "photo.url = 'x' is nothing: left nothing, right 'x'"
    );
    assert_eq!(
        explained("birthDate < @1970-01-01"),
        "birthDate < @1970-01-01 is false: left '1974-12-25', right @1970-01-01"
    );
}

#[test]
fn of_a_conjunction_the_part_that_fails_is_shown() {
    assert_eq!(
        explained("active and name.count() = 2 and gender = 'male'"),
        "active and name.count() = 2 and gender = 'male' is false: gender = 'male' is false: left 'female', right 'male'"
    );
    assert_eq!(
        explained("active and (gender = 'male')"),
        "active and (gender = 'male') is false: (gender = 'male') is false: left 'female', right 'male'"
    );
}

#[test]
fn what_is_no_comparison_shows_its_value() {
    assert_eq!(
        explained("name.exists(use = 'old')"),
        "name.exists(use = 'old') is false"
    );
    assert_eq!(explained("photo"), "photo is nothing");
    assert_eq!(
        explained("active and gender.exists()"),
        "active and gender.exists() is true"
    );
}

#[test]
fn the_parts_are_there_for_reports() {
    let patient = crate::patient();
    let context = Context::new(&patient);
    let explanation = Expression::parse("name.family = 'X'")
        .unwrap()
        .explain(&context)
        .unwrap();
    assert_eq!(explanation.value, [json!(false)]);
    let comparison = explanation.comparison.unwrap();
    assert_eq!(
        (comparison.operator, comparison.source.as_str()),
        ("=", "name.family = 'X'")
    );
    assert_eq!(comparison.left, [json!("Smith"), json!("Jones")]);
    assert_eq!(comparison.right, [json!("X")]);
}

#[test]
fn long_elements_are_cut() {
    let document = json!({"text": "é".repeat(5_000), "many": (0..100).collect::<Vec<i32>>()});
    let context = Context::new(&document);
    let line = Expression::parse("text = many")
        .unwrap()
        .explain(&context)
        .unwrap()
        .to_string();
    assert!(line.chars().count() < 600, "{}", line.len());
    assert!(line.ends_with("right (0, 1, 2, 3, 4, 5, 6, 7, …)"));
}
