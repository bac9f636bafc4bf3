//! The reference hub: a small integration service between a hospital's systems.
//!
//! It takes HL7 v2 over MLLP, FHIR orders over HTTP and batch files from a folder, and passes them on to an EHR (FHIR
//! R4), a ledger (Business Central API v2.0) and a pharmacy (HL7 v2 over MLLP). What it has acknowledged it delivers, a
//! kill in between notwithstanding: every message goes through
//!
//! ```text
//! parse -> decide -> record (control ID, digest, state and work items, one transaction) -> acknowledge -> deliver
//! ```
//!
//! Decisions are pure functions (`workflows`) over the message and what is remembered; `store` keeps and commits;
//! `outbox` delivers in order for each resource, order or customer until delivered or refused; the rest is sockets.
//!
//! The hub shares no code with the harness that verifies it: er7 reads HL7 v2, fhir-sdk (behind `wardgate-fhir-types`)
//! writes FHIR, and a plain HTTP client talks to the partners, so that a fault in the harness's own codecs cannot hide on
//! both sides. A [`Defect`] is a fault that can be switched on.
//!
//! What the standards leave open, and how it is decided here:
//!
//! - Only processing ID `P` is served, and HL7 2.3 to 2.8.
//! - A control ID is taken once its message has taken effect. A message that was refused may be corrected and sent
//!   again under the same control ID; the refused content itself gets the same refusal.
//! - Acknowledgements (`ACK` with MSA) are not acknowledged.
//! - Results, charges, appointments and orders for an unknown patient are accepted, and name it by identifier; those
//!   for a patient that was merged away go to the survivor. Demographics for it are refused.
//! - A local time that the clocks skipped is refused; of one that they showed twice the first is meant.
//! - An identifier of an order stands for one content; the same again is answered with the order, another is a conflict.
//! - What the ledger's columns cannot hold is refused at once and not cut.

mod ack;
mod charset;
mod config;
mod defect;
mod folder;
mod hl7_time;
mod http_api;
mod ids;
mod intake;
mod log;
mod message;
mod mllp;
mod mllp_server;
mod outbox;
mod partners;
mod rejection;
mod run;
mod state;
mod store;
mod work;
mod workflows;

pub use config::{Config, UnknownZone, Zone};
pub use defect::{CAUGHT_BY, Defect, Defects, UnknownDefect};
pub use run::{HubError, run};
