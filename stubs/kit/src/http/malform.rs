//! Broken forms of a good request that any receiver of JSON should refuse.

use bytes::Bytes;
use wardgate_contract::Node;
use wardgate_core::{
    port::Malformed,
    wire::{HttpRequest, Message},
};

/// The names of the broken forms, in the order of [`forms`].
pub const NAMES: &[&str] = &[
    "broken JSON",
    "JSON of the wrong kind",
    "a body that is not UTF-8",
    "an empty body",
];

/// The broken forms of a request with a body; none of anything else.
pub fn forms(message: &Message) -> Vec<Malformed> {
    match message {
        Message::Request(request) if !request.body().is_empty() => vec![
            form(NAMES[0], request, cut(request.body())),
            form(
                NAMES[1],
                request,
                Bytes::from_static(b"[\"neither an object\", 1]"),
            ),
            form(NAMES[2], request, not_utf8(request.body())),
            form(NAMES[3], request, Bytes::new()),
        ],
        _ => Vec::new(),
    }
}

/// Whether a `send` of an HTTP-borne protocol has a body that could be broken.
pub fn has_body(send: &Node) -> bool {
    send.get("body")
        .is_some_and(|body| body.as_text() != Some(""))
}

/// A request with another body, as a named broken form.
pub fn form(name: &'static str, request: &HttpRequest, body: Bytes) -> Malformed {
    Malformed {
        name,
        message: Message::Request(request.with_body(body)),
    }
}

/// Half of a document and an opened string: no reader of JSON takes it for whole.
fn cut(body: &Bytes) -> Bytes {
    let mut broken = body[..body.len() / 2].to_vec();
    broken.extend_from_slice(b"{\"");
    broken.into()
}

/// The document behind a byte that is never part of UTF-8.
fn not_utf8(body: &Bytes) -> Bytes {
    let mut broken = vec![0xff];
    broken.extend_from_slice(body);
    broken.into()
}
