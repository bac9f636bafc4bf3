//! Dates and times as the stretch of time that they stand for.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, tz::Offset};

/// A date or time in the notation of FHIR and RFC 3339 or of HL7 v2, at the precision that it was written with.
///
/// `2026-01` stands for all of January and `202601020830` for a whole minute, on a clock whose offset may be unknown.
/// A second is a moment, with or without a fraction.
pub struct Moment {
    first: DateTime,
    last: DateTime,
    offset: Option<Offset>,
}

impl Moment {
    /// Reads a date or time; none where the text is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (clock, offset) = split_offset(text)?;
        let parts = match clock.split_once(['T', 't', ' ']) {
            Some((date, time)) => Parts::dashed(date)?.with_time(time)?,
            None if clock.contains('-') => Parts::dashed(clock)?,
            None => Parts::packed(clock)?,
        };
        let (first, last) = parts.stretch()?;
        Some(Self {
            first,
            last,
            offset,
        })
    }

    /// How far two are apart at least: nothing where their stretches meet. One without an offset is taken at the other's;
    /// where neither has one, both are read off the same clock.
    pub fn apart(&self, other: &Self) -> SignedDuration {
        let seconds = |offset: Option<Offset>| i64::from(offset.unwrap_or(Offset::UTC).seconds());
        let behind = match (self.offset, other.offset) {
            (Some(one), Some(another)) => seconds(Some(one)) - seconds(Some(another)),
            _ => 0,
        };
        let shift = SignedDuration::from_secs(behind);
        let after = self.first.duration_since(other.last) - shift;
        let before = other.first.duration_since(self.last) + shift;
        after.max(before).max(SignedDuration::ZERO)
    }
}

/// The clock's reading and the offset behind it.
fn split_offset(text: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, Some(Offset::UTC)));
    }
    // A dash before the time of day belongs to the date; packed digits have none.
    let from = match text.find(['T', 't', ' ']) {
        Some(at) => at,
        None if text.as_bytes().get(4) == Some(&b'-') => return Some((text, None)),
        None => 0,
    };
    let Some(at) = text[from..].find(['+', '-']).map(|at| from + at) else {
        return Some((text, None));
    };
    let (sign, digits) = text[at..].split_at(1);
    let digits = digits.replace(':', "");
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    let offset = Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()?;
    (minutes < 60).then_some((&text[..at], Some(offset)))
}

/// What was written, the year first. Nothing follows what is left out.
struct Parts {
    year: i16,
    /// Month, day, hour, minute and second.
    rest: Vec<i8>,
    nanosecond: i32,
}

impl Parts {
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    fn dashed(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = year(parts.next()?)?;
        let rest = parts.map(two_digits).collect::<Option<Vec<_>>>()?;
        (rest.len() <= 2).then_some(Self {
            year,
            rest,
            nanosecond: 0,
        })
    }

    /// A whole date's time of day: `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.f`.
    fn with_time(mut self, text: &str) -> Option<Self> {
        let (clock, fraction) = split_fraction(text)?;
        let time = clock
            .split(':')
            .map(two_digits)
            .collect::<Option<Vec<_>>>()?;
        let sound = self.rest.len() == 2 && time.len() <= 3 && (fraction == 0 || time.len() == 3);
        self.rest.extend(time);
        self.nanosecond = fraction;
        sound.then_some(self)
    }

    /// `YYYY[MM[DD[hh[mm[ss[.f]]]]]]`, as in HL7 v2.
    fn packed(text: &str) -> Option<Self> {
        let (digits, nanosecond) = split_fraction(text)?;
        let (years, rest) = digits.split_at_checked(4)?;
        let mut parts = Vec::new();
        let mut rest = rest;
        while !rest.is_empty() {
            let (part, more) = rest.split_at_checked(2)?;
            parts.push(two_digits(part)?);
            rest = more;
        }
        let sound = parts.len() <= 5 && (nanosecond == 0 || parts.len() == 5);
        sound.then_some(Self {
            year: year(years)?,
            rest: parts,
            nanosecond,
        })
    }

    /// The first and the last moment on the clock; none where there is no such date or time.
    fn stretch(&self) -> Option<(DateTime, DateTime)> {
        let part = |index: usize| self.rest.get(index).copied();
        let first_day = Date::new(self.year, part(0).unwrap_or(1), part(1).unwrap_or(1)).ok()?;
        let last_day = match self.rest.len() {
            0 => first_day.last_of_year(),
            1 => first_day.last_of_month(),
            _ => first_day,
        };
        // A leap second is the second before it: no clock of a computer shows it.
        let second = part(4).map(|second| if second == 60 { 59 } else { second });
        let first = Time::new(
            part(2).unwrap_or(0),
            part(3).unwrap_or(0),
            second.unwrap_or(0),
            self.nanosecond,
        )
        .ok()?;
        let last = match second {
            Some(_) => first,
            None => Time::new(
                part(2).unwrap_or(23),
                part(3).unwrap_or(59),
                59,
                999_999_999,
            )
            .ok()?,
        };
        Some((first_day.to_datetime(first), last_day.to_datetime(last)))
    }
}

