//! Broken variants of a good message, each of which any receiver must answer negatively.
//!
//! What a receiver may take or refuse as it likes is left out on purpose: a version it does not know, since the
//! standard asks receivers to read later versions; an unknown segment or trailing field, since they are to be ignored;
//! a message that is cut between two segments, since what is left may be a message; an empty MSH-2, since many readers
//! take the usual delimiters then and read what was meant. The frame is never broken here,
//! and no variant holds a frame byte, so each arrives as one message.

use std::borrow::Cow;

use crate::element::Segment;
use crate::message::Message;
use crate::mllp;

/// The names of the variants that every message of at least two segments has.
pub const NAMES: &[&str] = &[
    "binary garbage",
    "no MSH",
    "MSH cut off",
    "no message type",
    "unknown message type",
    "no control ID",
    "binary garbage after MSH",
    "broken segment name",
    "required identifier missing",
    "bytes outside the declared character set",
];

/// One broken variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What it is called in a report.
    pub name: &'static str,
    /// Why no receiver can accept it.
    pub reason: &'static str,
    /// The bytes to send in a frame.
    pub bytes: Vec<u8>,
}

/// The broken variants of `good`, the same ones each time, in the order of [`NAMES`]. A message in UTF-16 is broken in
/// UTF-8, which is one more thing wrong with it. Bytes that are no message themselves, or one of a single segment, give
/// the first variant alone.
pub fn variants(good: &[u8]) -> Vec<Malformed> {
    let mut list = vec![Malformed {
        name: "binary garbage",
        reason: "nothing in it is HL7",
        bytes: garbage(good.len().clamp(64, 1024)),
    }];
    let good = match crate::charset::detect_utf16(good) {
        Some(charset) => Cow::Owned(charset.decode(good).into_owned().into_bytes()),
        None => Cow::Borrowed(good),
    };
    if let Some(message) = Message::parse(&good)
        .ok()
        .filter(|message| message.segments().len() > 1)
    {
        header_variants(&message, &mut list);
        body_variants(&message, &mut list);
    }
    list
}

fn header_variants(message: &Message<'_>, list: &mut Vec<Malformed>) {
    let raw = message.raw();
    let header = message.header().segment();
    let separator = message.delimiters().component;
    let mut add = |name, reason, bytes| {
        list.push(Malformed {
            name,
            reason,
            bytes,
        });
    };
    add(
        "no MSH",
        "without MSH nothing says what it is or who sent it",
        without_segment(raw, header),
    );
    if let Some(field) = header.field(7) {
        add(
            "MSH cut off",
            "its type and control ID are lost, and all that followed",
            raw[..field.offset() - 1].to_vec(),
        );
    }
    add(
        "no message type",
        "MSH-9 is required",
        with_field(raw, header, 9, b""),
    );
    let unknown = [&b"ZZZ"[..], b"Z99", b"ZZZ_Z99"].join(&separator);
    add(
        "unknown message type",
        "no receiver takes ZZZ",
        with_field(raw, header, 9, &unknown),
    );
    add(
        "no control ID",
        "MSH-10 is required, and an answer could not name the message",
        with_field(raw, header, 10, b""),
    );
    let body = header.offset() + header.raw().len() + 1;
    let mut binary = raw[..body.min(raw.len())].to_vec();
    binary.extend(garbage(256));
    add(
        "binary garbage after MSH",
        "no line of it begins with a segment name",
        binary,
    );
}

fn body_variants(message: &Message<'_>, list: &mut Vec<Malformed>) {
    let raw = message.raw();
    let header = message.header().segment();
    let patient = message.segment("PID");
    let Some(target) = patient.or_else(|| message.segments().find(|segment| !segment.is_header()))
    else {
        return;
    };
    let mut add = |name, reason, bytes| {
        list.push(Malformed {
            name,
            reason,
            bytes,
        });
    };
    let mut renamed = raw.to_vec();
    renamed[target.offset() + 2] = b'*';
    add(
        "broken segment name",
        "a segment name is three letters and digits",
        renamed,
    );
    match patient {
        Some(patient) => add(
            "required identifier missing",
            "PID-3 is required, and without it the patient is nobody",
            with_field(raw, patient, 3, b""),
        ),
        None => add(
            "required identifier missing",
            "MSH-9 and MSH-10 are required, and this message is about no patient",
            with_field(&with_field(raw, header, 10, b""), header, 9, b""),
        ),
    }
    // 0xE9 begins a sequence in UTF-8 that the delimiter or line end after it cannot continue.
    let number = match patient {
        Some(_) => 5,
        None => target.fields().last().map_or(1, |(number, _)| number),
    };
    let value = target.field(number).map_or(&b""[..], |field| field.raw());
    let bytes = with_field(raw, target, number, &[value, b"\xE9"].concat());
    if let Ok(changed) = Message::parse(&bytes) {
        add(
            "bytes outside the declared character set",
            "a value cannot be read as the UTF-8 that MSH-18 declares",
            with_field(&bytes, changed.header().segment(), 18, b"UNICODE UTF-8"),
        );
    }
}

