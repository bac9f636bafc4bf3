//! Character sets that MSH-18 can declare (HL7 v2.5.1, table 0211).
//!
//! The ISO 8859 parts are decoded as ISO defines them. The web's tables, which `encoding_rs` holds, read parts 1, 9
//! and 11 as their Windows relatives; for those the bytes 0x80 to 0x9F are put right here, so that every byte of a
//! Latin-1 message comes back as it went in.

use std::borrow::Cow;

use encoding_rs::Encoding;
use thiserror::Error;

/// A character set that messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// Seven bits.
    Ascii,
    /// A part of ISO 8859, by its number: 1 to 16 without 12, which was never published.
    Iso8859(u8),
    /// UTF-8.
    Utf8,
    /// UTF-16, most significant byte first.
    Utf16Be,
    /// UTF-16, least significant byte first.
    Utf16Le,
}

/// MSH-18 names a character set that is not spoken here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "character set {name:?} is not supported; use ASCII, 8859/1 to 8859/16, UNICODE UTF-8 or UNICODE UTF-16"
)]
pub struct UnknownCharset {
    /// The name as the message gives it.
    pub name: String,
}

/// A character that the character set has no byte for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("character {character:?} at character {index} cannot be written in {charset:?}")]
pub struct Unencodable {
    /// The character.
    pub character: char,
    /// Its place in the text, counted in characters from 0.
    pub index: usize,
    /// The character set that lacks it.
    pub charset: Charset,
}

