//! What `harness/hub/defects.toml` says of each defect, and what is not so.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde::Deserialize;
use serde_json::Value;

use crate::common::{Summary, root, text};

/// What a defect is caught by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The contract.
    pub contract: String,
    /// The case, by its name within the contract.
    pub case: String,
    /// The leg on which it shows.
    leg: String,
    /// The kind of mismatch.
    mismatch: String,
    /// What else breaks in that case, as leg and kind: `reply missing`.
    #[serde(default)]
    with: Vec<String>,
    /// Other contracts in which it may show; `registration/*` is all of a workflow.
    pub also: Vec<String>,
}

/// Every defect by its name.
pub fn read() -> BTreeMap<String, Expected> {
    let path = root().join("harness/hub/defects.toml");
    let text = fs::read_to_string(&path).expect("it is there");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Expected {
    /// The workflow that it is run against.
    pub fn workflow(&self) -> &str {
        workflow_of(&self.contract)
    }

    /// What in this run is not as it should be, one line each.
    pub fn faults(&self, summary: &Summary) -> Vec<String> {
        let mut faults = Vec::new();
        let name = format!("{} :: {}", self.contract, self.case);
        let bad = |case: &&Value| text(case, "outcome") != "pass";
        let wanted = format!("{} {}", self.leg, self.mismatch);
        let case = summary
            .cases()
            .iter()
            .filter(bad)
            .find(|case| text(case, "name") == name);
        match case.map(found) {
            None => faults.push(format!("'{name}' did not fail")),
            Some(found) => {
                if !found.contains(&wanted) {
                    faults.push(format!("'{name}' failed, but with {found:?}, not {wanted}"));
                }
                let known: BTreeSet<String> = self.with.iter().cloned().chain([wanted]).collect();
                let more: Vec<&String> = found.difference(&known).collect();
                if !more.is_empty() {
                    faults.push(format!("'{name}' failed with {more:?} too"));
                }
            }
        }
        let strange = summary
            .cases()
            .iter()
            .filter(bad)
            .filter(|case| !self.may_show_in(&text(case, "contract")));
        faults.extend(strange.map(|case| {
            let reason = case["reason"].as_str().unwrap_or_default();
            format!(
                "'{}' failed too: {reason}\n    {}",
                text(case, "name"),
                text(case, "repeat")
            )
        }));
        faults
    }

    fn may_show_in(&self, contract: &str) -> bool {
        contract == self.contract
            || self
                .also
                .iter()
                .any(|named| match named.strip_suffix("/*") {
                    Some(workflow) => workflow_of(contract) == workflow,
                    None => named == contract,
                })
    }
}

/// The first part of a contract's id.
pub fn workflow_of(contract: &str) -> &str {
    contract.split('/').next().unwrap_or_default()
}

/// Every leg that broke in a case, with the kind of mismatch.
fn found(case: &Value) -> BTreeSet<String> {
    let broken = case["broken"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    broken
        .iter()
        .flat_map(|one| {
            let mismatches = one["mismatches"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            mismatches
                .iter()
                .map(|mismatch| format!("{} {}", text(one, "leg"), text(mismatch, "kind")))
        })
        .collect()
}
