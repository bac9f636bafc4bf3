//! One lane: the log, its fold, and the stubs' connections.

mod handle;
mod stubs;

pub(crate) use handle::LaneHandle;
pub(crate) use stubs::Stubs;
