//! Checks on the body of a `send` before anything runs.

mod place;
mod record;

use wardgate_contract::{Finding, Node, Value};
use wardgate_core::port::Names;
use wardgate_expression::Json;
use wardgate_stub_kit::http;

use crate::{
    search::ResourceType,
    structure::{self, Rigour},
};

pub(crate) use record::check_record;

/// Checks a `send: { fhir: … }`: its keys and templates, that a body is JSON, that it is a resource of FHIR R4 and one of
/// the type that the path names.
pub(crate) fn check_send(send: &Node, names: &dyn Names) -> Vec<Finding> {
    let mut findings = http::check_send(send, names);
    if let Some(body) = send.get("body").filter(|_| is_fhir(send)) {
        findings.extend(check_body(body, type_in_path(send)));
    }
    findings
}

/// The resource type whose instance the body is to become, as the path says it: that of a create or an update.
fn type_in_path(send: &Node) -> Option<&'static ResourceType> {
    let method = send.get("method").map_or(Some("POST"), Node::as_text)?;
    let path = send.get("path")?.as_text()?;
    let mut steps = path.split('?').next()?.trim_matches('/').split('/');
    let kind = ResourceType::find(steps.next()?)?;
    let is_instance = match method {
        "POST" => steps.next().is_none(),
        "PUT" => steps.nth(1).is_none(),
        _ => false,
    };
    is_instance.then_some(kind)
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

fn check_body(body: &Node, wanted: Option<&ResourceType>) -> Vec<Finding> {
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
            Ok(resource) => check_resource(&resource, body, wanted),
        },
        Value::Sequence(_) => vec![
            Finding::error(
                "not-a-resource",
                body.span,
                "a FHIR resource is a mapping, not a list",
            )
            .label("expected a mapping with resourceType"),
        ],
        Value::Mapping(_) => check_resource(&body.to_json(), body, wanted),
    }
}

fn check_resource(resource: &Json, body: &Node, wanted: Option<&ResourceType>) -> Vec<Finding> {
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
    let Some(kind) = ResourceType::find(named) else {
        return vec![
            Finding::error(
                "not-a-resource",
                span,
                format!("'{named}' is not a resource type of FHIR R4"),
            )
            .label("expected a resource type such as Patient"),
        ];
    };
    let mut findings = Vec::new();
    if let Some(wanted) = wanted.filter(|wanted| wanted.name != kind.name) {
        findings.push(
            Finding::warning(
                "wrong-resource",
                span,
                format!("the body's type is {named}, and the path names {}", wanted.name),
            )
            .label(format!("expected {}", wanted.name))
            .help("correct the path or the resourceType; keep both if the candidate is to refuse this"),
        );
    }
    findings.extend(check_elements(resource, kind, body));
    findings
}

/// What is wrong with the elements of a resource: warnings, since a contract may mean to send what is wrong.
fn check_elements(resource: &Json, kind: &ResourceType, body: &Node) -> Vec<Finding> {
    let faults = structure::faults_of_draft(resource, kind.name, Rigour::Elements);
    if !faults.is_empty() {
        return faults
            .iter()
            .map(|fault| {
                Finding::warning(
                    "invalid-resource",
                    place::find(body, &fault.place),
                    format!(
                        "this is not a valid resource: {}: {}",
                        fault.place, fault.what
                    ),
                )
                .label("R4 has this otherwise")
                .help("keep it if the candidate is to refuse it")
            })
            .collect();
    }
    let text = resource.to_string();
    if text.contains("${") {
        return Vec::new();
    }
    typed_opinion(&text, body)
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

/// The text so that it can be read as JSON: a template that stands bare where a value is wanted becomes a text.
fn without_templates(text: &str) -> String {
    let (mut plain, mut rest, mut in_string) = (String::with_capacity(text.len()), text, false);
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        in_string = ends_in_string(before, in_string);
        plain.push_str(before);
        let (template, after) = after.split_at(after.find('}').map_or(after.len(), |end| end + 1));
        if in_string {
            plain.push_str(template);
        } else {
            plain.push('"');
            plain.push_str(template);
            plain.push('"');
        }
        rest = after;
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