impl Charset {
    /// Reads one repetition of MSH-18.
    ///
    /// Besides the names of table 0211 the everyday spellings `UTF-8`, `UTF8` and `ISO-8859-1` are understood.
    /// `UNICODE` alone is read as UTF-8, which is what its senders write.
    pub fn from_name(name: &str) -> Result<Self, UnknownCharset> {
        // What most messages declare is known without taking it apart.
        if name == "UNICODE UTF-8" {
            return Ok(Self::Utf8);
        }
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|character| character.to_ascii_uppercase())
            .collect();
        let unknown = || UnknownCharset {
            name: name.to_owned(),
        };
        match plain.as_str() {
            "ASCII" | "USASCII" => Ok(Self::Ascii),
            "UNICODE" | "UNICODEUTF8" | "UTF8" => Ok(Self::Utf8),
            "UNICODEUTF16" | "UTF16" | "UTF16BE" => Ok(Self::Utf16Be),
            "UTF16LE" => Ok(Self::Utf16Le),
            other => {
                let part = other
                    .strip_prefix("ISO")
                    .unwrap_or(other)
                    .strip_prefix("8859")
                    .ok_or_else(unknown)?;
                match part.parse() {
                    Ok(number @ (1..=11 | 13..=16)) => Ok(Self::Iso8859(number)),
                    _ => Err(unknown()),
                }
            }
        }
    }

    /// The name that table 0211 gives it.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Ascii => "ASCII".into(),
            Self::Iso8859(part) => format!("8859/{part}").into(),
            Self::Utf8 => "UNICODE UTF-8".into(),
            Self::Utf16Be | Self::Utf16Le => "UNICODE UTF-16".into(),
        }
    }

    /// What a message that declares nothing is written in: UTF-8 where its bytes are that, otherwise ISO 8859-1.
    pub fn guess(bytes: &[u8]) -> Self {
        if std::str::from_utf8(bytes).is_ok() {
            Self::Utf8
        } else {
            Self::Iso8859(1)
        }
    }

    /// The text of `bytes`; what is not of this character set becomes U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Utf16Be => encoding_rs::UTF_16BE.decode(bytes).0,
            Self::Utf16Le => encoding_rs::UTF_16LE.decode(bytes).0,
            Self::Ascii | Self::Iso8859(_) => match std::str::from_utf8(bytes) {
                Ok(text) if bytes.is_ascii() => Cow::Borrowed(text),
                _ => bytes
                    .iter()
                    .map(|&byte| self.character(byte).unwrap_or('\u{FFFD}'))
                    .collect(),
            },
        }
    }

    /// Where the first byte stands that is not of this character set.
    pub fn first_undecodable(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes)
                .err()
                .map(|error| error.valid_up_to()),
            Self::Utf16Be | Self::Utf16Le => {
                let units = bytes.chunks(2).map(|pair| match (self, pair) {
                    (Self::Utf16Be, &[high, low]) | (_, &[low, high]) => {
                        u16::from_be_bytes([high, low])
                    }
                    // Half a unit at the end: a lone surrogate stands in for it.
                    _ => 0xD800,
                });
                let mut at = 0;
                for unit in char::decode_utf16(units) {
                    match unit {
                        Ok(character) => at += 2 * character.len_utf16(),
                        Err(_) => return Some(at),
                    }
                }
                None
            }
            Self::Ascii | Self::Iso8859(_) => bytes
                .iter()
                .position(|&byte| !byte.is_ascii() && self.character(byte).is_none()),
        }
    }

    /// The bytes of `text`, without a byte order mark.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Unencodable> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Ascii | Self::Iso8859(_) => text
                .chars()
                .enumerate()
                .map(|(index, character)| {
                    self.byte(character).ok_or(Unencodable {
                        character,
                        index,
                        charset: self,
                    })
                })
                .collect(),
        }
    }

    /// The bytes of `text`, with `?` for each character that the set lacks.
    pub fn encode_lossy(self, text: &str) -> Vec<u8> {
        match self {
            Self::Ascii | Self::Iso8859(_) => text
                .chars()
                .map(|character| self.byte(character).unwrap_or(b'?'))
                .collect(),
            // The Unicode sets lack nothing.
            _ => self.encode(text).unwrap_or_default(),
        }
    }

    /// What one byte of a single-byte set stands for.
    fn character(self, byte: u8) -> Option<char> {
        match (self, byte) {
            (_, 0..=0x7F) | (Self::Iso8859(_), 0x80..=0x9F) | (Self::Iso8859(1), _) => {
                Some(char::from(byte))
            }
            (Self::Iso8859(part), _) => {
                let (text, malformed) =
                    table(part)?.decode_without_bom_handling(std::slice::from_ref(&byte));
                if malformed { None } else { text.chars().next() }
            }
            _ => None,
        }
    }

    /// The byte of a single-byte set that stands for one character.
    fn byte(self, character: char) -> Option<u8> {
        let code = u8::try_from(u32::from(character)).ok();
        match (self, code) {
            (_, Some(code @ 0..=0x7F))
            | (Self::Iso8859(1), Some(code))
            | (Self::Iso8859(_), Some(code @ 0x80..=0x9F)) => Some(code),
            (Self::Iso8859(part), _) => {
                let mut buffer = [0; 4];
                let (bytes, _, unmappable) =
                    table(part)?.encode(character.encode_utf8(&mut buffer));
                // Below 0xA0 the Windows tables hold characters that the ISO part lacks.
                bytes
                    .first()
                    .copied()
                    .filter(|&byte| !unmappable && bytes.len() == 1 && byte >= 0xA0)
            }
            _ => None,
        }
    }
}

/// The table whose upper half, from 0xA0 on, is that of the ISO part.
fn table(part: u8) -> Option<&'static Encoding> {
    Some(match part {
        2 => encoding_rs::ISO_8859_2,
        3 => encoding_rs::ISO_8859_3,
        4 => encoding_rs::ISO_8859_4,
        5 => encoding_rs::ISO_8859_5,
        6 => encoding_rs::ISO_8859_6,
        7 => encoding_rs::ISO_8859_7,
        8 => encoding_rs::ISO_8859_8,
        9 => encoding_rs::WINDOWS_1254,
        10 => encoding_rs::ISO_8859_10,
        11 => encoding_rs::WINDOWS_874,
        13 => encoding_rs::ISO_8859_13,
        14 => encoding_rs::ISO_8859_14,
        15 => encoding_rs::ISO_8859_15,
        16 => encoding_rs::ISO_8859_16,
        _ => return None,
    })
}

