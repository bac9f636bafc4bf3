//! Properties of expressions that hold whatever is written and whatever it is applied to.

use proptest::prelude::*;
use wardgate_expression::fhirpath::{Context, DateTime, Expression};
use wardgate_expression::{Json, Number, json};

fn patient() -> Json {
    json!({
        "resourceType": "Patient",
        "active": true,
        "name": [{"family": "Smith", "given": ["A", "B"]}, {"given": ["C"], "_given": [{"id": "g"}]}],
        "birthDate": "1974-12-25",
        "multipleBirthInteger": 3,
        "huge": Number::from_text("1e400").expect("a number"),
        "weight": {"value": Number::from_text("185.10").expect("a number"), "unit": "lbs", "code": "[lb_av]"},
        "deep": [[1, 2], [[3]]],
    })
}

/// Expressions that parse more often than not.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("{}".to_owned()),
        "(0|1|2|5|100|9223372036854775807|0\\.1|1\\.50|79228162514264337593543950335|0\\.0000000000000000000000000001)",
        "('a'|'1'|'2024-01-31'|'10:30'|'4 days'|'\\(')",
        "(true|false|\\$this|%v|%context)",
        "(@2024|@2024-02|@2024-02-29|@9999-12-31|@0001-01-01|@2024-02-29T10:30:00\\.1Z|@T23:59:59|@T10)",
        "(1 year|3 months|7\\.5 days|100000000000 hours|2 'mg'|5 'mg/dL'|1 '10\\*3/uL'|1 'a\\(')",
        "(name|name\\.given|family|active|birthDate|multipleBirth|huge|weight|deep|Patient)",
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let operator = "( (=|!=|~|!~|<|<=|>|>=|\\+|-|\\*|/|div|mod|&|\\||in|contains|and|or|xor|implies) )";
        let plain = "(count|first|last|tail|distinct|not|empty|exists|single|children|descendants|toInteger|toDecimal|\
                     toString|toDate|toDateTime|toTime|toQuantity|toBoolean|abs|ceiling|floor|round|truncate|sqrt|exp|\
                     ln|sum|min|max|avg|length|upper|trim|toChars|join|sort|type|lowBoundary|highBoundary|precision|\
                     now|today|allTrue|isDistinct|hasValue)";
        let with = "(where|select|all|exists|repeat|skip|take|power|log|round|indexOf|substring|split|matches|contains|\
                    startsWith|union|combine|intersect|exclude|subsetOf|sum|aggregate|lowBoundary|extension|trace|sort)";
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(left, sign, right)| format!("({left}{sign}{right})")),
            (inner.clone(), plain).prop_map(|(base, name)| format!("({base}).{name}()")),
            (inner.clone(), with, inner.clone()).prop_map(|(base, name, argument)| format!("({base}).{name}({argument})")),
            inner.clone().prop_map(|operand| format!("-({operand})")),
            (inner.clone(), inner.clone()).prop_map(|(base, index)| format!("({base})[{index}]")),
            (inner.clone(), "(is|as)", "(Integer|String|Quantity|HumanName|date)")
                .prop_map(|(operand, word, name)| format!("({operand} {word} {name})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("iif({a}, {b}, {c})")),
        ]
    })
}

fn evaluate(text: &str) {
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let patient = patient();
    let context = Context::new(&patient)
        .with_variable("v", json!([1, 2, "x"]))
        .with_now(DateTime::parse("2024-02-29T10:30:00Z").expect("a moment"));
    match expression.evaluate(&context) {
        Ok(values) => {
            for value in &values {
                value.display();
                value.to_json();
            }
        }
        Err(error) => assert!(error.span().end <= text.len(), "{text}"),
    }
    // Explaining has the same answer as evaluating.
    assert_eq!(
        expression.explain(&context).is_ok(),
        expression.evaluate(&context).is_ok(),
        "{text}"
    );
}

proptest! {
    #[test]
    fn any_expression_has_an_answer_or_an_error(text in expression()) {
        evaluate(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9 .()'`@%$+*/<>=~!|&{}\\[\\],:T\\-\\\\\"é]{0,40}") {
        match Expression::parse(&text) {
            Ok(_) => evaluate(&text),
            Err(error) => {
                let span = error.span();
                prop_assert!(span.start <= span.end && span.end <= text.len());
                prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
            }
        }
    }

    #[test]
    fn sums_are_exact(cents in proptest::collection::vec(-1_000_000_i64..1_000_000, 0..40)) {
        let amounts = cents.iter().map(|&cents| rust_decimal::Decimal::new(cents, 2)).collect::<Vec<_>>();
        let total = rust_decimal::Decimal::new(cents.iter().sum(), 2);
        let invoice = json!({"amounts": amounts, "total": total});
        let balanced = Expression::parse("amounts.sum() = total").unwrap();
        prop_assert!(balanced.is_true(&Context::new(&invoice)).unwrap());
    }

    #[test]
    fn texts_are_never_pasted_into_the_language(text in any::<String>()) {
        let patient = json!({"family": text.clone()});
        let same = Expression::parse("family = %family").unwrap();
        prop_assert!(same.is_true(&Context::new(&patient).with_variable("family", text)).unwrap());
    }

    #[test]
    fn later_and_earlier_mirror_each_other(left in "(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?",
                                           right in "(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?") {
        let answer = |text: String| {
            let nothing = Json::Null;
            let expression = Expression::parse(&text).unwrap();
            let context = Context::new(&nothing);
            expression.evaluate(&context).unwrap().iter().map(wardgate_expression::fhirpath::Value::to_json).collect::<Vec<_>>()
        };
        prop_assert_eq!(answer(format!("@{left} < @{right}")), answer(format!("@{right} > @{left}")));
        prop_assert_eq!(answer(format!("@{left} <= @{right}")), answer(format!("@{right} >= @{left}")));
        prop_assert_eq!(answer(format!("@{left} = @{right}")), answer(format!("@{right} = @{left}")));
    }

    #[test]
    fn adding_and_taking_away_days_comes_back(day in 0_i64..700_000, shift in -300_000_i64..300_000) {
        let text = format!("@0100-01-01 + {day} days + {shift} days - {shift} days = @0100-01-01 + {day} days");
        // Beyond the calendar there is an error, never a wrong date.
        if let Ok(holds) = Expression::parse(&text).unwrap().is_true(&Context::empty()) {
            prop_assert!(holds);
        }
    }
}
