//! `--junit FILE`: where it goes, and that no older file is taken for the results of a run that did not begin.

use std::{fs, os::unix::fs::FileTypeExt as _, path::Path, process::Command, thread};

use crate::common::{Folder, Run, junit::test_cases, root, verify, wardgate};

const CASE: &str = "medication/tenants :: an order number belongs to its facility";

fn run(folder: &Folder, junit: &Path) -> Run {
    verify(folder)
        .words("contracts/suites/medication/tenants.yaml --case")
        .arg(CASE)
        .arg("--junit")
        .arg(junit)
        .run()
}

#[test]
fn a_link_is_followed_and_stays_a_link() {
    let folder = Folder::new();
    let kept = folder.write("kept/results.xml", "older");
    let link = folder.path().join("results.xml");
    let loose = folder.path().join("loose.xml");
    std::os::unix::fs::symlink("kept/results.xml", &link).expect("it can be made");
    std::os::unix::fs::symlink("kept/new.xml", &loose).expect("it can be made");
    run(&folder, &link).expect(0);
    assert!(link.is_symlink());
    let written = fs::read_to_string(&kept).expect("it is there");
    assert_eq!(written, folder.latest("junit.xml"));
    run(&folder, &loose).expect(0);
    assert!(loose.is_symlink() && folder.path().join("kept/new.xml").is_file());
}

#[test]
fn what_is_no_file_is_written_into_and_not_replaced() {
    let folder = Folder::new();
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).expect("it can be read")
    });
    run(&folder, &pipe).expect(0);
    let read = reader.join().expect("it does not panic");
    assert_eq!(read, folder.latest("junit.xml"));
    let kind = fs::symlink_metadata(&pipe)
        .expect("it is there")
        .file_type();
    assert!(kind.is_fifo(), "the pipe was replaced");
}

/// A copy that cannot be written is an error, but costs nothing of what the run found out. The full disk stands behind
/// a link, lest a Wardgate that replaces what it should follow takes it from everybody.
#[test]
fn a_report_that_cannot_be_written_loses_nothing_else() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = Folder::new();
    let link = folder.path().join("full");
    std::os::unix::fs::symlink("/dev/full", &link).expect("it can be made");
    let run = run(&folder, &link).expect(2);
    assert!(run.stderr.contains("full cannot be written"), "{run}");
    assert!(run.stdout.contains("passed: 1 case"), "{run}");
    assert!(link.is_symlink());
    for file in ["junit.xml", "report.html", "summary.md", "summary.json"] {
        assert!(!folder.latest(file).is_empty(), "{file}");
    }
}

#[test]
fn results_of_an_earlier_run_do_not_outlive_one_that_did_not_begin() {
    let folder = Folder::new();
    let green = "<testsuites tests=\"1\"><testcase classname=\"a\" name=\"b\"/></testsuites>";
    folder.write("faulty.yaml", "wardgate: 1\ncolour: red\n");
    folder.write("candidate.toml", "colour = \"red\"\n");
    folder.write("empty/readme.txt", "nothing here");
    folder.write("file", "no folder");
    let suite = root().join("contracts/suites/medication/tenants.yaml");
    folder.write("sound.yaml", fs::read(suite).expect("it is shipped"));
    for (code, words, why) in [
        (2, "faulty.yaml", "(faulty.yaml:1: "),
        (2, "sound.yaml --candidate candidate.toml", "candidate.toml"),
        (2, "sound.yaml --candidate nowhere.toml", "nowhere.toml"),
        (2, "missing.yaml", "missing.yaml cannot be read"),
        (2, "empty", "there is no contract file"),
        (2, "sound.yaml --filter xyzzy", "fits the filter"),
        (
            2,
            "sound.yaml --out file",
            "the run folder file cannot be made",
        ),
        (64, "sound.yaml --hub-defect nobody", "nobody"),
    ] {
        let junit = folder.write("results.xml", green);
        wardgate()
            .within(folder.path())
            .words("verify --junit results.xml")
            .words(words)
            .run()
            .expect(code);
        let cases = test_cases(&fs::read_to_string(&junit).expect("it is there"));
        assert_eq!(cases.len(), 1, "{words}");
        assert_eq!(cases[0].outcome, "error", "{words}");
        assert!(cases[0].body.contains(why), "{words}: {}", cases[0].body);
    }
}