/// The text before a fraction of a second, and the fraction in nanoseconds; what is finer is cut off.
fn split_fraction(text: &str) -> Option<(&str, i32)> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return Some((text, 0));
    };
    let sound = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let kept: String = format!("{fraction:0<9}").chars().take(9).collect();
    sound.then_some((whole, kept.parse().ok()?))
}

fn year(text: &str) -> Option<i16> {
    (text.len() == 4).then(|| number(text)).flatten()
}

fn two_digits(text: &str) -> Option<i8> {
    let number = (text.len() == 2).then(|| number(text)).flatten()?;
    i8::try_from(number).ok()
}

/// Digits and nothing else, no sign either.
fn number(text: &str) -> Option<i16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apart(one: &str, other: &str) -> SignedDuration {
        let read = |text: &str| Moment::parse(text).unwrap_or_else(|| panic!("{text} is a moment"));
        let distance = read(one).apart(&read(other));
        assert_eq!(distance, read(other).apart(&read(one)), "{one}, {other}");
        distance
    }

    #[test]
    fn times_of_day_count_with_an_offset_or_without() {
        for (one, other, seconds) in [
            ("2026-01-02T08:30:00", "2026-01-02T22:00:00", 48_600),
            ("2026-01-02T08:00:30", "2026-01-02T08:00:00Z", 30),
            ("2026-01-02T08:00:30", "2026-01-02T08:00:00+05:30", 30),
            ("2026-01-02T10:00:00+02:00", "2026-01-02T08:00:30Z", 30),
            (
                "2026-01-02T10:00:00+01:00",
                "2026-01-02T10:00:00-01:30",
                9_000,
            ),
            ("20260102100000+0200", "2026-01-02T08:00:30Z", 30),
            ("20260102080000.1234", "2026-01-02T08:00:00.1234Z", 0),
            ("2026-01-02 08:00:00", "20260102080001", 1),
            ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z", 1),
        ] {
            assert_eq!(
                apart(one, other),
                SignedDuration::from_secs(seconds),
                "{one}, {other}"
            );
        }
        assert_eq!(
            apart("20260102080000.25-0100", "2026-01-02T09:00:00Z"),
            SignedDuration::from_millis(250)
        );
    }

    #[test]
    fn what_is_partial_stands_for_all_that_it_covers() {
        for (one, other) in [
            ("2026-01", "2026-01-31T23:59:59.999Z"),
            ("2026", "20261231"),
            ("2026-01-02", "2026-01-02T23:59:00"),
            ("202601020830", "2026-01-02T08:30:59"),
            ("2026-01-02T08:30Z", "2026-01-02T09:30:45+01:00"),
            ("2026010208", "20260102085959"),
            ("2024-02-29", "202402"),
        ] {
            assert_eq!(apart(one, other), SignedDuration::ZERO, "{one}, {other}");
        }
        let nearly_a_day = SignedDuration::from_hours(24) + SignedDuration::from_nanos(1);
        assert_eq!(apart("2026-01-01", "2026-01-03"), nearly_a_day);
        // At the offset of the other, a date ends with that place's day.
        assert_eq!(
            apart("2026-01-01", "2026-01-02T00:30:00-05:00"),
            SignedDuration::from_mins(30) + SignedDuration::from_nanos(1)
        );
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "now",
            "26-01-02",
            "2026-1-2",
            "2026-13-45",
            "2026-02-29",
            "20260230",
            "2026010",
            "2026-01-02T25:00:00Z",
            "2026-01T08:00:00",
            "2026-01-02T08:00.5",
            "2026-01-02T08:00:00.",
            "2026-01-02T08:00:00+5",
            "2026-01-02T08:00:00+05:61",
            "2026-01-02T08:00:00+99:00",
            "2026-01-02-03",
            "+026",
            "２０２６",
            "20260102080000000",
        ] {
            assert!(Moment::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9TZ:.+\\- ü]{0,30}") {
            if let Some(moment) = Moment::parse(&text) {
                prop_assert_eq!(moment.apart(&moment), SignedDuration::ZERO);
            }
        }
    }
}
