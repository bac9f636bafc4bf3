//! Lengths of time as authors write them: `2s`, `500ms`, `250 ms`, `1.5s`, `1m`.

use std::time::Duration;

/// Reads a length of time: a decimal number and one of `ms`, `s`, `m` (or `min`), `h`, `d`.
///
/// A day is 24 hours. `None` for anything else, and for lengths beyond ten thousand days.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|next: char| next.is_ascii_alphabetic())?;
    let number = text[..unit_at].trim_end();
    let nanoseconds_per_unit: u128 = match &text[unit_at..] {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !digits(whole)
        || !digits(fraction)
        || fraction.len() > 9
        || whole.len() > 15
    {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let scaled: u128 = format!("{whole}{fraction}").parse().ok()?;
    let nanoseconds = scaled * nanoseconds_per_unit / scale;
    let longest = 10_000 * 86_400_000_000_000_u128;
    (nanoseconds <= longest)
        .then(|| u64::try_from(nanoseconds).ok().map(Duration::from_nanos))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_spaces_are_read() {
        for (text, milliseconds) in [
            ("2s", 2000),
            ("500ms", 500),
            ("250 ms", 250),
            ("1m", 60_000),
            ("2 min", 120_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("1.5s", 1500),
            ("0s", 0),
            (" 3s ", 3000),
        ] {
            assert_eq!(
                parse(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2",
            "s",
            "2 seconds",
            "-1s",
            "1.s",
            ".5s",
            "1e3s",
            "2S",
            "99999999d",
            "1s2",
            "9999999999999999s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
