//! The control API: every route, every refusal.

use std::{io::Write as _, net::SocketAddr, sync::mpsc, thread, time::Duration};

use wardgate_expression::{Json, json};
use wardgate_runner::stubs_up::{StubPartner, StubsUpOptions, control::ROUTES};

use crate::{
    client::{ask, connect, get, read_answer, send_mllp, try_ask},
    up::{Up, patient, up},
};

fn number(document: &Json, pointer: &str) -> i64 {
    document
        .pointer(pointer)
        .and_then(Json::as_i64)
        .unwrap_or_else(|| panic!("there is no number at {pointer}: {document}"))
}

fn items<'d>(document: &'d Json, name: &str) -> &'d [Json] {
    document
        .get(name)
        .and_then(Json::as_array)
        .unwrap_or_else(|| panic!("there is no list '{name}': {document}"))
}

#[test]
fn it_lists_its_routes_and_the_partners() {
    let up = up();
    let listing = get(up.control(), "/");
    assert_eq!(items(&listing, "routes").len(), ROUTES.len());
    let partners = get(up.control(), "/partners");
    let names: Vec<_> = items(&partners, "partners")
        .iter()
        .map(|one| one.get("name").cloned())
        .collect();
    assert_eq!(
        names,
        ["ehr", "adt", "ledger", "web"].map(|name| Some(Json::from(name)))
    );
    let ehr = get(up.control(), "/partners/ehr/");
    assert_eq!(ehr.get("protocol"), Some(&Json::from("fhir")));
    assert_eq!(
        ehr.get("url"),
        Some(&Json::from(format!("http://{}", up.at("ehr"))))
    );
    assert_eq!(get(up.control(), "/partners/adt").get("url"), None);
    assert_eq!(ask(up.control(), "HEAD", "/partners", "").status, 200);
}

#[test]
fn records_go_in_and_come_out_as_they_were() {
    let up = up();
    let control = up.control();
    let held = "/partners/ehr/held/Observation";
    let observation = |id: &str, value: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"a"}},"valueQuantity":{{"value":{value}}}}}"#
        )
    };
    let one = ask(control, "POST", held, &observation("o1", "1.10")).expect(200);
    assert_eq!(number(&one, "/held"), 1);
    let array = format!("[{},{}]", observation("o2", "2.0"), observation("o3", "3"));
    assert_eq!(
        number(&ask(control, "POST", held, &array).expect(200), "/held"),
        2
    );
    let lines = format!(
        "{}\n\n{}\n",
        observation("o4", "4"),
        observation("o5", "5.500")
    );
    assert_eq!(
        number(&ask(control, "POST", held, &lines).expect(200), "/held"),
        2
    );

    let page = get(control, held);
    assert_eq!(
        (number(&page, "/count"), page.get("next")),
        (5, Some(&Json::Null))
    );
    let digits = page
        .pointer("/records/0/record/valueQuantity/value")
        .map(Json::to_string);
    assert_eq!(digits.as_deref(), Some("1.10"));
    let second = get(control, &format!("{held}?offset=2&limit=2"));
    assert_eq!(
        (items(&second, "records").len(), number(&second, "/next")),
        (2, 4)
    );
    assert_eq!(second.pointer("/records/0/id"), Some(&Json::from("o3")));
    assert_eq!(
        number(
            &get(control, "/partners/ehr/held"),
            "/collections/Observation"
        ),
        5
    );
    let read = get(up.at("ehr"), "/Observation/o5");
    let digits = read.pointer("/valueQuantity/value").map(Json::to_string);
    assert_eq!(digits.as_deref(), Some("5.500"));
}

