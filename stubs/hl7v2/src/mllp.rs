//! The minimal lower layer protocol: `0x0B`, the message, `0x1C`, `0x0D` (HL7 v2.5.1, appendix C).
//!
//! [`Framer`] is a pure state machine: what it says depends on the bytes alone, never on how the network cut them. It
//! loses no message that a peer's fault would let others lose: garbage before a frame is stepped over, a frame that
//! breaks off is given up where the next one starts, and a frame whose last carriage return is missing still counts.

use thiserror::Error;

/// Start of a frame.
pub const START: u8 = 0x0B;
/// End of the message within a frame.
pub const END: u8 = 0x1C;
/// The last byte of a frame.
pub const CARRIAGE_RETURN: u8 = 0x0D;

/// How much of a peer's faulty bytes a [`Fault`] keeps.
pub const EXCERPT_MAX: usize = 256;
/// How many bytes of garbage are gathered before they are reported without waiting for a frame to start.
pub const GARBAGE_MAX: u64 = 64 * 1024;

/// Wraps a message in a frame.
///
/// The message is sent as it is: one that holds frame bytes itself cannot be framed so that every peer reads it, and
/// that is what tests of such peers are for.
pub fn encode(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(START);
    frame.extend_from_slice(message);
    frame.extend_from_slice(&[END, CARRIAGE_RETURN]);
    frame
}

/// What a [`Framer`] finds in the stream, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// A whole message, without its frame.
    Frame(Vec<u8>),
    /// Bytes that break the protocol. Framing goes on behind them.
    Fault(Fault),
}

/// Bytes of a peer that break the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("byte {offset} of the stream: {kind}")]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where it begins, in bytes from the start of the connection.
    pub offset: u64,
    /// How many bytes it takes.
    pub length: u64,
    /// The first of those bytes, at most [`EXCERPT_MAX`].
    pub excerpt: Vec<u8>,
}

/// The ways in which a stream breaks the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum FaultKind {
    /// Bytes outside of any frame.
    #[error("bytes outside of a frame")]
    Garbage,
    /// A frame's end without the carriage return after it. The frame itself was reported before.
    #[error("a frame without its last carriage return")]
    MissingCarriageReturn,
    /// A frame that grew beyond the limit. It is skipped up to its end.
    #[error("a frame beyond the limit of {limit} bytes")]
    Oversize {
        /// The limit, in bytes of the message.
        limit: usize,
    },
    /// A frame that broke off: another one started within it, or the connection was closed.
    #[error("a frame that was never finished")]
    Unterminated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between frames.
    Outside,
    /// In a frame.
    Inside,
    /// In a frame that is too long.
    Skipping,
    /// Behind a frame's end, where its carriage return belongs.
    Closing,
}

/// Finds frames in a stream of bytes.
#[derive(Debug, Clone)]
pub struct Framer {
    limit: usize,
    state: State,
    /// The message so far, or the excerpt of a fault so far.
    held: Vec<u8>,
    /// Whether bytes outside of any frame, other than white space, have not been reported yet.
    litter: bool,
    /// Where the frame or fault that is being read begins, and how many bytes it has.
    begun: u64,
    length: u64,
    /// How many bytes came before those at hand.
    offset: u64,
}

