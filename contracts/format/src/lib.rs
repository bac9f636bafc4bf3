//! The contract file: what it may say, how it is read, and what is wrong with it.
//!
//! A contract file is YAML 1.2, one contract a file. This crate reads it into a syntax tree in which
//! every value keeps its place in the source ([`ast::Contract`]), and reports every fault at its line and
//! column with what was expected there ([`Finding`]). It knows no protocol: what stands inside
//! `send: { hl7v2: … }` is kept as a [`Node`] and judged by that protocol later.
//!
//! It must not touch a file, a socket or a clock: text comes in, trees and findings go out.

pub mod ast;
mod diagnostic;
pub mod duration;
mod finding;
pub mod grammar;
pub mod guide;
pub mod lint;
mod read;
pub mod reference;
pub mod schema;
mod source;
mod span;
pub mod suggest;
pub mod template;
pub mod yaml;

pub use diagnostic::{Diagnostic, report};
pub use finding::{Finding, Severity};
pub use read::{Reading, is_matcher, read, read_with};
pub use source::Source;
pub use span::{Span, Spanned};
pub use template::{Reference, Template, TemplateError};
pub use yaml::{Node, Scalar, Value};
