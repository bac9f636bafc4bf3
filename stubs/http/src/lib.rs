//! Plain HTTP: requests of text or JSON, and a stub that answers from a table.
//!
//! For partners whose API is neither FHIR nor the ERP. A contract gives the stub's answers with the partner:
//!
//! ```yaml
//! partners:
//!   eligibility:
//!     stub: http
//!     routes:
//!       - { method: POST, path: /checks, status: 201, body: { eligible: true } }
//! ```
//!
//! Whatever has no route is answered with 404. What was received is the collection `requests`: the last 10,000 of
//! them, or fewer where they come to more than 64 MiB.

mod guide;
mod options;
mod protocol;
mod table;

pub use protocol::Http;
