//! Writing documents.

use std::fmt::{self, Write};

use super::{Json, text};

impl Json {
    /// Appends the document without white space.
    pub fn write_to(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(true) => out.push_str("true"),
            Json::Bool(false) => out.push_str("false"),
            Json::Number(number) => out.push_str(number.as_str()),
            Json::String(string) => text::write_string(string, out),
            Json::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_to(out);
                }
                out.push(']');
            }
            Json::Object(object) => {
                out.push('{');
                for (index, (name, value)) in object.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    text::write_string(name, out);
                    out.push(':');
                    value.write_to(out);
                }
                out.push('}');
            }
        }
    }

    /// The document over several lines, two spaces a level, without a line feed at the end.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write_pretty(0, &mut out);
        out
    }

    fn write_pretty(&self, level: usize, out: &mut String) {
        let new_line = |out: &mut String, level: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", level));
        };
        match self {
            Json::Array(items) if !items.is_empty() => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    new_line(out, level + 1);
                    item.write_pretty(level + 1, out);
                }
                new_line(out, level);
                out.push(']');
            }
            Json::Object(object) if !object.is_empty() => {
                out.push('{');
                for (index, (name, value)) in object.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    new_line(out, level + 1);
                    text::write_string(name, out);
                    out.push_str(": ");
                    value.write_pretty(level + 1, out);
                }
                new_line(out, level);
                out.push('}');
            }
            scalar => scalar.write_to(out),
        }
    }
}

impl fmt::Display for Json {
    /// The document without white space; `{:#}` spreads it over lines as [`Json::pretty`] does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f.write_str(&self.pretty());
        }
        let mut out = String::new();
        self.write_to(&mut out);
        f.write_str(&out)
    }
}

/// Writes the `\u` escape of a control character.
pub(super) fn write_control(byte: u8, out: &mut String) {
    let written = write!(out, "\\u{byte:04x}");
    debug_assert!(written.is_ok(), "writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use crate::json;

    #[test]
    fn pretty_spreads_over_lines() {
        let document = json!({"a": [1, {}], "b": {"c": []}});
        let expected = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}";
        assert_eq!(document.pretty(), expected);
        assert_eq!(format!("{document:#}"), expected);
    }

    #[test]
    fn strings_are_escaped_no_more_than_needed() {
        let document = json!("a\"b\\c/d\n\r\t\u{8}\u{c}\u{1}\u{7f}é\u{2028}😀");
        assert_eq!(
            document.to_string(),
            "\"a\\\"b\\\\c/d\\n\\r\\t\\b\\f\\u0001\u{7f}é\u{2028}😀\""
        );
    }
}
