//! Reading a file: interchanges as borrowed views over its bytes (ASC X12.5; TR3 appendix B.1.1).
//!
//! Reading asks for nothing but a header whose delimiters can be used. All else is left for whoever asks, so a file
//! that breaks a rule of its envelopes or of its content still reads, and its faults can be judged one by one.
//!
//! Tolerated, because partners send it: several interchanges in one file; line ends and spaces behind terminators and
//! between interchanges; a byte order mark; a header without padding; a last segment without terminator; an
//! interchange without IEA; bytes behind the last IEA. The bytes are never changed: what stands before, in and behind
//! the interchanges, put together again, is what came.
//!
//! Segments that hold binary data (BIN, BDS) are read like all others.

use thiserror::Error;

use crate::delimiters::Delimiters;
use crate::element::Segment;
use crate::header::{self, Layout};

/// Why bytes are not an X12 interchange, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("segment {segment} at byte {offset}: expected {expected}, found {found}")]
pub struct ParseError {
    /// The segment that is at fault, counted from 1 within its interchange.
    pub segment: usize,
    /// Where the fault is, in bytes from the start of the file.
    pub offset: usize,
    /// What should have stood there.
    pub expected: &'static str,
    /// What stands there: a short excerpt with control characters made visible, or `the end of the file`.
    pub found: String,
}

impl ParseError {
    pub(crate) fn at(bytes: &[u8], segment: usize, offset: usize, expected: &'static str) -> Self {
        let rest = bytes.get(offset..).unwrap_or_default();
        let found = if rest.is_empty() {
            "the end of the file".to_owned()
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

/// A file of one interchange or more, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File<'a> {
    bytes: &'a [u8],
    interchanges: Vec<Interchange<'a>>,
}

impl<'a> File<'a> {
    /// Finds the interchanges of a file.
    ///
    /// Fails where the first bytes that are no white space are no usable header, and where a later interchange begins
    /// with one that cannot be used.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let mut interchanges = Vec::new();
        let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") {
            3
        } else {
            0
        };
        loop {
            let start = at + blank(&bytes[at..]);
            if !interchanges.is_empty() && !bytes[start..].starts_with(b"ISA") {
                return Ok(Self {
                    bytes,
                    interchanges,
                });
            }
            let interchange = Interchange::read(bytes, start)?;
            at = interchange.end();
            interchanges.push(interchange);
        }
    }

    /// The bytes as they came, to the last one.
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// The interchanges in order; there is at least one.
    pub fn interchanges(&self) -> &[Interchange<'a>] {
        &self.interchanges
    }

    /// What stands before the first interchange: a byte order mark, white space.
    pub fn before(&self) -> &'a [u8] {
        let start = self.interchanges.first().map_or(0, |first| first.offset);
        &self.bytes[..start]
    }

    /// What stands behind the last interchange and is none. Where it is not blank, something was lost or put there by
    /// mistake.
    pub fn behind(&self) -> &'a [u8] {
        let end = self.interchanges.last().map_or(0, Interchange::end);
        &self.bytes[end..]
    }
}

/// One interchange, from its ISA to the line end behind its IEA, borrowed from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interchange<'a> {
    raw: &'a [u8],
    offset: usize,
    layout: Layout,
}

impl<'a> Interchange<'a> {
    /// Reads the one interchange that `bytes` begin with.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::read(bytes, 0)
    }

    fn read(bytes: &'a [u8], start: usize) -> Result<Self, ParseError> {
        let layout = header::layout(bytes, start)?;
        let all = &bytes[start..];
        let mut segments = Segments::new(all, start, 1, layout.delimiters);
        // The header ends where its layout says; a header never ends an interchange.
        segments.next();
        let mut end = segments.at;
        while let Some(segment) = segments.next() {
            if segment.has_id(b"ISA") {
                break;
            }
            end = segments.at;
            if segment.has_id(b"IEA") {
                break;
            }
        }
        Ok(Self {
            raw: &all[..end],
            offset: start,
            layout,
        })
    }

    /// Its bytes as they came.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where it begins, in bytes from the start of the file.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Where it ends, in bytes from the start of the file.
    pub fn end(&self) -> usize {
        self.offset + self.raw.len()
    }

    /// The delimiters that its ISA declares.
    pub fn delimiters(&self) -> Delimiters {
        self.layout.delimiters
    }

    /// Whether the elements of its ISA have the lengths that they must have.
    pub fn is_padded(&self) -> bool {
        self.layout.padded
    }

    /// Its segments in order, ISA first. Their bytes with their ends, put together, are [`Interchange::raw`].
    pub fn segments(&self) -> Segments<'a> {
        Segments::new(self.raw, self.offset, 1, self.layout.delimiters)
    }

    /// The header, ISA.
    pub fn header(&self) -> Segment<'a> {
        let mut segments = self.segments();
        // An interchange always begins with its header.
        segments.next().unwrap_or(segments.rest())
    }
}

