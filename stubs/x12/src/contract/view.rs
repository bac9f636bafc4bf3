//! What expressions see of interchanges.
//!
//! `{ interchanges: [ { control_number, sender, receiver, sets: [ { kind, control_number, CLM: [ { CLM01, CLM05,
//! CLM05_1 } ] } ] } ] }`. Everything is text; an element that is a composite is there as a whole and in its components.

use wardgate_expression::{Json, Object};

use crate::element::Segment;
use crate::envelope::Envelope;
use crate::interchange::File;

use super::kind;

/// The longest file that a view is made of, in bytes: a view takes a hundred times as much memory.
const BYTES_MAX: usize = 1 << 20;

/// The view of a file; the error says that it would be too large.
pub(crate) fn view(file: &File<'_>) -> Result<Json, String> {
    if file.raw().len() > BYTES_MAX {
        return Err(format!(
            "expressions read interchanges of at most {BYTES_MAX} bytes; use locations"
        ));
    }
    let interchanges: Json = file
        .interchanges()
        .iter()
        .map(|interchange| one(&Envelope::read(interchange)))
        .collect();
    let mut view = Object::new();
    view.push("interchanges", interchanges);
    Ok(Json::Object(view))
}

fn one(envelope: &Envelope<'_>) -> Json {
    let text = |number: usize| envelope.header.text(number).unwrap_or_default().trim_end();
    let mut view = Object::new();
    view.push("control_number", envelope.control_number());
    view.push("sender", text(6));
    view.push("receiver", text(8));
    let acknowledged: Json = envelope.acknowledgements.iter().map(segment).collect();
    view.push("TA1", acknowledged);
    let sets: Json = envelope
        .transactions()
        .map(|(group, set)| {
            let mut view = Object::new();
            view.push("kind", kind::of_set(group, set));
            view.push("control_number", set.control_number());
            let mut named: Vec<(&str, Vec<Json>)> = Vec::new();
            for found in set.segments() {
                match named.iter_mut().find(|(id, _)| *id == found.id()) {
                    Some((_, all)) => all.push(segment(&found)),
                    None => named.push((found.id(), vec![segment(&found)])),
                }
            }
            for (id, all) in named {
                view.push(id, Json::Array(all));
            }
            Json::Object(view)
        })
        .collect();
    view.push("sets", sets);
    Json::Object(view)
}

fn segment(segment: &Segment<'_>) -> Json {
    let id = segment.id();
    let mut view = Object::new();
    for (number, element) in segment.elements().enumerate() {
        if element.is_empty() {
            continue;
        }
        let name = format!("{id}{:02}", number + 1);
        let components: Vec<_> = element.components().collect();
        if components.len() > 1 {
            for (part, component) in components.iter().enumerate() {
                if !component.is_empty() {
                    view.push(
                        format!("{name}_{}", part + 1),
                        component.text().into_owned(),
                    );
                }
            }
        }
        view.push(name, element.text().into_owned());
    }
    Json::Object(view)
}
