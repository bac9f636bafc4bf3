//! Dates and times relative to the logical date of a run.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};

use crate::choices::Choices;

/// The logical date where none is given: data sets and property tests use it so that they do not age.
pub const REFERENCE_DATE: Date = date(2026, 1, 1);

/// The plainest birth date.
const PLAIN_BIRTH_DATE: Date = date(1980, 1, 1);

/// How many years back ordinary birth dates go.
const BIRTH_YEARS: i32 = 100;

/// Whole years from `birth` to `on`; 0 before the birth. Who is born on 29 February comes of age on 1 March of a
/// common year.
pub(crate) fn age_at(birth: Date, on: Date) -> i64 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    let years = i64::from(on.year()) - i64::from(birth.year());
    (if had_birthday { years } else { years - 1 }).max(0)
}

/// `on` moved by some days, held inside the calendar.
pub(crate) fn days_after(on: Date, days: i32) -> Date {
    on.saturating_add(days.days())
}

/// Days from `from` to `to`, 0 when `to` is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> u32 {
    (to - from).get_days().try_into().unwrap_or(0)
}

/// A birth date before `today`. Most are spread evenly over a century, plainest first; the rest are those that go
/// wrong: leap days, birthdays today and tomorrow, newborns and centenarians.
pub(crate) fn birth_date(choices: &mut Choices, today: Date) -> Date {
    let shape = choices.below(20);
    let years_ago = |years: u32| today.saturating_sub(i32::try_from(years).unwrap_or(0).years());
    match shape {
        0..=13 => {
            let first = today.saturating_sub(BIRTH_YEARS.years());
            let span = days_between(first, today).max(1);
            let plain = days_between(first, PLAIN_BIRTH_DATE.clamp(first, today));
            let day = (plain + choices.below(span)) % span;
            days_after(first, i32::try_from(day).unwrap_or(0))
        }
        14 | 15 => leap_day_before(today, choices.below(24)),
        16 => years_ago(1 + choices.below(99)),
        17 => days_after(years_ago(1 + choices.below(99)), 1).min(today),
        18 => days_after(today, -i32::try_from(choices.below(28)).unwrap_or(0)),
        _ => years_ago(100 + choices.below(11)),
    }
}

/// The 29 February that lies `skipped` leap years before the last one not after `today`.
fn leap_day_before(today: Date, skipped: u32) -> Date {
    let mut left = skipped;
    let mut year = today.year();
    loop {
        match Date::new(year, 2, 29) {
            Ok(day) if day <= today && left == 0 => return day,
            Ok(day) if day <= today => left -= 1,
            _ => {}
        }
        if year == Date::MIN.year() {
            return today;
        }
        year -= 1;
    }
}

/// A moment at a place: local time with the place's offset from UTC, so that a slipped time zone shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    local: DateTime,
    offset: String,
}

impl Moment {
    /// `minute` minutes after midnight of `day`, at an offset such as `-07:00`.
    pub(crate) fn new(day: Date, minute: u32, offset: &str) -> Self {
        let midnight = day.at(0, 0, 0, 0);
        Self {
            local: midnight.saturating_add(i64::from(minute).minutes()),
            offset: offset.to_owned(),
        }
    }

    /// Reads [`text`](Self::text) back; `None` for anything of another shape.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (local, offset) = text.split_at_checked(19)?;
        Some(Self {
            local: local.parse().ok()?,
            offset: offset.to_owned(),
        })
    }

    /// The same place some minutes later.
    pub(crate) fn later(&self, minutes: u32) -> Self {
        Self {
            local: self.local.saturating_add(i64::from(minutes).minutes()),
            offset: self.offset.clone(),
        }
    }

    /// The local date.
    pub(crate) fn date(&self) -> Date {
        self.local.date()
    }

    /// RFC 3339: `2026-01-05T09:15:00-07:00`.
    pub(crate) fn text(&self) -> String {
        let (day, time) = (self.local.date(), self.local.time());
        format!(
            "{day}T{:02}:{:02}:{:02}{}",
            time.hour(),
            time.minute(),
            time.second(),
            self.offset
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn ages_turn_on_the_birthday_and_leap_days_on_the_first_of_march() {
        let leapling = date(2008, 2, 29);
        for (birth, on, age) in [
            (date(2000, 6, 15), date(2018, 6, 14), 17),
            (date(2000, 6, 15), date(2018, 6, 15), 18),
            (leapling, date(2026, 2, 28), 17),
            (leapling, date(2026, 3, 1), 18),
            (leapling, date(2028, 2, 29), 20),
            (date(2030, 1, 1), date(2026, 1, 1), 0),
        ] {
            assert_eq!(age_at(birth, on), age, "{birth} on {on}");
        }
    }

    #[test]
    fn birth_dates_include_what_goes_wrong_and_never_lie_ahead() {
        let mut choices = Choices::drawn(Seed::from_u64(3).rng());
        let today = date(2027, 3, 14);
        let births: Vec<Date> = (0..5_000)
            .map(|_| birth_date(&mut choices, today))
            .collect();
        assert!(births.iter().all(|birth| *birth <= today));
        let leap_days = births
            .iter()
            .filter(|day| (day.month(), day.day()) == (2, 29))
            .count();
        assert!(leap_days > 250, "{leap_days}");
        assert!(births.iter().any(|birth| age_at(*birth, today) >= 100));
        assert!(births.iter().any(|birth| age_at(*birth, today) == 0));
        let (month, day) = (today.month(), today.day());
        assert!(
            births
                .iter()
                .filter(|birth| (birth.month(), birth.day()) == (month, day))
                .count()
                > 100
        );
    }

    #[test]
    fn any_logical_date_serves() {
        for today in [
            Date::MIN,
            Date::MAX,
            date(1, 1, 1),
            date(1975, 5, 5),
            date(2028, 2, 29),
        ] {
            let mut choices = Choices::drawn(Seed::from_u64(4).rng());
            for _ in 0..200 {
                let birth = birth_date(&mut choices, today);
                assert!(birth <= today, "{birth} {today}");
            }
        }
    }

    #[test]
    fn moments_read_back() {
        let moment = Moment::new(date(2028, 2, 29), 23 * 60 + 55, "-10:00").later(10);
        assert_eq!(moment.text(), "2028-03-01T00:05:00-10:00");
        assert_eq!(Moment::parse(&moment.text()), Some(moment));
        assert_eq!(Moment::parse("2028-03-01"), None);
        assert_eq!(Moment::parse("not a time at all, no"), None);
    }
}
