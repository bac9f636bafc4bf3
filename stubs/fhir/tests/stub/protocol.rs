//! What contracts and plans ask of the protocol: composing, linting, reading, comparing.

use std::sync::Arc;

use bytes::Bytes;
use wardgate_contract::{Node, Severity, Source, yaml};
use wardgate_core::{
    bindings::Bindings,
    port::{Catalog, Names, Protocol as _},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_fhir::Fhir;

use crate::client::Client;

struct Known;

impl Names for Known {
    fn knows(&self, name: &str) -> bool {
        matches!(name, "patient" | "id" | "now")
    }
}

fn node(text: &str) -> Node {
    let (node, findings) = yaml::read(&Source::new("test.yaml", text));
    assert_eq!(findings, []);
    node.expect("it is YAML")
}

fn compose(text: &str) -> HttpRequest {
    let mut bindings = Bindings::new(Arc::new(Catalog::new(vec![Arc::new(Fhir)])), 0);
    let patient =
        json!({"mrn": "M1", "family": "O'\"Brien", "sex": "female", "birth_date": "1980-02-29"});
    bindings.bind("patient", patient, Some("patient"));
    bindings.bind("id", json!("a/b c"), None);
    match Fhir.compose(&node(text), &bindings).expect("it composes") {
        Message::Request(request) => request,
        other => panic!("not a request: {other:?}"),
    }
}

/// The rules that a `send` breaks, errors in capitals.
fn lint(text: &str) -> Vec<String> {
    Fhir.check_send(&node(text), &Known)
        .into_iter()
        .map(|finding| match finding.severity {
            Severity::Error => finding.rule.to_uppercase(),
            Severity::Warning => finding.rule.to_owned(),
        })
        .collect()
}

#[test]
fn a_record_is_sent_as_the_resource_that_it_is() {
    let request = compose(
        "method: PUT\npath: \"/fhir/Patient?identifier=urn:wardgate:HOSP:mrn|${patient.mrn}\"\nbody: \"${patient}\"",
    );
    assert_eq!(request.method(), "PUT");
    assert_eq!(
        request.header("content-type"),
        Some("application/fhir+json")
    );
    assert_eq!(request.header("accept"), Some("application/fhir+json"));
    let body = Json::parse_bytes(request.body()).expect("it is JSON");
    assert_eq!(
        body.pointer("/name/0/family").and_then(Json::as_str),
        Some("O'\"Brien")
    );
    assert_eq!(body.get("gender").and_then(Json::as_str), Some("female"));
    // What is composed is what the stub takes.
    assert_eq!(Client::new().send(&request).status(), 201);
}

#[test]
fn a_body_is_written_in_yaml_or_in_json() {
    let yaml = compose(
        "path: \"/fhir/Patient/${id}\"\nbody: { resourceType: Patient, name: [ { family: \"${patient.family}\" } ] }",
    );
    assert_eq!(yaml.target(), "/fhir/Patient/a%2Fb%20c");
    let written = compose(
        "path: /fhir/Patient\nbody: '{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"${patient.family}\"}]}'",
    );
    assert_eq!(yaml.body(), written.body());
    let observation = compose(
        "path: /fhir/Observation\nbody: { resourceType: Observation, valueQuantity: { value: 1.10 } }",
    );
    assert!(observation.body().ends_with(br#"{"value":1.10}}"#));
}

#[test]
fn lint_finds_what_cannot_be_a_resource() {
    let body = |body: &str| format!("path: /fhir/Patient\nbody: {body}");
    for (sound, rules) in [
        ("{ resourceType: Patient, active: true }", vec![]),
        ("\"${patient}\"", vec![]),
        (
            "{ resourceType: Patient, birthDate: \"${patient.birth_date}\" }",
            vec![],
        ),
        (
            "'{\"resourceType\":\"Patient\",\"active\":${patient.active}}'",
            vec![],
        ),
        (
            "{ resourceType: Patient, active: 7 }",
            vec!["invalid-resource"],
        ),
        ("{ resourceType: Pateint }", vec!["NOT-A-RESOURCE"]),
        ("{ active: true }", vec!["NOT-A-RESOURCE"]),
        ("[ 1 ]", vec!["NOT-A-RESOURCE"]),
        ("'{\"resourceType\":\"Patient\",}'", vec!["BAD-JSON"]),
        ("\"${nobody}\"", vec!["UNKNOWN-NAME"]),
    ] {
        assert_eq!(lint(&body(sound)), rules, "{sound}");
    }
    assert_eq!(lint("path: /fhir/Patient\ncolour: red"), ["UNKNOWN-KEY"]);
    let form = "path: /fhir/Patient/_search\nheaders: { Content-Type: application/x-www-form-urlencoded }\nbody: '{a}'";
    assert_eq!(lint(form), Vec::<String>::new());
}

#[test]
fn contract_words_are_checked() {
    assert_eq!(Fhir.check_collection("Patient"), Ok(()));
    assert!(Fhir.check_collection("customers").is_err());
    assert_eq!(Fhir.check_locator("name.first().family"), Ok(()));
    assert_eq!(Fhir.check_locator("header.Location"), Ok(()));
    assert!(Fhir.check_locator("name..family").is_err());
    assert_eq!(Fhir.check_refusal("503"), Ok(()));
    assert!(Fhir.check_refusal("AE").is_err());
    assert_eq!(Fhir.filter("fhir", "F"), Some(Ok("female".to_owned())));
    assert_eq!(Fhir.filter("hl7", "F"), None);
}

#[test]
fn messages_are_located_labelled_and_compared() {
    let body = Bytes::from_static(br#"{"resourceType":"Patient","name":[{"family":"A"}],"n":1.0}"#);
    let request = Message::Request(HttpRequest::new(
        "PUT",
        "/fhir/Patient/1?a=b",
        &[],
        body.clone(),
    ));
    let reading = Fhir.read(&request).expect("it is a message");
    assert_eq!(reading.locate("name.family"), Ok(vec![json!("A")]));
    assert_eq!(reading.locate("query.a"), Ok(vec![json!("b")]));
    assert_eq!(Fhir.label(&request), "PUT /fhir/Patient/1?a=b");
    assert!(Fhir.selects("PUT Patient", &request));
    let reply = |status, body: &'static str| {
        Message::Response(HttpResponse::new(
            status,
            &[("date", "now")],
            Bytes::from_static(body.as_bytes()),
        ))
    };
    assert_eq!(
        Fhir.label(&Message::Response(HttpResponse::new(200, &[], body))),
        "200 Patient"
    );
    assert_eq!(
        Fhir.compare_replies(
            &reply(200, r#"{"a":1.0,"b":2}"#),
            &reply(200, r#"{"b":2,"a":1}"#)
        ),
        []
    );
    assert_eq!(
        Fhir.compare_replies(&reply(201, "{}"), &reply(200, r#"{"a":1}"#))
            .len(),
        2
    );
    assert!(Fhir.is_refusal(&reply(422, "")) && !Fhir.is_refusal(&reply(304, "")));
    assert_eq!(Fhir.answers(&request, &reply(200, "")), None);
}

#[test]
fn what_typed_builders_write_is_taken_by_the_strictest_stub() {
    use wardgate_fhir_types::{
        AppointmentFacts, Concept, Identifier, ObservationFacts, ObservationValue, PatientFacts,
        Quantity, Reference, appointment, observation, patient,
    };
    let identifier = || Identifier {
        system: "urn:wardgate:HOSP:mrn".to_owned(),
        value: "M1".to_owned(),
    };
    let written = [
        patient(&PatientFacts {
            identifiers: vec![identifier()],
            family: Some("O'Brien".to_owned()),
            given: vec!["Zoë".to_owned()],
            birth_date: Some("1980-02".to_owned()),
            ..PatientFacts::default()
        }),
        appointment(&AppointmentFacts {
            status: "booked".to_owned(),
            start: Some("2026-07-10T07:30:00Z".to_owned()),
            end: Some("2026-07-10T08:00:00Z".to_owned()),
            participants: vec![Reference::logical("Patient", identifier())],
            ..AppointmentFacts::default()
        }),
        observation(&ObservationFacts {
            status: "final".to_owned(),
            code: Concept {
                text: Some("Potassium".to_owned()),
                ..Concept::default()
            },
            value: Some(ObservationValue::Quantity(Quantity::new(
                "4.10".parse().expect("it is a decimal"),
            ))),
            ..ObservationFacts::default()
        }),
    ];
    let mut client = Client::with_options(json!({"validation": "cardinality"}));
    for resource in written {
        let resource = resource.expect("the facts are complete");
        let kind = Json::parse(&resource)
            .expect("it is JSON")
            .get("resourceType")
            .cloned()
            .expect("it has a type");
        client.create(kind.as_str().expect("a type is a text"), &resource);
    }
}
