//! Going through items: criteria, projections, types.

use super::super::ast::Call;
use super::super::eval::{Evaluation, ITEMS_MAX, Items, Scope, too_many_items};
use super::super::function::Function;
use super::super::{EvalError, Value, logic, type_test};
use super::set::Distinct;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    match call.function {
        Function::Where => {
            let mut kept = Vec::new();
            for (index, item) in input.iter().enumerate() {
                if evaluation.holds(call, item, index, scope)? == Some(true) {
                    kept.push(item.clone());
                }
            }
            Ok(kept)
        }
        Function::Select => {
            let mut projected = Vec::new();
            for (index, item) in input.iter().enumerate() {
                projected.append(&mut evaluation.argument(call, 0, scope.around(item, index))?);
                if projected.len() > ITEMS_MAX {
                    return Err(too_many_items());
                }
            }
            Ok(projected)
        }
        Function::Repeat => repeat(evaluation, call, input, scope),
        Function::Iif => iif(evaluation, call, input, scope),
        Function::Type => Ok(input.iter().map(type_test::type_of).collect()),
        _ => {
            let Some(name) = &call.type_name else {
                return Ok(Vec::new());
            };
            let model = evaluation.context.model;
            match call.function {
                Function::OfType => Ok(type_test::of_type(input, name, model)),
                function => type_test::apply(input, name, function == Function::As, model),
            }
        }
    }
}

/// The projection of the input, of that, and so on, until nothing new comes.
fn repeat<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let mut found = Distinct::new();
    let mut frontier = input.to_vec();
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for (index, item) in frontier.iter().enumerate() {
            for value in evaluation.argument(call, 0, scope.around(item, index))? {
                if found.insert(evaluation, &value)? {
                    next.push(value);
                }
            }
            if found.len() > ITEMS_MAX {
                return Err(too_many_items());
            }
        }
        frontier = next;
    }
    Ok(found.into_items())
}

/// One of two values; the other one is not evaluated.
fn iif<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    if input.len() > 1 {
        return Err(EvalError::new(format!(
            "`iif()` chooses for one item, not {}; put it into `select()`",
            input.len()
        )));
    }
    let scope = Scope {
        this: input,
        ..scope
    };
    let criterion = evaluation.argument(call, 0, scope)?;
    if evaluation.context.strict
        && let [item] = criterion.as_slice()
        && !matches!(item.system(), Ok(Some(Value::Boolean(_))))
    {
        return Err(super::wrong_type("the criterion", "a truth value", item));
    }
    let holds = logic::truth(&criterion)? == Some(true);
    evaluation.argument(call, if holds { 1 } else { 2 }, scope)
}
