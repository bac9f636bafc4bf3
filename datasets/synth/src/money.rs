//! Money in whole cents, and decimals with a kept scale.

use wardgate_expression::{Json, Number};

/// The text of `units` with `scale` digits after the point: `decimal_text(1250, 2)` is `12.50`.
pub(crate) fn decimal_text(units: u64, scale: u32) -> String {
    if scale == 0 {
        return units.to_string();
    }
    let one = 10_u64.pow(scale);
    format!(
        "{}.{:0width$}",
        units / one,
        units % one,
        width = scale as usize
    )
}

/// The JSON number of `units` with `scale` digits after the point, trailing zeros kept.
pub(crate) fn decimal(units: u64, scale: u32) -> Json {
    let text = decimal_text(units, scale);
    Number::from_text(&text).map_or(Json::Null, Json::Number)
}

/// Cents as a JSON number with two digits after the point.
pub(crate) fn cents(amount: u64) -> Json {
    decimal(amount, 2)
}

/// `basis_points` (hundredths of a percent) of `net` cents, rounded half away from zero to the cent.
pub(crate) fn share(net: u64, basis_points: u64) -> u64 {
    (net * basis_points + 5_000) / 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_scale() {
        for (units, scale, text) in [
            (0, 0, "0"),
            (0, 3, "0.000"),
            (5, 1, "0.5"),
            (1250, 2, "12.50"),
            (7, 0, "7"),
        ] {
            assert_eq!(decimal_text(units, scale), text);
            assert_eq!(decimal(units, scale).to_string(), text);
        }
    }

    #[test]
    fn tax_rounds_half_up_to_the_cent() {
        assert_eq!(share(1_000, 825), 83); // 82.5
        assert_eq!(share(999, 825), 82); // 82.4175
        assert_eq!(share(12_345, 0), 0);
    }
}
