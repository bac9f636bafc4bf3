//! The ground every other room stands on: a lossless JSON tree and the expression language over it.
//!
//! - [`Json`] keeps a document as its author wrote it: digits of numbers, order of members and even repeated names
//!   survive a parse and a write. Contract bodies, partner state and message views are all this type.
//! - [`fhirpath`] is the one language of conditions, captures and checks over that tree, with exact decimals.
//! - [`jsonpath`] says where something stands in that tree, for those who know JSONPath.
//!
//! The room is pure: no socket, file, clock or random source is reached from here. Whatever an expression needs to
//! know about the moment of the run is given to it as an argument.

pub mod fhirpath;
pub mod json;
pub mod jsonpath;

pub use json::{Json, JsonError, Number, Object, same_value};
