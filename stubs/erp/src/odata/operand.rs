//! What a filter compares: a property, or a function of one (OData version 4.01, part 2, section 5.1.1.7).

use std::cmp::Ordering;

use rust_decimal::Decimal;
use wardgate_expression::{Json, Number};

use crate::schema::{Kind, Property, plain_choice};

/// A property, and what is done to its text before it is looked at, the innermost first.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(super) property: &'static Property,
    pub(super) functions: Vec<Function>,
}

/// A function from text to text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// `tolower`.
    Lower,
    /// `toupper`.
    Upper,
    /// `substring`: from this character on, counted from zero, so many characters or all.
    Substring { from: usize, length: Option<usize> },
}

/// A value of the type of the property that it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// A text, a choice, a GUID, a date or a date and time, in the form in which they are held.
    Text(String),
    Number(Decimal),
    Bool(bool),
}

impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        self.property.name == other.property.name && self.functions == other.functions
    }
}

impl Eq for Operand {}

impl Operand {
    /// Its text in a record.
    pub(super) fn text(&self, record: &Json) -> String {
        let text = record
            .get(self.property.name)
            .and_then(Json::as_str)
            .unwrap_or("");
        let text = match self.property.kind {
            Kind::Choice(_) => plain_choice(text),
            _ => text.to_owned(),
        };
        self.functions
            .iter()
            .fold(text, |text, function| function.of(&text))
    }

    /// How its value in a record stands to another value; none where it has none.
    pub(super) fn order(&self, record: &Json, literal: &Literal) -> Option<Ordering> {
        let value = record.get(self.property.name)?;
        Some(match literal {
            Literal::Number(number) => value.as_number().and_then(Number::decimal)?.cmp(number),
            Literal::Bool(truth) => value.as_bool()?.cmp(truth),
            Literal::Text(text)
                if self.functions.is_empty() && !matches!(self.property.kind, Kind::Choice(_)) =>
            {
                value.as_str()?.cmp(text)
            }
            Literal::Text(text) => self.text(record).as_str().cmp(text),
        })
    }
}

impl Function {
    fn of(&self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Substring { from, length } => {
                let rest = text.chars().skip(*from);
                match length {
                    None => rest.collect(),
                    Some(length) => rest.take(*length).collect(),
                }
            }
        }
    }
}
