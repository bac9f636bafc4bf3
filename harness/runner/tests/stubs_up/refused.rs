//! Requests that no stub can serve, on real sockets: each is refused with the status that says why, in the words of the
//! protocol, and what could not be read to its end takes the connection with it.

use std::io::{Read as _, Write as _};

use wardgate_expression::Json;

use crate::{
    client::{Answer, connect, read_answer, try_ask},
    up::{Up, patient, up},
};

/// Sends these bytes and reads one answer; whether the stub closed the connection after it.
#[track_caller]
fn exchange(up: &Up, name: &str, parts: &[&[u8]]) -> (Answer, bool) {
    let mut stream = connect(up.at(name));
    for part in parts {
        stream.write_all(part).expect("it is read");
    }
    let answer = read_answer(&mut stream).expect("it is answered");
    let closed = matches!(stream.read(&mut [0]), Ok(0));
    if closed && answer.status >= 400 {
        assert!(answer.head.contains("connection: close"), "{answer:?}");
    }
    (answer, closed)
}

/// What a FHIR stub or an ERP calls it.
#[track_caller]
fn code(answer: &Answer, at: &str) -> String {
    let document = answer.json();
    let code = document.pointer(at).and_then(Json::as_str);
    code.unwrap_or_else(|| panic!("{document}")).to_owned()
}

#[test]
fn what_is_too_long_is_said_to_be() {
    let up = up();
    let body = vec![b' '; (16 << 20) + 1];
    let head = format!(
        "POST /Patient HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let chunk = [b"400000\r\n".as_slice(), &body[..4 << 20], b"\r\n"].concat();
    let chunked = b"POST /Patient HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    let long_head = [
        b"GET / HTTP/1.1\r\nhost: a\r\nx: ".as_slice(),
        &body[..70_000],
    ]
    .concat();
    let many = "x: y\r\n".repeat(200);
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n");
    for (parts, status) in [
        (vec![head.as_bytes(), &body], 413),
        (vec![head.as_bytes()], 413),
        (
            vec![&chunked[..], &chunk, &chunk, &chunk, &chunk, &chunk],
            413,
        ),
        (vec![&long_head], 431),
        (vec![many.as_bytes()], 431),
    ] {
        let (answer, closed) = exchange(&up, "ehr", &parts);
        assert_eq!((answer.status, closed), (status, true), "{answer:?}");
        assert_eq!(code(&answer, "/issue/0/code"), "too-long");
        let (answer, closed) = exchange(&up, "ledger", &parts);
        assert_eq!((answer.status, closed), (status, true), "{answer:?}");
        assert_eq!(code(&answer, "/error/code"), "BadRequest");
        let (answer, closed) = exchange(&up, "web", &parts);
        assert_eq!((answer.status, closed), (status, true), "{answer:?}");
    }
}

#[test]
fn heads_that_cannot_be_served_are_refused() {
    let up = up();
    for (request, status, fhir) in [
        ("GET /metadata HTTP/1.1\r\n\r\n", 400, "structure"),
        (
            "GET /metadata HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
            400,
            "structure",
        ),
        (
            "POST /Patient HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            501,
            "not-supported",
        ),
        (
            "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
            501,
            "not-supported",
        ),
        (
            "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n",
            501,
            "not-supported",
        ),
    ] {
        let parts = [request.as_bytes()];
        let (answer, closed) = exchange(&up, "ehr", &parts);
        assert_eq!((answer.status, closed), (status, true), "{answer:?}");
        assert_eq!(code(&answer, "/issue/0/code"), fhir);
        let (answer, closed) = exchange(&up, "ledger", &parts);
        assert_eq!((answer.status, closed), (status, true), "{answer:?}");
        assert!(code(&answer, "/error/code").starts_with("BadRequest"));
        let (answer, closed) = exchange(&up, "web", &parts);
        assert_eq!((answer.status, closed), (status, true), "{answer:?}");
    }
}

#[test]
fn a_length_that_is_said_twice_ends_the_connection() {
    let up = up();
    let body = patient("p1", "Smith").to_string();
    let request = format!(
        "PUT /Patient/p1 HTTP/1.1\r\nhost: a\r\ncontent-type: application/fhir+json\r\ncontent-length: 3\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\nGET /metadata HTTP/1.1\r\nhost: a\r\n\r\n",
        body.len()
    );
    let (answer, closed) = exchange(&up, "ehr", &[request.as_bytes()]);
    assert_eq!((answer.status, closed), (201, true), "{answer:?}");
}

#[test]
fn a_body_that_was_coded_is_not_taken() {
    let up = up();
    let companies = crate::client::get(up.at("ledger"), "/api/v2.0/companies");
    let company = companies.pointer("/value/0/id").and_then(Json::as_str);
    let customers = format!(
        "/api/v2.0/companies({})/customers",
        company.expect("there is a company")
    );
    for (name, target, media_type) in [
        ("ehr", "/Patient", "application/fhir+json"),
        ("ledger", customers.as_str(), "application/json"),
        ("web", "/anything", "text/plain"),
    ] {
        let ask = |coding: &str| {
            let more = format!("content-type: {media_type}\r\ncontent-encoding: {coding}\r\n");
            try_ask(up.at(name), "POST", target, &more, b"\x1f\x8b").expect("it answers")
        };
        let answer = ask("gzip");
        assert_eq!(answer.status, 415, "{name}: {answer:?}");
        assert!(
            answer.head.contains("accept-encoding: identity"),
            "{answer:?}"
        );
        let answer = ask("identity");
        assert_ne!(answer.status, 415, "{name}: {answer:?}");
    }
}

#[test]
fn a_head_says_the_length_of_its_get() {
    let up = up();
    up.stub("ehr")
        .seed("Patient", vec![patient("p1", "Smith")])
        .expect("it can be held");
    for target in [
        "/Patient/p1",
        "/Patient/p1?_pretty=true",
        "/Patient/none?_pretty=true",
    ] {
        let length = |method| {
            let answer = try_ask(up.at("ehr"), method, target, "", b"").expect("it answers");
            let line = |line: &&str| line.starts_with("content-length: ");
            (
                answer.head.lines().find(line).map(str::to_owned),
                answer.body.len(),
            )
        };
        let (said, got) = length("GET");
        assert_eq!(said, Some(format!("content-length: {got}")));
        assert_eq!(length("HEAD"), (said, 0), "{target}");
    }
}
