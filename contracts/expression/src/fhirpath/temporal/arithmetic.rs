//! Adding calendar durations to dates and times.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::calendar::{civil_from_days, days_from_civil, days_in_month, small};
use super::{Date, DateTime, Fraction, Time};

/// A unit of calendar duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CalendarUnit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

impl CalendarUnit {
    /// The unit a word of the language names: `year`, `years` … `milliseconds`.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "year" | "years" => Self::Year,
            "month" | "months" => Self::Month,
            "week" | "weeks" => Self::Week,
            "day" | "days" => Self::Day,
            "hour" | "hours" => Self::Hour,
            "minute" | "minutes" => Self::Minute,
            "second" | "seconds" => Self::Second,
            "millisecond" | "milliseconds" => Self::Millisecond,
            _ => return None,
        })
    }

    /// The unit a UCUM code of definite duration names. Years and months are not among them: UCUM's are averages.
    pub(crate) fn from_ucum(code: &str) -> Option<Self> {
        Some(match code {
            "wk" => Self::Week,
            "d" => Self::Day,
            "h" => Self::Hour,
            "min" => Self::Minute,
            "s" => Self::Second,
            "ms" => Self::Millisecond,
            _ => return None,
        })
    }

    /// The UCUM code of the same or nearest duration.
    pub(crate) fn ucum(self) -> &'static str {
        match self {
            Self::Year => "a",
            Self::Month => "mo",
            Self::Week => "wk",
            Self::Day => "d",
            Self::Hour => "h",
            Self::Minute => "min",
            Self::Second => "s",
            Self::Millisecond => "ms",
        }
    }
}

/// A calendar duration ready to be added: whole units, or nanoseconds for seconds and below.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Span {
    Months(i64),
    Days(i64),
    /// A time, with the unit it was given in, for values too coarse to hold it.
    Nanoseconds(i128),
}

const NANOSECONDS_IN_DAY: i128 = 86_400_000_000_000;

impl Span {
    /// The span of `amount` units. Fractions count for seconds and milliseconds only, as the specification has it.
    /// `None` when it does not fit.
    pub(crate) fn of(amount: Decimal, unit: CalendarUnit) -> Option<Self> {
        let whole = amount.trunc().to_i64()?;
        let nanoseconds = |each: i64| Some(Self::Nanoseconds(i128::from(whole) * i128::from(each)));
        let exact = |each: i64| {
            amount
                .checked_mul(Decimal::from(each))?
                .trunc()
                .to_i128()
                .map(Self::Nanoseconds)
        };
        match unit {
            CalendarUnit::Year => whole.checked_mul(12).map(Self::Months),
            CalendarUnit::Month => Some(Self::Months(whole)),
            CalendarUnit::Week => whole.checked_mul(7).map(Self::Days),
            CalendarUnit::Day => Some(Self::Days(whole)),
            CalendarUnit::Hour => nanoseconds(3_600_000_000_000),
            CalendarUnit::Minute => nanoseconds(60_000_000_000),
            CalendarUnit::Second => exact(1_000_000_000),
            CalendarUnit::Millisecond => exact(1_000_000),
        }
    }
}

impl Date {
    /// The date moved by a span; `None` when that leaves the years 1 to 9999.
    ///
    /// A day that the new month lacks becomes its last day. Where the date is partial, the span is cut down to whole
    /// units of its precision, with 365 days for a year and 30 for a month.
    pub(crate) fn plus(self, span: Span) -> Option<Self> {
        match (self.month, self.day) {
            (Some(month), Some(day)) => match span {
                Span::Months(months) => {
                    let (year, month) = shift_months(i64::from(self.year), month, months)?;
                    Date::of(year, month, day.min(days_in_month(i64::from(year), month)))
                }
                Span::Days(days) => {
                    let number =
                        days_from_civil(i64::from(self.year), month, day).checked_add(days)?;
                    // Far outside the calendar the conversion itself could overflow.
                    if number.abs() > 4_000_000 {
                        return None;
                    }
                    let (year, month, day) = civil_from_days(number);
                    Date::of(u16::try_from(year).ok()?, month, day)
                }
                Span::Nanoseconds(nanoseconds) => self.plus(Span::Days(
                    i64::try_from(nanoseconds / NANOSECONDS_IN_DAY).ok()?,
                )),
            },
            (Some(month), None) => {
                let months = match span {
                    Span::Months(months) => months,
                    Span::Days(days) => days / 30,
                    Span::Nanoseconds(nanoseconds) => {
                        i64::try_from(nanoseconds / NANOSECONDS_IN_DAY / 30).ok()?
                    }
                };
                let (year, month) = shift_months(i64::from(self.year), month, months)?;
                Some(Self {
                    year,
                    month: Some(month),
                    day: None,
                })
            }
            (None, _) => {
                let years = match span {
                    Span::Months(months) => months / 12,
                    Span::Days(days) => days / 365,
                    Span::Nanoseconds(nanoseconds) => {
                        i64::try_from(nanoseconds / NANOSECONDS_IN_DAY / 365).ok()?
                    }
                };
                let year = i64::from(self.year).checked_add(years)?;
                (1..=9999).contains(&year).then_some(())?;
                Some(Self {
                    year: u16::try_from(year).ok()?,
                    ..self
                })
            }
        }
    }
}

fn shift_months(year: i64, month: u8, months: i64) -> Option<(u16, u8)> {
    let total = (year * 12 + i64::from(month) - 1).checked_add(months)?;
    let year = u16::try_from(total.div_euclid(12)).ok()?;
    (1..=9999)
        .contains(&year)
        .then(|| (year, small(total.rem_euclid(12) + 1)))
}

