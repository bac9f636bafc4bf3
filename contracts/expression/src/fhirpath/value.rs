//! What expressions work on.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::node::Node;
use super::{Date, DateTime, EvalError, Quantity, Time};
use crate::{Json, Object};

/// One item of a collection: a place in the document, borrowed, or a value that the expression made.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A place in the document or in a variable.
    Node(Node<'a>),
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// An exact decimal, with the number of places it was written or came out with.
    Decimal(Decimal),
    /// A text.
    String(Cow<'a, str>),
    /// A date, perhaps partial.
    Date(Date),
    /// A date-time, perhaps partial.
    DateTime(DateTime),
    /// A time of day, perhaps partial.
    Time(Time),
    /// An amount of a unit.
    Quantity(Quantity<'a>),
    /// The answer of `type()`.
    Type {
        /// `System` or `FHIR`.
        namespace: &'static str,
        /// The name within the namespace.
        name: Cow<'a, str>,
    },
}

impl<'a> Value<'a> {
    /// The place in the document as it stands.
    pub fn node(json: &'a Json) -> Self {
        Value::Node(Node::root(json))
    }

    /// The value as FHIRPath's own type: elements that hold a boolean, number, text, date or quantity become one.
    /// `None` for other elements and for elements without a value.
    pub(crate) fn system(&self) -> Result<Option<Value<'a>>, EvalError> {
        match self {
            Value::Node(node) => node.system(),
            Value::Type { .. } => Ok(None),
            system => Ok(Some(system.clone())),
        }
    }

    /// The value as JSON. Dates and times become strings, a quantity an object of `value` and `unit`.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Node(node) => node.json().clone(),
            Value::Boolean(value) => Json::from(*value),
            Value::Integer(value) => Json::from(*value),
            Value::Decimal(value) => Json::from(*value),
            Value::String(text) => Json::from(text.as_ref()),
            Value::Date(date) => Json::from(date.to_string()),
            Value::DateTime(moment) => Json::from(moment.to_string()),
            Value::Time(time) => Json::from(time.to_string()),
            Value::Quantity(quantity) => {
                let mut object = Object::new();
                object.push("value", quantity.value());
                object.push("unit", quantity.unit());
                Json::from(object)
            }
            Value::Type { namespace, name } => {
                let mut object = Object::new();
                object.push("namespace", *namespace);
                object.push("name", name.as_ref());
                Json::from(object)
            }
        }
    }

    /// The value as a reader of a report wants it: texts in single quotes, dates with their `@`, elements as JSON.
    pub fn display(&self) -> String {
        match self {
            Value::Node(node) => super::explain::display_json(node.json()),
            Value::String(text) => format!("'{text}'"),
            Value::Date(date) => format!("@{date}"),
            Value::DateTime(moment) => {
                format!("@{moment}{}", if moment.time.is_none() { "T" } else { "" })
            }
            Value::Time(time) => format!("@T{time}"),
            Value::Quantity(quantity) => quantity.to_string(),
            Value::Type { namespace, name } => format!("{namespace}.{name}"),
            Value::Boolean(_) | Value::Integer(_) | Value::Decimal(_) => self.to_json().to_string(),
        }
    }

    /// What kind of thing it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Node(node) => match node.json() {
                Json::Object(_) => "an element with parts",
                Json::Array(_) => "an array",
                Json::Null => "an element without a value",
                Json::Bool(_) => "a boolean",
                Json::Number(_) => "a number",
                Json::String(_) => "a text",
            },
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) | Value::Decimal(_) => "a number",
            Value::String(_) => "a text",
            Value::Date(_) => "a date",
            Value::DateTime(_) => "a date-time",
            Value::Time(_) => "a time",
            Value::Quantity(_) => "a quantity",
            Value::Type { .. } => "a type",
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::String(Cow::Owned(text))
    }
}
