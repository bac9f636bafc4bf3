//! Checks on the body of a `send` that every protocol makes before anything runs.

use wardgate_contract::{Finding, Node, Template, Value};
use wardgate_core::port::{KeyDoc, Names};

/// Checks the keys of a `send` body: it is a mapping, every key is one of these, and none that must be there is
/// missing. `to` is known to every protocol.
pub fn keys(body: &Node, keys: &[KeyDoc]) -> Vec<Finding> {
    let Some(members) = body.as_mapping() else {
        return vec![
            Finding::error(
                "wrong-type",
                body.span,
                format!(
                    "what is sent is described by a mapping, not by {}",
                    body.describe()
                ),
            )
            .label("expected a mapping")
            .help(format!("the keys are {}", names(keys))),
        ];
    };
    let mut findings: Vec<Finding> = members
        .iter()
        .filter(|(key, _)| key.value != "to" && keys.iter().all(|known| known.name != key.value))
        .map(|(key, _)| {
            Finding::error(
                "unknown-key",
                key.span,
                format!("there is no key '{}' here", key.value),
            )
            .label("unknown key")
            .help(format!("the keys are {}", names(keys)))
        })
        .collect();
    findings.extend(
        keys.iter()
            .filter(|key| key.required && body.get(key.name).is_none())
            .map(|key| {
                Finding::error(
                    "missing-key",
                    body.span,
                    format!("'{}' is missing: {}", key.name, key.doc),
                )
                .label(format!("expected '{}'", key.name))
                .help(format!("for example {}: {}", key.name, key.example))
            }),
    );
    findings
}

/// Checks that what stands under these keys, where they are there, is a mapping.
pub fn mappings(body: &Node, keys: &[&str]) -> Vec<Finding> {
    keys.iter()
        .filter_map(|key| Some((key, body.get(key)?)))
        .filter(|(_, node)| node.as_mapping().is_none())
        .map(|(key, node)| {
            Finding::error(
                "wrong-type",
                node.span,
                format!("'{key}' is a mapping, not {}", node.describe()),
            )
            .label("expected a mapping of names to values")
        })
        .collect()
}

/// Checks every template in a node: that it reads, and that each name in it is known.
pub fn templates(node: &Node, known: &dyn Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(node, known, &mut findings);
    findings
}

// The reader of contracts bounds how deep a node may be nested.
fn walk(node: &Node, known: &dyn Names, findings: &mut Vec<Finding>) {
    match &node.value {
        Value::Scalar(scalar) => text(&scalar.text, node.span, known, findings),
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, known, findings)),
        Value::Mapping(members) => {
            for (key, member) in members {
                text(&key.value, key.span, known, findings);
                walk(member, known, findings);
            }
        }
    }
}

fn text(text: &str, span: wardgate_contract::Span, known: &dyn Names, findings: &mut Vec<Finding>) {
    if !text.contains("${") {
        return;
    }
    match Template::parse(text) {
        Err(error) => findings.push(
            Finding::error("bad-template", span, error.to_string())
                .label("expected a template such as ${patient.mrn}"),
        ),
        Ok(template) => {
            for name in template.names().filter(|name| !known.knows(name)) {
                findings.push(
                    Finding::error(
                        "unknown-name",
                        span,
                        format!("nothing is called '{name}' here"),
                    )
                    .label(format!("'{name}' is not known")),
                );
            }
        }
    }
}

/// Whether a node is one `${…}` and nothing else, which may become anything.
pub fn is_one_template(node: &Node) -> bool {
    node.as_text()
        .and_then(|text| Template::parse(text).ok())
        .is_some_and(|template| template.is_single_value())
}

/// Whether any text in a node holds a `${…}`.
pub fn has_templates(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains("${"),
        Value::Sequence(items) => items.iter().any(has_templates),
        Value::Mapping(members) => members
            .iter()
            .any(|(key, member)| key.value.contains("${") || has_templates(member)),
    }
}

/// A record under `given:` that the stub would not take, marked at the member that the reason speaks of.
pub fn refused_record(record: &Node, reason: &str) -> Finding {
    let members = record.as_mapping().unwrap_or_default();
    let span = members
        .iter()
        .find(|(key, _)| reason.contains(&format!("'{}'", key.value)))
        .map_or(record.span, |(key, _)| key.span);
    Finding::error(
        "refused-record",
        span,
        format!("the stub does not take this record: {reason}"),
    )
    .label("cannot be given")
}

fn names(keys: &[KeyDoc]) -> String {
    let mut names = vec!["to"];
    names.extend(keys.iter().map(|key| key.name).filter(|name| *name != "to"));
    names.join(", ")
}
