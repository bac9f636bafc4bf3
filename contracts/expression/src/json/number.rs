//! Numbers as their digits.

use std::{cmp::Ordering, fmt};

use rust_decimal::Decimal;

/// A JSON number exactly as written: `185.10` stays `185.10`, `1e3` stays `1e3`.
///
/// Equality is by text. [`Number::decimal`] gives the value for arithmetic, [`Number::same_value`] compares meanings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// Takes the text of one number by the grammar of RFC 8259, section 6; `None` when it is not one
    /// (`+1`, `01`, `.5`, `1.`, `NaN`).
    pub fn from_text(text: &str) -> Option<Self> {
        (scan(text.as_bytes()) == Some(text.len())).then(|| Self(text.into()))
    }

    /// Takes text that the parser has scanned already.
    pub(crate) fn from_scanned(text: &str) -> Self {
        Self(text.into())
    }

    /// The number as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exact value, with the written number of decimal places where there is no exponent.
    ///
    /// `None` when 96 bits and 28 decimal places do not hold it exactly; nothing is rounded.
    pub fn decimal(&self) -> Option<Decimal> {
        let (mantissa, exponent) = match self.0.find(['e', 'E']) {
            Some(index) => (&self.0[..index], self.0[index + 1..].parse::<i64>().ok()?),
            None => (&*self.0, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let places = mantissa
            .find('.')
            .map_or(0, |point| mantissa.len() - point - 1);
        let mut scale = i64::try_from(places).ok()?.checked_sub(exponent)?;
        let mut digits = mantissa
            .bytes()
            .filter(u8::is_ascii_digit)
            .collect::<Vec<_>>();
        let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
        digits.drain(..leading);
        // Zeros at the end that do not fit are not part of the value.
        while scale > 28 && digits.last() == Some(&b'0') {
            digits.pop();
            scale -= 1;
        }
        if digits.is_empty() {
            return Some(Decimal::new(0, u32::try_from(scale.clamp(0, 28)).ok()?));
        }
        if scale < 0 {
            if scale < -28 {
                return None;
            }
            digits.resize(digits.len() + usize::try_from(-scale).ok()?, b'0');
            scale = 0;
        }
        if digits.len() > 29 {
            return None;
        }
        let magnitude = digits
            .iter()
            .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let signed = if negative { -magnitude } else { magnitude };
        Decimal::try_from_i128_with_scale(signed, u32::try_from(scale).ok()?).ok()
    }

    /// The value when it is written as an integer (no point, no exponent) and fits; `None` otherwise.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The value when it is written as a non-negative integer (no point, no exponent) and fits; `None` otherwise.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// Whether it is written as an integer, without point or exponent.
    pub fn is_integer(&self) -> bool {
        !self.0.contains(['.', 'e', 'E'])
    }

    /// Whether two numbers mean the same value: `10.0`, `10.00` and `1e1` do. Exact at any size.
    pub fn same_value(&self, other: &Self) -> bool {
        self == other
            || match (self.normal_form(), other.normal_form()) {
                (Some(left), Some(right)) => left == right,
                _ => false,
            }
    }

    /// How the values of two numbers are ordered, exact at any size; `None` when an exponent does not fit 64 bits.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let (left, right) = (self.normal_form()?, other.normal_form()?);
        let sign = |form: &(bool, String, i64)| match form {
            (_, digits, _) if digits.is_empty() => 0,
            (true, ..) => -1,
            (false, ..) => 1,
        };
        // The power of ten above the first digit tells numbers of different sizes apart, and else the digits do.
        let size = |(_, digits, power): &(bool, String, i64)| {
            i64::try_from(digits.len()).ok()?.checked_add(*power)
        };
        let magnitudes = size(&left)?
            .cmp(&size(&right)?)
            .then_with(|| left.1.cmp(&right.1));
        Some(match (sign(&left), sign(&right)) {
            (1, 1) => magnitudes,
            (-1, -1) => magnitudes.reverse(),
            (one, another) => one.cmp(&another),
        })
    }

    /// Sign, significant digits without zeros around them, and the power of ten of the last one.
    /// `None` when the exponent itself does not fit 64 bits.
    fn normal_form(&self) -> Option<(bool, String, i64)> {
        let (mantissa, exponent) = match self.0.find(['e', 'E']) {
            Some(index) => (&self.0[..index], &self.0[index + 1..]),
            None => (&*self.0, "0"),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let places = mantissa
            .find('.')
            .map_or(0, |point| mantissa.len() - point - 1);
        let digits = mantissa.replace('.', "");
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some((false, String::new(), 0));
        }
        let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
        let power = exponent
            .parse::<i64>()
            .ok()?
            .checked_sub(i64::try_from(places).ok()?)?
            .checked_add(dropped)?;
        Some((negative, significant.to_owned(), power))
    }
}

