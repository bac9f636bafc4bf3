//! FHIRPath over the lossless tree: the one language of contract conditions, captures and checks.
//!
//! It follows HL7's FHIRPath (2.0.0, with what later drafts added and the official tests use) over FHIR's JSON, and it
//! works as well on any other JSON: an ERP record or the view of an HL7 v2 message is walked by its member names.
//! Decimals are exact; a result that does not fit is an error.
//!
//! ```
//! use wardgate_expression::fhirpath::{Context, Expression};
//! use wardgate_expression::json;
//!
//! let invoice = json!({"lines": [{"amount": 1}, {"amount": 2}], "total": 3});
//! let balanced = Expression::parse("lines.amount.sum() = total").unwrap();
//! assert!(balanced.is_true(&Context::new(&invoice)).unwrap());
//! ```
//!
//! # Where documents do not say what they mean
//!
//! JSON has no dates and, without FHIR's definitions, no codes. Where no [`Model`] tells the type of an element:
//!
//! - A string of the document that is written as a date with at least a day (`2024-05-01`) or as a date-time is
//!   compared as such with dates, date-times and other such strings, and as a text with texts.
//!   With a date, date-time or time of the expression, any string that is one at any precision is compared as such.
//! - A date, date-time, instant or time written as a string can be used with date arithmetic.
//! - `is`, `as` and `ofType` accept a scalar for every type whose notation it satisfies, FHIRPath's own types included.
//!   An object is of the type that `resourceType` or the suffix of a choice element says; where neither does, it is of
//!   any common data type that has all of its parts.
//!
//! # Limits
//!
//! Nesting of expressions, the number of steps of an evaluation, the size of collections and texts and the size of
//! regular expressions are bounded; what goes beyond is an error, never an exhausted machine.

mod access;
mod arithmetic;
mod ast;
mod compare;
mod context;
mod error;
mod eval;
mod explain;
mod function;
mod functions;
mod lexer;
mod logic;
mod node;
mod number;
mod parser;
mod pattern;
mod quantity;
mod shape;
mod temporal;
mod type_test;
mod types;
mod units;
mod value;

pub use access::{Access, Root};
pub use context::Context;
pub use error::{EvalError, ParseError};
pub use explain::{Comparison, Explanation};
pub use node::Node;
pub use quantity::Quantity;
pub use temporal::{Date, DateTime, Time};
pub use types::{ElementType, Model};
pub use value::Value;

use ast::{Expr, ExprKind};

/// An expression, read once and evaluated any number of times.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    root: Expr,
}

impl Expression {
    /// Reads an expression. Unknown functions, wrong numbers of arguments, unknown types and faulty literal patterns are
    /// found here.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(Self {
            source: text.to_owned(),
            root: parser::parse(text)?,
        })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the variables it uses (`%patient` is `patient`), each once in the order of first use, without those
    /// that are always there (`%context`, `%resource`, `%rootResource`, `%ucum`, `%sct`, `%loinc`, `%vs-…`, `%ext-…`).
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.walk(&mut |part| {
            if let ExprKind::Variable(name) = &part.kind
                && !context::is_built_in(name)
                && !names.contains(&name.as_str())
            {
                names.push(name.as_str());
            }
        });
        names
    }

    /// The members that it asks for, as far as the expression alone tells, each with the way from the input or a variable.
    pub fn accesses(&self) -> Vec<Access<'_>> {
        access::accesses(&self.root)
    }

    /// The collection it yields. Places in the document are borrowed, not copied.
    pub fn evaluate<'a>(&'a self, context: &'a Context<'a>) -> Result<Vec<Value<'a>>, EvalError> {
        eval::evaluate(&self.root, context)
    }

    /// Whether it holds, by FHIRPath's rule for conditions: a boolean is its value, nothing is false, one item of
    /// another type is true, and several items are an error.
    pub fn is_true(&self, context: &Context<'_>) -> Result<bool, EvalError> {
        let value = eval::evaluate(&self.root, context)?;
        logic::truth(&value)
            .map(|truth| truth.unwrap_or(false))
            .map_err(|error| error.within(&self.root.span))
    }
}

impl PartialEq for Expression {
    /// The same text.
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

impl std::str::FromStr for Expression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
