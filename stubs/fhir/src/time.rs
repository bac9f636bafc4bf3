//! Moments as FHIR and HTTP write them.

use jiff::{Timestamp, fmt::rfc2822};

pub(crate) use wardgate_core::wire::http_date;

/// A FHIR instant in UTC with milliseconds: `2026-11-23T22:39:50.123Z`.
pub(crate) fn instant(unix_ms: i64) -> String {
    format!("{:.3}", timestamp(unix_ms))
}

/// The milliseconds since 1970 that an HTTP date names, if it is one.
pub(crate) fn parse_http_date(text: &str) -> Option<i64> {
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
        .map(Timestamp::as_millisecond)
}

fn timestamp(unix_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(unix_ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        let moment = 1_795_473_590_123;
        assert_eq!(instant(moment), "2026-11-23T22:39:50.123Z");
        assert_eq!(instant(0), "1970-01-01T00:00:00.000Z");
        let date = http_date(moment);
        assert_eq!(date, "Mon, 23 Nov 2026 22:39:50 GMT");
        assert_eq!(parse_http_date(&date), Some(1_795_473_590_000));
        assert_eq!(parse_http_date("yesterday"), None);
    }
}
