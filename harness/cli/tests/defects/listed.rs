//! The list of defects against the hub's own and against the suites.

use std::collections::BTreeSet;

use crate::{
    common::{text, wardgate},
    expected::read,
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
        let titles = contract["cases"].as_array().expect("there are cases");
        cases.extend(
            titles
                .iter()
                .map(|title| title.as_str().unwrap_or_default().to_owned()),
        );
    }
    let ids: BTreeSet<String> = contracts
        .iter()
        .map(|contract| text(contract, "contract"))
        .collect();
    for (name, defect) in &expected {
        let case = defect.name();
        assert!(cases.contains(&case), "{name}: there is no case '{case}'");
        for named in defect.others() {
            assert!(
                ids.contains(named),
                "{name}: there is no contract '{named}'"
            );
            assert_ne!(named, &defect.contract, "{name}: it is named twice");
        }
        let twice: Vec<&String> = defect.also.intersection(&defect.may).collect();
        assert!(
            twice.is_empty(),
            "{name}: {twice:?} both always and by chance"
        );
    }
}