#[test]
fn records_that_cannot_be_held_change_nothing() {
    let up = up();
    let control = up.control();
    let held = "/partners/ehr/held/Patient";
    let two = format!(
        "{}\n{{\"resourceType\":\"Patient\",\"brithDate\":\"x\"}}\n",
        patient("p1", "Smith")
    );
    let (error, expected) = ask(control, "POST", held, &two).refused(422);
    assert!(error.starts_with("line 2 cannot be held"), "{error}");
    assert!(expected.contains("fhir"), "{expected}");
    let array = format!("[{},7]", patient("p1", "Smith"));
    assert!(
        ask(control, "POST", held, &array)
            .refused(422)
            .0
            .starts_with("record 2 ")
    );
    assert!(
        ask(control, "POST", held, "")
            .refused(400)
            .0
            .contains("no record")
    );
    assert!(
        ask(control, "POST", held, "{")
            .refused(400)
            .0
            .contains("line 1, column 2")
    );
    assert_eq!(number(&get(control, held), "/count"), 0);
    let (error, expected) = ask(control, "GET", "/partners/ehr/held/Patients", "").refused(404);
    assert!(
        error.contains("Patients") && expected.contains("resource type"),
        "{expected}"
    );
}

#[test]
fn what_was_received_is_shown_raw_and_read() {
    let up = up();
    let control = up.control();
    let body = patient("p1", "Smith").to_string();
    let put = try_ask(
        up.at("ehr"),
        "PUT",
        "/Patient/p1",
        "content-type: application/fhir+json\r\n",
        body.as_bytes(),
    );
    assert_eq!(put.expect("it answers").status, 201);
    let page = get(control, "/partners/ehr/received");
    let first = &items(&page, "received")[0];
    assert_eq!(first.get("label"), Some(&Json::from("PUT /Patient/p1")));
    assert_eq!(
        (first.get("method"), first.get("target")),
        (Some(&Json::from("PUT")), Some(&Json::from("/Patient/p1")))
    );
    assert_eq!(
        first.pointer("/headers/content-type"),
        Some(&Json::from("application/fhir+json"))
    );
    assert_eq!(
        first.pointer("/content/name/0/family"),
        Some(&Json::from("Smith"))
    );
    assert_eq!(
        first.pointer("/effects/0"),
        Some(&json!({"verb": "created", "subject": "Patient/p1"}))
    );
    let text = first
        .get("text")
        .and_then(Json::as_str)
        .expect("it is UTF-8");
    assert!(
        text.starts_with("PUT /Patient/p1 HTTP/1.1\r\n") && text.ends_with(&body),
        "{text}"
    );

    send_mllp(
        up.at("adt"),
        "MSH|^~\\&|A|B|C|D|20260301||ADT^A04^ADT_A01|1|P|2.5.1\rEVN|A04|20260301\rPID|1||7^^^H^MR||Smith^Ann\rPV1|1|O\r",
    );
    let page = get(control, "/partners/adt/received");
    let first = &items(&page, "received")[0];
    assert_eq!(first.get("label"), Some(&Json::from("ADT^A04")));
    assert!(
        first
            .get("content")
            .is_some_and(|content| content.get("PID").is_some()),
        "{first}"
    );

    let mut raw = connect(up.at("adt"));
    raw.write_all(b"\x0bMSH|^~\\&|M\xfcller\x1c\r")
        .expect("it is read");
    up.await_received("adt", 2);
    let page = get(control, "/partners/adt/received?since=1");
    let bytes = items(&page, "received")[0]
        .get("base64")
        .and_then(Json::as_str);
    assert_eq!(bytes, Some("C01TSHxeflwmfE38bGxlchwN"));

    let mut garbage = connect(up.at("ehr"));
    garbage
        .write_all(b"\x16\x03\x01 not HTTP\r\n\r\n")
        .expect("it is read");
    up.await_received("ehr", 2);
    let page = get(control, "/partners/ehr/received?since=1");
    let garbage = &items(&page, "received")[0];
    assert!(
        garbage.get("fault").is_some() && garbage.get("label").is_none(),
        "{garbage}"
    );
    assert_eq!(garbage.get("handled"), Some(&Json::Bool(false)));
}

