//! Date search (FHIR R4, search, "date"): every date is the span of time that it may mean.

use jiff::civil::Date;
use wardgate_expression::Json;

use super::prefix::Prefix;

/// A half-open span of time in microseconds since 1970, from the first moment it may mean to past the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first moment.
    pub(crate) from: i64,
    /// The first moment after it.
    pub(crate) to: i64,
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// What a date parameter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateQuery {
    /// How to compare.
    pub(crate) prefix: Prefix,
    /// With what.
    pub(crate) span: Span,
}

impl DateQuery {
    /// Reads one value, `ge2020-01` for example; `now_unix_ms` is what "about" is counted from.
    pub(crate) fn parse(text: &str, now_unix_ms: i64) -> Option<Self> {
        let (prefix, date) = Prefix::split(text);
        let mut span = Span::parse(date)?;
        if prefix == Prefix::About {
            // A tenth of the distance to now, as the specification suggests.
            let distance = now_unix_ms.saturating_mul(1_000).abs_diff(span.from) / 10;
            let slack = i64::try_from(distance).unwrap_or(i64::MAX);
            span = Span {
                from: span.from.saturating_sub(slack),
                to: span.to.saturating_add(slack),
            };
        }
        Some(Self { prefix, span })
    }

    /// Whether a date, Period or Timing is what is asked for.
    pub(crate) fn matches(&self, value: &Json) -> bool {
        spans(value).is_some_and(|span| self.admits(span))
    }

    fn admits(&self, target: Span) -> bool {
        let asked = self.span;
        let contains = asked.from <= target.from && target.to <= asked.to;
        match self.prefix {
            Prefix::Equal => contains,
            Prefix::NotEqual => !contains,
            Prefix::Greater => target.to > asked.to,
            Prefix::Less => target.from < asked.from,
            Prefix::GreaterOrEqual => target.to > asked.to || contains,
            Prefix::LessOrEqual => target.from < asked.from || contains,
            Prefix::StartsAfter => target.from >= asked.to,
            Prefix::EndsBefore => target.to <= asked.from,
            Prefix::About => target.from < asked.to && asked.from < target.to,
        }
    }
}

/// The span of a date, a Period or a Timing.
pub(crate) fn spans(value: &Json) -> Option<Span> {
    let bound = |member: &str| value.get(member).and_then(Json::as_str).map(Span::parse);
    match value {
        Json::String(text) => Span::parse(text),
        Json::Object(members)
            if members.contains_key("event") || members.contains_key("repeat") =>
        {
            let mut whole: Option<Span> = None;
            let events = members.get("event").and_then(Json::as_array).unwrap_or(&[]);
            let bounds = value.pointer("/repeat/boundsPeriod");
            for span in events.iter().chain(bounds).filter_map(spans) {
                whole = Some(whole.map_or(span, |whole| Span {
                    from: whole.from.min(span.from),
                    to: whole.to.max(span.to),
                }));
            }
            whole
        }
        // A Period that is open at one end goes on for ever there.
        Json::Object(_) => match (bound("start"), bound("end")) {
            (None, None) | (Some(None), _) | (_, Some(None)) => None,
            (start, end) => Some(Span {
                from: start.flatten().map_or(i64::MIN, |span| span.from),
                to: end.flatten().map_or(i64::MAX, |span| span.to),
            }),
        },
        _ => None,
    }
}

impl Span {
    /// Reads a date, dateTime or instant of any precision; a time without a zone is taken as UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            None => (text, None),
            Some((date, time)) => (date, Some(time)),
        };
        let mut parts = date.split('-');
        let year: i16 = digits(parts.next()?, 4)?;
        let month = parts.next().map(|month| digits(month, 2));
        let day = parts.next().map(|day| digits(day, 2));
        if parts.next().is_some() || (time.is_some() && day.is_none()) {
            return None;
        }
        match (month, day) {
            (None, _) => Some(Self {
                from: midnight(year, 1, 1)?,
                to: midnight(year.checked_add(1)?, 1, 1)?,
            }),
            (Some(month), None) => {
                let month: i8 = month?;
                let (next_year, next) = if month == 12 {
                    (year.checked_add(1)?, 1)
                } else {
                    (year, month + 1)
                };
                Some(Self {
                    from: midnight(year, month, 1)?,
                    to: midnight(next_year, next, 1)?,
                })
            }
            (Some(month), Some(day)) => {
                let start = midnight(year, month?, day?)?;
                match time {
                    None => Some(Self {
                        from: start,
                        to: start + DAY,
                    }),
                    Some(time) => within_day(start, time),
                }
            }
        }
    }
}

