//! The earliest and latest value that a partial one may stand for, at a wanted precision.
//!
//! Precision is counted in digits, as FHIRPath does: 4 for a year, 6 for a month, 8 for a day, 10, 12, 14 and 17 for
//! hour, minute, second and millisecond of a date-time, and 2, 4, 6 and 9 for those of a time.

use super::calendar::days_in_month;
use super::{Date, DateTime, Fraction, Offset, Time};

/// Which end of the stretch is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Low,
    High,
}

impl End {
    fn pick<T>(self, low: T, high: T) -> T {
        match self {
            End::Low => low,
            End::High => high,
        }
    }
}

impl Date {
    /// How many digits are given: 4, 6 or 8.
    pub(crate) fn digits(self) -> u8 {
        4 + 2 * u8::from(self.month.is_some()) + 2 * u8::from(self.day.is_some())
    }

    /// The first or last date it covers, to 4, 6 or 8 digits; `None` for other precisions.
    pub(crate) fn boundary(self, end: End, digits: i64) -> Option<Self> {
        let month = self.month.unwrap_or(end.pick(1, 12));
        let day = self
            .day
            .unwrap_or(end.pick(1, days_in_month(i64::from(self.year), month)));
        Some(match digits {
            4 => Self {
                year: self.year,
                month: None,
                day: None,
            },
            6 => Self {
                year: self.year,
                month: Some(month),
                day: None,
            },
            8 => Self {
                year: self.year,
                month: Some(month),
                day: Some(day),
            },
            _ => return None,
        })
    }
}

impl Time {
    /// How many digits are given: 2, 4, 6, or 9 with milliseconds.
    pub(crate) fn digits(self) -> u8 {
        2 + 2 * u8::from(self.minute.is_some())
            + 2 * u8::from(self.second.is_some())
            + self.fraction.map_or(0, |fraction| fraction.digits)
    }

    /// The first or last time it covers, to 2, 4, 6 or 9 digits; `None` for other precisions.
    pub(crate) fn boundary(self, end: End, digits: i64) -> Option<Self> {
        let mut time = Self {
            hour: self.hour,
            minute: Some(self.minute.unwrap_or(end.pick(0, 59))),
            second: Some(self.second.unwrap_or(end.pick(0, 59))),
            fraction: Some(Fraction {
                nanoseconds: self.fraction.map_or(end.pick(0, 999_000_000), |fraction| {
                    fraction.nanoseconds / 1_000_000 * 1_000_000
                }),
                digits: 3,
            }),
        };
        match digits {
            2 => (time.minute, time.second, time.fraction) = (None, None, None),
            4 => (time.second, time.fraction) = (None, None),
            6 => time.fraction = None,
            9 => {}
            _ => return None,
        }
        Some(time)
    }
}

impl DateTime {
    /// How many digits are given: 4 to 8 for the date, and those of the time.
    pub(crate) fn digits(self) -> u8 {
        self.date.digits() + self.time.map_or(0, Time::digits)
    }

    /// The first or last moment it covers, to 4, 6, 8, 10, 12, 14 or 17 digits; `None` for other precisions.
    ///
    /// Where the offset is not known, the moment is the one of the easternmost or westernmost offset in use.
    pub(crate) fn boundary(self, end: End, digits: i64) -> Option<Self> {
        if digits <= 8 {
            return self.date.boundary(end, digits).map(Self::from);
        }
        let midnight = Time {
            hour: end.pick(0, 23),
            minute: None,
            second: None,
            fraction: None,
        };
        Some(Self {
            date: self.date.boundary(end, 8)?,
            time: Some(self.time.unwrap_or(midnight).boundary(end, digits - 8)?),
            offset: Some(
                self.offset
                    .unwrap_or(Offset::Minutes(end.pick(14 * 60, -12 * 60))),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_values_reach_to_both_ends() {
        let date = Date::parse("2024-02").unwrap();
        assert_eq!(
            date.boundary(End::High, 8).unwrap().to_string(),
            "2024-02-29"
        );
        assert_eq!(date.boundary(End::Low, 4).unwrap().to_string(), "2024");
        assert_eq!(date.boundary(End::Low, 5), None);
        let moment = DateTime::parse("2024-02-29").unwrap();
        assert_eq!(
            moment.boundary(End::Low, 17).unwrap().to_string(),
            "2024-02-29T00:00:00.000+14:00"
        );
        assert_eq!(
            moment.boundary(End::High, 14).unwrap().to_string(),
            "2024-02-29T23:59:59-12:00"
        );
        let time = Time::parse("10:30").unwrap();
        assert_eq!(
            time.boundary(End::High, 9).unwrap().to_string(),
            "10:30:59.999"
        );
        assert_eq!((time.digits(), moment.digits()), (4, 8));
    }
}
