//! The functions of the language, by topic.
//!
//! A function is applied to a collection. Arguments that are plain values are evaluated where the whole path stands;
//! criteria and projections are evaluated around each item of the collection.

mod aggregate;
mod boundary;
mod coding;
mod combining;
mod conversion;
mod existence;
mod fhir;
mod filtering;
mod math;
mod set;
mod sorting;
mod strings;
mod subsetting;
mod tree;
mod utility;

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::ast::Call;
use super::eval::{Evaluation, Items, Scope};
use super::function::Function;
use super::{EvalError, Value};
use crate::Json;

pub(crate) use combining::union;

/// Applies a function to its input.
pub(crate) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    use Function as F;
    match call.function {
        F::Empty
        | F::Exists
        | F::All
        | F::AllTrue
        | F::AnyTrue
        | F::AllFalse
        | F::AnyFalse
        | F::SubsetOf
        | F::SupersetOf
        | F::Count
        | F::Distinct
        | F::IsDistinct
        | F::Not
        | F::HasValue
        | F::GetValue => existence::call(evaluation, call, input, scope),
        F::Where | F::Select | F::Repeat | F::OfType | F::Is | F::As | F::Type | F::Iif => {
            filtering::call(evaluation, call, input, scope)
        }
        F::Single | F::First | F::Last | F::Tail | F::Skip | F::Take => {
            subsetting::call(evaluation, call, input, scope)
        }
        F::Intersect | F::Exclude | F::Union | F::Combine => {
            combining::call(evaluation, call, input, scope)
        }
        F::Sort => sorting::sort(evaluation, call, input, scope),
        F::ToBoolean
        | F::ConvertsToBoolean
        | F::ToInteger
        | F::ConvertsToInteger
        | F::ToDecimal
        | F::ConvertsToDecimal
        | F::ToDate
        | F::ConvertsToDate
        | F::ToDateTime
        | F::ConvertsToDateTime
        | F::ToTime
        | F::ConvertsToTime
        | F::ToQuantity
        | F::ConvertsToQuantity
        | F::ToString
        | F::ConvertsToString => conversion::call(evaluation, call, input, scope),
        F::IndexOf
        | F::LastIndexOf
        | F::Substring
        | F::StartsWith
        | F::EndsWith
        | F::Contains
        | F::Upper
        | F::Lower
        | F::Replace
        | F::Matches
        | F::MatchesFull
        | F::ReplaceMatches
        | F::Length
        | F::ToChars
        | F::Trim
        | F::Split => strings::call(evaluation, call, input, scope),
        F::Join => strings::join(evaluation, call, input, scope),
        F::Encode | F::Decode | F::Escape | F::Unescape => {
            coding::call(evaluation, call, input, scope)
        }
        F::Abs
        | F::Ceiling
        | F::Floor
        | F::Truncate
        | F::Round
        | F::Sqrt
        | F::Exp
        | F::Ln
        | F::Log
        | F::Power => math::call(evaluation, call, input, scope),
        F::Sum | F::Min | F::Max | F::Avg | F::Aggregate => {
            aggregate::call(evaluation, call, input, scope)
        }
        F::Children => tree::children(evaluation, input),
        F::Descendants => tree::descendants(evaluation, input),
        F::Trace | F::Now | F::Today | F::TimeOfDay => {
            utility::call(evaluation, call, input, scope)
        }
        F::LowBoundary | F::HighBoundary | F::Precision | F::Comparable => {
            boundary::call(evaluation, call, input, scope)
        }
        F::Extension | F::ConformsTo => fhir::call(evaluation, call, input, scope),
    }
}

/// A single boolean as a result.
fn boolean<'a>(value: bool) -> Items<'a> {
    vec![Value::Boolean(value)]
}

/// The one item of an input or argument; `None` for none, an error for several.
fn single<'s, 'a>(items: &'s [Value<'a>], what: &str) -> Result<Option<&'s Value<'a>>, EvalError> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item)),
        several => Err(EvalError::new(format!(
            "{what} must be one item, not {}",
            several.len()
        ))),
    }
}

/// A text, of the expression or of the document; a date of the document is a text too.
pub(crate) fn text_of<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Node(node) => match node.json() {
            Json::String(text) => Some(Cow::Borrowed(text)),
            _ => None,
        },
        _ => None,
    }
}

fn wrong_type(what: &str, wanted: &str, value: &Value<'_>) -> EvalError {
    EvalError::new(format!(
        "{what} must be {wanted}, not {}: {}",
        value.kind(),
        value.display()
    ))
}

/// The one text of an input or argument.
fn single_text<'a>(items: &[Value<'a>], what: &str) -> Result<Option<Cow<'a, str>>, EvalError> {
    match single(items, what)? {
        None => Ok(None),
        Some(item) => text_of(item)
            .map(Some)
            .ok_or_else(|| wrong_type(what, "a text", item)),
    }
}

/// The one integer of an input or argument.
pub(crate) fn single_integer(items: &[Value<'_>], what: &str) -> Result<Option<i64>, EvalError> {
    match single(items, what)? {
        None => Ok(None),
        Some(item) => match item.system()? {
            Some(Value::Integer(value)) => Ok(Some(value)),
            _ => Err(wrong_type(what, "an integer", item)),
        },
    }
}

/// A number of any kind as a decimal.
fn number_of(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Integer(value) => Some((*value).into()),
        Value::Decimal(value) => Some(*value),
        _ => None,
    }
}

impl<'a> Evaluation<'a> {
    /// The value of an argument that is evaluated where the path stands.
    fn argument(
        &self,
        call: &'a Call,
        index: usize,
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, EvalError> {
        match call.arguments.get(index) {
            Some(argument) => self.eval(argument, scope),
            None => Ok(Vec::new()),
        }
    }

    /// Whether a criterion holds around an item.
    fn holds(
        &self,
        call: &'a Call,
        item: &Value<'a>,
        index: usize,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<bool>, EvalError> {
        let Some(criterion) = call.arguments.first() else {
            return Ok(Some(true));
        };
        let answer = self.eval(criterion, scope.around(item, index))?;
        super::logic::truth(&answer).map_err(|error| error.within(&criterion.span))
    }
}
