//! Matching a JSON value.

use std::collections::HashSet;

use wardgate_contract::{
    Node, Spanned, Value,
    ast::{Matcher, MatcherKind},
    is_matcher,
};
use wardgate_expression::{Json, Number};

use super::{Ground, moment::Moment, text::short};
use crate::{
    bindings::plain,
    verdict::{Mismatch, MismatchKind},
};

/// How strictly two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The same members and no others.
    Closed,
    /// At least these members.
    Open,
    /// The same members and types, whatever the values.
    Like,
}

/// Checks a value against a matcher; nothing there is `None`.
pub fn check(
    at: &str,
    matcher: &Matcher,
    actual: Option<&Json>,
    ground: &Ground<'_>,
    out: &mut Vec<Mismatch>,
) {
    let mut matching = Matching {
        ground,
        out,
        ignoring: &[],
    };
    matching.matcher(at, matcher, actual);
}

struct Matching<'a, 'b> {
    ground: &'a Ground<'a>,
    out: &'b mut Vec<Mismatch>,
    ignoring: &'a [Spanned<String>],
}

impl Matching<'_, '_> {
    fn matcher(&mut self, at: &str, matcher: &Matcher, actual: Option<&Json>) {
        match &matcher.kind {
            MatcherKind::Equals {
                value,
                ignoring,
                open,
            } => {
                let shape = if *open { Shape::Open } else { Shape::Closed };
                let mut inner = Matching {
                    ground: self.ground,
                    out: self.out,
                    ignoring,
                };
                inner.node(at, value, actual, shape);
            }
            MatcherKind::Like(value) => self.node(at, value, actual, Shape::Like),
            MatcherKind::EachLike { item, min } => self.each_like(at, item, *min, actual),
            MatcherKind::Regex(pattern) => self.regex(at, &pattern.value, actual),
            MatcherKind::OneOf(values) => self.one_of(at, values, actual),
            MatcherKind::Range { min, max } => {
                self.range(at, min.as_ref(), max.as_ref(), actual);
            }
            MatcherKind::DateWithin { of, distance } => {
                let of = of.as_ref().map_or("${now}", |of| of.value.as_str());
                self.date_within(at, of, distance.value, actual);
            }
            MatcherKind::Decimal(text) => self.decimal(at, &text.value, actual),
            MatcherKind::Absent => match actual {
                None | Some(Json::Null) => {}
                Some(value) => self.found(MismatchKind::Surplus, at, "nothing", &plain(value)),
            },
            MatcherKind::Present => {
                if actual.is_none_or(Json::is_null) {
                    self.found(MismatchKind::Missing, at, "something", "nothing");
                }
            }
            MatcherKind::Unordered(items) => self.unordered(at, items, actual),
        }
    }

    /// Compares with what an author wrote, where matchers may stand inside.
    fn node(&mut self, at: &str, expected: &Node, actual: Option<&Json>, shape: Shape) {
        if self.is_ignored(at) {
            return;
        }
        if is_matcher(expected) {
            return self.matcher(at, &Matcher::read(expected).0, actual);
        }
        match (&expected.value, actual) {
            (Value::Mapping(members), Some(Json::Object(object))) => {
                let mut known = HashSet::new();
                for (key, member) in members {
                    match self.ground.bindings.fill_text(&key.value, &str::to_owned) {
                        Ok(key) => {
                            self.node(&below(at, &key), member, object.get(&key), shape);
                            known.insert(key);
                        }
                        Err(reason) => {
                            let place = below(at, &key.value);
                            self.found(MismatchKind::Unjudged, &place, &key.value, &reason);
                        }
                    }
                }
                if shape == Shape::Closed {
                    self.surplus(at, object.iter().filter(|(key, _)| !known.contains(*key)));
                }
            }
            (Value::Sequence(items), Some(Json::Array(values))) => {
                self.lengths(at, items.len(), values.len());
                for (index, (item, value)) in items.iter().zip(values).enumerate() {
                    self.node(&format!("{at}[{index}]"), item, Some(value), shape);
                }
            }
            _ => match self.ground.bindings.fill_node(expected, self.ground.render) {
                Ok(filled) => self.json(at, &filled, actual, shape),
                Err(reason) => {
                    let written = expected.as_text().unwrap_or("the value").to_owned();
                    self.found(MismatchKind::Unjudged, at, &written, &reason);
                }
            },
        }
    }

