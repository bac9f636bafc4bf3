//! The text of one contract file. A file in another encoding than UTF-8 gets a finding at the place where that shows, with
//! what it most likely is: editors hide it, and "not UTF-8" alone sends its author looking for a needle.

use std::{io, path::Path};

use wardgate_contract::{Finding, Source, Span, yaml::BYTES_MAX};

use crate::bounded;

/// What a contract file holds.
pub enum Text {
    /// A text to be read as a contract.
    Sound(Source),
    /// A text in another encoding, as well as it can be shown, and what is wrong with it.
    Foreign(Source, Finding),
}

/// Reads a contract file under the name by which findings speak of it. Of a file that is too large only so much is read
/// as shows that it is.
pub fn read(path: &Path, name: String) -> io::Result<Text> {
    let bytes = bounded::read(path, BYTES_MAX)?;
    if let Some(units) = utf16(&bytes) {
        let text = String::from_utf16_lossy(&units);
        let finding = Finding::error(
            "encoding",
            Span::new(0, 0),
            "the file is in UTF-16; contract files are read as UTF-8",
        )
        .label("it begins so")
        .help("save it as UTF-8: `iconv -f UTF-16 -t UTF-8`");
        return Ok(Text::Foreign(Source::new(name, text), finding));
    }
    // The end of what was read of a file that is too large may fall into a character.
    if bytes.len() > BYTES_MAX {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        return Ok(Text::Sound(Source::new(name, text)));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Text::Sound(Source::new(name, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[at];
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let finding = Finding::error(
                "encoding",
                Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8()),
                format!("the file is not UTF-8: the byte 0x{byte:02X} begins no character"),
            )
            .label("here")
            .help(hint(byte));
            Text::Foreign(Source::new(name, text), finding)
        }
    })
}

/// The code units of a text in UTF-16, which begins with its mark, or with a character of ASCII.
fn utf16(bytes: &[u8]) -> Option<Vec<u16>> {
    let (little, text) = match bytes {
        [0xFF, 0xFE, text @ ..] => (true, text),
        [0xFE, 0xFF, text @ ..] => (false, text),
        [first, 0, ..] if *first != 0 => (true, bytes),
        [0, second, ..] if *second != 0 => (false, bytes),
        _ => return None,
    };
    let (pairs, _) = text.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| {
        if little {
            u16::from_le_bytes(*pair)
        } else {
            u16::from_be_bytes(*pair)
        }
    };
    Some(pairs.iter().map(unit).collect())
}

/// What such a byte most likely is. 0x80 to 0x9F are control characters in ISO 8859-1 that nobody writes.
fn hint(byte: u8) -> String {
    let (encoding, name) = if byte < 0xA0 {
        ("Windows-1252", "WINDOWS-1252")
    } else {
        ("ISO 8859-1", "ISO-8859-1")
    };
    format!("it looks like {encoding}: save it as UTF-8, with `iconv -f {name} -t UTF-8`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(bytes: &[u8]) -> Option<(String, (usize, usize), Finding)> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, bytes).expect("it is written");
        match read(&path, String::from("a.yaml")).expect("it can be read") {
            Text::Sound(_) => None,
            Text::Foreign(source, finding) => {
                let place = source.line_column(finding.span.start);
                Some((source.text.clone(), place, finding))
            }
        }
    }

    #[test]
    fn other_encodings_are_told_by_where_they_show() {
        assert_eq!(finding("title: Zoë\n".as_bytes()), None);
        let (text, place, found) = finding(b"a: b\ntitle: Zo\xEB\n").expect("a finding");
        assert_eq!(
            (text.as_str(), place),
            ("a: b\ntitle: Zo\u{FFFD}\n", (2, 10))
        );
        assert!(found.message.contains("0xEB"), "{found:?}");
        assert!(found.help.is_some_and(|help| help.contains("ISO 8859-1")));
        let (_, _, found) = finding(b"a: \x93quoted\x94\n").expect("a finding");
        assert!(found.help.is_some_and(|help| help.contains("Windows-1252")));
        let units: Vec<u16> = "wardgate: 1\n".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let marked = [&[0xFF, 0xFE], little.as_slice()].concat();
        for bytes in [little, big, marked] {
            let (text, _, found) = finding(&bytes).expect("a finding");
            assert_eq!(text, "wardgate: 1\n");
            assert!(found.message.contains("UTF-16"), "{found:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_read_no_further_than_shows_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, "é".repeat(BYTES_MAX)).expect("it is written");
        let Text::Sound(source) = read(&path, String::from("a.yaml")).expect("it can be read")
        else {
            panic!("it is UTF-8");
        };
        assert!((BYTES_MAX + 1..BYTES_MAX + 8).contains(&source.text.len()));
    }
}
