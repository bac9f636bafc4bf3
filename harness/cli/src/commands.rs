//! One file a command.

pub mod contract;
pub mod dataset;
pub mod draft;
pub mod hub;
pub mod man;
pub mod merge;
pub mod replay;
pub mod stubs;
pub mod verify;
