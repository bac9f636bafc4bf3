//! `wardgate replay`: an untouched run is judged the same to the byte, and nothing in it can be changed unseen.

use std::sync::OnceLock;

use crate::common::{Folder, Run, verify, wardgate};

/// A run in which cases pass and fail.
fn recorded() -> &'static str {
    static LOG: OnceLock<String> = OnceLock::new();
    LOG.get_or_init(|| {
        let folder = Folder::new();
        verify(&folder)
            .words("contracts/suites/medication/order.yaml contracts/suites/medication/properties.yaml")
            .words("--hub-defect order-sent-twice --seed 7 --workers 2 --property-cases 2")
            .run()
            .expect(1);
        let replay = wardgate().words("replay").arg(folder.path().join("latest")).run().expect(0);
        let cases = folder.summary().count("cases");
        assert_eq!(replay.stdout, format!("{cases} verdicts, byte for byte the same\n"));
        assert_eq!(replay.stderr, "");
        folder.latest("run.jsonl")
    })
}

fn replayed(log: &str, words: &str) -> Run {
    let folder = Folder::new();
    let file = folder.write("run.jsonl", log);
    wardgate().words("replay").words(words).arg(file).run()
}

/// The log with the first of these words in a line of this type replaced.
#[track_caller]
fn tampered(kind: &str, from: &str, to: &str) -> String {
    let mark = format!("{{\"type\":\"{kind}\"");
    let mut found = false;
    let lines: Vec<String> = recorded()
        .lines()
        .map(|line| {
            if found || !line.starts_with(&mark) || !line.contains(from) {
                return line.to_owned();
            }
            found = true;
            line.replacen(from, to, 1)
        })
        .collect();
    assert!(found, "no line of type {kind} holds {from}");
    lines.join("\n") + "\n"
}

#[test]
fn an_untouched_run_is_judged_the_same_to_the_byte() {
    let log = recorded();
    let quiet = replayed(log, "--quiet").expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let json = replayed(log, "--json").expect(0).json();
    assert_eq!(
        (&json["same"], &json["differences"]),
        (&true.into(), &serde_json::json!([]))
    );
}

#[test]
fn a_verdict_that_was_changed_is_found() {
    let changed = tampered("verdict", "\"outcome\":\"fail\"", "\"outcome\":\"pass\"");
    let run = replayed(&changed, "").expect(1);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("medication/"), "{run}");
    for words in [
        "\"outcome\":\"pass\"",
        "\"outcome\":\"fail\"",
        "recorded",
        "judged",
    ] {
        assert!(run.stderr.contains(words), "{words}\n{run}");
    }
    // Quiet prints nothing but errors, and this is one.
    assert_eq!(replayed(&changed, "--quiet").expect(1).stderr, run.stderr);
    let json = replayed(&changed, "--json").expect(1).json();
    assert_eq!(json["same"], false);
    assert_eq!(json["differences"].as_array().map(Vec::len), Some(1));
}

#[test]
fn bytes_on_the_wire_that_were_changed_are_found() {
    let changed = recorded().replace("HTTP/1.1 201 Created", "HTTP/1.1 202 Created");
    assert_ne!(changed, recorded(), "nothing was created");
    let run = replayed(&changed, "").expect(1);
    assert!(run.stderr.contains("201"), "{run}");
    // A message that never came.
    let mut gone = false;
    let lines: Vec<&str> = recorded()
        .lines()
        .filter(|line| {
            let is_it =
                !gone && line.starts_with("{\"type\":\"event\"") && line.contains("RDE^O11");
            gone |= is_it;
            !is_it
        })
        .collect();
    assert!(gone, "the pharmacy received nothing");
    let run = replayed(&(lines.join("\n") + "\n"), "");
    assert!(matches!(run.code, Some(1 | 2)), "{run}");
}

/// The lines of the run for which this holds.
fn only(keep: impl Fn(&str) -> bool) -> String {
    recorded()
        .split_inclusive('\n')
        .filter(|line| keep(line))
        .collect()
}

fn is(kind: &str, line: &str) -> bool {
    line.starts_with(&format!("{{\"type\":\"{kind}\""))
}

/// What is left of a run must not pass for the whole of it, wherever it was cut.
#[test]
fn what_is_missing_is_said() {
    let half = {
        let lines: Vec<&str> = recorded().split_inclusive('\n').collect();
        lines[..lines.len() / 2].concat()
    };
    for (log, words) in [
        (only(|line| is("run", line)), "no verdict on "),
        (
            only(|line| !is("end", line)),
            "it ends before its \"end\" line\n",
        ),
        (
            half,
            "it ends before its \"end\" line, and it holds no verdict on ",
        ),
        (
            only(|line| is("run", line) || is("end", line)),
            "no verdict on ",
        ),
        (
            only(|line| {
                !(is("event", line) || is("verdict", line)) || !line.contains("\"lane\":1,")
            }),
            "no verdict on ",
        ),
    ] {
        for quiet in ["", "--quiet"] {
            let run = replayed(&log, quiet).expect(1);
            assert_eq!(run.stdout, "");
            assert!(
                run.stderr.contains("the run file is incomplete: ") && run.stderr.contains(words),
                "{words}\n{run}"
            );
        }
        let json = replayed(&log, "--json").expect(1).json();
        assert_eq!(json["complete"], false);
    }
    let json = replayed(&only(|line| is("run", line)), "--json")
        .expect(1)
        .json();
    let missing = json["missing"].as_array().expect("they are named");
    assert!(
        missing.len() > 1
            && missing[0]
                .as_str()
                .is_some_and(|name| name.contains(" :: ")),
        "{json}"
    );
}

/// A run that ended at its first failure says so itself: it lacks nothing that it owes.
#[test]
fn a_run_that_says_what_it_left_is_whole() {
    let folder = Folder::new();
    verify(&folder)
        .words("contracts/suites/medication/order.yaml contracts/suites/medication/duplicates.yaml")
        .words("--hub-defect order-sent-twice --fail-fast --workers 1")
        .run()
        .expect(1);
    let left = folder.summary().count("not_run");
    assert!(left > 0);
    let run = wardgate()
        .words("replay")
        .arg(folder.path().join("latest"))
        .run()
        .expect(0);
    assert!(
        run.stdout.ends_with(&format!(
            "the run says itself that {left} of its cases did not run: it was to end at the first case that does not pass\n"
        )),
        "{run}"
    );
}

#[test]
fn a_plan_that_was_changed_is_found() {
    for (from, to) in [("\"seed\":7", "\"seed\":8"), ("times: 1", "times: 2")] {
        let run = replayed(&tampered("run", from, to), "").expect(2);
        assert!(run.stderr.contains("plan"), "{run}");
    }
}

#[test]
fn what_is_no_run_is_said() {
    let run = wardgate().words("replay no/such/run").run().expect(2);
    assert!(
        run.stderr.contains("no/such/run: it cannot be read"),
        "{run}"
    );
    for log in ["", "\n", "nonsense\n", "{\"type\":\"event\"}\n"] {
        let run = replayed(log, "").expect(2);
        assert!(run.stderr.contains("run.jsonl: "), "{log:?}\n{run}");
    }
    let newer = tampered("run", "\"format\":", "\"format\":9");
    let run = replayed(&newer, "").expect(2);
    assert!(run.stderr.contains("format"), "{run}");
}
