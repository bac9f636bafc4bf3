//! Standard error that nobody reads, or that cannot be written: what is said in passing changes nothing of the outcome.

use std::fs;

use crate::common::{Folder, Invocation, hub_candidate, verify, wardgate};

const CASES: &str =
    "contracts/suites/medication/tenants.yaml contracts/suites/medication/duplicates.yaml";

/// Fails unless the command comes to this whether or not it is heard.
#[track_caller]
fn comes_to(code: i32, command: impl Fn() -> Invocation) {
    let heard = command().run().expect(code);
    assert!(!heard.stderr.is_empty(), "it has nothing to say\n{heard}");
    command().unheard().expect(code);
    command().on_full_disk().map(|run| run.expect(code));
}

#[test]
fn a_run_comes_to_the_same_whether_or_not_it_is_heard() {
    let folder = Folder::new();
    comes_to(0, || verify(&folder).words(CASES));
    // Quiet says every failure on standard error.
    let failing = || {
        let defect = "--hub-defect order-sent-twice --quiet";
        verify(&folder).words(CASES).words(defect)
    };
    comes_to(1, failing);
    let summary = folder.summary();
    assert!(summary.count("failed") > 0 && summary.count("errors") == 0);
    comes_to(2, || verify(&folder).words(CASES).words("--filter xyzzy"));
}

/// A service must not stop serving since its log cannot be written: this candidate gives the hub a closed one.
#[test]
fn the_hub_serves_on_where_its_log_cannot_be_written() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let folder = Folder::new();
    let hub = hub_candidate("").replacen(
        "command = [",
        "command = [\"sh\", \"-c\", \"exec \\\"$@\\\" 2>/dev/full\", \"sh\", ",
        1,
    );
    assert!(hub.contains("/dev/full"), "the hub is started otherwise");
    let candidate = folder.write("candidate.toml", hub);
    // Partners that refuse make it speak.
    verify(&folder)
        .words("contracts/suites/registration/adt-a04.yaml --filter partner --candidate")
        .arg(candidate)
        .run()
        .expect(0);
}

#[test]
fn other_commands_come_to_the_same_whether_or_not_they_are_heard() {
    let folder = Folder::new();
    let faulty = folder.write("faulty.yaml", "wardgate: 1\ncolour: red\n");
    comes_to(1, || wardgate().words("contract lint").arg(&faulty));
    comes_to(2, || wardgate().words("contract lint no/such/file.yaml"));
    comes_to(2, || wardgate().words("replay no/such/run"));
    comes_to(64, || wardgate().words("verify --no-such-flag"));
    verify(&folder).words(CASES).run().expect(0);
    let log = folder.latest("run.jsonl");
    let changed = folder.path().join("changed.jsonl");
    fs::write(
        &changed,
        log.replace("\"outcome\":\"pass\"", "\"outcome\":\"fail\""),
    )
    .expect("it can be written");
    comes_to(1, || wardgate().words("replay").arg(&changed));
}
