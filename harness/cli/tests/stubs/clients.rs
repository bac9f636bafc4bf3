//! Clients that are not ours, and the control API between them.

use std::process::Command;

use serde_json::Value;

use crate::process::{get, http, mllp, try_http, up};

const ADT: &str = "MSH|^~\\&|PAS|WARD|HUB|HOSP|20260301093000||ADT^A04^ADT_A01|MSG00000001|P|2.5.1\rEVN|A04|20260301093000\r\
                   PID|1||MZ0000000000001^^^HOSP^MR||Smith^Ann\rPV1|1|O\r";
const ORU: &str = "MSH|^~\\&|LAB|LAB|HUB|HOSP|20260301093000||ORU^R01^ORU_R01|MSG00000002|P|2.5.1\r\
                   PID|1||MZ0000000000001^^^HOSP^MR||Smith^Ann\rOBR|1|O1|O1|718-7^Hemoglobin^LN|||20260301\r\
                   OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL|||||F\r";

#[test]
fn messages_are_accepted_shown_and_refused_on_demand() {
    let running = up(["--quiet"]);
    let (control, at) = (running.control_at(), running.at("mllp"));
    assert!(mllp(at, ADT).contains("MSA|AA|MSG00000001"));
    assert!(mllp(at, ORU).contains("MSA|AA|MSG00000002"));
    let page = get(control, "/partners/mllp/received?since=0&wait=10000");
    let labels: Vec<&Value> = page["received"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["label"])
        .collect();
    assert_eq!(labels, ["ADT^A04", "ORU^R01"]);
    let held = get(control, "/partners/mllp/held/messages");
    assert_eq!(held["records"][1]["record"]["control_id"], "MSG00000002");

    let (status, _) = http(
        control,
        "POST",
        "/partners/mllp/faults",
        r#"{"refuse": {"with": "AE"}}"#,
    );
    assert_eq!(status, 200);
    let other = ADT.replace("MSG00000001", "MSG00000003");
    assert!(mllp(at, &other).contains("MSA|AE|MSG00000003"));
    assert!(mllp(at, &other).contains("MSA|AA|MSG00000003"));
    let page = get(control, "/partners/mllp/received?since=2");
    assert_eq!(page["received"][0]["handled"], false);
    assert_eq!(page["received"][0]["remark"], "refused: AE");
}

#[test]
fn the_next_run_knows_nothing_of_this_one_s_faults() {
    let running = up(["--quiet", "--fhir", "127.0.0.1:0"]);
    let (status, _) = http(
        running.control_at(),
        "POST",
        "/partners/fhir/faults",
        r#"{"down": 1}"#,
    );
    assert_eq!(status, 200);
    assert!(try_http(running.at("fhir"), "GET", "/metadata", "").is_err());
    assert_eq!(http(running.at("fhir"), "GET", "/Patient", "").0, 200);
}

/// A client of Python's standard library, if Python is here.
#[test]
fn python_registers_a_patient_and_asks_for_it() {
    let script = r#"
import json, socket, sys, urllib.error, urllib.request

where = json.loads(sys.argv[1])
fhir = where["partners"]["fhir"]["url"] + "/fhir"
control = where["control"]

def ask(url, method="GET", body=None, kind="application/json"):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())

status, made = ask(fhir + "/Patient", "POST", {"resourceType": "Patient", "name": [{"family": "Grün"}]}, "application/fhir+json")
assert status == 201, made
status, found = ask(fhir + "/Patient?family=gr%C3%BCn")
assert found["total"] == 1 and found["entry"][0]["resource"]["id"] == made["id"], found
status, told = ask(control + "/partners/fhir/faults", "POST", {"refuse": {"with": "503", "attempts": 1}})
assert status == 200, told
assert ask(fhir + "/Patient/" + made["id"])[0] == 503
assert ask(fhir + "/Patient/" + made["id"])[0] == 200
status, told = ask(control + "/partners/fax/faults", "POST", {"down": 1})
assert status == 404 and "fhir" in told["expected"], told

host, port = where["partners"]["mllp"]["address"].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=30) as wire:
    wire.sendall(b"\x0bMSH|^~\\&|A|B|C|D|20260301||ADT^A04^ADT_A01|PY1|P|2.5.1\rEVN|A04|20260301\rPID|1||7^^^H^MR||Gr\xc3\xbcn^Ann\rPV1|1|O\r\x1c\r")
    answer = b""
    while not answer.endswith(b"\x1c\r"):
        part = wire.recv(4096)
        assert part, answer
        answer += part
assert b"MSA|AA|PY1" in answer, answer
status, page = ask(control + "/partners/mllp/received?wait=10000")
assert page["received"][0]["label"] == "ADT^A04", page
"#;
    let running = up(["--quiet"]);
    let run = Command::new("python3")
        .args(["-c", script, &running.addresses.to_string()])
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .output();
    match run {
        Err(_) => eprintln!("skipped: there is no python3"),
        Ok(run) => assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        ),
    }
}

#[test]
fn parameters_of_a_client_s_own_are_refused_or_ignored_as_said() {
    let target = "/Patient?_totalMethod=count&_count=1";
    for (words, status) in [
        (vec!["--quiet"], 400),
        (vec!["--quiet", "--fhir-handling", "strict"], 400),
        (vec!["--quiet", "--fhir-handling", "lenient"], 200),
    ] {
        let running = up(&words);
        let answer = http(running.at("fhir"), "GET", target, "");
        assert_eq!(answer.0, status, "{words:?}: {}", answer.1);
    }
    let running = up(["--fhir-handling", "lenient", "--stub", "more=fhir"]);
    assert_eq!(http(running.at("more"), "GET", target, "").0, 200);
}
