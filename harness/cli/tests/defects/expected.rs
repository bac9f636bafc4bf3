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
    with: BTreeSet<String>,
    /// The other contracts that turn red, always.
    pub also: BTreeSet<String>,
    /// Those that turn red as the drawn values and the moment of a kill fall.
    #[serde(default)]
    pub may: BTreeSet<String>,
    /// What breaks in other cases, as leg and kind, beside what breaks in its own.
    #[serde(default)]
    elsewhere: BTreeSet<String>,
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

    /// Every other contract that is named.
    pub fn others(&self) -> impl Iterator<Item = &String> {
        self.also.iter().chain(&self.may)
    }

    /// What in this run is not as it should be, one line each.
    pub fn faults(&self, summary: &Summary) -> Vec<String> {
        let mut faults = self.faults_of_its_case(summary);
        let ran: BTreeSet<String> = (summary.cases().iter())
            .map(|case| text(case, "contract"))
            .collect();
        let red: BTreeSet<String> = bad(summary).map(|case| text(case, "contract")).collect();
        for contract in self.also.intersection(&ran) {
            if !red.contains(contract) {
                faults.push(format!("'{contract}' is green"));
            }
        }
        for case in bad(summary) {
            faults.extend(self.strangeness(case));
        }
        faults
    }

    /// The case that is to catch it fails in just the ways that are written down.
    fn faults_of_its_case(&self, summary: &Summary) -> Vec<String> {
        let name = self.name();
        let Some(case) = bad(summary).find(|case| text(case, "name") == name) else {
            return vec![format!("'{name}' did not fail")];
        };
        let (found, known) = (found(case), self.known());
        if found == known {
            return Vec::new();
        }
        vec![format!(
            "'{name}' failed with {found:?}, not with {known:?}"
        )]
    }

    /// What is strange about a case that failed: that it did, or how.
    fn strangeness(&self, case: &Value) -> Option<String> {
        let (name, contract) = (text(case, "name"), text(case, "contract"));
        let reason = case["reason"].as_str().unwrap_or_default();
        let repeat = text(case, "repeat");
        let is_named = contract == self.contract || self.others().any(|named| *named == contract);
        if !is_named {
            return Some(format!("'{name}' failed too: {reason}\n    {repeat}"));
        }
        let known: BTreeSet<String> = self.known().union(&self.elsewhere).cloned().collect();
        let found = found(case);
        let more: Vec<&String> = found.difference(&known).collect();
        (!more.is_empty()).then(|| format!("'{name}' failed with {more:?}: {reason}\n    {repeat}"))
    }

    /// Contract and case.
    pub fn name(&self) -> String {
        format!("{} :: {}", self.contract, self.case)
    }

    /// What breaks in its own case.
    fn known(&self) -> BTreeSet<String> {
        let own = format!("{} {}", self.leg, self.mismatch);
        self.with.iter().cloned().chain([own]).collect()
    }
}

/// The cases that did not pass.
fn bad(summary: &Summary) -> impl Iterator<Item = &Value> {
    (summary.cases().iter()).filter(|case| text(case, "outcome") != "pass")
}

/// The first part of a contract's id.
pub fn workflow_of(contract: &str) -> &str {
    contract.split('/').next().unwrap_or_default()
}

/// Every leg that broke in a case, with the kind of mismatch.
fn found(case: &Value) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = BTreeSet::new();
    for broken in list(&case["broken"]) {
        for mismatch in list(&broken["mismatches"]) {
            found.insert(format!(
                "{} {}",
                text(&broken, "leg"),
                text(&mismatch, "kind")
            ));
        }
    }
    found
}
