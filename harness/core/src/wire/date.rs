//! Moments as HTTP writes them.

use jiff::{Timestamp, fmt::rfc2822};

/// An HTTP date (RFC 9110, section 5.6.7), to the second: `Mon, 23 Nov 2026 22:39:50 GMT`.
pub fn http_date(unix_ms: i64) -> String {
    let moment = Timestamp::from_millisecond(unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&moment)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_to_the_second() {
        assert_eq!(
            http_date(1_795_473_590_999),
            "Mon, 23 Nov 2026 22:39:50 GMT"
        );
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert!(!http_date(i64::MAX).is_empty());
    }
}
