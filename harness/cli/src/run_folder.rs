//! A folder for each run, none ever overwritten, and `latest` beside them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::exit::Failure;

/// Where runs go unless `--out` says otherwise.
pub const DEFAULT: &str = "target/wardgate";

/// Makes a new folder for a run that started at this moment (`20261123T224912Z`).
pub fn create(out: &Path, stamp: &str) -> Result<PathBuf, Failure> {
    let fault = |path: &Path, error: io::Error| {
        Failure::could_not_run(format!(
            "the run folder {} cannot be made: {error}; choose another with --out",
            path.display()
        ))
    };
    fs::create_dir_all(out).map_err(|error| fault(out, error))?;
    for number in 1..10_000 {
        let name = if number == 1 {
            format!("run-{stamp}")
        } else {
            format!("run-{stamp}-{number}")
        };
        let path = out.join(name);
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fault(&path, error)),
        }
    }
    Err(Failure::could_not_run(format!(
        "{} holds too many runs of one second",
        out.display()
    )))
}

/// Points `latest` at a run, in one step.
pub fn point_latest(out: &Path, run: &Path) -> Result<(), Failure> {
    let latest = out.join("latest");
    let Some(name) = run.file_name() else {
        return Ok(());
    };
    let fault = |error: io::Error| {
        Failure::could_not_run(format!("{} cannot be made: {error}", latest.display()))
    };
    if latest.is_dir() && !latest.is_symlink() {
        return Err(Failure::could_not_run(format!(
            "{} is a folder of somebody else's; move it away or choose another --out",
            latest.display()
        )));
    }
    let neighbour = out.join(format!(".latest-{}", std::process::id()));
    let _ = fs::remove_file(&neighbour);
    std::os::unix::fs::symlink(name, &neighbour).map_err(fault)?;
    fs::rename(&neighbour, &latest).map_err(fault)
}

/// The run file of a run, given its folder or the file itself.
pub fn run_file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join("run.jsonl")
    } else {
        path.to_owned()
    }
}
