//! The primitive data types (HL7 v2.5.1, chapter 2A) and the few closed tables that are known here.

use jiff::civil::{Date, Time};

use crate::ack::{AckCode, Condition};

/// The types that have no parts.
pub(super) const PRIMITIVES: [&str; 13] = [
    "ST", "TX", "FT", "NM", "SI", "ID", "IS", "DT", "TM", "DTM", "GTS", "SNM", "TN",
];

/// What a value of the type looks like, where this one does not; None where it does, or any text would.
pub(super) fn fault(data_type: &str, text: &str) -> Option<&'static str> {
    let (is_right, expected) = match data_type {
        "NM" => (is_number(text), "a number (NM)"),
        "SI" => (
            text.bytes().all(|byte| byte.is_ascii_digit()),
            "a sequence number, digits alone (SI)",
        ),
        "DT" => (is_date(text), "a date, YYYY[MM[DD]] (DT)"),
        "TM" => (
            zoned(text).is_some_and(is_time),
            "a time, HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ] (TM)",
        ),
        "DTM" | "TS" => (
            is_moment(text),
            "a time, YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ] (DTM)",
        ),
        _ => return None,
    };
    (!is_right).then_some(expected)
}

/// The codes that a closed table has, where this is none of them.
pub(super) fn code_fault(table: Option<u16>, text: &str) -> Option<&'static str> {
    // Blanks behind a code say nothing.
    let text = text.trim_end_matches(' ');
    let (is_right, expected) = match table? {
        8 => (
            AckCode::from_text(text).is_some(),
            "a code of table 0008: AA, AE, AR, CA, CE or CR",
        ),
        103 => (
            matches!(text, "D" | "P" | "T"),
            "a code of table 0103: D, P or T",
        ),
        136 => (matches!(text, "Y" | "N"), "a code of table 0136: Y or N"),
        155 => (
            Condition::from_text(text).is_some(),
            "a code of table 0155: AL, ER, NE or SU",
        ),
        _ => return None,
    };
    (!is_right).then_some(expected)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() + fraction.len() > 0 && are_digits(whole) && are_digits(fraction)
}

fn is_date(text: &str) -> bool {
    let part = |from: usize, to: usize| number(text.get(from..to)?);
    let (year, month, day) = match text.len() {
        4 => (part(0, 4), Some(1), Some(1)),
        6 => (part(0, 4), part(4, 6), Some(1)),
        8 => (part(0, 4), part(4, 6), part(6, 8)),
        _ => return false,
    };
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        return false;
    };
    let small = |number: i16| i8::try_from(number).unwrap_or(-1);
    Date::new(year, small(month), small(day)).is_ok()
}

/// The text without its offset from UTC; None where the offset is none.
fn zoned(text: &str) -> Option<&str> {
    let Some(at) = text.find(['+', '-']) else {
        return Some(text);
    };
    let (before, zone) = text.split_at(at);
    let hours = number(zone.get(1..3)?)?;
    let minutes = number(zone.get(3..)?)?;
    (zone.len() == 5 && hours <= 15 && minutes <= 59).then_some(before)
}

fn is_time(text: &str) -> bool {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let is_fraction = fraction.is_none_or(|digits| {
        whole.len() == 6
            && (1..=4).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let part = |from: usize| {
        if whole.len() == from {
            return Some(0);
        }
        whole.get(from..from + 2).and_then(number)
    };
    let (hour, minute, second) = match whole.len() {
        2 => (part(0), Some(0), Some(0)),
        4 => (part(0), part(2), Some(0)),
        6 => (part(0), part(2), part(4)),
        _ => return false,
    };
    let (Some(hour), Some(minute), Some(second)) = (hour, minute, second) else {
        return false;
    };
    let small = |number: i16| i8::try_from(number).unwrap_or(-1);
    is_fraction && Time::new(small(hour), small(minute), small(second), 0).is_ok()
}

fn is_moment(text: &str) -> bool {
    let Some(text) = zoned(text) else {
        return false;
    };
    match text.split_at_checked(8) {
        Some((date, "")) => is_date(date),
        Some((date, time)) => is_date(date) && is_time(time),
        None => is_date(text),
    }
}

/// Digits alone; a sign would be read by the parser of the library.
fn number(text: &str) -> Option<i16> {
    let are_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_their_types_pass() {
        for (data_type, texts) in [
            ("NM", &["0", "-1.50", "+3", ".5", "7.", "0012"][..]),
            ("SI", &["1", "0001"]),
            ("DT", &["2026", "202602", "20240229"]),
            ("TM", &["09", "0930", "093015", "093015.1234", "0930+0200"]),
            (
                "DTM",
                &[
                    "2026",
                    "202607",
                    "20260704",
                    "2026070412",
                    "202607041230",
                    "20260704123059.0001-0500",
                    "2026+0100",
                ],
            ),
            ("ST", &["anything"]),
        ] {
            for text in texts {
                assert_eq!(fault(data_type, text), None, "{data_type} {text}");
            }
        }
    }

    #[test]
    fn others_do_not() {
        for (data_type, texts) in [
            ("NM", &["", "x", "1,5", "--1", "1.2.3", "1 ", ">5", "+"][..]),
            ("SI", &["-1", "a", "1.0"]),
            ("DT", &["20260230", "202613", "26", "2026-07-04", "+202"]),
            (
                "TM",
                &[
                    "24",
                    "0960",
                    "9",
                    "093015.",
                    "0930.5",
                    "0930+2",
                    "0930+0260",
                ],
            ),
            (
                "DTM",
                &[
                    "20260704T1230",
                    "2026070425",
                    "20260704123",
                    "20260704123061",
                    "Jul",
                    "202607041200Z",
                    "é0260704",
                ],
            ),
        ] {
            for text in texts {
                assert!(fault(data_type, text).is_some(), "{data_type} {text}");
            }
        }
    }

    #[test]
    fn closed_tables_are_closed() {
        assert_eq!(code_fault(Some(136), "Y"), None);
        assert!(code_fault(Some(136), "yes").is_some());
        assert!(code_fault(Some(103), "X").is_some());
        assert!(code_fault(Some(155), "AA").is_some());
        assert!(code_fault(Some(8), "OK").is_some());
        assert_eq!(code_fault(Some(1), "anything"), None);
        assert_eq!(code_fault(None, "anything"), None);
    }
}
