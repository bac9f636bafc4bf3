//! `received:` selectors: the kind of a transaction set, `pick-up`, or a method and a path.

use wardgate_core::wire::{HttpRequest, Message};
use wardgate_stub_kit::http::{self, Selector};

use super::{kind, payload};
use crate::interchange::File;

/// The word for a request that asks for what is in the outbox.
pub(crate) const PICK_UP: &str = "pick-up";

/// The path of the outbox, plain.
const OUTBOX: &str = "/outbox/*";

/// Checks a selector; the error says what was expected.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if kind::KINDS.contains(&text) || text == PICK_UP {
        return Ok(());
    }
    if text.contains(char::is_whitespace) {
        return Selector::parse(text).map(|_| ());
    }
    Err(format!(
        "expected one of {}, {PICK_UP} or a method and a path such as 'GET {OUTBOX}', not '{text}'",
        kind::KINDS.join(", ")
    ))
}

/// Whether a request is one that the selector means.
pub(crate) fn selects(text: &str, message: &Message) -> bool {
    let Message::Request(request) = message else {
        return false;
    };
    if text == PICK_UP {
        return is_pick_up(message, request);
    }
    if kind::KINDS.contains(&text) {
        let bytes = payload::of(message);
        let file = File::parse(&bytes);
        return file.is_ok_and(|file| {
            kind::of_file(&file)
                .into_iter()
                .any(|kind| kind::means(text, kind))
        });
    }
    Selector::parse(text).is_ok_and(|selector| {
        selector.is_method_of(request) && http::segments_match(selector.pattern, request.path())
    })
}

/// Whether a request asks for what is in the outbox: plainly, or by a CORE request for batch results.
fn is_pick_up(message: &Message, request: &HttpRequest) -> bool {
    (request.method() == "GET" && http::segments_match(OUTBOX, request.path()))
        || payload::envelope(message)
            .is_some_and(|envelope| wants_results(envelope.field("PayloadType")))
}

/// Whether a CORE payload type asks for what is in the outbox (CORE Connectivity Rule, section 4.4.3).
pub(crate) fn wants_results(payload_type: &str) -> bool {
    payload_type.contains("Request_Batch_Results") || payload_type.contains("RetrievalRequest")
}

/// The kinds that a message carries, such as `837P` or `TA1, 999, 277CA`; the status or target of one without.
pub(crate) fn label(message: &Message) -> String {
    let bytes = payload::of(message);
    let kinds = File::parse(&bytes)
        .map(|file| kind::of_file(&file).join(", "))
        .unwrap_or_default();
    match message {
        Message::Response(response) if !kinds.is_empty() => {
            http::excerpt(&format!("{} {kinds}", response.status()), 80)
        }
        _ if kinds.is_empty() => http::label(message),
        _ => http::excerpt(&kinds, 80),
    }
}

/// The selector that means requests like this one.
pub(crate) fn of(message: &Message) -> Option<String> {
    let Message::Request(request) = message else {
        return None;
    };
    if is_pick_up(message, request) {
        return Some(PICK_UP.to_owned());
    }
    let bytes = payload::of(message);
    let first = File::parse(&bytes)
        .ok()
        .and_then(|file| kind::of_file(&file).first().map(|kind| (*kind).to_owned()));
    let text = first.unwrap_or_else(|| format!("{} {}", request.method(), request.path()));
    (check(&text).is_ok() && selects(&text, message)).then_some(text)
}
