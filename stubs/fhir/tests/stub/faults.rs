//! Faults, seeding and resets: what every stub can be told, in FHIR's words.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Fault, Input, Moment, Protocol as _},
    wire::{HttpRequest, Message},
};
use wardgate_stub_fhir::Fhir;

use crate::client::{Client, json, string, text};

const PUT: &str = r#"{"resourceType":"Patient","id":"p1"}"#;

fn put() -> HttpRequest {
    let headers = [
        ("host", "ehr.test"),
        ("content-type", "application/fhir+json"),
    ];
    HttpRequest::new(
        "PUT",
        "/fhir/Patient/p1",
        &headers,
        Bytes::from_static(PUT.as_bytes()),
    )
}

#[test]
fn a_refusal_is_an_operation_outcome_without_effect() {
    let mut client = Client::new();
    for (with, status) in [
        (None, 503),
        (Some("429"), 429),
        (Some("500"), 500),
        (Some("404"), 404),
    ] {
        client.control(&Control::Fault(Fault::Refuse {
            with: with.map(str::to_owned),
            attempts: 1,
        }));
        let refused = client.put("/fhir/Patient/p1", PUT);
        assert_eq!(refused.status(), status);
        assert_eq!(string(&json(&refused), "/resourceType"), "OperationOutcome");
        assert_eq!(
            refused.header("retry-after").is_some(),
            matches!(status, 429 | 503)
        );
        assert!(Fhir.is_refusal(&Message::Response(refused)));
        assert_eq!(
            client
                .stub
                .collection("Patient")
                .expect("it is a type")
                .len(),
            0
        );
    }
    assert_eq!(client.put("/fhir/Patient/p1", PUT).status(), 201);
}

#[test]
fn a_lost_or_cut_reply_was_still_written() {
    let mut client = Client::new();
    client.control(&Control::Fault(Fault::LoseReply { attempts: 1 }));
    assert_eq!(
        client.get("/fhir/Patient/p1").status(),
        404,
        "a read uses up no attempt"
    );
    let lost = client.react(&put());
    assert!(
        matches!(lost.actions[..], [Action::Close { .. }]),
        "{lost:?}"
    );
    assert_eq!(lost.effects.len(), 1);
    client.control(&Control::Fault(Fault::Garble { attempts: 1 }));
    assert!(matches!(
        client.react(&put()).actions[..],
        [Action::ReplyCut { .. }]
    ));
    assert_eq!(
        client.get("/fhir/Patient/p1").header("etag"),
        Some("W/\"2\"")
    );
}

#[test]
fn a_slow_reply_is_the_same_reply_later() {
    let mut client = Client::new();
    client.control(&Control::Fault(Fault::Slow {
        by: Duration::from_millis(800),
        attempts: 1,
    }));
    let slow = client.react(&put());
    assert!(
        matches!(slow.actions[..], [Action::Reply { after, .. }] if after == Duration::from_millis(800)),
        "{slow:?}"
    );
}

#[test]
fn seeds_are_held_as_if_a_client_had_put_them() {
    let mut client = Client::new();
    let reaction = client.seed(
        "Patient",
        r#"{"identifier":[{"value":"7"}],"multipleBirthInteger":2}"#,
    );
    assert_eq!(
        reaction.effects[0].keys.len(),
        1,
        "an id that the stub gave out"
    );
    let (ids, _) = client.search("/fhir/Patient?identifier=7");
    assert_eq!(ids, reaction.effects[0].keys);
    assert!(
        client
            .seed("Patient", r#"{"resourceType":"Patient","id":"p2"}"#)
            .effects[0]
            .keys
            .is_empty()
    );
    assert_eq!(client.get("/fhir/Patient/p2").status(), 200);
    for (collection, record) in [
        ("Patients", "{}"),
        ("Patient", r#"{"resourceType":"Group"}"#),
        ("Patient", r#"{"id":"a b"}"#),
        ("Patient", r#"{"name":[]}"#),
        ("Patient", "[]"),
    ] {
        let reaction = client.seed(collection, record);
        assert!(
            reaction.unhandled && reaction.effects.is_empty(),
            "{collection} {record}"
        );
    }
    assert_eq!(client.stub.collections(), ["Patient"]);
    assert!(client.stub.collection("Patients").is_err());
}

#[test]
fn a_reset_goes_back_to_the_seeded_state() {
    let mut client = Client::new();
    client.seed(
        "Patient",
        r#"{"resourceType":"Patient","id":"p1","active":true,"identifier":[{"value":"1"}]}"#,
    );
    let before = text(&client.get("/fhir/Patient?identifier=1"));
    let snapshot = client.stub.snapshot();
    client.put("/fhir/Patient/p1", PUT);
    client.create(
        "Patient",
        r#"{"resourceType":"Patient","identifier":[{"value":"1"}]}"#,
    );
    client.delete("/fhir/Patient/p1");
    assert_eq!(client.search("/fhir/Patient").1, 1);
    client.control(&Control::Reset);
    assert_eq!(text(&client.get("/fhir/Patient?identifier=1")), before);
    assert_eq!(client.search("/fhir/Patient").1, 1);
    client.stub = snapshot;
    assert_eq!(text(&client.get("/fhir/Patient?identifier=1")), before);
}

#[test]
fn what_is_held_is_seen_in_the_order_it_came() {
    let mut client = Client::new();
    for id in ["zz", "aa", "mm"] {
        client.seed(
            "Patient",
            &format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#),
        );
    }
    client.delete("/fhir/Patient/aa");
    client.put(
        "/fhir/Patient/zz",
        r#"{"resourceType":"Patient","id":"zz","active":true}"#,
    );
    let held = client.stub.collection("Patient").expect("it is a type");
    let ids: Vec<&str> = held.iter().map(|held| held.id).collect();
    assert_eq!(ids, ["zz", "mm"]);
    assert!(held[0].changed > held[1].changed);
    assert_eq!(string(&held[0].record(), "/meta/versionId"), "2");
}

#[test]
fn bytes_that_are_no_request_are_refused() {
    let mut client = Client::new();
    let at = Moment {
        elapsed: Duration::ZERO,
        unix_ms: 0,
    };
    let reaction = client.stub.receive(
        at,
        Input::Garbage {
            channel: 1,
            reason: "no head",
        },
    );
    match &reaction.actions[..] {
        [
            Action::Reply {
                message: Message::Response(response),
                ..
            },
            Action::Close { .. },
        ] => assert_eq!(response.status(), 400),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_malformed_request_is_refused_by_the_stub_itself() {
    let mut client = Client::new();
    let body =
        Bytes::from_static(br#"{"resourceType":"Patient","id":"p1","name":[{"family":"A"}]}"#);
    let headers = [
        ("host", "ehr.test"),
        ("content-type", "application/fhir+json"),
    ];
    let good = HttpRequest::new("PUT", "/fhir/Patient/p1", &headers, body);
    assert_eq!(client.send(&good).status(), 201);
    let broken = Fhir.malform(&Message::Request(good));
    assert_eq!(broken.len(), Fhir.guide().malformations.len());
    for broken in broken {
        let Message::Request(request) = &broken.message else {
            panic!("{} is no request", broken.name);
        };
        let status = client.send(request).status();
        assert!((400..500).contains(&status), "{}: {status}", broken.name);
        assert!(client.effects.is_empty(), "{}", broken.name);
    }
}
