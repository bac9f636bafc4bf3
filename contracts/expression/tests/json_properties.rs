//! Properties of the JSON tree that hold for every document.

use proptest::prelude::*;
use wardgate_expression::{Json, Number, Object, same_value};

fn number_text() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?"
}

fn document() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number_text().prop_map(|text| Json::Number(Number::from_text(&text).expect("a number"))),
        any::<String>().prop_map(Json::String),
        "[\\x00-\\x7f]{0,20}".prop_map(Json::String),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Json::Array),
            proptest::collection::vec(("[a-c\"\\\\é]{0,3}", inner), 0..8)
                .prop_map(|members| Json::Object(members.into_iter().collect::<Object>())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(json in document()) {
        prop_assert_eq!(&Json::parse(&json.to_string()).unwrap(), &json);
        prop_assert_eq!(&Json::parse(&json.pretty()).unwrap(), &json);
    }

    #[test]
    fn writing_is_stable(json in document()) {
        let text = json.to_string();
        prop_assert_eq!(Json::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn digits_and_order_survive(numbers in proptest::collection::vec(("[a-z]{1,4}", number_text()), 0..12)) {
        let members = numbers.iter().map(|(key, text)| format!("\"{key}\":{text}")).collect::<Vec<_>>().join(",");
        let text = format!("{{{members}}}");
        prop_assert_eq!(Json::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn strict_reading_differs_by_repeated_names_only(json in document()) {
        fn repeats(json: &Json) -> bool {
            match json {
                Json::Array(items) => items.iter().any(repeats),
                Json::Object(object) => !object.duplicate_keys().is_empty() || object.values().any(repeats),
                _ => false,
            }
        }
        prop_assert_eq!(Json::parse_strict(&json.to_string()).is_err(), repeats(&json));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Json::parse_bytes(&bytes) {
            prop_assert!(error.offset() <= bytes.len() && error.line() >= 1 && error.column() >= 1);
        }
    }

    #[test]
    fn a_broken_document_is_refused_where_it_breaks(json in document(), cut in any::<prop::sample::Index>()) {
        let text = json.to_string();
        let cut = (0..=cut.index(text.len() + 1)).rev().find(|&cut| text.is_char_boundary(cut)).unwrap_or(0);
        // A shortened number may still be a number; nothing else survives a cut.
        if cut < text.len() && !matches!(json, Json::Number(_)) {
            let error = Json::parse(&text[..cut]).unwrap_err();
            prop_assert!(error.offset() <= cut);
        }
    }

    #[test]
    fn decimals_keep_value_and_scale(text in "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,12})?") {
        let number = Number::from_text(&text).unwrap();
        let decimal = number.decimal().unwrap();
        let places = text.split_once('.').map_or(0, |(_, places)| places.len());
        prop_assert_eq!(decimal.scale() as usize, places);
        prop_assert!(Number::from(decimal).same_value(&number));
    }

    #[test]
    fn same_value_ignores_order_and_notation(json in document()) {
        fn turned(json: &Json) -> Json {
            match json {
                Json::Array(items) => items.iter().map(turned).collect(),
                // Only distinct names may change places.
                Json::Object(object) if object.duplicate_keys().is_empty() => {
                    Json::Object(object.iter().rev().map(|(key, value)| (key, turned(value))).collect())
                }
                Json::Number(number) if number.is_integer() => {
                    Json::Number(Number::from_text(&format!("{number}.00")).expect("a number"))
                }
                other => other.clone(),
            }
        }
        prop_assert!(same_value(&json, &turned(&json)));
        prop_assert!(same_value(&turned(&json), &json));
    }
}
