//! One contract file as it was read.

use crate::{Finding, Span};

/// The name and the text of one contract file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it, with `/` between folders: it stands in every message.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The byte offset at which each line starts: every verdict names its line, and a file may hold thousands.
    lines: Vec<usize>,
}

impl Source {
    /// Ties a text to the name under which messages speak of it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let after = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines = std::iter::once(0).chain(after).collect();
        Self {
            name: name.into(),
            text,
            lines,
        }
    }

    /// Ties the bytes of a file to its name. Where they are not UTF-8, the finding says where; the text then has U+FFFD in their
    /// place, and is there only to be shown.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> (Self, Option<Finding>) {
        match String::from_utf8(bytes) {
            Ok(text) => (Self::new(name, text), None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                let byte = bytes.get(at).copied().unwrap_or_default();
                let span = Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8());
                let finding = Finding::error(
                    "not-utf-8",
                    span,
                    format!("the file is not UTF-8: the byte 0x{byte:02X} is no part of a character here"),
                )
                .label("the first that cannot be read")
                .help("save the file as UTF-8");
                (
                    Self::new(name, String::from_utf8_lossy(&bytes)),
                    Some(finding),
                )
            }
        }
    }

    /// The line and the column of a byte offset, both counted from one, the column in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        (line, self.text[start..offset].chars().count() + 1)
    }

    /// `file:line` of a byte offset, as reports cite it.
    pub fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.name, self.line_column(offset).0)
    }

    /// Where a part of a text stands, given the place from which the whole text was read. The two differ where YAML
    /// folded, indented or escaped it. The answer is the whole place where the part cannot be found as written.
    ///
    /// `part` is a range of byte offsets into `text`.
    pub fn place_within(&self, place: Span, text: &str, part: Span) -> Span {
        let find = || {
            let written = self.text.get(place.start..place.end)?;
            let fragment = text.get(part.start..part.end)?;
            let (at, length) = if let Some(whole) = written.find(text).filter(|_| !text.is_empty())
            {
                (whole + part.start, fragment.len())
            } else if fragment.is_empty() {
                return None;
            } else {
                // The same fragment may stand in the text more than once: the one meant has as many before it.
                let before = text[..part.start].matches(fragment).count();
                let (at, _) = written.match_indices(fragment).nth(before)?;
                (at, fragment.len())
            };
            Some(Span::new(place.start + at, place.start + at + length))
        };
        find().unwrap_or(place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_offset_is_found_as_by_counting(text in "[aé\\r\\n]{0,40}", offset in 0_usize..120) {
            let source = Source::new("a.yaml", text.clone());
            let within = text.floor_char_boundary(offset.min(text.len()));
            let before = &text[..within];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            prop_assert_eq!(source.line_column(offset), (line, column));
        }
    }
}
