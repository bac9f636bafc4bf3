//! The hub as a process, between partners on real sockets.

mod batches;
mod defects;
mod messages;
mod orders;
mod support;
