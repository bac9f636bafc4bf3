//! The pure heart of Wardgate: plan, judge, verdict.
//!
//! Everything here is a function of its arguments. A contract and a seed become a [`plan::Plan`]; the runner
//! carries the plan out and writes down [`event::Event`]s; [`lane::Lane`] folds those events into
//! [`verdict::Verdict`]s, in the live run and in a replay alike. Protocols and stubs are reached only through
//! the ports in [`port`]. No socket, file, clock or ambient randomness is touched here.

pub mod bindings;
pub mod correlate;
pub mod event;
pub mod lane;
pub mod lint;
pub mod matching;
pub mod plan;
pub mod port;
pub mod search;
pub mod verdict;
pub mod wire;
