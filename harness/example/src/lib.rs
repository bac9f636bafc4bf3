//! A registration desk: a small service, and how it is tested with Wardgate.
//!
//! The service takes registrations over HTTP and brings each to two partners, once: the patient into the electronic
//! health record (FHIR), and a customer into the ledger (an ERP). It is deliberately simple: no database, no queue, an
//! answer only when both partners have answered.
//!
//! Nothing in `src` knows of Wardgate. What there is to see is in `tests`:
//!
//! | file | what it shows |
//! |---|---|
//! | `contracts/registration.yaml` | what the desk promises: one interaction, its variations, a property |
//! | `tests/contracts.rs` | each case of it as a test of `cargo test` and cargo-nextest |
//! | `tests/served.rs` | the same, with the service given as Rust |
//! | `tests/partners.rs` | the partners as stubs in a `#[tokio::test]` |
//! | `tests/wiremock.rs` | the contract's partner side on a `wiremock::MockServer` |
//! | `tests/defect.rs` | that a careless desk is caught, and by what |
//!
//! Try `cargo test -p wardgate-example`, or with `cargo nextest run -p wardgate-example` a process for each case.

mod call;
mod desk;
mod server;

pub use call::Trouble;
pub use desk::{Care, Desk, Registration};
pub use server::{run, serve};
