//! The levels below a message: segment, field, repetition, component, subcomponent.
//!
//! Nothing is split before it is asked for, and nothing is copied before its text is asked for.

use std::borrow::Cow;

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::escape;

/// What it takes to read the bytes of one message as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) delimiters: Delimiters,
    pub(crate) charset: Charset,
}

/// One segment, borrowed from its message.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'m> {
    pub(crate) bytes: &'m [u8],
    pub(crate) number: usize,
    pub(crate) offset: usize,
    pub(crate) reading: Reading,
}

impl<'m> Segment<'m> {
    /// Its three-character name as written, such as `PID`.
    pub fn name(&self) -> &'m str {
        // Parsing has checked that these three bytes are ASCII.
        std::str::from_utf8(&self.bytes[..3]).unwrap_or_default()
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        &self.bytes[..3] == name.as_bytes()
    }

    /// Its place in the message, counted from 1; blank lines are not counted.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Where it begins, in bytes from the start of the message.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Its bytes without the line end.
    pub fn raw(&self) -> &'m [u8] {
        self.bytes
    }

    /// Its bytes as text, with delimiters and escape sequences as they stand.
    pub fn text(&self) -> Cow<'m, str> {
        self.reading.charset.decode(self.bytes)
    }

    /// Whether it is MSH, FHS or BHS, whose first field is the field separator itself.
    pub fn is_header(&self) -> bool {
        is_header(self.bytes)
    }

    /// Field `number`, counted from 1 as the standard does: MSH-1 is the field separator and MSH-2 the encoding
    /// characters. None where the segment ends before it.
    pub fn field(&self, number: usize) -> Option<Element<'m>> {
        let separator = self.reading.delimiters.field;
        let (after_name, skipped) = if self.is_header() {
            match number {
                1 => return Some(self.literal(3, 4)),
                2 => {
                    let rest = &self.bytes[4..];
                    return Some(
                        self.literal(4, 4 + memchr::memchr(separator, rest).unwrap_or(rest.len())),
                    );
                }
                _ => (4, 2),
            }
        } else {
            (4, 1)
        };
        let mut start = after_name;
        if number < skipped || self.bytes.len() < start {
            return None;
        }
        for _ in skipped..number {
            start += memchr::memchr(separator, &self.bytes[start..])? + 1;
        }
        let rest = &self.bytes[start..];
        let end = start + memchr::memchr(separator, rest).unwrap_or(rest.len());
        Some(Element {
            bytes: &self.bytes[start..end],
            level: Level::Field,
            offset: self.offset + start,
            reading: self.reading,
        })
    }

    /// All fields with their numbers, in order.
    pub fn fields(&self) -> impl Iterator<Item = (usize, Element<'m>)> + use<'m> {
        let segment = *self;
        let headers = if segment.is_header() { 2 } else { 0 };
        let mut next = if headers == 2 {
            // The first two fields of a header are not split off by separators; the rest begins after MSH-2.
            segment
                .field(2)
                .map(|second| second.offset - segment.offset + second.bytes.len() + 1)
        } else {
            Some(4)
        };
        let mut number = headers;
        let rest = std::iter::from_fn(move || {
            let start = next?;
            let bytes = segment.bytes.get(start..)?;
            let length = memchr::memchr(segment.reading.delimiters.field, bytes);
            next = length.map(|length| start + length + 1);
            number += 1;
            let bytes = &bytes[..length.unwrap_or(bytes.len())];
            let offset = segment.offset + start;
            Some((
                number,
                Element {
                    bytes,
                    level: Level::Field,
                    offset,
                    reading: segment.reading,
                },
            ))
        });
        (1..=headers)
            .filter_map(move |number| Some((number, segment.field(number)?)))
            .chain(rest)
    }

    /// The delimiters that this segment is written with.
    pub fn delimiters(&self) -> Delimiters {
        self.reading.delimiters
    }

    fn literal(&self, start: usize, end: usize) -> Element<'m> {
        Element {
            bytes: &self.bytes[start..end],
            level: Level::Literal,
            offset: self.offset + start,
            reading: self.reading,
        }
    }
}

pub(crate) fn is_header(bytes: &[u8]) -> bool {
    matches!(bytes.get(..3), Some(b"MSH" | b"FHS" | b"BHS"))
}

/// How deep an [`Element`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A whole field with all its repetitions.
    Field,
    /// One repetition of a field.
    Repetition,
    /// One component of a repetition.
    Component,
    /// One subcomponent of a component.
    Subcomponent,
    /// MSH-1 or MSH-2: delimiters themselves, never split.
    Literal,
}

