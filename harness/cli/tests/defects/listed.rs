//! The list of defects against the hub's own and against the suites.

use std::collections::BTreeSet;

use crate::{
    common::{text, wardgate},
    expected::{read, workflow_of},
};

/// Every defect of the hub is listed, and every contract and case that is named is shipped.
pub fn check() {
    let expected = read();
    let hub = wardgate()
        .words("hub --list-defects --json")
        .run()
        .expect(0)
        .json();
    let known: BTreeSet<String> = hub["defects"]
        .as_array()
        .expect("there are defects")
        .iter()
        .map(|defect| text(defect, "name"))
        .collect();
    let listed: BTreeSet<String> = expected.keys().cloned().collect();
    let differing: Vec<&String> = listed.symmetric_difference(&known).collect();
    assert!(
        differing.is_empty(),
        "in defects.toml or in the hub, but not in both: {differing:?}"
    );

    let list = wardgate()
        .words("contract list --json")
        .run()
        .expect(0)
        .json();
    let contracts = list["contracts"].as_array().expect("there are contracts");
    let mut cases = BTreeSet::new();
    for contract in contracts {
        let id = text(contract, "contract");
        let titles = contract["cases"].as_array().expect("there are cases");
        cases.extend(
            titles
                .iter()
                .map(|title| format!("{id} :: {}", title.as_str().unwrap_or_default())),
        );
    }
    let ids: BTreeSet<String> = contracts
        .iter()
        .map(|contract| text(contract, "contract"))
        .collect();
    for (name, defect) in &expected {
        let case = format!("{} :: {}", defect.contract, defect.case);
        assert!(cases.contains(&case), "{name}: there is no case '{case}'");
        for named in &defect.also {
            let is_there = match named.strip_suffix("/*") {
                Some(workflow) => ids.iter().any(|id| workflow_of(id) == workflow),
                None => ids.contains(named),
            };
            assert!(is_there, "{name}: there is no contract '{named}'");
        }
    }
    // Some defects show in their own contract alone: those prove that the rest stays green.
    let alone = expected.values().filter(|defect| defect.also.is_empty());
    assert!(
        alone.count() >= 5,
        "hardly a defect shows in one contract only"
    );
}
