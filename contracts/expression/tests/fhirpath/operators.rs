//! Operators: precedence, three-valued logic, arithmetic.

use crate::{fails_to_hold, failure, holds, shown, yields_nothing};

#[test]
fn precedence_is_the_specifications() {
    assert_eq!(shown("1 + 2 * 3"), ["7"]);
    assert_eq!(shown("(1 + 2) * 3"), ["9"]);
    assert_eq!(shown("-2 * 3 + 10"), ["4"]);
    assert_eq!(shown("10 - 3 - 2"), ["5"]);
    assert_eq!(shown("'a' & 'b' = 'ab'"), ["true"]);
    assert_eq!(shown("1 | 2 + 1 | 3"), ["1", "3"]);
    holds("1 | 2 = 2 | 1 implies false");
    holds("1 < 2 = true");
    holds("true or false and false");
    holds("false implies true or true and false");
    holds("1 in (1 | 2) and 3 > 2");
    assert_eq!(shown("(1 | 1 is Integer).count()"), ["2"]);
    holds("1 > 0 and 2 is Integer");
}

#[test]
fn logic_has_three_values() {
    for (left, right, and, or, xor, implies) in [
        ("true", "true", "true", "true", "false", "true"),
        ("true", "false", "false", "true", "true", "false"),
        ("true", "{}", "", "true", "", ""),
        ("false", "true", "false", "true", "true", "true"),
        ("false", "false", "false", "false", "false", "true"),
        ("false", "{}", "false", "", "", "true"),
        ("{}", "true", "", "true", "", "true"),
        ("{}", "false", "false", "", "", ""),
        ("{}", "{}", "", "", "", ""),
    ] {
        for (operator, expected) in [("and", and), ("or", or), ("xor", xor), ("implies", implies)] {
            assert_eq!(
                shown(&format!("{left} {operator} {right}")).join(""),
                expected,
                "{left} {operator} {right}"
            );
        }
    }
}

#[test]
fn one_item_is_a_condition_several_are_not() {
    holds("name.first() and true");
    fails_to_hold("'x'.not()");
    yields_nothing("{}.not()");
    let (message, place) = failure("true and name.given");
    assert!(message.contains("3 items"), "{message}");
    assert_eq!(place, "name.given");
    // The left side decides, so the right one is not looked at.
    fails_to_hold("false and name.given");
    holds("true or (1 + 'a')");
}

#[test]
fn decimals_are_exact() {
    assert_eq!(shown("0.1 + 0.2"), ["0.3"]);
    assert_eq!(shown("185.10 + 0"), ["185.10"]);
    assert_eq!(shown("1.20 * 3"), ["3.60"]);
    assert_eq!(shown("1 / 3"), ["0.3333333333333333333333333333"]);
    assert_eq!(shown("7 div 2"), ["3"]);
    assert_eq!(shown("-7 mod 2"), ["-1"]);
    assert_eq!(shown("7.5 mod 2"), ["1.5"]);
    yields_nothing("1 / 0");
    yields_nothing("1.0 mod 0");
    yields_nothing("5 div 0");
    yields_nothing("1 + {}");
}

#[test]
fn what_does_not_fit_is_an_error() {
    for text in [
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "9223372036854775807 * 2",
        "7922816251426433759354395033.5 * 100",
        "10.power(400)",
    ] {
        assert!(failure(text).0.contains("too large"), "{text}");
    }
}

#[test]
fn texts_join() {
    assert_eq!(shown("'a' + 'b'"), ["'ab'"]);
    assert_eq!(
        shown("name[0].family & ', ' & name[0].given.first()"),
        ["'Smith, Anna'"]
    );
    assert_eq!(shown("'a' & {}"), ["'a'"]);
    yields_nothing("'a' + {}");
    assert!(failure("'a' & 1").0.contains("toString()"));
    assert!(failure("'a' + 1").0.contains("not defined"));
    assert!(failure("'a' - 'b'").0.contains("not defined"));
    assert!(failure("-'a'").0.contains("no sign"));
    assert!(failure("name * 2").0.contains("one item"));
}