/// A field, repetition, component or subcomponent, borrowed from its message.
#[derive(Debug, Clone, Copy)]
pub struct Element<'m> {
    bytes: &'m [u8],
    level: Level,
    offset: usize,
    reading: Reading,
}

impl<'m> Element<'m> {
    /// Its bytes as they stand.
    pub fn raw(&self) -> &'m [u8] {
        self.bytes
    }

    /// How deep it stands.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Where it begins, in bytes from the start of the message.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether it holds nothing but delimiters: the sender says nothing about it.
    pub fn is_absent(&self) -> bool {
        self.trimmed().is_empty()
    }

    /// Whether it is `""`: the sender asks that the stored value be deleted.
    pub fn is_null(&self) -> bool {
        self.trimmed() == b"\"\""
    }

    /// Whether it has parts of its own, empty parts at its end not counted.
    pub fn is_composite(&self) -> bool {
        let below = self.delimiters_below();
        self.trimmed()
            .iter()
            .any(|byte| below.contains(&Some(*byte)))
    }

    /// Its text, without empty parts at its end.
    ///
    /// A single value is decoded with its escape sequences. A composite keeps them and its delimiters, since decoded
    /// they could not be told apart. Null stays `""`.
    pub fn text(&self) -> Cow<'m, str> {
        let bytes = self.trimmed();
        if self.level == Level::Literal || self.is_composite() {
            return self.reading.charset.decode(bytes);
        }
        match escape::decode(bytes, &self.reading.delimiters) {
            Cow::Borrowed(bytes) => self.reading.charset.decode(bytes),
            Cow::Owned(bytes) => Cow::Owned(self.reading.charset.decode(&bytes).into_owned()),
        }
    }

    /// The repetitions of a field; anything deeper is its own only repetition.
    pub fn repetitions(&self) -> impl Iterator<Item = Element<'m>> + use<'m> {
        let separator = self
            .reading
            .delimiters
            .repetition
            .filter(|_| self.level == Level::Field);
        self.split(separator, Level::Repetition)
    }

    /// The components of a repetition, or of a field's first one.
    pub fn components(&self) -> impl Iterator<Item = Element<'m>> + use<'m> {
        let within = self.first_down_to(Level::Repetition);
        let separator =
            Some(within.reading.delimiters.component).filter(|_| within.level == Level::Repetition);
        within.split(separator, Level::Component)
    }

    /// The subcomponents of a component, or of the first component of what stands above one.
    pub fn subcomponents(&self) -> impl Iterator<Item = Element<'m>> + use<'m> {
        let within = self.first_down_to(Level::Component);
        let separator = within
            .reading
            .delimiters
            .subcomponent
            .filter(|_| within.level == Level::Component);
        within.split(separator, Level::Subcomponent)
    }

    /// Repetition `number`, counted from 1.
    pub fn repetition(&self, number: usize) -> Option<Element<'m>> {
        self.repetitions().nth(number.checked_sub(1)?)
    }

    /// Component `number`, counted from 1.
    pub fn component(&self, number: usize) -> Option<Element<'m>> {
        self.components().nth(number.checked_sub(1)?)
    }

    /// Subcomponent `number`, counted from 1.
    pub fn subcomponent(&self, number: usize) -> Option<Element<'m>> {
        self.subcomponents().nth(number.checked_sub(1)?)
    }

    fn first_down_to(&self, level: Level) -> Element<'m> {
        let mut element = *self;
        if element.level == Level::Field {
            element = element.repetition(1).unwrap_or(element);
        }
        if element.level == Level::Repetition && level == Level::Component {
            element = element.component(1).unwrap_or(element);
        }
        element
    }

    /// Splits at `separator`; without one the whole is the only part. A literal is never split.
    fn split(
        &self,
        separator: Option<u8>,
        below: Level,
    ) -> impl Iterator<Item = Element<'m>> + use<'m> {
        let whole = *self;
        let level = if whole.level == Level::Literal {
            Level::Literal
        } else {
            below
        };
        let mut next = Some(0);
        std::iter::from_fn(move || {
            let start = next?;
            let rest = &whole.bytes[start..];
            let length = separator.and_then(|separator| memchr::memchr(separator, rest));
            next = length.map(|length| start + length + 1);
            Some(Element {
                bytes: &rest[..length.unwrap_or(rest.len())],
                level,
                offset: whole.offset + start,
                reading: whole.reading,
            })
        })
    }

    /// The separators that would split this element further.
    fn delimiters_below(&self) -> [Option<u8>; 3] {
        let Delimiters {
            component,
            repetition,
            subcomponent,
            ..
        } = self.reading.delimiters;
        match self.level {
            Level::Field => [repetition, Some(component), subcomponent],
            Level::Repetition => [None, Some(component), subcomponent],
            Level::Component => [None, None, subcomponent],
            Level::Subcomponent | Level::Literal => [None; 3],
        }
    }

    fn trimmed(&self) -> &'m [u8] {
        let below = self.delimiters_below();
        let end = self
            .bytes
            .iter()
            .rposition(|byte| !below.contains(&Some(*byte)))
            .map_or(0, |last| last + 1);
        &self.bytes[..end]
    }
}

