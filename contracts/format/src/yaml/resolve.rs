//! What a plain scalar means: the YAML 1.2 core schema (section 10.3), less what JSON cannot write.

use wardgate_expression::{Json, Number};

use super::{Node, Scalar, Value};

impl Node {
    /// The value that the node stands for.
    ///
    /// Quoted and block scalars are strings. Plain ones are null, booleans and numbers by the core schema, numbers with
    /// their digits as written: `1.10` stays `1.10`. A plain scalar that the schema calls a number but JSON does not
    /// (`007`, `+1`, `0x1F`, `.5`, `.inf`) stays a string: in this field it is far more often a code than a number,
    /// and `lint` asks its author to say which.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar(scalar) => scalar.to_json(),
            Value::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Value::Mapping(members) => Json::Object(
                members
                    .iter()
                    .map(|(key, node)| (key.value.clone(), node.to_json()))
                    .collect(),
            ),
        }
    }
}

impl Scalar {
    /// The value that the scalar stands for; see [`Node::to_json`].
    pub fn to_json(&self) -> Json {
        if !self.plain {
            return Json::String(self.text.clone());
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Json::Null,
            "true" | "True" | "TRUE" => Json::Bool(true),
            "false" | "False" | "FALSE" => Json::Bool(false),
            text => Number::from_text(text)
                .map_or_else(|| Json::String(self.text.clone()), Json::Number),
        }
    }

    /// Whether the core schema reads a number here and JSON does not, so that readers differ on what it is.
    pub(crate) fn is_doubtful_number(&self) -> bool {
        self.plain && Number::from_text(&self.text).is_none() && is_core_number(&self.text)
    }
}

/// Whether the core schema's patterns for integers and floats match.
fn is_core_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|digits| !digits.is_empty() && all_digits(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar {
            text: text.to_owned(),
            plain: true,
        }
    }

    #[test]
    fn plain_scalars_resolve_and_keep_their_digits() {
        for (text, json) in [
            ("1.10", "1.10"),
            ("-0", "-0"),
            ("1e3", "1e3"),
            ("true", "true"),
            ("FALSE", "false"),
            ("~", "null"),
            ("", "null"),
            ("Null", "null"),
            ("yes", "\"yes\""),
            ("2026-01-02", "\"2026-01-02\""),
            ("007", "\"007\""),
            ("+1", "\"+1\""),
            (".5", "\".5\""),
            ("0x1F", "\"0x1F\""),
            (".nan", "\".nan\""),
        ] {
            assert_eq!(plain(text).to_json().to_string(), json, "{text}");
        }
    }

    #[test]
    fn quoted_scalars_are_strings() {
        for text in ["1.10", "true", "null", ""] {
            let quoted = Scalar {
                text: text.to_owned(),
                plain: false,
            };
            assert_eq!(quoted.to_json(), Json::from(text));
            assert!(!quoted.is_doubtful_number());
        }
    }

    #[test]
    fn what_readers_would_differ_on_is_known() {
        for text in [
            "007", "+1", "0x1F", "0o17", ".5", "1.", "-.inf", ".nan", "01e2",
        ] {
            assert!(plain(text).is_doubtful_number(), "{text}");
        }
        for text in [
            "7", "1.50", "1e3", "A01", "0xZZ", ".", "e5", "1e", "true", "+", "-", "0o",
        ] {
            assert!(!plain(text).is_doubtful_number(), "{text}");
        }
    }
}
