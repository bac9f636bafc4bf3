//! Values of properties: their defaults, and what is accepted for them.

use jiff::{Timestamp, civil::Date};
use wardgate_expression::Json;

use super::{Kind, Property};
use crate::refusal::{Outcome, Refusal};

/// The GUID that stands for none.
pub(crate) const NO_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// The date that stands for none.
pub(crate) const NO_DATE: &str = "0001-01-01";

/// The largest magnitude of a decimal, so that sums over many of them stay exact.
const MAGNITUDE_MAX: i64 = 1_000_000_000_000;

/// The default of a type.
pub(super) fn blank(kind: Kind) -> Json {
    match kind {
        Kind::Guid => Json::from(NO_GUID),
        Kind::Text(_) => Json::from(""),
        Kind::Date => Json::from(NO_DATE),
        Kind::Instant => Json::from("0001-01-01T00:00:00Z"),
        Kind::Decimal(_) | Kind::Integer => Json::from(0),
        Kind::Bool => Json::from(false),
        Kind::Choice(choices) => Json::from(choices[0]),
    }
}

/// Checks a value given for a property and brings it into the form it is held in; `null` means the default.
pub(super) fn accept(property: &Property, given: &Json) -> Outcome<Json> {
    let name = property.name;
    let wrong = |expected: &str| {
        Refusal::bad_request(format!(
            "The value of {name} has to be {expected}, not {}.",
            given.kind()
        ))
    };
    if given.is_null() {
        return Ok(blank(property.kind));
    }
    match property.kind {
        Kind::Guid => {
            let text = given.as_str().ok_or_else(|| wrong("a GUID"))?;
            if !is_guid(text) {
                return Err(Refusal::bad_request(format!(
                    "The value of {name} is not a GUID."
                )));
            }
            Ok(Json::from(text.to_ascii_lowercase()))
        }
        Kind::Text(length_max) => {
            let text = given.as_str().ok_or_else(|| wrong("a text"))?;
            let length = text.chars().count();
            if length > length_max {
                return Err(Refusal::too_long(name, length, length_max));
            }
            if text.chars().any(char::is_control) {
                return Err(Refusal::field(name, "contains a control character"));
            }
            Ok(Json::from(text))
        }
        Kind::Date => {
            let text = given.as_str().ok_or_else(|| wrong("a date"))?;
            let is_date = text.len() == 10 && text.parse::<Date>().is_ok();
            if is_date {
                Ok(Json::from(text))
            } else {
                Err(Refusal::bad_request(format!(
                    "The value of {name} is not a date such as 2026-03-01."
                )))
            }
        }
        Kind::Instant => {
            let text = given.as_str().ok_or_else(|| wrong("a date and time"))?;
            instant_text(text).map(Json::from).ok_or_else(|| {
                Refusal::bad_request(format!(
                    "The value of {name} is not a date and time such as 2026-03-01T09:30:00Z."
                ))
            })
        }
        Kind::Decimal(places_max) => {
            let number = given.as_number().ok_or_else(|| wrong("a number"))?;
            let decimal = number
                .decimal()
                .filter(|value| value.abs() <= MAGNITUDE_MAX.into())
                .ok_or_else(|| {
                    Refusal::field(name, "is not a number of a magnitude that can be held")
                })?;
            if decimal.normalize().scale() > places_max {
                return Err(Refusal::field(
                    name,
                    &format!("has more than {places_max} places after the point"),
                ));
            }
            // An exponent is a way of writing; the digits after the point are kept as given.
            let is_plain = !number.as_str().contains(['e', 'E']);
            Ok(if is_plain {
                given.clone()
            } else {
                Json::from(decimal)
            })
        }
        Kind::Integer => {
            given
                .as_i64()
                .filter(|value| i32::try_from(*value).is_ok())
                .ok_or_else(|| wrong("a whole number of 32 bits"))?;
            Ok(given.clone())
        }
        Kind::Bool => {
            given.as_bool().ok_or_else(|| wrong("true or false"))?;
            Ok(given.clone())
        }
        Kind::Choice(choices) => {
            let text = given.as_str().ok_or_else(|| wrong("a text"))?;
            choices
                .iter()
                .find(|choice| plain_choice(choice) == plain_choice(text))
                .map(|choice| Json::from(*choice))
                .ok_or_else(|| {
                    Refusal::bad_request(format!(
                        "The value of {name} is not one of {}.",
                        choices.join(", ")
                    ))
                })
        }
    }
}

/// A choice without the escape that names of enumerations have for a space; blank is empty.
pub(crate) fn plain_choice(choice: &str) -> String {
    choice.replace("_x0020_", " ").trim().to_owned()
}

/// Whether this is a GUID in its usual notation, without braces.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A date and time in the one form in which they are held, so that their texts compare as they do: UTC, milliseconds.
pub(crate) fn instant_text(text: &str) -> Option<String> {
    let moment: Timestamp = text.parse().ok()?;
    Some(format!("{moment:.3}"))
}
