//! Character encodings of files, by the labels of the WHATWG Encoding Standard.

use bytes::Bytes;
use encoding_rs::Encoding;

/// The encoding of this label, such as `utf-8`, `iso-8859-1` or `windows-1252`; the error says what was expected.
///
/// As on the web, `iso-8859-1` means windows-1252, its superset. UTF-16 is left out: nothing writes it here.
pub(crate) fn of_label(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(label.trim().as_bytes())
        .filter(|encoding| encoding.output_encoding() == *encoding)
        .ok_or_else(|| {
            format!("expected an encoding such as utf-8, iso-8859-1 or windows-1252, not '{label}'")
        })
}

/// A text in an encoding; the error names the first character that the encoding does not have.
pub(crate) fn encode(text: &str, encoding: &'static Encoding) -> Result<Bytes, String> {
    let (bytes, _, has_unmappable) = encoding.encode(text);
    if !has_unmappable {
        return Ok(Bytes::from(bytes.into_owned()));
    }
    let stranger = text
        .chars()
        .find(|character| encoding.encode(character.encode_utf8(&mut [0; 4])).2)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    Err(format!("{} has no character '{stranger}'", encoding.name()))
}