    /// Compares two JSON values.
    fn json(&mut self, at: &str, expected: &Json, actual: Option<&Json>, shape: Shape) {
        if self.is_ignored(at) {
            return;
        }
        match (expected, actual) {
            (_, None) => self.found(MismatchKind::Missing, at, &expected.to_string(), "nothing"),
            (Json::Object(wanted), Some(Json::Object(object))) => {
                for (key, member) in wanted.iter() {
                    self.json(&below(at, key), member, object.get(key), shape);
                }
                if shape == Shape::Closed {
                    self.surplus(
                        at,
                        object.iter().filter(|(key, _)| wanted.get(key).is_none()),
                    );
                }
            }
            (Json::Array(wanted), Some(Json::Array(values))) => {
                self.lengths(at, wanted.len(), values.len());
                for (index, (item, value)) in wanted.iter().zip(values).enumerate() {
                    self.json(&format!("{at}[{index}]"), item, Some(value), shape);
                }
            }
            (_, Some(value)) if shape == Shape::Like => {
                if expected.kind() != value.kind() {
                    self.found(
                        MismatchKind::Value,
                        at,
                        &format!("a {}", expected.kind()),
                        &value.to_string(),
                    );
                }
            }
            (_, Some(value)) => {
                if expected != value {
                    self.found(
                        MismatchKind::Value,
                        at,
                        &expected.to_string(),
                        &value.to_string(),
                    );
                }
            }
        }
    }

