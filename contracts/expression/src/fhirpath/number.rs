//! Numbers of the language: 64-bit integers and exact decimals.

use rust_decimal::Decimal;

use super::EvalError;
use crate::Number;

/// Reads an integer or decimal with an optional sign, as the conversion functions take it; nothing is rounded.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let digits = unsigned.strip_prefix('-').unwrap_or(unsigned);
    if text.starts_with('+') && unsigned.starts_with('-') {
        return None;
    }
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(places) {
        return None;
    }
    // JSON numbers have no leading zeros; the language's may.
    let significant = whole.trim_start_matches('0');
    let whole = if significant.is_empty() {
        "0"
    } else {
        significant
    };
    let sign = if unsigned.starts_with('-') { "-" } else { "" };
    let text = match digits.split_once('.') {
        Some((_, places)) => format!("{sign}{whole}.{places}"),
        None => format!("{sign}{whole}"),
    };
    Number::from_text(&text)?.decimal()
}

/// What to say when a result does not fit.
pub(crate) fn overflow() -> EvalError {
    EvalError::new("the result of the arithmetic is too large to be exact")
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, value) in [
            ("1", "1"),
            ("-1.50", "-1.50"),
            ("+007.5", "7.5"),
            ("0.0", "0.0"),
            ("000", "0"),
        ] {
            assert_eq!(decimal(text).unwrap().to_string(), value);
        }
        for text in ["", "1.", ".5", "1e3", "--1", "+-1", "1 ", "0x1", "1.2.3"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
