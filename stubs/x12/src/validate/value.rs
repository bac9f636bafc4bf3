//! Whether one value is of its data type (ASC X12.6; TR3 appendix B.1.1.3.1).

use crate::finding::Kind;
use crate::guide::{DataType, Simple};

/// What is wrong with a value that is there, if anything.
pub(super) fn fault(spec: &Simple, raw: &[u8]) -> Option<(Kind, String)> {
    let text = std::str::from_utf8(raw).ok();
    if raw.iter().any(u8::is_ascii_control) {
        return Some((Kind::Character, "it holds a control character".to_owned()));
    }
    if raw.iter().all(|byte| *byte == b' ') {
        return Some((Kind::Character, "it holds nothing but spaces".to_owned()));
    }
    let length = match spec.data_type {
        DataType::Numeric(_) | DataType::Decimal => {
            let digits = raw.iter().filter(|byte| byte.is_ascii_digit()).count();
            if !is_number(raw, spec.data_type == DataType::Decimal) {
                return Some((Kind::Character, "it is no number".to_owned()));
            }
            digits
        }
        _ => text.map_or(raw.len(), |text| text.chars().count()),
    };
    if length < spec.length_min {
        let least = spec.length_min;
        return Some((
            Kind::TooShort,
            format!("it has {length} characters, and {least} are the fewest"),
        ));
    }
    if length > spec.length_max {
        let most = spec.length_max;
        return Some((
            Kind::TooLong,
            format!("it has {length} characters, and {most} are the most"),
        ));
    }
    match spec.data_type {
        DataType::Date if !is_date(raw) => {
            return Some((Kind::Date, "it is no date of the calendar".to_owned()));
        }
        DataType::Time if !is_time(raw) => {
            return Some((Kind::Time, "it is no time of day".to_owned()));
        }
        _ => {}
    }
    let known = spec.codes.is_empty() || spec.codes.iter().any(|code| code.as_bytes() == raw);
    (!known).then(|| {
        let few = &spec.codes[..spec.codes.len().min(6)];
        let more = if few.len() < spec.codes.len() {
            ", …"
        } else {
            ""
        };
        (
            Kind::Code,
            format!("the guide has {}{more} here", few.join(", ")),
        )
    })
}

/// Whether a value has the format that a date time period format qualifier (data element 1250) names. Qualifiers that
/// are not known here are not judged.
pub(super) fn has_format(qualifier: &[u8], raw: &[u8]) -> bool {
    match qualifier {
        b"D8" => raw.len() == 8 && is_date(raw),
        b"D6" => raw.len() == 6 && is_date(raw),
        b"TM" => raw.len() == 4 && is_time(raw),
        b"DT" => raw.len() == 12 && is_date(&raw[..8]) && is_time(&raw[8..]),
        b"RTS" => raw.len() == 14 && is_date(&raw[..8]) && is_time(&raw[8..]),
        b"RD8" => {
            raw.len() == 17
                && raw[8] == b'-'
                && is_date(&raw[..8])
                && is_date(&raw[9..])
                && raw[..8] <= raw[9..]
        }
        _ => true,
    }
}

/// Whether it is a number as X12 writes them; `decimal` says whether it may have a point.
pub(super) fn is_number(raw: &[u8], decimal: bool) -> bool {
    let digits = raw.strip_prefix(b"-").unwrap_or(raw);
    let points = memchr::memchr_iter(b'.', digits).count();
    let plain = digits
        .iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b'.');
    plain && digits.len() > points && (points == 0 || decimal && points == 1)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// YYMMDD or CCYYMMDD, a day of the calendar.
fn is_date(raw: &[u8]) -> bool {
    let (Some(start), true) = (raw.len().checked_sub(4), matches!(raw.len(), 6 | 8)) else {
        return false;
    };
    let parts = (
        number(&raw[..start]),
        number(&raw[start..start + 2]),
        number(&raw[start + 2..]),
    );
    let (Some(year), Some(month), Some(day)) = parts else {
        return false;
    };
    // Of a year without century only the rule of four years is known.
    let leap = year % 4 == 0 && (start == 2 || year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
fn is_time(raw: &[u8]) -> bool {
    matches!(raw.len(), 4 | 6 | 7 | 8)
        && raw.iter().all(u8::is_ascii_digit)
        && number(&raw[..2]).is_some_and(|hours| hours < 24)
        && number(&raw[2..4]).is_some_and(|minutes| minutes < 60)
        && raw
            .get(4..6)
            .is_none_or(|seconds| number(seconds).is_some_and(|seconds| seconds < 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(data_type: DataType, raw: &str) -> Option<Kind> {
        let spec = Simple {
            number: "1",
            data_type,
            length_min: 2,
            length_max: 8,
            codes: Vec::new(),
        };
        fault(&spec, raw.as_bytes()).map(|(kind, _)| kind)
    }

    #[test]
    fn values_of_their_type_are_sound() {
        for (data_type, raw) in [
            (DataType::Text, "é\u{3b1}"),
            (DataType::Numeric(0), "-12345678"),
            (DataType::Decimal, "-123.45"),
            (DataType::Decimal, ".50"),
            (DataType::Date, "20240229"),
            (DataType::Date, "000229"),
            (DataType::Time, "2359"),
            (DataType::Time, "23595999"),
        ] {
            assert_eq!(kind(data_type, raw), None, "{raw}");
        }
    }

    #[test]
    fn values_that_are_not_are_found() {
        for (data_type, raw, expected) in [
            (DataType::Text, "a", Kind::TooShort),
            (DataType::Text, "123456789", Kind::TooLong),
            (DataType::Text, "   ", Kind::Character),
            (DataType::Text, "a\nb", Kind::Character),
            (DataType::Numeric(0), "1.5", Kind::Character),
            (DataType::Numeric(0), "--1", Kind::Character),
            (DataType::Decimal, "1.2.3", Kind::Character),
            (DataType::Decimal, "-", Kind::Character),
            (DataType::Decimal, "1e5", Kind::Character),
            (DataType::Date, "20230229", Kind::Date),
            (DataType::Date, "19000229", Kind::Date),
            (DataType::Date, "2023", Kind::Date),
            (DataType::Time, "2460", Kind::Time),
            (DataType::Time, "12345", Kind::Time),
            (DataType::Time, "123460", Kind::Time),
        ] {
            assert_eq!(kind(data_type, raw), Some(expected), "{raw}");
        }
    }

    #[test]
    fn formats_of_dates_are_judged() {
        for (qualifier, raw, sound) in [
            ("D8", "20260301", true),
            ("D8", "260301", false),
            ("RD8", "20260301-20260302", true),
            ("RD8", "20260302-20260301", false),
            ("RD8", "20260302", false),
            ("DT", "202603012359", true),
            ("TM", "1260", false),
            ("ZZ", "anything", true),
        ] {
            assert_eq!(
                has_format(qualifier.as_bytes(), raw.as_bytes()),
                sound,
                "{qualifier} {raw}"
            );
        }
    }
}
