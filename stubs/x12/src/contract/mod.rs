//! What contracts say of X12 over HTTP: what is sent, what is received, and where something stands in it.

mod compare;
mod compose;
pub(crate) mod dates;
mod given;
pub(crate) mod kind;
mod malform;
mod payload;
mod protocol;
mod reading;
mod selector;
mod view;
mod words;

pub(crate) use compose::MEDIA_TYPE;
pub use protocol::X12;
pub(crate) use selector::wants_results;
