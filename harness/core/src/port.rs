//! The ports: what a protocol and its stub are to the rest of Wardgate.
//!
//! A new protocol implements [`Protocol`] and [`Stub`] in a folder of its own under `stubs/` and is listed in
//! `stubs/catalog`; nothing else names it.

mod catalog;
mod protocol;
mod stub;

pub use catalog::Catalog;
pub use protocol::{Draft, DraftRecord, Malformed, Names, Protocol, Reading, Typing};
pub use stub::{
    Action, Control, Effect, Fault, Held, Input, MakeRecord, Moment, Reaction, Record, Stub,
    StubOptions, Verb,
};
pub use wardgate_contract::guide::{Guide, KeyDoc, PlaceDoc, Word};
