//! What a partner received: raw bytes, and what they say.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::StatusCode;
use jiff::Timestamp;
use wardgate_core::{
    port::{Effect, Moment, Protocol, Verb},
    wire::Message,
};
use wardgate_expression::{Json, Object, json};

use super::{
    answer::{Problem, Reply, array_within, reply},
    query::{Parameter, numbers},
};
use crate::stubs_up::{LiveStub, Received};

/// About how many bytes one page holds at most.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// The longest that a request may wait for a message, in milliseconds.
const WAIT_MAX_MS: u64 = 60_000;

/// What came after a message, waited for where nothing has yet.
pub(super) async fn page(stub: &LiveStub, query: Option<&str>) -> Result<Reply, Problem> {
    let [since, limit, wait_ms] = numbers(
        query,
        [
            Parameter {
                name: "since",
                usual: 0,
                least: 0,
                most: u64::MAX,
            },
            Parameter {
                name: "limit",
                usual: 100,
                least: 1,
                most: 1_000,
            },
            Parameter {
                name: "wait",
                usual: 0,
                least: 0,
                most: WAIT_MAX_MS,
            },
        ],
    )?;
    if wait_ms > 0 {
        // What a reset made forgotten is nothing that came.
        let grown = |stub: &LiveStub| {
            stub.beside(|| (!stub.received_of(since, 1).0.is_empty()).then_some(()))
        };
        stub.watch(Duration::from_millis(wait_ms), grown).await;
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (received, count) = stub.beside(|| stub.received_of(since, limit));
    let first = received.first().map_or(count + 1, |first| first.number);
    let forgotten = first.saturating_sub(since.saturating_add(1));
    let protocol = stub.protocol().as_ref();
    let items = received.iter().map(|received| shown(received, protocol));
    let (text, written) = array_within(PAGE_BYTES, items);
    let last = received[..written].last().map(|last| last.number);
    // Where all that came since is forgotten, there is nothing to come back for.
    let next = last.unwrap_or_else(|| since.max(count));
    Ok(reply(
        StatusCode::OK,
        format!(
            "{{\"partner\":{},\"count\":{count},\"next\":{next},\"forgotten\":{forgotten},\"received\":{text}}}",
            Json::from(stub.name()),
        ),
    ))
}

fn shown(received: &Received, protocol: &dyn Protocol) -> Json {
    let mut shown = Object::new();
    shown.push("number", received.number);
    shown.push("at", instant(received.at));
    shown.push("connection", received.channel);
    let message = received.message(protocol.transport());
    match &message {
        Ok(message) => shown.push("label", protocol.label(message)),
        Err(fault) => shown.push("fault", fault),
    }
    shown.push("handled", received.handled);
    if let Some(remark) = &received.remark {
        shown.push("remark", remark);
    }
    if !received.effects.is_empty() {
        shown.push(
            "effects",
            received.effects.iter().map(effect).collect::<Json>(),
        );
    }
    match std::str::from_utf8(&received.bytes) {
        Ok(text) => shown.push("text", text),
        Err(_) => shown.push("base64", STANDARD.encode(&received.bytes)),
    }
    if let Ok(message) = &message {
        decode(message, protocol, &mut shown);
    }
    Json::Object(shown)
}

/// What a message says, as far as it can be read.
fn decode(message: &Message, protocol: &dyn Protocol, shown: &mut Object) {
    if let Message::Request(request) = message {
        let mut headers = Object::new();
        for (name, value) in request.headers() {
            headers.push(name.to_ascii_lowercase(), value);
        }
        shown.push("method", request.method());
        shown.push("target", request.target());
        shown.push("headers", headers);
    }
    if message.content().is_empty() {
        return;
    }
    let reading = protocol.read(message);
    let content = reading.as_ref().map_err(String::clone);
    match content.and_then(|reading| reading.json()) {
        Ok(content) => shown.push("content", content),
        Err(reason) => shown.push("unreadable", reason),
    }
}

fn effect(effect: &Effect) -> Json {
    let verb = match effect.verb {
        Verb::Created => "created",
        Verb::Updated => "updated",
        Verb::Deleted => "deleted",
        Verb::Accepted => "accepted",
    };
    json!({ "verb": verb, "subject": &effect.subject })
}

/// A moment as ISO 8601 writes it, in UTC.
pub(super) fn instant(moment: Moment) -> String {
    Timestamp::from_millisecond(moment.unix_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
        .to_string()
}
