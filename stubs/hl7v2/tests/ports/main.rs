//! The protocol and its stub, as the runner and the core see them.

mod compose;
mod faults;
mod partner;
mod receiver;
mod stream;
