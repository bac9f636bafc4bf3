//! Requests composed from YAML, read back, located and compared.

use std::sync::Arc;

use bytes::Bytes;
use wardgate_contract::{Node, Source, yaml};
use wardgate_core::{
    bindings::Bindings,
    port::{Catalog, Names, Reading, Typing},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_kit::http::{
    Dialect, HttpReading, check_send, compare_replies, compose, identity, label, malform,
};

const DIALECT: Dialect = Dialect {
    json: "application/json",
    text: "text/plain",
    accept: Some("application/json"),
};

struct Known;

impl Names for Known {
    fn knows(&self, name: &str) -> bool {
        matches!(name, "patient" | "id" | "link" | "n")
    }
}

fn node(text: &str) -> Node {
    let (node, findings) = yaml::read(&Source::new("test.yaml", text));
    assert_eq!(findings, []);
    node.expect("it is YAML")
}

fn bindings() -> Bindings {
    let mut bindings = Bindings::new(Arc::new(Catalog::default()), 0);
    bindings.bind("patient", json!({"family": "O'\"Brien"}), Some("patient"));
    bindings.bind("id", json!("a/b c"), None);
    bindings.bind("link", json!("http://127.0.0.1:99/next?page=2&x=%20"), None);
    bindings.bind("n", json!(12), None);
    bindings.bind("said", json!("${n} ${nobody}"), None);
    bindings
}

fn composed(text: &str) -> HttpRequest {
    let render = |kind: &str, record: &Json| {
        (kind == "patient").then(|| json!({"rendered": record.get("family").cloned()}))
    };
    match compose(&node(text), &bindings(), DIALECT, &render).expect("it composes") {
        Message::Request(request) => request,
        other => panic!("not a request: {other:?}"),
    }
}

fn body(request: &HttpRequest) -> &str {
    std::str::from_utf8(request.body()).expect("it is text")
}

#[test]
fn a_mapping_is_sent_as_json_with_its_digits() {
    let request =
        composed("path: /orders\nbody: { amount: 1.10, n: \"${n}\", who: \"${patient.family}\" }");
    assert_eq!(request.method(), "POST");
    assert_eq!(
        body(&request),
        r#"{"amount":1.10,"n":12,"who":"O'\"Brien"}"#
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
}

#[test]
fn a_record_is_rendered_and_a_text_is_escaped_where_it_starts_like_json() {
    assert_eq!(
        body(&composed("path: /p\nbody: \"${patient}\"")),
        r#"{"rendered":"O'\"Brien"}"#
    );
    let raw = composed("path: /p\nbody: '{\"who\": \"${patient.family}\"'");
    assert_eq!(body(&raw), r#"{"who": "O'\"Brien""#);
    let text = composed("path: /p\nbody: Dear ${patient.family}");
    assert_eq!(body(&text), "Dear O'\"Brien");
    assert_eq!(text.header("content-type"), Some("text/plain"));
}

#[test]
fn what_is_filled_in_is_never_filled_again() {
    assert_eq!(
        body(&composed(
            "path: /p\nbody: { a: \"${said}\", b: \"x ${said}\", \"${n}\": \"$${n}\", \"$${n}\": 1 }"
        )),
        r#"{"a":"${n} ${nobody}","b":"x ${n} ${nobody}","12":"${n}","${n}":1}"#
    );
    for text in ["\"${said}\"", "\"$${n} $${nobody}\""] {
        let request = composed(&format!("path: /p\nbody: {text}"));
        assert_eq!(body(&request), "${n} ${nobody}", "{text}");
    }
}

#[test]
fn values_in_path_and_query_are_percent_coded() {
    let request = composed("path: /a/${id}?x=1\nquery: { q: [\"${id}\", two], e: }");
    assert_eq!(request.method(), "GET");
    assert_eq!(request.target(), "/a/a%2Fb%20c?x=1&q=a%2Fb%20c&q=two&e=");
    assert_eq!(request.header("accept"), Some("application/json"));
}

#[test]
fn a_captured_link_is_followed_as_it_stands() {
    assert_eq!(composed("path: \"${link}\"").target(), "/next?page=2&x=%20");
}

#[test]
fn headers_replace_the_usual_ones_and_an_empty_one_leaves_out() {
    let request = composed(
        "path: /p\nheaders: { Content-Type: text/x, Accept: '', X-Id: \"${id}\" }\nbody: x y",
    );
    assert_eq!(request.header("content-type"), Some("text/x"));
    assert_eq!(request.header("accept"), None);
    assert_eq!(request.header("x-id"), Some("a/b c"));
}

#[test]
fn lint_finds_what_cannot_be_sent() {
    for (text, rules) in [
        ("path: /p", &[][..]),
        ("path: \"${link}\"\nto: api", &[]),
        ("path: p", &["bad-path"]),
        ("method: post\npath: /p", &["bad-method"]),
        ("path: /p\nbodi: x", &["unknown-key"]),
        ("method: GET", &["missing-key"]),
        ("path: /p/${nobody}", &["unknown-name"]),
        ("path: /p\nbody: { a: \"${id\" }", &["bad-template"]),
        ("path: /p\nquery: x", &["wrong-type"]),
        ("[1]", &["wrong-type"]),
    ] {
        let found: Vec<&str> = check_send(&node(text), &Known)
            .iter()
            .map(|it| it.rule)
            .collect();
        assert_eq!(found, rules, "{text}");
    }
}

#[test]
fn only_the_body_has_types() {
    let request = Message::Request(HttpRequest::new("GET", "/", &[], Bytes::new()));
    let reading = HttpReading::new(&request).expect("it is HTTP");
    for locator in ["status", "method", "path", "query.x", "header.x", "body"] {
        assert_eq!(reading.typing(Some(locator)), Typing::Text, "{locator}");
    }
    assert_eq!(reading.typing(Some("%resource.status")), Typing::Json);
    assert_eq!(reading.typing(None), Typing::Json);
}

#[test]
fn every_place_of_a_message_is_found() {
    let request = Message::Request(HttpRequest::new(
        "PUT",
        "/a%20b?x=1&x=two%2B",
        &[("X-One", "1")],
        Bytes::from_static(br#"{"status": "open", "lines": [{"n": 1.50}, {"n": 2}]}"#),
    ));
    let reading = HttpReading::new(&request).expect("it is HTTP");
    for (locator, expected) in [
        ("method", json!(["PUT"])),
        ("path", json!(["/a b"])),
        ("query.x", json!(["1", "two+"])),
        ("query.y", json!([])),
        ("header.x-one", json!(["1"])),
        ("%resource.status", json!(["open"])),
    ] {
        assert_eq!(
            Json::Array(reading.locate(locator).expect(locator)),
            expected,
            "{locator}"
        );
    }
    assert_eq!(
        reading.locate("lines.n").expect("it is there")[0].to_string(),
        "1.50"
    );
    assert!(reading.locate("status").is_err());
    assert!(reading.locate("").is_err());
    assert!(reading.locate("a..b").is_err());
}

#[test]
fn a_body_that_is_no_json_is_an_error_but_a_place_beside_it_is_found() {
    let response = Message::Response(HttpResponse::new(500, &[], Bytes::from_static(b"oh no")));
    let reading = HttpReading::new(&response).expect("it is HTTP");
    assert!(reading.json().is_err());
    assert!(reading.locate("id").is_err());
    assert_eq!(reading.locate("status"), Ok(vec![json!(500)]));
    assert_eq!(reading.locate("body"), Ok(vec![json!("oh no")]));
    assert!(HttpReading::new(&Message::Frame(Bytes::new())).is_err());
}

#[test]
fn replies_are_compared_by_meaning() {
    let reply = |status, body: &'static str| {
        Message::Response(HttpResponse::new(
            status,
            &[("date", "x")],
            Bytes::from_static(body.as_bytes()),
        ))
    };
    let same = compare_replies(
        &reply(200, r#"{"a":1.0,"b":2}"#),
        &reply(200, r#"{"b":2,"a":1}"#),
    );
    assert_eq!(same, []);
    let places = |first, second| {
        compare_replies(&first, &second)
            .into_iter()
            .map(|mismatch| mismatch.at)
            .collect::<Vec<_>>()
    };
    assert_eq!(places(reply(200, "x"), reply(201, "y")), ["status", "body"]);
    assert_eq!(places(reply(200, "1"), reply(200, "2")), ["body"]);
}

#[test]
fn a_retry_is_the_same_message_and_another_body_is_not() {
    let request = |date, body: &'static str| {
        Message::Request(HttpRequest::new(
            "POST",
            "/a",
            &[("date", date)],
            Bytes::from_static(body.as_bytes()),
        ))
    };
    assert_eq!(identity(&request("1", "x")), identity(&request("2", "x")));
    assert_ne!(identity(&request("1", "x")), identity(&request("1", "y")));
    assert_eq!(label(&request("1", "x")), "POST /a");
}

#[test]
fn broken_forms_are_not_json_objects() {
    let good = Message::Request(HttpRequest::new(
        "POST",
        "/a",
        &[],
        Bytes::from_static(br#"{"a": "b"}"#),
    ));
    let forms = malform::forms(&good);
    assert_eq!(
        forms.iter().map(|form| form.name).collect::<Vec<_>>(),
        malform::NAMES
    );
    for form in forms {
        let parsed = Json::parse_bytes(form.message.content());
        assert!(!matches!(parsed, Ok(Json::Object(_))), "{}", form.name);
    }
    let bare = Message::Request(HttpRequest::new("GET", "/a", &[], Bytes::new()));
    assert!(malform::forms(&bare).is_empty());
}
