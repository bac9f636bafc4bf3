//! The delimiters that a header segment declares (HL7 v2.5.1, chapter 2, section 2.5.4).

/// The characters that separate the levels of a message, as its MSH-1 and MSH-2 declare them.
///
/// The standard lets a sender leave out, from the right, the encoding characters that it has no use for, so all but
/// the field and component separators may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between fields: MSH-1, usually `|`.
    pub field: u8,
    /// Between components: the first character of MSH-2, usually `^`.
    pub component: u8,
    /// Between repetitions: the second character of MSH-2, usually `~`.
    pub repetition: Option<u8>,
    /// Opens and closes an escape sequence: the third character of MSH-2, usually `\`.
    pub escape: Option<u8>,
    /// Between subcomponents: the fourth character of MSH-2, usually `&`.
    pub subcomponent: Option<u8>,
    /// Marks a truncated value: the fifth character of MSH-2 from version 2.7 on, usually `#`.
    pub truncation: Option<u8>,
}

impl Default for Delimiters {
    /// The set that the standard suggests, `|^~\&`, without a truncation character.
    fn default() -> Self {
        Self {
            field: b'|',
            component: b'^',
            repetition: Some(b'~'),
            escape: Some(b'\\'),
            subcomponent: Some(b'&'),
            truncation: None,
        }
    }
}

/// Why a header's delimiters cannot be used: how far into the segment the fault is, and what was expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadDelimiters {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

impl Delimiters {
    /// Reads them from a header segment that begins with MSH, FHS or BHS.
    pub(crate) fn of_header(segment: &[u8]) -> Result<Self, BadDelimiters> {
        let fault = |at, expected| Err(BadDelimiters { at, expected });
        let Some(&field) = segment.get(3) else {
            return fault(3, "a field separator after the header's name");
        };
        if !is_usable(field) {
            return fault(3, "a field separator that is punctuation");
        }
        let rest = &segment[4..];
        let declared = &rest[..memchr::memchr(field, rest).unwrap_or(rest.len())];
        if declared.is_empty() {
            return fault(4, "the encoding characters in the second field");
        }
        if declared.len() > 5 {
            return fault(9, "at most five encoding characters");
        }
        for (index, &byte) in declared.iter().enumerate() {
            if !is_usable(byte) {
                return fault(4 + index, "an encoding character that is punctuation");
            }
            if declared[..index].contains(&byte) {
                return fault(4 + index, "encoding characters that differ from each other");
            }
        }
        Ok(Self {
            field,
            component: declared[0],
            repetition: declared.get(1).copied(),
            escape: declared.get(2).copied(),
            subcomponent: declared.get(3).copied(),
            truncation: declared.get(4).copied(),
        })
    }

    /// The text of MSH-2: the encoding characters in their order, up to the first that is not declared.
    pub fn encoding_characters(&self) -> String {
        let optional = [
            self.repetition,
            self.escape,
            self.subcomponent,
            self.truncation,
        ];
        std::iter::once(self.component)
            .chain(optional.into_iter().map_while(|declared| declared))
            .map(char::from)
            .collect()
    }
}

/// Letters, digits, spaces, quotes and line ends cannot separate anything without making values unreadable.
fn is_usable(byte: u8) -> bool {
    byte.is_ascii_punctuation() && byte != b'"'
        || matches!(byte, 0x01..=0x09 | 0x0E..=0x1B | 0x1D..=0x1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_declares_them_all() {
        let read = Delimiters::of_header(br"MSH|^~\&#|APP").unwrap();
        assert_eq!(read.truncation, Some(b'#'));
        assert_eq!(read.encoding_characters(), r"^~\&#");
        let odd = Delimiters::of_header(b"MSH$%*!+$APP").unwrap();
        assert_eq!(
            (odd.field, odd.component, odd.repetition),
            (b'$', b'%', Some(b'*'))
        );
        assert_eq!(
            (odd.escape, odd.subcomponent, odd.truncation),
            (Some(b'!'), Some(b'+'), None)
        );
    }

    #[test]
    fn a_short_list_leaves_the_rest_undeclared() {
        let read = Delimiters::of_header(b"MSH|^~|APP").unwrap();
        assert_eq!(
            (read.repetition, read.escape, read.subcomponent),
            (Some(b'~'), None, None)
        );
        assert_eq!(read.encoding_characters(), "^~");
    }

    #[test]
    fn unusable_ones_are_refused_where_they_stand() {
        for (segment, at) in [
            (&b"MSH"[..], 3),
            (b"MSHA^~", 3),
            (b"MSH||APP", 4),
            (br"MSH|^^\&|", 5),
            (br"MSH|^~\&#!|", 9),
            (b"MSH|^a|", 5),
            (b"MSH|^~\xE9&|", 6),
        ] {
            assert_eq!(
                Delimiters::of_header(segment).unwrap_err().at,
                at,
                "{segment:?}"
            );
        }
    }
}
