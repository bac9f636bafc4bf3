//! No page in a browser may use the control API.

use std::io::Write as _;

use crate::{
    client::{Answer, connect, get, read_answer},
    up::{Up, up},
};

fn with(up: &Up, headers: &str) -> Answer {
    let mut stream = connect(up.control());
    let raw = format!(
        "POST /partners/ehr/faults HTTP/1.1\r\n{headers}content-length: 14\r\n\r\n{{\"garble\": 50}}"
    );
    stream.write_all(raw.as_bytes()).expect("it is read");
    read_answer(&mut stream).expect("it is answered")
}

#[test]
fn pages_of_other_sites_change_nothing() {
    let up = up();
    let port = up.control().port();
    for headers in [
        format!(
            "host: localhost:{port}\r\norigin: https://evil.example\r\ncontent-type: text/plain\r\n"
        ),
        format!("host: 127.0.0.1:{port}\r\norigin: null\r\n"),
        format!("host: 127.0.0.1:{port}\r\nsec-fetch-site: cross-site\r\n"),
        format!("host: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:1\r\n"),
        // A name that its owner made to point here.
        format!("host: evil.example:{port}\r\n"),
        format!("host: evil.example:{port}\r\norigin: http://evil.example:{port}\r\n"),
    ] {
        let (error, expected) = with(&up, &headers).refused(403);
        assert!(!error.is_empty() && !expected.is_empty(), "{headers}");
    }
    assert_eq!(
        get(up.at("ehr"), "/metadata")
            .get("resourceType")
            .and_then(wardgate_expression::Json::as_str),
        Some("CapabilityStatement")
    );
}

#[test]
fn clients_that_are_no_browsers_are_served() {
    let up = up();
    let port = up.control().port();
    for headers in [
        format!("host: localhost:{port}\r\n"),
        format!(
            "host: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\nsec-fetch-site: same-origin\r\n"
        ),
    ] {
        with(&up, &headers).expect(200);
    }
    with(&up, "").refused(400);
}
