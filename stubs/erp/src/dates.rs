//! The filter `|erp`: dates and times as the ERP writes them.

use jiff::{Timestamp, civil::Date};

/// A date or a date and time, in the notation of RFC 3339 or of HL7 version 2, as the day that the ERP's date fields
/// hold. A time with an offset keeps its own day. Anything else stays as it is.
pub(crate) fn date(text: &str) -> String {
    let text = text.trim();
    let head = text.get(..10).unwrap_or("");
    let is_long = text.len() == 10 || text.as_bytes().get(10) == Some(&b'T');
    if is_long
        && head.parse::<Date>().is_ok()
        && (text.len() == 10 || text.parse::<Timestamp>().is_ok())
    {
        return head.to_owned();
    }
    let digits = text
        .get(..8)
        .filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(head) = digits {
        let date = format!("{}-{}-{}", &head[..4], &head[4..6], &head[6..]);
        let is_time = text[8..]
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
        if is_time && date.parse::<Date>().is_ok() {
            return date;
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn every_notation_becomes_a_day() {
        for (text, expected) in [
            ("2026-11-23", "2026-11-23"),
            ("2026-11-23T22:39:50.123Z", "2026-11-23"),
            ("2026-11-23T23:30:00-05:00", "2026-11-23"),
            ("20261123", "2026-11-23"),
            ("20261123223950+0000", "2026-11-23"),
            ("20261323", "20261323"),
            ("2026-02-30", "2026-02-30"),
            ("female", "female"),
            ("", ""),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }
}
