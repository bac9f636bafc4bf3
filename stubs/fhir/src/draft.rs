//! A first contract around one resource or request.
//!
//! Who a Patient is becomes the synthetic patient; in other resources the values of business identifiers become fresh
//! ones, and narrative and display names of people are left out. Other text stays, for the author to read through.

use wardgate_core::{
    port::{Draft, DraftRecord},
    wire::Message,
};
use wardgate_expression::{Json, Object};

use crate::{search::ResourceType, server::UrlRoute};

/// Members that name people or belong to the server, left out wherever they stand.
const LEFT_OUT: [&str; 3] = ["text", "meta", "contained"];

/// The draft of a resource in a file or of a request.
pub(crate) fn draft(message: &Message) -> Option<Draft> {
    let (method, path, resource) = match message {
        Message::File { content, .. } => {
            let resource = Json::parse_bytes(content).ok()?;
            let kind = kind_of(&resource)?;
            (
                String::from("POST"),
                format!("/fhir/{kind}"),
                Some(resource),
            )
        }
        Message::Request(request) => {
            UrlRoute::of(request.path())
                .segments
                .first()
                .and_then(|kind| ResourceType::find(kind))?;
            let resource = Json::parse_bytes(request.body()).ok();
            (
                request.method().to_owned(),
                request.path().to_owned(),
                resource,
            )
        }
        Message::Response(_) | Message::Frame(_) | Message::OddFrame { .. } => return None,
    };
    let kind = resource.as_ref().and_then(kind_of).map(str::to_owned);
    let mut send = format!("method: {method}\npath: \"{}\"\n", path.replace('"', "%22"));
    let mut data = Vec::new();
    match (kind.as_deref(), resource) {
        (Some("Patient"), Some(_)) => {
            send.push_str("body: \"${patient}\"\n");
            data.push(("patient", "patient"));
        }
        (Some(_), Some(resource)) => {
            let masked = masked(&resource, &mut data);
            send.push_str("body: |\n");
            for line in masked.pretty().lines() {
                send.push_str("  ");
                send.push_str(line);
                send.push('\n');
            }
        }
        _ => {}
    }
    let status = if method == "POST" { 201 } else { 200 };
    let what = kind.unwrap_or_else(|| String::from("resource"));
    Some(Draft {
        title: format!("a {method} of a {what} is accepted"),
        workflow: workflow(&what),
        data: data.into_iter().map(DraftRecord::from).collect(),
        send,
        reply: format!("within: 2s\nstatus: {status}\n"),
        variations: if method == "GET" {
            &[]
        } else {
            &["malformed input"]
        },
        remark: None,
        identifiers: Vec::new(),
    })
}

fn kind_of(resource: &Json) -> Option<&str> {
    let kind = resource.get("resourceType")?.as_str()?;
    ResourceType::find(kind).map(|_| kind)
}

fn workflow(kind: &str) -> &'static str {
    match kind {
        "Patient" | "Encounter" => "registration",
        "Appointment" | "Slot" | "Schedule" => "appointments",
        "Observation" | "DiagnosticReport" | "ServiceRequest" | "Specimen" => "lab",
        "MedicationRequest" | "MedicationDispense" | "MedicationAdministration" => "medication",
        "Claim" | "Invoice" | "ChargeItem" | "Coverage" => "billing",
        _ => "exchange",
    }
}

/// The resource without what the server gives and without whom it is about.
fn masked(resource: &Json, data: &mut Vec<(&'static str, &'static str)>) -> Json {
    let mut numbers = 0;
    let mut out = mask(resource, "", &mut numbers, data);
    if let Some(object) = out.as_object_mut() {
        object.remove("id");
    }
    out
}

fn mask(
    value: &Json,
    at: &str,
    numbers: &mut usize,
    data: &mut Vec<(&'static str, &'static str)>,
) -> Json {
    match value {
        Json::Object(members) => {
            let mut kept = Object::default();
            let refers = members.get("reference").is_some()
                || matches!(at, "subject" | "patient" | "performer" | "requester");
            for (name, member) in members.iter() {
                let names_a_person = refers && name == "display";
                if LEFT_OUT.contains(&name)
                    && (name != "text"
                        || member
                            .as_object()
                            .is_some_and(|text| text.get("div").is_some()))
                    || names_a_person
                {
                    continue;
                }
                let is_number = name == "value"
                    && matches!(at, "identifier" | "groupIdentifier" | "requisition");
                kept.push(
                    name.to_owned(),
                    if is_number {
                        fresh(numbers, data)
                    } else {
                        mask(member, name, numbers, data)
                    },
                );
            }
            Json::Object(kept)
        }
        Json::Array(items) => Json::Array(
            items
                .iter()
                .map(|item| mask(item, at, numbers, data))
                .collect(),
        ),
        // What an author did not mean as a template is none.
        Json::String(text) => Json::from(text.replace("${", "$${")),
        other => other.clone(),
    }
}