/// The span of a time of day with its zone: `10:30`, `10:30:05.25+01:00`.
fn within_day(midnight: i64, time: &str) -> Option<Span> {
    let (clock, offset) = match time.find(['Z', '+', '-']) {
        None => (time, 0),
        Some(at) => (&time[..at], zone(&time[at..])?),
    };
    let mut parts = clock.split(':');
    let hour: i64 = digits(parts.next()?, 2)?;
    let minute: i64 = digits(parts.next()?, 2)?;
    let second = parts.next();
    if parts.next().is_some() || hour > 24 || minute > 59 {
        return None;
    }
    let start = midnight + (hour * 60 + minute - offset) * MINUTE;
    let Some(second) = second else {
        return Some(Span {
            from: start,
            to: start + MINUTE,
        });
    };
    let (whole, fraction) = match second.split_once('.') {
        None => (second, None),
        Some((whole, fraction)) => (whole, Some(fraction)),
    };
    let whole: i64 = digits(whole, 2)?;
    if whole > 60 {
        return None;
    }
    let start = start + whole * SECOND;
    match fraction {
        None => Some(Span {
            from: start,
            to: start + SECOND,
        }),
        Some(fraction) => {
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            // Finer than a microsecond is not told apart.
            let kept = &fraction[..fraction.len().min(6)];
            let step = 10_i64.pow(u32::try_from(6 - kept.len()).ok()?);
            let from = start + kept.parse::<i64>().ok()? * step;
            Some(Span {
                from,
                to: from + step,
            })
        }
    }
}

/// The minutes that a zone is ahead of UTC.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i64, i64) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 14 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

fn midnight(year: i16, month: i8, day: i8) -> Option<i64> {
    let date = Date::new(year, month, day).ok()?;
    let days = date
        .since((jiff::Unit::Day, Date::constant(1970, 1, 1)))
        .ok()?;
    Some(i64::from(days.get_days()) * DAY)
}

fn digits<T: std::str::FromStr>(text: &str, count: usize) -> Option<T> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    fn found(query: &str, value: &Json) -> bool {
        DateQuery::parse(query, 0)
            .expect("it is a date")
            .matches(value)
    }

    #[test]
    fn precision_decides_what_is_equal() {
        assert!(found("2013-01-14", &json!("2013-01-14T00:00:00Z")));
        assert!(found("2013-01-14", &json!("2013-01-14T10:00:00.5Z")));
        assert!(!found("2013-01-14", &json!("2013-01-15T00:00:00Z")));
        assert!(!found("2013-01-14", &json!("2013-01")));
        assert!(found("2013", &json!("2013-12-31T23:59:59Z")));
        assert!(found("ne2013-01-14", &json!("2013-01-15")));
        assert!(found("2013-01-14", &json!("2013-01-15T00:30:00+01:00")));
    }

    #[test]
    fn prefixes_compare_spans() {
        assert!(found("gt2013-01-14", &json!("2013-01-15")));
        assert!(!found("gt2013-01-14", &json!("2013-01-14T12:00:00Z")));
        assert!(found("ge2013-01-14", &json!("2013-01-14T12:00:00Z")));
        assert!(found("lt2013-01-14", &json!("2013-01-13")));
        assert!(found("le2013-01-14T10:00Z", &json!("2013-01-14T10:00:30Z")));
        let open = json!({"start": "2013-01-10"});
        assert!(found("gt2020", &open));
        assert!(found("lt2013-01-20", &open));
        assert!(!found("sa2013-01-20", &open));
        assert!(found(
            "eb2014",
            &json!({"start": "2013-01-10", "end": "2013-12-31"})
        ));
        assert!(found("ap2013", &json!("2012-06-01")));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "13",
            "2013-13",
            "2013-02-30",
            "2013-1-1",
            "2013-01-01T",
            "2013-01T10:00",
            "2013-01-01T10",
            "2013-01-01T10:00:00.Z",
            "xx2013",
        ] {
            assert!(DateQuery::parse(text, 0).is_none(), "{text}");
        }
    }
}
