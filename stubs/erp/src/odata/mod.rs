//! The part of OData version 4 that Business Central's API uses: URLs, query options and filters.
//!
//! What is not supported is refused with a message that names it; nothing is silently ignored.

mod filter;
mod lexer;
mod operand;
mod options;
mod order;
mod target;

pub(crate) use filter::{Dialect, Filter};
pub(crate) use options::Options;
pub(crate) use order::Order;
pub(crate) use target::{Segment, Target};
