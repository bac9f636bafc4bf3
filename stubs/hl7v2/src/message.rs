//! Reading a message: a lazy index over its raw bytes (HL7 v2.5.1, chapter 2, sections 2.5 and 2.6).
//!
//! Parsing finds the segments and checks what everything else stands on: that the first segment is a header whose
//! delimiters can be used, and that every line begins with a segment name. All else is left for whoever asks, so a
//! message that breaks a rule of its content still reads, and its faults can be judged one by one.
//!
//! Tolerated, because peers send it: CR, LF or CRLF as line end, also mixed; a missing line end on the last segment;
//! blank lines; a byte order mark; FHS and BHS envelopes around one message ([`crate::batch`] reads many); any
//! segment name of three letters and digits, with Z-segments among them. The bytes are never changed: [`Message::raw`]
//! is what came.

use std::borrow::Cow;

use thiserror::Error;

use crate::charset::{self, Charset, UnknownCharset};
use crate::delimiters::Delimiters;
use crate::element::{Reading, Segment, is_header};
use crate::header::Header;

/// Longest list of segments that is read. A message of this many has no business on an interface, and the index of a
/// larger one would take more memory than the message.
pub const SEGMENTS_MAX: usize = 200_000;

/// Why bytes are not an HL7 v2 message, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("segment {segment} at byte {offset}: expected {expected}, found {found}")]
pub struct ParseError {
    /// The segment that is at fault, counted from 1 without blank lines.
    pub segment: usize,
    /// Where the fault is, in bytes from the start; for UTF-16 from the start of the same text in UTF-8.
    pub offset: usize,
    /// What should have stood there.
    pub expected: &'static str,
    /// What stands there: a short excerpt with control characters made visible, or `the end of the message`.
    pub found: String,
}

impl ParseError {
    fn at(bytes: &[u8], segment: usize, offset: usize, expected: &'static str) -> Self {
        let rest = bytes.get(offset..).unwrap_or_default();
        let found = if rest.is_empty() {
            "the end of the message".to_owned()
        } else {
            format!("\"{}\"", rest[..rest.len().min(16)].escape_ascii())
        };
        Self {
            segment,
            offset,
            expected,
            found,
        }
    }
}

/// Where one segment lies, without its line end.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

/// A message, borrowed from the bytes that it was read from.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    raw: &'a [u8],
    bytes: Cow<'a, [u8]>,
    segments: Vec<Span>,
    header: usize,
    reading: Reading,
    wire_charset: Charset,
    unknown_charset: Option<UnknownCharset>,
}

