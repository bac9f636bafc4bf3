//! The only room with sockets, processes and clocks.
//!
//! It opens lanes (a candidate with stubs of its own), carries out each case's script, appends
//! [events](wardgate_core::event) to the lane's log, hands each to the [fold](wardgate_core::lane::Lane) and does what
//! comes back. It never judges, and it names no protocol: HTTP, framed TCP and files are transports, and what travels
//! over them is somebody else's business.
//!
//! [`run`] carries out a plan. [`guard::run_if_asked`] belongs first into the `main` of a binary that does.

pub mod bounded;
pub mod contracts;
pub mod guard;
pub mod stubs_up;

mod candidate;
mod contract_text;
mod execute;
mod lane;
mod observer;
mod outcome;
mod schedule;
mod start;
mod stop;
mod transport;

pub use candidate::{Address, Candidate, CandidateError, StubSpec};
pub use observer::{LaneInfo, Observer, Unobserved};
pub use outcome::{LaneStrays, NotRun, RunOutcome};
pub use schedule::{RunOptions, run};
pub use start::{fresh_seed, now_unix_ms};
pub use stop::Stop;
