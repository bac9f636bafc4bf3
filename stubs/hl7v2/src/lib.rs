//! Everything Wardgate knows of HL7 version 2: how a message is read, located, judged, built, framed, generated and
//! broken on purpose.
//!
//! The room is pure. Bytes, times, control identifiers and randomness come in as arguments; nothing here opens a
//! socket or looks at a clock. A peer's bytes are data: whatever they hold, reading them gives a value or an error
//! that says where, never a panic.
//!
//! - [`message`] reads raw bytes into a lazy index that borrows them; [`element`] walks the five levels below it;
//!   [`batch`] opens files that hold many messages in FHS and BHS envelopes.
//! - [`delimiters`], [`escape`] and [`charset`] turn bytes into text and text into bytes.
//! - [`location`] parses the location language of contracts (`PID-3[2].4.1`) and [`locate`] answers it.
//! - [`structure`] holds the structures, segments and data types of versions 2.3 to 2.8, derived from two packages under
//!   the MIT licence (hl7apy, hl7-dictionary), and assigns segments to groups; [`validate`] judges a message by them.
//! - [`view`] shows a message as JSON to the expression language.
//! - [`build`] writes segments, [`ack`] writes and reads acknowledgements, [`mllp`] frames and unframes.
//! - [`generate`] holds the strategies that properties draw messages from; [`malform`] breaks a good message in the
//!   ways that a receiver must refuse.
//! - [`Hl7v2`] is all of this behind Wardgate's ports: [`framing`] cuts a connection into frames, [`render`] writes
//!   synthetic records as messages, [`filter`] their values, and [`receiver`] is the stub.

pub mod ack;
pub mod batch;
pub mod build;
pub mod charset;
mod compare;
mod compose;
pub mod delimiters;
mod draft;
pub mod element;
pub mod escape;
pub mod filter;
pub mod framing;
pub mod generate;
mod guide;
pub mod header;
mod lint;
pub mod locate;
pub mod location;
pub mod malform;
pub mod message;
pub mod mllp;
mod place;
mod protocol;
mod reading;
pub mod receiver;
pub mod render;
mod selector;
mod sending;
pub mod structure;
pub mod validate;
pub mod view;

pub use charset::Charset;
pub use delimiters::Delimiters;
pub use element::{Element, Segment};
pub use location::{Location, LocationError};
pub use message::{Message, ParseError};
pub use place::Place;
pub use protocol::Hl7v2;
pub use validate::validate;
