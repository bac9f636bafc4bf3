//! `wardgate hub --list-defects`: what each defect does, and what catches it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use wardgate_hub::{CAUGHT_BY, Defect};

use crate::{
    exit::{Failure, Outcome, PASSED},
    print::say,
};

/// What a defect is caught by, as `defects.toml` has it; what more it says there is for the test that holds it to that.
#[derive(Debug, Deserialize)]
struct Catch {
    contract: String,
    case: String,
    leg: String,
    mismatch: String,
    /// Other contracts that always turn red.
    also: Vec<String>,
    /// Those that do so by chance.
    #[serde(default)]
    may: Vec<String>,
}

impl Catch {
    /// The first part of the contract's id, so that the two cannot disagree.
    fn workflow(&self) -> &str {
        self.contract
            .split_once('/')
            .map_or(self.contract.as_str(), |(workflow, _)| workflow)
    }
}

/// Lists every defect with what catches it.
pub(super) fn list(as_json: bool) -> Outcome {
    let wrong = |what: &str| Failure::could_not_run(format!("the list of defects: {what}"));
    let catches: BTreeMap<String, Catch> =
        toml::from_str(CAUGHT_BY).map_err(|error| wrong(&error.to_string()))?;
    let mut listed = Vec::with_capacity(Defect::ALL.len());
    for defect in Defect::ALL {
        let caught = catches
            .get(defect.name())
            .ok_or_else(|| wrong(&format!("nothing is said to catch '{defect}'")))?;
        listed.push((defect, caught));
    }
    if as_json {
        let defects: Vec<_> = listed
            .iter()
            .map(|(defect, caught)| {
                json!({
                    "name": defect.name(),
                    "description": defect.describe(),
                    "workflow": caught.workflow(),
                    "contract": caught.contract,
                    "case": caught.case,
                    "leg": caught.leg,
                    "mismatch": caught.mismatch,
                    "also": caught.also,
                    "may": caught.may,
                })
            })
            .collect();
        say!("{}", json!({ "defects": defects }));
        return Ok(PASSED);
    }
    for (defect, caught) in listed {
        say!(
            "{:<28} {:<30} {}",
            defect.name(),
            caught.contract,
            defect.describe()
        );
    }
    Ok(PASSED)
}
