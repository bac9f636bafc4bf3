//! What a message is called, what makes it the same message again, and how acknowledgements are judged.

use wardgate_core::verdict::{Mismatch, MismatchKind};
use wardgate_stub_kit::http::excerpt;

use crate::{ack::AckCode, charset, message::Message};

/// The longest label, in characters.
const LABEL_MAX: usize = 40;

/// The longest excerpt of a segment in a mismatch, in characters.
const EXCERPT_MAX: usize = 400;

/// `ADT^A04` of a message, `ACK AA` of an acknowledgement.
pub(crate) fn label(payload: &[u8]) -> String {
    let Ok(message) = Message::parse(payload) else {
        return String::from("not HL7");
    };
    let mut label = name(&message);
    if let Some(msa) = message.segment("MSA") {
        if label.starts_with("ACK^") {
            label.truncate(3);
        }
        let code = msa.field(1).map(|code| code.text()).unwrap_or_default();
        label.push(' ');
        label.push_str(&code);
    }
    excerpt(label.trim(), LABEL_MAX)
}

/// The message type and trigger event, such as `ADT^A04`.
pub(crate) fn name(message: &Message<'_>) -> String {
    let header = message.header();
    let (message_type, event) = (header.message_type(), header.trigger_event());
    if event.is_empty() {
        message_type.into_owned()
    } else {
        format!("{message_type}^{event}")
    }
}

/// A message and its repetition differ in nothing but MSH-7, which says when it was written, and in line ends after
/// the last segment.
pub(crate) fn identity(payload: &[u8]) -> Vec<u8> {
    let end = payload
        .iter()
        .rposition(|byte| !matches!(byte, b'\r' | b'\n'))
        .map_or(0, |last| last + 1);
    let payload = &payload[..end];
    let time = Message::parse(payload)
        .ok()
        // UTF-16 is read from a copy, whose offsets are not those of the bytes.
        .filter(|_| charset::detect_utf16(payload).is_none())
        .and_then(|message| {
            let time = message.header().segment().field(7)?;
            Some((time.offset(), time.offset() + time.raw().len()))
        });
    match time {
        Some((start, end)) => [&payload[..start], &payload[end..]].concat(),
        None => payload.to_vec(),
    }
}

/// Whether MSA-2 of the reply repeats MSH-10 of the request; none where one of them has none.
pub(crate) fn answers(request: &[u8], reply: &[u8]) -> Option<bool> {
    let reply = Message::parse(reply).ok()?;
    let named = reply.segment("MSA")?.field(2)?;
    let request = Message::parse(request).ok()?;
    let control_id = request.header().segment().field(10)?;
    if named.is_absent() || control_id.is_absent() {
        return None;
    }
    // The same bytes name it, also where they are no text in the one message or the other declares no character set.
    Some(named.raw() == control_id.raw() || named.text() == control_id.text())
}

/// Whether a message has no MSH-10 that an acknowledgement could repeat.
pub(crate) fn is_nameless(request: &[u8]) -> bool {
    Message::parse(request).ok().is_none_or(|message| {
        message
            .header()
            .segment()
            .field(10)
            .is_none_or(|control_id| control_id.is_absent())
    })
}

/// MSA-1, where it is a code of the table.
pub(crate) fn code(reply: &[u8]) -> Option<AckCode> {
    let reply = Message::parse(reply).ok()?;
    AckCode::from_text(&reply.segment("MSA")?.field(1)?.text())
}

