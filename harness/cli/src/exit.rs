//! The documented exit codes.

use std::process::ExitCode;

use crate::print::{self, tell};

/// Everything passed.
pub const PASSED: u8 = 0;
/// A contract failed, a linted file has errors, or a replay differs.
pub const FAILED: u8 = 1;
/// It could not run, or nothing ran.
pub const COULD_NOT_RUN: u8 = 2;
/// The command line is wrong (`EX_USAGE` of BSD's sysexits).
pub const USAGE: u8 = 64;

/// What ended a command early: one message and an exit code.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong, where, what was expected and what to do.
    pub message: String,
    /// The exit code.
    pub code: u8,
}

impl Failure {
    /// It could not run.
    pub fn could_not_run(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: COULD_NOT_RUN,
        }
    }

    /// The command line is wrong in a way that clap cannot see.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: USAGE,
        }
    }
}

/// What a command comes to.
pub type Outcome = Result<u8, Failure>;

/// Prints what went wrong and gives the process's exit code.
pub fn conclude(outcome: Outcome) -> ExitCode {
    let printed = print::finish().map_err(|error| {
        Failure::could_not_run(format!("standard output cannot be written: {error}"))
    });
    match outcome.and_then(|code| printed.map(|()| code)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            tell!("wardgate: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
