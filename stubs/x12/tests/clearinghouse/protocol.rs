//! What the rest of Wardgate asks of the protocol.

use bytes::Bytes;
use wardgate_core::{
    port::Protocol,
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_x12::{X12, core_rule};

use crate::client::{CLAIMS, Client, sets};

fn post(body: &str) -> Message {
    Message::Request(HttpRequest::new(
        "POST",
        "/edi",
        &[],
        Bytes::copy_from_slice(body.as_bytes()),
    ))
}

fn reply(body: &str) -> Message {
    Message::Response(HttpResponse::new(
        200,
        &[],
        Bytes::copy_from_slice(body.as_bytes()),
    ))
}

fn core(payload_type: &str, payload: Option<&str>) -> Message {
    let (content_type, body) =
        core_rule::write(&[("PayloadType", payload_type)], payload.map(str::as_bytes));
    Message::Request(HttpRequest::new(
        "POST",
        "/",
        &[("content-type", &content_type)],
        body,
    ))
}

#[test]
fn selectors_say_what_an_interchange_holds() {
    let claims = post(CLAIMS);
    let pick_up = Message::Request(HttpRequest::new("GET", "/outbox/S", &[], Bytes::new()));
    for (selector, message, expected) in [
        ("837P", &claims, true),
        ("837", &claims, true),
        ("837I", &claims, false),
        ("ANY", &claims, true),
        ("270", &claims, false),
        ("POST /edi", &claims, true),
        ("ANY", &post(include_str!("../fixtures/999.x12")), false),
        ("999", &post(include_str!("../fixtures/999.x12")), true),
        ("277CA", &post(include_str!("../fixtures/277ca.x12")), true),
        ("277", &post(include_str!("../fixtures/277ca.x12")), false),
        (
            "837P",
            &core("X12_837_Request_005010X222A1", Some(CLAIMS)),
            true,
        ),
        (
            "pick-up",
            &core("X12_005010_Request_Batch_Results_835", None),
            true,
        ),
        ("pick-up", &pick_up, true),
        ("pick-up", &claims, false),
        ("GET /outbox/*", &pick_up, true),
        ("837P", &reply(CLAIMS), false),
        ("837P", &post("nonsense"), false),
    ] {
        assert_eq!(X12.check_selector(selector), Ok(()), "{selector}");
        assert_eq!(X12.selects(selector, message), expected, "{selector}");
    }
    for bad in ["837X", "claims", "FETCH /a", "pickup"] {
        assert!(X12.check_selector(bad).is_err(), "{bad}");
    }
    assert_eq!(X12.label(&claims), "837P");
    assert_eq!(X12.label(&pick_up), "GET /outbox/S");
    assert_eq!(X12.selector_of(&claims).as_deref(), Some("837P"));
    assert_eq!(X12.selector_of(&pick_up).as_deref(), Some("pick-up"));
}

#[test]
fn locations_and_expressions_read_what_was_sent_and_answered() {
    let mut client = Client::new(json!({}));
    let (_, body, _) = client.post(CLAIMS);
    let (claims, answer) = (post(CLAIMS), reply(&body));
    for (message, location, expected) in [
        (&claims, "CLM-02", &["300.5"][..]),
        (&claims, "2300[2]/CLM-02", &["75"]),
        (&claims, "2300/CLM-05-1", &["11"]),
        (&claims, "2300[*]/2400[*]/SV1-02", &["100.5", "200", "75"]),
        (&claims, "ISA-06", &["SENDER"]),
        (&claims, "CLM-03", &[]),
        (&claims, "method", &["POST"]),
        (&answer, "AK9-01", &["A"]),
        (&answer, "2200D[*]/STC-01-1", &["A2", "A2"]),
        (&answer, "status", &["200"]),
        (&core("x", Some(CLAIMS)), "CLM-01", &["A00000001"]),
    ] {
        assert_eq!(X12.check_locator(location), Ok(()), "{location}");
        let found = X12.read(message).unwrap().locate(location).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect();
        assert_eq!(found, expected, "{location}");
    }
    let reading = X12.read(&claims).unwrap();
    let view = reading.json().unwrap();
    let set = view.pointer("/interchanges/0/sets/0").unwrap();
    assert_eq!(set.get("kind"), Some(&Json::from("837P")));
    assert_eq!(set.pointer("/CLM/1/CLM01"), Some(&Json::from("A00000002")));
    assert_eq!(set.pointer("/CLM/0/CLM05_1"), Some(&Json::from("11")));
    assert!(X12.read(&post("x")).unwrap().json().is_err());
    assert!(X12.check_locator("CLM-").is_err());
}

#[test]
fn replies_are_compared_by_what_they_say_became_of_it() {
    let mut client = Client::new(json!({ "duplicates": "accept" }));
    let (_, first, _) = client.post(CLAIMS);
    let other = crate::client::renumbered(CLAIMS, 2);
    let (_, second, _) = client.post(&other);
    assert_ne!(first, second);
    assert!(
        X12.compare_replies(&reply(&first), &reply(&second))
            .is_empty()
    );
    let (_, refused, _) = client.post(&other.replace("A0000", "B0000"));
    assert!(X12.is_refusal(&reply(&refused)) && !X12.is_refusal(&reply(&first)));
    assert!(
        !X12.compare_replies(&reply(&first), &reply(&refused))
            .is_empty()
    );
    let one = core("a", Some(CLAIMS));
    assert_eq!(X12.identity(&one), X12.identity(&core("b", Some(CLAIMS))));
    assert_ne!(X12.identity(&one), X12.identity(&core("a", Some(&other))));
}

#[test]
fn broken_forms_are_refused_by_the_stub_itself() {
    let forms = X12.malform(&post(CLAIMS));
    assert_eq!(forms.len(), 4);
    for form in forms {
        let mut client = Client::new(json!({}));
        let Message::Request(request) = &form.message else {
            panic!("it is a request");
        };
        let (response, reaction) = client.send(request.clone());
        assert!(
            X12.is_refusal(&Message::Response(response)),
            "{}",
            form.name
        );
        assert!(reaction.effects.is_empty(), "{}", form.name);
    }
}

#[test]
fn two_stubs_of_one_seed_answer_alike() {
    let (mut one, mut other) = (Client::new(json!({})), Client::new(json!({})));
    assert_eq!(one.post(CLAIMS), other.post(CLAIMS));
    assert_eq!(
        one.pick_up("/outbox/SENDER"),
        other.pick_up("/outbox/SENDER")
    );
    let snapshot = one.stub.snapshot();
    assert_eq!(snapshot.collection("claims").unwrap().len(), 2);
    assert_eq!(sets(&one.pick_up("/outbox/SENDER?again=true")), ["835"]);
}
