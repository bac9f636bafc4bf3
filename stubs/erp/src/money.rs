//! Amounts to the cent, and how they are divided without losing one.
//!
//! Amounts are whole cents in 128 bits, so that sums and products are exact; a price times a quantity is a decimal
//! until it is rounded. Rounding is half up, away from zero.

use rust_decimal::{Decimal, RoundingStrategy};
use wardgate_expression::{Json, Number};

/// An amount in whole cents.
pub(crate) type Cents = i128;

/// The largest amount of one line, in cents: a trillion.
const LINE_MAX: Cents = 100_000_000_000_000;

/// Steps of a tax rate in one percent: rates have at most five places.
const RATE_STEPS: i128 = 100_000;

/// What a client said of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineTerms {
    /// How many.
    pub(crate) quantity: Decimal,
    /// The price of one.
    pub(crate) unit_price: Decimal,
    /// What the line is cheaper.
    pub(crate) discount: Cents,
    /// The tax rate, in percent.
    pub(crate) tax_percent: Decimal,
}

/// What follows for a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineAmounts {
    /// Quantity times price less the line's discount.
    pub(crate) amount: Cents,
    /// The line's part of the invoice's discount.
    pub(crate) allocation: Cents,
    /// The amount less that part.
    pub(crate) net: Cents,
    /// The line's part of the tax at its rate.
    pub(crate) tax: Cents,
}

/// What follows for an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// For each line, in order.
    pub(crate) lines: Vec<LineAmounts>,
    /// The sum of the lines' net amounts.
    pub(crate) net: Cents,
    /// The sum of the tax at each rate.
    pub(crate) tax: Cents,
    /// The tax at each rate, in percent, in the order of the rates; rates that yield none included.
    pub(crate) by_rate: Vec<(Decimal, Cents)>,
}

/// Why there are no totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MoneyFault {
    /// The amount of this line is too large to hold.
    TooLarge(usize),
    /// The invoice's discount is more than the lines come to.
    DiscountTooLarge,
}

/// Computes an invoice: each line is rounded to the cent, the tax is rounded once for each rate on the sum of its
/// lines, and divided over them so that the parts add up.
pub(crate) fn totals(lines: &[LineTerms], discount: Cents) -> Result<Totals, MoneyFault> {
    let mut amounts = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        amounts.push(line_amount(line).ok_or(MoneyFault::TooLarge(index))?);
    }
    let sum: Cents = amounts.iter().sum();
    if discount < 0 || (discount > 0 && discount > sum) {
        return Err(MoneyFault::DiscountTooLarge);
    }
    let allocations = if discount == 0 {
        vec![0; amounts.len()]
    } else {
        let shares: Vec<(i128, i128)> = amounts
            .iter()
            .map(|amount| (discount * amount, sum))
            .collect();
        divide(discount, &shares)
    };
    let mut result = Totals {
        lines: amounts
            .iter()
            .zip(allocations)
            .map(|(amount, allocation)| LineAmounts {
                amount: *amount,
                allocation,
                net: amount - allocation,
                tax: 0,
            })
            .collect(),
        ..Totals::default()
    };
    result.net = result.lines.iter().map(|line| line.net).sum();
    let mut rates: Vec<Decimal> = lines
        .iter()
        .map(|line| line.tax_percent.normalize())
        .collect();
    rates.sort_unstable();
    rates.dedup();
    for rate in rates {
        let steps = steps_of(rate);
        let at_rate: Vec<usize> = (0..lines.len())
            .filter(|index| lines[*index].tax_percent == rate)
            .collect();
        let shares: Vec<(i128, i128)> = at_rate
            .iter()
            .map(|index| (result.lines[*index].net * steps, 100 * RATE_STEPS))
            .collect();
        let exact: i128 = shares.iter().map(|(numerator, _)| numerator).sum();
        let tax = divide_half_up(exact, 100 * RATE_STEPS);
        for (index, part) in at_rate.into_iter().zip(divide(tax, &shares)) {
            result.lines[index].tax = part;
        }
        result.tax += tax;
        result.by_rate.push((rate, tax));
    }
    Ok(result)
}

/// Quantity times price, rounded to the cent, less the discount.
fn line_amount(line: &LineTerms) -> Option<Cents> {
    let exact = line.quantity.checked_mul(line.unit_price)?;
    let amount = cents(exact)?.checked_sub(line.discount)?;
    (amount.abs() <= LINE_MAX).then_some(amount)
}

/// A decimal rounded to whole cents, half up.
pub(crate) fn cents(amount: Decimal) -> Option<Cents> {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    (rounded.scale() == 2).then(|| rounded.mantissa())
}

/// The cents that a JSON number means; zero where it is none.
pub(crate) fn cents_of(value: Option<&Json>) -> Cents {
    decimal_of(value).and_then(cents).unwrap_or(0)
}

/// The decimal that a JSON number means.
pub(crate) fn decimal_of(value: Option<&Json>) -> Option<Decimal> {
    value.and_then(Json::as_number).and_then(Number::decimal)
}

/// Cents as a JSON number with two places.
pub(crate) fn money(amount: Cents) -> Json {
    match Decimal::try_from_i128_with_scale(amount, 2) {
        Ok(decimal) => Json::from(decimal),
        // Totals stay far below what a decimal holds.
        Err(_) => Json::Null,
    }
}

/// A share of a price, such as a discount of so many percent, rounded to the cent.
pub(crate) fn percent_of(amount: Decimal, percent: Decimal) -> Option<Cents> {
    cents(
        amount
            .checked_mul(percent)?
            .checked_div(Decimal::ONE_HUNDRED)?,
    )
}

