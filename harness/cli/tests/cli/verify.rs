//! `wardgate verify`: what it prints, what it leaves behind, and its exit code, green and red.

use std::{collections::HashSet, fs, path::PathBuf, sync::OnceLock};

use crate::common::{Folder, Run, junit::test_cases, text, verify, wardgate};

const WORKFLOW: &str = "--workflow medication --seed 7 --workers 2";

/// A run in which everything passes.
fn green() -> &'static (Folder, Run) {
    static GREEN: OnceLock<(Folder, Run)> = OnceLock::new();
    GREEN.get_or_init(|| {
        let folder = Folder::shared("green");
        let run = verify(&folder)
            .words(WORKFLOW)
            .arg("--junit")
            .arg(folder.path().join("elsewhere/results.xml"))
            .run();
        (folder, run.expect(0))
    })
}

/// A run in which a defect of the hub is caught.
fn red() -> &'static (Folder, Run) {
    static RED: OnceLock<(Folder, Run)> = OnceLock::new();
    RED.get_or_init(|| {
        let folder = Folder::shared("red");
        let run = verify(&folder)
            .words(WORKFLOW)
            .words("--hub-defect order-sent-twice --json")
            .run();
        (folder, run.expect(1))
    })
}

#[test]
fn a_green_run_says_how_many_passed_and_where_its_report_is() {
    let (folder, run) = green();
    let cases = folder.summary().count("cases");
    assert!(
        run.stderr.starts_with(&format!("{cases} of ")) && run.stderr.contains("2 workers, seed 7"),
        "{run}"
    );
    let counts =
        format!("\npassed: {cases} cases, {cases} passed, 0 failed, 0 errors, 0 skipped, ");
    for words in [
        "slowest\n",
        counts.as_str(),
        "seed 7, 2 workers, candidate wardgate-hub\n",
    ] {
        assert!(run.stdout.contains(words), "{words}\n{run}");
    }
    let report = run
        .stdout
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("report: "));
    let report = PathBuf::from(report.expect("the last line says where the report is"));
    assert_eq!(report, folder.runs()[0].join("report.html"));
    // A line of progress at every tenth, where there is no terminal to draw on.
    let progress = run
        .stderr
        .lines()
        .filter(|line| line.ends_with("0 not passed"));
    assert!((5..=10).contains(&progress.count()), "{run}");
}

#[test]
fn a_run_leaves_every_file_that_is_promised() {
    let (folder, _) = green();
    let summary = folder.summary();
    assert_eq!(text(&summary.0, "outcome"), "pass");
    let cases = test_cases(&folder.latest("junit.xml"));
    assert_eq!(cases.len() as u64, summary.count("cases"));
    assert!(cases.iter().all(|case| case.outcome == "pass"));
    let names: HashSet<&String> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "names are not unique");
    let elsewhere = fs::read_to_string(folder.path().join("elsewhere/results.xml"));
    assert_eq!(
        elsewhere.expect("it was asked for"),
        folder.latest("junit.xml")
    );
    let log = folder.latest("run.jsonl");
    let kinds: HashSet<String> = log
        .lines()
        .map(|line| {
            let entry: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
            text(&entry, "type")
        })
        .collect();
    for kind in ["run", "end"] {
        assert!(kinds.contains(kind), "{kinds:?}");
    }
    assert!(folder.latest("summary.md").contains("medication/order"));
    let page = folder.latest("report.html");
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    for outside in ["<link", "src=\"http", "@import", "url(http"] {
        assert!(
            !page.contains(outside),
            "the report loads something: {outside}"
        );
    }
    for (name, _) in summary.outcomes() {
        let (_, title) = name.split_once(" :: ").expect("a title");
        let title = title.replace('\'', "&#39;");
        assert!(page.contains(&title), "the report lacks '{title}'");
    }
}

#[test]
fn a_run_never_touches_an_older_one() {
    let folder = Folder::new();
    let run = || {
        let case = "medication/tenants :: an order number belongs to its facility";
        verify(&folder).arg("--case").arg(case).run().expect(0)
    };
    run();
    let first = folder.runs();
    let log = folder.latest("run.jsonl");
    run();
    let both = folder.runs();
    assert_eq!((first.len(), both.len()), (1, 2));
    let kept = fs::read_to_string(first[0].join("run.jsonl")).expect("it is still there");
    assert!(kept == log, "the first run's log was changed");
    let latest = fs::read_link(folder.path().join("latest")).expect("it is a link");
    let second = both
        .iter()
        .find(|path| **path != first[0])
        .expect("there are two");
    assert_eq!(Some(latest.as_os_str()), second.file_name());
}

