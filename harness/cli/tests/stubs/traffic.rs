//! What is shown while it happens.

use serde_json::Value;

use crate::process::{http, mllp, try_http, up};

#[test]
fn every_message_is_a_line_that_says_what_came_of_it() {
    let running = up::<&str>([]);
    let (control, fhir) = (running.control_at(), running.at("fhir"));
    assert_eq!(
        http(
            fhir,
            "PUT",
            "/Patient/p1",
            r#"{"resourceType":"Patient","id":"p1"}"#
        )
        .0,
        201
    );
    let line = running.says(|line| line.contains("PUT"));
    assert!(
        line.contains("fhir  PUT /Patient/p1 -> 201 Patient, created Patient/p1"),
        "{line}"
    );
    assert!(
        line.is_char_boundary(13) && line[..13].ends_with('Z'),
        "{line}"
    );
    http(
        control,
        "POST",
        "/partners/fhir/faults",
        r#"{"refuse": {"with": "503"}, "down": 1}"#,
    );
    running.says(|line| line.contains("fhir  told to be down 1 time"));
    assert!(try_http(fhir, "GET", "/Patient/p1", "").is_err());
    running.says(|line| line.ends_with("fhir  a connection -> down"));
    assert_eq!(http(fhir, "GET", "/Patient/p1", "").0, 503);
    running.says(|line| {
        line.contains("fhir  GET /Patient/p1 -> 503") && line.ends_with(", refused: 503")
    });
    mllp(
        running.at("mllp"),
        "MSH|^~\\&|A|B|C|D|20260301||ADT^A04^ADT_A01|1|P|2.5.1\rEVN|A04|20260301\rPID|1||7\rPV1|1|O\r",
    );
    running.says(|line| line.contains("mllp  ADT^A04 -> ") && line.contains("accepted ADT^A04"));
}

#[test]
fn what_a_terminal_would_obey_is_made_visible() {
    let running = up::<&str>([]);
    mllp(
        running.at("mllp"),
        "MSH|^~\\&|A|B|C|D|20260301||\x1b[31mADT^A04|1|P|2.5.1\r",
    );
    let line = running.says(|line| line.contains("mllp"));
    assert!(!line.contains('\x1b'), "{line:?}");
}

#[test]
fn as_json_every_line_is_a_document() {
    let running = up(["--json"]);
    http(running.at("erp"), "GET", "/api/v2.0/companies", "");
    let line: Value = serde_json::from_str(&running.says(|_| true)).expect("it is JSON");
    assert_eq!(line["partner"], "erp");
    assert_eq!(line["label"], "GET companies");
    assert_eq!(line["reply"], "200");
    assert_eq!(line["handled"], true);
    assert!(
        line["time"]
            .as_str()
            .is_some_and(|time| time.ends_with('Z')),
        "{line}"
    );
}

#[test]
fn nobody_who_reads_is_nobody_to_wait_for() {
    use std::process::Stdio;
    let (reader, writer) = std::io::pipe().expect("a pipe can be had");
    let mut child = crate::process::wardgate(["stubs", "up", "--erp", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(writer)
        .spawn()
        .expect("the binary starts");
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("it is piped"));
    std::io::BufRead::read_line(&mut stdout, &mut line).expect("it prints");
    let addresses: Value = serde_json::from_str(&line).expect("it is JSON");
    let at = addresses["partners"]["erp"]["address"]
        .as_str()
        .expect("it listens");
    let at = at.parse().expect("it is an address");
    // More than a pipe holds.
    let target = format!(
        "/api/v2.0/companies?$filter=name%20eq%20%27{}%27",
        "x".repeat(2_000)
    );
    for _ in 0..500 {
        assert_eq!(http(at, "GET", &target, "").0, 200);
    }
    drop(reader);
    child.kill().expect("it still runs");
    child.wait().expect("it is our child");
}
