//! A candidate that bills: its claims go to the clearinghouse, and inquiries come back from it.

use std::{path::PathBuf, process::Command};

use crate::common::{Folder, Run, verify};

/// A verification of the billing service in this mode; none where there is no Python, which is said.
fn verified(mode: &str) -> Option<Run> {
    let version = Command::new("python3").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no python3 to run the billing service with");
        return None;
    }
    let folder = Folder::new();
    let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
    let contract = std::fs::read_to_string(fixture.join("clearinghouse.yaml"));
    folder.write("claims.yaml", contract.expect("it is there"));
    let candidate = format!(
        "name = \"billing\"\n\
         command = [\"python3\", '{}', \"{mode}\", \"${{ports.http}}\", \"${{stubs.clearinghouse.url}}\"]\n\
         [stubs]\n\
         clearinghouse = \"x12\"\n\
         [endpoints]\n\
         api = {{ url = \"http://127.0.0.1:${{ports.http}}\" }}\n\
         edi = {{ url = \"http://127.0.0.1:${{ports.http}}\" }}\n\
         [ready]\n\
         tcp = \"api\"\n\
         within = \"20s\"\n\
         [stop]\n\
         grace = \"50ms\"\n",
        fixture.join("billing.py").display()
    );
    folder.write("candidate.toml", candidate);
    let run = verify(&folder)
        .within(folder.path())
        .words("--candidate candidate.toml claims.yaml")
        .run();
    Some(run)
}

#[test]
fn a_sound_biller_passes_repeats_refusals_lost_answers_and_broken_forms() {
    let Some(run) = verified("sound") else {
        return;
    };
    let run = run.expect(0);
    assert!(
        run.stdout.contains("10 passed") || run.stderr.contains("10 passed"),
        "{run}"
    );
}

#[test]
fn a_claim_that_is_billed_twice_is_told_with_its_effects() {
    let Some(run) = verified("twice") else {
        return;
    };
    let run = run.expect(1);
    let said = format!("{}{}", run.stdout, run.stderr);
    for line in [
        "expected  837P at clearinghouse, exactly 1",
        "expected  exactly 1 of claims",
        "clearinghouse changed claims/",
        "clearinghouse changed remittances/",
    ] {
        assert!(said.contains(line), "no {line}\n{run}");
    }
}