#[test]
fn a_red_run_says_what_was_expected_where_and_how_to_repeat_it() {
    let (folder, run) = red();
    let summary = folder.summary();
    assert_eq!(
        run.json(),
        summary.0,
        "--json prints the file that is written"
    );
    let failed: Vec<_> = summary
        .cases()
        .iter()
        .filter(|case| text(case, "outcome") == "fail")
        .collect();
    assert_eq!(failed.len() as u64, summary.count("failed"));
    assert!(summary.count("errors") == 0 && summary.count("passed") > 0);
    let cases = test_cases(&folder.latest("junit.xml"));
    let bodies: Vec<_> = cases
        .iter()
        .filter(|case| case.outcome == "failure")
        .collect();
    assert_eq!(bodies.len(), failed.len());
    for (case, junit) in failed.iter().zip(bodies) {
        let place = text(case, "place");
        assert!(place.starts_with("contracts/suites/medication/"), "{place}");
        let repeat = text(case, "repeat");
        for words in [
            place.as_str(),
            &repeat,
            "expected",
            "actual",
            "seed       7",
        ] {
            assert!(junit.body.contains(words), "{words}\n{}", junit.body);
        }
        assert!(
            junit.body.contains("RDE^O11"),
            "no wire excerpt\n{}",
            junit.body
        );
    }
}

/// The printed command is what a developer pastes into a shell, so it goes through one here.
#[test]
fn the_printed_command_repeats_the_failure() {
    let (folder, _) = red();
    let summary = folder.summary();
    let case = summary
        .cases()
        .iter()
        .find(|case| text(case, "name").ends_with("becomes an order message"))
        .expect("it is in the plan");
    let again = Folder::new();
    let command = format!("{} --out {}", text(case, "repeat"), again.path().display());
    let run = wardgate().in_shell(&command).run().expect(1);
    let shown = run.stdout;
    for words in [
        "FAIL  medication/order :: a MedicationRequest becomes an order message",
        "contracts/suites/medication/order.yaml:",
        "exactly 1",
        "seed 7",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let only = [(text(case, "name"), String::from("fail"))];
    assert_eq!(again.summary().outcomes(), only);
}

#[test]
fn a_quiet_run_prints_nothing_but_errors() {
    let folder = Folder::new();
    let file = "contracts/suites/medication/duplicates.yaml";
    let run = verify(&folder).words("--quiet").arg(file).run().expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = verify(&folder)
        .words("--quiet --hub-defect order-sent-twice")
        .arg(file)
        .run()
        .expect(1);
    assert_eq!(run.stdout, "");
    let failed = usize::try_from(folder.summary().count("failed")).expect("a count");
    assert_eq!(run.stderr.lines().count(), failed, "{run}");
    assert!(
        run.stderr.starts_with("fail medication/duplicates :: "),
        "{run}"
    );
}

#[test]
fn an_explained_run_shows_drawn_and_actual_values_also_where_it_passed() {
    let folder = Folder::new();
    let run = verify(&folder)
        .words("--explain contracts/suites/medication/tenants.yaml --seed 11")
        .run()
        .expect(0);
    for words in [
        "medication/tenants :: another facility reads 404\n",
        "  contract  medication/tenants 1.0.0, required, workflow medication\n",
        "  what is done\n     1. ",
        "  drawn values\n",
        "\n    pass  ",
        "\n          seen      ",
        "  outcome   pass, ",
        "  repeat    wardgate verify contracts/suites/medication/tenants.yaml --seed 11 --case ",
    ] {
        assert!(run.stdout.contains(words), "{words}\n{run}");
    }
    let expectations = run.stdout.matches("\n    pass  ").count();
    assert_eq!(
        run.stdout.matches("\n          settled   ").count(),
        expectations
    );
    assert!(expectations > 3, "{run}");
}

/// What a run draws, without what identifies the run.
fn drawn_names(seed: &str) -> (String, Vec<String>) {
    let folder = Folder::new();
    let case = "medication/order :: a MedicationRequest becomes an order message";
    let run = verify(&folder)
        .words("--explain contracts/suites/medication/order.yaml --seed")
        .arg(seed)
        .arg("--case")
        .arg(case)
        .run()
        .expect(0);
    let names = regex::Regex::new(r#""(?:family|given|birth_date|street)":"([^"]*)""#);
    let names = names.expect("it is a pattern");
    let found = names
        .captures_iter(&run.stdout)
        .map(|found| found[1].to_owned())
        .collect();
    (text(&folder.summary().0, "plan"), found)
}

#[test]
fn a_seed_draws_the_same_again() {
    let (plan, names) = drawn_names("21");
    assert!(names.len() >= 4, "{names:?}");
    assert_eq!((plan.clone(), names.clone()), drawn_names("21"));
    let (other_plan, other_names) = drawn_names("22");
    assert_ne!(plan, other_plan);
    assert_ne!(names, other_names);
}

#[test]
fn files_that_cannot_be_written_are_an_error() {
    let folder = Folder::new();
    let file = folder.write("file", "");
    let case = "medication/tenants :: an order number belongs to its facility";
    let run = wardgate()
        .words("verify --out")
        .arg(&file)
        .arg("--case")
        .arg(case)
        .run()
        .expect(2);
    assert!(run.stderr.contains("choose another with --out"), "{run}");
    let run = verify(&folder)
        .arg("--case")
        .arg(case)
        .arg("--junit")
        .arg(file.join("results.xml"))
        .run()
        .expect(2);
    assert!(
        run.stderr.contains("results.xml cannot be written"),
        "{run}"
    );
    let other = Folder::new();
    other.write("latest/mine.txt", "");
    let run = verify(&other).arg("--case").arg(case).run().expect(2);
    assert!(run.stderr.contains("move it away"), "{run}");
    assert!(other.path().join("latest/mine.txt").exists());
}
