//! Broken forms of a good file.
//!
//! What makes a batch wrong (its count, its sum) is known to its format alone; these are wrong in any format.

use bytes::Bytes;
use wardgate_core::{port::Malformed, wire::Message};

/// The names of the broken forms.
pub(crate) const NAMES: &[&str] = &["a truncated file", "an empty file", "binary garbage"];

/// The broken forms of a file; of anything else, and of a file too short to be cut, there are fewer.
pub(crate) fn forms(message: &Message) -> Vec<Malformed> {
    let Message::File { name, content } = message else {
        return Vec::new();
    };
    let form = |label: &'static str, content: Bytes| Malformed {
        name: label,
        message: Message::File {
            name: name.clone(),
            content,
        },
    };
    let mut forms = Vec::with_capacity(NAMES.len());
    // Three quarters keep the first lines whole and lose the end, as a transfer that breaks off does.
    let kept = content.len() / 4 * 3;
    if kept > 0 {
        forms.push(form(NAMES[0], content.slice(..kept)));
    }
    if !content.is_empty() {
        forms.push(form(NAMES[1], Bytes::new()));
    }
    forms.push(form(NAMES[2], garbage()));
    forms
}

/// Bytes that are text in no encoding: zeros, controls and what UTF-8 never has, without a line end.
fn garbage() -> Bytes {
    (0..64_u8)
        .flat_map(|index| [0x00, 0xff, 0xfe, index.wrapping_mul(37) | 0x80])
        .collect::<Vec<u8>>()
        .into()
}
