//! Bytes that need be no message, for properties that ask a receiver to refuse them and to go on serving.

use base64::Engine as _;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wardgate_expression::{Json, Object};

use super::segments::{evn, msh};
use crate::ack::AckMode;
use crate::message::Message;
use crate::mllp::{CARRIAGE_RETURN, END, START};

/// Any bytes that are one frame and ask for one answer: at least one byte, no frame byte, and no header that asks for
/// other acknowledgements than the usual one.
pub(super) fn bytes() -> BoxedStrategy<Json> {
    noise()
        .prop_map(|mut bytes| {
            bytes.retain(|byte| !matches!(*byte, START | END));
            if bytes.is_empty() {
                bytes.push(b' ');
            }
            bytes
        })
        .prop_filter("it asks for the usual answer", |bytes| {
            // A receiver may read the header where the rest cannot be read.
            let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n'));
            line.into_iter()
                .filter_map(|line| Message::parse(line).ok())
                .all(|header| AckMode::of(&header) == AckMode::Original)
        })
        .prop_map(object)
        .boxed()
}

/// Any bytes, frame bytes in the wrong places among them: they may be several frames or none.
pub(super) fn stream() -> BoxedStrategy<Json> {
    noise().prop_map(object).boxed()
}

/// As a contract sends it.
fn object(bytes: Vec<u8>) -> Json {
    let mut object = Object::new();
    object.insert(
        "base64",
        base64::engine::general_purpose::STANDARD.encode(bytes),
    );
    Json::Object(object)
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let fragments: Vec<Vec<u8>> = [
        "MSH|",
        "^~\\&",
        "\rPID|1||",
        "\r",
        "\n",
        "|",
        "\\X",
        "\"\"",
        "\u{FEFF}",
        "${",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([
        vec![START],
        vec![END],
        vec![END, CARRIAGE_RETURN],
        vec![0],
        vec![0xFF, 0xFE],
    ])
    .collect();
    let piece = prop_oneof![select(fragments), vec(any::<u8>(), 0..32)];
    let pieces = vec(piece, 0..48).prop_map(|pieces| pieces.concat());
    // A message that is whole but for one stretch shows what a check of the first bytes alone would let through.
    let whole = [msh("ADT^A01^ADT_A01"), evn("A01")]
        .concat()
        .replace("${now|hl7}", "20260704120000")
        .replace("${control_id}", "N1");
    let broken =
        (any::<prop::sample::Index>(), vec(any::<u8>(), 1..16)).prop_map(move |(at, noise)| {
            let mut bytes = whole.clone().into_bytes();
            let at = at.index(bytes.len());
            let end = (at + noise.len()).min(bytes.len());
            bytes.splice(at..end, noise);
            bytes
        });
    prop_oneof![2 => pieces, 1 => broken, 1 => vec(any::<u8>(), 0..2_048)]
}