#[test]
fn what_was_received_comes_in_pages_and_is_waited_for() {
    let up = up();
    let (control, web) = (up.control(), up.at("web"));
    for number in 1..=5 {
        ask(web, "GET", &format!("/{number}"), "");
    }
    let page = get(control, "/partners/web/received?since=1&limit=2");
    assert_eq!(
        (
            number(&page, "/next"),
            number(&page, "/count"),
            number(&page, "/forgotten")
        ),
        (3, 5, 0)
    );
    let page = get(
        control,
        "/partners/web/received?since=3&limit=1000&wait=60000",
    );
    assert_eq!(
        (items(&page, "received").len(), number(&page, "/next")),
        (2, 5)
    );
    let page = get(control, "/partners/web/received?since=5&wait=1");
    assert_eq!(
        (items(&page, "received").len(), number(&page, "/next")),
        (0, 5)
    );

    waits_for_the_next(control, web, 5, "/6");

    up.stub("web").reset();
    let page = get(control, "/partners/web/received?since=2");
    assert_eq!(
        (number(&page, "/forgotten"), number(&page, "/next")),
        (4, 6)
    );
    // What is forgotten is nothing to come back with at once.
    waits_for_the_next(control, web, 0, "/7");
}

/// Asks for what came after a message and, once that is asked, sends a request to this path: that is what the answer holds.
#[track_caller]
fn waits_for_the_next(control: SocketAddr, web: SocketAddr, since: u64, path: &str) {
    let (asked, heard) = mpsc::channel();
    let waiting = thread::spawn(move || {
        let mut stream = connect(control);
        let request = format!(
            "GET /partners/web/received?since={since}&wait=20000 HTTP/1.1\r\nhost: localhost\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it is read");
        asked.send(()).expect("the test waits");
        read_answer(&mut stream)
            .expect("it is answered")
            .expect(200)
    });
    heard
        .recv_timeout(Duration::from_secs(20))
        .expect("it asks");
    ask(web, "GET", path, "");
    let page = waiting.join().expect("it does not panic");
    assert_eq!(page.pointer("/received/0/target"), Some(&Json::from(path)));
}

#[test]
fn pages_of_large_messages_are_bounded_too() {
    let up = Up::with(StubsUpOptions {
        control: Some(([127, 0, 0, 1], 0).into()),
        journal_bytes: 100 << 20,
        ..StubsUpOptions::new(vec![StubPartner::new("web", "http")])
    });
    let body = "x".repeat(7 << 20);
    for _ in 0..3 {
        ask(up.at("web"), "POST", "/", &body);
    }
    let page = get(up.control(), "/partners/web/received");
    assert!(items(&page, "received").len() < 3);
    let next = number(&page, "/next");
    let rest = get(
        up.control(),
        &format!("/partners/web/received?since={next}"),
    );
    assert!(!items(&rest, "received").is_empty());
}

#[test]
fn faults_by_the_control_api_bite_and_are_taken_back() {
    let up = up();
    let (control, ledger) = (up.control(), up.at("ledger"));
    let faults = "/partners/ledger/faults";
    let companies = || try_ask(ledger, "GET", "/api/v2.0/companies", "", b"");
    let told = ask(
        control,
        "POST",
        faults,
        r#"{"refuse": {"with": "503", "attempts": 1}}"#,
    )
    .expect(200);
    assert_eq!(
        told.pointer("/faults/refuse/with"),
        Some(&Json::from("503"))
    );
    assert_eq!(companies().expect("it answers").status, 503);
    assert_eq!(companies().expect("it answers").status, 200);
    ask(
        control,
        "POST",
        faults,
        r#"{"down": 50, "slow": {"by": "5s"}}"#,
    )
    .expect(200);
    assert!(companies().is_err());
    ask(control, "DELETE", faults, "").expect(200);
    assert_eq!(companies().expect("it is back").status, 200);
    ask(
        control,
        "POST",
        "/partners/adt/faults",
        r#"{"refuse": {"with": "AR"}}"#,
    )
    .expect(200);
    let ack = send_mllp(
        up.at("adt"),
        "MSH|^~\\&|A|B|C|D|20260301||ADT^A04^ADT_A01|1|P|2.5.1\rEVN|A04|20260301\rPID|1||7\rPV1|1|O\r",
    );
    assert!(ack.contains("MSA|AR|1"), "{ack}");
}