/// A rate in whole steps of a hundred-thousandth of a percent.
fn steps_of(rate: Decimal) -> i128 {
    let mut steps = rate;
    steps.rescale(5);
    steps.mantissa()
}

/// Divides a total by exact shares (numerators and one positive denominator) so that the parts add up to it: each
/// part is its share rounded down, and the cents left go to the largest remainders, the earliest first among equals.
fn divide(total: Cents, shares: &[(i128, i128)]) -> Vec<Cents> {
    let mut parts: Vec<Cents> = shares
        .iter()
        .map(|(numerator, denominator)| numerator.div_euclid(*denominator))
        .collect();
    let left = total - parts.iter().sum::<Cents>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|index| {
        let (numerator, denominator) = shares[*index];
        std::cmp::Reverse(numerator.rem_euclid(denominator))
    });
    for index in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts
}

fn divide_half_up(numerator: i128, denominator: i128) -> i128 {
    let magnitude = (2 * numerator.abs() + denominator) / (2 * denominator);
    if numerator < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(quantity: &str, unit_price: &str, discount: Cents, tax_percent: &str) -> LineTerms {
        let decimal = |text: &str| text.parse().expect("it is a decimal");
        LineTerms {
            quantity: decimal(quantity),
            unit_price: decimal(unit_price),
            discount,
            tax_percent: decimal(tax_percent),
        }
    }

    #[test]
    fn tax_is_rounded_once_for_each_rate() {
        // 3 x 0.10 at 5 %: 0.005 each would give 0.03 if rounded line by line; on the total it is 0.015, so 0.02.
        let lines = [
            line("1", "0.10", 0, "5"),
            line("1", "0.10", 0, "5.0"),
            line("1", "0.10", 0, "5.00"),
        ];
        let totals = totals(&lines, 0).expect("it is small");
        assert_eq!((totals.net, totals.tax), (30, 2));
        assert_eq!(totals.by_rate, [(Decimal::from(5), 2)]);
        assert_eq!(
            totals.lines.iter().map(|line| line.tax).collect::<Vec<_>>(),
            [1, 1, 0]
        );
    }

    #[test]
    fn halves_go_up_and_away_from_zero() {
        for (quantity, price, percent, net, tax) in [
            ("1", "0.125", "0", 13, 0),
            ("-1", "0.125", "0", -13, 0),
            ("1", "10.00", "8.25", 1_000, 83),
            ("-1", "10.00", "8.25", -1_000, -83),
            ("0.333", "0.30", "0", 10, 0),
            ("3", "0.333", "0", 100, 0),
            ("1.5", "0.01", "0", 2, 0),
        ] {
            let totals = totals(&[line(quantity, price, 0, percent)], 0).expect("it is small");
            assert_eq!(
                (totals.net, totals.tax),
                (net, tax),
                "{quantity} x {price} at {percent} %"
            );
        }
    }

    #[test]
    fn a_discount_is_divided_without_losing_a_cent() {
        let lines = [
            line("1", "10", 0, "0"),
            line("1", "10", 0, "0"),
            line("1", "10", 0, "0"),
        ];
        let divided = totals(&lines, 100).expect("it is small");
        let parts: Vec<Cents> = divided.lines.iter().map(|line| line.allocation).collect();
        assert_eq!(parts, [34, 33, 33]);
        assert_eq!(divided.net, 2_900);
        assert_eq!(totals(&lines, 3_001), Err(MoneyFault::DiscountTooLarge));
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        let huge = line("1000000000000", "1000000000000", 0, "0");
        assert_eq!(
            totals(&[line("1", "1", 0, "0"), huge], 0),
            Err(MoneyFault::TooLarge(1))
        );
    }

    fn any_line() -> impl Strategy<Value = LineTerms> {
        (
            -999_999_i64..9_999_999,
            0_i64..99_999_999,
            2_u32..6,
            1_u32..4,
            0_i64..3_000,
        )
            .prop_map(
                |(quantity, price, price_scale, quantity_scale, rate)| LineTerms {
                    quantity: Decimal::new(quantity, quantity_scale),
                    unit_price: Decimal::new(price, price_scale),
                    discount: 0,
                    tax_percent: Decimal::new(rate, 2),
                },
            )
    }

    proptest! {
        #[test]
        fn parts_add_up_and_stay_within_a_cent(lines in prop::collection::vec(any_line(), 1..12), percent in 0_i128..=100) {
            let whole = totals(&lines, 0).expect("it is small");
            let discount = (whole.net * percent / 100).max(0);
            let totals = totals(&lines, discount).expect("the discount is a part");
            prop_assert_eq!(totals.lines.iter().map(|line| line.allocation).sum::<Cents>(), discount);
            prop_assert_eq!(totals.net, whole.net - discount);
            prop_assert_eq!(totals.lines.iter().map(|line| line.tax).sum::<Cents>(), totals.tax);
            prop_assert_eq!(totals.by_rate.iter().map(|(_, tax)| tax).sum::<Cents>(), totals.tax);
            for (terms, line) in lines.iter().zip(&totals.lines) {
                let exact = Decimal::from_i128_with_scale(line.net, 2) * terms.tax_percent / Decimal::ONE_HUNDRED;
                let part = Decimal::from_i128_with_scale(line.tax, 2);
                prop_assert!((exact - part).abs() < Decimal::new(1, 2), "{} of {}", part, exact);
            }
        }
    }
}