    fn surplus<'j>(&mut self, at: &str, extra: impl Iterator<Item = (&'j str, &'j Json)>) {
        for (key, value) in extra {
            let place = below(at, key);
            if !self.is_ignored(&place) {
                self.found(MismatchKind::Surplus, &place, "nothing", &value.to_string());
            }
        }
    }

    fn lengths(&mut self, at: &str, wanted: usize, found: usize) {
        if wanted != found {
            let kind = if found < wanted {
                MismatchKind::Missing
            } else {
                MismatchKind::Surplus
            };
            self.found(
                kind,
                at,
                &format!("{wanted} items"),
                &format!("{found} items"),
            );
        }
    }

    fn each_like(&mut self, at: &str, item: &Node, min: u32, actual: Option<&Json>) {
        let Some(values) = actual.and_then(Json::as_array) else {
            return self.found(MismatchKind::Value, at, "a list", &shown(actual));
        };
        if values.len() < min as usize {
            self.found(
                MismatchKind::Missing,
                at,
                &format!("at least {min} items"),
                &format!("{} items", values.len()),
            );
        }
        for (index, value) in values.iter().enumerate() {
            self.node(&format!("{at}[{index}]"), item, Some(value), Shape::Like);
        }
    }

    fn regex(&mut self, at: &str, pattern: &str, actual: Option<&Json>) {
        let Some(value) = actual else {
            return self.found(
                MismatchKind::Missing,
                at,
                &format!("text that matches {pattern}"),
                "nothing",
            );
        };
        let filled = self
            .ground
            .bindings
            .fill_text(pattern, &|value| regex::escape(value));
        match filled.and_then(|pattern| compile(&pattern)) {
            Ok(regex) if regex.is_match(&plain(value)) => {}
            Ok(_) => self.found(
                MismatchKind::Value,
                at,
                &format!("text that matches {pattern}"),
                &plain(value),
            ),
            Err(reason) => self.found(MismatchKind::Unjudged, at, pattern, &reason),
        }
    }

    fn one_of(&mut self, at: &str, values: &[Node], actual: Option<&Json>) {
        let fits = values.iter().any(|value| {
            let mut mismatches = Vec::new();
            let mut trial = Matching {
                ground: self.ground,
                out: &mut mismatches,
                ignoring: self.ignoring,
            };
            trial.node(at, value, actual, Shape::Closed);
            let as_text = value
                .as_text()
                .is_some_and(|text| actual.is_some_and(|value| plain(value) == text));
            mismatches.is_empty() || as_text
        });
        if !fits {
            let list: Vec<String> = values
                .iter()
                .map(|value| value.to_json().to_string())
                .collect();
            self.found(
                MismatchKind::Value,
                at,
                &format!("one of {}", list.join(", ")),
                &shown(actual),
            );
        }
    }

    fn range(
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
        let Some(number) = actual.and_then(decimal_of) else {
            return self.found(MismatchKind::Value, at, &expected, &shown(actual));
        };
        let bound = |text: Option<&Spanned<String>>| {
            text.map(|text| {
                let filled = self
                    .ground
                    .bindings
                    .fill_text(&text.value, &str::to_owned)?;
                Number::from_text(&filled)
                    .and_then(|number| number.decimal())
                    .ok_or_else(|| format!("'{filled}' is not a number"))
            })
            .transpose()
        };
        match (bound(min), bound(max)) {
            (Ok(min), Ok(max)) => {
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                    self.found(MismatchKind::Value, at, &expected, &shown(actual));
                }
            }
            (Err(reason), _) | (_, Err(reason)) => {
                self.found(MismatchKind::Unjudged, at, &expected, &reason);
            }
        }
    }

    fn decimal(&mut self, at: &str, text: &str, actual: Option<&Json>) {
        let expected = match self.ground.bindings.fill_text(text, &str::to_owned) {
            Ok(expected) => expected,
            Err(reason) => return self.found(MismatchKind::Unjudged, at, text, &reason),
        };
        let wanted = Number::from_text(&expected).and_then(|number| number.decimal());
        if wanted.is_none() {
            return self.found(
                MismatchKind::Unjudged,
                at,
                &expected,
                "this is not a decimal number",
            );
        }
        if actual.and_then(decimal_of) != wanted {
            self.found(MismatchKind::Value, at, &expected, &shown(actual));
        }
    }

    fn date_within(
        &mut self,
        at: &str,
        of: &str,
        distance: std::time::Duration,
        actual: Option<&Json>,
    ) {
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
            .and_then(|value| Moment::parse(&plain(value)))
            .is_some_and(|found| found.apart(&moment).unsigned_abs() <= distance);
        if !near {
            self.found(MismatchKind::Value, at, &expected, &shown(actual));
        }
    }

    fn unordered(&mut self, at: &str, items: &[Node], actual: Option<&Json>) {
        let Some(values) = actual.and_then(Json::as_array) else {
            return self.found(MismatchKind::Value, at, "a list", &shown(actual));
        };
        // A maximum matching: an item that fits several values must not take the only one that fits another.
        let fits: Vec<Vec<usize>> = items
            .iter()
            .map(|item| {
                (0..values.len())
                    .filter(|index| {
                        let mut mismatches = Vec::new();
                        let mut trial = Matching {
                            ground: self.ground,
                            out: &mut mismatches,
                            ignoring: self.ignoring,
                        };
                        trial.node(at, item, Some(&values[*index]), Shape::Closed);
                        mismatches.is_empty()
                    })
                    .collect()
            })
            .collect();
        let mut taken: Vec<Option<usize>> = vec![None; values.len()];
        for (item, written) in items.iter().enumerate() {
            let mut seen = vec![false; values.len()];
            if !assign(item, &fits, &mut taken, &mut seen) {
                let wanted = written.to_json().to_string();
                self.found(MismatchKind::Missing, at, &wanted, "no item fits");
            }
        }
        for (index, owner) in taken.iter().enumerate() {
            if owner.is_none() {
                self.found(
                    MismatchKind::Surplus,
                    &format!("{at}[{index}]"),
                    "nothing",
                    &values[index].to_string(),
                );
            }
        }
    }

    fn is_ignored(&self, at: &str) -> bool {
        self.ignoring
            .iter()
            .any(|path| path.value == at || path.value == without_indices(at))
    }

    fn found(&mut self, kind: MismatchKind, at: &str, expected: &str, actual: &str) {
        self.out.push(Mismatch {
            kind,
            at: at.to_owned(),
            expected: short(expected),
            actual: short(actual),
        });
    }
}

/// One step of Kuhn's algorithm for bipartite matching.
fn assign(
    item: usize,
    fits: &[Vec<usize>],
    taken: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for &value in &fits[item] {
        if !seen[value] {
            seen[value] = true;
            if taken[value].is_none_or(|owner| assign(owner, fits, taken, seen)) {
                taken[value] = Some(item);
                return true;
            }
        }
    }
    false
}

fn below(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

fn without_indices(at: &str) -> String {
    let mut depth = 0;
    at.chars()
        .filter(|c| {
            depth += i32::from(*c == '[');
            let keep = depth == 0;
            depth -= i32::from(*c == ']');
            keep
        })
        .collect()
}

fn shown(actual: Option<&Json>) -> String {
    actual.map_or_else(|| String::from("nothing"), Json::to_string)
}

fn decimal_of(value: &Json) -> Option<rust_decimal::Decimal> {
    match value {
        Json::Number(number) => number.decimal(),
        Json::String(text) => Number::from_text(text).and_then(|number| number.decimal()),
        _ => None,
    }
}

/// The whole text must match, as everywhere in contract files.
fn compile(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .size_limit(1 << 20)
        .build()
        .map_err(|error| error.to_string())
}
