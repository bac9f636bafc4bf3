//! Wardgate in `cargo test`: contract cases as tests, partner stubs for async tests, contracts on `wiremock`.
//!
//! Add it as a dev-dependency, by its path or from the repository:
//!
//! ```toml
//! [dev-dependencies]
//! wardgate-testkit = { path = "../wardgate/harness/testkit" }
//! tokio = { version = "1", features = ["macros", "rt"] }      # for `#[tokio::test]`
//! ```
//!
//! # Each contract case as a test
//!
//! A test without a harness, which is this in `Cargo.toml`
//!
//! ```toml
//! [[test]]
//! name = "contracts"
//! harness = false
//! ```
//!
//! and this in `tests/contracts.rs`, shows every case of the contract files to `cargo test` and cargo-nextest as a test of
//! its own:
//!
//! ```no_run
//! # mod the_test {
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     wardgate_testkit::suite("contracts") // a file, or a folder of them, in the package's folder
//!         .candidate("candidate.toml") // how your service is started and where it answers
//! # /*
//!         .program(env!("CARGO_BIN_EXE_my-service")) // your binary, as cargo has just built it
//! # */
//!         .run()
//! }
//! # }
//! ```
//!
//! The stubs are started, your service is started against them, and each case is replayed against it. A service that is a Rust
//! function needs no binary and no `candidate.toml`: see [`Suite::serve`].
//!
//! | to | say |
//! |---|---|
//! | see the names | `cargo test --test contracts -- --list` |
//! | run what has a word in its name | `cargo test --test contracts -- registered` |
//! | run one | `cargo test --test contracts -- --exact 'registration/desk :: a patient is registered'` |
//! | the same with nextest | `cargo nextest run -E 'test(=registration/desk :: a patient is registered)'` |
//! | draw the same values again | `WARDGATE_SEED=7 cargo test --test contracts` |
//! | leave slow cases to `--ignored` | [`Suite::ignore`] |
//!
//! A case that fails prints what was expected and what came, the line of the contract that says so, the seed, and the command that
//! repeats it. To see that a suite catches what it is there to catch, run it against a broken build with [`Suite::judge`].
//!
//! # Partners in a test of your own
//!
//! [`Stubs`] are partners on free ports: a FHIR server, an ERP, an HL7 v2 receiver. Start them, give them records, point your
//! client at them, and say what they should have received and should hold by then.
//!
//! ```
//! # /*
//! use my_service::register;
//! # */
//! use wardgate_testkit::Stubs;
//!
//! # /*
//! #[tokio::test]
//! # */
//! async fn a_patient_is_registered_once() {
//!     let mut stubs = Stubs::start([("ehr", "fhir"), ("ledger", "erp")]).await;
//!     let patient = stubs.draw("patient"); // a synthetic person, another in every run
//!     stubs.partner("ledger").seed_drawn(&patient); // who is a customer already
//!
//!     register(&stubs.url("ehr"), &patient.text("family")).await;
//!
//!     let ehr = stubs.partner("ehr");
//!     let posted = ehr.assert_received("POST Patient", 1).await; // once, and not a moment later again
//!     assert_eq!(posted[0].at("name.family"), [patient.text("family")]);
//!     ehr.assert_held("Patient", 1).await;
//!     stubs.partner("ledger").assert_received("POST customers", 0).await;
//! }
//! # async fn register(ehr: &str, family: &str) {
//! #     use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! #     let at = ehr.trim_start_matches("http://");
//! #     let body = format!(r#"{{"resourceType":"Patient","name":[{{"family":"{family}"}}]}}"#);
//! #     let head = format!("POST /fhir/Patient HTTP/1.1\r\nhost: {at}\r\ncontent-type: application/json");
//! #     let request = format!("{head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
//! #     let mut stream = tokio::net::TcpStream::connect(at).await.expect("it listens");
//! #     stream.write_all(request.as_bytes()).await.expect("it is taken");
//! #     stream.read_to_end(&mut Vec::new()).await.expect("it answers");
//! # }
//! # tokio::runtime::Runtime::new().expect("a runtime").block_on(a_patient_is_registered_once());
//! ```
//!
//! Partners fail on demand too: [`Partner::refuse`], [`down`](Partner::down), [`slow`](Partner::slow),
//! [`lose_reply`](Partner::lose_reply), [`garble`](Partner::garble). What is drawn is said on standard output, which `cargo test` shows
//! where a test fails; `WARDGATE_SEED` draws it again.
//!
//! # Contracts on `wiremock`
//!
//! [`mount`] puts what a contract promises a partner on a `wiremock::MockServer` of yours, where it stands beside mocks of
//! your own; wiremock counts.
//!
//! # Where the limits are
//!
//! This crate is a front end: running is the runner's business and texts are the report's. `harness/example` shows all three
//! ways in a small service, and is tested.

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
