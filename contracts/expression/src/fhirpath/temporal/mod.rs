//! Dates, times and their partial forms.
//!
//! A FHIRPath date may stop at the year or the month, a time at the hour, minute or second, and a date-time may leave
//! out its offset. Each of these is a different precision, and comparing different precisions may have no answer.

mod arithmetic;
mod boundary;
mod calendar;
mod compare;
mod parse;

use std::fmt;

pub(crate) use arithmetic::{CalendarUnit, Span};
pub(crate) use boundary::End;
pub(crate) use parse::{Literal, literal};

/// A calendar date down to the year, the month or the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    pub(crate) year: u16,
    pub(crate) month: Option<u8>,
    pub(crate) day: Option<u8>,
}

/// A time of day down to the hour, the minute, the second or a fraction of it (up to nine digits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    pub(crate) hour: u8,
    pub(crate) minute: Option<u8>,
    pub(crate) second: Option<u8>,
    pub(crate) fraction: Option<Fraction>,
}

/// The digits after a second's decimal point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fraction {
    pub(crate) nanoseconds: u32,
    pub(crate) digits: u8,
}

/// A date, with a time of day where it is precise enough, and with the offset from UTC where it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    pub(crate) date: Date,
    pub(crate) time: Option<Time>,
    pub(crate) offset: Option<Offset>,
}

/// An offset from UTC as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Offset {
    /// `Z`.
    Zulu,
    /// `+hh:mm` or `-hh:mm`, in minutes east of Greenwich.
    Minutes(i16),
}

impl Offset {
    pub(crate) fn minutes(self) -> i64 {
        match self {
            Offset::Zulu => 0,
            Offset::Minutes(minutes) => i64::from(minutes),
        }
    }
}

impl DateTime {
    /// The date, without the time of day and the offset.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The time of day, when it is precise enough to have one.
    pub fn time(&self) -> Option<Time> {
        self.time
    }
}

impl From<Date> for DateTime {
    fn from(date: Date) -> Self {
        Self {
            date,
            time: None,
            offset: None,
        }
    }
}

impl fmt::Display for Date {
    /// As in FHIR: `2024`, `2024-05` or `2024-05-01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Time {
    /// As in FHIR: `10`, `10:30`, `10:30:00` or `10:30:00.000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        if let Some(minute) = self.minute {
            write!(f, ":{minute:02}")?;
        }
        if let Some(second) = self.second {
            write!(f, ":{second:02}")?;
        }
        if let Some(fraction) = self.fraction {
            let digits = format!("{:09}", fraction.nanoseconds);
            write!(f, ".{}", &digits[..usize::from(fraction.digits)])?;
        }
        Ok(())
    }
}

impl fmt::Display for DateTime {
    /// As in FHIR: `2024-05-01T10:30:00+02:00`, or a date alone when there is no time of day.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(time) = self.time {
            write!(f, "T{time}")?;
        }
        match self.offset {
            None => Ok(()),
            Some(Offset::Zulu) => f.write_str("Z"),
            Some(Offset::Minutes(minutes)) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}
