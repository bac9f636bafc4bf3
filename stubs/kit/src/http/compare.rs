//! Labels, identities and the comparison of replies.

use wardgate_core::{
    verdict::{Mismatch, MismatchKind},
    wire::Message,
};
use wardgate_expression::{Json, same_value};

/// The longest label, in characters.
const LABEL_MAX: usize = 80;

/// The longest excerpt of a body in a mismatch, in characters.
const EXCERPT_MAX: usize = 400;

/// `PUT /Patient/1` of a request, `201` of a response.
pub fn label(message: &Message) -> String {
    match message {
        Message::Request(request) => excerpt(
            &format!("{} {}", request.method(), request.target()),
            LABEL_MAX,
        ),
        Message::Response(response) => response.status().to_string(),
        Message::Frame(_) | Message::OddFrame { .. } => String::from("a frame"),
        Message::File { name, .. } => excerpt(name, LABEL_MAX),
    }
}

/// The start of a text, with an ellipsis where more follows.
pub fn excerpt(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A message and its retry have method, target and body in common; headers such as dates may differ.
pub fn identity(message: &Message) -> Vec<u8> {
    let mut identity = match message {
        Message::Request(request) => format!("{} {}\n", request.method(), request.target()),
        Message::Response(response) => format!("{}\n", response.status()),
        Message::Frame(_) | Message::OddFrame { .. } => String::new(),
        Message::File { name, .. } => format!("{name}\n"),
    }
    .into_bytes();
    identity.extend_from_slice(message.content());
    identity
}

/// Whether the status is 4xx or 5xx.
pub fn is_refusal(reply: &Message) -> bool {
    matches!(reply, Message::Response(response) if response.status() >= 400)
}

/// The promise that a reply like this one makes: its status.
pub fn promise_of(reply: &Message) -> Option<String> {
    match reply {
        Message::Response(response) => Some(format!("status: {}\n", response.status())),
        _ => None,
    }
}

/// How two replies differ in status and body. JSON bodies are compared by meaning; headers are not compared.
pub fn compare_replies(first: &Message, second: &Message) -> Vec<Mismatch> {
    let unequal = |at: &str, expected: String, actual: String| Mismatch {
        kind: MismatchKind::Unequal,
        at: at.to_owned(),
        expected,
        actual,
    };
    let mut mismatches = Vec::new();
    if let (Message::Response(one), Message::Response(other)) = (first, second)
        && one.status() != other.status()
    {
        mismatches.push(unequal(
            "status",
            one.status().to_string(),
            other.status().to_string(),
        ));
    }
    let (one, other) = (first.content(), second.content());
    let same = one == other
        || matches!(
            (Json::parse_bytes(one), Json::parse_bytes(other)),
            (Ok(one), Ok(other)) if same_value(&one, &other)
        );
    if !same {
        let show = |body: &[u8]| excerpt(&String::from_utf8_lossy(body), EXCERPT_MAX);
        mismatches.push(unequal("body", show(one), show(other)));
    }
    mismatches
}
