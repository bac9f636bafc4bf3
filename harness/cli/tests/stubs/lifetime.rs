//! How it starts, what it leaves, how it ends.

use std::{
    fs,
    net::{TcpListener, TcpStream},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::process::{ended, get, http, up};

#[test]
fn it_answers_where_it_says_until_it_is_interrupted() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let running = up(["--quiet"]);
        assert_eq!(running.addresses["wardgate_stubs"], 1);
        assert_eq!(running.addresses["process"], running.id());
        let (fhir, erp, mllp) = (running.at("fhir"), running.at("erp"), running.at("mllp"));
        assert!([fhir, erp, mllp].iter().all(|at| at.ip().is_loopback()));
        get(fhir, "/fhir/metadata");
        get(erp, "/api/v2.0/companies");
        TcpStream::connect(running.at("x12")).expect("it listens");
        TcpStream::connect(mllp).expect("it listens");
        let partners = get(running.control_at(), "/partners");
        assert_eq!(partners["partners"].as_array().map(Vec::len), Some(4));
        let ended = running.interrupted(signal);
        assert_eq!(
            (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
            (Some(0), "", "")
        );
        assert!(TcpStream::connect(fhir).is_err(), "the port is still open");
    }
}

#[test]
fn the_ready_file_comes_when_everything_answers_and_goes_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let path = folder.path().join("run/up.json");
    let running = up(["--ready-file", path.to_str().expect("it is text")]);
    let text = fs::read_to_string(&path).expect("it is there before the addresses are printed");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(document, running.addresses);
    assert_eq!(running.interrupted(Signal::TERM).code, Some(0));
    let left: Vec<_> = fs::read_dir(path.parent().expect("it has one"))
        .expect("the folder stays")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_ready_file_that_was_left_behind_is_replaced_and_a_stranger_s_is_not() {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let path = folder.path().join("up.json");
    let flag = ["--ready-file", path.to_str().expect("it is text")];
    let killed = up(flag);
    let stale = fs::read_to_string(&path).expect("it is ready");
    killed.interrupted(Signal::KILL);
    assert_eq!(
        fs::read_to_string(&path).ok(),
        Some(stale.clone()),
        "a killed process leaves it"
    );
    // Nobody may take the old addresses for new ones, not even where there are none.
    let refused = ended(flag.into_iter().chain(["--dataset", "no/such/folder"]));
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(!path.exists());
    fs::write(&path, &stale).expect("it can be written");
    let running = up(flag);
    assert_ne!(fs::read_to_string(&path).ok(), Some(stale));
    running.interrupted(Signal::TERM);

    fs::write(&path, "{\"mine\": true}").expect("it can be written");
    let refused = ended(flag);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("up.json") && refused.stderr.contains("--ready-file"),
        "{refused:?}"
    );
    assert_eq!(
        fs::read_to_string(&path).ok().as_deref(),
        Some("{\"mine\": true}")
    );
}

#[test]
fn what_somebody_wrote_over_the_ready_file_stays() {
    let folder = tempfile::tempdir().expect("a folder can be had");
    let path = folder.path().join("up.json");
    let running = up(["--ready-file", path.to_str().expect("it is text")]);
    fs::write(&path, "mine").expect("it can be written");
    running.interrupted(Signal::TERM);
    assert_eq!(fs::read_to_string(&path).ok().as_deref(), Some("mine"));
}

#[test]
fn a_port_in_use_is_exit_code_2_and_says_which() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
    let at = taken.local_addr().expect("it is bound").to_string();
    let named = format!("pas=http@{at}");
    for (flag, value, hint) in [
        ("--fhir", &at, "--fhir"),
        ("--mllp", &at, "--mllp"),
        ("--x12", &at, "--x12"),
        ("--erp", &at, "--erp"),
        ("--control", &at, "--control"),
        ("--stub", &named, "--stub"),
    ] {
        let ended = ended([flag, value]);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{ended:?}"
        );
        assert!(
            ended.stderr.contains(&at) && ended.stderr.contains(hint),
            "{ended:?}"
        );
    }
}

#[test]
fn only_those_named_run_and_under_the_names_given() {
    let running = up([
        "--mllp",
        "127.0.0.1:0",
        "--stub",
        "pas=http",
        "--stub",
        "other.erp=erp@127.0.0.1:0",
    ]);
    let partners = running.addresses["partners"]
        .as_object()
        .expect("an object");
    let names: Vec<&str> = partners.keys().map(String::as_str).collect();
    assert_eq!(names, ["mllp", "other.erp", "pas"]);
    let route = r#"{"path": "/hello", "body": {"a": 1}}"#;
    let (status, answer) = http(
        running.control_at(),
        "POST",
        "/partners/pas/held/routes",
        route,
    );
    assert_eq!(status, 200, "{answer}");
    assert_eq!(get(running.at("pas"), "/hello")["a"], 1);
}

#[test]
fn stubs_that_make_no_sense_are_a_fault_of_usage() {
    for (value, expected) in [
        ("pas", "NAME=PROTOCOL"),
        ("pas=", "NAME=PROTOCOL"),
        ("pas=http@here", "NAME=PROTOCOL@ADDR"),
        ("pas=fax", "there are fhir, hl7v2, x12, erp, http, file"),
        ("p/s=http", "letters, digits"),
    ] {
        let ended = ended(["--stub", value]);
        assert_eq!(ended.code, Some(64), "{ended:?}");
        assert!(ended.stderr.contains(expected), "{ended:?}");
    }
    let twice = ended(["--stub", "pas=http", "--stub", "pas=erp"]);
    assert_eq!(twice.code, Some(64), "{twice:?}");
}

#[test]
fn ports_that_others_can_reach_are_warned_about() {
    let running = up(["--fhir", "0.0.0.0:0", "--control", "127.0.0.1:0"]);
    let warning = running.says(|line| line.starts_with("warning:"));
    assert!(
        warning.contains("'fhir'") && warning.contains("synthetic data only"),
        "{warning}"
    );
    let ended = running.interrupted(Signal::TERM);
    assert!(!ended.stderr.contains("control"), "{ended:?}");
}
