//! Contract files for the commands: loaded by the runner, their findings shown on standard error.

use std::{path::PathBuf, sync::Arc};

use wardgate_contract::{Finding, Source, ast::Contract};
use wardgate_core::port::Catalog;
use wardgate_runner::contracts::{self, Loaded};

use crate::{exit::Failure, print::tell, style};

/// Reads and lints every contract file at these paths.
pub fn load(paths: &[PathBuf], catalog: &Catalog) -> Result<Loaded, Failure> {
    contracts::load(paths, catalog).map_err(|error| Failure::could_not_run(error.to_string()))
}

/// Loads contracts that are to be run: any error stops, with every finding shown.
pub fn load_sound(paths: &[PathBuf], catalog: &Catalog) -> Result<Vec<Arc<Contract>>, Failure> {
    let loaded = load(paths, catalog)?;
    let errors = loaded.errors();
    if errors > 0 {
        show(&loaded.findings);
        // Who reads only this line, in a JUnit report say, wants to know where to look.
        let first = loaded.first_error().unwrap_or_default();
        return Err(Failure::could_not_run(format!(
            "{errors} {} in contract files ({first}); nothing was run",
            if errors == 1 { "error" } else { "errors" }
        )));
    }
    if loaded.contracts.is_empty() {
        return Err(none_at(paths, "run"));
    }
    Ok(loaded.contracts)
}

/// There is no contract file at these paths.
pub fn none_at(paths: &[PathBuf], done: &str) -> Failure {
    let places: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Failure::could_not_run(format!(
        "there is no contract file (.yaml) at {}; nothing was {done}",
        places.join(", ")
    ))
}

/// Shows findings on standard error, each with the lines it speaks of.
pub fn show(findings: &[(Arc<Source>, Finding)]) {
    for (source, finding) in findings {
        tell!(
            "{}",
            style::diagnostic(&wardgate_contract::report(source, finding))
        );
    }
}
