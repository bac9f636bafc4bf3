//! MLLP as a framing of the runner's connections: [`Framer`] finds the messages, and each keeps its raw bytes.
//!
//! The raw bytes of the frames of a clean connection are the whole stream: a frame begins with the line ends that a
//! peer put before it, and its last carriage return may have come too late to be in it and then precedes the next one.
//! So a log shows a peer that forgets the carriage return, and a peer that forgets it is answered all the same.

use std::collections::VecDeque;

use bytes::Bytes;
use wardgate_core::wire::{FrameDecoder, FrameItem, Framing};

use crate::mllp::{self, CARRIAGE_RETURN, END, FaultKind, Framed, Framer, START};

/// How many line ends between frames are kept; more of them are not worth a log's room.
const BLANK_MAX: usize = 64;

/// The minimal lower layer protocol.
#[derive(Clone, Copy, Debug)]
pub struct Mllp;

impl Framing for Mllp {
    fn encode(&self, payload: &[u8]) -> Vec<u8> {
        mllp::encode(payload)
    }

    /// The payload may hold frame bytes itself, and bytes of no frame may stand before it: what was sent on purpose is read
    /// back as it was sent.
    fn payload(&self, raw: &Bytes) -> Option<Bytes> {
        let start = memchr::memchr(START, raw)?;
        let end = match raw.as_ref() {
            [.., END, CARRIAGE_RETURN] => raw.len() - 2,
            [.., END] => raw.len() - 1,
            _ => return None,
        };
        (start < end).then(|| raw.slice(start + 1..end))
    }

    fn decoder(&self, limit: usize) -> Box<dyn FrameDecoder> {
        Box::new(Decoder {
            framer: Framer::new(limit),
            blank: Vec::new(),
            may_close: false,
            found: VecDeque::new(),
        })
    }
}

/// One direction of one connection.
#[derive(Debug)]
struct Decoder {
    framer: Framer,
    /// Line ends since the last frame.
    blank: Vec<u8>,
    /// Whether the last byte was a frame's end, so that a carriage return would belong to it.
    may_close: bool,
    found: VecDeque<FrameItem>,
}

impl FrameDecoder for Decoder {
    /// The bytes go to the framer up to the end of one frame at a time: what follows an end decides on its raw bytes.
    fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if std::mem::take(&mut self.may_close) && rest[0] == CARRIAGE_RETURN {
                self.framer.push(&rest[..1]);
                self.keep_blank(&rest[..1]);
                rest = &rest[1..];
                continue;
            }
            let end = memchr::memchr(END, rest).map_or(rest.len(), |end| end + 1);
            let (now, later) = rest.split_at(end);
            rest = later;
            for framed in self.framer.push(now) {
                match framed {
                    Framed::Frame(payload) => {
                        self.may_close = rest.is_empty();
                        let closed = rest.first() == Some(&CARRIAGE_RETURN);
                        if closed {
                            self.framer.push(&rest[..1]);
                            rest = &rest[1..];
                        }
                        let raw = self.raw(&payload, closed);
                        self.found.push_back(FrameItem::Frame { raw });
                    }
                    Framed::Fault(fault) => self.fault(fault),
                }
            }
        }
    }

    fn next_item(&mut self) -> Option<FrameItem> {
        self.found.pop_front()
    }

    fn is_partial(&self) -> bool {
        self.framer.is_owed()
    }

    fn finish(&mut self) -> Option<FrameItem> {
        if self.found.is_empty()
            && let Some(fault) = self.framer.close()
        {
            self.fault(fault);
        }
        self.found.pop_front()
    }
}

impl Decoder {
    fn raw(&mut self, payload: &[u8], closed: bool) -> Bytes {
        let mut raw = std::mem::take(&mut self.blank);
        raw.reserve_exact(payload.len() + 3);
        raw.push(START);
        raw.extend_from_slice(payload);
        raw.push(END);
        if closed {
            raw.push(CARRIAGE_RETURN);
        }
        raw.into()
    }

    /// A missing carriage return shows in the raw bytes, and line ends between frames hurt nobody: neither is a fault
    /// here. Everything else is one, and framing goes on behind it.
    fn fault(&mut self, fault: mllp::Fault) {
        let is_whole = fault.length == fault.excerpt.len() as u64;
        match fault.kind {
            FaultKind::MissingCarriageReturn => {}
            FaultKind::Garbage if is_whole && fault.excerpt.iter().all(|byte| is_blank(*byte)) => {
                self.keep_blank(&fault.excerpt);
            }
            _ => self.found.push_back(FrameItem::Fault {
                reason: fault.to_string(),
                raw: fault.excerpt.into(),
                fatal: false,
            }),
        }
    }

