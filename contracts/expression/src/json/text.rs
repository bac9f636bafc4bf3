//! Strings of the JSON notation: finding their end, undoing and applying escapes.

use super::write::write_control;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The offset of the first byte at or after `from` that cannot stand in a string as itself: a double quote, a
/// backslash or a control character; the length of `bytes` when there is none.
///
/// Eight bytes are looked at together: the strings of this field are short, so the start-up of a vector search costs
/// more than it saves.
pub(super) fn next_special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = chunk
            .iter()
            .rev()
            .fold(0_u64, |word, &byte| (word << 8) | u64::from(byte));
        let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let quote = zero_byte(word ^ (ONES * u64::from(b'"')));
        let backslash = zero_byte(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = quote | backslash | control;
        if found != 0 {
            // Borrows only run upwards, so the lowest mark is true even where a higher one is not.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while at < bytes.len() && !matches!(bytes[at], b'"' | b'\\' | 0..=0x1f) {
        at += 1;
    }
    at
}

/// Appends `text` in double quotes, escaping what must be escaped and nothing else.
pub(super) fn write_string(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    let bytes = text.as_bytes();
    let mut start = 0;
    loop {
        let special = next_special(bytes, start);
        out.push_str(&text[start..special]);
        match bytes.get(special) {
            None => break,
            Some(b'"') => out.push_str("\\\""),
            Some(b'\\') => out.push_str("\\\\"),
            Some(b'\n') => out.push_str("\\n"),
            Some(b'\r') => out.push_str("\\r"),
            Some(b'\t') => out.push_str("\\t"),
            Some(0x08) => out.push_str("\\b"),
            Some(0x0c) => out.push_str("\\f"),
            Some(&control) => write_control(control, out),
        }
        start = special + 1;
    }
    out.push('"');
}

/// The character of an escape other than `\u`.
pub(super) fn simple_escape(byte: u8) -> Option<char> {
    Some(match byte {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}

/// The four hexadecimal digits at the start of `bytes`.
pub(super) fn hex4(bytes: &[u8]) -> Option<u32> {
    bytes.get(..4)?.iter().try_fold(0, |value, &byte| {
        char::from(byte)
            .to_digit(16)
            .map(|digit| value * 16 + digit)
    })
}

#[cfg(test)]
mod tests {
    use super::next_special;

    #[test]
    fn every_special_byte_is_found_at_every_place() {
        for length in 0..40_usize {
            for special in (0..0x20).chain([b'"', b'\\']) {
                for place in 0..length {
                    let mut bytes = vec![0xc3; length];
                    bytes[place] = special;
                    assert_eq!(next_special(&bytes, 0), place);
                    bytes.fill(b'!');
                    bytes[place] = special;
                    assert_eq!(next_special(&bytes, 0), place);
                    assert_eq!(next_special(&bytes, place + 1), length);
                }
            }
        }
    }
}