impl<'a> Message<'a> {
    /// Reads `raw` as one message.
    pub fn parse(raw: &'a [u8]) -> Result<Self, ParseError> {
        let utf16 = charset::detect_utf16(raw);
        let bytes: Cow<'a, [u8]> = match utf16 {
            Some(charset) => match charset.decode(raw) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            None => Cow::Borrowed(raw),
        };
        let (segments, header, delimiters) = index(&bytes)?;
        let mut message = Self {
            raw,
            bytes,
            segments,
            header,
            reading: Reading {
                delimiters,
                charset: Charset::Utf8,
            },
            wire_charset: utf16.unwrap_or(Charset::Utf8),
            unknown_charset: None,
        };
        if utf16.is_none() {
            message.settle_charset();
        }
        Ok(message)
    }

    /// The bytes as they came, to the last one.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The segments in order, envelope and Z-segments included.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Segment<'_>> + ExactSizeIterator {
        (0..self.segments.len()).map(|index| self.segment_at(index))
    }

    /// The first segment of that name.
    pub fn segment(&self, name: &str) -> Option<Segment<'_>> {
        self.segments().find(|segment| segment.has_name(name))
    }

    /// All segments of that name, in order.
    pub fn segments_named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Segment<'s>> {
        self.segments()
            .filter(move |segment| segment.has_name(name))
    }

    /// The fields of MSH that say what this message is.
    pub fn header(&self) -> Header<'_> {
        Header::new(self.segment_at(self.header))
    }

    /// The delimiters that MSH declares.
    pub fn delimiters(&self) -> Delimiters {
        self.reading.delimiters
    }

    /// The character set that the bytes are read in: what MSH-18 declares first, and where it declares nothing, or
    /// something that is not supported, UTF-8 if all bytes are that and ISO 8859-1 otherwise.
    pub fn charset(&self) -> Charset {
        self.wire_charset
    }

    /// What MSH-18 asks for, where it is not supported.
    pub fn unknown_charset(&self) -> Option<&UnknownCharset> {
        self.unknown_charset.as_ref()
    }

    /// Where the first byte stands that is not of the declared character set.
    pub fn first_undecodable(&self) -> Option<usize> {
        self.wire_charset.first_undecodable(self.raw)
    }

    fn segment_at(&self, index: usize) -> Segment<'_> {
        let Span { start, end } = self.segments[index];
        let bytes = &self.bytes[start..end];
        let mut reading = self.reading;
        if index != self.header && is_header(bytes) {
            // An envelope declares its own delimiters; parsing has checked them.
            reading.delimiters = Delimiters::of_header(bytes).unwrap_or(reading.delimiters);
        }
        Segment {
            bytes,
            number: index + 1,
            offset: start,
            reading,
        }
    }

    /// Reads MSH-18, whose first repetition rules the message.
    fn settle_charset(&mut self) {
        let declared = self
            .segment_at(self.header)
            .field(18)
            .and_then(|field| field.repetition(1))
            // Null declares as little as nothing does.
            .filter(|repetition| !repetition.is_absent() && !repetition.is_null())
            .map(|repetition| Charset::from_name(&repetition.text()));
        let charset = match declared {
            Some(Ok(Charset::Utf16Be | Charset::Utf16Le)) => {
                // The bytes were read as one-byte text to come this far, so this declaration is not true.
                self.unknown_charset = Some(UnknownCharset {
                    name: "UNICODE UTF-16".to_owned(),
                });
                Charset::guess(&self.bytes)
            }
            Some(Ok(charset)) => charset,
            Some(Err(unknown)) => {
                self.unknown_charset = Some(unknown);
                Charset::guess(&self.bytes)
            }
            None => Charset::guess(&self.bytes),
        };
        self.reading.charset = charset;
        self.wire_charset = charset;
    }
}

/// Finds the segments: their spans, which of them is MSH, and its delimiters.
fn index(bytes: &[u8]) -> Result<(Vec<Span>, usize, Delimiters), ParseError> {
    // A guess that spares most messages a second allocation.
    let mut segments = Vec::with_capacity((bytes.len() / 96).clamp(4, 4096));
    let mut header = None;
    let mut separator = 0;
    let mut start = if bytes.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    let mut ends = memchr::memchr2_iter(b'\r', b'\n', bytes);
    while start < bytes.len() {
        let end = ends.next().unwrap_or(bytes.len());
        let line = &bytes[start..end];
        let span = Span { start, end };
        start = end + 1;
        if line.first().is_none_or(u8::is_ascii_whitespace) && line.trim_ascii().is_empty() {
            continue;
        }
        let number = segments.len() + 1;
        let fault =
            |at: usize, expected| Err(ParseError::at(bytes, number, span.start + at, expected));
        if number > SEGMENTS_MAX {
            return fault(0, "no more segments: the message is too long to read");
        }
        if is_header(line) {
            let delimiters = match Delimiters::of_header(line) {
                Ok(delimiters) => delimiters,
                Err(bad) => return fault(bad.at, bad.expected),
            };
            separator = delimiters.field;
            if line.starts_with(b"MSH") {
                if header.is_some() {
                    return fault(0, "one message, not the MSH of another");
                }
                header = Some((segments.len(), delimiters));
            }
        } else if segments.is_empty() {
            return fault(0, "MSH, FHS or BHS");
        } else if !is_name(line) {
            return fault(0, "a segment name of three letters and digits");
        } else if line.len() > 3 && line[3] != separator {
            return fault(3, "the field separator after the segment name");
        }
        segments.push(span);
    }
    match header {
        Some((header, delimiters)) => Ok((segments, header, delimiters)),
        None => Err(ParseError::at(
            bytes,
            segments.len() + 1,
            bytes.len(),
            "MSH",
        )),
    }
}

