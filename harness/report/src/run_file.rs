//! `run.jsonl`: the record of a run, one JSON object a line.
//!
//! | `type` | how often | what it holds |
//! |---|---|---|
//! | `run` | once, first | everything that the plan was made from, contracts included |
//! | `event` | many | one event of one lane; the events of a lane are in order |
//! | `verdict` | one a case | what came of it |
//! | `end` | once, last | why the run ended; a file without it was cut off |
//!
//! The lines are structs of their own, so that the domain types can change without changing what is on disk.
//! [`FORMAT`] grows with every change that an older reader would misread.

mod control;
mod end;
mod event;
mod header;
mod read;
mod verdict;

pub use end::EndLine;
pub use event::EventLine;
pub use header::{
    CandidateLine, ContractLine, EnvironmentLine, LimitsLine, MergedLine, PartnerLine,
    RegressionLine, RunLine, SelectionLine, ShardLine,
};
pub use read::{RunFile, RunFileError};
pub use verdict::{MismatchLine, VerdictLine, VerdictsLine};

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 2;

/// One line as JSON, without its line feed.
pub fn encode<T: serde::Serialize>(line: &T) -> String {
    let mut bytes = Vec::with_capacity(256);
    encode_to(line, &mut bytes);
    // serde_json writes nothing but UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}

/// One line as JSON, without its line feed, at the end of these bytes: for writers that keep their buffer.
pub fn encode_to<T: serde::Serialize>(line: &T, bytes: &mut Vec<u8>) {
    let before = bytes.len();
    // Structs of strings and numbers always serialise; should that ever change, the line says so itself.
    if let Err(error) = serde_json::to_writer(&mut *bytes, line) {
        bytes.truncate(before);
        let said = serde_json::Value::String(error.to_string());
        bytes
            .extend_from_slice(format!("{{\"type\":\"unwritable\",\"reason\":{said}}}").as_bytes());
    }
}
