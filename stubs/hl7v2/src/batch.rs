//! Files of messages: FHS, BHS, messages, BTS, FTS (HL7 v2.5.1, chapter 2, section 2.10.3).

use crate::delimiters::Delimiters;
use crate::element::{Reading, Segment, is_header};
use crate::message::{Message, ParseError};

/// A file or stream of messages, with or without envelopes.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    messages: Vec<Message<'a>>,
    declared: Vec<usize>,
}

impl<'a> Batch<'a> {
    /// Reads every message of `raw`. An error's offset counts from the start of `raw`, its segment within the message
    /// or envelope at fault.
    ///
    /// Envelopes are not nested messages: FHS, BHS, BTS and FTS segments belong to none. A file without any MSH is a
    /// batch of nothing, which the standard allows.
    pub fn parse(raw: &'a [u8]) -> Result<Self, ParseError> {
        let mut batch = Self {
            messages: Vec::new(),
            declared: Vec::new(),
        };
        let mut open: Option<usize> = None;
        let mut separator = b'|';
        for (start, line) in lines(raw) {
            let is_trailer = matches!(line.get(..3), Some(b"BTS" | b"FTS"));
            if !is_header(line) && !is_trailer {
                open = open.or(Some(start));
                continue;
            }
            batch.close(raw, open.take(), start)?;
            if line.starts_with(b"MSH") {
                open = Some(start);
            } else if is_trailer {
                if line.starts_with(b"BTS") {
                    batch.declared.extend(declared_count(line, separator));
                }
            } else if let Ok(delimiters) = Delimiters::of_header(line) {
                separator = delimiters.field;
            } else {
                // Parsing it alone says what is wrong with it.
                Message::parse(&raw[start..start + line.len()])
                    .map_err(|error| shifted(error, start))?;
            }
        }
        batch.close(raw, open, raw.len())?;
        Ok(batch)
    }

    /// The messages in order.
    pub fn messages(&self) -> &[Message<'a>] {
        &self.messages
    }

    /// What the BTS-1 of each batch says it holds. A count that is wrong is a finding, not a reason to refuse.
    pub fn declared_counts(&self) -> &[usize] {
        &self.declared
    }

    fn close(&mut self, raw: &'a [u8], open: Option<usize>, end: usize) -> Result<(), ParseError> {
        if let Some(start) = open {
            self.messages
                .push(Message::parse(&raw[start..end]).map_err(|error| shifted(error, start))?);
        }
        Ok(())
    }
}

fn shifted(error: ParseError, start: usize) -> ParseError {
    ParseError {
        offset: error.offset + start,
        ..error
    }
}

fn declared_count(line: &[u8], separator: u8) -> Option<usize> {
    let reading = Reading {
        delimiters: Delimiters {
            field: separator,
            ..Delimiters::default()
        },
        charset: crate::charset::Charset::Utf8,
    };
    let segment = Segment {
        bytes: line,
        number: 1,
        offset: 0,
        reading,
    };
    segment.field(1)?.text().trim().parse().ok()
}

/// The lines that are not blank, with their offsets; a byte order mark is stepped over.
fn lines(raw: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = if raw.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    std::iter::from_fn(move || {
        if start >= raw.len() {
            return None;
        }
        let rest = &raw[start..];
        let length = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let line = (start, &rest[..length]);
        start += length + 1;
        Some(line)
    })
    .filter(|(_, line)| !line.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_opened() {
        let raw = b"FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A||||||ADT^A01|1\rPID|1\r\rMSH|^~\\&|A||||||ADT^A01|2\rBTS|2\rBHS|^~\\&|A\rMSH|^~\\&|A||||||ADT^A01|3\rBTS|9\rFTS|2\r";
        let batch = Batch::parse(raw).unwrap();
        let ids: Vec<_> = batch
            .messages()
            .iter()
            .map(|message| message.header().control_id().into_owned())
            .collect();
        assert_eq!(ids, ["1", "2", "3"]);
        assert_eq!(batch.declared_counts(), [2, 9]);
        assert_eq!(batch.messages()[0].segments().count(), 2);
    }

    #[test]
    fn messages_without_an_envelope_are_a_batch_too() {
        assert_eq!(
            Batch::parse(b"MSH|^~\\&|A\nPID|1\nMSH|^~\\&|B\n")
                .unwrap()
                .messages()
                .len(),
            2
        );
        assert_eq!(Batch::parse(b"").unwrap().messages().len(), 0);
    }

    #[test]
    fn faults_are_located_in_the_whole() {
        let error = Batch::parse(b"BHS|^~\\&|A\rMSH|^~\\&|A\rP|1\rBTS|1\r").unwrap_err();
        assert_eq!(error.offset, 22);
        assert_eq!(Batch::parse(b"BHS|^^\\&|A\r").unwrap_err().offset, 5);
        assert_eq!(
            Batch::parse(b"BHS|^~\\&|A\rPID|1\rBTS|1\r")
                .unwrap_err()
                .offset,
            11
        );
    }
}
