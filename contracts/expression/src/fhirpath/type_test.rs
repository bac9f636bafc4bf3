//! `is`, `as`, `ofType` and `type()`.

use std::borrow::Cow;

use super::eval::Items;
use super::node::Node;
use super::shape::has_shape;
use super::types::{self, Model, TypeName};
use super::{Date, DateTime, EvalError, Time, Value};
use crate::Json;

/// `is` and `as` on a single item.
pub(crate) fn apply<'a>(
    operand: &[Value<'a>],
    name: &TypeName,
    cast: bool,
    model: Option<&dyn Model>,
) -> Result<Items<'a>, EvalError> {
    let item = match operand {
        [] => return Ok(Vec::new()),
        [item] => item,
        several => {
            let word = if cast { "as" } else { "is" };
            return Err(EvalError::new(format!(
                "`{word}` takes one item, not {}; `ofType({})` filters several",
                several.len(),
                name.name
            )));
        }
    };
    Ok(if cast {
        of_type(operand, name, model)
    } else {
        vec![Value::Boolean(is(item, name, model))]
    })
}

/// The items of a type. A primitive must have exactly this type, as FHIR's invariants rely on; an element with parts
/// may have a more special one.
pub(crate) fn of_type<'a>(
    items: &[Value<'a>],
    name: &TypeName,
    model: Option<&dyn Model>,
) -> Items<'a> {
    let exact = |item: &&Value<'a>| match item {
        Value::Node(node) => match node.type_name() {
            Some(known) if types::is_primitive(known) => name.admits_fhir() && known == name.name,
            _ => is(item, name, model),
        },
        _ => is(item, name, model),
    };
    items.iter().filter(exact).cloned().collect()
}

/// Whether an item is of a type or of one that specialises it.
pub(crate) fn is(item: &Value<'_>, name: &TypeName, model: Option<&dyn Model>) -> bool {
    match item {
        Value::Node(node) => match node.type_name() {
            Some(known) => name.admits_fhir() && types::specialises(known, &name.name, model),
            None => looks_like(*node, name),
        },
        system => name.admits_system() && (system_type(system) == name.name || name.name == "Any"),
    }
}

fn system_type(value: &Value<'_>) -> &'static str {
    match value {
        Value::Boolean(_) => "Boolean",
        Value::Integer(_) => "Integer",
        Value::Decimal(_) => "Decimal",
        Value::String(_) => "String",
        Value::Date(_) => "Date",
        Value::DateTime(_) => "DateTime",
        Value::Time(_) => "Time",
        Value::Quantity(_) => "Quantity",
        Value::Node(_) | Value::Type { .. } => "Any",
    }
}

/// Whether a value whose type nobody tells satisfies the notation, or has the shape, of a type.
fn looks_like(node: Node<'_>, wanted: &TypeName) -> bool {
    let fhir = wanted.admits_fhir();
    let system = wanted.admits_system();
    let name = wanted.name.as_str();
    match node.json() {
        Json::Bool(_) => fhir && name == "boolean" || system && name == "Boolean",
        Json::Number(number) => match name {
            "integer" | "integer64" => fhir && number.is_integer(),
            "unsignedInt" => fhir && number.as_u64().is_some(),
            "positiveInt" => fhir && number.as_u64().is_some_and(|value| value > 0),
            "decimal" => fhir,
            "Integer" => system && number.is_integer(),
            "Decimal" => system && !number.is_integer(),
            _ => false,
        },
        Json::String(text) => match name {
            "String" => system,
            "Date" => system && Date::parse(text).is_some(),
            "DateTime" => system && DateTime::parse(text).is_some(),
            "Time" => system && Time::parse(text).is_some(),
            "string" | "markdown" | "xhtml" => fhir,
            "date" => fhir && Date::parse(text).is_some(),
            "dateTime" => fhir && DateTime::parse(text).is_some(),
            "instant" => {
                fhir && DateTime::parse(text).is_some_and(|moment| moment.offset.is_some())
            }
            "time" => fhir && Time::parse(text).is_some(),
            "code" | "uri" | "url" | "canonical" => fhir && !text.contains(char::is_whitespace),
            "oid" => fhir && text.starts_with("urn:oid:"),
            "uuid" => fhir && text.starts_with("urn:uuid:"),
            "id" => {
                let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
                fhir && (1..=64).contains(&text.len()) && text.chars().all(legal)
            }
            "base64Binary" => {
                let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
                fhir && text.chars().all(legal)
            }
            _ => false,
        },
        Json::Object(object) => fhir && has_shape(object, name) || system && name == "Any",
        Json::Null | Json::Array(_) => false,
    }
}

/// What `type()` gives.
pub(crate) fn type_of<'a>(value: &Value<'a>) -> Value<'a> {
    let system = |name: &'static str| Value::Type {
        namespace: "System",
        name: Cow::Borrowed(name),
    };
    let Value::Node(node) = value else {
        return system(system_type(value));
    };
    match node.type_name() {
        Some(name) => Value::Type {
            namespace: "FHIR",
            name: Cow::Borrowed(name),
        },
        None => system(match node.json() {
            Json::Bool(_) => "Boolean",
            Json::Number(number) if number.is_integer() => "Integer",
            Json::Number(_) => "Decimal",
            Json::String(_) => "String",
            _ => "Any",
        }),
    }
}
