//! Where a text stopped being JSON.

use std::fmt;

/// Why a text is not JSON, with the place at which reading stopped.
///
/// `Display` reads as one line: `line 2, column 8: expected a member name in double quotes, found '}'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    line: usize,
    column: usize,
    offset: usize,
    expected: String,
    found: String,
}

impl JsonError {
    /// Describes a fault at byte `offset` of `input`, which is valid UTF-8 up to there.
    pub(crate) fn at(input: &[u8], offset: usize, expected: String) -> Self {
        let offset = offset.min(input.len());
        let before = &input[..offset];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |index| index + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count()
            + 1;
        let found = match input.get(offset) {
            None => "the end of the text".to_owned(),
            Some(&byte) if byte.is_ascii() => format!("{:?}", char::from(byte)),
            Some(&byte) => {
                let rest = &input[offset..input.len().min(offset + 4)];
                let readable = match std::str::from_utf8(rest) {
                    Ok(text) => text.chars().next(),
                    Err(fault) => std::str::from_utf8(&rest[..fault.valid_up_to()])
                        .ok()
                        .and_then(|text| text.chars().next()),
                };
                readable.map_or_else(|| format!("byte 0x{byte:02x}"), |c| format!("{c:?}"))
            }
        };
        Self {
            line,
            column,
            offset,
            expected,
            found,
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The offset in bytes from the start of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What would have been right here, as a noun phrase.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What stands here instead, as a noun phrase.
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: expected {}, found {}",
            self.line, self.column, self.expected, self.found
        )
    }
}

impl std::error::Error for JsonError {}
