//! JSONPath (RFC 9535), to say where something stands in a document.
//!
//! The paths are read and followed by `serde_json_path` over a copy of the document; what they lead to is then taken from
//! the document itself, so that its digits are as written. Only a filter that compares numbers sees them as floats.

use serde_json::Value;
use serde_json_path::PathElement;

use crate::Json;

/// The longest path that is read.
const LENGTH_MAX: usize = 1_000;

/// How many brackets and parentheses may stand inside one another: reading takes time that grows with every level.
const NESTING_MAX: usize = 8;

/// A path, read once and followed any number of times.
///
/// ```
/// use wardgate_expression::{json, jsonpath::JsonPath, Number};
///
/// let amount = Number::from_text("1.10").unwrap();
/// let invoice = json!({"lines": [{"amount": amount}, {"amount": 7}]});
/// let path = JsonPath::parse("$.lines[*].amount").unwrap();
/// let found: Vec<String> = path.find(&invoice).into_iter().map(|value| value.to_string()).collect();
/// assert_eq!(found, ["1.10", "7"]);
/// ```
#[derive(Clone, Debug)]
pub struct JsonPath {
    source: String,
    path: serde_json_path::JsonPath,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPathError {
    message: String,
    offset: usize,
}

impl JsonPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        within_limits(text)?;
        let path = serde_json_path::JsonPath::parse(text).map_err(|error| {
            let mut offset = error.position().saturating_sub(1).min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            JsonPathError {
                message: String::from(if text.starts_with('$') {
                    "this is no JSONPath of RFC 9535"
                } else {
                    "a JSONPath begins with `$`"
                }),
                offset,
            }
        })?;
        Ok(Self {
            source: text.to_owned(),
            path,
        })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The values that it leads to, in the order of RFC 9535.
    pub fn find<'j>(&self, json: &'j Json) -> Vec<&'j Json> {
        let copy = copied(json);
        self.path
            .query_located(&copy)
            .locations()
            .filter_map(|location| {
                location.iter().try_fold(json, |value, step| match step {
                    PathElement::Name(name) => value.get(name),
                    PathElement::Index(index) => value.at(*index),
                })
            })
            .collect()
    }
}

impl JsonPathError {
    /// What is wrong, as a clause without a full stop.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where reading stopped, in bytes of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl std::fmt::Display for JsonPathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for JsonPathError {}

/// Refuses what would take long to read.
fn within_limits(text: &str) -> Result<(), JsonPathError> {
    let error = |offset, message| Err(JsonPathError { message, offset });
    if text.len() > LENGTH_MAX {
        return error(
            0,
            format!("a JSONPath is no longer than {LENGTH_MAX} bytes"),
        );
    }
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (offset, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            return error(
                offset,
                format!("a JSONPath is nested no deeper than {NESTING_MAX} levels"),
            );
        }
    }
    Ok(())
}

/// The document for following paths. Of a repeated name the last member counts, as in [`Json::get`].
fn copied(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::String(text) => Value::String(text.clone()),
        // Only a number that no float holds is none here.
        Json::Number(number) => number.as_str().parse().map_or(Value::Null, Value::Number),
        Json::Array(items) => Value::Array(items.iter().map(copied).collect()),
        Json::Object(object) => Value::Object(
            object
                .iter()
                .map(|(name, value)| (name.to_owned(), copied(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(path: &str, document: &str) -> Vec<String> {
        JsonPath::parse(path)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
            .find(&Json::parse(document).unwrap())
            .into_iter()
            .map(Json::to_string)
            .collect()
    }

    #[test]
    fn paths_lead_to_what_was_written() {
        let document =
            r#"{"b":[{"n":1.10,"s":"x"},{"n":2.00}],"a/b":{"é":null},"big":1e999,"a":{"n":7}}"#;
        for (path, expected) in [
            ("$.b[0].n", &["1.10"][..]),
            ("$['a/b']['é']", &["null"]),
            ("$.b[-1].n", &["2.00"]),
            ("$.b[*].n", &["1.10", "2.00"]),
            ("$.b[?@.s == 'x'].n", &["1.10"]),
            ("$.b[?@.n > 1.5].n", &["2.00"]),
            ("$.b[?match(@.s, '[a-z]')].s", &["\"x\""]),
            ("$.b[?length(@) == 2].s", &["\"x\""]),
            ("$.big", &["1e999"]),
            ("$.nothing", &[]),
            ("$.b[9]", &[]),
        ] {
            assert_eq!(found(path, document), expected, "{path}");
        }
        assert_eq!(found("$..n", document).len(), 3);
        assert_eq!(found("$", "[1.0]"), ["[1.0]"]);
        assert_eq!(found("$.a", r#"{"a":1,"a":2}"#), ["2"]);
    }

    #[test]
    fn what_is_no_path_is_refused_where_it_stops() {
        for (text, part) in [
            ("", "begins with"),
            ("name[0]", "begins with"),
            ("$.name[0", "no JSONPath"),
            ("$.a b", "no JSONPath"),
            ("$[?nonsense(@.a)]", "no JSONPath"),
        ] {
            let error = JsonPath::parse(text).expect_err(text);
            assert!(error.message().contains(part), "{text}: {error}");
            assert!(error.offset() <= text.len());
        }
    }

    #[test]
    fn what_would_take_long_is_refused_at_once() {
        let nested = format!("$[?{}@.a", "@[?".repeat(40));
        for text in [nested.as_str(), &"$".repeat(2_000)] {
            assert!(JsonPath::parse(text).is_err(), "{text}");
        }
        assert!(JsonPath::parse("$['((((((((((((']").is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"\$?[$.@?*\[\]()'"\\a-c0-9:,&|!=<> ü-]{0,24}"#) {
            let document = crate::json!({"a": [1, {"b": "c"}]});
            match JsonPath::parse(&text) {
                Ok(path) => prop_assert!(path.find(&document).len() < 100_000),
                Err(error) => prop_assert!(text.is_char_boundary(error.offset())),
            }
        }
    }
}
