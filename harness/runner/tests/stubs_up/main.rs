//! Stubs served without a plan, on real sockets: the library and its control API.

mod client;
mod control;
mod guard;
mod refused;
mod serving;
mod stalled;
mod unfinished;
mod up;
