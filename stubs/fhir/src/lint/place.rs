//! From a place in a resource to where the contract's author wrote it.

use wardgate_contract::{Node, Span};

/// Where a place such as `Patient.name[0].given` stands in what was written: at the name of a member, at an item itself, or as
/// near as the text leads. A body that is written as one text is one place.
pub(super) fn find(body: &Node, place: &str) -> Span {
    let steps = place
        .split(['.', '['])
        .skip(1)
        .map(|step| step.trim_end_matches(']'));
    let (mut node, mut span) = (body, start(body));
    for step in steps {
        if let Some((name, member)) = node
            .as_mapping()
            .and_then(|members| members.iter().find(|(name, _)| name.value == step))
        {
            (node, span) = (member, name.span);
        } else if let Some(item) = node
            .as_sequence()
            .and_then(|items| items.get(step.parse::<usize>().ok()?))
        {
            (node, span) = (item, start(item));
        } else {
            break;
        }
    }
    span
}

/// The first name of a mapping: a mark under many lines helps nobody.
fn start(node: &Node) -> Span {
    match node.as_mapping() {
        Some([(name, _), ..]) => name.span,
        _ => node.span,
    }
}
