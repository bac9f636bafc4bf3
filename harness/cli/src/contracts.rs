//! Contract files for the commands: loaded by the runner, their findings shown on standard error.

use std::{path::PathBuf, sync::Arc};

use wardgate_contract::ast::Contract;
use wardgate_core::port::Catalog;
use wardgate_runner::contracts::{self, Loaded};

use crate::{diagnostic, exit::Failure, print::tell};

/// Loads contracts that are to be run: any error stops, with every finding shown.
pub fn load_sound(paths: &[PathBuf], catalog: &Catalog) -> Result<Vec<Arc<Contract>>, Failure> {
    let loaded = contracts::load(paths, catalog);
    let Some(trouble) = trouble(&loaded) else {
        return Ok(loaded.contracts);
    };
    show(&loaded);
    Err(Failure::could_not_run(format!(
        "{trouble}; nothing was run"
    )))
}

/// What keeps these files from being run, in one line: who reads only this line, in a JUnit report say, wants to know
/// where to look.
fn trouble(loaded: &Loaded) -> Option<String> {
    let errors = loaded.errors() + loaded.unreadable.len();
    let unreadable = loaded.unreadable.first().map(ToString::to_string);
    let first = unreadable.or_else(|| loaded.first_error())?;
    Some(match (errors, loaded.unreadable.len()) {
        (1, 1) => first,
        (1, _) => format!("1 error in contract files ({first})"),
        _ => format!("{errors} errors in contract files ({first}, …)"),
    })
}

/// Shows findings on standard error, each with the lines it speaks of, and what could not be read where there is more to
/// say than one line.
pub fn show(loaded: &Loaded) {
    if loaded.unreadable.len() + loaded.findings.len() > 1 {
        for error in &loaded.unreadable {
            tell!("{error}");
        }
    }
    for (source, finding) in &loaded.findings {
        tell!("{}", diagnostic::text(source, finding));
    }
}
