//! The schema of values and matchers, as the reader tells them apart.

use wardgate_expression::{Json, Object, json};

use super::text;
use crate::grammar::{DURATION, MATCHER_KEYS, MatcherKey};

/// A number as JSON writes it, or a text that holds a place to fill.
const NUMBER_OR_TEMPLATE: &str = "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$|\\$\\{";

/// Adds what a matcher is, and what the value under `equals` is: no matcher itself, but its members may be.
pub(super) fn add(definitions: &mut Object) {
    definitions.push("matcher", matcher());
    definitions.push(
        "members",
        json!({"items": (reference("matcher")), "additionalProperties": (reference("matcher"))}),
    );
}

fn reference(name: &str) -> Json {
    json!({"$ref": (format!("#/$defs/{name}"))})
}

/// Any value that is no mapping with a matcher's key is compared as it is, member by member; so is a mapping that has other
/// keys beside it.
fn matcher() -> Json {
    let properties: Object = MATCHER_KEYS
        .iter()
        .map(|key| {
            (
                key.name,
                json!({"description": (format!("{} Takes {}.", key.doc, key.value))}),
            )
        })
        .collect();
    let mut rules: Vec<Json> = MATCHER_KEYS.iter().map(rule).collect();
    rules.extend(MATCHER_KEYS.iter().enumerate().filter_map(|(at, key)| {
        let others: Vec<Json> = MATCHER_KEYS[at + 1..]
            .iter()
            .map(|other| json!({"required": [(other.name)]}))
            .collect();
        (!others.is_empty()).then(|| {
            json!({"if": {"type": "object", "required": [(key.name)]}, "then": {"not": {"anyOf": others}}})
        })
    }));
    json!({
        "description": "A value that must be the same, or a mapping with one of these keys.",
        "properties": properties,
        "items": (reference("matcher")),
        "additionalProperties": (reference("matcher")),
        "allOf": rules,
    })
}

/// What stands under a matcher's key, where the mapping is that matcher.
fn rule(key: &MatcherKey) -> Json {
    let mut keys = vec![key.name];
    keys.extend(key.beside);
    json!({
        "if": {"type": "object", "required": [(key.name)], "propertyNames": {"enum": keys}},
        "then": {"properties": {(key.name): (value(key.name))}},
    })
}

fn value(name: &str) -> Json {
    let number = json!({"type": ["number", "string"], "pattern": NUMBER_OR_TEMPLATE});
    match name {
        "equals" | "like" => reference("members"),
        "includes" => json!({"type": ["object", "array"], "$ref": "#/$defs/members"}),
        "each_like" => reference("matcher"),
        "one_of" => json!({"type": "array", "minItems": 1, "items": (reference("matcher"))}),
        "unordered" => json!({"type": "array", "items": (reference("matcher"))}),
        "regex" => json!({"not": {"type": ["object", "array"]}}),
        "range" => json!({
            "type": "object",
            "properties": {"min": (number.clone()), "max": number},
            "additionalProperties": false,
            "minProperties": 1,
        }),
        "date_within" => json!({
            "type": ["string", "object"],
            "pattern": (DURATION.pattern.unwrap_or_default()),
            "properties": {"of": {}, "distance": (text(&DURATION))},
            "required": ["distance"],
            "additionalProperties": false,
        }),
        "decimal" => number,
        "absent" | "present" => json!({"enum": [true, "true"]}),
        _ => json!({}),
    }
}
