//! Which cases run: filters, names, shards, the first failure, and what happens where nothing is left.

use std::collections::BTreeSet;

use crate::common::{Folder, junit::test_cases, text, verify};

const SUITE: &str =
    "contracts/suites/medication/tenants.yaml contracts/suites/medication/duplicates.yaml";
const ONE: &str = "medication/tenants :: an order number belongs to its facility";

fn names(folder: &Folder) -> Vec<String> {
    let outcomes = folder.summary().outcomes();
    outcomes.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_filter_takes_what_contains_it_and_a_case_is_named_exactly() {
    let folder = Folder::new();
    verify(&folder)
        .words(SUITE)
        .words("--filter facility")
        .run()
        .expect(0);
    let found = names(&folder);
    assert!(
        found.len() > 1 && found.iter().all(|name| name.contains("facility")),
        "{found:?}"
    );
    verify(&folder)
        .words(SUITE)
        .arg("--case")
        .arg(ONE)
        .run()
        .expect(0);
    assert_eq!(names(&folder), [ONE]);
}

#[test]
fn a_workflow_is_taken_whole_and_alone() {
    let folder = Folder::new();
    verify(&folder)
        .words(
            "contracts/suites/batch/refused-files.yaml contracts/suites/medication/refusals.yaml",
        )
        .words("--workflow medication")
        .run()
        .expect(0);
    let summary = folder.summary();
    let workflows: BTreeSet<String> = summary
        .cases()
        .iter()
        .map(|case| text(case, "workflow"))
        .collect();
    assert_eq!(workflows.into_iter().collect::<Vec<_>>(), ["medication"]);
}

#[test]
fn where_nothing_is_selected_nothing_ran() {
    let folder = Folder::new();
    for (flag, value, message) in [
        (
            "--filter",
            "xyzzy",
            "none of the 3 cases fits the filter 'xyzzy'",
        ),
        (
            "--workflow",
            "lab",
            "none of the 3 cases fits the workflow 'lab'",
        ),
        (
            "--case",
            "another",
            "none of the 3 cases fits the exact name 'another'",
        ),
    ] {
        let run = verify(&folder)
            .words("contracts/suites/medication/tenants.yaml")
            .arg(flag)
            .arg(value)
            .run()
            .expect(2);
        assert!(
            run.stderr.contains("nothing to run") && run.stderr.contains(message),
            "{run}"
        );
    }
    assert!(
        folder.runs().is_empty(),
        "a run folder was made for nothing"
    );
}

#[test]
fn an_empty_shard_of_a_plan_passes_and_says_so() {
    let folder = Folder::new();
    let shard = || verify(&folder).words("contracts/suites/medication/tenants.yaml --shard 4/4");
    let run = shard().run().expect(0);
    let words = "this shard is empty: none of the plan's 3 cases falls into it";
    assert!(run.stdout.contains(words), "{run}");
    let seed = &folder.summary().0["seed"];
    assert!(
        run.stderr
            .ends_with(&format!("give the others --seed {seed}\n")),
        "{run}"
    );
    assert_eq!(test_cases(&folder.latest("junit.xml")), []);
    let json = shard().arg("--json").run().expect(0).json();
    assert_eq!(
        (&json["empty_shard"], &json["exit_code"]),
        (&true.into(), &0.into())
    );
    // There is nothing to be said by whom there is nothing to say it to.
    let quiet = shard().arg("--quiet").run().expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn the_first_failure_ends_the_run_if_wanted_and_the_rest_is_said_not_to_have_run() {
    let folder = Folder::new();
    let run = verify(&folder)
        .words(SUITE)
        .words("--fail-fast --workers 1 --hub-defect order-sent-twice")
        .run()
        .expect(1);
    let summary = folder.summary();
    assert_eq!(summary.count("failed"), 1, "{:?}", summary.outcomes());
    assert!(summary.count("not_run") > 0);
    assert_eq!(summary.count("errors"), summary.count("not_run"));
    assert!(run.stdout.contains("\ndid not run\n"), "{run}");
    let cases = test_cases(&folder.latest("junit.xml"));
    let left: Vec<_> = cases.iter().filter(|case| case.kind == "not-run").collect();
    assert_eq!(left.len() as u64, summary.count("not_run"));
    for case in left {
        assert_eq!(case.outcome, "error");
        let why = "It did not run: an earlier case did not pass, and the run was to end there";
        assert!(case.body.starts_with(why), "{}", case.body);
    }
}

#[test]
fn properties_make_as_many_attempts_as_they_are_told_to() {
    let folder = Folder::new();
    let property = "medication/properties :: placing an order twice is placing it once";
    verify(&folder)
        .words("--property-cases 3 --case")
        .arg(property)
        .run()
        .expect(0);
    let case = folder.summary().cases()[0].clone();
    assert_eq!(case["attempts"], 3, "{case}");
    assert!(
        text(&case, "repeat").contains("--property-cases 3 --case"),
        "{case}"
    );
}
