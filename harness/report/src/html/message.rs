//! One message's bytes: HTTP with its head apart, JSON indented, HL7 version 2 by segment.
//!
//! The forms are told by the bytes themselves; what is none of them stands as it came, everything visible.

use std::fmt::Write as _;

use wardgate_expression::Json;

use super::markup::Esc;
use crate::text;

/// The bytes of a message, at most so many of them.
pub fn body(page: &mut String, bytes: &[u8], max: usize) {
    let shown = &bytes[..bytes.len().min(max)];
    page.push_str("<pre class=\"bytes\">");
    match http(shown) {
        Some((head, content)) => {
            let mut lines = head.lines();
            let _ = writeln!(page, "<b>{}</b>", Esc(lines.next().unwrap_or_default()));
            for line in lines {
                let _ = writeln!(page, "<i>{}</i>", Esc(line));
            }
            if !content.is_empty() {
                page.push('\n');
                content_of(page, content);
            }
        }
        None => content_of(page, shown),
    }
    page.push_str("</pre>");
    if shown.len() < bytes.len() {
        let _ = write!(
            page,
            "<p class=\"dim\">{} more bytes stand in run.jsonl</p>",
            bytes.len() - shown.len()
        );
    }
}

/// The head and the content of an HTTP message.
fn http(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let first = head.lines().next()?;
    let is_http = first.starts_with("HTTP/1.")
        || first.ends_with(" HTTP/1.1")
        || first.ends_with(" HTTP/1.0");
    is_http.then_some((head, &bytes[end + 4..]))
}

/// The content in its form. The script paints what is marked as `json` or `hl7`: a page full of painted messages would
/// be three times its size.
fn content_of(page: &mut String, content: &[u8]) {
    let starts = |prefix: &[u8]| content.starts_with(prefix);
    let (class, shown) = if starts(b"{") || starts(b"[") {
        match Json::parse_bytes(content) {
            Ok(json) => ("json", json.pretty()),
            Err(_) => ("", text::wire(content)),
        }
    } else if HL7.iter().any(|segment| starts(segment)) {
        ("hl7", text::wire(content))
    } else {
        ("", text::wire(content))
    };
    let _ = if class.is_empty() {
        write!(page, "{}", Esc(&shown))
    } else {
        write!(page, "<code class=\"{class}\">{}</code>", Esc(&shown))
    };
}

/// How a message or a batch of HL7 version 2 begins, framed or not.
const HL7: [&[u8]; 6] = [b"\x0bMSH", b"MSH", b"\x0bFHS", b"FHS", b"\x0bBHS", b"BHS"];
