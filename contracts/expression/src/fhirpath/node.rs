//! Places in a document, and how FHIR's JSON is walked.
//!
//! FHIR splits a primitive over two members: `birthDate` holds the value, `_birthDate` its id and extensions. A node
//! holds both, so that they are one element to the expression, as they are in FHIR.

use super::context::Context;
use super::types::{ElementType, choice_suffix};
use super::{Date, DateTime, EvalError, Quantity, Time, Value};
use crate::Json;

static NO_VALUE: Json = Json::Null;

/// A place in a document: its value, and where FHIR has them apart, its id and extensions.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    json: &'a Json,
    annex: Option<&'a Json>,
    type_name: Option<&'a str>,
    /// Whether a FHIR resource is around it, so that FHIR's ways of naming elements apply.
    fhir: bool,
}

/// The name of an element as a path has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'n> {
    /// The name itself.
    pub(crate) plain: &'n str,
    /// The name under which JSON keeps a primitive's id and extensions.
    pub(crate) annex: &'n str,
    /// Whether FHIR has choice elements of that name.
    pub(crate) choice: bool,
}

const EXTENSION: Name<'static> = Name {
    plain: "extension",
    annex: "_extension",
    choice: false,
};

impl PartialEq for Node<'_> {
    /// The same JSON; what is known of the type does not count.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.json, other.json) && self.annex.is_none() && other.annex.is_none()
            || self.json == other.json && self.annex == other.annex
    }
}

impl<'a> Node<'a> {
    pub(crate) fn root(json: &'a Json) -> Self {
        Self {
            json,
            annex: None,
            type_name: None,
            fhir: json.get("resourceType").is_some(),
        }
    }

