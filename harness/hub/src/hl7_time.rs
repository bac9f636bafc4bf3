//! Dates and times of HL7 v2 (DT, DTM, TS; HL7 v2.5.1, chapter 2.A.21 and 2.A.22) and their FHIR forms.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, tz};

use crate::config::fixed_offset;

/// How much of a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// `YYYY`
    Year,
    /// `YYYYMM`
    Month,
    /// `YYYYMMDD`
    Day,
    /// At least hours.
    Time,
}

/// A point in time as written, before it is placed in a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    local: DateTime,
    offset: Option<Offset>,
    precision: Precision,
}

/// The text is no HL7 time, or one that the calendar or the zone does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date or time")]
pub struct BadTime;

impl Moment {
    /// Reads `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`.
    pub fn parse(text: &str) -> Result<Self, BadTime> {
        let text = text.trim();
        if !text.is_ascii() {
            return Err(BadTime);
        }
        let (digits, offset) = match text.find(['+', '-']) {
            None => (text, None),
            Some(at) => (&text[..at], Some(fixed_offset(&text[at..]).ok_or(BadTime)?)),
        };
        let (digits, fraction) = match digits.split_once('.') {
            None => (digits, 0),
            Some((digits, fraction)) => (digits, nanoseconds(fraction).ok_or(BadTime)?),
        };
        let has_fraction = text.contains('.');
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) || (has_fraction && digits.len() != 14)
        {
            return Err(BadTime);
        }
        let precision = match digits.len() {
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            10 | 12 | 14 => Precision::Time,
            _ => return Err(BadTime),
        };
        let part = |at: usize, absent: i8| -> Result<i8, BadTime> {
            digits
                .get(at..at + 2)
                .map_or(Ok(absent), |part| part.parse().map_err(|_| BadTime))
        };
        let year: i16 = digits[..4].parse().map_err(|_| BadTime)?;
        if year == 0 {
            return Err(BadTime);
        }
        let date = Date::new(year, part(4, 1)?, part(6, 1)?).map_err(|_| BadTime)?;
        let time =
            Time::new(part(8, 0)?, part(10, 0)?, part(12, 0)?, fraction).map_err(|_| BadTime)?;
        Ok(Self {
            local: date.to_datetime(time),
            offset,
            precision,
        })
    }

    /// How much was written.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The instant, taken in `zone` where no offset was written.
    ///
    /// A local time that the clocks skipped is an error; of one that they showed twice the first is taken.
    pub fn instant(self, zone: &TimeZone) -> Result<Timestamp, BadTime> {
        if let Some(offset) = self.offset {
            return offset.to_timestamp(self.local).map_err(|_| BadTime);
        }
        let ambiguous: tz::AmbiguousTimestamp = zone.to_ambiguous_timestamp(self.local);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => Err(BadTime),
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                ambiguous.earlier().map_err(|_| BadTime)
            }
        }
    }

    /// The instant as if the local time were that of UTC.
    pub fn instant_ignoring_zones(self) -> Result<Timestamp, BadTime> {
        Offset::UTC.to_timestamp(self.local).map_err(|_| BadTime)
    }

    /// FHIR `date` with the precision that was written; a time of day is dropped.
    pub fn fhir_date(self) -> String {
        let date = self.local.date();
        match self.precision {
            Precision::Year => format!("{:04}", date.year()),
            Precision::Month => format!("{:04}-{:02}", date.year(), date.month()),
            Precision::Day | Precision::Time => date.to_string(),
        }
    }

    /// FHIR `dateTime`: a date with the precision that was written, or an instant in UTC.
    pub fn fhir_date_time(self, zone: &TimeZone) -> Result<String, BadTime> {
        match self.precision {
            Precision::Time => Ok(self.instant(zone)?.to_string()),
            _ => Ok(self.fhir_date()),
        }
    }
}

/// One to four digits of a fraction of a second.
fn nanoseconds(fraction: &str) -> Option<i32> {
    if fraction.is_empty()
        || fraction.len() > 4
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

/// An instant as HL7 writes it, in UTC with its offset, to the millisecond.
pub fn hl7_timestamp(at: Timestamp) -> String {
    at.strftime("%Y%m%d%H%M%S.%3f+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn precision_is_kept() {
        for (text, fhir) in [
            ("1980", "1980"),
            ("198002", "1980-02"),
            ("19800229", "1980-02-29"),
            ("202607100930", "2026-07-10T07:30:00Z"),
            ("20260110093000.25", "2026-01-10T08:30:00.25Z"),
            ("20260710093000-0500", "2026-07-10T14:30:00Z"),
        ] {
            assert_eq!(
                Moment::parse(text)
                    .unwrap()
                    .fhir_date_time(&berlin())
                    .unwrap(),
                fhir
            );
        }
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in [
            "",
            "19",
            "19810229",
            "2026071",
            "20260710250000",
            "2026-07-10",
            "202607100930.5",
            "2026ä",
            "0000",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
        let skipped = Moment::parse("20260329023000").unwrap();
        assert_eq!(skipped.instant(&berlin()), Err(BadTime));
    }

    #[test]
    fn of_a_repeated_hour_the_first_is_taken() {
        let repeated = Moment::parse("20261025023000").unwrap();
        assert_eq!(
            repeated.instant(&berlin()).unwrap().to_string(),
            "2026-10-25T00:30:00Z"
        );
    }

    #[test]
    fn acknowledgements_carry_milliseconds_in_utc() {
        let at = "2026-07-10T07:30:00.0429Z".parse().unwrap();
        assert_eq!(hl7_timestamp(at), "20260710073000.042+0000");
    }
}
