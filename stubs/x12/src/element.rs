//! The levels below an interchange: segment, element, repetition, component (ASC X12.6; TR3 appendix B.1.1.3).
//!
//! Nothing is split before it is asked for, and nothing is copied.

use std::borrow::Cow;

use crate::delimiters::Delimiters;

/// One segment, borrowed from its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    whole: &'a [u8],
    length: usize,
    offset: usize,
    number: usize,
    delimiters: Delimiters,
}

impl<'a> Segment<'a> {
    /// `whole` is the segment with its end, `length` how many of its bytes stand before the terminator.
    #[inline]
    pub(crate) fn new(
        whole: &'a [u8],
        length: usize,
        offset: usize,
        number: usize,
        delimiters: Delimiters,
    ) -> Self {
        Self {
            whole,
            length,
            offset,
            number,
            delimiters,
        }
    }

    /// Its identifier as written, such as `NM1`; empty where it is no text.
    pub fn id(&self) -> &'a str {
        std::str::from_utf8(self.id_bytes()).unwrap_or_default()
    }

    /// The bytes before its first element separator.
    #[inline]
    pub fn id_bytes(&self) -> &'a [u8] {
        let raw = self.raw();
        let short = &raw[..raw.len().min(4)];
        match short
            .iter()
            .position(|byte| *byte == self.delimiters.element)
        {
            Some(end) => &short[..end],
            None => &raw[..memchr::memchr(self.delimiters.element, raw).unwrap_or(raw.len())],
        }
    }

    #[inline]
    pub(crate) fn has_id(&self, id: &[u8]) -> bool {
        let raw = self.raw();
        raw.starts_with(id)
            && raw
                .get(id.len())
                .is_none_or(|byte| *byte == self.delimiters.element)
    }

    /// Its place in the interchange, counted from 1: ISA is the first.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Where it begins, in bytes from the start of the file.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Where the next one begins, in bytes from the start of the file.
    pub fn end(&self) -> usize {
        self.offset + self.whole.len()
    }

    /// Its bytes without the terminator.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        &self.whole[..self.length]
    }

    /// Its bytes with the terminator and the line end behind it.
    pub fn whole(&self) -> &'a [u8] {
        self.whole
    }

    /// The terminator and the line end behind it; empty where the file ends before.
    pub fn ending(&self) -> &'a [u8] {
        &self.whole[self.length..]
    }

    /// Whether a terminator stands behind it.
    pub fn is_terminated(&self) -> bool {
        self.length < self.whole.len()
    }

    /// The delimiters that it is written with.
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// Element `number`, counted from 1; None where the segment ends before it, and for 0.
    pub fn element(&self, number: usize) -> Option<Element<'a>> {
        self.elements().nth(number.checked_sub(1)?)
    }

    /// The text of element `number` where it holds one: not absent, not empty, and UTF-8.
    pub fn text(&self, number: usize) -> Option<&'a str> {
        let raw = self.element(number)?.raw();
        (!raw.is_empty())
            .then(|| std::str::from_utf8(raw).ok())
            .flatten()
    }

    /// All elements in order.
    pub fn elements(&self) -> Elements<'a> {
        let raw = self.raw();
        let id = self.id_bytes().len();
        Elements {
            rest: raw.get(id + 1..),
            offset: self.offset + id + 1,
            delimiters: self.delimiters,
            level: if self.has_id(b"ISA") {
                Level::Literal
            } else {
                Level::Element
            },
        }
    }
}

/// How deep an [`Element`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A whole element with all its repetitions.
    Element,
    /// One repetition of an element.
    Repetition,
    /// One component of a composite.
    Component,
    /// An element of ISA, which may hold delimiters and is never split.
    Literal,
}

/// An element, a repetition or a component, borrowed from its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    raw: &'a [u8],
    offset: usize,
    level: Level,
    delimiters: Delimiters,
}

