//! What a faulty expression says, and where it points.

use wardgate_expression::fhirpath::{Expression, ParseError};

fn fault(text: &str) -> (ParseError, String) {
    let error = Expression::parse(text).expect_err(text);
    let place = text[error.span()].to_owned();
    (error, place)
}

#[test]
fn messages_point_at_the_fault_and_help() {
    for (text, place, message, help) in [
        (
            "name.frist()",
            "frist",
            "there is no function `frist`",
            Some("did you mean `first()`?"),
        ),
        (
            "name.where()",
            "where()",
            "`where()` takes one argument, not 0",
            None,
        ),
        (
            "name.substring(1, 2, 3)",
            "substring(1, 2, 3)",
            "`substring()` takes 1 to 2 arguments, not 3",
            None,
        ),
        (
            "name.replace('a')",
            "replace('a')",
            "`replace()` takes 2 arguments, not 1",
            None,
        ),
        (
            "a == b",
            "==",
            "`==` is not a sign of FHIRPath",
            Some("equality is `=`, equivalence `~`"),
        ),
        (
            "a && b",
            "&&",
            "`&&` is not a sign of FHIRPath",
            Some("write `and`"),
        ),
        (
            "a = \"x\"",
            "\"",
            "`\"` is not a sign of FHIRPath",
            Some("texts stand in single quotes"),
        ),
        (
            "a = ",
            "",
            "expected a value, found the end of the expression",
            None,
        ),
        (
            "a b",
            "b",
            "expected an operator or the end of the expression, found `b`",
            Some("operators that are words: and, or, xor, implies, in, contains, is, as, div, mod"),
        ),
        (
            "(a = 1",
            "",
            "expected `)` to close the parenthesis, found the end of the expression",
            None,
        ),
        (
            "a[1",
            "",
            "expected `]` after the index, found the end of the expression",
            None,
        ),
        (
            "x is nonsense",
            "nonsense",
            "there is no type `nonsense`",
            None,
        ),
        (
            "x.ofType(string1)",
            "string1",
            "there is no type `string1`",
            None,
        ),
        (
            "x is Java.String",
            "Java.String",
            "there is no namespace of types `Java`",
            Some("the namespaces are `System` and `FHIR`"),
        ),
        (
            "a.*",
            "*",
            "expected a value, found `*`",
            Some("`children()` gives every part, `descendants()` every part of a part"),
        ),
        (
            "and",
            "and",
            "expected a value, found the operator `and`",
            Some("an element of that name is written `and` in backticks"),
        ),
        (
            "$that",
            "$that",
            "`$that` is not known",
            Some("there are `$this`, `$index` and `$total`; variables are written `%name`"),
        ),
        ("", "", "the expression is empty", None),
    ] {
        let (error, found) = fault(text);
        assert_eq!(
            (error.message(), found.as_str(), error.help()),
            (message, place, help),
            "{text}"
        );
    }
}

#[test]
fn faulty_literals_are_found_early() {
    let (error, place) = fault("value.matches('[')");
    assert!(
        error.message().starts_with("not a regular expression"),
        "{error}"
    );
    assert_eq!(place, "'['");
    let (error, place) = fault("birthDate = @2023-02-30");
    assert_eq!(
        (error.message(), place.as_str()),
        ("not a date or time that exists", "@2023-02-30")
    );
    assert!(fault("1e5").0.message().contains("found `e5`"));
    assert!(
        fault("123456789012345678901234567890.5")
            .0
            .message()
            .contains("more digits")
    );
    assert!(
        fault("9223372036854775808")
            .0
            .message()
            .contains("more digits")
    );
    assert_eq!(
        fault("'a'.matches('a{1000}{1000}')").0.message(),
        "the regular expression is too large"
    );
}

#[test]
fn expressions_are_shown_as_written() {
    let expression: Expression = " name.given ".parse().unwrap();
    assert_eq!(
        (expression.source(), expression.to_string().as_str()),
        (" name.given ", " name.given ")
    );
}
