//! Events: what happened, unjudged, and enough to replay every stub's state.

use std::time::Duration;

use bytes::Bytes;

use crate::{port::Control, wire::Direction};

/// One entry of a lane's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number in the lane, counted from zero without gaps.
    pub sequence: u64,
    /// Since the lane was opened, by a monotonic clock.
    pub elapsed: Duration,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A case (one attempt of it) begins.
    CaseStarted {
        /// The case's index in the plan.
        case: usize,
        /// The attempt, counted from zero.
        attempt: u32,
    },
    /// The case's attempt is over; what follows on the wire is late traffic.
    CaseFinished,
    /// A connection opened.
    Opened {
        /// The connection, unique in the lane.
        channel: u32,
        /// Whose port it is.
        party: Party,
    },
    /// One whole message, or bytes that are none, crossed a connection.
    Wire(Wire),
    /// A connection closed.
    Closed {
        /// The connection.
        channel: u32,
        /// Whose port it is.
        party: Party,
        /// Whether the candidate closed it (otherwise it was us).
        by_candidate: bool,
    },
    /// A stimulus that went out piece by piece has gone out whole: from here on the candidate's time counts.
    Written {
        /// The stimulus, as numbered in the case.
        stimulus: usize,
    },
    /// A stimulus could not be delivered: refused, reset or closed before a reply.
    Undelivered {
        /// The stimulus, as numbered in the case.
        stimulus: usize,
        /// Why, in one line.
        reason: String,
    },
    /// A stub was told something.
    Control {
        /// The partner's index in the plan.
        partner: usize,
        /// What it was told.
        control: Control,
    },
    /// A stub's timer fired.
    Timer {
        /// The partner's index in the plan.
        partner: usize,
        /// The stub's own number for it.
        timer: u64,
    },
    /// Something happened to the candidate's process.
    Candidate(Lifecycle),
    /// The candidate was asked to bring itself into a provider state.
    StateSet {
        /// The state's name.
        state: String,
        /// Why it could not, if it could not.
        failure: Option<String>,
    },
    /// Something outside the candidate's doing kept the attempt from being run as planned.
    Unrunnable {
        /// What.
        reason: String,
    },
    /// The point in time that was waited for has passed.
    Deadline,
    /// From here on nothing more of the case's effects is to come.
    Barrier(Barrier),
}

/// Whose port a connection goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// An endpoint of the candidate, by its index in the plan; we connected.
    Endpoint(usize),
    /// A partner's stub, by its index in the plan; the candidate connected.
    Partner(usize),
}

/// One whole message, or bytes that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The connection.
    pub channel: u32,
    /// Whose port it is.
    pub party: Party,
    /// Which way it went.
    pub direction: Direction,
    /// The stimulus that it is or answers, as numbered in the case, where the runner knows: on the candidate's endpoints.
    pub stimulus: Option<usize>,
    /// A file's name.
    pub name: Option<String>,
    /// The raw bytes with their framing.
    pub bytes: Bytes,
    /// Why the bytes are no message, where they are none.
    pub fault: Option<String>,
}

/// What happened to the candidate's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// It was started.
    Started,
    /// It said that it was ready.
    Ready,
    /// It was killed by us, for a variation or to get a fresh one.
    Killed,
    /// It ended by itself.
    Exited {
        /// How, such as `exit code 101` or `signal 11`.
        status: String,
    },
    /// It did not become ready, or could not be started.
    NeverReady {
        /// Why, with its last log lines.
        reason: String,
    },
}

/// Why nothing more is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// The candidate said that it was idle.
    Idle,
    /// Nothing crossed a wire for this long.
    Quiet {
        /// The window, in milliseconds.
        window_ms: u64,
    },
    /// Neither could be had before the deadline.
    Missed {
        /// Why.
        reason: String,
    },
}
