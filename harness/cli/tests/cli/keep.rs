//! `--case NAME --keep`: one case, and then everything stays up for whoever wants to look into it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use rustix::process::Signal;

use crate::common::{
    Folder, Started,
    processes::{descendants, until_gone},
    until, verify,
};

const CASE: &str = "registration/adt-a04 :: an A04 registers the patient";
const LAST: &str = "everything stays up until you press Ctrl-C\n";

fn kept(folder: &Folder, words: &str) -> Started {
    let started = verify(folder)
        .words(words)
        .words("contracts/suites/registration/adt-a04.yaml --keep --case")
        .arg(CASE)
        .start();
    until("everything stays up", || started.said().contains(LAST));
    started
}

/// The address that is printed under this name.
#[track_caller]
fn address(said: &str, name: &str) -> String {
    said.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("there is no {name} in\n{said}"))
        .to_owned()
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("it can be set");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("it is read");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("it answers");
    reply
}

#[test]
fn stubs_and_candidate_stay_up_at_the_addresses_that_are_printed() {
    let folder = Folder::new();
    let started = kept(&folder, "--seed 7");
    let said = started.said();
    assert!(said.starts_with(&format!("{CASE}: pass\n")), "{said}");
    let ehr = get(&address(&said, "stub ehr"), "/fhir/metadata");
    assert!(
        ehr.starts_with("HTTP/1.1 200") && ehr.contains("CapabilityStatement"),
        "{ehr}"
    );
    // What the case left behind is there to be looked at.
    let patients = get(&address(&said, "stub ehr"), "/fhir/Patient");
    assert!(patients.contains("\"total\":1"), "{patients}");
    let status = get(&address(&said, "candidate endpoint orders"), "/status");
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    for name in ["stub ledger", "stub pharmacy", "candidate endpoint adt"] {
        TcpStream::connect(address(&said, name)).expect("somebody listens");
    }
    let log = address(&said, "candidate log");
    let text = std::fs::read_to_string(&log).expect("it is there");
    assert!(text.contains("hub ready"), "{text}");
    let recorded = std::fs::read_to_string(folder.runs()[0].join("run.jsonl"));
    let recorded = recorded.expect("it is there");
    assert!(
        recorded.contains("\"type\":\"verdict\""),
        "the verdict is not to be read yet"
    );
    let processes = descendants(started.id());
    let id = address(&said, "candidate process");
    assert!(
        processes
            .iter()
            .any(|process| process.id().to_string() == id)
    );
    started.signal(Signal::INT);
    let run = started.end().expect(0);
    assert!(run.stdout.contains("passed: 1 case, 1 passed"), "{run}");
    until_gone(&processes);
}

#[test]
fn a_failure_is_shown_before_everything_stays_up_and_json_stays_alone_on_standard_output() {
    let folder = Folder::new();
    let started = kept(&folder, "--hub-defect wrong-sex --seed 7 --json");
    let said = started.said();
    assert!(said.starts_with(&format!("FAIL  {CASE}  ")), "{said}");
    assert!(said.contains("          expected  "), "{said}");
    started.signal(Signal::INT);
    let run = started.end().expect(1);
    assert_eq!(run.json(), folder.summary().0);
    assert!(run.stderr.ends_with(LAST), "{run}");
}
