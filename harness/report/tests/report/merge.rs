//! Shards become one run, or a refusal that names what is wrong.

use wardgate_report::{
    merge::{MergeError, Merged, merge},
    replay,
    run_file::RunFile,
};

use crate::recorded::{catalog, read, recorded};

fn shard(index: usize, of: usize) -> (String, RunFile) {
    let file = read(&recorded(Some((index, of)))).expect("it reads");
    (format!("run-{index}"), file)
}

fn refusal(runs: Vec<(String, RunFile)>) -> String {
    merge(runs).map(drop).expect_err("a refusal").to_string()
}

fn summary(merged: &Merged) -> wardgate_report::summary::Summary {
    let plan = replay::plan(&merged.run, &catalog()).expect("the plan is made again");
    merged.summary(&plan)
}

#[test]
fn shards_in_any_order_make_the_whole_run() {
    let merged = merge(vec![shard(2, 3), shard(3, 3), shard(1, 3)]).expect("it merges");
    let merged = summary(&merged);
    let whole = merge(vec![(
        String::from("whole"),
        read(&recorded(None)).expect("it reads"),
    )])
    .expect("a whole run is taken as it is");
    let whole = summary(&whole);
    assert_eq!(merged.counts, whole.counts);
    assert_eq!(merged.exit_code(), 1);
    let said = |summary: &wardgate_report::summary::Summary| -> Vec<(String, Option<String>)> {
        let rows = summary.cases.iter();
        rows.map(|row| (row.name.clone(), row.reason())).collect()
    };
    assert_eq!(said(&merged), said(&whole));
    assert_eq!(merged.end.strays_total, 3);
}

/// A shard whose verdicts were taken out of it is no whole shard, whatever its end says.
#[test]
fn a_shard_that_was_gutted_is_a_problem() {
    let mut second = shard(2, 2);
    let kept = second.1.verdicts.len() - 1;
    second.1.verdicts.truncate(kept);
    second.1.verdict_texts.truncate(kept);
    let merged = merge(vec![shard(1, 2), second]).expect("it merges");
    let problem = merged.end.problem.clone().expect("a case is missing");
    assert!(
        problem.contains("run-2: the run file accounts for 1 of its 2 cases"),
        "{problem}"
    );
    assert_eq!(summary(&merged).exit_code(), 2);
}

#[test]
fn a_merged_run_is_judged_again_like_any_other() {
    let mut second = shard(2, 2);
    second.1.run.run = String::from("later");
    let merged = merge(vec![shard(1, 2), second]).expect("it merges");
    let file = read(&merged.text()).expect("it reads back");
    assert_eq!(file.lanes, merged.lanes);
    let again = replay::replay(&file, catalog()).expect("it can be judged");
    assert_eq!(again.differences, []);
    assert_eq!(again.verdicts.len(), 4);
    let mut other = file;
    other.run.merged[1].started_unix_ms += 1;
    let again = replay::replay(&other, catalog()).expect("it can be judged");
    assert_eq!(
        again.differences.len(),
        2,
        "the second shard's identifiers are others"
    );
}

#[test]
fn events_follow_their_verdicts() {
    let merged = merge(vec![shard(1, 2), shard(2, 2)]).expect("it merges");
    assert_eq!(merged.lanes.len(), 2);
    for verdict in &merged.verdicts {
        let first = usize::try_from(verdict.first).expect("small");
        let event = &merged.lanes[verdict.lane][first];
        let started = &event.kind;
        assert!(
            matches!(started, wardgate_core::event::EventKind::CaseStarted { case, .. } if *case == verdict.case),
            "{started:?}"
        );
    }
}

#[test]
fn empty_shards_count_too() {
    let runs = (1..=9).map(|index| shard(index, 9)).collect();
    let merged = summary(&merge(runs).expect("it merges"));
    assert_eq!(merged.counts.cases, 4);
    let alone = shard(9, 9).1;
    let plan = replay::plan(&alone.run, &catalog()).expect("a plan");
    let end = alone.end_or_cut_off();
    let alone = wardgate_report::summary::Summary::of_lines(&plan, alone.run, end, alone.verdicts);
    assert!(alone.is_empty_shard());
    assert_eq!(alone.exit_code(), 0);
    let shown = wardgate_report::terminal::summary(&alone, false);
    assert!(
        shown.contains("this shard is empty: none of the plan's 4 cases"),
        "{shown}"
    );
}

#[test]
fn what_is_missing_or_doubled_is_named() {
    assert_eq!(merge(Vec::new()).map(drop), Err(MergeError::Nothing));
    assert_eq!(
        refusal(vec![shard(2, 4), shard(4, 4)]),
        "of 4 shards these are missing: 1, 3"
    );
    assert_eq!(
        refusal(vec![shard(1, 2), (String::from("again"), shard(1, 2).1)]),
        "shard 1 was given twice: run-1 and again"
    );
    assert_eq!(
        refusal(vec![shard(1, 2), shard(2, 3)]),
        "run-2 is shard 2 of 3; expected a shard of 2"
    );
    let whole = (
        String::from("whole"),
        read(&recorded(None)).expect("it reads"),
    );
    assert_eq!(
        refusal(vec![shard(1, 2), whole]),
        "whole is a whole run; expected a shard of 2"
    );
}

#[test]
fn other_plans_and_other_candidates_are_refused() {
    let (name, mut other) = shard(2, 2);
    other.run.plan = String::from("feed");
    let said = refusal(vec![shard(1, 2), (name, other)]);
    assert!(said.contains("but run-2 is of plan feed"), "{said}");
    let (name, mut other) = shard(2, 2);
    other.run.candidate.digest = Some(String::from("sha256:2"));
    let said = refusal(vec![shard(1, 2), (name, other)]);
    assert!(said.contains("run-2 judged '' (sha256:2)"), "{said}");
}

#[test]
fn a_shard_that_was_cut_off_owes_its_cases() {
    let text = recorded(Some((2, 2)));
    let cut = text.find("{\"type\":\"verdict\"").expect("verdicts");
    let (first, _) = text.split_at(cut);
    let half = (String::from("half"), read(first).expect("it reads"));
    let merged = summary(&merge(vec![shard(1, 2), half]).expect("it merges"));
    assert_eq!(merged.counts.not_run, 2);
    assert_eq!(merged.exit_code(), 2);
    assert_eq!(
        merged.stopped().as_deref(),
        Some("half: the run file was cut off before the run's end")
    );
}