#[test]
fn faults_that_make_no_sense_change_nothing() {
    let up = up();
    let control = up.control();
    for (name, body, status) in [
        ("ehr", r#"{"down": 3, "up": 1}"#, 400),
        ("ehr", r#"{"down": 0}"#, 400),
        ("ehr", "down", 400),
        ("ehr", "", 400),
        ("ehr", r#"{"down": 3, "refuse": {"with": "AE"}}"#, 422),
        ("adt", r#"{"down": 3, "refuse": {"with": "503"}}"#, 422),
    ] {
        let (_, expected) =
            ask(control, "POST", &format!("/partners/{name}/faults"), body).refused(status);
        assert!(!expected.is_empty(), "{body}");
    }
    assert_eq!(ask(up.at("ehr"), "GET", "/metadata", "").status, 200);
}

#[test]
fn snapshots_and_resets_of_one_and_of_all() {
    let up = up();
    let control = up.control();
    let count = || number(&get(control, "/partners/ehr/held/Patient"), "/count");
    let seed = |id: &str| {
        ask(
            control,
            "POST",
            "/partners/ehr/held/Patient",
            &patient(id, "Smith").to_string(),
        )
        .expect(200)
    };
    seed("p1");
    let taken = ask(control, "POST", "/partners/ehr/snapshot", "").expect(200);
    assert_eq!(number(&taken, "/remembered/Patient"), 1);
    seed("p2");
    let reset = ask(control, "POST", "/partners/ehr/reset", "").expect(200);
    assert_eq!((number(&reset, "/holds/Patient"), count()), (1, 1));
    seed("p3");
    ask(control, "POST", "/snapshot", "").expect(200);
    seed("p4");
    ask(up.at("ledger"), "GET", "/api/v2.0/companies", "");
    let all = ask(control, "POST", "/reset", "").expect(200);
    assert_eq!((items(&all, "partners").len(), count()), (4, 2));
    assert!(items(&get(control, "/partners/ledger/received"), "received").is_empty());
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let up = up();
    let control = up.control();
    for (method, target, status, expected) in [
        ("GET", "/partner", 404, "/partners/{name}/held/{collection}"),
        ("GET", "/partners/pas", 404, "one of ehr, adt, ledger, web"),
        ("POST", "/partners/pas/reset", 404, "one of ehr"),
        ("GET", "/partners/adt/held/Patient", 404, "messages"),
        ("POST", "/partners", 405, "GET, HEAD"),
        ("PATCH", "/partners/ehr/faults", 405, "POST, DELETE"),
        ("OPTIONS", "/partners", 405, "GET"),
        ("GET", "/partners/ehr/received?from=1", 400, "since"),
        (
            "GET",
            "/partners/ehr/received?wait=60001",
            400,
            "from 0 to 60000",
        ),
        ("GET", "/partners/ehr/held/Patient?limit=0", 400, "limit"),
        ("GET", "/partners?all", 400, "no query"),
    ] {
        let answer = ask(control, method, target, "");
        let said = answer.refused(status).1;
        assert!(said.contains(expected), "{method} {target}: {said}");
        assert_eq!(
            answer.head.to_ascii_lowercase().contains("\r\nallow: "),
            status == 405
        );
        assert!(!answer.head.to_ascii_lowercase().contains("access-control"));
    }
}

#[test]
fn a_body_beyond_the_bound_is_refused() {
    let up = up();
    let mut stream = connect(up.control());
    let length = 33 << 20;
    let head = format!(
        "POST /partners/ehr/held/Patient HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("it is read");
    let (error, expected) = read_answer(&mut stream)
        .expect("it is answered")
        .refused(413);
    assert!(
        error.contains("too long") && expected.contains("32 MiB"),
        "{error}: {expected}"
    );
}