impl Time {
    fn nanoseconds(self) -> i128 {
        (i128::from(self.hour) * 3600
            + i128::from(self.minute.unwrap_or(0)) * 60
            + i128::from(self.second.unwrap_or(0)))
            * 1_000_000_000
            + self
                .fraction
                .map_or(0, |fraction| i128::from(fraction.nanoseconds))
    }

    /// The time moved, and how many midnights were passed. The precision stays, but a second gains the milliseconds
    /// (or finer digits) that the span brings.
    pub(crate) fn plus(self, nanoseconds: i128) -> (i64, Self) {
        let unit = match (self.minute, self.second) {
            (None, _) => 3_600_000_000_000,
            (_, None) => 60_000_000_000,
            _ => 1,
        };
        // Partial times move by whole units of their precision.
        let moved = self.nanoseconds() + nanoseconds / unit * unit;
        let days = moved.div_euclid(NANOSECONDS_IN_DAY);
        let within = moved.rem_euclid(NANOSECONDS_IN_DAY);
        let fraction_nanoseconds = u32::try_from(within % 1_000_000_000).unwrap_or(0);
        let digits = self
            .fraction
            .map_or(0, |fraction| fraction.digits)
            .max(digits_needed(fraction_nanoseconds));
        let seconds = i64::try_from(within / 1_000_000_000).unwrap_or(0);
        let time = Self {
            hour: small(seconds / 3600),
            minute: self.minute.map(|_| small(seconds / 60 % 60)),
            second: self.second.map(|_| small(seconds % 60)),
            fraction: (digits > 0).then_some(Fraction {
                nanoseconds: fraction_nanoseconds,
                digits,
            }),
        };
        (i64::try_from(days).unwrap_or(i64::MAX), time)
    }
}

/// No digits for whole seconds, three for milliseconds, nine for what is finer.
fn digits_needed(nanoseconds: u32) -> u8 {
    match nanoseconds {
        0 => 0,
        value if value % 1_000_000 == 0 => 3,
        _ => 9,
    }
}

impl DateTime {
    /// The moment moved by a span, in its own offset; `None` when that leaves the years 1 to 9999.
    pub(crate) fn plus(self, span: Span) -> Option<Self> {
        match (span, self.time) {
            (Span::Nanoseconds(nanoseconds), Some(time)) => {
                let (days, time) = time.plus(nanoseconds);
                Some(Self {
                    date: self.date.plus(Span::Days(days))?,
                    time: Some(time),
                    ..self
                })
            }
            _ => Some(Self {
                date: self.date.plus(span)?,
                ..self
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plus(start: &str, amount: &str, unit: CalendarUnit) -> Option<String> {
        let span = Span::of(amount.parse().unwrap(), unit).unwrap();
        DateTime::parse(start)
            .unwrap()
            .plus(span)
            .map(|moment| moment.to_string())
    }

    #[test]
    fn months_end_where_the_month_ends() {
        assert_eq!(
            plus("2024-01-31", "1", CalendarUnit::Month).unwrap(),
            "2024-02-29"
        );
        assert_eq!(
            plus("2024-02-29", "1", CalendarUnit::Year).unwrap(),
            "2025-02-28"
        );
        assert_eq!(
            plus("2024-03-31", "-1", CalendarUnit::Month).unwrap(),
            "2024-02-29"
        );
        assert_eq!(
            plus("2024-01-15", "-13", CalendarUnit::Month).unwrap(),
            "2022-12-15"
        );
    }

    #[test]
    fn partial_dates_move_by_whole_units() {
        assert_eq!(plus("2014", "25", CalendarUnit::Month).unwrap(), "2016");
        assert_eq!(plus("2014", "364", CalendarUnit::Day).unwrap(), "2014");
        assert_eq!(plus("2014-12", "30", CalendarUnit::Day).unwrap(), "2015-01");
        assert_eq!(
            plus("2014-12-31", "24", CalendarUnit::Hour).unwrap(),
            "2015-01-01"
        );
        assert_eq!(
            plus("2014-12-31", "7.7", CalendarUnit::Day).unwrap(),
            "2015-01-07"
        );
    }

    #[test]
    fn times_pass_midnight_and_keep_their_offset() {
        assert_eq!(
            plus("2023-12-31T23:59:59Z", "1", CalendarUnit::Second).unwrap(),
            "2024-01-01T00:00:00Z"
        );
        assert_eq!(
            plus("2024-01-01T00:00+02:00", "-1", CalendarUnit::Minute).unwrap(),
            "2023-12-31T23:59+02:00"
        );
        assert_eq!(
            plus("2024-01-01T10:00:00.000Z", "10", CalendarUnit::Millisecond).unwrap(),
            "2024-01-01T10:00:00.010Z"
        );
        assert_eq!(
            plus("2024-01-01T10:00:00Z", "0.5", CalendarUnit::Second).unwrap(),
            "2024-01-01T10:00:00.500Z"
        );
        assert_eq!(
            plus("2024-01-01T10", "59", CalendarUnit::Minute).unwrap(),
            "2024-01-01T10"
        );
    }

    #[test]
    fn the_calendar_ends() {
        assert_eq!(plus("9999-12-31", "1", CalendarUnit::Day), None);
        assert_eq!(plus("0001-01-01", "-1", CalendarUnit::Month), None);
        assert_eq!(
            plus("2024-01-01", "9000000000000000000", CalendarUnit::Day),
            None
        );
        assert!(Span::of(Decimal::MAX, CalendarUnit::Year).is_none());
        assert!(Span::of("9223372036854775807".parse().unwrap(), CalendarUnit::Week).is_none());
    }
}
