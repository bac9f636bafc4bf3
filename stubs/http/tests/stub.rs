//! The stub as the runner sees it.

use std::time::Duration;

use bytes::Bytes;
use wardgate_core::{
    port::{Action, Control, Fault, Input, Moment, Protocol, Reaction, Stub, StubOptions, Verb},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_http::Http;
use wardgate_synth::Seed;

fn options(options: Json) -> StubOptions {
    StubOptions {
        partner: String::from("eligibility"),
        options,
        seed: Seed::from_u64(1),
    }
}

fn stub(routes: Json) -> Box<dyn Stub> {
    Http.stub(&options(json!({"routes": routes})))
        .expect("the routes are sound")
}

fn moment() -> Moment {
    Moment {
        elapsed: Duration::from_secs(1),
        unix_ms: 1_000,
    }
}

fn request(method: &str, target: &str, body: &'static str) -> Message {
    Message::Request(HttpRequest::new(
        method,
        target,
        &[("X-A", "b")],
        Bytes::from_static(body.as_bytes()),
    ))
}

fn react(stub: &mut dyn Stub, message: &Message) -> Reaction {
    let input = Input::Message {
        channel: 1,
        message,
        current: true,
    };
    stub.receive(moment(), input)
}

fn reply(reaction: &Reaction) -> &HttpResponse {
    match &reaction.actions[..] {
        [
            Action::Reply {
                message: Message::Response(response),
                ..
            },
        ] => response,
        other => panic!("not one reply: {other:?}"),
    }
}

#[test]
fn routes_answer_by_method_and_path_and_the_rest_is_404() {
    let mut stub = stub(json!([
        {"path": "/a", "body": "text"},
        {"method": "POST", "path": "/a", "status": 201, "headers": {"X-B": "c"}, "body": {"n": 1}},
        {"method": "PUT", "path": "/a b", "status": 204},
        {"method": "POST", "path": "/no", "status": 422, "body": {}},
    ]));
    for (method, target, status, body, effects) in [
        ("GET", "/a", 200, "text", 0),
        ("GET", "/a?x=1", 200, "text", 0),
        ("HEAD", "/a", 200, "text", 0),
        ("GET", "http://elsewhere.example/a", 200, "text", 0),
        ("POST", "/a", 201, r#"{"n":1}"#, 1),
        ("PUT", "/a%20b", 204, "", 1),
        ("POST", "/no", 422, "{}", 0),
        ("DELETE", "/a", 404, "there is no such route", 0),
        ("GET", "/b", 404, "there is no such route", 0),
    ] {
        let reaction = react(&mut *stub, &request(method, target, ""));
        let response = reply(&reaction);
        assert_eq!(response.status(), status, "{method} {target}");
        assert_eq!(
            response.body().as_ref(),
            body.as_bytes(),
            "{method} {target}"
        );
        assert_eq!(reaction.effects.len(), effects, "{method} {target}");
    }
    let reaction = react(&mut *stub, &request("POST", "/a", ""));
    assert_eq!(reply(&reaction).header("x-b"), Some("c"));
    assert_eq!(
        reply(&reaction).header("content-type"),
        Some("application/json")
    );
    assert_eq!(reaction.effects[0].verb, Verb::Accepted);
}

#[test]
fn what_was_received_is_held() {
    let mut stub = stub(json!([]));
    react(
        &mut *stub,
        &request("POST", "/a%20b?q=x+y", r#"{"n": 1.50}"#),
    );
    react(&mut *stub, &request("GET", "/c", "plain"));
    let held = stub.collection("requests").expect("it is known");
    assert_eq!(held.len(), 2);
    assert_eq!(
        held[0].record().get("body").map(Json::to_string).as_deref(),
        Some(r#"{"n":1.50}"#)
    );
    assert_eq!(held[0].record().get("path"), Some(&json!("/a b")));
    assert_eq!(held[0].record().pointer("/query/q"), Some(&json!("x y")));
    assert_eq!(held[0].record().pointer("/headers/x-a"), Some(&json!("b")));
    assert_eq!(held[1].record().get("body"), Some(&json!("plain")));
    assert_eq!(held[1].changed, moment());
    assert!(stub.collection("other").is_err());
}

#[test]
fn a_refused_request_was_not_received() {
    let mut stub = stub(json!([{"path": "/a"}]));
    let with = Some(String::from("429"));
    let fault = Control::Fault(Fault::Refuse { with, attempts: 1 });
    stub.receive(moment(), Input::Control(&fault));
    let reaction = react(&mut *stub, &request("GET", "/a", ""));
    assert_eq!(reply(&reaction).status(), 429);
    assert_eq!(stub.collection("requests").expect("it is known").len(), 0);
    assert_eq!(
        reply(&react(&mut *stub, &request("GET", "/a", ""))).status(),
        200
    );
}

#[test]
fn a_route_can_be_added_later() {
    let mut stub = stub(json!([]));
    let record = json!({"path": "/late", "body": [1]});
    let seed = Control::Seed {
        collection: String::from("routes"),
        record,
    };
    assert_eq!(
        stub.receive(moment(), Input::Control(&seed)).effects.len(),
        1
    );
    assert_eq!(
        reply(&react(&mut *stub, &request("GET", "/late", ""))).status(),
        200
    );
}

#[test]
fn faulty_options_are_refused_with_their_place() {
    for (given, expected) in [
        (json!({"routes": 1}), "'routes' is a list"),
        (json!({"paths": []}), "no option 'paths'"),
        (
            json!({"routes": [{"path": "/"}, {"path": "a"}]}),
            "routes[1]",
        ),
        (json!({"routes": [{"method": "get", "path": "/"}]}), "'get'"),
        (json!({"routes": [{"path": "/", "status": 99}]}), "'status'"),
        (json!({"routes": [{"path": "/", "code": 200}]}), "'code'"),
        (json!({"routes": [{}]}), "'path' is missing"),
    ] {
        let error = Http.stub(&options(given)).expect_err(expected);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn selectors_mean_method_and_segments() {
    let message = request("PUT", "/orders/17?x=1", "");
    for (selector, expected) in [
        ("PUT /orders/17", true),
        ("PUT /orders/*", true),
        ("ANY /orders/*", true),
        ("POST /orders/*", false),
        ("PUT /orders", false),
    ] {
        assert_eq!(Http.selects(selector, &message), expected, "{selector}");
        assert_eq!(Http.check_selector(selector), Ok(()));
    }
    assert!(Http.check_selector("orders").is_err());
    assert!(Http.check_collection("requests").is_ok());
    assert!(Http.check_collection("orders").is_err());
}

#[test]
fn the_journal_is_bounded_in_number_and_in_bytes() {
    let mut stub = stub(json!([]));
    let first = request("GET", "/first", "");
    react(&mut *stub, &first);
    for _ in 0..10_000 {
        react(&mut *stub, &request("GET", "/later", ""));
    }
    let held = stub.collection("requests").expect("it is known");
    assert_eq!(held.len(), 10_000);
    assert_eq!(
        held[0].record().get("path"),
        Some(&json!("/later")),
        "the oldest went"
    );
    assert_eq!(held[0].id, "2");
    let body = Bytes::from(vec![b'x'; 1 << 20]);
    let large = Message::Request(HttpRequest::new("POST", "/large", &[], body));
    for _ in 0..70 {
        react(&mut *stub, &large);
    }
    let held = stub.collection("requests").expect("it is known");
    assert!(
        held.len() < 64,
        "{} requests of a mebibyte are kept",
        held.len()
    );
}
