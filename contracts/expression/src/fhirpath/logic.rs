//! Three-valued logic: a truth value, or nothing known.

use super::ast::Operator;
use super::{EvalError, Value};

/// A collection as a truth value: nothing is `None`, a single boolean itself, any other single item true.
pub(crate) fn truth(collection: &[Value<'_>]) -> Result<Option<bool>, EvalError> {
    match collection {
        [] => Ok(None),
        [item] => Ok(Some(match item.system() {
            Ok(Some(Value::Boolean(value))) => value,
            _ => true,
        })),
        several => Err(EvalError::new(format!(
            "a condition must be one truth value, not {} items; `exists()`, `all()` or `first()` makes one of them",
            several.len()
        ))),
    }
}

/// Whether the left side alone decides.
pub(crate) fn decided(operator: Operator, left: Option<bool>) -> Option<bool> {
    match (operator, left) {
        (Operator::And, Some(false)) => Some(false),
        (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => Some(true),
        _ => None,
    }
}

/// The answer for both sides.
pub(crate) fn combine(operator: Operator, left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match operator {
        Operator::And => match (left, right) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Operator::Or => match (left, right) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Operator::Implies => match (left, right) {
            (Some(false), _) | (_, Some(true)) => Some(true),
            (Some(true), Some(false)) => Some(false),
            _ => None,
        },
        _ => Some(left? != right?),
    }
}
