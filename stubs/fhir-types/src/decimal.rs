//! Decimals that keep their digits although `fhir-sdk` holds an `f64`.
//!
//! The FHIR rule is that precision is part of a decimal's meaning: 1.10 is not 1.1. A resource is therefore built with
//! a stand-in number for every decimal, and the exact digits are put in its place in the finished text.

use std::fmt;
use std::str::FromStr;

use crate::FhirTypesError;

/// A decimal number in the grammar of JSON (RFC 8259, section 6), kept digit for digit.
///
/// Two values are equal when they are written the same way; 1.0 and 1.00 differ here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExactDecimal(String);

/// Longest number text that is accepted, far beyond any measurement.
const DIGITS_MAX: usize = 64;

impl ExactDecimal {
    /// The digits as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExactDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ExactDecimal {
    type Err = FhirTypesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() <= DIGITS_MAX && is_json_number(text.as_bytes()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FhirTypesError::Decimal)
        }
    }
}

/// Whether `text` is one JSON number and nothing else.
fn is_json_number(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(rest);
    if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
        return false;
    }
    let rest = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => match split_digits(fraction) {
            ([], _) => return false,
            (_, rest) => rest,
        },
    };
    let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) else {
        return rest.is_empty();
    };
    let digits = exponent
        .strip_prefix(b"+")
        .or_else(|| exponent.strip_prefix(b"-"))
        .unwrap_or(exponent);
    matches!(split_digits(digits), ([_, ..], []))
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// The decimals of one resource under construction, in the order in which they were handed in.
#[derive(Debug, Default)]
pub(crate) struct Decimals(Vec<ExactDecimal>);

/// The first stand-in. Integers from here up to 2^53 are distinct as `f64`, which allows 2 × 10^15 of them.
const STAND_IN_FIRST: f64 = 7.0e15;

impl Decimals {
    /// Takes `exact` into keeping and gives the number that stands for it until [`Decimals::splice`].
    pub(crate) fn stand_in(&mut self, exact: &ExactDecimal) -> f64 {
        let stand_in = stand_in(self.0.len());
        self.0.push(exact.clone());
        stand_in
    }

    /// Puts the exact digits back into the finished JSON text.
    ///
    /// The stand-in is looked for together with its key. `"value":` with its plain quotes cannot occur inside a JSON
    /// string, where a quote is escaped, so text that happens to hold the same number is safe.
    pub(crate) fn splice(&self, mut json: String) -> Result<String, FhirTypesError> {
        for (index, exact) in self.0.iter().enumerate() {
            let number =
                serde_json::to_string(&stand_in(index)).map_err(|_| FhirTypesError::Decimal)?;
            let found = format!("\"value\":{number}");
            if !json.contains(&found) {
                return Err(FhirTypesError::Decimal);
            }
            json = json.replacen(&found, &format!("\"value\":{exact}"), 1);
        }
        Ok(json)
    }
}

#[expect(clippy::cast_precision_loss, reason = "indices stay far below 2^53")]
fn stand_in(index: usize) -> f64 {
    STAND_IN_FIRST + index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in [
            "0",
            "-0",
            "1.10",
            "185.10",
            "0.000",
            "-12.5e+3",
            "7E2",
            "123456789012345678901234567890.10",
        ] {
            assert_eq!(text.parse::<ExactDecimal>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_json_does_not_allow_is_refused() {
        for text in [
            "", "-", "+1", ".5", "5.", "01", "1e", "1e+", "0x1", "NaN", "1 ", "1,0",
        ] {
            assert_eq!(
                text.parse::<ExactDecimal>(),
                Err(FhirTypesError::Decimal),
                "{text}"
            );
        }
        assert!("1".repeat(65).parse::<ExactDecimal>().is_err());
    }

    #[test]
    fn splicing_leaves_text_with_the_same_number_alone() {
        let mut decimals = Decimals::default();
        let stand_in = decimals.stand_in(&"1.10".parse().unwrap());
        let json =
            serde_json::json!({ "note": format!("\"value\":{stand_in:?}"), "value": stand_in })
                .to_string();
        let spliced = decimals.splice(json.clone()).unwrap();
        assert!(spliced.ends_with("\"value\":1.10}"), "{spliced}");
        assert_eq!(spliced.matches("7000000000000000.0").count(), 1);
    }
}