impl Framer {
    /// A framer that takes messages of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            state: State::Outside,
            held: Vec::new(),
            litter: false,
            begun: 0,
            length: 0,
            offset: 0,
        }
    }

    /// Takes the next bytes of the stream and gives what they complete.
    ///
    /// A frame is given as soon as its end is seen, before its carriage return: a peer that forgets that byte and waits
    /// for an answer is answered.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Framed> {
        let mut found = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = match self.state {
                State::Outside => self.outside(rest, &mut found),
                State::Inside | State::Skipping => self.inside(rest, &mut found),
                State::Closing => self.closing(rest[0], &mut found),
            };
            self.offset += taken as u64;
            rest = &rest[taken..];
        }
        found
    }

    /// Takes the end of the stream, and gives what was left unfinished. The framer is then as new, for the next
    /// connection.
    pub fn close(&mut self) -> Option<Fault> {
        let left = match self.state {
            State::Outside if self.length > 0 => Some(self.fault(FaultKind::Garbage)),
            State::Inside => Some(self.fault(FaultKind::Unterminated)),
            State::Closing => Some(self.missing_carriage_return()),
            // What was skipped has been reported when it grew too long.
            State::Outside | State::Skipping => None,
        };
        *self = Self::new(self.limit);
        left
    }

    /// Whether the peer owes bytes, so that a time limit may apply: a frame has begun and not ended, or what is neither
    /// frame nor white space waits for one to begin.
    pub fn is_owed(&self) -> bool {
        match self.state {
            State::Inside | State::Skipping => true,
            State::Outside => self.litter,
            State::Closing => false,
        }
    }

    fn outside(&mut self, rest: &[u8], found: &mut Vec<Framed>) -> usize {
        let start = memchr::memchr(START, rest);
        let wanted = start.unwrap_or(rest.len());
        if wanted > 0 {
            if self.length == 0 {
                self.begun = self.offset;
            }
            let room = usize::try_from(GARBAGE_MAX - self.length).unwrap_or(usize::MAX);
            let taken = wanted.min(room);
            self.excerpt(&rest[..taken]);
            self.litter |= !rest[..taken].iter().all(u8::is_ascii_whitespace);
            self.length += taken as u64;
            if self.length == GARBAGE_MAX {
                found.push(Framed::Fault(self.fault(FaultKind::Garbage)));
            }
            return taken;
        }
        if self.length > 0 {
            found.push(Framed::Fault(self.fault(FaultKind::Garbage)));
        }
        self.begin(self.offset);
        1
    }

    fn inside(&mut self, rest: &[u8], found: &mut Vec<Framed>) -> usize {
        let stop = memchr::memchr2(START, END, rest);
        let taken = stop.unwrap_or(rest.len());
        if self.state == State::Inside {
            let room = self.limit - self.held.len();
            self.held.extend_from_slice(&rest[..taken.min(room)]);
            self.length += taken.min(room) as u64;
            if taken > room {
                let excerpt = self.held[..self.held.len().min(EXCERPT_MAX)].to_vec();
                let kind = FaultKind::Oversize { limit: self.limit };
                found.push(Framed::Fault(Fault {
                    kind,
                    offset: self.begun,
                    length: self.length,
                    excerpt,
                }));
                self.held = Vec::new();
                self.state = State::Skipping;
            }
        }
        match stop.map(|at| rest[at]) {
            None => return taken,
            Some(START) => {
                if self.state == State::Inside {
                    found.push(Framed::Fault(self.fault(FaultKind::Unterminated)));
                }
                self.begin(self.offset + taken as u64);
            }
            Some(_) => {
                if self.state == State::Inside {
                    found.push(Framed::Frame(std::mem::take(&mut self.held)));
                }
                self.state = State::Closing;
                self.length = 0;
            }
        }
        taken + 1
    }

    fn closing(&mut self, next: u8, found: &mut Vec<Framed>) -> usize {
        self.state = State::Outside;
        self.length = 0;
        if next == CARRIAGE_RETURN {
            return 1;
        }
        found.push(Framed::Fault(self.missing_carriage_return()));
        0
    }

    fn begin(&mut self, offset: u64) {
        self.state = State::Inside;
        self.held.clear();
        self.begun = offset;
        self.length = 0;
    }

    fn excerpt(&mut self, bytes: &[u8]) {
        let room = EXCERPT_MAX.saturating_sub(self.held.len());
        self.held.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Reports what is held and forgets it.
    fn fault(&mut self, kind: FaultKind) -> Fault {
        let mut excerpt = std::mem::take(&mut self.held);
        excerpt.truncate(EXCERPT_MAX);
        let length = std::mem::take(&mut self.length);
        self.litter = false;
        Fault {
            kind,
            offset: self.begun,
            length,
            excerpt,
        }
    }

    fn missing_carriage_return(&self) -> Fault {
        Fault {
            kind: FaultKind::MissingCarriageReturn,
            offset: self.offset,
            length: 0,
            excerpt: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8], cuts: &[usize]) -> Vec<Framed> {
        let mut framer = Framer::new(32);
        let mut found = Vec::new();
        let mut rest = bytes;
        for &cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            found.extend(framer.push(now));
            rest = later;
        }
        found.extend(framer.push(rest));
        found.extend(framer.close().map(Framed::Fault));
        found
    }

    fn kinds(bytes: &[u8]) -> Vec<String> {
        all(bytes, &[])
            .into_iter()
            .map(|framed| match framed {
                Framed::Frame(frame) => String::from_utf8_lossy(&frame).into_owned(),
                Framed::Fault(fault) => {
                    format!("{:?} at {} of {}", fault.kind, fault.offset, fault.length)
                }
            })
            .collect()
    }

    #[test]
    fn frames_come_whole_whatever_stands_around_them() {
        assert_eq!(kinds(b"\x0Bone\x1C\r\x0Btwo\x1C\r"), ["one", "two"]);
        assert_eq!(kinds(b"\x0B\x1C\r"), [""]);
        assert_eq!(kinds(b"junk\n\x0Bone\x1C\r"), ["Garbage at 0 of 5", "one"]);
        assert_eq!(kinds(b"\x0Bone\x1C\r\n"), ["one", "Garbage at 6 of 1"]);
    }

    #[test]
    fn a_missing_carriage_return_costs_no_frame() {
        assert_eq!(
            kinds(b"\x0Bone\x1C\x0Btwo\x1C\r"),
            ["one", "MissingCarriageReturn at 5 of 0", "two"]
        );
        assert_eq!(
            kinds(b"\x0Bone\x1C"),
            ["one", "MissingCarriageReturn at 5 of 0"]
        );
        assert_eq!(
            kinds(b"\x0Bone\x1Cxy"),
            [
                "one",
                "MissingCarriageReturn at 5 of 0",
                "Garbage at 5 of 2"
            ]
        );
    }

    #[test]
    fn a_frame_that_breaks_off_does_not_swallow_the_next() {
        assert_eq!(
            kinds(b"\x0Bhalf\x0Bwhole\x1C\r"),
            ["Unterminated at 0 of 4", "whole"]
        );
        assert_eq!(kinds(b"\x0Bhalf"), ["Unterminated at 0 of 4"]);
    }

    #[test]
    fn a_frame_beyond_the_limit_is_skipped() {
        let long = [&b"\x0B"[..], &[b'x'; 33], b"\x1C\r\x0Bnext\x1C\r"].concat();
        assert_eq!(kinds(&long), ["Oversize { limit: 32 } at 0 of 32", "next"]);
        let just = [&b"\x0B"[..], &[b'x'; 32], b"\x1C\r"].concat();
        assert_eq!(kinds(&just), ["x".repeat(32)]);
        let cut = [&b"\x0B"[..], &[b'x'; 40], b"\x0Bnext\x1C\r"].concat();
        assert_eq!(kinds(&cut), ["Oversize { limit: 32 } at 0 of 32", "next"]);
    }

    #[test]
    fn endless_garbage_is_reported_and_not_kept() {
        let mut framer = Framer::new(32);
        let found = framer.push(&vec![b'x'; 3 * usize::try_from(GARBAGE_MAX).unwrap() + 1]);
        assert_eq!(found.len(), 3);
        let Framed::Fault(second) = &found[1] else {
            panic!("a fault")
        };
        assert_eq!(
            (second.offset, second.length, second.excerpt.len()),
            (GARBAGE_MAX, GARBAGE_MAX, EXCERPT_MAX)
        );
        assert_eq!(framer.close().map(|fault| fault.length), Some(1));
    }

    #[test]
    fn it_knows_when_a_peer_owes_bytes() {
        let mut framer = Framer::new(32);
        assert!(!framer.is_owed());
        framer.push(b"\x0Bx");
        assert!(framer.is_owed());
        framer.push(b"\x1C");
        assert!(!framer.is_owed());
        framer.push(b"\r\x0B");
        assert!(framer.close().is_some());
        assert!(
            !framer.is_owed() && framer.close().is_none(),
            "it is as new"
        );
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::sample::select(vec![START, END, CARRIAGE_RETURN, b'\n', b'a'])
                .prop_map(|byte| vec![byte]),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|message| encode(&message)),
            prop::collection::vec(any::<u8>(), 0..40),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_of_the_stream_gives_the_same(bytes in stream(), cuts in prop::collection::vec(0_usize..8, 0..64)) {
            let whole = all(&bytes, &[]);
            prop_assert_eq!(&all(&bytes, &cuts), &whole);
            prop_assert_eq!(&all(&bytes, &vec![1; bytes.len()]), &whole);
        }

        #[test]
        fn clean_messages_come_back_in_order(messages in prop::collection::vec("[^\u{b}\u{1c}]{0,8}", 0..6)) {
            let bytes: Vec<u8> = messages.iter().flat_map(|message| encode(message.as_bytes())).collect();
            let expected: Vec<_> = messages.into_iter().map(|message| Framed::Frame(message.into_bytes())).collect();
            prop_assert_eq!(all(&bytes, &[]), expected);
        }
    }
}
