//! The runner on real sockets, against a candidate in a process of its own.

mod common;
mod replay;
mod trouble;
