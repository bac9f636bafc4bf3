//! Everything that Wardgate knows of FHIR R4.
//!
//! [`Fhir`] is the protocol: it composes and reads requests, selects them, breaks them, renders synthetic records and
//! generates resources. Its stub is a FHIR server as a pure state machine: read, vread, create, update, delete,
//! history, search, batch and transaction over a versioned store.
//!
//! Resources are kept as the lossless [`Json`](wardgate_expression::Json): what a client sent comes back with its
//! decimals as written and its members in order. Typed FHIR (`wardgate-fhir-types`) gives a second opinion in lint and
//! is never on the path that stores or compares.
//!
//! # Options of a stub
//!
//! Beside `stub: fhir` under `partners:` may stand:
//!
//! - `version: R4`.
//! - `handling: strict | lenient`: whether unknown search parameters are refused (the default) or ignored and reported,
//!   where a request does not say so itself with `Prefer: handling=…`. Criteria of conditional interactions are always
//!   strict: to ignore a part of them would hit the wrong resource.
//! - `validation: form | elements | cardinality`: what is asked of a resource before it is stored. `form` is FHIR's
//!   JSON form; `elements`, the default, also refuses elements that the type does not have or has otherwise;
//!   `cardinality` also refuses a resource that lacks a required element.
//! - `body_bytes_max: 16777216`: the longest body; this is the most.
//! - `memory_bytes_max: 1073741824`: about how much memory all versions of all resources may take. A write beyond it is
//!   answered 507 (RFC 4918, section 11.5).
//!
//! # What it decides where R4 leaves a choice
//!
//! - Codes and identifiers are searched case-sensitively. Numbers are compared exactly as written, however many digits they
//!   have; an exponent beyond 64 bits is refused in a query and found by none. `100` means 99.5 to 100.5, and `1e2` 50 to 150.
//! - Ids are drawn from the seed, 20 characters long; the base URL is that of the request: anything may stand before
//!   `/fhir` or before the resource type. The base ends behind the first `fhir` that a resource type or `metadata` follows.
//! - A search has a total; its pages follow each other by place, so that what is created or deleted meanwhile shifts
//!   nothing, and by position where `_sort` is given.
//! - Deleting what is not there is 204; criteria without a search parameter are 412.
//! - `If-Match` and `If-None-Match` are lists of tags or `*`, on reads and writes and in entries; what was deleted has no tag.
//! - In a transaction, links are rewritten by the type of their element: references, uris, urls, oids, uuids and the links of a
//!   narrative, never a canonical or a string. A relative reference is read from the root of its entry's `fullUrl` where
//!   that is a RESTful URL, and stays where it is a URN. No two of its deletes, creates and updates are about one resource.
//! - `request.url` of an entry is relative to the base, or absolute and begins with it; anything else is 400.
//! - Searches by token (with a code) and reference are answered from an index, so that conditional entries take no longer where
//!   more is held; searches by other parameters look at every resource of the type.
//!
//! The room is pure: no socket, file, clock or ambient randomness; times, seeds and bytes come in as arguments.

mod draft;
mod filter;
mod generate;
mod guide;
mod label;
mod lint;
mod malform;
mod options;
mod protocol;
mod render;
mod search;
mod selector;
mod server;
mod store;
mod structure;
mod time;

pub use protocol::Fhir;