    fn keep_blank(&mut self, bytes: &[u8]) {
        let room = BLANK_MAX.saturating_sub(self.blank.len());
        self.blank
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(pieces: &[&[u8]]) -> Vec<FrameItem> {
        let mut decoder = Mllp.decoder(64);
        let mut items = Vec::new();
        for piece in pieces {
            decoder.push(piece);
            while let Some(item) = decoder.next_item() {
                items.push(item);
            }
        }
        while let Some(item) = decoder.finish() {
            items.push(item);
        }
        items
    }

    fn shown(pieces: &[&[u8]]) -> Vec<String> {
        decoded(pieces)
            .into_iter()
            .map(|item| match item {
                FrameItem::Frame { raw } => raw.escape_ascii().to_string(),
                FrameItem::Fault { raw, reason, .. } => {
                    format!("{} ({reason})", raw.escape_ascii())
                }
            })
            .collect()
    }

    #[test]
    fn the_raw_bytes_are_those_of_the_stream() {
        for (pieces, expected) in [
            (
                &[&b"\x0Bone\x1C\r\x0Btwo\x1C\r"[..]][..],
                &["\\x0bone\\x1c\\r", "\\x0btwo\\x1c\\r"][..],
            ),
            (
                &[b"\x0Bo", b"ne\x1C", b"\r\x0Btwo\x1C\r"],
                &["\\x0bone\\x1c", "\\r\\x0btwo\\x1c\\r"],
            ),
            (
                &[b"\x0Bone\x1C\x0Btwo\x1C"],
                &["\\x0bone\\x1c", "\\x0btwo\\x1c"],
            ),
            (
                &[b"\x0Bone\x1C\r\n\x0Btwo\x1C\r"],
                &["\\x0bone\\x1c\\r", "\\n\\x0btwo\\x1c\\r"],
            ),
        ] {
            assert_eq!(shown(pieces), expected);
        }
    }

    #[test]
    fn what_is_no_frame_is_a_fault_and_frames_go_on() {
        assert_eq!(
            shown(&[b"junk\x0Bone\x1C\r"]),
            [
                "junk (byte 0 of the stream: bytes outside of a frame)",
                "\\x0bone\\x1c\\r"
            ]
        );
        assert_eq!(
            shown(&[b"\x0Bhalf"]),
            ["half (byte 0 of the stream: a frame that was never finished)"]
        );
        let long = [&b"\x0B"[..], &[b'x'; 65], b"\x1C\r\x0Bone\x1C\r"].concat();
        let items = shown(&[&long]);
        assert!(items[0].contains("limit of 64 bytes"), "{items:?}");
        assert_eq!(items[1], "\\x0bone\\x1c\\r");
    }

    #[test]
    fn a_frame_comes_before_its_carriage_return() {
        let mut decoder = Mllp.decoder(64);
        decoder.push(b"\x0Bone\x1C");
        let Some(FrameItem::Frame { raw }) = decoder.next_item() else {
            panic!("a peer that waits without it would wait for ever")
        };
        assert_eq!(Mllp.payload(&raw).as_deref(), Some(&b"one"[..]));
    }

    #[test]
    fn only_what_has_begun_is_partial() {
        for (pieces, expected) in [
            (&[&b""[..]][..], false),
            (&[b"\x0Bone"], true),
            (&[b"\x0Bone\x1C"], false),
            (&[b"\x0Bone\x1C", b"\r"], false),
            (&[b"\x0Bone\x1C\r\n"], false),
            (&[b"\x0Bone\x1C\r", b"\r\n", b"\n \t"], false),
            (&[b"\x0Bone\x1C\r\x0Btw"], true),
            (&[b"\x0Bone\x1C\r\n", b"\x0B"], true),
            (&[b"\x0Bone\x1C\r", b"\n", b"junk", b"\n"], true),
            (&[b"junk", b"\x0Bone\x1C\r", b"\n"], false),
        ] {
            let mut decoder = Mllp.decoder(64);
            for piece in pieces {
                decoder.push(piece);
                while decoder.next_item().is_some() {}
            }
            assert_eq!(decoder.is_partial(), expected, "{pieces:?}");
        }
    }

    #[test]
    fn payloads_are_taken_out_of_whole_frames_alone() {
        let payload = |raw: &'static [u8]| Mllp.payload(&Bytes::from_static(raw));
        assert_eq!(
            payload(b"\x0Ba\x1Cb\x0Bc\x1C\r").as_deref(),
            Some(&b"a\x1Cb\x0Bc"[..])
        );
        assert_eq!(payload(b"\r\n\x0Ba\x1C").as_deref(), Some(&b"a"[..]));
        assert_eq!(payload(b"\x0B\x1C\r").as_deref(), Some(&b""[..]));
        for broken in [&b""[..], b"\r", b"a\x1C\r", b"\x0Ba", b"\x0B", b"\x1C\r"] {
            assert_eq!(payload(broken), None, "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_payloads_and_loses_no_byte(
            messages in prop::collection::vec("[a-z\r]{0,12}", 0..6),
            size in 1_usize..9,
        ) {
            let stream: Vec<u8> = messages.iter().flat_map(|message| Mllp.encode(message.as_bytes())).collect();
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            let mut payloads = Vec::new();
            let mut raws = Vec::new();
            for item in decoded(&pieces) {
                let FrameItem::Frame { raw } = item else { panic!("a fault") };
                raws.extend_from_slice(&raw);
                payloads.push(String::from_utf8(Mllp.payload(&raw).unwrap().to_vec()).unwrap());
            }
            prop_assert_eq!(payloads, messages);
            prop_assert!(stream == raws || stream == [raws.as_slice(), b"\r"].concat());
        }
    }
}
