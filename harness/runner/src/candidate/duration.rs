//! Durations as people write them: `250ms`, `10s`, `2m`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// Reads a duration: a whole number and `ms`, `s` or `m`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    match unit.trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

/// For `#[serde(deserialize_with)]`.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| {
        D::Error::custom(format!("'{text}' is not a duration like 250ms, 10s or 2m"))
    })
}

/// The same where it may be left out.
pub(crate) fn read_optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    read(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse("10 s"), Some(Duration::from_secs(10)));
        assert_eq!(parse("2m"), Some(Duration::from_mins(2)));
        for wrong in [
            "",
            "10",
            "s",
            "-1s",
            "1.5s",
            "1h",
            "99999999999999999999s",
            "999999999999999999m",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