/// UTF-16 text recognised by its byte order mark or by the zero bytes around the first letter of a header segment.
pub(crate) fn detect_utf16(bytes: &[u8]) -> Option<Charset> {
    match bytes {
        [0xFE, 0xFF, ..] | [0, b'M' | b'F' | b'B', 0, ..] => Some(Charset::Utf16Be),
        [0xFF, 0xFE, ..] | [b'M' | b'F' | b'B', 0, _, 0, ..] => Some(Charset::Utf16Le),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_read_as_written_in_the_field() {
        for (name, charset) in [
            ("ASCII", Charset::Ascii),
            ("8859/1", Charset::Iso8859(1)),
            ("8859/15", Charset::Iso8859(15)),
            ("ISO-8859-9", Charset::Iso8859(9)),
            ("UNICODE UTF-8", Charset::Utf8),
            ("UTF-8", Charset::Utf8),
            ("UNICODE", Charset::Utf8),
            ("UNICODE UTF-16", Charset::Utf16Be),
        ] {
            assert_eq!(Charset::from_name(name), Ok(charset), "{name}");
        }
        for name in ["8859/12", "8859/17", "BIG-5", "8859/", "GB 18030-2000", ""] {
            assert!(Charset::from_name(name).is_err(), "{name}");
        }
        assert_eq!(Charset::Iso8859(2).name(), "8859/2");
    }

    #[test]
    fn the_iso_parts_are_not_their_windows_relatives() {
        assert_eq!(Charset::Iso8859(1).decode(b"Ren\xE9e \x80"), "Renée \u{80}");
        assert_eq!(Charset::Iso8859(9).decode(b"\xDDstanbul"), "İstanbul");
        assert_eq!(Charset::Iso8859(15).decode(b"\xA4"), "€");
        assert_eq!(Charset::Iso8859(2).decode(b"\xA3\xF3d\xBC"), "Łódź");
        assert_eq!(
            Charset::Iso8859(1).encode("€").unwrap_err().character,
            '€',
            "Windows-1252 would have it"
        );
        assert_eq!(Charset::Iso8859(15).encode("5 €").unwrap(), b"5 \xA4");
    }

    #[test]
    fn what_is_not_of_the_set_is_found() {
        assert_eq!(Charset::Utf8.first_undecodable(b"Ren\xE9e"), Some(3));
        assert_eq!(Charset::Ascii.first_undecodable("né".as_bytes()), Some(1));
        assert_eq!(Charset::Ascii.decode(b"n\xE9"), "n\u{FFFD}");
        assert_eq!(Charset::Iso8859(1).first_undecodable(b"\xFF\x80"), None);
        assert_eq!(Charset::Utf16Be.first_undecodable(b"\0A\xD8\0\0B"), Some(2));
        assert_eq!(Charset::Utf16Le.first_undecodable(b"A\0B"), Some(2));
        assert_eq!(Charset::guess(b"Ren\xE9e"), Charset::Iso8859(1));
        assert_eq!(Charset::guess("Renée".as_bytes()), Charset::Utf8);
    }

    fn every() -> impl Strategy<Value = Charset> {
        prop_oneof![
            Just(Charset::Ascii),
            Just(Charset::Utf8),
            Just(Charset::Utf16Be),
            Just(Charset::Utf16Le),
            (1_u8..=16)
                .prop_filter("never published", |part| *part != 12)
                .prop_map(Charset::Iso8859),
        ]
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes_to_itself(charset in every(), text in any::<String>()) {
            if let Ok(bytes) = charset.encode(&text) {
                prop_assert_eq!(charset.first_undecodable(&bytes), None);
                // Decoding UTF-16 takes a mark at the front for what it is.
                if !text.starts_with(['\u{FEFF}', '\u{FFFE}']) {
                    prop_assert_eq!(charset.decode(&bytes), text);
                }
            }
        }

        #[test]
        fn single_bytes_come_back_as_they_went(part in (1_u8..=16).prop_filter("never published", |part| *part != 12), byte: u8) {
            let charset = Charset::Iso8859(part);
            if charset.first_undecodable(&[byte]).is_none() {
                let text = charset.decode(&[byte]).into_owned();
                prop_assert_eq!(charset.encode(&text).unwrap(), vec![byte]);
            }
        }

        #[test]
        fn any_bytes_decode(charset in every(), bytes: Vec<u8>) {
            let _ = charset.decode(&bytes);
            let _ = charset.first_undecodable(&bytes);
        }
    }
}
