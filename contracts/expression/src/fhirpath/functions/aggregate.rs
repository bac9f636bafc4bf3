//! One value from many: `aggregate()`, and the sums and extremes that contracts are full of.
//!
//! `sum`, `min`, `max` and `avg` take an optional projection: `lines.sum(amount)` is `lines.amount.sum()`. The sum of
//! nothing is 0, because that is what an account without postings balances to; the others have no value for nothing.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::super::ast::{Call, Operator};
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::{EvalError, Value, arithmetic, compare};
use super::wrong_type;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    if call.function == Function::Aggregate {
        let mut total = evaluation.argument(call, 1, scope)?;
        for (index, item) in input.iter().enumerate() {
            let around = Scope {
                total: Some(&total),
                ..scope.around(item, index)
            };
            total = evaluation.argument(call, 0, around)?;
        }
        return Ok(total);
    }
    let projected;
    let items = if call.arguments.is_empty() {
        input
    } else {
        let mut values = Vec::new();
        for (index, item) in input.iter().enumerate() {
            values.append(&mut evaluation.argument(call, 0, scope.around(item, index))?);
        }
        projected = values;
        &projected
    };
    match call.function {
        Function::Sum => sum(items),
        Function::Min => extreme(items, Ordering::Less),
        Function::Max => extreme(items, Ordering::Greater),
        _ => {
            if items.is_empty() {
                return Ok(Vec::new());
            }
            let count = Value::Decimal(Decimal::from(items.len()));
            arithmetic::operate(Operator::Divide, &sum(items)?, &[count])
        }
    }
}

fn sum<'a>(items: &[Value<'a>]) -> Result<Items<'a>, EvalError> {
    let Some((first, rest)) = items.split_first() else {
        return Ok(vec![Value::Integer(0)]);
    };
    let addend = |item: &Value<'a>| match item.system()? {
        Some(value @ (Value::Integer(_) | Value::Decimal(_) | Value::Quantity(_))) => Ok(value),
        _ => Err(wrong_type("every item of a sum", "a number", item)),
    };
    let mut total = vec![addend(first)?];
    for item in rest {
        total = arithmetic::operate(Operator::Add, &total, &[addend(item)?])?;
        if total.is_empty() {
            return Err(EvalError::new(format!(
                "the units of the sum do not fit together: {}",
                item.display()
            )));
        }
    }
    Ok(total)
}

fn extreme<'a>(items: &[Value<'a>], wanted: Ordering) -> Result<Items<'a>, EvalError> {
    let mut best: Option<&Value<'a>> = None;
    for item in items {
        best = Some(match best {
            None => item,
            Some(best) => match compare::order(item, best)? {
                Some(order) if order == wanted => item,
                Some(_) => best,
                None => {
                    return Err(EvalError::new(format!(
                        "{} and {} cannot be put in order",
                        item.display(),
                        best.display()
                    )));
                }
            },
        });
    }
    Ok(best.cloned().into_iter().collect())
}