/// The length of the number at the start of `bytes`; `None` when none starts there.
///
/// Of a malformed tail (`1.`, `1e`) only the sound beginning is counted, so the caller can point at the fault.
pub(crate) fn scan(bytes: &[u8]) -> Option<usize> {
    let digits_from = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let start = usize::from(bytes.first() == Some(&b'-'));
    let mut end = match bytes.get(start)? {
        b'0' => start + 1,
        b'1'..=b'9' => digits_from(start + 1),
        _ => return None,
    };
    if bytes.get(end) == Some(&b'.') {
        let after = digits_from(end + 1);
        if after == end + 1 {
            return Some(end);
        }
        end = after;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let after = digits_from(end + 1 + signed);
        if after > end + 1 + signed {
            end = after;
        }
    }
    Some(end)
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Self(value.to_string().into())
            }
        }
    )*};
}

from_integers!(i32, i64, u8, u16, u32, u64, usize);

impl From<Decimal> for Number {
    /// Keeps the scale: a decimal of `10.00` is written with both zeros.
    fn from(value: Decimal) -> Self {
        Self(value.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::from_text(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn values_are_ordered_at_any_size() {
        let ascending = [
            "-123456789012345678901234567890123",
            "-2.50",
            "-2.5e-1",
            "-0.1",
            "0.00",
            "0.1",
            "0.1000000000000000000000000000000000001",
            "0.12",
            "1e0",
            "1.01",
            "9",
            "10",
            "123456789012345678901234567890123",
            "1e400",
        ];
        for (index, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(
                    number(left).compare(&number(right)),
                    Some(index.cmp(&other)),
                    "{left}, {right}"
                );
            }
        }
        assert_eq!(number("-0").compare(&number("0e5")), Some(Ordering::Equal));
        assert_eq!(number("1e99999999999999999999").compare(&number("1")), None);
    }

    #[test]
    fn grammar_is_strict() {
        for good in ["0", "-0", "10", "1.50", "1e3", "1E+3", "-1.5e-7"] {
            assert!(Number::from_text(good).is_some(), "{good}");
        }
        for bad in [
            "", "-", "+1", "01", ".5", "1.", "1e", "1e+", "NaN", "1 ", "0x1", "١",
        ] {
            assert!(Number::from_text(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn decimals_are_exact_and_keep_their_scale() {
        for text in ["185.10", "0.00", "-3.140", "79228162514264337593543950335"] {
            assert_eq!(number(text).decimal().unwrap().to_string(), text);
        }
        assert_eq!(number("1.5e3").decimal().unwrap().to_string(), "1500");
        assert_eq!(number("15e-1").decimal().unwrap().to_string(), "1.5");
        assert_eq!(number("0e99999").decimal(), Some(Decimal::ZERO));
        let many_zeros = format!("1.5{}", "0".repeat(40));
        assert_eq!(
            number(&many_zeros)
                .decimal()
                .unwrap()
                .normalize()
                .to_string(),
            "1.5"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_rather_than_rounded() {
        for text in [
            "1e400",
            "1e-29",
            "79228162514264337593543950336",
            "0.12345678901234567890123456789",
        ] {
            assert_eq!(number(text).decimal(), None, "{text}");
        }
        assert_eq!(number("1e99999999999999999999").decimal(), None);
    }

    #[test]
    fn same_value_is_by_meaning_at_any_size() {
        assert!(number("10.0").same_value(&number("10.00")));
        assert!(number("1e2").same_value(&number("100")));
        assert!(number("-0").same_value(&number("0.0")));
        assert!(number("1e400").same_value(&number("10e399")));
        assert!(!number("1e400").same_value(&number("1e401")));
        assert!(!number("1").same_value(&number("-1")));
        assert!(!number("10.1").same_value(&number("10.01")));
    }

    #[test]
    fn integers_are_by_notation() {
        assert_eq!(number("42").as_i64(), Some(42));
        assert_eq!(number("42.0").as_i64(), None);
        assert_eq!(number("18446744073709551615").as_u64(), Some(u64::MAX));
        assert_eq!(number("18446744073709551615").as_i64(), None);
        assert!(number("7").is_integer() && !number("7e0").is_integer());
    }
}
