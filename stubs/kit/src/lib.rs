//! What the protocols under `stubs/` share, so that none of them depends on another.
//!
//! - [`Faulty`] turns a protocol's state machine ([`Core`]) into a [`Stub`](wardgate_core::port::Stub) that can be
//!   told to fail in every one of the named ways.
//! - [`Identifiers`] draws the identifiers that a stub gives out from the run's seed.
//! - [`Views`] keeps the records that are made of messages, as far as there is room.
//! - [`lint`] checks the body of a `send` against its keys and looks for unknown names in its templates.
//! - [`http`] is what the protocols that travel over HTTP share: compose, read, locate, select, compare.
//!
//! Like every room under `stubs/` it is pure: no socket, file, clock or ambient randomness.

pub mod http;
pub mod lint;

mod dated;
mod faults;
mod faulty;
mod identifiers;
mod views;

pub use faulty::{Core, Faulty, Handled};
pub use identifiers::Identifiers;
pub use views::{View, Views};
