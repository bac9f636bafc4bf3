//! Character sets that MSH-18 can declare (HL7 table 0211).

use std::borrow::Cow;

use encoding_rs::Encoding;

/// How the bytes of a message become text, and those of its acknowledgement are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Seven-bit ASCII.
    Ascii,
    /// ISO 8859-1, each byte the code point of the same number.
    Latin1,
    /// UTF-8, declared.
    Utf8,
    /// One of the other parts of ISO 8859.
    Other(&'static Encoding),
}

/// Why a message cannot be read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CharsetError {
    /// MSH-18 names a set that is not supported.
    #[error("unsupported character set")]
    Unsupported,
    /// The bytes are not of the set that MSH-18 names.
    #[error("bytes are not of the declared character set")]
    Mismatch,
}

impl Charset {
    /// The set that MSH-18 names; nothing there means UTF-8 where the bytes allow it, and ISO 8859-1 elsewhere.
    pub fn declared(name: &str, payload: &[u8]) -> Result<Self, CharsetError> {
        let name = name.trim().to_ascii_uppercase();
        Ok(match name.as_str() {
            "" if std::str::from_utf8(payload).is_ok() => Self::Utf8,
            "" | "8859/1" | "ISO-8859-1" | "ISO8859-1" => Self::Latin1,
            "ASCII" | "ISO IR6" => Self::Ascii,
            "UNICODE UTF-8" | "UTF-8" | "UTF8" | "UNICODE" => Self::Utf8,
            _ => {
                let part = name
                    .strip_prefix("8859/")
                    .ok_or(CharsetError::Unsupported)?;
                let label = format!("iso-8859-{part}");
                Self::Other(Encoding::for_label(label.as_bytes()).ok_or(CharsetError::Unsupported)?)
            }
        })
    }

    /// Reads bytes as text, losing nothing.
    pub fn decode(self, payload: &[u8]) -> Result<String, CharsetError> {
        match self {
            Self::Ascii if !payload.is_ascii() => Err(CharsetError::Mismatch),
            Self::Ascii | Self::Utf8 => std::str::from_utf8(payload)
                .map(str::to_owned)
                .map_err(|_| CharsetError::Mismatch),
            Self::Latin1 => Ok(payload.iter().map(|byte| char::from(*byte)).collect()),
            Self::Other(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(payload)
                .map(Cow::into_owned)
                .ok_or(CharsetError::Mismatch),
        }
    }

    /// Writes text; characters that the set does not have become question marks. An acknowledgement only repeats what
    /// came in the same set, so there are none in practice.
    pub fn encode(self, text: &str) -> Vec<u8> {
        let byte_or_mark = |limit: u32| {
            move |character: char| {
                let code = u32::from(character);
                if code < limit {
                    u8::try_from(code).unwrap_or(b'?')
                } else {
                    b'?'
                }
            }
        };
        match self {
            Self::Ascii => text.chars().map(byte_or_mark(0x80)).collect(),
            Self::Latin1 => text.chars().map(byte_or_mark(0x100)).collect(),
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Other(encoding) => encoding.encode(text).0.into_owned(),
        }
    }
}

/// MSH-18 as it stands in the raw bytes, which must be known before anything can be decoded.
pub fn declared_name(payload: &[u8]) -> String {
    let line = payload
        .split(|byte| matches!(*byte, b'\r' | b'\n'))
        .find(|line| !line.is_empty());
    let Some((line, separator)) = line.and_then(|line| Some((line, *line.get(3)?))) else {
        return String::new();
    };
    let field = line
        .split(|byte| *byte == separator)
        .nth(17)
        .unwrap_or_default();
    let first = field.split(|byte| *byte == b'~').next().unwrap_or_default();
    String::from_utf8_lossy(first).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, payload: &[u8]) -> Result<String, CharsetError> {
        Charset::declared(name, payload)?.decode(payload)
    }

    #[test]
    fn accents_survive_in_every_declared_set() {
        assert_eq!(text("", "Zoë".as_bytes()).unwrap(), "Zoë");
        assert_eq!(text("", b"Zo\xeb").unwrap(), "Zoë");
        assert_eq!(text("8859/1", b"Zo\xeb").unwrap(), "Zoë");
        assert_eq!(text("8859/15", b"\xa4 12").unwrap(), "€ 12");
        assert_eq!(text("UNICODE UTF-8", "Zoë".as_bytes()).unwrap(), "Zoë");
    }

    #[test]
    fn bytes_that_contradict_the_declaration_are_refused() {
        assert_eq!(
            text("UNICODE UTF-8", b"Zo\xeb"),
            Err(CharsetError::Mismatch)
        );
        assert_eq!(text("ASCII", b"Zo\xeb"), Err(CharsetError::Mismatch));
        assert_eq!(text("KLINGON", b"x"), Err(CharsetError::Unsupported));
        assert_eq!(text("8859/99", b"x"), Err(CharsetError::Unsupported));
    }

    #[test]
    fn what_was_decoded_encodes_to_the_same_bytes() {
        for (name, payload) in [
            ("8859/1", b"Zo\xeb".as_slice()),
            ("8859/15", b"\xa4"),
            ("", "ß".as_bytes()),
        ] {
            let charset = Charset::declared(name, payload).unwrap();
            assert_eq!(charset.encode(&charset.decode(payload).unwrap()), payload);
        }
    }

    #[test]
    fn the_declaration_is_found_in_the_raw_header() {
        assert_eq!(
            declared_name(b"\r\nMSH|^~\\&|A|B|C|D|E|F|G|H|P|2.5.1||||||8859/1~X|\rPID|1"),
            "8859/1"
        );
        assert_eq!(declared_name(b"MSH"), "");
    }
}
