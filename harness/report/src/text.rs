//! Outside text made fit to be read: nothing that a terminal obeys, an XML parser rejects or the eye cannot see.

use std::{borrow::Cow, fmt::Write as _};

/// A character's visible stand-in, if it must not be shown as it is.
///
/// Controls become their pictures (U+2400 and on). Characters that reorder or hide text, and the code points that
/// XML 1.0 does not know (section 2.2, `Char`), become escapes.
fn stand_in(c: char, out: &mut String) -> bool {
    match c {
        '\0'..='\x1f' => {
            // Each picture stands 0x2400 above its control.
            out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'));
        }
        '\x7f' => out.push('␡'),
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}' => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => return false,
    }
    true
}

/// How many bytes of visible ASCII a text begins with: most of what is shown is nothing else, and there is much of it.
fn visible(text: &str) -> usize {
    let is_visible = |byte: &u8| matches!(byte, b' '..=b'~');
    let bytes = text.as_bytes();
    // Whole blocks without a branch for each byte, then the rest one by one.
    let blocks = bytes
        .chunks_exact(32)
        .take_while(|block| block.iter().fold(true, |all, byte| all & is_visible(byte)))
        .count();
    let from = blocks * 32;
    let rest = bytes[from..].iter().position(|byte| !is_visible(byte));
    rest.map_or(bytes.len(), |at| from + at)
}

/// A part of a text.
enum Piece<'t> {
    /// Visible ASCII, at least one byte of it.
    Visible(&'t str),
    /// Any other character, and whether a line feed follows it.
    Other(char, bool),
}

/// A text in pieces, so that long stretches of visible ASCII are never looked at character by character.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (stretch, after) = rest.split_at(visible(rest));
        if !stretch.is_empty() {
            rest = after;
            return Some(Piece::Visible(stretch));
        }
        let mut chars = after.chars();
        let c = chars.next()?;
        rest = chars.as_str();
        Some(Piece::Other(c, rest.starts_with('\n')))
    })
}

fn is_plain(text: &str, lines: bool) -> bool {
    if visible(text) == text.len() {
        return true;
    }
    let mut scratch = String::new();
    pieces(text).all(|piece| match piece {
        Piece::Visible(_) => true,
        Piece::Other(c, _) => lines && (c == '\n' || c == '\t') || !stand_in(c, &mut scratch),
    })
}

fn replace(text: &str, lines: bool) -> Cow<'_, str> {
    if is_plain(text, lines) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for piece in pieces(text) {
        match piece {
            Piece::Visible(stretch) => out.push_str(stretch),
            Piece::Other(c @ ('\n' | '\t'), _) if lines => out.push(c),
            Piece::Other(c, _) => {
                if !stand_in(c, &mut out) {
                    out.push(c);
                }
            }
        }
    }
    Cow::Owned(out)
}

/// A text on one line, with everything visible that would not be.
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, false)
}

/// The same, but line feeds and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    replace(text, true)
}

/// Wire bytes as lines: CR LF ends one, so does the CR of HL7 version 2 (shown); what is not UTF-8 is escaped.
pub fn wire(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for piece in pieces(chunk.valid()) {
            match piece {
                Piece::Visible(stretch) => out.push_str(stretch),
                Piece::Other(c @ ('\n' | '\t'), _) => out.push(c),
                Piece::Other('\r', true) => {}
                Piece::Other('\r', false) => out.push_str("␍\n"),
                Piece::Other(c, _) => {
                    if !stand_in(c, &mut out) {
                        out.push(c);
                    }
                }
            }
        }
        push_escaped(chunk.invalid(), &mut out);
    }
    out
}

fn push_escaped(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        let _ = write!(out, "\\x{byte:02x}");
    }
}

/// At most so many bytes of a text, and a note of how much was left out.
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(max);
    Cow::Owned(format!(
        "{}… ({} more bytes)",
        &text[..end],
        text.len() - end
    ))
}

/// At most so many characters of a text, with an ellipsis where it was cut.
pub fn cut_chars(text: &str, max: usize) -> Cow<'_, str> {
    if text.char_indices().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let last = text.char_indices().nth(max.saturating_sub(1));
    let end = last.map_or(0, |(at, _)| at);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// A duration for people: three digits that matter, with its unit.
pub fn duration(ns: u64) -> String {
    let us = ns / 1_000;
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..100_000 => format!("{}.{} ms", us / 1_000, us / 100 % 10),
        100_000..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..100_000_000 => {
            format!("{}.{:02} s", us / 1_000_000, us / 10_000 % 100)
        }
        _ => format!("{} min {:02} s", us / 60_000_000, us / 1_000_000 % 60),
    }
}

/// A duration in seconds with three decimals, as JUnit wants it.
pub fn seconds(ns: u64) -> String {
    let ms = ns / 1_000_000;
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// How many there are of something.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A word as a POSIX shell takes it.
pub fn shell_word(word: &str) -> String {
    let plain = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&byte));
    if plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(line("a\u{b}b\u{1c}\r\n\t\0\u{1b}[31m"), "a␋b␜␍␊␉␀␛[31m");
        assert_eq!(lines("a\n\tb\r"), "a\n\tb␍");
        assert_eq!(
            line("\u{fffe}\u{202e}\u{85}\u{7f}"),
            "\\u{fffe}\\u{202e}\\u{85}␡"
        );
        assert!(matches!(line("plain – ünïcode"), Cow::Borrowed(_)));
    }

    #[test]
    fn wire_bytes_stand_in_lines() {
        assert_eq!(wire(b"\x0bMSH|a\rPID|b\r\x1c\r"), "␋MSH|a␍\nPID|b␍\n␜␍\n");
        assert_eq!(
            wire(b"GET / HTTP/1.1\r\nA: b\r\n\r\n{}"),
            "GET / HTTP/1.1\nA: b\n\n{}"
        );
        assert_eq!(wire(b"M\xfcller"), "M\\xfcller");
    }

    #[test]
    fn a_cut_says_how_much_is_gone() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abécdef", 3), "ab… (6 more bytes)");
        assert_eq!(cut_chars("äöüß", 3), "äö…");
        assert_eq!(cut_chars("äöü", 3), "äöü");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(0), "0 µs");
        assert_eq!(duration(1_234_567), "1.2 ms");
        assert_eq!(duration(45_678_901), "45.6 ms");
        assert_eq!(duration(456_789_012), "456 ms");
        assert_eq!(duration(1_204_000_000), "1.20 s");
        assert_eq!(duration(125_000_000_000), "2 min 05 s");
        assert_eq!(seconds(1_204_999_999), "1.204");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let shown = wire(&bytes);
            prop_assert!(is_plain(&shown, true));
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(is_plain(&line(&text), false));
        }
    }
}
