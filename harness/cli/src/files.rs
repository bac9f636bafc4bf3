//! Reading and writing files, with errors that name them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::exit::Failure;

/// Writes a file, through a neighbour that is renamed, so that nobody ever reads half of it.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let fault = |error: std::io::Error| {
        Failure::could_not_run(format!("{} cannot be written: {error}", path.display()))
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(fault)?;
    }
    let mut neighbour = path.as_os_str().to_owned();
    neighbour.push(format!(".{}.part", std::process::id()));
    let neighbour = PathBuf::from(neighbour);
    fs::write(&neighbour, content).map_err(fault)?;
    fs::rename(&neighbour, path).map_err(fault)
}
