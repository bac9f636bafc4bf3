//! Escape sequences (HL7 v2.5.1, chapter 2, section 2.7).
//!
//! | sequence | read as |
//! |---|---|
//! | `\F\` `\S\` `\R\` `\T\` `\E\` | the field, component, repetition, subcomponent and escape character |
//! | `\P\` | the truncation character, where MSH-2 declares one |
//! | `\Xdd…\` | those bytes, in the character set of the message |
//! | `\.br\` | a line feed |
//! | anything else, among them `\H\`, `\N\`, `\.sp\`, `\C..\`, `\M..\` and `\Z..\` | itself, untouched |
//!
//! Formatting commands and local sequences are kept as they stand, since dropping them would lose what a receiver may
//! have to show, and a lone escape character is kept too.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::delimiters::Delimiters;

/// A longer sequence is taken as data: no sequence of the standard but a hexadecimal one comes near it.
const SEQUENCE_LENGTH_MAX: usize = 64 * 1024;

/// Resolves the escape sequences of one value, still in the bytes of the message's character set.
pub fn decode<'a>(value: &'a [u8], delimiters: &Delimiters) -> Cow<'a, [u8]> {
    let Some(escape) = delimiters.escape else {
        return Cow::Borrowed(value);
    };
    if memchr::memchr(escape, value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(open) = memchr::memchr(escape, rest) {
        out.extend_from_slice(&rest[..open]);
        let after = &rest[open + 1..];
        let window = &after[..after.len().min(SEQUENCE_LENGTH_MAX)];
        let Some(length) = memchr::memchr(escape, window) else {
            out.push(escape);
            rest = after;
            continue;
        };
        if resolve(&after[..length], delimiters, escape, &mut out) {
            rest = &after[length + 1..];
        } else if is_kept(&after[..length]) {
            out.extend_from_slice(&rest[open..=open + 1 + length]);
            rest = &after[length + 1..];
        } else {
            // Two stray escape characters with data between them: the second may still open a sequence.
            out.push(escape);
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Appends what `body` stands for; false where it is none of the sequences that stand for data.
fn resolve(body: &[u8], delimiters: &Delimiters, escape: u8, out: &mut Vec<u8>) -> bool {
    let stands_for = match body {
        b"F" => Some(delimiters.field),
        b"S" => Some(delimiters.component),
        b"R" => delimiters.repetition,
        b"T" => delimiters.subcomponent,
        b"E" => Some(escape),
        b"P" => delimiters.truncation,
        b".br" | b".BR" => Some(b'\n'),
        [b'X', digits @ ..] => return resolve_hex(digits, out),
        _ => None,
    };
    out.extend(stands_for);
    stands_for.is_some()
}

fn resolve_hex(digits: &[u8], out: &mut Vec<u8>) -> bool {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    if digits.is_empty()
        || digits.len() % 2 == 1
        || digits.iter().any(|&byte| digit(byte).is_none())
    {
        return false;
    }
    out.extend(
        digits
            .chunks_exact(2)
            .filter_map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)),
    );
    true
}

/// Whether `body` has the shape of a sequence that is kept verbatim: highlighting, formatting, character set changes
/// and local ones.
fn is_kept(body: &[u8]) -> bool {
    match body {
        [b'H' | b'N' | b'P' | b'R' | b'T'] => true,
        [b'.' | b'C' | b'M' | b'X' | b'Z', rest @ ..] => rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b' ')),
        _ => false,
    }
}

