//! Amounts as exact decimals.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::value::is_number;
use crate::element::Segment;

/// The places of the amounts of a CAS (reason, amount and quantity stand six times after the group code).
const ADJUSTMENTS: [usize; 6] = [3, 6, 9, 12, 15, 18];

/// The amounts of a PLB, each behind its reason.
const PROVIDER_ADJUSTMENTS: [usize; 6] = [4, 6, 8, 10, 12, 14];

/// An amount; zero where the element is absent, None where it is no amount.
pub(crate) fn amount(segment: &Segment<'_>, element: usize) -> Option<Decimal> {
    match segment.text(element) {
        // What the decimal type reads beyond X12, such as exponents, is no amount.
        Some(text) if is_number(text.as_bytes(), true) => Decimal::from_str(text).ok(),
        Some(_) => None,
        None => segment
            .element(element)
            .is_none_or(|found| found.is_empty())
            .then_some(Decimal::ZERO),
    }
}

/// The sum; None where one of them is no amount, or the sum is beyond all amounts.
pub(crate) fn sum(amounts: impl IntoIterator<Item = Option<Decimal>>) -> Option<Decimal> {
    amounts
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?))
}

/// What the adjustments of one CAS come to.
pub(crate) fn adjusted(segment: &Segment<'_>) -> Option<Decimal> {
    sum(ADJUSTMENTS.map(|place| amount(segment, place)))
}

/// What the adjustments of one PLB come to.
pub(crate) fn provider_adjusted(segment: &Segment<'_>) -> Option<Decimal> {
    sum(PROVIDER_ADJUSTMENTS.map(|place| amount(segment, place)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delimiters::Delimiters;
    use crate::interchange::Segments;

    fn segment(text: &str) -> Segment<'_> {
        let segments = Segments::new(text.as_bytes(), 0, 1, Delimiters::default()).next();
        segments.unwrap()
    }

    #[test]
    fn sums_are_exact() {
        let adjustments = segment("CAS*CO*45*.1**97*0.20*1*253*-0.3~");
        assert_eq!(adjusted(&adjustments), Some(Decimal::ZERO));
        assert_eq!(
            provider_adjusted(&segment("PLB*1*2*WO*10.5*CS*-.5~")),
            Some(Decimal::TEN)
        );
    }

    #[test]
    fn what_is_no_amount_has_no_sum() {
        assert_eq!(adjusted(&segment("CAS*CO*45*x~")), None);
        assert_eq!(adjusted(&segment("CAS*CO*45*1e9~")), None);
        let most = "79228162514264337593543950335";
        let beyond = format!("CAS*CO*45*{most}**45*{most}~");
        assert_eq!(adjusted(&segment(&beyond)), None);
    }
}
