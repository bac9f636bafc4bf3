//! `sort()`: by the items themselves, or by keys; a key with a minus before it runs downwards.

use std::cell::RefCell;
use std::cmp::Ordering;

use super::super::ast::{Call, Expr, ExprKind};
use super::super::eval::{Evaluation, Items, Scope};
use super::super::{EvalError, Value, compare};
use super::single;

pub(super) fn sort<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let directions = call
        .arguments
        .iter()
        .map(|argument| match &argument.kind {
            ExprKind::Sign {
                negative: true,
                operand,
            } => (true, operand.as_ref()),
            _ => (false, argument),
        })
        .collect::<Vec<(bool, &'a Expr)>>();
    let mut keyed = Vec::with_capacity(input.len());
    for (index, item) in input.iter().enumerate() {
        let mut keys = Vec::with_capacity(directions.len().max(1));
        if directions.is_empty() {
            keys.push(Some(item.clone()));
        }
        for (_, key) in &directions {
            let values = evaluation.eval(key, scope.around(item, index))?;
            keys.push(single(&values, "a key to sort by")?.cloned());
        }
        keyed.push((keys, item));
    }
    let fault = RefCell::new(None);
    keyed.sort_by(|(left, _), (right, _)| {
        for (place, (left, right)) in left.iter().zip(right).enumerate() {
            let order = order(
                left.as_ref(),
                right.as_ref(),
                directions.get(place).is_some_and(|&(down, _)| down),
            );
            match order {
                Ok(Ordering::Equal) => {}
                Ok(order) => return order,
                Err(error) => {
                    fault.borrow_mut().get_or_insert(error);
                }
            }
        }
        Ordering::Equal
    });
    match fault.into_inner() {
        Some(error) => Err(error),
        None => Ok(keyed.into_iter().map(|(_, item)| item.clone()).collect()),
    }
}

/// Nothing goes before something, whichever way the key runs.
fn order(
    left: Option<&Value<'_>>,
    right: Option<&Value<'_>>,
    downwards: bool,
) -> Result<Ordering, EvalError> {
    match (left, right) {
        (None, None) => Ok(Ordering::Equal),
        (None, Some(_)) => Ok(Ordering::Less),
        (Some(_), None) => Ok(Ordering::Greater),
        (Some(left), Some(right)) => match compare::order(left, right)? {
            Some(order) => Ok(if downwards { order.reverse() } else { order }),
            None => Err(EvalError::new(format!(
                "{} and {} cannot be put in order",
                left.display(),
                right.display()
            ))),
        },
    }
}
