//! What is held from the start.

use std::{
    fs,
    io::Write as _,
    path::Path,
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{PATIENCE, ended, get, http, mllp, up, wardgate};

/// A set of a few people, as `wardgate dataset generate` writes it.
fn generated() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let made = wardgate([
        "dataset",
        "generate",
        "--patients",
        "12",
        "--seed",
        "7",
        "--quiet",
        "--out",
    ])
    .arg(folder.path())
    .status()
    .expect("the binary starts");
    assert!(made.success());
    folder
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("it can be read");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect()
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().expect("it is text")
}

#[test]
fn a_generated_set_is_found_over_fhir_and_erp_and_its_messages_are_taken() {
    let folder = generated();
    let running = up(["--dataset", path(&folder)]);
    let said = running.says(|line| line.starts_with("held from"));
    assert!(
        said.contains("12 Patient")
            && said.contains("12 customers")
            && said.contains("mllp: nothing"),
        "{said}"
    );

    let patients = lines(&folder.path().join("fhir/Patient.ndjson"));
    let mrn = patients[3]["identifier"][0]["value"]
        .as_str()
        .expect("it has one");
    let found = get(
        running.at("fhir"),
        &format!("/fhir/Patient?identifier={mrn}"),
    );
    assert_eq!(found["total"], 1, "{found}");
    assert_eq!(found["entry"][0]["resource"]["name"], patients[3]["name"]);

    let companies = get(running.at("erp"), "/api/v2.0/companies");
    let company = companies["value"][0]["id"].as_str().expect("there is one");
    let customers =
        format!("/api/v2.0/companies({company})/customers?$filter=number%20eq%20%27{mrn}%27");
    let found = get(running.at("erp"), &customers);
    assert_eq!(found["value"].as_array().map(Vec::len), Some(1), "{found}");

    let messages =
        fs::read_to_string(folder.path().join("hl7v2/messages.hl7")).expect("it is there");
    let mut sent = 0;
    for message in messages.split("MSH|").skip(1).take(5) {
        let message = format!("MSH|{}", message.trim_end().replace('\n', "\r") + "\r");
        let ack = mllp(running.at("mllp"), &message);
        assert!(ack.contains("MSA|AA|"), "{message}\n{ack}");
        sent += 1;
    }
    let held = get(running.control_at(), "/partners/mllp/held");
    assert_eq!(held["collections"]["messages"], sent);

    let (status, _) = http(
        running.control_at(),
        "POST",
        "/partners/fhir/held/Patient",
        r#"{"id": "later"}"#,
    );
    assert_eq!(status, 200);
    let (_, reset) = http(running.control_at(), "POST", "/partners/fhir/reset", "");
    let reset: Value = serde_json::from_str(&reset).expect("it is JSON");
    assert_eq!(
        reset["holds"]["Patient"], 12,
        "a reset goes back to the set"
    );
    assert_eq!(running.interrupted(Signal::TERM).code, Some(0));
    assert_eq!(
        lines(&folder.path().join("fhir/Patient.ndjson")),
        patients,
        "nothing of the user's changes"
    );
}

#[test]
fn the_shipped_set_and_parts_of_a_set_are_held_too() {
    let running = up(["--json", "--dataset", "datasets/sets/small"]);
    let said: Value =
        serde_json::from_str(&running.says(|_| true)).expect("with --json all is JSON");
    assert_eq!(
        (
            &said["held"]["fhir"]["Patient"],
            &said["held"]["erp"]["customers"]
        ),
        (&Value::from(25), &Value::from(25))
    );
    assert_eq!(get(running.at("fhir"), "/Patient?_count=0")["total"], 25);
    drop(running);

    let folder = generated();
    for part in ["fhir", "fhir/Patient.ndjson"] {
        let path = folder.path().join(part);
        let running = up(["--dataset", path.to_str().expect("it is text")]);
        assert_eq!(
            get(running.at("fhir"), "/Patient?_count=0")["total"],
            12,
            "{part}"
        );
    }
    let records = "datasets/sets/small/records.jsonl";
    let running = up([
        "--erp",
        "127.0.0.1:0",
        "--stub",
        "second=erp",
        "--dataset",
        records,
    ]);
    for name in ["erp", "second"] {
        let held = get(running.control_at(), &format!("/partners/{name}/held"));
        assert_eq!(held["collections"]["customers"], 25, "{name}");
    }
}

