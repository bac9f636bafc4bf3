//! Parts of a collection by position.

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::{EvalError, Value};
use super::{single, single_integer};

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let part = match call.function {
        Function::Single => {
            return Ok(single(input, "the input of `single()`")?
                .cloned()
                .into_iter()
                .collect());
        }
        Function::First => input.get(..1).unwrap_or_default(),
        Function::Last => &input[input.len().saturating_sub(1)..],
        Function::Tail => input.get(1..).unwrap_or_default(),
        function => {
            let number = evaluation.argument(call, 0, scope)?;
            let Some(number) = single_integer(&number, "the number of items")? else {
                return Ok(Vec::new());
            };
            let number = usize::try_from(number.max(0))
                .unwrap_or(usize::MAX)
                .min(input.len());
            if function == Function::Skip {
                &input[number..]
            } else {
                &input[..number]
            }
        }
    };
    Ok(part.to_vec())
}
