//! Reading dates and times in the notation that FHIR and FHIRPath share.

use super::calendar::days_in_month;
use super::{Date, DateTime, Fraction, Offset, Time};

impl Date {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `None` for anything else and for days that do not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let date = reader.date()?;
        reader.at_end().then_some(date)
    }

    /// A whole date; `None` when there is no such day between the years 1 and 9999.
    pub fn of(year: u16, month: u8, day: u8) -> Option<Self> {
        let real = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(i64::from(year), month)).contains(&day);
        real.then_some(Self {
            year,
            month: Some(month),
            day: Some(day),
        })
    }
}

impl Time {
    /// Reads `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff` (one to nine digits), without the leading `T`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let time = reader.time()?;
        reader.at_end().then_some(time)
    }
}

impl DateTime {
    /// Reads a date, optionally followed by `T`, a time of day and an offset (`Z`, `+hh:mm`, `-hh:mm`).
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let moment = reader.date_time()?;
        reader.at_end().then_some(moment)
    }
}

/// A date or time at the start of `text` (which follows an `@`), and how many bytes it takes.
pub(crate) fn literal(text: &str) -> Option<(Literal, usize)> {
    let mut reader = Reader::new(text);
    let value = if reader.skip(b'T') {
        Literal::Time(reader.time()?)
    } else {
        let date = reader.date()?;
        if reader.skip(b'T') {
            Literal::DateTime(reader.rest_of_date_time(date)?)
        } else {
            Literal::Date(date)
        }
    };
    Some((value, reader.at))
}

/// Digits in the right places that name no day, time or offset.
struct Impossible;

/// What an `@` literal denotes.
pub(crate) enum Literal {
    Date(Date),
    DateTime(DateTime),
    Time(Time),
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    fn at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn number(&mut self, digits: usize) -> Option<u16> {
        let text = self.bytes.get(self.at..self.at + digits)?;
        let value = text.iter().try_fold(0_u16, |value, byte| {
            byte.is_ascii_digit()
                .then(|| value * 10 + u16::from(byte - b'0'))
        })?;
        self.at += digits;
        Some(value)
    }

    /// Two digits after `separator`; nothing is taken when they are not there.
    fn part(
        &mut self,
        separator: u8,
        range: std::ops::RangeInclusive<u8>,
    ) -> Result<Option<u8>, Impossible> {
        let start = self.at;
        if self.skip(separator)
            && let Some(value) = self.number(2)
        {
            let value = u8::try_from(value).map_err(|_| Impossible)?;
            return if range.contains(&value) {
                Ok(Some(value))
            } else {
                Err(Impossible)
            };
        }
        self.at = start;
        Ok(None)
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.number(4).filter(|&year| year > 0)?;
        let month = self.part(b'-', 1..=12).ok()?;
        let day = match month {
            Some(month) => self
                .part(b'-', 1..=days_in_month(i64::from(year), month))
                .ok()?,
            None => None,
        };
        Some(Date { year, month, day })
    }

    fn time(&mut self) -> Option<Time> {
        let hour = u8::try_from(self.number(2)?)
            .ok()
            .filter(|&hour| hour < 24)?;
        let minute = self.part(b':', 0..=59).ok()?;
        // FHIR admits the leap second; it is kept as written.
        let second = if minute.is_some() {
            self.part(b':', 0..=60).ok()?
        } else {
            None
        };
        let fraction = if second.is_some() {
            self.fraction().ok()?
        } else {
            None
        };
        Some(Time {
            hour,
            minute,
            second,
            fraction,
        })
    }

    /// The fraction of a second, when a point and a digit follow; `None` when it has more than nine digits.
    fn fraction(&mut self) -> Result<Option<Fraction>, Impossible> {
        let digits_from = self.at + 1;
        let point = self.bytes.get(self.at) == Some(&b'.');
        let length = self.bytes.get(digits_from..).map_or(0, |rest| {
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        });
        if !point || length == 0 {
            return Ok(None);
        }
        if length > 9 {
            return Err(Impossible);
        }
        let text = &self.bytes[digits_from..digits_from + length];
        let mut nanoseconds = 0;
        for index in 0..9 {
            nanoseconds =
                nanoseconds * 10 + text.get(index).map_or(0, |byte| u32::from(byte - b'0'));
        }
        self.at = digits_from + length;
        Ok(Some(Fraction {
            nanoseconds,
            digits: u8::try_from(length).map_err(|_| Impossible)?,
        }))
    }

    fn offset(&mut self) -> Result<Option<Offset>, Impossible> {
        if self.skip(b'Z') {
            return Ok(Some(Offset::Zulu));
        }
        let sign = match self.bytes.get(self.at) {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Ok(None),
        };
        let start = self.at;
        self.at += 1;
        let (Some(hours), true) = (self.number(2), self.skip(b':')) else {
            self.at = start;
            return Ok(None);
        };
        let minutes = self
            .number(2)
            .filter(|&minutes| minutes < 60)
            .ok_or(Impossible)?;
        match i16::try_from(hours * 60 + minutes) {
            Ok(total) if total <= 14 * 60 => Ok(Some(Offset::Minutes(sign * total))),
            _ => Err(Impossible),
        }
    }

    fn date_time(&mut self) -> Option<DateTime> {
        let date = self.date()?;
        if self.skip(b'T') {
            self.rest_of_date_time(date)
        } else {
            Some(DateTime::from(date))
        }
    }

    /// What follows the `T`: nothing, or, after a whole date, a time of day and perhaps an offset.
    fn rest_of_date_time(&mut self, date: Date) -> Option<DateTime> {
        let has_time = self.bytes.get(self.at).is_some_and(u8::is_ascii_digit);
        if !has_time {
            return Some(DateTime::from(date));
        }
        date.day?;
        let time = self.time()?;
        let offset = self.offset().ok()?;
        Some(DateTime {
            date,
            time: Some(time),
            offset,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "2024",
            "2024-02",
            "2024-02-29",
            "2024-02-29T10",
            "2024-02-29T10:30",
            "2024-02-29T10:30:05",
            "2024-02-29T10:30:05.120",
            "2024-02-29T10:30:05.120Z",
            "2024-02-29T10:30:05.000000001-05:30",
            "2024-02-29T10:30+14:00",
        ] {
            assert_eq!(DateTime::parse(text).unwrap().to_string(), text);
        }
        for text in ["00", "23:59", "23:59:60", "10:30:00.1"] {
            assert_eq!(Time::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        for text in [
            "",
            "24",
            "0000",
            "2024-13",
            "2023-02-29",
            "2024-1",
            "2024-02-30",
            "20240229",
            "2024-02-29 10:00",
            "2024-02T10",
            "2024-02-29T24:00",
            "2024-02-29T10:60",
            "2024-02-29T10:00:00.",
            "2024-02-29T10:00:00+15:00",
            "2024-02-29T10:00:00.1234567890",
            "2024-02-29Z",
        ] {
            assert!(DateTime::parse(text).is_none(), "{text}");
        }
        assert!(
            Time::parse("T10").is_none()
                && Time::parse("10:3").is_none()
                && Time::parse("10:30Z").is_none()
        );
        assert!(Date::of(2023, 2, 29).is_none() && Date::of(2024, 2, 29).is_some());
    }
}
