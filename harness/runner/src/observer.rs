//! Who is told what happens while it happens.

use std::{net::SocketAddr, path::PathBuf};

use wardgate_core::{event::Event, port::Reaction, verdict::CaseVerdict};

use crate::candidate::Address;

/// Is told what happens while it happens: the log writer, the progress line, a live view.
pub trait Observer: Send + Sync {
    /// A lane's stubs are up and its candidate is ready.
    fn lane_opened(&self, _lane: &LaneInfo) {}

    /// An event was appended to a lane's log. Called under the lane's lock, in the order of the log: be quick.
    fn event(&self, _lane: usize, _event: &Event, _reaction: &Reaction) {}

    /// A case begins.
    fn case_started(&self, _lane: usize, _case: usize) {}

    /// A case has its verdict.
    fn case_finished(&self, _verdict: &CaseVerdict) {}

    /// A case that had its verdict has another: something came of it after it was over.
    fn case_revised(&self, verdict: &CaseVerdict) {
        self.case_finished(verdict);
    }

    /// The run is over, but stubs and candidates stay up until it is stopped (`keep`).
    fn kept(&self, _lanes: &[LaneInfo]) {}
}

/// Wants to know nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}

/// Where everything of a lane is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneInfo {
    /// The lane's number.
    pub lane: usize,
    /// The lane's own folder.
    pub folder: PathBuf,
    /// The partners' names and where their stubs listen.
    pub partners: Vec<(String, SocketAddr)>,
    /// The candidate's endpoints.
    pub endpoints: Vec<(String, Address)>,
    /// The candidate's process, where we started it.
    pub process: Option<u32>,
    /// Where the candidate's output goes, where we started it.
    pub log_file: Option<PathBuf>,
}
