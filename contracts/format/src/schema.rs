//! The JSON Schema of contract files (draft 2020-12), made from the grammar, for editors that complete and check.
//!
//! It is looser than the reader where JSON Schema cannot say what the reader knows (names that refer to something, whether
//! an expression parses), and never stricter: what it refuses, [`read`](crate::read) or the lint of that protocol refuses too.

use wardgate_expression::{Json, Object, json};

mod matchers;
mod protocols;

use crate::{
    Source,
    grammar::{CONTRACT, Key, Rule, Shape, Syntax, Table, Unquoted},
    guide::Guide,
    yaml,
};

/// The words that a schema knows beside those of the format. Where a list is empty, any word may stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'w> {
    /// The protocols, with what they take under `send:` and beside `stub:`.
    pub guides: &'w [&'w Guide],
    /// The kinds of record for `draw:`.
    pub draws: &'w [String],
    /// The generators for `forall:`.
    pub generators: &'w [String],
}

/// The whole schema.
pub fn schema(known: Known<'_>) -> Json {
    let mut definitions: Object = Shape::Mapping(&CONTRACT)
        .tables()
        .into_iter()
        .map(|table| (table.name, definition(table)))
        .collect();
    matchers::add(&mut definitions);
    protocols::add(&mut definitions, known.guides);
    only(
        &mut definitions,
        &["draw", "properties", "draw"],
        known.draws,
    );
    let generators = ["property", "properties", "forall", "additionalProperties"];
    only(&mut definitions, &generators, known.generators);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:wardgate:contract:1",
        "title": "Wardgate contract, format 1",
        "description": "What two participants of a healthcare interface agreed, to be replayed against a candidate.",
        "$ref": (reference(&CONTRACT)),
        "$defs": definitions,
    })
}

/// Lets only these words stand at a place of the schema; any where there are none.
fn only(definitions: &mut Object, place: &[&str], words: &[impl AsRef<str>]) {
    let Some((last, way)) = place.split_last().filter(|_| !words.is_empty()) else {
        return;
    };
    let mut at = Some(definitions);
    for step in way {
        at = at
            .and_then(|object| object.get_mut(step))
            .and_then(Json::as_object_mut);
    }
    if let Some(Json::Object(schema)) = at.and_then(|object| object.get_mut(last)) {
        let words: Vec<_> = words.iter().map(|word| Json::from(word.as_ref())).collect();
        schema.insert("enum", words);
    }
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
