//! What a sender does to a message on its way that receivers stumble over: `framing:` and `size:` of a `send`.

use bytes::Bytes;
use wardgate_contract::{Finding, Node};
use wardgate_core::wire::Message;

use crate::mllp::{self, CARRIAGE_RETURN};

/// The largest message that can be asked for, in bytes.
const SIZE_MAX: usize = 8 << 20;
/// How long a filling segment is, but for the last.
const SEGMENT_MAX: usize = 32 * 1024;
/// Bytes that belong to no frame, as a line that was left over by another protocol.
const NOISE: &[u8] = b"HELO wardgate\r\n";

/// An unusual way to frame a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Bytes that belong to no frame come before the start block.
    NoiseBefore,
    /// A lone line feed comes before the start block.
    LineFeedBefore,
    /// The carriage return behind the end block is missing.
    NoCarriageReturn,
    /// The last segment has no carriage return.
    UnendedSegment,
}

impl Framing {
    /// Each with the word for it.
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("noise before", Self::NoiseBefore),
        ("line feed before", Self::LineFeedBefore),
        ("no carriage return", Self::NoCarriageReturn),
        ("unended segment", Self::UnendedSegment),
    ];

    fn from_text(text: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .find_map(|(name, framing)| (name == text).then_some(framing))
    }

    /// The message as it goes out.
    fn of(self, mut payload: Bytes) -> Message {
        if self == Self::UnendedSegment {
            while payload.last() == Some(&CARRIAGE_RETURN) {
                payload.truncate(payload.len() - 1);
            }
            return Message::Frame(payload);
        }
        let mut raw = match self {
            Self::NoiseBefore => NOISE.to_vec(),
            Self::LineFeedBefore => vec![b'\n'],
            Self::NoCarriageReturn | Self::UnendedSegment => Vec::new(),
        };
        raw.extend(mllp::encode(&payload));
        if self == Self::NoCarriageReturn {
            raw.pop();
        }
        Message::OddFrame {
            payload,
            raw: raw.into(),
        }
    }
}

/// Frames a payload as the body of a `send` wants it; in the usual way if it says nothing.
pub(crate) fn framed(body: &Node, payload: Bytes) -> Result<Message, String> {
    let Some(node) = body.get("framing") else {
        return Ok(Message::Frame(payload));
    };
    node.as_text()
        .and_then(Framing::from_text)
        .map(|framing| framing.of(payload))
        .ok_or_else(framing_wanted)
}

/// Fills a message up to the size that the body of a `send` asks for, with segments of local meaning at its end, which may
/// stand in every message. One that lacks less than such a segment takes becomes longer by what it is too long.
pub(crate) fn fill(body: &Node, text: &mut String) -> Result<(), String> {
    let Some(node) = body.get("size") else {
        return Ok(());
    };
    let size = node.as_text().and_then(size).ok_or_else(size_wanted)?;
    let separator = match text.as_bytes() {
        [b'M', b'S', b'H', separator, ..] if separator.is_ascii_graphic() => char::from(*separator),
        _ => '|',
    };
    let filling = format!("ZFL{separator}1{separator}");
    while text.len() < size {
        let room = size - text.len();
        // What is left for the next segment has room for a whole one, or there is nothing left.
        let take = if room < 2 * SEGMENT_MAX {
            room
        } else {
            SEGMENT_MAX
        };
        text.push_str(&filling);
        text.extend(std::iter::repeat_n(
            'x',
            take.saturating_sub(filling.len() + 1).max(1),
        ));
        text.push('\r');
    }
    Ok(())
}

/// Checks both keys.
pub(crate) fn check(body: &Node) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(node) = body.get("framing")
        && node.as_text().and_then(Framing::from_text).is_none()
    {
        let finding = Finding::error("wrong-value", node.span, framing_wanted());
        findings.push(finding.label("expected a name such as `noise before`"));
    }
    if let Some(node) = body.get("size")
        && node.as_text().and_then(size).is_none()
    {
        let finding = Finding::error("wrong-value", node.span, size_wanted());
        findings.push(finding.label("expected a size such as `2 MiB`"));
    }
    findings
}

fn framing_wanted() -> String {
    let names = Framing::NAMES.map(|(name, _)| format!("`{name}`"));
    format!("'framing' is one of {}", names.join(", "))
}

fn size_wanted() -> String {
    format!(
        "'size' is a number of bytes, alone or with KiB or MiB behind it, of {} MiB at most",
        SIZE_MAX >> 20
    )
}

/// Reads a size.
fn size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    let number: usize = digits.trim_end().parse().ok()?;
    number.checked_mul(unit).filter(|size| *size <= SIZE_MAX)
}

#[cfg(test)]
mod tests {
    use wardgate_core::wire::{Framing as _, Transport};

    use super::*;
    use crate::framing::Mllp;

    #[test]
    fn each_framing_is_what_its_name_says_and_reads_back() {
        let payload = Bytes::from_static(b"MSH|\rPID|\r");
        for ((name, framing), expected) in Framing::NAMES.into_iter().zip([
            &b"HELO wardgate\r\n\x0BMSH|\rPID|\r\x1C\r"[..],
            b"\n\x0BMSH|\rPID|\r\x1C\r",
            b"\x0BMSH|\rPID|\r\x1C",
            b"\x0BMSH|\rPID|\x1C\r",
        ]) {
            let message = framing.of(payload.clone());
            let raw = message.encode(Transport::Framed(&Mllp));
            assert_eq!(raw, expected, "{name}");
            assert_eq!(
                Mllp.payload(&raw).as_ref(),
                Some(message.content()),
                "{name}"
            );
        }
    }

    #[test]
    fn a_message_is_filled_to_the_byte() {
        for (delimiter, sizes) in [
            ("|", [100, 40_000, 65_536, 65_540, 100_001]),
            ("#", [60, 70, 99, 32_800, 2 << 20]),
        ] {
            for size in sizes {
                let source = wardgate_contract::Source::new("t.yaml", format!("size: {size}"));
                let (body, _) = wardgate_contract::yaml::read(&source);
                let mut text = format!("MSH{delimiter}^~\\&{delimiter}A\r");
                fill(&body.expect("it is YAML"), &mut text).expect("it is a size");
                assert_eq!(text.len(), size, "{delimiter}");
                let message = crate::message::Message::parse(text.as_bytes()).expect("it reads");
                assert!(
                    message
                        .segments()
                        .skip(1)
                        .all(|segment| segment.name() == "ZFL")
                );
            }
        }
    }

    #[test]
    fn sizes_are_read() {
        for (text, expected) in [
            ("100", Some(100)),
            ("2 MiB", Some(2 << 20)),
            ("64KiB", Some(64 << 10)),
            ("8 MiB", Some(8 << 20)),
            ("9 MiB", None),
            ("2 MB", None),
            ("-1", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(size(text), expected, "{text:?}");
        }
    }
}