impl<'a> Element<'a> {
    /// Its bytes as they stand; empty where the sender says nothing.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its bytes as text. X12 has no character set of its own; what is no UTF-8 is shown by U+FFFD.
    pub fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.raw)
    }

    /// How deep it stands.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Where it begins, in bytes from the start of the file.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Its repetitions: one, where it is not repeated.
    pub fn repetitions(&self) -> Parts<'a> {
        let separator = match self.level {
            Level::Element => self.delimiters.repetition,
            _ => None,
        };
        self.parts(separator, Level::Repetition)
    }

    /// Repetition `number`, counted from 1.
    pub fn repetition(&self, number: usize) -> Option<Self> {
        self.repetitions().nth(number.checked_sub(1)?)
    }

    /// The components of its first repetition: one, where it is no composite.
    pub fn components(&self) -> Parts<'a> {
        match self.level {
            Level::Element => self
                .repetition(1)
                .unwrap_or(*self)
                .parts(Some(self.delimiters.component), Level::Component),
            Level::Repetition => self.parts(Some(self.delimiters.component), Level::Component),
            Level::Component | Level::Literal => self.parts(None, self.level),
        }
    }

    /// Component `number` of its first repetition, counted from 1.
    pub fn component(&self, number: usize) -> Option<Self> {
        self.components().nth(number.checked_sub(1)?)
    }

    fn parts(&self, separator: Option<u8>, level: Level) -> Parts<'a> {
        Parts {
            rest: Some(self.raw),
            offset: self.offset,
            separator,
            level: if self.level == Level::Literal {
                Level::Literal
            } else {
                level
            },
            delimiters: self.delimiters,
        }
    }
}

/// The elements of a segment, in order.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    rest: Option<&'a [u8]>,
    offset: usize,
    level: Level,
    delimiters: Delimiters,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let raw = split(&mut self.rest, Some(self.delimiters.element))?;
        let offset = self.offset;
        self.offset += raw.len() + 1;
        Some(Element {
            raw,
            offset,
            level: self.level,
            delimiters: self.delimiters,
        })
    }
}

/// The repetitions of an element or the components of a composite, in order.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    rest: Option<&'a [u8]>,
    offset: usize,
    separator: Option<u8>,
    level: Level,
    delimiters: Delimiters,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let raw = split(&mut self.rest, self.separator)?;
        let offset = self.offset;
        self.offset += raw.len() + 1;
        Some(Element {
            raw,
            offset,
            level: self.level,
            delimiters: self.delimiters,
        })
    }
}

/// Takes what stands before the next separator. Elements are short, so a plain search beats a vector one.
#[inline]
fn split<'a>(rest: &mut Option<&'a [u8]>, separator: Option<u8>) -> Option<&'a [u8]> {
    let bytes = (*rest)?;
    let end = separator.and_then(|separator| bytes.iter().position(|byte| *byte == separator));
    *rest = end.map(|end| &bytes[end + 1..]);
    Some(&bytes[..end.unwrap_or(bytes.len())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interchange::Segments;

    fn segment(text: &str) -> Segment<'_> {
        Segments::new(text.as_bytes(), 100, 7, Delimiters::default())
            .next()
            .unwrap()
    }

    #[test]
    fn every_level_knows_its_place() {
        let segment = segment("SV1*HC:99213::25*150**1^2:3~\r\nNEXT~");
        assert_eq!((segment.id(), segment.number()), ("SV1", 7));
        assert_eq!(segment.ending(), b"~\r\n");
        assert_eq!(segment.end(), 100 + segment.whole().len());
        let texts: Vec<_> = segment
            .elements()
            .map(|element| element.text().into_owned())
            .collect();
        assert_eq!(texts, ["HC:99213::25", "150", "", "1^2:3"]);
        let code = segment.element(1).unwrap().component(2).unwrap();
        assert_eq!((code.raw(), code.offset()), (&b"99213"[..], 107));
        assert_eq!(code.component(1).unwrap().raw(), b"99213");
        let second = segment.element(4).unwrap().repetition(2).unwrap();
        assert_eq!(second.component(2).unwrap().raw(), b"3");
        assert_eq!(second.component(2).unwrap().offset(), 100 + 26);
        assert_eq!(segment.text(2), Some("150"));
        assert_eq!((segment.text(3), segment.text(9)), (None, None));
        assert!(segment.element(0).is_none() && segment.element(5).is_none());
    }

    #[test]
    fn short_and_odd_segments_are_read() {
        assert_eq!(segment("LX~").elements().count(), 0);
        assert_eq!(segment("LX*~").elements().count(), 1);
        assert_eq!(segment("~").id(), "");
        assert_eq!(segment("*1~").element(1).unwrap().raw(), b"1");
        assert_eq!(segment("TOOLONG*1~").id(), "TOOLONG");
        assert!(!segment("SE*2").is_terminated());
        assert!(segment("SE*2~").has_id(b"SE") && !segment("SEX*2~").has_id(b"SE"));
    }

    #[test]
    fn a_header_is_never_split() {
        let header = segment("ISA*00*^*:~");
        assert_eq!(header.element(2).unwrap().repetitions().count(), 1);
        assert_eq!(header.element(3).unwrap().component(1).unwrap().raw(), b":");
    }
}