/// Writes `text` so that it can stand as one value between any two delimiters: [`decode`] gives it back.
///
/// Control characters become hexadecimal sequences, since a carriage return would end the segment and a frame byte the
/// frame. The truncation character is escaped only where it ends the text, the one place where it has a meaning.
/// Where the header declares no escape character a delimiter cannot be written at all, and `?` stands in its place.
pub fn encode<'a>(text: &'a str, delimiters: &Delimiters) -> Cow<'a, str> {
    let letter = |character: char| -> Option<char> {
        let byte = u8::try_from(character).ok().filter(u8::is_ascii)?;
        match Some(byte) {
            found if found == Some(delimiters.field) => Some('F'),
            found if found == Some(delimiters.component) => Some('S'),
            found if found == delimiters.repetition => Some('R'),
            found if found == delimiters.subcomponent => Some('T'),
            found if found == delimiters.escape => Some('E'),
            _ => None,
        }
    };
    let is_control = |character: char| character < ' ' || character == '\u{7F}';
    let truncation = delimiters
        .truncation
        .map(char::from)
        .filter(|&mark| text.ends_with(mark));
    if truncation.is_none()
        && !text.contains(|character| is_control(character) || letter(character).is_some())
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        let sequence = letter(character).or_else(|| {
            (truncation == Some(character) && at + character.len_utf8() == text.len())
                .then_some('P')
        });
        match (sequence, delimiters.escape.map(char::from)) {
            (Some(letter), Some(escape)) => out.extend([escape, letter, escape]),
            (None, Some(escape)) if is_control(character) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{escape}X{:02X}{escape}", u32::from(character));
            }
            (None, None) if is_control(character) => out.push('?'),
            (Some(letter), None) if letter != 'P' => out.push('?'),
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(value: &str) -> String {
        String::from_utf8(decode(value.as_bytes(), &Delimiters::default()).into_owned()).unwrap()
    }

    #[test]
    fn sequences_that_stand_for_data_are_resolved() {
        assert_eq!(decoded(r"a\F\b\S\c\R\d\T\e\E\f"), r"a|b^c~d&e\f");
        assert_eq!(decoded(r"ends with \X21\"), "ends with !");
        assert_eq!(decoded(r"\XC3A9\t\Xc3a9\"), "été");
        assert_eq!(decoded(r"one\.br\two"), "one\ntwo");
    }

    #[test]
    fn sequences_that_format_are_kept() {
        for kept in [
            r"\H\high\N\",
            r"\.in+2\",
            r"\.sp\\.ce\mid",
            r"\Z99\",
            r"\C2842\",
            r"\M2442\",
            r"\X2\",
            r"\XGG\",
            r"\P\",
        ] {
            assert_eq!(decoded(kept), kept);
        }
    }

    #[test]
    fn stray_escape_characters_are_data() {
        assert_eq!(decoded(r"C:\temp\new"), r"C:\temp\new");
        assert_eq!(decoded(r"a\b"), r"a\b");
        assert_eq!(decoded(r"\"), r"\");
        assert_eq!(
            decoded(r"a\ b\F\c"),
            r"a\ b|c",
            "the second stray one opens a sequence"
        );
    }

    #[test]
    fn the_truncation_character_needs_a_declaration() {
        let declared = Delimiters {
            truncation: Some(b'#'),
            ..Delimiters::default()
        };
        assert_eq!(decode(br"cut\P\", &declared).as_ref(), b"cut#");
        assert_eq!(encode("apt #4 and #", &declared), r"apt #4 and \P\");
        assert_eq!(encode("apt #", &Delimiters::default()), "apt #");
    }

    #[test]
    fn what_cannot_stand_in_a_value_is_escaped() {
        assert_eq!(
            encode("O'Brien & Sons|x", &Delimiters::default()),
            r"O'Brien \T\ Sons\F\x"
        );
        assert_eq!(
            encode("a\r\nb\u{1c}", &Delimiters::default()),
            r"a\X0D\\X0A\b\X1C\"
        );
        let none = Delimiters {
            escape: None,
            subcomponent: None,
            ..Delimiters::default()
        };
        assert_eq!(encode("a|b&c\r", &none), "a?b&c?");
    }

    proptest! {
        #[test]
        fn decoding_gives_back_what_was_encoded(text in any::<String>()) {
            let declared = Delimiters { truncation: Some(b'#'), ..Delimiters::default() };
            for delimiters in [Delimiters::default(), declared] {
                let written = encode(&text, &delimiters);
                let is_split = written.contains(['|', '^', '~', '&', '\r', '\n', '\u{b}', '\u{1c}']);
                prop_assert!(!is_split, "{}", written);
                let read = decode(written.as_bytes(), &delimiters);
                prop_assert_eq!(read.as_ref(), text.as_bytes());
            }
        }

        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(prop_oneof![Just(b'\\'), any::<u8>()], 0..64)) {
            let _ = decode(&bytes, &Delimiters::default());
        }
    }
}
