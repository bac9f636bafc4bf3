//! Putting collections together.

use super::super::ast::Call;
use super::super::eval::{Evaluation, ITEMS_MAX, Items, Scope, too_many_items};
use super::super::function::Function;
use super::super::{EvalError, Value};
use super::set::Distinct;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let other = evaluation.argument(call, 0, scope)?;
    match call.function {
        Function::Union => union(evaluation, input, &other),
        Function::Combine => {
            if input.len() + other.len() > ITEMS_MAX {
                return Err(too_many_items());
            }
            let mut all = input.to_vec();
            all.extend(other);
            Ok(all)
        }
        Function::Intersect => {
            let other = Distinct::of(evaluation, &other)?;
            let mut common = Distinct::new();
            for item in input {
                if other.contains(evaluation, item)? {
                    common.insert(evaluation, item)?;
                }
            }
            Ok(common.into_items())
        }
        _ => {
            let other = Distinct::of(evaluation, &other)?;
            let mut kept = Vec::new();
            for item in input {
                if !other.contains(evaluation, item)? {
                    kept.push(item.clone());
                }
            }
            Ok(kept)
        }
    }
}

/// The different items of both collections.
pub(crate) fn union<'a>(
    evaluation: &Evaluation<'a>,
    left: &[Value<'a>],
    right: &[Value<'a>],
) -> Result<Items<'a>, EvalError> {
    let mut all = Distinct::of(evaluation, left)?;
    for item in right {
        all.insert(evaluation, item)?;
    }
    Ok(all.into_items())
}