#[cfg(test)]
mod tests {
    use crate::message::Message;

    const MESSAGE: &[u8] = b"MSH|^~\\&|APP|FAC\rPID|1||12^^^H&1.2&ISO^MR~34^^^X||O\\T\\Brien^Ann^^||\"\"|^^&|a\\S\\b\rZZZ\rPV1|\r";

    #[test]
    fn fields_are_numbered_as_the_standard_does() {
        let message = Message::parse(MESSAGE).unwrap();
        let header = message.segment("MSH").unwrap();
        let text = |number| header.field(number).map(|field| field.text().into_owned());
        assert_eq!(text(0), None);
        assert_eq!(text(1).as_deref(), Some("|"));
        assert_eq!(text(2).as_deref(), Some("^~\\&"));
        assert_eq!(text(3).as_deref(), Some("APP"));
        assert_eq!(text(4).as_deref(), Some("FAC"));
        assert_eq!(text(5), None);
        let numbers: Vec<_> = header
            .fields()
            .map(|(number, field)| (number, field.text().into_owned()))
            .collect();
        assert_eq!(numbers[0], (1, "|".to_owned()));
        assert_eq!(numbers[3], (4, "FAC".to_owned()));
        assert_eq!(numbers.len(), 4);
    }

    #[test]
    fn each_level_splits_the_one_above() {
        let message = Message::parse(MESSAGE).unwrap();
        let identifiers = message.segment("PID").unwrap().field(3).unwrap();
        assert_eq!(identifiers.repetitions().count(), 2);
        let second = identifiers.repetition(2).unwrap();
        assert_eq!(second.component(1).unwrap().text(), "34");
        let authority = identifiers.component(4).unwrap();
        assert_eq!(authority.text(), "H&1.2&ISO");
        assert_eq!(authority.subcomponent(3).unwrap().text(), "ISO");
        assert_eq!(
            authority
                .subcomponent(4)
                .map(|part| part.text().into_owned()),
            None
        );
        assert_eq!(
            identifiers
                .component(1)
                .unwrap()
                .subcomponent(1)
                .unwrap()
                .text(),
            "12"
        );
        assert_eq!(&MESSAGE[authority.offset()..][..3], b"H&1");
    }

    #[test]
    fn absent_null_and_value_differ() {
        let message = Message::parse(MESSAGE).unwrap();
        let segment = message.segment("PID").unwrap();
        assert!(segment.field(7).unwrap().is_null());
        assert_eq!(segment.field(7).unwrap().text(), "\"\"");
        assert!(segment.field(8).unwrap().is_absent());
        assert!(segment.field(6).unwrap().is_absent());
        assert!(!segment.field(5).unwrap().is_absent());
        assert!(segment.field(10).is_none());
        assert!(message.segment("ZZZ").unwrap().field(1).is_none());
        assert!(
            message
                .segment("PV1")
                .unwrap()
                .field(1)
                .unwrap()
                .is_absent()
        );
        assert_eq!(message.segment("PV1").unwrap().fields().count(), 1);
        assert_eq!(message.segment("ZZZ").unwrap().fields().count(), 0);
    }

    #[test]
    fn single_values_are_decoded_and_composites_are_not() {
        let message = Message::parse(MESSAGE).unwrap();
        let segment = message.segment("PID").unwrap();
        assert_eq!(segment.field(9).unwrap().text(), "a^b");
        assert_eq!(
            segment.field(5).unwrap().text(),
            "O\\T\\Brien^Ann",
            "empty components at the end do not count"
        );
        assert_eq!(
            segment.field(5).unwrap().component(1).unwrap().text(),
            "O&Brien"
        );
        assert_eq!(segment.field(5).unwrap().raw(), b"O\\T\\Brien^Ann^^");
    }
}
