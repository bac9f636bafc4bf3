//! Comparing dates and times of any precision.
//!
//! A partial date stands for every moment it covers. Two of them compare when their stretches of time do not overlap,
//! or when they are equally precise and start together; otherwise there is no answer. A date-time without an offset
//! might be anywhere on earth, so beside one that has an offset it is widened by the range of offsets in use.

use std::cmp::Ordering;

use super::calendar::{days_from_civil, days_in_month};
use super::{Date, DateTime, Time};

const NANOSECONDS: i128 = 1_000_000_000;
/// Offsets in use run from 12 hours west to 14 hours east of Greenwich.
const WESTMOST_SECONDS: i128 = 12 * 3600;
const EASTMOST_SECONDS: i128 = 14 * 3600;

/// The first and the last nanosecond that a value covers.
#[derive(Clone, Copy)]
struct Stretch {
    first: i128,
    last: i128,
}

impl Time {
    /// The stretch within the day. A second covers its start only: `10:30:00` and `10:30:00.0` are the same moment.
    fn stretch(&self) -> Stretch {
        let start_seconds = i128::from(self.hour) * 3600
            + i128::from(self.minute.unwrap_or(0)) * 60
            + i128::from(self.second.unwrap_or(0));
        let first = start_seconds * NANOSECONDS
            + self
                .fraction
                .map_or(0, |fraction| i128::from(fraction.nanoseconds));
        let seconds_covered = match (self.minute, self.second) {
            (None, _) => 3600,
            (_, None) => 60,
            _ => return Stretch { first, last: first },
        };
        Stretch {
            first,
            last: first + seconds_covered * NANOSECONDS - 1,
        }
    }

    /// The first moment it covers, in nanoseconds of the day.
    pub(crate) fn first_nanosecond(&self) -> i128 {
        self.stretch().first
    }

    /// How two times of day are ordered; `None` when one is not precise enough to tell.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        order(
            self.stretch(),
            other.stretch(),
            self.second.is_some() == other.second.is_some()
                && self.minute.is_some() == other.minute.is_some(),
        )
    }
}

impl DateTime {
    /// The stretch in local time, or in UTC where the offset is known.
    fn stretch(&self) -> Stretch {
        let Date { year, month, day } = self.date;
        let year = i64::from(year);
        let first_day = days_from_civil(year, month.unwrap_or(1), day.unwrap_or(1));
        let last_day = match (month, day) {
            (None, _) => days_from_civil(year, 12, 31),
            (Some(month), None) => days_from_civil(year, month, days_in_month(year, month)),
            _ => first_day,
        };
        let whole_day = Stretch {
            first: 0,
            last: 86_400 * NANOSECONDS - 1,
        };
        let within = self.time.map_or(whole_day, |time| time.stretch());
        let shift = i128::from(self.offset.map_or(0, |offset| offset.minutes() * 60)) * NANOSECONDS;
        let day_nanoseconds = |day: i64| i128::from(day) * 86_400 * NANOSECONDS;
        Stretch {
            first: day_nanoseconds(first_day) + within.first - shift,
            last: day_nanoseconds(last_day) + within.last - shift,
        }
    }

    /// The first moment it covers, in nanoseconds from 1970, UTC where the offset is known.
    pub(crate) fn first_nanosecond(&self) -> i128 {
        self.stretch().first
    }

    /// How precise it is: 1 for a year up to 6 for a second or its fraction.
    pub(super) fn precision(&self) -> u8 {
        match (self.date.month, self.date.day, self.time) {
            (None, _, _) => 1,
            (_, None, _) => 2,
            (_, _, None) => 3,
            (_, _, Some(time)) => match (time.minute, time.second) {
                (None, _) => 4,
                (_, None) => 5,
                _ => 6,
            },
        }
    }

    /// How two moments are ordered; `None` when precision or a missing offset leaves it open.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let widen = |stretch: Stretch| Stretch {
            first: stretch.first - EASTMOST_SECONDS * NANOSECONDS,
            last: stretch.last + WESTMOST_SECONDS * NANOSECONDS,
        };
        let (mut left, mut right) = (self.stretch(), other.stretch());
        let alike = self.offset.is_some() == other.offset.is_some();
        match (self.offset, other.offset) {
            (None, Some(_)) => left = widen(left),
            (Some(_), None) => right = widen(right),
            _ => {}
        }
        order(left, right, alike && self.precision() == other.precision())
    }
}

impl Date {
    /// How two dates are ordered; `None` when one is not precise enough to tell.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        DateTime::from(*self).compare(&DateTime::from(*other))
    }
}

fn order(left: Stretch, right: Stretch, equally_precise: bool) -> Option<Ordering> {
    if left.last < right.first {
        Some(Ordering::Less)
    } else if left.first > right.last {
        Some(Ordering::Greater)
    } else if equally_precise {
        // Stretches of one length that overlap start together, except across offsets that are not whole hours.
        (left.first == right.first).then_some(Ordering::Equal)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(left: &str, right: &str) -> Option<Ordering> {
        let result = DateTime::parse(left)
            .unwrap()
            .compare(&DateTime::parse(right).unwrap());
        let mirrored = DateTime::parse(right)
            .unwrap()
            .compare(&DateTime::parse(left).unwrap());
        assert_eq!(result.map(Ordering::reverse), mirrored);
        result
    }

    #[test]
    fn partial_dates_compare_where_that_has_an_answer() {
        assert_eq!(compare("2018", "2019-01-01"), Some(Ordering::Less));
        assert_eq!(compare("2018-03", "2018-03-01"), None);
        assert_eq!(compare("2018-03", "2018-03"), Some(Ordering::Equal));
        assert_eq!(compare("2018-03-01T10:30", "2018-03-01T10:30:00"), None);
        assert_eq!(
            compare("2018-03-01T10:30:00", "2018-03-01T10:30:00.0"),
            Some(Ordering::Equal)
        );
        assert_eq!(
            compare("2018-03-01T10:30:00", "2018-03-01T10:30:00.1"),
            Some(Ordering::Less)
        );
    }

    #[test]
    fn offsets_are_honoured_and_their_absence_too() {
        assert_eq!(
            compare("2017-11-05T01:30:00-04:00", "2017-11-05T00:30:00-05:00"),
            Some(Ordering::Equal)
        );
        assert_eq!(compare("2012-04-15T15:00:00Z", "2012-04-15T10:00:00"), None);
        assert_eq!(
            compare("2012-04-15T15:00:00Z", "2012-04-10T10:00:00"),
            Some(Ordering::Greater)
        );
        assert_eq!(compare("1974-12-25", "1974-12-25T12:34:00Z"), None);
        assert_eq!(
            compare("1974-12-24", "1974-12-27T00:00:00Z"),
            Some(Ordering::Less)
        );
        assert_eq!(
            compare("2012-04-15T15:00+05:30", "2012-04-15T15:30+06:00"),
            Some(Ordering::Equal)
        );
    }

    #[test]
    fn times_of_day_compare() {
        let compare = |left: &str, right: &str| {
            Time::parse(left)
                .unwrap()
                .compare(&Time::parse(right).unwrap())
        };
        assert_eq!(compare("12", "14:00:00"), Some(Ordering::Less));
        assert_eq!(compare("10:30", "10:30:00"), None);
        assert_eq!(compare("10:30:00", "10:30:00.000"), Some(Ordering::Equal));
    }
}
