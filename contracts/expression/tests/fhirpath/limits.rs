//! Hostile expressions end with an error.

use wardgate_expression::fhirpath::{Context, Expression};
use wardgate_expression::{Json, json};

/// The message with which an expression is refused or its evaluation ends.
fn refusal(text: &str, document: &Json) -> String {
    match Expression::parse(text) {
        Err(error) => error.to_string(),
        Ok(expression) => {
            match expression.evaluate(&Context::new(document).with_step_limit(1_000_000)) {
                Err(error) => error.to_string(),
                Ok(values) => panic!("{} values", values.len()),
            }
        }
    }
}

#[test]
fn deep_nesting_is_refused_before_it_hurts() {
    for text in [
        format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        "a.".repeat(100_000) + "a",
        "1 + ".repeat(100_000) + "1",
        "a[".repeat(10_000) + "0",
        "-".repeat(100_000) + "1",
        "not(".repeat(10_000),
        "a".to_owned() + &" is Any".repeat(10_000),
        "a".to_owned() + &" implies a".repeat(10_000),
    ] {
        let message = refusal(&text, &Json::Null);
        assert!(message.contains("nested deeper"), "{message}");
    }
}

#[test]
fn what_is_allowed_fits_the_stack() {
    // Test threads have two megabytes, and this is an unoptimised build: the worst case.
    let document = json!({"a": 1});
    for text in [
        "iif(true, ".repeat(140) + "1" + &", 2)".repeat(140),
        "1".to_owned() + &" + 1".repeat(140),
        "a".to_owned() + &".select($this)".repeat(140),
        "$this.where(a.where(".repeat(36) + "true" + &"))".repeat(36),
    ] {
        let expression = Expression::parse(&text).unwrap();
        assert!(
            expression.evaluate(&Context::new(&document)).is_ok(),
            "{text}"
        );
    }
}

#[test]
fn endless_work_is_stopped() {
    let document = json!({"n": (0..2_000).collect::<Vec<i32>>()});
    for (text, expected) in [
        (
            "n.select(%context.n.select(%context.n))",
            "more than 1000000 steps",
        ),
        (
            "n.where(%context.n.where($this > 5).exists()).count()",
            "more than 1000000 steps",
        ),
        ("1.repeat($this + 1)", "more than 1000000 steps"),
        ("n.aggregate($total & $total & 'x', 'x')", "16 MiB"),
        ("n.aggregate($total.replace('x', 'xxxx'), 'x')", "16 MiB"),
    ] {
        let message = refusal(text, &document);
        assert!(message.contains(expected), "{text}: {message}");
    }
}
