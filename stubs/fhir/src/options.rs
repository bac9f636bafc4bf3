//! What an author may say under `partners: { ehr: { stub: fhir, … } }`.

use wardgate_core::wire::BODY_MAX;
use wardgate_expression::Json;

use crate::structure::Rigour;

/// The keys, for messages.
const KEYS: &str = "version, handling, validation, body_bytes_max, memory_bytes_max";

/// How a stub behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether unknown search parameters are ignored where a request does not say.
    pub(crate) lenient: bool,
    /// How much is asked of a resource before it is stored.
    pub(crate) rigour: Rigour,
    /// The longest body that is taken, in bytes.
    pub(crate) body_bytes_max: usize,
    /// About how much memory all versions of all resources may take, in bytes.
    pub(crate) memory_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lenient: false,
            rigour: Rigour::Elements,
            body_bytes_max: BODY_MAX,
            memory_bytes_max: 1 << 30,
        }
    }
}

impl Options {
    /// Reads the keys; the error says what was expected.
    pub(crate) fn read(options: &Json) -> Result<Self, String> {
        let mut read = Self::default();
        let members = match options {
            Json::Null => return Ok(read),
            Json::Object(members) => members,
            other => {
                return Err(format!(
                    "the options of a fhir stub are a mapping, not a {}",
                    other.kind()
                ));
            }
        };
        for (key, value) in members {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            match key {
                "version" if matches!(text.as_str(), "R4" | "4.0.1" | "4.0") => {}
                "version" => return Err(format!("a fhir stub speaks R4, not '{text}'")),
                "handling" => {
                    read.lenient = match text.as_str() {
                        "strict" => false,
                        "lenient" => true,
                        _ => return Err(format!("'handling' is strict or lenient, not '{text}'")),
                    };
                }
                "validation" => {
                    read.rigour = match text.as_str() {
                        "elements" => Rigour::Elements,
                        "form" => Rigour::Form,
                        "cardinality" => Rigour::Cardinality,
                        _ => {
                            return Err(format!(
                                "'validation' is form, elements or cardinality, not '{text}'"
                            ));
                        }
                    };
                }
                "memory_bytes_max" => read.memory_bytes_max = bytes(key, &text)?,
                "body_bytes_max" => {
                    read.body_bytes_max = bytes(key, &text)?;
                    if read.body_bytes_max > BODY_MAX {
                        return Err(format!(
                            "'body_bytes_max' is at most {BODY_MAX}, not {text}: no partner takes a longer body"
                        ));
                    }
                }
                other => {
                    return Err(format!(
                        "a fhir stub has no option '{other}'; it has {KEYS}"
                    ));
                }
            }
        }
        Ok(read)
    }
}

fn bytes(key: &str, text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| format!("'{key}' is a number of bytes, not '{text}'"))
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn options_are_read_and_unknown_ones_refused() {
        assert_eq!(Options::read(&Json::Null), Ok(Options::default()));
        let read = Options::read(
            &json!({"version": "R4", "handling": "lenient", "validation": "form", "body_bytes_max": 10, "memory_bytes_max": 11}),
        );
        assert_eq!(
            read,
            Ok(Options {
                lenient: true,
                rigour: Rigour::Form,
                body_bytes_max: 10,
                memory_bytes_max: 11,
            })
        );
        for bad in [
            json!([]),
            json!({"version": "R5"}),
            json!({"handling": "loose"}),
            json!({"body_bytes_max": "many"}),
            json!({"body_bytes_max": 16_777_217}),
            json!({"validation": "none"}),
            json!({"verison": "R4"}),
        ] {
            assert!(Options::read(&bad).is_err(), "{bad}");
        }
    }
}
