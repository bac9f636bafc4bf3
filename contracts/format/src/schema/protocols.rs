//! What protocols add to the schema: their keys under `send:`, and their options beside `stub:`.

use wardgate_expression::{Json, Object, json};

use super::{described, exemplified, only};
use crate::guide::{Guide, KeyDoc};

/// Adds what these protocols take, and lets no other be named. Where there are none, any may be.
pub(super) fn add(definitions: &mut Object, guides: &[&Guide]) {
    if guides.is_empty() {
        return;
    }
    let names: Vec<&str> = guides.iter().map(|guide| guide.name).collect();
    only(definitions, &["partner", "properties", "stub"], &names);
    for table in ["reply", "claim"] {
        if let Some(Json::Object(table)) = definitions.get_mut(table) {
            locations(table, &names);
        }
    }
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
        table.insert("additionalProperties", false);
    }
    if let Some(Json::Object(partner)) = definitions.get_mut("partner") {
        partner.push(
            "allOf",
            guides
                .iter()
                .map(|guide| options(guide))
                .collect::<Vec<_>>(),
        );
    }
}

/// Under a protocol's name stand locations of its messages: what the table says of any other key holds for these alone.
fn locations(table: &mut Object, names: &[&str]) {
    let Some(others) = table.insert("additionalProperties", false) else {
        return;
    };
    if let Some(Json::Object(properties)) = table.get_mut("properties") {
        for name in names {
            properties.push(*name, others.clone());
        }
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
