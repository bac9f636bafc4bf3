//! `wardgate contract`: check, list and begin contract files.

use std::path::PathBuf;

use serde_json::json;
use wardgate_contract::Severity;
use wardgate_core::plan;
use wardgate_runner::contracts as runner;

use crate::{
    args::ContractCommand,
    contracts,
    exit::{FAILED, Failure, Outcome, PASSED},
    print::say,
};

/// Where the shipped contracts are.
pub const SUITES: &str = "contracts/suites";

/// Runs `wardgate contract …`.
pub fn run(command: ContractCommand) -> Outcome {
    match command {
        ContractCommand::Lint { paths, json } => lint(&paths, json),
        ContractCommand::Schema => {
            say!("{}", wardgate_stub_catalog::catalog().schema().pretty());
            Ok(PASSED)
        }
        ContractCommand::List { paths, json } => list(paths, json),
        ContractCommand::New { from, id, to, case } => {
            super::draft::run(&from, id.as_deref(), to.as_deref(), case.as_deref())
        }
    }
}

fn lint(paths: &[PathBuf], as_json: bool) -> Outcome {
    let catalog = wardgate_stub_catalog::catalog();
    let loaded = runner::load(paths, &catalog);
    let errors = loaded.errors();
    if !as_json {
        contracts::show(&loaded);
    }
    if as_json {
        let findings: Vec<_> = loaded
            .findings
            .iter()
            .map(|(source, finding)| {
                let (line, column) = source.line_column(finding.span.start);
                json!({
                    "file": source.name,
                    "line": line,
                    "column": column,
                    "severity": match finding.severity { Severity::Error => "error", Severity::Warning => "warning" },
                    "rule": finding.rule,
                    "message": finding.message,
                    "label": finding.label,
                    "help": finding.help,
                })
            })
            .collect();
        say!(
            "{}",
            json!({
                "files": loaded.files,
                "errors": errors,
                "findings": findings,
                "unreadable": loaded.unreadable.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        );
    } else if loaded.files > 0 {
        say!(
            "{} checked: {}, {}",
            counted(loaded.files, "file"),
            counted(errors, "error"),
            counted(loaded.findings.len() - errors, "warning")
        );
    }
    match loaded.unreadable.as_slice() {
        [] => Ok(if errors == 0 { PASSED } else { FAILED }),
        [one] if loaded.findings.is_empty() => Err(Failure::could_not_run(one.to_string())),
        several => Err(Failure::could_not_run(format!(
            "{} could not be checked",
            counted(several.len(), "path")
        ))),
    }
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn list(mut paths: Vec<PathBuf>, as_json: bool) -> Outcome {
    if paths.is_empty() {
        paths.push(PathBuf::from(SUITES));
    }
    let catalog = wardgate_stub_catalog::catalog();
    let contracts = contracts::load_sound(&paths, &catalog)?;
    let request = plan::Request {
        contracts,
        ..plan::Request::default()
    };
    let plan =
        plan::make(request, &catalog).map_err(|error| Failure::could_not_run(error.to_string()))?;
    if as_json {
        let contracts: Vec<_> = plan
            .contracts
            .iter()
            .enumerate()
            .map(|(index, contract)| {
                let cases: Vec<&str> = plan
                    .cases
                    .iter()
                    .filter(|case| case.contract == index)
                    .map(|case| case.name.as_str())
                    .collect();
                json!({
                    "contract": contract.id.value,
                    "version": contract.version.value,
                    "workflow": contract.workflow.value,
                    "consumer": contract.consumer.value,
                    "provider": contract.provider.value,
                    "required": contract.criticality == wardgate_contract::ast::Criticality::Required,
                    "file": contract.source.name,
                    "cases": cases,
                })
            })
            .collect();
        say!(
            "{}",
            json!({ "contracts": contracts, "cases": plan.cases.len() })
        );
        return Ok(PASSED);
    }
    for (index, contract) in plan.contracts.iter().enumerate() {
        say!(
            "{}  {}  ({})",
            contract.id.value,
            contract.version.value,
            contract.source.name
        );
        // As `verify --case` takes them, to be copied whole.
        for case in plan.cases.iter().filter(|case| case.contract == index) {
            say!("    {}", case.name);
        }
    }
    say!(
        "{}, {}",
        counted(plan.contracts.len(), "contract"),
        counted(plan.cases.len(), "case")
    );
    Ok(PASSED)
}
