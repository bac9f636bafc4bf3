//! Checks on the body of a `send` before anything runs.

use wardgate_contract::{Finding, Node, Value};
use wardgate_core::port::Names;
use wardgate_expression::Json;
use wardgate_stub_kit::http;

use crate::search::ResourceType;

/// Checks a `send: { fhir: … }`: its keys and templates, that a body is JSON, and that it is a resource of FHIR R4.
pub(crate) fn check_send(send: &Node, names: &dyn Names) -> Vec<Finding> {
    let mut findings = http::check_send(send, names);
    if let Some(body) = send.get("body").filter(|_| is_fhir(send)) {
        findings.extend(check_body(body));
    }
    findings
}

/// Whether the body is to be FHIR's JSON: forms and bodies of another media type are not looked into.
fn is_fhir(send: &Node) -> bool {
    send.get("headers")
        .and_then(Node::as_mapping)
        .into_iter()
        .flatten()
        .find(|(name, _)| name.value.eq_ignore_ascii_case("content-type"))
        .and_then(|(_, value)| value.as_text())
        .is_none_or(|media_type| media_type.contains("json"))
}

fn check_body(body: &Node) -> Vec<Finding> {
    match &body.value {
        Value::Scalar(scalar) if !scalar.text.trim_start().starts_with(['{', '[']) => Vec::new(),
        Value::Scalar(scalar) => match Json::parse(&without_templates(&scalar.text)) {
            Err(error) => vec![
                Finding::error(
                    "bad-json",
                    body.span,
                    format!("the body is not JSON: {error}"),
                )
                .label("expected a FHIR resource as JSON"),
            ],
            Ok(resource) => check_resource(&resource, &scalar.text, body),
        },
        Value::Sequence(_) => vec![
            Finding::error(
                "not-a-resource",
                body.span,
                "a FHIR resource is a mapping, not a list",
            )
            .label("expected a mapping with resourceType"),
        ],
        Value::Mapping(_) => {
            let resource = body.to_json();
            let text = resource.to_string();
            check_resource(&resource, &text, body)
        }
    }
}

fn check_resource(resource: &Json, text: &str, body: &Node) -> Vec<Finding> {
    let span = body
        .get("resourceType")
        .map_or(body.span, |named| named.span);
    let Some(named) = resource.get("resourceType").and_then(Json::as_str) else {
        return vec![
            Finding::error("not-a-resource", span, "the body has no resourceType")
                .label("expected a FHIR resource")
                .help("add resourceType, for example resourceType: Patient"),
        ];
    };
    if named.contains("${") {
        return Vec::new();
    }
    if ResourceType::find(named).is_none() {
        return vec![
            Finding::error(
                "not-a-resource",
                span,
                format!("'{named}' is not a resource type of FHIR R4"),
            )
            .label("expected a resource type such as Patient"),
        ];
    }
    if text.contains("${") {
        return Vec::new();
    }
    typed_opinion(text, body)
}

/// What the typed reader says of a resource without templates: a warning, since it reads R4B and a contract may mean
/// to send what is wrong.
fn typed_opinion(text: &str, body: &Node) -> Vec<Finding> {
    match wardgate_fhir_types::typed_check(text) {
        Ok(()) => Vec::new(),
        Err(reason) => vec![
            Finding::warning(
                "invalid-resource",
                body.span,
                format!("this is not a valid resource: {reason}"),
            )
            .label("a typed reader refuses this"),
        ],
    }
}

/// The text with a word in place of every template, so that it can be read as JSON. A template that stands bare where
/// a value is wanted becomes a text.
fn without_templates(text: &str) -> String {
    let (mut plain, mut rest, mut in_string) = (String::with_capacity(text.len()), text, false);
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        in_string = ends_in_string(before, in_string);
        plain.push_str(before);
        plain.push_str(if in_string {
            "template"
        } else {
            "\"template\""
        });
        rest = after.find('}').map_or("", |end| &after[end + 1..]);
    }
    plain.push_str(rest);
    plain
}

/// Whether a piece of JSON ends inside a string, having begun inside one or not.
fn ends_in_string(piece: &str, mut in_string: bool) -> bool {
    let mut escaped = false;
    for c in piece.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    in_string
}
