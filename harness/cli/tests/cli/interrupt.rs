//! Ctrl-C and SIGKILL: what is left behind is a valid report, and no process.

use rustix::process::Signal;

use crate::common::{
    Folder, Started,
    desk::Desk,
    junit::test_cases,
    processes::{Process, descendants, speaking_of, until_gone},
    text, until, verify,
};

/// Starts a run of the desk and waits until it hangs in its third case.
fn hanging(desk: &Desk) -> (Started, Vec<Process>) {
    let started = desk.verify().words("--workers 1").start();
    until("the desk hangs", || {
        desk.folder
            .runs()
            .first()
            .is_some_and(|run| run.join("lane-0/hanging").exists())
    });
    let processes = descendants(started.id());
    assert!(
        processes.len() >= 2,
        "there is no guard or no candidate: {processes:?}"
    );
    (started, processes)
}

#[test]
fn an_interrupted_run_leaves_a_report_that_says_what_did_not_run_and_no_process() {
    for signal in [Signal::INT, Signal::TERM] {
        let Some(desk) = Desk::new("serve", "100s") else {
            return;
        };
        let (started, processes) = hanging(&desk);
        started.signal(signal);
        let run = started.end().expect(2);
        assert!(
            run.stdout
                .contains("could not run: the run was interrupted"),
            "{run}"
        );
        let cases = test_cases(&desk.folder.latest("junit.xml"));
        let outcomes: Vec<&str> = cases.iter().map(|case| case.outcome.as_str()).collect();
        assert_eq!(outcomes, ["pass", "failure", "error", "error"]);
        for case in &cases[2..] {
            assert_eq!(case.kind, "not-run");
            assert!(
                case.body
                    .starts_with("It did not run: the run was interrupted\n"),
                "{}",
                case.body
            );
        }
        let summary = desk.folder.summary();
        assert_eq!(
            (&summary.0["interrupted"], summary.count("not_run")),
            (&true.into(), 2)
        );
        assert!(desk.folder.latest("summary.md").contains("interrupted"));
        until_gone(&processes);
    }
}

/// Whoever presses Ctrl-C again does not want to wait for anything.
#[test]
fn a_second_signal_ends_it_at_once_and_the_guard_ends_the_candidate() {
    let Some(desk) = Desk::new("stubborn", "100s") else {
        return;
    };
    let slow = desk.folder.path().join("candidate.toml");
    let toml = std::fs::read_to_string(&slow).expect("it is there");
    desk.folder
        .write("candidate.toml", toml.replace("\"50ms\"", "\"100s\""));
    let (started, processes) = hanging(&desk);
    started.signal(Signal::INT);
    // The first is being obeyed when the second comes: the desk was asked to end, and will not.
    let asked = desk.folder.runs()[0].join("lane-0/asked");
    until("the desk is asked to end", || asked.exists());
    started.signal(Signal::INT);
    assert_eq!(started.end().code, Some(130));
    until_gone(&processes);
}

#[test]
fn a_killed_wardgate_leaves_no_process_behind() {
    let Some(desk) = Desk::new("stubborn", "100s") else {
        return;
    };
    let (started, processes) = hanging(&desk);
    // The guard, the desk, and the desk's child.
    assert_eq!(processes.len(), 3, "{processes:?}");
    started.signal(Signal::KILL);
    assert_eq!(started.end().code, None);
    until_gone(&processes);
    // What was written before is a run that was cut off, and says so.
    let log = std::fs::read_to_string(desk.folder.runs()[0].join("run.jsonl"));
    let log = log.expect("it was begun");
    let first: serde_json::Value = serde_json::from_str(log.lines().next().unwrap_or_default())
        .expect("the first line is whole");
    assert_eq!(text(&first, "type"), "run");
    assert!(!log.contains("{\"type\":\"end\""), "it ended by itself");
}

#[test]
fn a_killed_wardgate_leaves_no_hub_behind() {
    let folder = Folder::new();
    let started = verify(&folder)
        .words("--workers 2 --workflow registration")
        .start();
    let mut processes = Vec::new();
    until("two hubs and the guard run", || {
        processes = descendants(started.id());
        processes.len() == 3
    });
    started.signal(Signal::KILL);
    assert_eq!(started.end().code, None);
    until_gone(&processes);
    until_gone(&speaking_of(folder.path()));
}

#[test]
fn a_child_that_left_the_group_is_gone_when_the_run_is_over() {
    let Some(desk) = Desk::new("runaway", "300ms") else {
        return;
    };
    desk.verify().run().expect(1);
    until_gone(&speaking_of(desk.folder.path()));
}
