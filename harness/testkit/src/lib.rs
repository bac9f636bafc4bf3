//! Wardgate in `cargo test`.

mod contract;
mod error;
mod folder;
mod mount;
mod seed;
mod stubs;
mod suite;

pub use contract::contract;
pub use error::SuiteError;
pub use mount::{Exchange, Mounted, mount, mount_interaction};
pub use stubs::{Drawn, Partner, Received, Stubs, Wanted};
pub use suite::{Judged, JudgedCase, Suite, Surroundings, suite};
pub use wardgate_contract::ast::Contract;
pub use wardgate_core::{
    plan::Limits,
    port::Verb,
    verdict::{CaseVerdict, Mismatch, MismatchKind, Outcome, Verdict},
};
pub use wardgate_expression::Json;
