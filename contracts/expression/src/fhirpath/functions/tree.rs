//! The parts of elements.

use super::super::eval::{Evaluation, ITEMS_MAX, Items, too_many_items};
use super::super::{EvalError, Value};

/// The direct parts of every item.
pub(super) fn children<'a>(
    evaluation: &Evaluation<'a>,
    input: &[Value<'a>],
) -> Result<Items<'a>, EvalError> {
    let mut parts = Vec::new();
    for item in input {
        if let Value::Node(node) = item {
            node.children(evaluation.context, &mut parts);
        }
    }
    evaluation.count(parts.len())?;
    Ok(parts)
}

/// Every part of every item, however deep: each before its own parts, in the order of the document.
pub(super) fn descendants<'a>(
    evaluation: &Evaluation<'a>,
    input: &[Value<'a>],
) -> Result<Items<'a>, EvalError> {
    let mut found = Vec::new();
    let mut open = children(evaluation, input)?;
    open.reverse();
    while let Some(item) = open.pop() {
        let start = open.len();
        if let Value::Node(node) = &item {
            node.children(evaluation.context, &mut open);
        }
        open[start..].reverse();
        evaluation.count(1)?;
        found.push(item);
        if found.len() > ITEMS_MAX {
            return Err(too_many_items());
        }
    }
    Ok(found)
}
