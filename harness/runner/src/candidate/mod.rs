//! The candidate: what `candidate.toml` says of it, its process, its output and its readiness.

mod config;
mod digest;
mod duration;
mod file;
mod instance;
mod output;
mod ports;
mod process;
mod ready;
mod substitute;

pub use crate::transport::address::Address;
pub(crate) use config::{AddressSpec, ReadySpec};
pub use config::{Candidate, CandidateError, StubSpec};
pub(crate) use instance::{Instance, Surroundings};
