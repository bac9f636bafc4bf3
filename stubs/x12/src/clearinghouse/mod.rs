//! The clearinghouse: it takes interchanges over HTTP, acknowledges them, adjudicates claims and pays them.
//!
//! - [`claim`] is a claim as it came, [`judgement`] what becomes of it before it is adjudicated, [`claim_acknowledgement`]
//!   the 277CA that says so.
//! - [`rules`] and [`adjudicate`] decide what is paid, [`remittance`] writes the 835, [`outbox`] keeps it until it is picked
//!   up.
//! - [`eligibility`] answers a 270 from [`members`], [`status`] a 276 from the claims in [`store`].
//! - [`intake`] takes an interchange in, [`settle`] pays the claims of one, [`server`] is who talks HTTP,
//!   [`core_exchange`] who does so in envelopes of CAQH CORE.

mod adjudicate;
mod claim;
mod claim_acknowledgement;
mod core_exchange;
mod eligibility;
mod intake;
mod journal;
mod judgement;
mod letter;
pub(crate) mod members;
mod outbox;
mod remittance;
mod rules;
mod server;
mod settings;
mod settle;
mod status;
mod store;

pub(crate) use server::{COLLECTIONS, Clearinghouse, GIVEN};
pub(crate) use settings::Settings;
