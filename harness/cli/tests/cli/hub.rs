//! `wardgate hub`: its defects, and the hub by itself.

use std::collections::BTreeSet;

use rustix::process::Signal;

use crate::common::{Folder, text, until, wardgate};

#[test]
fn defects_are_listed_for_people_and_programs_alike() {
    let json = wardgate()
        .words("hub --list-defects --json")
        .run()
        .expect(0)
        .json();
    let defects = json["defects"].as_array().expect("there are defects");
    assert!(defects.len() >= 30, "only {}", defects.len());
    let page = wardgate().words("hub --list-defects").run().expect(0);
    assert_eq!(page.stdout.lines().count(), defects.len());
    for (line, defect) in page.stdout.lines().zip(defects) {
        let words: Vec<&str> = line.splitn(2, ' ').collect();
        assert_eq!(words[0], text(defect, "name"));
        let contract = text(defect, "contract");
        assert!(line.contains(&contract), "{line}");
        assert!(contract.starts_with(&format!("{}/", text(defect, "workflow"))));
        for said in ["case", "leg", "mismatch"] {
            assert!(!text(defect, said).is_empty(), "{defect}: {said}");
        }
        assert!(line.ends_with(&text(defect, "description")), "{line}");
    }
    let names: BTreeSet<String> = defects.iter().map(|defect| text(defect, "name")).collect();
    assert_eq!(names.len(), defects.len());
}

#[test]
fn the_hub_serves_by_itself_until_it_is_told_to_stop() {
    let folder = Folder::new();
    let started = wardgate()
        .within(folder.path())
        .words(
            "hub --ehr http://127.0.0.1:9/fhir --ledger http://127.0.0.1:9 --pharmacy 127.0.0.1:9",
        )
        .start();
    until("the hub is ready", || {
        started.said().contains("hub ready mllp=127.0.0.1:")
    });
    started.signal(Signal::INT);
    started.end().expect(0);
    assert!(folder.path().join("wardgate-hub-state").is_dir());
    let run = wardgate()
        .within(folder.path())
        .words("hub --ehr ftp://x --ledger http://127.0.0.1:9 --pharmacy 127.0.0.1:9")
        .run()
        .expect(2);
    assert!(run.stderr.contains("ehr is not an http URL"), "{run}");
}
