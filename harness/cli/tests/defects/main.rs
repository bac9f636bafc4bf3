//! Every defect of the reference hub is caught: where `harness/hub/defects.toml` says, by what it says, and nowhere else.
//!
//! One test a defect, by its name, each a run of the binary against the defect's own workflow and one more, which goes round,
//! so that every workflow is met by several defects that have no business there.

#[expect(
    dead_code,
    unused_imports,
    reason = "the other tests of the command line need more of it"
)]
#[path = "../common/mod.rs"]
mod common;
mod expected;
mod listed;

use libtest_mimic::{Arguments, Trial};

use common::{Folder, Summary, root, verify};
use expected::Expected;

/// Set it to run every defect against the whole suite, which takes twice as long; for whoever changes the hub or a defect.
const EVERYWHERE: &str = "WARDGATE_DEFECTS_EVERYWHERE";
/// A defect that shows in more contracts than these has hardly any left that could prove it to stay away.
const WIDESPREAD: usize = 12;
/// The workflows of the shipped suites.
const WORKFLOWS: [&str; 7] = [
    "appointments",
    "batch",
    "billing",
    "interface",
    "lab",
    "medication",
    "registration",
];
/// Every run draws the same values, so that what fails here once fails again.
const SEED: &str = "7";
/// Most of a run with a defect is waiting for what never comes, so many wait side by side.
const WORKERS: &str = "8";

fn main() {
    let mut trials = vec![Trial::test("the_list_is_the_hubs", || {
        listed::check();
        Ok(())
    })];
    for (number, (name, expected)) in expected::read().into_iter().enumerate() {
        trials.push(Trial::test(name.clone(), move || {
            caught(&name, &expected, number);
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A defect's own workflow and one of the others.
fn workflows(own: &str, number: usize) -> Vec<&str> {
    let others: Vec<&str> = (WORKFLOWS.into_iter())
        .filter(|workflow| *workflow != own)
        .collect();
    vec![own, others[number % others.len()]]
}

fn caught(name: &str, expected: &Expected, number: usize) {
    let folder = Folder::new();
    let mut run = verify(&folder)
        .words("--json --hub-defect")
        .arg(name)
        .words("--seed")
        .arg(SEED)
        .words("--workers")
        .arg(WORKERS);
    let everywhere = std::env::var_os(EVERYWHERE).is_some();
    if !everywhere {
        let widespread = expected.others().count() > WIDESPREAD;
        let count = if widespread { 1 } else { 2 };
        for workflow in workflows(expected.workflow(), number)
            .into_iter()
            .take(count)
        {
            run = run.arg(root().join("contracts/suites").join(workflow));
        }
    }
    let run = run.run().expect(1);
    let summary = Summary(run.json());
    assert_eq!(summary.count("errors"), 0, "{run}");
    assert_eq!(summary.0["problem"], serde_json::Value::Null);
    let faults = expected.faults(&summary);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