/// How two acknowledgements differ in MSA-1, MSA-2 and their ERR segments. Their own times and control IDs are theirs.
pub(crate) fn compare_replies(first: &[u8], second: &[u8]) -> Vec<Mismatch> {
    let (one, other) = match (Message::parse(first), Message::parse(second)) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(error), _) | (_, Err(error)) => {
            return vec![Mismatch {
                kind: MismatchKind::Malformed,
                at: String::new(),
                expected: String::from("an acknowledgement"),
                actual: error.to_string(),
            }];
        }
    };
    let mut mismatches = Vec::new();
    let mut compare = |at: String, one: Option<String>, other: Option<String>| {
        if one != other {
            let shown = |text: Option<String>| {
                text.map_or_else(
                    || String::from("nothing"),
                    |text| excerpt(&text, EXCERPT_MAX),
                )
            };
            mismatches.push(Mismatch {
                kind: MismatchKind::Unequal,
                at,
                expected: shown(one),
                actual: shown(other),
            });
        }
    };
    for number in [1, 2] {
        let field = |message: &Message<'_>| {
            let field = message.segment("MSA")?.field(number)?;
            (!field.is_absent()).then(|| field.text().into_owned())
        };
        compare(format!("MSA-{number}"), field(&one), field(&other));
    }
    let errors = |message: &Message<'_>| -> Vec<String> {
        message
            .segments_named("ERR")
            .map(|error| error.text().into_owned())
            .collect()
    };
    let (one, other) = (errors(&one), errors(&other));
    for index in 0..one.len().max(other.len()) {
        let at = if index == 0 {
            String::from("ERR")
        } else {
            format!("ERR[{}]", index + 1)
        };
        compare(at, one.get(index).cloned(), other.get(index).cloned());
    }
    mismatches
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] =
        b"MSH|^~\\&|PAS|WARD|HUB|HOSP|20260704||ADT^A04^ADT_A01|42|P|2.5.1\rPID|1||77\r";

    fn ack(msa: &str) -> Vec<u8> {
        format!("MSH|^~\\&|HUB|HOSP|PAS|WARD|20260705||ACK^A04^ACK|9|P|2.5.1\r{msa}\r").into_bytes()
    }

    /// A byte that is no UTF-8 reads otherwise in an acknowledgement that declares no character set.
    #[test]
    fn the_same_bytes_name_the_same_message() {
        let request =
            b"MSH|^~\\&|PAS|WARD|HUB|HOSP|20260704||ADT^A04|\xA1|P|2.5.1||||||UNICODE UTF-8\r";
        let reply = b"MSH|^~\\&|HUB|HOSP|PAS|WARD|20260705||ACK|9|P|2.5.1\rMSA|AR|\xA1\r";
        assert_eq!(answers(request, reply), Some(true));
        let other = b"MSH|^~\\&|HUB|HOSP|PAS|WARD|20260705||ACK|9|P|2.5.1\rMSA|AR|\xA2\r";
        assert_eq!(answers(request, other), Some(false));
    }

    #[test]
    fn labels_say_what_it_is() {
        assert_eq!(label(REQUEST), "ADT^A04");
        assert_eq!(label(&ack("MSA|AA|42")), "ACK AA");
        assert_eq!(
            label(b"MSH|^~\\&|||||||RSP^K22|1|P|2.5\rMSA|AE|1\r"),
            "RSP^K22 AE"
        );
        assert_eq!(label(b"MSH|^~\\&|||||||QRY|1|P|2.5\r"), "QRY");
        assert_eq!(label(b"\x00\x01"), "not HL7");
    }

    #[test]
    fn a_repetition_differs_in_its_time_alone() {
        let text = String::from_utf8(REQUEST.to_vec()).unwrap();
        let same = |other: String| identity(REQUEST) == identity(other.as_bytes());
        assert!(same(text.replace("20260704", "20260705120000+0000")));
        assert!(same(text.trim_end().to_owned()));
        for (from, to) in [
            ("|42|", "|43|"),
            ("A04", "A08"),
            ("PAS", "LAB"),
            ("77", "78"),
            ("WARD", "W2"),
        ] {
            assert!(!same(text.replace(from, to)), "{from} to {to}");
        }
        assert_eq!(identity(b"no message\r"), b"no message");
    }

    #[test]
    fn an_acknowledgement_names_its_message() {
        for (msa, expected) in [
            ("MSA|AA|42", Some(true)),
            ("MSA|AE|42|no", Some(true)),
            ("MSA|AA|43", Some(false)),
            ("MSA|AA", None),
            ("MSA|AR|", None),
            ("NTE|1", None),
        ] {
            assert_eq!(answers(REQUEST, &ack(msa)), expected, "{msa}");
        }
        assert_eq!(answers(b"garbage", &ack("MSA|AR|")), None);
    }

    #[test]
    fn codes_are_those_of_the_table() {
        assert_eq!(code(&ack("MSA|CA|42")), Some(AckCode::CommitAccept));
        assert_eq!(code(&ack("MSA|XX|42")), None);
        assert_eq!(code(REQUEST), None);
    }

    #[test]
    fn the_same_answer_may_have_its_own_time_and_control_id() {
        let first = ack("MSA|AE|42\rERR||PID^1^3|101|E");
        let later = String::from_utf8(first.clone())
            .unwrap()
            .replace("20260705", "20260706")
            .replace("|9|", "|10|");
        assert_eq!(compare_replies(&first, later.as_bytes()), []);
        let at = |msa: &str| -> Vec<String> {
            compare_replies(&first, &ack(msa))
                .into_iter()
                .map(|found| format!("{}: {} / {}", found.at, found.expected, found.actual))
                .collect()
        };
        assert_eq!(at("MSA|AA|42\rERR||PID^1^3|101|E"), ["MSA-1: AE / AA"]);
        assert_eq!(at("MSA|AE|43\rERR||PID^1^3|101|E"), ["MSA-2: 42 / 43"]);
        assert_eq!(at("MSA|AE|42"), ["ERR: ERR||PID^1^3|101|E / nothing"]);
        assert_eq!(compare_replies(&first, b"?").len(), 1);
    }
}
