//! Matchers of single values.

use std::{cmp::Ordering, time::Duration};

use wardgate_contract::{Node, Spanned};
use wardgate_expression::{Json, Number};

use super::{
    moment::Moment,
    value::{Matching, Shape},
};
use crate::{bindings::plain, port::Typing, verdict::MismatchKind};

impl Matching<'_, '_> {
    pub fn regex(&mut self, at: &str, pattern: &str, actual: Option<&Json>) {
        let expected = format!("text that matches {pattern}");
        let value = match actual {
            None | Some(Json::Null) => {
                return self.found(MismatchKind::Missing, at, &expected, "nothing");
            }
            Some(Json::Array(_) | Json::Object(_)) => {
                let found = self.shown(actual);
                return self.found(MismatchKind::Value, at, &expected, &found);
            }
            Some(value) => plain(value),
        };
        let filled = self
            .ground
            .bindings
            .fill_text(pattern, &|value| regex::escape(value));
        match filled.and_then(|pattern| compile(&pattern)) {
            Ok(regex) if regex.is_match(&value) => {}
            Ok(_) => self.found(MismatchKind::Value, at, &expected, &value),
            Err(reason) => self.found(MismatchKind::Unjudged, at, pattern, &reason),
        }
    }

    pub fn one_of(&mut self, at: &str, values: &[Node], actual: Option<&Json>) {
        let fits = values
            .iter()
            .any(|value| self.fits(|trial| trial.node(at, value, actual, Shape::Closed)));
        if !fits {
            let list: Vec<String> = values
                .iter()
                .map(|value| value.to_json().to_string())
                .collect();
            self.found(
                MismatchKind::Value,
                at,
                &format!("one of {}", list.join(", ")),
                &self.shown(actual),
            );
        }
    }

    pub fn range(
        &mut self,
        at: &str,
        min: Option<&Spanned<String>>,
        max: Option<&Spanned<String>>,
        actual: Option<&Json>,
    ) {
        let expected = match (min, max) {
            (Some(min), Some(max)) => format!("a number from {} to {}", min.value, max.value),
            (Some(min), None) => format!("a number of at least {}", min.value),
            (None, Some(max)) => format!("a number of at most {}", max.value),
            (None, None) => String::from("a number"),
        };
        let Some(number) = actual.and_then(|value| self.number_of(value)) else {
            return self.found(MismatchKind::Value, at, &expected, &self.shown(actual));
        };
        let bound = |text: Option<&Spanned<String>>| {
            text.map(|text| {
                let filled = self
                    .ground
                    .bindings
                    .fill_text(&text.value, &str::to_owned)?;
                Number::from_text(&filled).ok_or_else(|| format!("'{filled}' is not a number"))
            })
            .transpose()
        };
        match (bound(min), bound(max)) {
            (Ok(min), Ok(max)) => {
                let below = min.is_some_and(|min| number.compare(&min).is_none_or(Ordering::is_lt));
                let above = max.is_some_and(|max| number.compare(&max).is_none_or(Ordering::is_gt));
                if below || above {
                    self.found(MismatchKind::Value, at, &expected, &self.shown(actual));
                }
            }
            (Err(reason), _) | (_, Err(reason)) => {
                self.found(MismatchKind::Unjudged, at, &expected, &reason);
            }
        }
    }

    pub fn decimal(&mut self, at: &str, text: &str, actual: Option<&Json>) {
        let expected = match self.ground.bindings.fill_text(text, &str::to_owned) {
            Ok(expected) => expected,
            Err(reason) => return self.found(MismatchKind::Unjudged, at, text, &reason),
        };
        let Some(wanted) = Number::from_text(&expected) else {
            let reason = "this is not a decimal number";
            return self.found(MismatchKind::Unjudged, at, &expected, reason);
        };
        let found = actual.and_then(|value| self.number_of(value));
        if !found.is_some_and(|found| found.same_value(&wanted)) {
            self.found(MismatchKind::Value, at, &expected, &self.shown(actual));
        }
    }

    /// The number that stands there. Where values have types, a text is none.
    fn number_of(&self, value: &Json) -> Option<Number> {
        match value {
            Json::Number(number) => Some(number.clone()),
            Json::String(text) if self.typing == Typing::Text => Number::from_text(text),
            _ => None,
        }
    }

    pub fn date_within(&mut self, at: &str, of: &str, distance: Duration, actual: Option<&Json>) {
        let expected = format!("within {distance:?} of {of}");
        let wanted = match self.ground.bindings.fill_text(of, &str::to_owned) {
            Ok(text) => text,
            Err(reason) => return self.found(MismatchKind::Unjudged, at, &expected, &reason),
        };
        let expected = format!("within {distance:?} of {wanted}");
        let Some(moment) = Moment::parse(&wanted) else {
            let reason = format!("'{wanted}' is not a date or time");
            return self.found(MismatchKind::Unjudged, at, &expected, &reason);
        };
        let near = actual
            .filter(|value| self.typing == Typing::Text || value.as_str().is_some())
            .and_then(|value| Moment::parse(&plain(value)))
            .is_some_and(|found| found.apart(&moment).unsigned_abs() <= distance);
        if !near {
            self.found(MismatchKind::Value, at, &expected, &self.shown(actual));
        }
    }
}

/// The whole text must match, as everywhere in contract files.
fn compile(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .size_limit(1 << 20)
        .build()
        .map_err(|error| error.to_string())
}
