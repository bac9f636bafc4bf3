//! The port through which a protocol says how its frames stand in a TCP stream.

use std::fmt::Debug;

use bytes::Bytes;

/// How messages are told apart in a byte stream, such as MLLP's start and end blocks.
pub trait Framing: Debug + Sync {
    /// The bytes of one frame around this payload.
    fn encode(&self, payload: &[u8]) -> Vec<u8>;

    /// The payload of one whole raw frame, or nothing if the bytes are not one.
    fn payload(&self, raw: &Bytes) -> Option<Bytes>;

    /// A decoder for one direction of one connection; frames beyond `limit` bytes are faults.
    fn decoder(&self, limit: usize) -> Box<dyn FrameDecoder>;
}

/// Cuts one direction of a connection into frames.
pub trait FrameDecoder: Send + Sync {
    /// Takes in the next bytes, in whatever pieces they arrive.
    fn push(&mut self, bytes: &[u8]);

    /// The next frame or fault that is complete.
    fn next_item(&mut self) -> Option<FrameItem>;

    /// Whether a frame has begun and is not whole yet. White space between frames begins none.
    fn is_partial(&self) -> bool;

    /// What was left unfinished when the peer closed.
    fn finish(&mut self) -> Option<FrameItem>;
}

/// What a decoder finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameItem {
    /// One whole frame.
    Frame {
        /// Its bytes with the framing.
        raw: Bytes,
    },
    /// Bytes that belong to no frame.
    Fault {
        /// The bytes, cut to a bounded length.
        raw: Bytes,
        /// What is wrong with them.
        reason: String,
        /// Whether the connection can no longer be used.
        fatal: bool,
    },
}
