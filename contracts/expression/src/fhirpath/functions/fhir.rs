//! What FHIR adds to FHIRPath.

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::types::{is_primitive, may_be_fhir_type, specialises};
use super::super::{EvalError, Value};
use super::{boolean, single, single_text};

/// Where FHIR's own definitions live; the name of the type follows.
const DEFINITIONS: &str = "http://hl7.org/fhir/StructureDefinition/";

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let url = evaluation.argument(call, 0, scope)?;
    let Some(url) = single_text(&url, "the URL")? else {
        return Ok(Vec::new());
    };
    if call.function == Function::Extension {
        let mut found = Vec::new();
        for item in input {
            if let Value::Node(node) = item {
                node.extensions(&url, evaluation.context, &mut found)?;
            }
        }
        return Ok(found);
    }
    // Profiles need a validator; the base definitions are told by the type alone.
    let model = evaluation.context.model;
    let known = |name: &&str| {
        model.map_or_else(
            || may_be_fhir_type(name),
            |model| model.is_type(name) || is_primitive(name),
        )
    };
    let Some(name) = url.strip_prefix(DEFINITIONS).filter(known) else {
        return Err(EvalError::new(format!(
            "the definition {url} is not known here"
        )));
    };
    Ok(match single(input, "the input of `conformsTo()`")? {
        None => Vec::new(),
        Some(Value::Node(node)) => boolean(
            node.type_name()
                .is_some_and(|known| specialises(known, name, model)),
        ),
        Some(_) => boolean(false),
    })
}