#[test]
fn faults_in_a_set_are_exit_code_2_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(&path, text).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    };
    let good = r#"{"resourceType":"Patient","id":"p1"}"#;
    for (name, text, place, expected) in [
        (
            "a/fhir/Patient.ndjson",
            format!("{good}\n\n{{\"id\": }}\n"),
            "Patient.ndjson:3: ",
            "expected a JSON value, found '}'",
        ),
        (
            "b/fhir/Patient.ndjson",
            format!("{good}\n{{\"resourceType\":\"Observation\"}}\n"),
            "Patient.ndjson:2: ",
            "expected a record that 'fhir'",
        ),
        (
            "c/fhir/Patients.ndjson",
            format!("{good}\n"),
            "Patients.ndjson:1: ",
            "not a resource type",
        ),
        (
            "d/fhir/Patient.ndjson",
            String::from("\n\n"),
            "Patient.ndjson: ",
            "found none",
        ),
        (
            "e/erp/customers.ndjson",
            String::from("{\"number\":\"1\",\"nmae\":\"x\"}\n"),
            "customers.ndjson:1: ",
            "nmae",
        ),
        (
            "f/records.jsonl",
            String::from("{\"kind\":\"pateint\",\"fields\":{}}\n"),
            "records.jsonl:1: ",
            "one of patient",
        ),
        (
            "g/fhir/Patient.ndjson",
            format!("{good}\nnull\n"),
            "Patient.ndjson:2: ",
            "found null",
        ),
        (
            "h/notes.txt",
            String::from("nothing"),
            "/h: ",
            "fhir/*.ndjson",
        ),
        (
            "i/hl7v2/messages.hl7",
            String::from("MSH|"),
            "/i: ",
            "there to be sent",
        ),
    ] {
        write(name, &text);
        let set = folder.path().join(&name[..1]);
        let run = ended(["--dataset", set.to_str().expect("it is text")]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(
            run.stderr.contains(place) && run.stderr.contains(expected),
            "{name}: {run:?}"
        );
    }
    for missing in ["no/such/folder", "README.md"] {
        let run = ended(["--dataset", missing]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(
            run.stderr.contains(missing) && run.stderr.contains("expected"),
            "{run:?}"
        );
    }
    let other = ended(["--mllp", "127.0.0.1:0", "--dataset", "datasets/sets/small"]);
    assert_eq!(other.code, Some(2), "nothing was held: {other:?}");
}

#[test]
fn a_set_that_is_still_read_keeps_nobody_from_ending_it() {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let fhir = folder.path().join("fhir");
    fs::create_dir(&fhir).expect("it can be made");
    // A pipe that nobody writes to and that never ends: reading it is as slow as it gets.
    let pipe = fhir.join("Patient.ndjson");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    let mut child = wardgate(["stubs", "up", "--dataset", path(&folder)])
        .spawn()
        .expect("the binary starts");
    let (reading, read) = channel();
    let writer = thread::spawn(move || {
        // Opening waits until it is read.
        let mut writer = fs::OpenOptions::new()
            .write(true)
            .open(pipe)
            .expect("it can be opened");
        let lines = "{\"resourceType\":\"Patient\"}\n".repeat(100);
        while writer.write_all(lines.as_bytes()).is_ok() {
            let _ = reading.send(());
        }
    });
    read.recv_timeout(PATIENCE).expect("it is read");
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it is our child");
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
        }
        thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(status.code(), Some(0));
    writer.join().expect("it does not panic");
}
