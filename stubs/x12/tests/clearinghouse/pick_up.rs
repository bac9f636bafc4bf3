//! The outbox, plain and in CORE envelopes.

use bytes::Bytes;
use wardgate_core::wire::{HttpRequest, HttpResponse};
use wardgate_expression::json;
use wardgate_stub_x12::core_rule::{self, CoreEnvelope};

use crate::client::{CLAIMS, Client, assert_sound, segments, sets};

const INQUIRY: &str = include_str!("../fixtures/270.x12");

/// An envelope with what is given beside the usual.
fn envelope(fields: &[(&str, &str)], payload: Option<&str>) -> HttpRequest {
    let mut all = vec![
        ("PayloadType", "X12_837_Request_005010X222A1"),
        ("ProcessingMode", "RealTime"),
        ("PayloadID", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ("TimeStamp", "2026-03-01T09:30:00Z"),
        ("SenderID", "SENDER"),
        ("ReceiverID", "RECEIVER"),
        ("CORERuleVersion", "2.2.0"),
    ];
    for (name, value) in fields {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    let (content_type, body) = core_rule::write(&all, payload.map(str::as_bytes));
    HttpRequest::new("POST", "/core", &[("content-type", &content_type)], body)
}

fn read(response: &HttpResponse) -> CoreEnvelope {
    assert_eq!(response.status(), 200);
    let content_type = response.header("content-type").expect("it is there");
    let read = CoreEnvelope::read(content_type, response.body()).expect("it is multipart");
    let read = read.expect("it can be read");
    assert_eq!(read.missing(), None);
    if let Some(payload) = read.payload() {
        assert_sound(&String::from_utf8_lossy(payload));
    }
    read
}

fn payload(envelope: &CoreEnvelope) -> String {
    String::from_utf8_lossy(envelope.payload().expect("there is one")).into_owned()
}

#[test]
fn what_was_picked_up_is_there_again_when_it_is_asked_for() {
    let mut client = Client::new(json!({}));
    assert!(client.pick_up("/outbox/SENDER").is_empty());
    client.post(CLAIMS);
    assert!(client.pick_up("/outbox/OTHER").is_empty());
    assert!(client.pick_up("/outbox/SENDER?kind=277CA").is_empty());
    let first = client.pick_up("/outbox/SENDER?kind=835");
    assert_eq!(sets(&first), ["835"]);
    assert!(client.pick_up("/outbox/SENDER").is_empty());
    assert_eq!(client.pick_up("/outbox/SENDER?again=true"), first);
}

#[test]
fn claim_acknowledgements_can_be_picked_up_instead() {
    let mut client = Client::new(json!({ "acknowledge": "outbox" }));
    let (_, body, _) = client.post(CLAIMS);
    assert_eq!(sets(&body), ["999"]);
    client.post(CLAIMS);
    assert_eq!(sets(&client.pick_up("/outbox/SENDER")), ["835", "277"]);
}

#[test]
fn real_time_envelopes_are_answered_at_once() {
    let mut client = Client::new(json!({}));
    let request = envelope(
        &[("PayloadType", "X12_270_Request_005010X279A1")],
        Some(INQUIRY),
    );
    let answer = read(&client.send(request).0);
    assert_eq!(answer.field("PayloadType"), "X12_271_Response_005010X279A1");
    assert_eq!(answer.field("ErrorCode"), "Success");
    assert_eq!(
        answer.field("PayloadID"),
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    );
    assert_eq!(
        (answer.field("SenderID"), answer.field("ReceiverID")),
        ("RECEIVER", "SENDER")
    );
    assert_eq!(sets(&payload(&answer)), ["271"]);
}

#[test]
fn batches_are_confirmed_and_their_answers_picked_up() {
    let mut client = Client::new(json!({}));
    let batch = envelope(&[("ProcessingMode", "Batch")], Some(CLAIMS));
    let answer = read(&client.send(batch).0);
    assert_eq!(answer.field("PayloadType"), "X12_BatchReceiptConfirmation");
    assert!(answer.payload().is_none());
    for (asked, kind, set) in [
        (
            "X12_999_RetrievalRequest_005010X231A1",
            "X12_999_Response_005010X231A1",
            "999",
        ),
        (
            "X12_005010_Request_Batch_Results_277CA",
            "X12_277CA_Response_005010X214",
            "277",
        ),
        (
            "X12_005010_Request_Batch_Results_835",
            "X12_835_Response_005010X221A1",
            "835",
        ),
    ] {
        let asked = envelope(&[("PayloadType", asked), ("ProcessingMode", "Batch")], None);
        let answer = read(&client.send(asked.clone()).0);
        assert_eq!(answer.field("PayloadType"), kind);
        assert_eq!(sets(&payload(&answer)), [set]);
        let answer = read(&client.send(asked).0);
        assert_eq!(
            answer.field("PayloadType"),
            "X12_005010_Response_NoBatchResultsFile"
        );
    }
}

#[test]
fn what_is_wrong_with_an_envelope_is_told_by_its_error_code() {
    let mut client = Client::new(json!({}));
    for (fields, payload, code) in [
        (&[("SenderID", "")][..], Some(CLAIMS), "SenderIDRequired"),
        (
            &[("CORERuleVersion", "")],
            Some(CLAIMS),
            "CORERuleVersionRequired",
        ),
        (
            &[("ProcessingMode", "Soon")],
            Some(CLAIMS),
            "ProcessingModeIllegal",
        ),
        (
            &[("PayloadLength", "3")],
            Some(CLAIMS),
            "PayloadLengthIllegal",
        ),
        (&[], None, "PayloadRequired"),
        (&[], Some("nonsense"), "PayloadIllegal"),
    ] {
        let (response, reaction) = client.send(envelope(fields, payload));
        let answer = CoreEnvelope::read(response.header("content-type").unwrap(), response.body());
        assert_eq!(answer.unwrap().unwrap().field("ErrorCode"), code);
        assert!(reaction.effects.is_empty());
    }
    let broken = [("content-type", "multipart/form-data; boundary=x")];
    let request = HttpRequest::new("POST", "/", &broken, Bytes::from("--x"));
    assert_eq!(client.send(request).0.status(), 400);
}

#[test]
fn other_requests_are_refused_by_their_status() {
    let mut client = Client::new(json!({}));
    for (method, target, headers, status) in [
        ("GET", "/", &[][..], 404),
        ("PUT", "/", &[], 405),
        ("DELETE", "/outbox/SENDER", &[], 405),
        ("GET", "/outbox/SENDER?kinds=835", &[], 400),
        ("GET", "/outbox/%ff", &[], 400),
        ("POST", "/", &[("content-type", "application/json")], 415),
        ("POST", "/", &[("content-encoding", "gzip")], 415),
    ] {
        let request = HttpRequest::new(method, target, headers, Bytes::from("x"));
        let (response, _) = client.send(request);
        assert_eq!(response.status(), status, "{method} {target}");
        // RFC 9110, sections 15.5.6 and 15.5.16.
        assert_eq!(response.header("allow").is_some(), status == 405);
        let is_coded = headers.iter().any(|(name, _)| *name == "content-encoding");
        assert_eq!(response.header("accept-encoding").is_some(), is_coded);
    }
    let (_, body, _) = client.post(CLAIMS);
    assert_eq!(segments(&body, "AK9").len(), 1);
}
