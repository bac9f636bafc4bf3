//! How a contract wants its receiver to behave.

use wardgate_expression::Json;

use crate::selector::Selector;

/// Which acknowledgements are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// `original`: one application acknowledgement, whatever MSH-15 and MSH-16 say.
    Original,
    /// `enhanced`: a commit and an application acknowledgement, also where MSH-15 and MSH-16 are both empty.
    Enhanced,
    /// `as-asked`: as MSH-15 and MSH-16 say, original mode where both are empty.
    #[default]
    AsAsked,
}

/// What becomes of a message that came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// `accept`: it is taken in again.
    Accept,
    /// `same-ack`: it gets the acknowledgements of the first one and has no effect.
    #[default]
    SameAck,
}

/// How closely a message is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validate {
    /// `header`: what no receiver can do without.
    #[default]
    Header,
    /// `structure`: also the structure of the version that MSH-12 declares, as [`crate::validate`] judges it.
    Structure,
}

/// The keys beside `stub: hl7v2` under `partners:`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `mode:`.
    pub mode: Mode,
    /// `duplicates:`.
    pub duplicates: Duplicates,
    /// `refuse:`, selectors such as `ADT^A40` or `SIU` of messages that are rejected as not supported.
    pub refuse: Vec<String>,
    /// `validate:`.
    pub validate: Validate,
    /// `types:`, message types that are taken beside those of table 0076, such as `ZDS`.
    pub types: Vec<String>,
}

impl Options {
    /// Reads the options of a partner; the error says what was expected.
    pub fn read(options: &Json) -> Result<Self, String> {
        let mut read = Self::default();
        let members = match options {
            Json::Null => return Ok(read),
            Json::Object(members) => members,
            other => return Err(format!("the options are an object, not {}", other.kind())),
        };
        for (key, value) in members {
            match key {
                "mode" => {
                    read.mode = match value.as_str() {
                        Some("original") => Mode::Original,
                        Some("enhanced") => Mode::Enhanced,
                        Some("as-asked") => Mode::AsAsked,
                        _ => return Err(String::from("'mode' is original, enhanced or as-asked")),
                    };
                }
                "duplicates" => {
                    read.duplicates = match value.as_str() {
                        Some("accept") => Duplicates::Accept,
                        Some("same-ack") => Duplicates::SameAck,
                        _ => return Err(String::from("'duplicates' is accept or same-ack")),
                    };
                }
                "validate" => {
                    read.validate = match value.as_str() {
                        Some("header") => Validate::Header,
                        Some("structure") => Validate::Structure,
                        _ => return Err(String::from("'validate' is header or structure")),
                    };
                }
                "refuse" => {
                    read.refuse = texts(key, value)?;
                    for selector in &read.refuse {
                        Selector::parse(selector)?;
                    }
                }
                "types" => {
                    read.types = texts(key, value)?;
                    if let Some(wrong) = read.types.iter().find(|name| name.len() != 3) {
                        return Err(format!("'{wrong}' is no message type such as ZDS"));
                    }
                }
                unknown => {
                    return Err(format!(
                        "an hl7v2 partner has no option '{unknown}'; it has: mode, duplicates, refuse, types, validate"
                    ));
                }
            }
        }
        Ok(read)
    }
}

fn texts(key: &str, value: &Json) -> Result<Vec<String>, String> {
    value
        .as_array()
        .and_then(|items| {
            items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        })
        .ok_or_else(|| format!("'{key}' is a list of texts"))
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn every_key_is_read() {
        assert_eq!(Options::read(&Json::Null), Ok(Options::default()));
        let given = json!({"mode": "enhanced", "duplicates": "accept", "refuse": ["SIU", "ADT^A40"], "types": ["ZDS"], "validate": "structure"});
        let read = Options::read(&given).unwrap();
        assert_eq!(
            (read.mode, read.duplicates),
            (Mode::Enhanced, Duplicates::Accept)
        );
        assert_eq!((read.refuse.len(), read.types.len()), (2, 1));
        assert_eq!(read.validate, Validate::Structure);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for given in [
            json!([]),
            json!({"moode": "original"}),
            json!({"mode": "loud"}),
            json!({"duplicates": 1}),
            json!({"validate": true}),
            json!({"refuse": "SIU"}),
            json!({"refuse": ["siu"]}),
            json!({"types": [1]}),
            json!({"types": ["Z"]}),
        ] {
            assert!(Options::read(&given).is_err(), "{given}");
        }
    }
}
