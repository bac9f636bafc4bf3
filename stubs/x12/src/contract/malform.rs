//! Broken forms of a good interchange that any receiver should refuse.

use bytes::Bytes;
use wardgate_core::{
    port::Malformed,
    wire::{HttpRequest, Message},
};

use super::payload;
use crate::interchange::File;

/// The names of the broken forms.
pub(crate) const NAMES: [&str; 4] = [
    "an interchange that is cut",
    "another control number in IEA",
    "a wrong count in SE",
    "a segment that nobody knows",
];

/// The broken forms of a request that carries one interchange as its body.
pub(crate) fn forms(message: &Message) -> Vec<Malformed> {
    let Message::Request(request) = message else {
        return Vec::new();
    };
    if payload::envelope(message).is_some() {
        return Vec::new();
    }
    let Ok(file) = File::parse(request.body()) else {
        return Vec::new();
    };
    let Some(interchange) = file.interchanges().first() else {
        return Vec::new();
    };
    let last = |id: &str| {
        interchange
            .segments()
            .filter(|found| found.id() == id)
            .last()
    };
    let mut forms = Vec::new();
    let half = request.body().len() / 2;
    forms.push(form(NAMES[0], request, request.body()[..half].to_vec()));
    if let Some(number) = last("IEA").and_then(|found| found.element(2)) {
        forms.push(form(
            NAMES[1],
            request,
            with(request, number.offset(), number.raw().len(), b"999999998"),
        ));
    }
    if let Some(count) = last("SE").and_then(|found| found.element(1)) {
        forms.push(form(
            NAMES[2],
            request,
            with(request, count.offset(), count.raw().len(), b"9999"),
        ));
    }
    if let Some(trailer) = last("SE") {
        let delimiters = interchange.delimiters();
        let mut odd = b"QQQ".to_vec();
        odd.push(delimiters.element);
        odd.push(b'1');
        odd.push(delimiters.terminator);
        forms.push(form(
            NAMES[3],
            request,
            with(request, trailer.offset(), 0, &odd),
        ));
    }
    forms
}

/// The body with other bytes in one place.
fn with(request: &HttpRequest, at: usize, length: usize, bytes: &[u8]) -> Vec<u8> {
    let body = request.body();
    [&body[..at], bytes, &body[at + length..]].concat()
}

fn form(name: &'static str, request: &HttpRequest, body: Vec<u8>) -> Malformed {
    Malformed {
        name,
        message: Message::Request(request.with_body(Bytes::from(body))),
    }
}
