//! Properties that fail: the smallest values, the seed beside the contract, and that it is tried first from then on.

use std::fs;

use crate::common::{Folder, hub_candidate, root, text, verify};

const NAME: &str = "medication/properties :: placing an order twice is placing it once";

#[test]
fn a_failing_seed_is_kept_beside_the_contract_and_tried_first() {
    let folder = Folder::new();
    let suite = root().join("contracts/suites/medication/properties.yaml");
    let contract = folder.write("properties.yaml", fs::read(suite).expect("it is shipped"));
    let beside = contract.with_extension("regressions");
    let defective = folder.write("defective.toml", hub_candidate("order-sent-twice"));
    let sound = folder.write("sound.toml", hub_candidate(""));
    let run = |candidate: &std::path::Path, words: &str| {
        verify(&folder)
            .arg(&contract)
            .arg("--candidate")
            .arg(candidate)
            .words(words)
            .arg("--case")
            .arg(NAME)
            .run()
    };

    run(&sound, "--seed 1").expect(0);
    assert!(!beside.exists(), "nothing has failed");
    let attempts = |folder: &Folder| folder.summary().cases()[0]["attempts"].as_u64();
    let usual = attempts(&folder).expect("it ran");

    let failed = run(&defective, "--seed 1").expect(1);
    let regression = folder.summary().cases()[0]["regression"]
        .as_u64()
        .expect("it was confirmed");
    for words in [
        format!("\n      regression seed {regression}\n"),
        String::from("\n      smallest failing values {"),
        String::from("\n      the smallest failure failed again 2 of 2 times\n"),
        format!("a failing seed was added to {}", beside.display()),
        String::from("seed 1,"),
    ] {
        assert!(failed.stdout.contains(&words), "{words}\n{failed}");
    }
    let line = format!("{regression} placing an order twice is placing it once\n");
    let kept = fs::read_to_string(&beside).expect("it was written");
    assert!(kept.starts_with('#') && kept.ends_with(&line), "{kept}");

    // Another seed and a single attempt: what fails is the remembered one, and it is not remembered twice.
    let again = run(&defective, "--seed 2 --property-cases 1 --quiet").expect(1);
    assert_eq!(again.stdout, "");
    assert_eq!(folder.summary().cases()[0]["regression"], regression);
    assert_eq!(fs::read_to_string(&beside).expect("it is there"), kept);

    // Mended, it passes: the remembered seed and all that were tried before.
    run(&sound, "--seed 1").expect(0);
    assert_eq!(attempts(&folder), Some(usual + 1));

    fs::write(&beside, "# mine\nseventeen it holds\n").expect("it can be written");
    let broken = run(&sound, "").expect(2);
    assert!(
        broken
            .stderr
            .contains("properties.regressions:2: expected a seed"),
        "{broken}"
    );
}

/// Contracts may lie where nobody may write. A failure stands whatever becomes of its seed.
#[test]
fn a_failing_seed_that_cannot_be_kept_is_a_warning() {
    let folder = Folder::new();
    let suite = root().join("contracts/suites/medication/properties.yaml");
    let contract = folder.write("properties.yaml", fs::read(suite).expect("it is shipped"));
    let beside = contract.with_extension("regressions");
    // It leads to a folder that is not there, so it can be made by nobody, the superuser included.
    std::os::unix::fs::symlink("nowhere/properties.regressions", &beside).expect("it can be made");
    let defective = folder.write("defective.toml", hub_candidate("order-sent-twice"));
    let junit = folder.path().join("junit.xml");
    let run = verify(&folder)
        .arg(&contract)
        .words("--quiet --seed 1 --property-cases 3 --junit")
        .arg(&junit)
        .arg("--candidate")
        .arg(&defective)
        .arg("--case")
        .arg(NAME)
        .run()
        .expect(1);
    let summary = folder.summary();
    assert_eq!(summary.count("failed"), 1);
    assert!(junit.exists());
    let regression = &summary.cases()[0]["regression"];
    let line = format!(": {regression} placing an order twice is placing it once\n");
    assert!(
        run.stderr
            .contains("warning: the failing seed could not be kept in ")
            && run.stderr.contains(&line),
        "{run}"
    );
}

/// A defect that was asked for is meant to be caught: its seeds are nobody's regressions.
#[test]
fn a_defect_that_was_switched_on_leaves_no_seed_behind() {
    let folder = Folder::new();
    let beside = root().join("contracts/suites/medication/properties.regressions");
    let run = verify(&folder)
        .words("--hub-defect order-sent-twice --property-cases 1 --case")
        .arg(NAME)
        .run()
        .expect(1);
    assert!(
        run.stdout.contains("regression seed") && !run.stdout.contains("was added"),
        "{run}"
    );
    assert!(!beside.exists());
    assert_eq!(text(&folder.summary().0, "candidate"), "wardgate-hub");
}
