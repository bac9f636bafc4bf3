//! Equality, equivalence and order.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};

use super::ast::Operator;
use super::{DateTime, EvalError, Quantity, Time, Value};
use super::{functions::text_of, units};
use crate::{Json, same_value};

/// Two items brought to a type in which they can be compared.
enum Pair<'a> {
    Booleans(bool, bool),
    Numbers(Decimal, Decimal),
    Texts(Cow<'a, str>, Cow<'a, str>),
    Moments(DateTime, DateTime),
    Times(Time, Time),
    Quantities(Quantity<'a>, Quantity<'a>),
    Elements(&'a Json, &'a Json),
    Types(bool),
    Different,
}

/// Brings two items together. Strings of the document meet dates and times as such; see the module's documentation.
fn pair<'a>(left: &Value<'a>, right: &Value<'a>) -> Result<Pair<'a>, EvalError> {
    let (Some(left_value), Some(right_value)) = (left.system()?, right.system()?) else {
        return Ok(match (left, right) {
            (Value::Node(left), Value::Node(right)) => Pair::Elements(left.json(), right.json()),
            (Value::Type { .. }, Value::Type { .. }) => Pair::Types(left == right),
            _ => Pair::Different,
        });
    };
    let from_document = |value: &Value<'_>| matches!(value, Value::Node(_));
    Ok(match (left_value, right_value) {
        (Value::Boolean(left), Value::Boolean(right)) => Pair::Booleans(left, right),
        (Value::Integer(left), Value::Integer(right)) => Pair::Numbers(left.into(), right.into()),
        (Value::Integer(left), Value::Decimal(right)) => Pair::Numbers(left.into(), right),
        (Value::Decimal(left), Value::Integer(right)) => Pair::Numbers(left, right.into()),
        (Value::Decimal(left), Value::Decimal(right)) => Pair::Numbers(left, right),
        (Value::Quantity(left), Value::Quantity(right)) => Pair::Quantities(left, right),
        (Value::Quantity(left), right) => match as_unitless(&right) {
            Some(right) => Pair::Quantities(left, right),
            None => Pair::Different,
        },
        (left, Value::Quantity(right)) => match as_unitless(&left) {
            Some(left) => Pair::Quantities(left, right),
            None => Pair::Different,
        },
        (Value::String(left_text), Value::String(right_text)) => {
            match (whole_moment(&left_text), whole_moment(&right_text)) {
                (Some(left_moment), Some(right_moment))
                    if from_document(left) && from_document(right) =>
                {
                    Pair::Moments(left_moment, right_moment)
                }
                _ => Pair::Texts(left_text, right_text),
            }
        }
        (Value::Time(left), Value::Time(right)) => Pair::Times(left, right),
        (Value::Time(left_time), Value::String(text)) if from_document(right) => {
            match Time::parse(&text) {
                Some(right_time) => Pair::Times(left_time, right_time),
                None => Pair::Different,
            }
        }
        (Value::String(text), Value::Time(right_time)) if from_document(left) => {
            match Time::parse(&text) {
                Some(left_time) => Pair::Times(left_time, right_time),
                None => Pair::Different,
            }
        }
        (left_value, right_value) => {
            let moments = (moment(left, &left_value), moment(right, &right_value));
            match (moments, text_of(left), text_of(right)) {
                ((Some(left), Some(right)), _, _) => Pair::Moments(left, right),
                // A date of the document beside a text of the expression is read as it is written.
                (_, Some(left), Some(right)) => Pair::Texts(left, right),
                _ => Pair::Different,
            }
        }
    })
}