    /// The JSON at this place; `null` for a primitive that has extensions only.
    pub fn json(&self) -> &'a Json {
        self.json
    }

    /// The FHIR type, where the resource itself, the suffix of a choice or a model tells it.
    pub fn type_name(&self) -> Option<&'a str> {
        match self.json {
            Json::Object(object) => object
                .get("resourceType")
                .and_then(Json::as_str)
                .or(self.type_name),
            _ => self.type_name,
        }
    }

    /// Appends the element or elements of that name.
    pub(crate) fn member(
        &self,
        name: Name<'_>,
        context: &'a Context<'a>,
        out: &mut Vec<Value<'a>>,
    ) -> Result<(), EvalError> {
        let Json::Object(object) = self.json else {
            // The parts of a primitive are its id and its extensions.
            if let Some(annex @ Json::Object(_)) = self.annex {
                self.annexed(annex).member(name, context, out)?;
            }
            return Ok(());
        };
        let parent = self.type_name();
        let known = match (context.model, parent) {
            (Some(model), Some(parent)) => {
                let known = model.element(parent, name.plain);
                if known.is_none()
                    && context.strict
                    && model.is_type(parent)
                    && name.plain != "resourceType"
                {
                    return Err(EvalError::new(format!(
                        "{parent} has no element `{}`",
                        name.plain
                    )));
                }
                known
            }
            _ => None,
        };
        let (type_name, choice) = match known {
            Some(ElementType::One(type_name)) => (Some(type_name), false),
            Some(ElementType::Choice) => (None, true),
            // `value` is common outside of FHIR's resources too: in fragments of them, and in views made after them.
            None => (None, name.choice && (self.fhir || name.plain == "value")),
        };
        let fhir = self.fhir || object.contains_key("resourceType");
        let (value, annex) = (object.get(name.plain), object.get(name.annex));
        if value.is_some() || annex.is_some() {
            Part { type_name, fhir }.push(value, annex, out);
            return Ok(());
        }
        if !choice {
            return Ok(());
        }
        // A choice element carries its type at the end of its name.
        for (key, value) in object {
            let Some(type_name) = key.strip_prefix(name.plain).and_then(choice_suffix) else {
                continue;
            };
            let annex = object.get(&format!("_{key}"));
            let type_name = Some(type_name);
            Part { type_name, fhir }.push(Some(value), annex, out);
            return Ok(());
        }
        for (key, annex) in object {
            let suffix = key
                .strip_prefix('_')
                .and_then(|key| key.strip_prefix(name.plain));
            let type_name = suffix.and_then(choice_suffix);
            if type_name.is_some() {
                Part { type_name, fhir }.push(None, Some(annex), out);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Appends every direct part: members in order, items of an array; not `resourceType`, which is no element.
    pub(crate) fn children(&self, context: &'a Context<'a>, out: &mut Vec<Value<'a>>) {
        let object = match (self.json, self.annex) {
            (Json::Array(items), _) => {
                let part = Part {
                    type_name: None,
                    fhir: self.fhir,
                };
                for item in items {
                    part.push(Some(item), None, out);
                }
                return;
            }
            (Json::Object(object), _) | (_, Some(Json::Object(object))) => object,
            _ => return,
        };
        let parent = self.type_name();
        let fhir = self.fhir || object.contains_key("resourceType");
        for (key, value) in object {
            let (name, value, annex) = match key.strip_prefix('_') {
                Some(name) if object.contains_key(name) => continue,
                Some(name) if !name.is_empty() => (name, None, Some(value)),
                _ if key == "resourceType" => continue,
                _ => {
                    let annex = if matches!(value, Json::Object(_)) {
                        None
                    } else {
                        object.get(&format!("_{key}"))
                    };
                    (key, Some(value), annex)
                }
            };
            let type_name = match (context.model, parent) {
                (Some(model), Some(parent)) => child_type(model, parent, name),
                _ => None,
            };
            Part { type_name, fhir }.push(value, annex, out);
        }
    }

    /// The URL-named extensions of this element.
    pub(crate) fn extensions(
        &self,
        url: &str,
        context: &'a Context<'a>,
        out: &mut Vec<Value<'a>>,
    ) -> Result<(), EvalError> {
        let mut all = Vec::new();
        let annexed;
        let holder = match (self.json, self.annex) {
            (Json::Object(_), _) | (_, None) => self,
            (_, Some(annex)) => {
                annexed = self.annexed(annex);
                &annexed
            }
        };
        // An element of a type that the model does not know may still be extended.
        let lenient = holder.json.get("extension").is_some();
        if lenient {
            holder.member(EXTENSION, context, &mut all)?;
        }
        out.extend(all.into_iter().filter_map(|value| match value {
            Value::Node(node) if node.json.get("url").and_then(Json::as_str) == Some(url) => {
                Some(Value::Node(node.typed(Some("Extension"))))
            }
            _ => None,
        }));
        Ok(())
    }

    /// Whether it is a primitive that has a value.
    pub(crate) fn has_value(&self) -> bool {
        matches!(self.json, Json::Bool(_) | Json::Number(_) | Json::String(_))
    }

    /// The id and extensions of a primitive, as an element.
    fn annexed(&self, annex: &'a Json) -> Self {
        Self {
            json: annex,
            annex: None,
            type_name: Some("Element"),
            fhir: self.fhir,
        }
    }

    fn typed(self, type_name: Option<&'a str>) -> Self {
        Self { type_name, ..self }
    }

    /// The value as FHIRPath's own type, by the FHIR type where it is known and by the JSON otherwise.
    pub(crate) fn system(&self) -> Result<Option<Value<'a>>, EvalError> {
        Ok(match self.json {
            Json::Bool(value) => Some(Value::Boolean(*value)),
            Json::Number(number) => Some(match (number.as_i64(), self.type_name) {
                (Some(integer), type_name) if type_name != Some("decimal") => {
                    Value::Integer(integer)
                }
                _ => number.decimal().map(Value::Decimal).ok_or_else(|| {
                    EvalError::new(format!(
                        "the number {number} has more digits than exact arithmetic holds"
                    ))
                })?,
            }),
            Json::String(text) => {
                let temporal = match self.type_name {
                    Some("date") => Date::parse(text).map(Value::Date),
                    Some("dateTime" | "instant") => DateTime::parse(text).map(Value::DateTime),
                    Some("time") => Time::parse(text).map(Value::Time),
                    _ => None,
                };
                Some(temporal.unwrap_or_else(|| Value::from(text.as_str())))
            }
            Json::Object(_) => Quantity::from_element(self.json)
                .filter(|_| self.may_be_quantity())
                .map(Value::Quantity),
            Json::Null | Json::Array(_) => None,
        })
    }

    fn may_be_quantity(&self) -> bool {
        self.type_name()
            .is_none_or(|name| super::types::specialises(name, "Quantity", None))
    }
}

fn child_type<'a>(model: &'a dyn super::Model, parent: &str, name: &str) -> Option<&'a str> {
    if let Some(ElementType::One(type_name)) = model.element(parent, name) {
        return Some(type_name);
    }
    // The name may be that of a choice with its type at the end: try every split before a capital letter.
    name.match_indices(|c: char| c.is_ascii_uppercase())
        .find_map(|(split, _)| {
            let type_name = choice_suffix(&name[split..])?;
            matches!(
                model.element(parent, &name[..split]),
                Some(ElementType::Choice)
            )
            .then_some(type_name)
        })
}

/// What is known of a part before it is looked at.
#[derive(Clone, Copy)]
struct Part<'a> {
    type_name: Option<&'a str>,
    fhir: bool,
}

impl<'a> Part<'a> {
    /// Appends a member's value: the items of an array one by one, each with its own id and extensions.
    fn push(self, value: Option<&'a Json>, annex: Option<&'a Json>, out: &mut Vec<Value<'a>>) {
        if let Some(Json::Array(items)) = value {
            out.reserve(items.len());
            for (index, item) in items.iter().enumerate() {
                self.push(Some(item), annex.and_then(|annex| annex.at(index)), out);
            }
            return;
        }
        let json = value.unwrap_or(&NO_VALUE);
        let annex = match annex {
            Some(Json::Array(annexes)) if value.is_none() => {
                for annex in annexes {
                    self.push(None, Some(annex), out);
                }
                return;
            }
            Some(Json::Object(_)) if !matches!(json, Json::Object(_)) => annex,
            _ if json.is_null() => return,
            _ => None,
        };
        out.push(Value::Node(Node {
            json,
            annex,
            type_name: self.type_name,
            fhir: self.fhir,
        }));
    }
}
