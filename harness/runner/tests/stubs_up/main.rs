//! Stubs served without a plan, on real sockets: the library and its control API.

mod client;
mod control;
mod guard;
mod serving;
mod stalled;
mod up;
