//! `wardgate merge`: shards come to what the whole run comes to, and nothing is left out unseen.

use std::{fs, path::PathBuf, sync::OnceLock};

use crate::common::{Folder, Summary, junit::test_cases, text, verify, wardgate};

const WHOLE: &str = "contracts/suites/medication/tenants.yaml contracts/suites/medication/refusals.yaml \
                     contracts/suites/medication/duplicates.yaml --seed 7 --hub-defect order-sent-twice";

/// Three shards of a plan, in which some cases fail.
fn shards() -> &'static [Folder; 3] {
    static SHARDS: OnceLock<[Folder; 3]> = OnceLock::new();
    SHARDS.get_or_init(|| {
        [1, 2, 3].map(|shard| {
            let folder = Folder::shared(&format!("shard-{shard}"));
            let run = verify(&folder)
                .words(WHOLE)
                .words(&format!("--quiet --shard {shard}/3"))
                .run();
            assert!(matches!(run.code, Some(0 | 1)), "{run}");
            folder
        })
    })
}

fn latest(shard: usize) -> PathBuf {
    shards()[shard - 1].path().join("latest")
}

fn merge(of: &[usize], out: &Folder) -> crate::common::Invocation {
    let mut merge = wardgate()
        .words("merge --out")
        .arg(out.path().join("latest"));
    for shard in of {
        merge = merge.arg(latest(*shard));
    }
    merge
}

#[test]
fn shards_come_to_what_the_whole_run_comes_to() {
    let whole = Folder::new();
    verify(&whole).words(WHOLE).run().expect(1);
    let merged = Folder::new();
    // In any order.
    let run = merge(&[3, 1, 2], &merged).run().expect(1);
    let (one, other) = (whole.summary(), merged.summary());
    assert!(one.count("failed") > 0 && one.count("passed") > 0);
    assert_eq!(other.outcomes(), one.outcomes());
    assert_eq!(other.0["counts"], one.0["counts"]);
    assert_eq!(text(&other.0, "plan"), text(&one.0, "plan"));
    assert_eq!(other.0["shard"], serde_json::Value::Null);
    let verdicts = |folder: &Folder| {
        let cases = test_cases(&folder.latest("junit.xml"));
        let named = cases
            .into_iter()
            .map(|case| (case.name, case.outcome, case.kind));
        named.collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&merged), verdicts(&whole));
    assert!(
        run.stdout
            .contains(&format!("\nfailed: {} cases, ", one.count("cases"))),
        "{run}"
    );
    for file in ["report.html", "summary.md", "run.jsonl"] {
        assert!(!merged.latest(file).is_empty(), "{file}");
    }
    // A merged run is evidence like any other: it can be judged again.
    let replay = wardgate()
        .words("replay")
        .arg(merged.path().join("latest"))
        .run();
    assert!(replay.expect(0).stdout.contains("byte for byte the same"));
    let json = merge(&[1, 2, 3], &merged).arg("--json").run().expect(1);
    assert_eq!(Summary(json.json()).outcomes(), one.outcomes());
    let quiet = merge(&[1, 2, 3], &merged).arg("--quiet").run().expect(1);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn shards_that_are_not_there_are_named() {
    let out = Folder::new();
    let run = merge(&[2], &out).run().expect(2);
    assert!(
        run.stderr.contains("of 3 shards these are missing: 1, 3"),
        "{run}"
    );
    let run = merge(&[1, 2, 3, 2], &out).run().expect(2);
    assert!(run.stderr.contains("shard 2 was given twice"), "{run}");
    assert!(!out.path().join("latest").exists(), "something was written");
}

#[test]
fn shards_of_another_plan_are_refused() {
    let (other, out) = (Folder::new(), Folder::new());
    let words = WHOLE.replace("--seed 7", "--seed 8");
    let run = verify(&other)
        .words(&words)
        .words("--quiet --shard 3/3")
        .run();
    assert!(matches!(run.code, Some(0 | 1)), "{run}");
    let run = merge(&[1, 2], &out)
        .arg(other.path().join("latest"))
        .run()
        .expect(2);
    assert!(
        run.stderr
            .contains("shards of one plan share contracts, seed"),
        "{run}"
    );
}

/// The same artifact with a defect switched on is another candidate: a sound hub's shards say nothing of it.
#[test]
fn shards_of_another_candidate_are_refused() {
    let (other, out) = (Folder::new(), Folder::new());
    let words = WHOLE.replace(" --hub-defect order-sent-twice", "");
    verify(&other)
        .words(&words)
        .words("--quiet --shard 3/3")
        .run()
        .expect(0);
    let run = merge(&[1, 2], &out)
        .arg(other.path().join("latest"))
        .run()
        .expect(2);
    assert!(
        run.stderr
            .contains("with --hub-defect order-sent-twice, but"),
        "{run}"
    );
}

/// What is merged is evidence, and stays what it is.
#[test]
fn a_merged_run_takes_no_shards_place() {
    let mine = Folder::new();
    let log = fs::read(latest(2).join("run.jsonl")).expect("it is there");
    let kept = mine.write("run.jsonl", &log);
    // However it is named.
    let link = mine.path().join("link");
    std::os::unix::fs::symlink(mine.path(), &link).expect("it can be made");
    for out in [mine.path(), &link] {
        let run = wardgate()
            .words("merge --out")
            .arg(out)
            .arg(latest(1))
            .arg(&kept)
            .arg(latest(3))
            .run()
            .expect(64);
        assert!(run.stderr.contains("would be replaced"), "{run}");
    }
    assert_eq!(fs::read(&kept).expect("it is there"), log);
}

#[test]
fn what_is_no_run_is_said() {
    let (out, other) = (Folder::new(), Folder::new());
    let file = other.write("run.jsonl", "{\"type\":\"walk\"}\n");
    for (path, message) in [
        (other.path().join("nowhere"), "it cannot be read"),
        (file, "run.jsonl"),
    ] {
        let run = merge(&[1], &out).arg(&path).run().expect(2);
        assert!(run.stderr.contains(message), "{run}");
    }
}

/// A shard that was cut off owes its cases, and the merged run says so.
#[test]
fn a_shard_that_was_cut_off_leaves_errors() {
    let (cut, out) = (Folder::new(), Folder::new());
    let log = fs::read_to_string(latest(3).join("run.jsonl")).expect("it is there");
    let kept: Vec<&str> = log
        .lines()
        .filter(|line| line.starts_with("{\"type\":\"run\""))
        .collect();
    assert_eq!(kept.len(), 1);
    let file = cut.write("run.jsonl", format!("{}\n", kept[0]));
    let run = merge(&[1, 2], &out).arg(&file).run().expect(2);
    assert!(
        run.stdout.contains("\ncould not run: ") && run.stdout.contains("cut off"),
        "{run}"
    );
    let summary = out.summary();
    assert!(summary.count("not_run") > 0 && summary.count("errors") == summary.count("not_run"));
}