/// The segments of an interchange or of a part of it, in order.
#[derive(Debug, Clone)]
pub struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
    offset: usize,
    number: usize,
    delimiters: Delimiters,
}

impl<'a> Segments<'a> {
    /// `bytes` begin at `offset` of the file with the segment of this number.
    pub(crate) fn new(
        bytes: &'a [u8],
        offset: usize,
        number: usize,
        delimiters: Delimiters,
    ) -> Self {
        Self {
            bytes,
            at: 0,
            offset,
            number,
            delimiters,
        }
    }

    fn rest(&self) -> Segment<'a> {
        let rest = &self.bytes[self.at..];
        Segment::new(
            rest,
            rest.len(),
            self.offset + self.at,
            self.number,
            self.delimiters,
        )
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        let (length, whole) = match memchr::memchr(self.delimiters.terminator, rest) {
            Some(length) => {
                let behind = &rest[length + 1..];
                // Most files have no line ends, or exactly one.
                let gap = match behind.first() {
                    Some(byte) if is_blank(*byte, self.delimiters) => gap(behind, self.delimiters),
                    _ => 0,
                };
                (length, length + 1 + gap)
            }
            None => (rest.len(), rest.len()),
        };
        let segment = Segment::new(
            &rest[..whole],
            length,
            self.offset + self.at,
            self.number,
            self.delimiters,
        );
        self.at += whole;
        self.number += 1;
        Some(segment)
    }
}

fn is_blank(byte: u8, delimiters: Delimiters) -> bool {
    byte.is_ascii_whitespace() && byte != delimiters.element
}

fn gap(bytes: &[u8], delimiters: Delimiters) -> usize {
    bytes
        .iter()
        .position(|byte| !is_blank(*byte, delimiters))
        .unwrap_or(bytes.len())
}

fn blank(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260301*0930*^*00501*000000001*0*T*:";

    fn ids(text: &str) -> Vec<Vec<String>> {
        File::parse(text.as_bytes())
            .unwrap()
            .interchanges()
            .iter()
            .map(|interchange| {
                interchange
                    .segments()
                    .map(|segment| segment.id().to_owned())
                    .collect()
            })
            .collect()
    }

    #[test]
    fn line_ends_behind_terminators_are_no_part_of_segments() {
        for (terminator, end) in [
            ("~", ""),
            ("~", "\n"),
            ("~", "\r\n"),
            ("~", " \r\n\r\n"),
            ("\r", "\n"),
            ("\n", ""),
            ("\n", "\n"),
            ("\u{1c}", "\n"),
        ] {
            let text: String = [
                ISA,
                "GS*HC",
                "ST*837*1",
                "SE*2*1",
                "GE*1*1",
                "IEA*1*000000001",
            ]
            .iter()
            .flat_map(|segment| [*segment, terminator, end])
            .collect();
            assert_eq!(
                ids(&text),
                [["ISA", "GS", "ST", "SE", "GE", "IEA"]],
                "{}",
                text.escape_debug()
            );
            let file = File::parse(text.as_bytes()).unwrap();
            assert_eq!(file.interchanges()[0].raw(), text.as_bytes());
        }
    }

    #[test]
    fn several_interchanges_are_told_apart() {
        let text = format!("{ISA}~TA1*1~IEA*0*1~\n\n{ISA}~GS*HC~{ISA}~IEA*0*1~junk ISA*");
        assert_eq!(
            ids(&text),
            [
                vec!["ISA", "TA1", "IEA"],
                vec!["ISA", "GS"],
                vec!["ISA", "IEA"]
            ]
        );
        let file = File::parse(text.as_bytes()).unwrap();
        assert_eq!(file.behind(), b"junk ISA*");
        let second = file.interchanges()[1].header();
        assert_eq!((second.number(), second.offset()), (1, 106 + 6 + 8 + 2));
    }

    #[test]
    fn a_later_header_that_cannot_be_used_is_refused() {
        let text = format!("\u{feff} {ISA}~IEA*0*1~ISA*");
        let error = File::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.offset, text.len());
        assert!(File::parse(b"").is_err() && File::parse(b" \n").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(start in 0..107usize, rest in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = format!("{ISA}~").into_bytes();
            bytes.truncate(start);
            bytes.extend(rest);
            if let Ok(file) = File::parse(&bytes) {
                let mut again = file.before().to_vec();
                for interchange in file.interchanges() {
                    prop_assert!(interchange.offset() >= again.len());
                    again.extend(&bytes[again.len()..interchange.offset()]);
                    for segment in interchange.segments() {
                        prop_assert_eq!(segment.offset(), again.len());
                        again.extend(segment.whole());
                    }
                }
                again.extend(file.behind());
                prop_assert_eq!(again, bytes);
            }
        }
    }
}
