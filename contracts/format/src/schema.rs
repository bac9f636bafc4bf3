//! The JSON Schema of contract files (draft 2020-12), made from the grammar, for editors that complete and check.
//!
//! It is looser than the reader where JSON Schema cannot say what the reader knows (names that refer to something, what
//! another protocol), and never stricter: what it refuses, [`read`](crate::read) or the lint of that protocol refuses too.

use wardgate_expression::{Json, Object, json};

mod protocols;

use crate::{
    Source,
    grammar::{CONTRACT, Key, MATCHER_KEYS, Rule, Shape, Syntax, Table, Unquoted},
    guide::Guide,
    yaml,
};

/// The whole schema, with what these protocols take under `send:` and beside `stub:`.
pub fn schema(guides: &[&Guide]) -> Json {
    let mut definitions: Object = Shape::Mapping(&CONTRACT)
        .tables()
        .into_iter()
        .map(|table| (table.name, definition(table)))
        .collect();
    definitions.push("matcher", matcher());
    protocols::add(&mut definitions, guides);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:wardgate:contract:1",
        "title": "Wardgate contract, format 1",
        "description": "What two participants of a healthcare interface agreed, to be replayed against a candidate.",
        "$ref": (reference(&CONTRACT)),
        "$defs": definitions,
    })
}

fn reference(table: &Table) -> String {
    format!("#/$defs/{}", table.name)
}

fn definition(table: &Table) -> Json {
    let properties: Object = table
        .keys
        .iter()
        .map(|key| (key.name, property(key)))
        .collect();
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut object = Object::new();
    object.push("description", table.doc);
    object.push("type", "object");
    object.push("properties", properties);
    if !required.is_empty() {
        object.push("required", required);
    }
    object.push(
        "additionalProperties",
        table.others.as_ref().map_or(Json::Bool(false), |others| {
            described(value(&others.shape), others.doc)
        }),
    );
    let rules: Vec<Json> = table.rules.iter().map(rule).collect();
    if !rules.is_empty() {
        object.push("allOf", rules);
    }
    Json::Object(object)
}

fn property(key: &Key) -> Json {
    exemplified(described(value(&key.shape), key.doc), key.example)
}

/// A schema with an example, which is YAML.
fn exemplified(schema: Json, example: &str) -> Json {
    let Json::Object(mut object) = schema else {
        return schema;
    };
    if let (Some(example), _) = yaml::read(&Source::new("example", example)) {
        object.push("examples", Json::Array(vec![example.to_json()]));
    }
    Json::Object(object)
}

fn described(schema: Json, doc: &str) -> Json {
    let mut object = Object::new();
    object.push("description", doc);
    if let Json::Object(inner) = schema {
        object.extend(inner);
    }
    Json::Object(object)
}

fn value(shape: &Shape) -> Json {
    match shape {
        Shape::Text(syntax) => text(syntax),
        Shape::Word(words) => {
            let words = words
                .iter()
                .map(|word| json!({"const": word.name, "description": word.doc}));
            json!({"oneOf": (words.collect::<Vec<_>>())})
        }
        Shape::Mapping(table) => json!({"$ref": (reference(table))}),
        Shape::Named { name, each } => {
            let mut object = Object::new();
            object.push("type", "object");
            if let Some(pattern) = name.pattern {
                object.push("propertyNames", json!({"pattern": pattern}));
            }
            object.push("additionalProperties", value(each));
            Json::Object(object)
        }
        Shape::List(item) => json!({"type": "array", "items": (value(item))}),
        Shape::Either(shapes) => json!({"anyOf": (shapes.iter().map(value).collect::<Vec<_>>())}),
        Shape::Matcher => json!({"$ref": "#/$defs/matcher"}),
        Shape::Record => json!({"type": "object"}),
        Shape::Value => json!({}),
    }
}

fn text(syntax: &Syntax) -> Json {
    let mut object = Object::new();
    match syntax.unquoted {
        Unquoted::Nothing => object.push("type", "string"),
        Unquoted::Anything => object.push("type", json!(["string", "number", "boolean"])),
        Unquoted::Numbers(min, max) => {
            object.push("type", json!(["string", "number"]));
            object.push("minimum", min);
            object.push("maximum", max);
        }
    }
    if let Some(pattern) = syntax.pattern {
        object.push("pattern", pattern);
    }
    Json::Object(object)
}

/// Any value is a matcher; the known keys are there to be completed and explained.
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
    json!({
        "description": "A value that must be the same, or a mapping with one of these keys.",
        "properties": properties,
    })
}

fn rule(rule: &Rule) -> Json {
    let each = |names: &[&str]| -> Vec<Json> {
        names
            .iter()
            .map(|&name| json!({"required": [name]}))
            .collect()
    };
    match rule {
        Rule::ExactlyOne(names) => json!({"oneOf": (each(names))}),
        Rule::AtLeastOne(names) => json!({"anyOf": (each(names))}),
        Rule::Single => json!({"minProperties": 1, "maxProperties": 1}),
        Rule::Needs(name, needed) => {
            json!({"dependentRequired": {(*name): (needed.iter().map(|&name| Json::from(name)).collect::<Vec<_>>())}})
        }
        Rule::Excludes(name, excluded) => {
            let pairs = excluded
                .iter()
                .map(|&other| json!({"required": [(*name), other]}));
            json!({"not": {"anyOf": (pairs.collect::<Vec<_>>())}})
        }
    }
}
