//! The filter `fhir`: how FHIR writes what other protocols write otherwise.

use crate::search::DateSpan;

/// The filter's name in a template: `${patient.sex|fhir}`.
pub(crate) const NAME: &str = "fhir";

/// A text as FHIR writes it: dates and instants as they are, and the code of administrative-gender for a word or an
/// HL7 v2 code of sex. The error says what was expected.
pub(crate) fn apply(text: &str) -> Result<String, String> {
    if DateSpan::parse(text).is_some() {
        return Ok(text.to_owned());
    }
    let code = match text {
        "F" | "female" => "female",
        "M" | "male" => "male",
        "O" | "A" | "other" => "other",
        "U" | "unknown" | "" => "unknown",
        _ => {
            return Err(format!(
                "'{text}' is neither a date that FHIR knows nor a word for a sex"
            ));
        }
    };
    Ok(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_stay_and_sexes_become_codes() {
        for (text, expected) in [
            ("2026-11-23T22:39:50.123Z", "2026-11-23T22:39:50.123Z"),
            ("1980-02", "1980-02"),
            ("F", "female"),
            ("male", "male"),
        ] {
            assert_eq!(apply(text).as_deref(), Ok(expected));
        }
        assert!(apply("20261123").is_err());
        assert!(apply("W").is_err());
    }
}
