//! The stub as a FHIR server, driven over the port without a socket.

mod bundles;
mod client;
mod corpora;
mod faults;
mod interactions;
mod invariants;
mod preconditions;
mod protocol;
mod search;
mod transactions;
