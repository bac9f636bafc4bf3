//! FHIR's primitive types in JSON (FHIR R4, datatypes).

use wardgate_expression::Json;

use crate::search::DateSpan;

/// A primitive type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Primitive {
    /// `true` or `false`.
    Boolean,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number from zero.
    UnsignedInt,
    /// A whole number from one.
    PositiveInt,
    /// Any number.
    Decimal,
    /// A text.
    Text,
    /// A narrative's XHTML.
    Xhtml,
    /// A text without white space at its ends or twice in a row.
    Code,
    /// A text without white space that names something: a uri, url, oid or uuid.
    Uri,
    /// The canonical URL of a definition, whatever server holds it.
    Canonical,
    /// A logical id.
    Id,
    /// A day, month or year.
    Date,
    /// A date, or a time with its zone.
    DateTime,
    /// A time with its zone, to the second at least.
    Instant,
    /// A time of day.
    Time,
}

impl Primitive {
    /// The primitive of this name, if it is one.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "unsignedInt" => Self::UnsignedInt,
            "positiveInt" => Self::PositiveInt,
            "decimal" => Self::Decimal,
            "string" | "markdown" | "base64Binary" => Self::Text,
            "xhtml" => Self::Xhtml,
            "code" => Self::Code,
            "uri" | "url" | "oid" | "uuid" => Self::Uri,
            "canonical" => Self::Canonical,
            "id" => Self::Id,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "instant" => Self::Instant,
            "time" => Self::Time,
            _ => return None,
        })
    }

    /// Checks a value; the error says what was expected.
    pub(super) fn check(self, value: &Json) -> Result<(), &'static str> {
        let (sound, expected) = match self {
            Self::Boolean => (value.as_bool().is_some(), "true or false"),
            Self::Decimal => (value.as_number().is_some(), "a number"),
            Self::Integer => (
                in_range(value, i64::from(i32::MIN)),
                "a whole number of 32 bits",
            ),
            Self::UnsignedInt => (in_range(value, 0), "a whole number from zero"),
            Self::PositiveInt => (in_range(value, 1), "a whole number from one"),
            Self::Text | Self::Xhtml => (
                is_text(value, |text| !text.is_empty()),
                "a text that is not empty",
            ),
            Self::Code => (
                is_text(value, is_code),
                "a code: a text without white space at its ends",
            ),
            Self::Uri | Self::Canonical => (
                is_text(value, |text| {
                    !text.is_empty() && !text.contains(char::is_whitespace)
                }),
                "a URI: a text without white space",
            ),
            Self::Id => (
                is_text(value, crate::server::is_id),
                "an id: up to 64 letters, digits, hyphens and dots",
            ),
            Self::Date => (
                is_text(value, |text| {
                    !text.contains('T') && DateSpan::parse(text).is_some()
                }),
                "a date: YYYY, YYYY-MM or YYYY-MM-DD",
            ),
            Self::DateTime => (
                is_text(value, |text| {
                    DateSpan::parse(text).is_some()
                        && (!text.contains('T') || is_to_the_second(text))
                }),
                "a date, or a time with seconds and its zone",
            ),
            Self::Instant => (
                is_text(value, |text| {
                    DateSpan::parse(text).is_some() && is_to_the_second(text)
                }),
                "a time with seconds and its zone",
            ),
            Self::Time => (is_text(value, is_time), "a time of day: hh:mm:ss"),
        };
        if sound { Ok(()) } else { Err(expected) }
    }
}

fn is_text(value: &Json, sound: impl FnOnce(&str) -> bool) -> bool {
    value.as_str().is_some_and(sound)
}

fn in_range(value: &Json, least: i64) -> bool {
    value
        .as_i64()
        .is_some_and(|number| (least..=i64::from(i32::MAX)).contains(&number))
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.contains("  ")
        && !text.contains(['\t', '\n', '\r'])
}

/// Whether the time of a date-time that is sound otherwise has seconds and a zone.
fn is_to_the_second(text: &str) -> bool {
    let Some((_, time)) = text.split_once('T') else {
        return false;
    };
    time.find(['Z', '+', '-'])
        .is_some_and(|zone| time[..zone].matches(':').count() == 2)
}

fn is_time(text: &str) -> bool {
    !text.contains(['Z', '+', '-'])
        && text.matches(':').count() == 2
        && DateSpan::parse(&format!("2000-01-01T{text}")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_type_or_not() {
        for (kind, sound, unsound) in [
            ("boolean", "true", "\"true\""),
            ("integer", "-7", "1.0"),
            ("integer", "0", "2147483648"),
            ("unsignedInt", "0", "-1"),
            ("positiveInt", "1", "0"),
            ("decimal", "1.10", "\"1.10\""),
            ("string", "\"a b\"", "\"\""),
            ("code", "\"a b\"", "\" a\""),
            ("uri", "\"urn:a\"", "\"a b\""),
            ("id", "\"a-1\"", "\"a_1\""),
            ("date", "\"2020-02\"", "\"2020-02-01T10:00:00Z\""),
            ("dateTime", "\"2020\"", "\"2020-02-01T10:00:00\""),
            (
                "dateTime",
                "\"2020-02-01T10:00:00.123+01:00\"",
                "\"2020-02-01T10:00Z\"",
            ),
            ("instant", "\"2020-02-01T10:00:00Z\"", "\"2020-02-01\""),
            ("time", "\"10:00:00\"", "\"10:00\""),
        ] {
            let primitive = Primitive::parse(kind).expect("it is one");
            let parse = |text| Json::parse(text).expect("it is JSON");
            assert_eq!(primitive.check(&parse(sound)), Ok(()), "{kind} {sound}");
            assert!(
                primitive.check(&parse(unsound)).is_err(),
                "{kind} {unsound}"
            );
        }
        assert_eq!(Primitive::parse("HumanName"), None);
    }
}
