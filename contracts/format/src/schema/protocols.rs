//! What protocols add to the schema: their keys under `send:`, and their options beside `stub:`.

use wardgate_expression::{Json, Object, json};

use super::{described, exemplified};
use crate::guide::{Guide, KeyDoc};

/// Adds what these protocols take. Under the name of another protocol anything may stand.
pub(super) fn add(definitions: &mut Object, guides: &[&Guide]) {
    for guide in guides {
        definitions.push(send_name(guide), send(guide));
    }
    if let Some(Json::Object(table)) = definitions.get_mut("send")
        && let Some(Json::Object(properties)) = table.get_mut("properties")
    {
        for guide in guides {
            let there = format!("#/$defs/{}", send_name(guide));
            properties.push(guide.name, json!({"$ref": there}));
        }
    }
    if let Some(Json::Object(partner)) = definitions.get_mut("partner")
        && !guides.is_empty()
    {
        partner.push(
            "allOf",
            guides
                .iter()
                .map(|guide| options(guide))
                .collect::<Vec<_>>(),
        );
    }
}

fn send_name(guide: &Guide) -> String {
    format!("send-{}", guide.name)
}

/// The body of a `send` in this protocol.
fn send(guide: &Guide) -> Json {
    let required: Vec<&str> = guide
        .send
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    json!({
        "description": (format!("A message in the words of {}.", guide.title)),
        "type": "object",
        "properties": (properties(guide.send)),
        "required": required,
        "additionalProperties": false,
    })
}

/// What may stand beside `stub:` when it names this protocol.
fn options(guide: &Guide) -> Json {
    let known: Vec<&str> = std::iter::once("stub")
        .chain(guide.options.iter().map(|key| key.name))
        .collect();
    json!({
        "if": {"properties": {"stub": {"const": (guide.name)}}, "required": ["stub"]},
        "then": {"properties": (properties(guide.options)), "propertyNames": {"enum": known}},
    })
}

fn properties(keys: &[KeyDoc]) -> Object {
    keys.iter()
        .map(|key| {
            (
                key.name,
                exemplified(described(json!({}), key.doc), key.example),
            )
        })
        .collect()
}
