//! Whether there is something, and what holds for all of it.

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope, integer};
use super::super::function::Function;
use super::super::{EvalError, Value, logic};
use super::boolean;
use super::set::Distinct;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    Ok(match call.function {
        Function::Empty => boolean(input.is_empty()),
        Function::Exists => {
            for (index, item) in input.iter().enumerate() {
                if evaluation.holds(call, item, index, scope)? == Some(true) {
                    return Ok(boolean(true));
                }
            }
            boolean(false)
        }
        Function::All => {
            for (index, item) in input.iter().enumerate() {
                if evaluation.holds(call, item, index, scope)? != Some(true) {
                    return Ok(boolean(false));
                }
            }
            boolean(true)
        }
        Function::AllTrue => boolean(truths(input)?.into_iter().all(|value| value)),
        Function::AnyTrue => boolean(truths(input)?.into_iter().any(|value| value)),
        Function::AllFalse => boolean(truths(input)?.into_iter().all(|value| !value)),
        Function::AnyFalse => boolean(truths(input)?.into_iter().any(|value| !value)),
        Function::SubsetOf => {
            let other = evaluation.argument(call, 0, scope)?;
            boolean(Distinct::of(evaluation, &other)?.contains_all(evaluation, input)?)
        }
        Function::SupersetOf => {
            let other = evaluation.argument(call, 0, scope)?;
            boolean(Distinct::of(evaluation, input)?.contains_all(evaluation, &other)?)
        }
        Function::Count => vec![integer(input.len())],
        Function::Distinct => Distinct::of(evaluation, input)?.into_items(),
        Function::IsDistinct => boolean(Distinct::of(evaluation, input)?.len() == input.len()),
        Function::Not => logic::truth(input)?
            .map(|value| Value::Boolean(!value))
            .into_iter()
            .collect(),
        Function::HasValue => boolean(match input {
            [Value::Node(node)] => node.has_value(),
            [_] => true,
            _ => false,
        }),
        _ => match input {
            [Value::Node(node)] if !node.has_value() => Vec::new(),
            [item] => item.system()?.into_iter().collect(),
            _ => Vec::new(),
        },
    })
}

fn truths(input: &[Value<'_>]) -> Result<Vec<bool>, EvalError> {
    input
        .iter()
        .map(|item| match item.system()? {
            Some(Value::Boolean(value)) => Ok(value),
            _ => Err(super::wrong_type("every item", "a truth value", item)),
        })
        .collect()
}
