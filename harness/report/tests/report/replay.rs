//! Judging a recorded run again.

use wardgate_report::{
    replay::{ReplayError, replay},
    run_file::RunFile,
};

use crate::recorded::{catalog, read, recorded};

fn outcomes(file: &RunFile) -> Vec<&str> {
    file.verdicts
        .iter()
        .map(|one| one.outcome.as_str())
        .collect()
}

#[test]
fn the_same_events_give_the_same_verdicts() {
    let file = read(&recorded(None)).expect("it reads");
    assert_eq!(outcomes(&file), ["pass", "fail", "fail", "pass"]);
    let replay = replay(&file, catalog()).expect("it can be judged");
    assert_eq!(replay.differences, []);
    assert!(replay.is_sound());
    assert_eq!(replay.verdicts.len(), 4);
}

#[test]
fn other_events_give_other_verdicts() {
    let text = recorded(None).replace("HTTP/1.1 200 OK", "HTTP/1.1 404 OK");
    let file = read(&text).expect("it reads");
    let replay = replay(&file, catalog()).expect("it can be judged");
    let cases: Vec<usize> = replay.differences.iter().map(|one| one.case).collect();
    assert_eq!(cases, [0, 1, 2, 3]);
    let shown = replay.differences[2].to_string();
    assert!(
        shown.contains("checks/eligibility :: a check is refused: recorded …"),
        "{shown}"
    );
}

#[test]
fn other_verdicts_are_found_by_a_byte() {
    let text = recorded(None).replace("\"attempts\":1", "\"attempts\": 1");
    let file = read(&text).expect("it reads");
    let replay = replay(&file, catalog()).expect("it can be judged");
    assert_eq!(replay.differences.len(), 3);
}

#[test]
fn verdicts_without_events_and_events_without_verdicts_are_differences() {
    let text = recorded(None);
    let without = |part: &str| -> String {
        let lines = text.split_inclusive('\n');
        lines.filter(|line| !line.contains(part)).collect()
    };
    let unjudged = read(&without("a check is refused\",\"outcome")).expect("it reads");
    let again = replay(&unjudged, catalog()).expect("it can be judged");
    assert_eq!(again.differences.len(), 1);
    assert_eq!(again.differences[0].recorded, None);
    let eventless = read(&without("\"type\":\"event\"")).expect("it reads");
    let again = replay(&eventless, catalog()).expect("it can be judged");
    assert_eq!(again.differences.len(), 4);
    assert!(again.differences.iter().all(|one| one.judged.is_none()));
}

/// What is left of a run says what it lacks: nobody may take it for the whole.
#[test]
fn a_run_that_was_cut_off_is_incomplete() {
    let text = recorded(None);
    let cut = text.find("{\"type\":\"verdict\"").expect("verdicts");
    let file = read(&text[..cut]).expect("it reads");
    assert!(!file.has_end());
    let replayed = replay(&file, catalog()).expect("it can be judged");
    assert_eq!(replayed.differences, []);
    let incomplete = replayed.incomplete.as_ref().expect("it lacks its end");
    assert!(incomplete.cut_off && incomplete.cases.len() == 4);
    assert!(!replayed.is_sound());
    let end = text.find("{\"type\":\"end\"").expect("an end");
    let file = read(&text[..end]).expect("it reads");
    let replayed = replay(&file, catalog()).expect("it can be judged");
    assert_eq!(
        replayed.incomplete.expect("it lacks its end").to_string(),
        "the run file is incomplete: it ends before its \"end\" line"
    );
}

#[test]
fn cases_that_nothing_is_said_of_are_missed() {
    let text = recorded(None);
    let kept = |line: &&str| {
        ["run", "end"]
            .iter()
            .any(|kind| line.starts_with(&format!("{{\"type\":\"{kind}\"")))
    };
    let gutted: String = text.split_inclusive('\n').filter(kept).collect();
    let file = read(&gutted).expect("it reads");
    let replayed = replay(&file, catalog()).expect("it can be judged");
    let incomplete = replayed.incomplete.expect("it lacks everything");
    assert!(!incomplete.cut_off);
    let said = incomplete.to_string();
    assert!(
        said.starts_with(
            "the run file is incomplete: it holds no verdict on 4 of its cases: checks/eligibility :: "
        ),
        "{said}"
    );
    // A run that says itself that it did not come to them lacks nothing.
    let interrupted = gutted
        .replace("\"not_run\":[]", "\"not_run\":[0,1,2,3]")
        .replace("\"interrupted\":false", "\"interrupted\":true");
    let file = read(&interrupted).expect("it reads");
    let replayed = replay(&file, catalog()).expect("it can be judged");
    assert!(replayed.is_sound() && replayed.not_run.len() == 4);
    // Nor can a run say that it was to run less than its selection makes.
    let less = gutted.replace("\"selected\":4", "\"selected\":0");
    assert_ne!(less, gutted);
    let file = read(&less).expect("it reads");
    assert_eq!(
        replay(&file, catalog()).map(drop),
        Err(ReplayError::OtherSelection {
            recorded: 0,
            made: 4
        })
    );
}

#[test]
fn a_changed_contract_is_another_plan() {
    let text = recorded(None).replacen("status: 404", "status: 405", 1);
    let file = read(&text).expect("it reads");
    assert!(matches!(
        replay(&file, catalog()),
        Err(ReplayError::OtherPlan { .. })
    ));
    let text = recorded(None).replacen("interactions:", "interactoins:", 1);
    let file = read(&text).expect("it reads");
    assert!(replay(&file, catalog()).is_err());
}
