//! Matching a JSON value.

use std::collections::HashSet;

use wardgate_contract::{
    Node, Spanned, Value,
    ast::{Matcher, MatcherKind},
    is_matcher,
};
use wardgate_expression::{Json, Number};

use super::{
    Ground,
    text::{joined, short},
};
use crate::{
    bindings::plain,
    port::Typing,
    verdict::{Mismatch, MismatchKind},
};

/// How strictly two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The same members and items and no others.
    Closed,
    /// At least these members and items.
    Open,
    /// At least these members and items like these, of the same types, whatever the values.
    Like,
}

/// Checks a value against a matcher; nothing there is `None`.
pub fn check(
    at: &str,
    matcher: &Matcher,
    actual: Option<&Json>,
    typing: Typing,
    ground: &Ground<'_>,
    out: &mut Vec<Mismatch>,
) {
    let mut matching = Matching {
        ground,
        out,
        typing,
        ignoring: &[],
    };
    matching.matcher(at, matcher, actual);
}

/// A comparison under way.
pub struct Matching<'a, 'b> {
    pub ground: &'a Ground<'a>,
    pub out: &'b mut Vec<Mismatch>,
    pub typing: Typing,
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
                    typing: self.typing,
                    ignoring,
                };
                inner.literal(at, value, actual, shape);
            }
            MatcherKind::Like(value) => self.literal(at, value, actual, Shape::Like),
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

    /// Compares with what an author wrote, which may be a matcher.
    pub fn node(&mut self, at: &str, expected: &Node, actual: Option<&Json>, shape: Shape) {
        if is_matcher(expected) {
            if !self.is_ignored(at) {
                self.matcher(at, &Matcher::read(expected).0, actual);
            }
            return;
        }
        self.literal(at, expected, actual, shape);
    }

    /// Compares with a value that is meant as one even where it has a matcher's key. Matchers may stand inside.
    fn literal(&mut self, at: &str, expected: &Node, actual: Option<&Json>, shape: Shape) {
        if self.is_ignored(at) {
            return;
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
                self.items(at, items, values, shape);
            }
            _ => match self.filled(expected) {
                Ok(filled) => self.json(at, &filled, actual, shape),
                Err(reason) => {
                    let written = expected.as_text().unwrap_or("the value").to_owned();
                    self.found(MismatchKind::Unjudged, at, &written, &reason);
                }
            },
        }
    }

    /// What an author wrote, filled. Where everything is text, it is the text that was written: `1.10` and `true` are no
    /// more than that.
    fn filled(&self, expected: &Node) -> Result<Json, String> {
        match expected.as_text() {
            Some(text) if self.typing == Typing::Text && !text.contains("${") => {
                Ok(Json::from(text))
            }
            _ => self.ground.bindings.fill_node(expected, self.ground.render),
        }
    }

    /// Compares two JSON values.
    pub fn json(&mut self, at: &str, expected: &Json, actual: Option<&Json>, shape: Shape) {
        if self.is_ignored(at) {
            return;
        }
        match (expected, actual) {
            (_, None) => {
                self.found(
                    MismatchKind::Missing,
                    at,
                    &self.shown(Some(expected)),
                    "nothing",
                );
            }
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
                self.items(at, wanted, values, shape);
            }
            (_, Some(value)) if shape == Shape::Like => {
                let kind = self.kind(expected);
                // Any text will do where the text of an example is no number.
                let is_any = kind == "string" && self.typing == Typing::Text && is_scalar(value);
                if kind != self.kind(value) && !is_any {
                    let wanted = format!("a {kind}");
                    self.found(MismatchKind::Value, at, &wanted, &self.shown(actual));
                }
            }
            (_, Some(value)) => {
                let as_text =
                    self.typing == Typing::Text && is_scalar(expected) && is_scalar(value);
                let same = expected == value || (as_text && plain(expected) == plain(value));
                if !same {
                    let wanted = self.shown(Some(expected));
                    self.found(MismatchKind::Value, at, &wanted, &self.shown(actual));
                }
            }
        }
    }

    /// The kind of a value; where everything is text, a text that is written as a number is one.
    fn kind(&self, value: &Json) -> &'static str {
        match value {
            Json::Array(_) | Json::Object(_) => value.kind(),
            _ if self.typing == Typing::Json => value.kind(),
            _ if Number::from_text(&plain(value)).is_some() => "number",
            _ => "string",
        }
    }

    /// A value for people: with the quotes of JSON only where they mean something.
    pub fn shown(&self, value: Option<&Json>) -> String {
        match value {
            None => String::from("nothing"),
            Some(value) if self.typing == Typing::Json => value.to_string(),
            Some(Json::Array(values)) => joined(values),
            Some(value) => plain(value),
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

    /// What comes of a comparison that is only tried.
    pub fn tried(&self, compare: impl FnOnce(&mut Matching<'_, '_>)) -> Vec<Mismatch> {
        let mut out = Vec::new();
        compare(&mut Matching {
            ground: self.ground,
            out: &mut out,
            typing: self.typing,
            ignoring: self.ignoring,
        });
        out
    }

    /// Whether a comparison that is only tried finds no difference. What cannot be judged is said, for it may well fit.
    pub fn fits(&mut self, compare: impl FnOnce(&mut Matching<'_, '_>)) -> bool {
        let differences = self.tried(compare);
        let unjudged = differences
            .iter()
            .find(|found| found.kind == MismatchKind::Unjudged);
        if let Some(unjudged) = unjudged.filter(|unjudged| !self.out.contains(unjudged)) {
            self.out.push(unjudged.clone());
        }
        differences.is_empty()
    }

    fn is_ignored(&self, at: &str) -> bool {
        self.ignoring
            .iter()
            .any(|path| path.value == at || path.value == without_indices(at))
    }

    pub fn found(&mut self, kind: MismatchKind, at: &str, expected: &str, actual: &str) {
        self.out.push(Mismatch {
            kind,
            at: at.to_owned(),
            expected: short(expected),
            actual: short(actual),
        });
    }
}

fn is_scalar(value: &Json) -> bool {
    !matches!(value, Json::Array(_) | Json::Object(_))
}

/// The place of a member.
pub fn below(at: &str, key: &str) -> String {
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
