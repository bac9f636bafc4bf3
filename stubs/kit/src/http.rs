//! What the protocols that travel over HTTP share.
//!
//! - [`compose`] makes a request of `method`, `path`, `headers`, `query` and `body`, every template filled.
//! - [`HttpReading`] reads a message: its body as JSON, and the values at `status`, `header.NAME`, `method`, `path`,
//!   `query.NAME`, `body` or at an expression over the body.
//! - [`Selector`] is `METHOD pattern`, as in `received: PUT Patient`; [`segments_match`] is one kind of pattern.
//! - [`label`], [`identity`], [`is_refusal`] and [`compare_replies`] are the answers most protocols give.
//! - [`content_coding`] tells a body that was coded before it was sent.
//! - [`malform`] breaks good requests.

mod coding;
mod compare;
mod compose;
pub mod guide;
mod locator;
pub mod malform;
pub mod percent;
mod reading;
mod selector;
mod send;

pub use coding::content_coding;
pub use compare::{compare_replies, excerpt, identity, is_refusal, label, promise_of};
pub use compose::{Dialect, compose};
pub use locator::Locator;
pub use reading::HttpReading;
pub use selector::{Selector, check_refusal, is_passing_refusal, refusal_status, segments_match};
pub use send::{check_send, send_keys};
