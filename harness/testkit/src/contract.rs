//! One contract, for tests that work with it themselves.

use std::{path::PathBuf, sync::Arc};

use wardgate_contract::ast::Contract;

use crate::{error::Reason, error::SuiteError, suite::load};

/// Reads one contract file, relative to the folder of the package. It is linted as for a run: a contract with errors is
/// refused, and the error names each with its line.
pub fn contract(file: impl Into<PathBuf>) -> Result<Arc<Contract>, SuiteError> {
    let file = file.into();
    let catalog = wardgate_stub_catalog::catalog();
    let mut found = load(std::slice::from_ref(&file), &catalog)?;
    match (found.pop(), found.is_empty()) {
        (Some(contract), true) => Ok(contract),
        _ => Err(Reason::Other(format!(
            "{} is a folder of several contracts; name one file",
            file.display()
        ))
        .into()),
    }
}
