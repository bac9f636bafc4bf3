//! The interchanges that an HTTP message carries: its body, or the payload of a CORE envelope.

use bytes::Bytes;
use wardgate_core::wire::Message;

use crate::core_rule::CoreEnvelope;

/// The CORE envelope of a message, where it has one that can be read.
pub(crate) fn envelope(message: &Message) -> Option<CoreEnvelope> {
    let (content_type, body) = match message {
        Message::Request(request) => (request.header("content-type")?, request.body()),
        Message::Response(response) => (response.header("content-type")?, response.body()),
        Message::Frame(_) | Message::OddFrame { .. } | Message::File { .. } => return None,
    };
    CoreEnvelope::read(content_type, body)?.ok()
}

/// The bytes of the interchanges; empty where there are none.
pub(crate) fn of(message: &Message) -> Bytes {
    match envelope(message) {
        Some(envelope) => envelope.payload().cloned().unwrap_or_default(),
        None => match message {
            Message::Request(request) => request.body().clone(),
            Message::Response(response) => response.body().clone(),
            Message::Frame(_) | Message::OddFrame { .. } | Message::File { .. } => Bytes::new(),
        },
    }
}