fn is_name(line: &[u8]) -> bool {
    matches!(line, [first, second, third, ..]
        if first.is_ascii_alphabetic() && second.is_ascii_alphanumeric() && third.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(raw: &[u8]) -> Vec<String> {
        Message::parse(raw)
            .unwrap()
            .segments()
            .map(|segment| segment.name().to_owned())
            .collect()
    }

    #[test]
    fn every_line_end_and_blank_line_is_tolerated() {
        for raw in [
            &b"MSH|^~\\&|A\rPID|1\rZPV|x"[..],
            b"MSH|^~\\&|A\nPID|1\nZPV|x\n",
            b"MSH|^~\\&|A\r\nPID|1\r\nZPV|x\r\n",
            b"\r\nMSH|^~\\&|A\n\r\rPID|1\n  \nZPV|x\r\n\r\n",
            b"\xEF\xBB\xBFMSH|^~\\&|A\rPID|1\rZPV|x",
            b"FHS|^~\\&|B\rBHS|^~\\&|B\rMSH|^~\\&|A\rPID|1\rZPV|x\rBTS|1\rFTS|1\r",
        ] {
            let names = names(raw);
            let found: Vec<_> = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.ends_with("HS") && !name.ends_with("TS"))
                .collect();
            assert_eq!(found, ["MSH", "PID", "ZPV"], "{}", raw.escape_ascii());
        }
    }

    #[test]
    fn faults_say_where_they_are() {
        for (raw, segment, offset) in [
            (&b""[..], 1, 0),
            (b"\r\n", 1, 2),
            (b"hello", 1, 0),
            (b"PID|1\rMSH|^~\\&|", 1, 0),
            (b"MSH|^~\\&|A\rP|1", 2, 11),
            (b"MSH|^~\\&|A\r\n\r\nPID^1", 2, 17),
            (b"MSH|^~\\&|A\r1PI|", 2, 11),
            (b"MSH|^^\\&|A", 1, 5),
            (b"MSH|^~\\&|A\rMSH|^~\\&|B", 2, 11),
            (b"FHS|^~\\&|A\rBHS|^~\\&|B\r", 3, 22),
        ] {
            let error = Message::parse(raw).unwrap_err();
            assert_eq!(
                (error.segment, error.offset),
                (segment, offset),
                "{}: {error}",
                raw.escape_ascii()
            );
        }
        assert_eq!(
            Message::parse(b"MSH|^~\\&|A\rP|1\r")
                .unwrap_err()
                .to_string(),
            "segment 2 at byte 11: expected a segment name of three letters and digits, found \"P|1\\r\""
        );
    }

    #[test]
    fn the_number_of_segments_is_limited() {
        let mut raw = b"MSH|^~\\&|A\r".to_vec();
        raw.extend(b"NTE\r".repeat(SEGMENTS_MAX));
        assert_eq!(Message::parse(&raw).unwrap_err().segment, SEGMENTS_MAX + 1);
        raw.truncate(raw.len() - 4);
        assert_eq!(Message::parse(&raw).unwrap().segments().len(), SEGMENTS_MAX);
    }

    fn family(message: &Message<'_>) -> String {
        message
            .segment("PID")
            .and_then(|segment| segment.field(5))
            .map(|field| field.text().into_owned())
            .unwrap()
    }

    #[test]
    fn msh_18_rules_the_text() {
        let declare = |charset: &str, name: &[u8]| {
            let mut raw = format!("MSH|^~\\&|A|||||||||||||||{charset}\rPID|||||").into_bytes();
            raw.extend_from_slice(name);
            raw
        };
        for (charset, name, read) in [
            ("8859/1", &b"Ren\xE9e"[..], "Renée"),
            ("8859/2~UNICODE", b"\xA3ukasz", "Łukasz"),
            ("", b"Ren\xE9e", "Renée"),
            ("", "Renée".as_bytes(), "Renée"),
            ("UNICODE UTF-8", "Renée".as_bytes(), "Renée"),
            ("UNICODE UTF-8", b"Ren\\XC3A9\\e", "Renée"),
            ("UNICODE UTF-16", "Renée".as_bytes(), "Renée"),
            ("UNICODE UTF-8", b"Ren\xE9e", "Ren\u{FFFD}e"),
        ] {
            let raw = declare(charset, name);
            assert_eq!(family(&Message::parse(&raw).unwrap()), read, "{charset}");
        }
        let latin = declare("UNICODE UTF-8", b"Ren\xE9e");
        assert_eq!(
            Message::parse(&latin).unwrap().first_undecodable(),
            Some(latin.len() - 2)
        );
        let asian = declare("BIG-5", b"x");
        assert_eq!(
            Message::parse(&asian)
                .unwrap()
                .unknown_charset()
                .unwrap()
                .name,
            "BIG-5"
        );
    }

    #[test]
    fn utf_16_is_recognised_and_kept() {
        let text = "MSH|^~\\&|A|||||||||||||||UNICODE UTF-16\rPID|||||Renée\r";
        for charset in [Charset::Utf16Be, Charset::Utf16Le] {
            let plain = charset.encode(text).unwrap();
            let mut marked = charset.encode("\u{FEFF}").unwrap();
            marked.extend(&plain);
            for raw in [plain, marked] {
                let message = Message::parse(&raw).unwrap();
                assert_eq!(family(&message), "Renée");
                assert_eq!(message.charset(), charset);
                assert_eq!(message.raw(), raw);
                assert!(message.unknown_charset().is_none());
            }
        }
    }

    fn awkward_bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"MSH|^~\\&|".to_vec()),
            Just(b"BHS|^~\\&|".to_vec()),
            Just(b"\rPID|".to_vec()),
            Just(b"\nMSH".to_vec()),
            prop::sample::select(&b"|^~\\&#\r\n\"X1"[..]).prop_map(|byte| vec![byte]),
            any::<Vec<u8>>(),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_parses_is_written_back_and_walks_in_full(raw in awkward_bytes()) {
            let raw = [b"MSH|^~\\&|".as_slice(), &raw].concat();
            match Message::parse(&raw) {
                Err(error) => prop_assert!(error.offset <= raw.len(), "{error}"),
                Ok(message) => {
                    prop_assert_eq!(message.raw(), &raw[..]);
                    for segment in message.segments() {
                        prop_assert_eq!(segment.raw(), &raw[segment.offset()..][..segment.raw().len()]);
                        for (number, field) in segment.fields() {
                            prop_assert_eq!(segment.field(number).unwrap().raw(), field.raw());
                            prop_assert_eq!(field.raw(), &raw[field.offset()..][..field.raw().len()]);
                            for component in field.repetitions().flat_map(|repetition| repetition.components()) {
                                let _ = component.subcomponents().map(|part| part.text().len()).sum::<usize>();
                            }
                        }
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(raw in awkward_bytes()) {
            if let Err(error) = Message::parse(&raw) {
                prop_assert!(error.segment >= 1);
            }
        }

        #[test]
        fn the_fields_of_a_segment_make_it_whole_again(fields in prop::collection::vec("[a-z^~&]{0,6}", 0..8)) {
            let raw = format!("MSH|^~\\&|A\rPID|{}", fields.join("|"));
            let message = Message::parse(raw.as_bytes()).unwrap();
            let read: Vec<_> = message.segment("PID").unwrap().fields().map(|(_, field)| field.raw().to_vec()).collect();
            prop_assert_eq!(read.join(&b'|'), fields.join("|").into_bytes());
        }
    }
}
