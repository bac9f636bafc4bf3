//! The values that a case has drawn and captured, and how they fill templates.

use std::sync::Arc;

use jiff::Timestamp;
use wardgate_contract::{
    Node, Value,
    template::{Reference, Segment, Template},
};
use wardgate_expression::{
    Json, Object,
    fhirpath::{Context, DateTime},
};

use crate::port::Catalog;

/// The values in reach of `${…}` and `%…` in one attempt of a case.
#[derive(Clone, Debug)]
pub struct Bindings {
    catalog: Arc<Catalog>,
    now: Timestamp,
    values: Vec<(String, Bound)>,
}

/// One value and, for a synthetic record, its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The value.
    pub value: Json,
    /// The kind of record that it is, such as `patient`, if it is one.
    pub kind: Option<String>,
}

impl Bindings {
    /// No values yet; `now_unix_ms` is what `${now}` means throughout the attempt.
    pub fn new(catalog: Arc<Catalog>, now_unix_ms: i64) -> Self {
        let now = Timestamp::from_millisecond(now_unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            catalog,
            now,
            values: Vec::new(),
        }
    }

    /// Binds a name, replacing what it meant before.
    pub fn bind(&mut self, name: &str, value: Json, kind: Option<&str>) {
        let bound = Bound {
            value,
            kind: kind.map(str::to_owned),
        };
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, slot)) => *slot = bound,
            None => self.values.push((name.to_owned(), bound)),
        }
    }

    /// What a name is bound to.
    pub fn get(&self, name: &str) -> Option<&Bound> {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, bound)| bound)
    }

    /// Every name and its value, in the order bound: the variables of expressions.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bound)> {
        self.values
            .iter()
            .map(|(name, bound)| (name.as_str(), bound))
    }

    /// The ground for expressions over a value: every name is a variable, and `now()` and `today()` are the moment that
    /// `${now}` means, so that an expression says the same in a replay.
    pub fn context<'a>(&'a self, json: &'a Json) -> Context<'a> {
        let context = match DateTime::parse(&self.now()) {
            Some(now) => Context::new(json).with_now(now),
            None => Context::new(json),
        };
        self.iter().fold(context, |context, (name, bound)| {
            context.with_variable_ref(name, &bound.value)
        })
    }

    /// All values as one object, for reports. Names with a blank are the fold's own and are left out.
    pub fn to_json(&self) -> Json {
        Json::Object(
            self.values
                .iter()
                .filter(|(name, _)| !name.contains(' '))
                .map(|(name, bound)| (name.clone(), bound.value.clone()))
                .collect::<Object>(),
        )
    }

    /// The moment that `${now}` means, as RFC 3339 text in UTC with milliseconds.
    pub fn now(&self) -> String {
        instant(self.now)
    }

    /// Fills every `${…}` of a text, each value escaped for where it stands.
    pub fn fill_text(&self, text: &str, escape: &dyn Fn(&str) -> String) -> Result<String, String> {
        if !text.contains("${") {
            return Ok(text.to_owned());
        }
        let template = Template::parse(text).map_err(|error| error.to_string())?;
        template
            .fill(&|reference| self.text(reference), escape)
            .map_err(|error| error.to_string())
    }

    /// The value that a text stands for: the value itself where the whole text is one `${…}`, else the filled text.
    pub fn fill_value(&self, text: &str) -> Result<Bound, String> {
        if !text.contains("${") {
            return Ok(Bound {
                value: Json::from(text),
                kind: None,
            });
        }
        let template = Template::parse(text).map_err(|error| error.to_string())?;
        match template.single_value() {
            Some(reference) if reference.filters.is_empty() => self.resolve(reference),
            _ => Ok(Bound {
                value: Json::from(
                    template
                        .fill(&|reference| self.text(reference), &str::to_owned)
                        .map_err(|error| error.to_string())?,
                ),
                kind: None,
            }),
        }
    }

    /// A YAML node as JSON with every `${…}` filled. Where a whole scalar is a synthetic record, `render` gives
    /// the protocol's own form of it.
    pub fn fill_node(
        &self,
        node: &Node,
        render: &dyn Fn(&str, &Json) -> Option<Json>,
    ) -> Result<Json, String> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text.contains("${") => {
                let Bound { value, kind } = self.fill_value(&scalar.text)?;
                // What is put in stands as it is: what a candidate said must never be filled as if an author had
                // written it.
                Ok(kind.and_then(|kind| render(&kind, &value)).unwrap_or(value))
            }
            Value::Scalar(_) => Ok(node.to_json()),
            Value::Sequence(items) => items
                .iter()
                .map(|item| self.fill_node(item, render))
                .collect::<Result<Vec<_>, _>>()
                .map(Json::Array),
            Value::Mapping(members) => {
                let mut object = Object::default();
                for (key, member) in members {
                    let key = self.fill_text(&key.value, &str::to_owned)?;
                    object.insert(key, self.fill_node(member, render)?);
                }
                Ok(Json::Object(object))
            }
        }
    }

    /// A generated value with every `${…}` that its generator left in it filled.
    pub fn fill_json(&self, value: Json) -> Result<Json, String> {
        Ok(match value {
            Json::String(text) if text.contains("${") => {
                Json::String(self.fill_text(&text, &str::to_owned)?)
            }
            Json::Array(items) => Json::Array(
                items
                    .into_iter()
                    .map(|item| self.fill_json(item))
                    .collect::<Result<_, _>>()?,
            ),
            Json::Object(members) => {
                let mut object = Object::default();
                for (key, member) in members.iter() {
                    object.push(key.to_owned(), self.fill_json(member.clone())?);
                }
                Json::Object(object)
            }
            other => other,
        })
    }

    fn text(&self, reference: &Reference) -> Result<String, String> {
        let value = self.resolve(reference)?.value;
        let mut text = plain(&value);
        for filter in &reference.filters {
            text = self.catalog.filter(filter, &text).ok_or_else(|| {
                format!(
                    "there is no filter '{filter}'; known are {}",
                    self.catalog.filter_names().join(", ")
                )
            })??;
        }
        Ok(text)
    }

    fn resolve(&self, reference: &Reference) -> Result<Bound, String> {
        let name = reference.name();
        if name == "now" || name == "today" {
            let moment = match reference.offset {
                None => self.now,
                Some(offset) => self
                    .now
                    .checked_add(offset)
                    .map_err(|_| format!("${{{name}}} moved out of the calendar"))?,
            };
            let mut text = instant(moment);
            if name == "today" {
                text.truncate(10);
            }
            return Ok(Bound {
                value: Json::from(text),
                kind: None,
            });
        }
        let bound = self.get(name).ok_or_else(|| {
            format!(
                "nothing is called '{name}' here; known are {}",
                self.known()
            )
        })?;
        let mut value = &bound.value;
        for segment in &reference.path[1..] {
            value = match segment {
                Segment::Name(member) => value.get(member),
                Segment::Index(index) => value.at(*index),
            }
            .ok_or_else(|| match segment {
                Segment::Name(member) => format!("'{name}' has no member '{member}'"),
                Segment::Index(index) => format!("'{name}' has no item [{index}]"),
            })?;
        }
        Ok(Bound {
            value: value.clone(),
            kind: bound.kind.clone().filter(|_| reference.path.len() == 1),
        })
    }

    fn known(&self) -> String {
        let mut names: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).collect();
        names.extend(["now", "today"]);
        names.join(", ")
    }
}

/// A value as a template inserts it into text: a string without quotes, anything else as JSON.
pub fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn instant(moment: Timestamp) -> String {
    format!("{moment:.3}")
}
