//! What crosses a wire, as bytes and as messages.
//!
//! The runner's transports know where one message ends and the next begins and hand over its raw bytes; what
//! those bytes say is decoded here, by the same code in a live run and in a replay.

mod date;
pub mod fault;
mod framing;
mod http;

use bytes::Bytes;

pub use date::http_date;
pub use framing::{FrameDecoder, FrameItem, Framing};
pub use http::{HttpRequest, HttpResponse};

/// The longest body of a message with its transfer coding, and the longest frame, in bytes.
pub const BODY_MAX: usize = 16 * 1024 * 1024;
/// The longest head of a message, in bytes.
pub const HEAD_MAX: usize = 64 * 1024;

/// How a protocol's messages travel.
#[derive(Clone, Copy, Debug)]
pub enum Transport {
    /// HTTP/1.1.
    Http,
    /// Framed messages over TCP.
    Framed(&'static dyn Framing),
    /// Files dropped into a folder.
    Files,
}

/// One whole message of one of the transports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// An HTTP request.
    Request(HttpRequest),
    /// An HTTP response.
    Response(HttpResponse),
    /// The payload of one frame, without its framing bytes.
    Frame(Bytes),
    /// A payload that is sent with other framing bytes than the usual ones.
    OddFrame {
        /// The payload.
        payload: Bytes,
        /// What goes over the wire.
        raw: Bytes,
    },
    /// One file.
    File {
        /// Its name, without a folder.
        name: String,
        /// Its content.
        content: Bytes,
    },
}

/// Bytes that are not a message of their transport.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WireError {
    /// What is wrong with them.
    pub reason: String,
}

impl WireError {
    /// An error with this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Which way a message goes over its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The candidate sent it.
    FromCandidate,
    /// The candidate received it.
    ToCandidate,
}

impl Message {
    /// Decodes the raw bytes of one message. `is_request` tells the two HTTP messages apart; `name` is the file's.
    pub fn decode(
        transport: Transport,
        is_request: bool,
        name: Option<&str>,
        raw: &Bytes,
    ) -> Result<Self, WireError> {
        match transport {
            Transport::Http if is_request => HttpRequest::decode(raw).map(Self::Request),
            Transport::Http => HttpResponse::decode(raw).map(Self::Response),
            Transport::Framed(framing) => framing
                .payload(raw)
                .map(Self::Frame)
                .ok_or_else(|| WireError::new("these bytes are not one whole frame")),
            Transport::Files => Ok(Self::File {
                name: name.unwrap_or_default().to_owned(),
                content: raw.clone(),
            }),
        }
    }

    /// The bytes that carry this message over its transport.
    pub fn encode(&self, transport: Transport) -> Bytes {
        match (self, transport) {
            (Self::Request(request), _) => request.encode(),
            (Self::Response(response), _) => response.encode(),
            (Self::Frame(payload), Transport::Framed(framing)) => framing.encode(payload).into(),
            (Self::Frame(payload), _) => payload.clone(),
            (Self::OddFrame { raw, .. }, _) => raw.clone(),
            (Self::File { content, .. }, _) => content.clone(),
        }
    }

    /// The part that carries the application's content: a body, a payload or a file's content.
    pub fn content(&self) -> &Bytes {
        match self {
            Self::Request(request) => request.body(),
            Self::Response(response) => response.body(),
            Self::Frame(payload) | Self::OddFrame { payload, .. } => payload,
            Self::File { content, .. } => content,
        }
    }
}
