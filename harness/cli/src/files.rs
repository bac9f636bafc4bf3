//! Reading and writing files, with errors that name them.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::exit::Failure;

/// Writes a file, through a neighbour that is renamed, so that nobody ever reads half of it.
///
/// Only a file is replaced. A link is followed to what it leads to, and what is no file (a pipe, a device) is written into:
/// it stands where it does because somebody wants to have it there.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let fault = |error: io::Error| {
        Failure::could_not_run(format!("{} cannot be written: {error}", path.display()))
    };
    let path = match fs::metadata(path) {
        Ok(there) if there.is_file() => &fs::canonicalize(path).map_err(fault)?,
        Ok(_) => return into(path, content).map_err(fault),
        // A link to where nothing is yet.
        Err(_) if path.is_symlink() => return fs::write(path, content).map_err(fault),
        Err(_) => path,
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

fn into(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .open(path)?
        .write_all(content)
}