/// A fresh number in place of one that was found.
fn fresh(numbers: &mut usize, data: &mut Vec<(&'static str, &'static str)>) -> Json {
    *numbers += 1;
    if *numbers == 1 {
        return Json::from("${order_number}");
    }
    if !data.contains(&("patient", "patient")) {
        data.push(("patient", "patient"));
    }
    Json::from(if *numbers == 2 {
        "${patient.mrn}"
    } else {
        "${filler_number}"
    })
}

/// The `received:` selector that means requests like this one, such as `PUT Patient`.
pub(crate) fn selector_of(message: &Message) -> Option<String> {
    let Message::Request(request) = message else {
        return None;
    };
    let route = UrlRoute::of(request.path());
    let segments: Vec<&str> = route.segments.iter().map(AsRef::as_ref).collect();
    let text = match &segments[..] {
        [] => format!("{} /", request.method()),
        [kind] => format!("{} {kind}", request.method()),
        [kind, id] if !id.starts_with(['_', '$']) => format!("{} {kind}", request.method()),
        [kind, rest @ ..] => {
            let rest: Vec<&str> = rest
                .iter()
                .map(|part| {
                    if part.starts_with(['_', '$']) {
                        *part
                    } else {
                        "*"
                    }
                })
                .collect();
            format!("{} {kind}/{}", request.method(), rest.join("/"))
        }
    };
    crate::selector::selects(&text, request).then_some(text)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wardgate_core::wire::HttpRequest;

    use super::*;

    fn file(text: &str) -> Message {
        Message::File {
            name: String::from("a.json"),
            content: Bytes::copy_from_slice(text.as_bytes()),
        }
    }

    #[test]
    fn nobody_real_stays_in_a_draft() {
        let text = r#"{"resourceType":"Observation","id":"o1","text":{"status":"generated","div":"<div>Smith</div>"},
            "identifier":[{"system":"urn:x","value":"REAL-77"}],"subject":{"reference":"Patient/9","display":"John Smith"},
            "code":{"text":"cost ${now}"},"valueQuantity":{"value":1.10,"unit":"mg"}}"#;
        let draft = draft(&file(text)).expect("it is a resource");
        for gone in ["Smith", "REAL-77", "\"o1\""] {
            assert!(!draft.send.contains(gone), "{gone} in {}", draft.send);
        }
        assert!(
            draft.send.contains("1.10")
                && draft.send.contains("$${now}")
                && draft.send.contains("${order_number}")
        );
    }

    #[test]
    fn a_patient_becomes_the_synthetic_one() {
        let draft = draft(&file(
            r#"{"resourceType":"Patient","name":[{"family":"Smith"}]}"#,
        ))
        .expect("it is a resource");
        assert!(draft.send.contains("body: \"${patient}\"") && !draft.send.contains("Smith"));
        assert_eq!(draft.data, [DraftRecord::from(("patient", "patient"))]);
    }

    #[test]
    fn other_files_are_not_drafted() {
        for text in ["MSH|^~\\&|", "{}", "{\"resourceType\":\"Nothing\"}", "[1]"] {
            assert_eq!(draft(&file(text)), None, "{text}");
        }
    }

    #[test]
    fn selectors_mean_the_request_that_they_come_from() {
        for (method, target, expected) in [
            ("PUT", "/fhir/Patient?identifier=a", "PUT Patient"),
            ("PUT", "/fhir/Patient/1", "PUT Patient"),
            (
                "GET",
                "/fhir/Patient/1/_history/2",
                "GET Patient/*/_history/*",
            ),
            ("POST", "/fhir/Patient/$match", "POST Patient/$match"),
            ("POST", "/fhir", "POST /"),
        ] {
            let request = Message::Request(HttpRequest::new(method, target, &[], Bytes::new()));
            assert_eq!(selector_of(&request).as_deref(), Some(expected), "{target}");
        }
    }
}