fn as_unitless(value: &Value<'_>) -> Option<Quantity<'static>> {
    match value {
        Value::Integer(value) => Some(Quantity::of((*value).into(), "1")),
        Value::Decimal(value) => Some(Quantity::of(*value, "1")),
        _ => None,
    }
}

/// A date or date-time, also one that the document holds as a string.
fn moment(original: &Value<'_>, value: &Value<'_>) -> Option<DateTime> {
    match value {
        Value::Date(date) => Some(DateTime::from(*date)),
        Value::DateTime(moment) => Some(*moment),
        Value::String(text) if matches!(original, Value::Node(_)) => DateTime::parse(text),
        _ => None,
    }
}

/// A text that can hardly be anything but a date: one with at least a day.
fn whole_moment(text: &str) -> Option<DateTime> {
    DateTime::parse(text).filter(|moment| moment.date().day.is_some())
}

/// Whether two items are equal; `None` where their precision leaves it open.
pub(crate) fn equal(left: &Value<'_>, right: &Value<'_>) -> Result<Option<bool>, EvalError> {
    if let (Value::Node(left), Value::Node(right)) = (left, right) {
        if std::ptr::eq(left.json(), right.json()) && !left.json().is_null() {
            return Ok(Some(true));
        }
        // Exact at any size, where arithmetic would refuse.
        if let (Json::Number(left), Json::Number(right)) = (left.json(), right.json()) {
            return Ok(Some(left.same_value(right)));
        }
    }
    Ok(match pair(left, right)? {
        Pair::Booleans(left, right) => Some(left == right),
        Pair::Numbers(left, right) => Some(left == right),
        Pair::Texts(left, right) => Some(left == right),
        Pair::Moments(left, right) => left.compare(&right).map(Ordering::is_eq),
        Pair::Times(left, right) => left.compare(&right).map(Ordering::is_eq),
        Pair::Quantities(left, right) => {
            units::common(&left, &right).map(|(left, right)| left == right)
        }
        Pair::Elements(left, right) => Some(same_value(left, right)),
        Pair::Types(same) => Some(same),
        Pair::Different => Some(false),
    })
}

/// `=` on collections: pairwise and in order; `None` where a side is empty or an answer is left open.
pub(crate) fn equal_collections(
    left: &[Value<'_>],
    right: &[Value<'_>],
) -> Result<Option<bool>, EvalError> {
    if left.is_empty() || right.is_empty() {
        return Ok(None);
    }
    if left.len() != right.len() {
        return Ok(Some(false));
    }
    let mut answer = Some(true);
    for (left, right) in left.iter().zip(right) {
        match equal(left, right)? {
            Some(true) => {}
            Some(false) => return Ok(Some(false)),
            None => answer = None,
        }
    }
    Ok(answer)
}

/// Whether two items are equivalent: texts regardless of case and spacing, numbers at the coarser precision.
fn equivalent(left: &Value<'_>, right: &Value<'_>) -> Result<bool, EvalError> {
    Ok(match pair(left, right)? {
        Pair::Booleans(left, right) => left == right,
        Pair::Numbers(left, right) => equivalent_numbers(left, right),
        Pair::Texts(left, right) => folded(&left) == folded(&right),
        Pair::Moments(left, right) => left.compare(&right).is_some_and(Ordering::is_eq),
        Pair::Times(left, right) => left.compare(&right).is_some_and(Ordering::is_eq),
        Pair::Quantities(left, right) => units::roughly_common(&left, &right)
            .is_some_and(|(left, right)| equivalent_numbers(left, right)),
        Pair::Elements(left, right) => equivalent_json(left, right)?,
        Pair::Types(same) => same,
        Pair::Different => false,
    })
}

fn equivalent_numbers(left: Decimal, right: Decimal) -> bool {
    let places = left.normalize().scale().min(right.normalize().scale());
    let rounded = |value: Decimal| {
        value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
    };
    rounded(left) == rounded(right)
}

fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

fn equivalent_json(left: &Json, right: &Json) -> Result<bool, EvalError> {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (key, left) in left {
                let Some(right) = right.get(key) else {
                    return Ok(false);
                };
                if !equivalent_json(left, right)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Json::Array(left), Json::Array(right)) => {
            let nodes = |items: &'_ [Json]| items.len();
            if nodes(left) != nodes(right) {
                return Ok(false);
            }
            let left = left.iter().map(Value::node).collect::<Vec<_>>();
            let right = right.iter().map(Value::node).collect::<Vec<_>>();
            equivalent_collections(&left, &right)
        }
        (Json::Object(_) | Json::Array(_), _) | (_, Json::Object(_) | Json::Array(_)) => Ok(false),
        (Json::Null, _) | (_, Json::Null) => Ok(left == right),
        _ => equivalent(&Value::node(left), &Value::node(right)),
    }
}

/// How many items may be compared each with each.
const PAIRS_MAX: usize = 4_000_000;

/// `~` on collections: the same items in any order; two empty ones are equivalent.
pub(crate) fn equivalent_collections(
    left: &[Value<'_>],
    right: &[Value<'_>],
) -> Result<bool, EvalError> {
    if left.len() != right.len() {
        return Ok(false);
    }
    if left.len().saturating_mul(right.len()) > PAIRS_MAX {
        return Err(EvalError::new(
            "the collections are too large to compare regardless of order",
        ));
    }
    let mut open = vec![true; right.len()];
    'left: for item in left {
        for (candidate, open) in right.iter().zip(&mut open) {
            if *open && equivalent(item, candidate)? {
                *open = false;
                continue 'left;
            }
        }
        return Ok(false);
    }
    Ok(true)
}

/// How two items are ordered; `None` where their precision leaves it open, an error for types without an order.
pub(crate) fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Option<Ordering>, EvalError> {
    match pair(left, right)? {
        Pair::Numbers(left, right) => Ok(Some(left.cmp(&right))),
        Pair::Texts(left, right) => Ok(Some(left.cmp(&right))),
        Pair::Moments(left, right) => Ok(left.compare(&right)),
        Pair::Times(left, right) => Ok(left.compare(&right)),
        Pair::Quantities(left, right) => {
            Ok(units::common(&left, &right).map(|(left, right)| left.cmp(&right)))
        }
        Pair::Booleans(..) | Pair::Elements(..) | Pair::Types(_) | Pair::Different => {
            Err(EvalError::new(format!(
                "{} and {} have no order: {} and {}",
                left.kind(),
                right.kind(),
                left.display(),
                right.display()
            )))
        }
    }
}

/// `<`, `<=`, `>` and `>=`.
pub(crate) fn ordered(
    operator: Operator,
    left: &[Value<'_>],
    right: &[Value<'_>],
) -> Result<Option<bool>, EvalError> {
    let (left, right) = match (left, right) {
        ([], _) | (_, []) => return Ok(None),
        ([left], [right]) => (left, right),
        _ => {
            return Err(EvalError::new(format!(
                "`{}` compares one item with one item, not {} with {}",
                operator.text(),
                left.len(),
                right.len()
            )));
        }
    };
    Ok(order(left, right)?.map(|order| match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }))
}

/// Whether a collection contains the single item of another.
pub(crate) fn contains(
    collection: &[Value<'_>],
    wanted: &[Value<'_>],
    word: &str,
) -> Result<Option<bool>, EvalError> {
    match wanted {
        [] => Ok(None),
        [wanted] => {
            for item in collection {
                if equal(item, wanted)? == Some(true) {
                    return Ok(Some(true));
                }
            }
            Ok(Some(false))
        }
        several => Err(EvalError::new(format!(
            "`{word}` looks for one item, not {}",
            several.len()
        ))),
    }
}