/// `raw` without one segment and its line end.
fn without_segment(raw: &[u8], segment: Segment<'_>) -> Vec<u8> {
    let end = segment.offset() + segment.raw().len();
    let line_ends = raw[end..]
        .iter()
        .take(2)
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    [&raw[..segment.offset()], &raw[end + line_ends..]].concat()
}

/// `raw` with one field of one segment put in place of what was there.
fn with_field(raw: &[u8], segment: Segment<'_>, number: usize, value: &[u8]) -> Vec<u8> {
    if let Some(field) = segment.field(number) {
        let end = field.offset() + field.raw().len();
        return [&raw[..field.offset()], value, &raw[end..]].concat();
    }
    let end = segment.offset() + segment.raw().len();
    let missing = number - segment.fields().last().map_or(0, |(last, _)| last);
    let separators = vec![segment.delimiters().field; missing];
    [&raw[..end], &separators, value, &raw[end..]].concat()
}

/// Bytes that look random, are the same each time, and hold no frame byte and no line end.
fn garbage(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_u32;
    let next = move || {
        // Xorshift (Marsaglia, 2003): its low byte is noise enough for this.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        Some(state.to_le_bytes()[0])
    };
    std::iter::from_fn(next)
        .filter(|byte| !matches!(*byte, mllp::START | mllp::END | b'\r' | b'\n'))
        .take(length)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Charset;
    use proptest::prelude::*;

    const GOOD: &[u8] = b"MSH|^~\\&|PAS|WARD|HUB|HOSP|20260704||ADT^A04^ADT_A01|42|P|2.5.1\rEVN|A04\rPID|1||77^^^HOSP^MR||Doe^Jane||19800101|F\rPV1|1|O\r";

    /// The least that every receiver checks.
    fn is_acceptable(bytes: &[u8]) -> bool {
        let Ok(message) = Message::parse(bytes) else {
            return false;
        };
        let header = message.header();
        header.message_type() == "ADT"
            && !header.control_id().is_empty()
            && message.first_undecodable().is_none()
            && message
                .segment("PID")
                .and_then(|segment| segment.field(3))
                .is_some_and(|identifiers| !identifiers.is_absent())
    }

    #[test]
    fn every_variant_is_refused_by_the_least_of_checks() {
        assert!(is_acceptable(GOOD));
        let list = variants(GOOD);
        let names: Vec<_> = list.iter().map(|variant| variant.name).collect();
        assert_eq!(names, NAMES);
        for variant in &list {
            assert!(
                !is_acceptable(&variant.bytes),
                "{}: {}",
                variant.name,
                variant.bytes.escape_ascii()
            );
            assert!(
                !variant
                    .bytes
                    .iter()
                    .any(|byte| matches!(*byte, mllp::START | mllp::END)),
                "{}",
                variant.name
            );
        }
        assert_eq!(list, variants(GOOD), "the same each time");
    }

    #[test]
    fn each_breaks_what_its_name_says() {
        let list = variants(GOOD);
        let text = |name: &str| {
            let variant = list.iter().find(|variant| variant.name == name).unwrap();
            variant.bytes.escape_ascii().to_string()
        };
        assert!(text("no MSH").starts_with("EVN|A04\\rPID"));
        assert_eq!(text("MSH cut off"), r"MSH|^~\\&|PAS|WARD|HUB|HOSP");
        assert!(text("unknown message type").contains("||ZZZ^Z99^ZZZ_Z99|42|"));
        assert!(text("no control ID").contains("ADT_A01||P|"));
        assert!(text("broken segment name").contains("\\rPI*|1|"));
        assert!(text("required identifier missing").contains("PID|1||||Doe"));
        let undecodable = text("bytes outside the declared character set");
        assert!(
            undecodable.contains("2.5.1||||||UNICODE UTF-8\\r")
                && undecodable.contains("Jane\\xe9||"),
            "{undecodable}"
        );
    }

    #[test]
    fn every_message_has_every_variant() {
        for good in [
            "MSH|^~\\&|A|B|C|D|1||SIU^S12|42|P|2.5\rSCH|1|é\r",
            "MSH|^~\\&|A|B|C|D|1||MFN^M02|42|P|2.5\rMFI\r",
            "MSH|^~\\&|A|B|C|D|1||ORU^R01|42|P|2.5\rPID|1||7",
        ] {
            for charset in [Charset::Utf8, Charset::Utf16Be, Charset::Utf16Le] {
                let list = variants(&charset.encode(good).unwrap());
                let names: Vec<_> = list.iter().map(|variant| variant.name).collect();
                assert_eq!(names, NAMES, "{good}");
                let undecodable = &list[NAMES.len() - 1].bytes;
                assert!(
                    Message::parse(undecodable)
                        .unwrap()
                        .first_undecodable()
                        .is_some()
                );
            }
        }
        assert_eq!(variants(b"hello").len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_have_variants(bytes: Vec<u8>) {
            let with_header = [b"MSH|^~\\&|a|b|c|d|e\rPID|1||2||3\r".as_slice(), &bytes].concat();
            prop_assert!(!variants(&bytes).is_empty());
            prop_assert!(!variants(&with_header).is_empty());
        }
    }
}
