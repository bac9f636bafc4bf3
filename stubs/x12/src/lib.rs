//! Everything Wardgate knows of ASC X12 as health care uses it: how interchanges are read, located, written and judged.
//!
//! The room is pure. Bytes, times and control numbers come in as arguments; nothing here opens a socket or looks at a
//! clock. A partner's bytes are data: whatever they hold, reading them gives a value or an error that says where,
//! never a panic.
//!
//! - [`interchange`] reads raw bytes as borrowed views; [`element`] walks the levels below a segment; [`delimiters`]
//!   are what ISA declares.
//! - [`envelope`] finds functional groups and transaction sets, and what is wrong with counts and control numbers;
//!   [`finding`] is how anything wrong is told.
//! - [`guide`] holds the implementation guides as tables of facts, with their origin; [`matching`] cuts a transaction
//!   set into the loops of its guide; [`validate`] judges it, with a place for everything that is wrong.
//! - [`location`] parses the location language of contracts (`2300/CLM-05-1`), [`locate`] answers it.
//! - [`mod@write`] writes interchanges whose counts and control numbers are right; [`acknowledge`] answers with TA1 and 999.
//! - [`core_rule`] is the MIME envelope of CAQH CORE around them.
//! - `contract` is what contracts say of interchanges over HTTP; `clearinghouse` is the stub. [`X12`] is both to the rest.

pub mod acknowledge;
mod clearinghouse;
mod contract;
pub mod core_rule;
pub mod delimiters;
pub mod element;
pub mod envelope;
pub mod finding;
pub mod guide;
mod header;
pub mod interchange;
pub mod locate;
pub mod location;
pub mod matching;
pub mod validate;
pub mod write;

pub use contract::X12;
pub use delimiters::Delimiters;
pub use element::{Element, Segment};
pub use envelope::{Envelope, Group, Transaction};
pub use finding::{Finding, Kind, Place};
pub use interchange::{File, Interchange, ParseError};
pub use location::{Location, LocationError};
