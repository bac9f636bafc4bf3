//! Amounts with units.

use wardgate_expression::{Json, json};

use crate::{fails_to_hold, failure, holds, shown, shown_for, yields_nothing};

#[test]
fn units_are_converted() {
    holds("4 'g' = 4000 'mg'");
    holds("1 'kg' > 999 'g'");
    holds("7 days = 1 week");
    holds("1 year = 12 months");
    yields_nothing("1 year = 1 'a'");
    holds("1 year ~ 1 'a'");
    yields_nothing("1 'kg' = 1 'm'");
    yields_nothing("1 'kg' < 1 'm'");
    fails_to_hold("1 'kg' ~ 1 'm'");
    holds("5 = 5 '1'");
}

#[test]
fn arithmetic_keeps_the_unit() {
    assert_eq!(shown("1.5 'kg' + 250 'g'"), ["1.75 'kg'"]);
    assert_eq!(shown("3 days - 1 week"), ["-4 days"]);
    assert_eq!(shown("2 'cm' * 3 'm'"), ["6 'cm.m'"]);
    assert_eq!(shown("6 'g' / 2 'L'"), ["3 'g/L'"]);
    assert_eq!(shown("2 * 3 'mg'"), ["6 'mg'"]);
    assert_eq!(shown("6 'mg' / 2"), ["3 'mg'"]);
    assert_eq!(shown("-(5.5 'mg')"), ["-5.5 'mg'"]);
    yields_nothing("1 'kg' + 1 'm'");
    assert!(failure("1 'kg' + 1").0.contains("not defined"));
}

#[test]
fn elements_of_the_document_are_quantities() {
    let observation = Json::parse(
        r#"{"resourceType": "Observation", "valueQuantity":
            {"value": 185.10, "unit": "lbs", "system": "http://unitsofmeasure.org", "code": "[lb_av]"},
            "component": [{"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg"}}]}"#,
    )
    .unwrap();
    let shown = |text: &str| shown_for(&observation, text).join("");
    assert_eq!(shown("value = 185.1 '[lb_av]'"), "true");
    assert_eq!(shown("value > 80 'kg'"), "true");
    assert_eq!(shown("value < 80 'kg'"), "false");
    assert_eq!(shown("value + 1 '[lb_av]'"), "186.10 '[lb_av]'");
    assert_eq!(shown("value.value"), "185.10");
    assert_eq!(shown("value.toString()"), "'185.10 '[lb_av]''");
    // Below five is not five.
    assert_eq!(shown("component.value = 5 'mg'"), "false");
    // A record that happens to have a value is not an amount.
    let record = json!({"a": {"value": 1, "name": "x"}, "b": {"value": 1, "name": "y"}});
    assert_eq!(shown_for(&record, "a = b"), ["false"]);
}

#[test]
fn texts_become_quantities() {
    assert_eq!(shown("'4 days'.toQuantity()"), ["4 days"]);
    assert_eq!(shown("'5.40 \\'mmol/L\\''.toQuantity()"), ["5.40 'mmol/L'"]);
    assert_eq!(shown("'3'.toQuantity()"), ["3 '1'"]);
    assert_eq!(shown("(5 'kg').toQuantity('g')"), ["5000 'g'"]);
    yields_nothing("'5 wk'.toQuantity()");
    yields_nothing("(5 'kg').toQuantity('m')");
    holds("1 'cm'.comparable(1 '[in_i]')");
    fails_to_hold("1 'cm'.comparable(1 's')");
}
