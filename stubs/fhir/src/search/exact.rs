//! Numbers that are compared as they are written, however many digits they have and however large they are.

use std::cmp::Ordering;

use wardgate_expression::{Json, Number};

/// A number that can be compared with every other one of its kind.
#[derive(Clone, Debug)]
pub(crate) struct Exact(Number);

impl Exact {
    /// Takes a number, unless its exponent is beyond what 64 bits hold.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        // What can be compared with itself can be compared with all others that can.
        number.compare(number).map(|_| Self(number.clone()))
    }

    /// Takes a JSON number.
    pub(crate) fn of_json(value: &Json) -> Option<Self> {
        Self::of(value.as_number()?)
    }

    /// Reads a number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of(&Number::from_text(text)?)
    }

    /// The ends of what may have been rounded to this number: half a unit of its last written digit to either side.
    pub(crate) fn rounded_from(&self) -> Option<(Self, Self)> {
        let (digits, power) = self.digits()?;
        let power = power.checked_sub(1)?;
        let above = composed("", &format!("{digits}5"), power)?;
        let below = match one_less(&digits) {
            Some(less) => composed("", &format!("{less}5"), power)?,
            None => composed("-", "5", power)?,
        };
        Some(self.on_its_side(below, above))
    }

    /// The ends of what is about this number: a tenth of it to either side.
    pub(crate) fn about(&self) -> Option<(Self, Self)> {
        let (digits, power) = self.digits()?;
        let power = power.checked_sub(1)?;
        let below = composed("", &times(&digits, 9), power)?;
        let above = composed("", &times(&digits, 11), power)?;
        Some(self.on_its_side(below, above))
    }

    /// The digits without sign and point, and the power of ten of the last one.
    fn digits(&self) -> Option<(String, i64)> {
        let magnitude = self.0.as_str().trim_start_matches('-');
        let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let power = exponent
            .parse::<i64>()
            .ok()?
            .checked_sub(i64::try_from(fraction.len()).ok()?)?;
        Some((format!("{whole}{fraction}"), power))
    }

    /// Turns the ends around the magnitude into those around the number.
    fn on_its_side(&self, below: Self, above: Self) -> (Self, Self) {
        if self.0.as_str().starts_with('-') {
            (above.negated(), below.negated())
        } else {
            (below, above)
        }
    }

    fn negated(self) -> Self {
        let text = match self.0.as_str().strip_prefix('-') {
            Some(magnitude) => magnitude.to_owned(),
            None => format!("-{}", self.0),
        };
        Number::from_text(&text).map_or(self, Self)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        // Only what can be compared is taken.
        self.0.compare(&other.0).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Exact {}

fn composed(sign: &str, digits: &str, power: i64) -> Option<Exact> {
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    Exact::parse(&format!("{sign}{digits}e{power}"))
}

/// A row of digits less one; none of zero.
fn one_less(digits: &str) -> Option<String> {
    let last = digits.rfind(|digit| digit != '0')?;
    let mut less = digits[..last].to_owned();
    less.extend(digits[last..].chars().next().and_then(|digit| {
        let digit = digit.to_digit(10)?;
        char::from_digit(digit - 1, 10)
    }));
    less.extend(digits[last + 1..].chars().map(|_| '9'));
    Some(less)
}

/// A row of digits times a small number.
fn times(digits: &str, factor: u32) -> String {
    let (mut product, mut carry) = (Vec::with_capacity(digits.len() + 2), 0);
    for digit in digits.chars().rev() {
        let sum = digit.to_digit(10).unwrap_or(0) * factor + carry;
        product.extend(char::from_digit(sum % 10, 10));
        carry = sum / 10;
    }
    while carry > 0 {
        product.extend(char::from_digit(carry % 10, 10));
        carry /= 10;
    }
    product.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).expect("it is a number")
    }

    #[test]
    fn ends_are_exact_at_any_size() {
        for (number, below, above) in [
            ("100", "99.5", "100.5"),
            ("100.00", "99.995", "100.005"),
            ("-5.4", "-5.45", "-5.35"),
            ("0", "-0.5", "0.5"),
            ("0.00", "-0.005", "0.005"),
            ("5.40e-3", "5.395e-3", "5.405e-3"),
            ("1e-400", "5e-401", "15e-401"),
            (
                "123456789012345678901234567890123",
                "123456789012345678901234567890122.5",
                "123456789012345678901234567890123.5",
            ),
        ] {
            let ends = exact(number).rounded_from();
            assert_eq!(ends, Some((exact(below), exact(above))), "{number}");
        }
        assert_eq!(exact("-20").about(), Some((exact("-22"), exact("-18"))));
        assert_eq!(
            exact("9.9e300").about(),
            Some((exact("8.91e300"), exact("10.89e300")))
        );
        assert!(Exact::parse("1e99999999999999999999").is_none());
        assert_eq!(exact("1e-9223372036854775808").rounded_from(), None);
    }

    proptest! {
        #[test]
        fn ends_are_those_of_decimals(value in -1_000_000_i64..1_000_000, scale in 0_u32..9) {
            let number = Decimal::new(value, scale);
            let of = |number: Decimal| exact(&number.to_string());
            let half = Decimal::new(5, scale + 1);
            prop_assert_eq!(of(number).rounded_from(), Some((of(number - half), of(number + half))));
            let tenth = (number / Decimal::TEN).abs();
            prop_assert_eq!(of(number).about(), Some((of(number - tenth), of(number + tenth))));
        }
    }
}
