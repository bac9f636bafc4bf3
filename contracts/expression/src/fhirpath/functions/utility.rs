//! `trace()`, and the moment of the run.

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::{EvalError, Value};
use super::single_text;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let context = evaluation.context;
    let moment = match call.function {
        Function::Now => context.now().map(Value::DateTime),
        Function::Today => context.today().map(Value::Date),
        Function::TimeOfDay => context.now().and_then(|now| now.time()).map(Value::Time),
        _ => {
            trace(evaluation, call, input, scope)?;
            return Ok(input.to_vec());
        }
    };
    moment.map(|moment| vec![moment]).ok_or_else(|| {
        EvalError::new(format!(
            "`{}()` has no value here: no date of the run was given",
            call.function.name()
        ))
    })
}

fn trace<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<(), EvalError> {
    let Some(listener) = evaluation.context.trace else {
        return Ok(());
    };
    let name = evaluation.argument(call, 0, scope)?;
    let name = single_text(&name, "the name of a trace")?.unwrap_or_default();
    let mut shown = Vec::new();
    if call.arguments.len() > 1 {
        for (index, item) in input.iter().enumerate() {
            shown.append(&mut evaluation.argument(call, 1, scope.around(item, index))?);
        }
    } else {
        shown.extend_from_slice(input);
    }
    listener(&name, &shown.iter().map(Value::to_json).collect::<Vec<_>>());
    Ok(())
}
