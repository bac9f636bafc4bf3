//! A JSON document as it was written.
//!
//! The usual trees turn `1.10` into a binary float and sort or drop repeated names; a harness that compares what was
//! sent with what arrived cannot afford either. Here a number is its digits ([`Number`]), an object is the list of its
//! members in order ([`Object`]), and writing a parsed document gives the same tokens back, less the white space.
//!
//! ```
//! use wardgate_expression::{Json, json};
//!
//! let line = Json::parse(r#"{"price": 185.10, "codes": ["A", "B"]}"#).unwrap();
//! assert_eq!(line.to_string(), r#"{"price":185.10,"codes":["A","B"]}"#);
//! assert_eq!(line.pointer("/codes/1").and_then(Json::as_str), Some("B"));
//! assert_eq!(json!({"codes": ["A", "B"]}).get("codes"), line.get("codes"));
//! ```

mod access;
mod build;
mod error;
mod memory;
mod number;
mod object;
mod parse;
mod same;
mod text;
mod write;

pub use error::JsonError;
pub use number::Number;
pub use object::Object;
pub use parse::DEPTH_MAX;
pub use same::same_value;

/// One JSON value (RFC 8259), lossless but for white space and the way strings were escaped.
///
/// Equality and hashing are as written: `1.0` is not `1.00`, and the order of members counts. [`same_value`] is the
/// comparison by meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Json {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, kept as its digits.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, members in the order written.
    Object(Object),
}
