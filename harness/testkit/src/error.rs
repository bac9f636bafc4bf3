//! Why a suite could not be run at all.

use std::path::PathBuf;

use wardgate_core::plan::PlanError;
use wardgate_runner::{CandidateError, contracts::FilesError};

/// Why a suite could not be run at all. None of these says anything about the candidate.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SuiteError(#[from] Reason);

/// The reasons, which callers see as text only.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Reason {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Contract files have errors.
    #[error("the contract files have {count} {}:\n{listed}", if *.count == 1 { "error" } else { "errors" })]
    Contracts {
        /// How many.
        count: usize,
        /// Every finding, one a line.
        listed: String,
    },
    /// No plan could be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The contract files hold no case.
    #[error("the contract files in {places} hold no case: a suite of nothing proves nothing")]
    NoCases {
        /// Where they are.
        places: String,
    },
    /// The candidate is described wrongly.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// No candidate was given.
    #[error("no candidate was given: say `.candidate(\"candidate.toml\")` or `.serve(…)`")]
    NoCandidate,
    /// The candidate has no command whose program could be replaced.
    #[error("{file} has no command, so there is no program to replace")]
    NoCommand {
        /// Its file.
        file: PathBuf,
    },
    /// A candidate in Rust is this program run again, which only `run` can do.
    #[error(
        "a candidate given by `serve` is started by running this same program again, which only `run` knows to do"
    )]
    Served,
    /// A candidate in Rust is this program and no other.
    #[error("a candidate given by `serve` is this same program; `program` has nothing to replace")]
    NoOtherProgram,
    /// A candidate in a file says there how it is idle.
    #[error("`idle` is for a candidate given by `serve`; a candidate.toml says it under [idle]")]
    IdleInFile,
    /// An endpoint's name cannot be handed to a candidate in Rust.
    #[error(
        "'{name}' cannot be served: the name of an endpoint may have letters, digits, '-' and '_'"
    )]
    EndpointName {
        /// The name.
        name: String,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}
