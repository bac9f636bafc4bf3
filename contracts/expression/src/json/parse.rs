//! Reading JSON by the grammar of RFC 8259, and nothing beyond it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::number::{self, Number};
use super::text::{hex4, next_special, simple_escape};
use super::{Json, JsonError, Object};

/// How many arrays and objects may stand inside one another. Real messages stay below 30; the limit keeps hostile
/// ones from exhausting the stack, here and in whoever walks the tree.
pub const DEPTH_MAX: usize = 200;

impl Json {
    /// Reads one document. Repeated names are kept; numbers keep their digits.
    ///
    /// A surrogate escape without its other half is refused, because no Unicode text holds it.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        Parser::new(text, false).document()
    }

    /// Reads one document and refuses repeated names in one object, pointing at the second.
    pub fn parse_strict(text: &str) -> Result<Self, JsonError> {
        Parser::new(text, true).document()
    }

    /// Reads one document from bytes, which must be UTF-8 without a byte order mark (RFC 8259, section 8.1).
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, JsonError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse(text),
            Err(fault) => Err(JsonError::at(
                bytes,
                fault.valid_up_to(),
                "UTF-8 text".to_owned(),
            )),
        }
    }
}

/// What was expected, and the byte offset at which it was not found. Line and column are worked out once, at the end.
struct Fault {
    offset: usize,
    expected: Cow<'static, str>,
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
    unique_names: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, unique_names: bool) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: 0,
            unique_names,
        }
    }

    fn document(mut self) -> Result<Json, JsonError> {
        self.skip_space();
        let outcome = self.value().and_then(|value| {
            self.skip_space();
            if self.at == self.bytes.len() {
                Ok(value)
            } else {
                Err(self.fault("the end of the document"))
            }
        });
        outcome
            .map_err(|fault| JsonError::at(self.bytes, fault.offset, fault.expected.into_owned()))
    }

    fn fault(&self, expected: &'static str) -> Fault {
        Fault {
            offset: self.at,
            expected: Cow::Borrowed(expected),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Json, Fault> {
        match self.peek() {
            Some(b'"') => self.string().map(Json::String),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.fault("a JSON value")),
        }
    }

    fn word(&mut self, word: &'static str, value: Json) -> Result<Json, Fault> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.fault("a JSON value (`true`, `false` and `null` are the only bare words)"))
        }
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let Some(length) = number::scan(&self.bytes[self.at..]) else {
            self.at += 1;
            return Err(self.fault("a digit"));
        };
        let end = self.at + length;
        let text = &self.text[self.at..end];
        self.at = end;
        match self.peek() {
            Some(b'0'..=b'9') => Err(self.fault("no digit after a leading zero")),
            Some(b'.') => {
                self.at += 1;
                Err(self.fault("a digit after the decimal point"))
            }
            Some(b'e' | b'E') => {
                self.at += 1;
                Err(self.fault("the digits of the exponent"))
            }
            _ => Ok(Json::Number(Number::from_scanned(text))),
        }
    }

    fn nested(&mut self, body: fn(&mut Self) -> Result<Json, Fault>) -> Result<Json, Fault> {
        if self.depth == DEPTH_MAX {
            return Err(Fault {
                offset: self.at,
                expected: Cow::Owned(format!("at most {DEPTH_MAX} levels of nesting")),
            });
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = body(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Json, Fault> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.fault("`,` or `]` after an item")),
            }
            self.skip_space();
        }
        self.at += 1;
        Ok(Json::Array(items))
    }

    fn object(&mut self) -> Result<Json, Fault> {
        let mut members = Object::new();
        let mut name_offsets = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault("a member name in double quotes"));
            }
            if self.unique_names {
                name_offsets.push(self.at);
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.fault("`:` after a member name"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value()?;
            members.push(name, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.fault("`,` or `}` after a member")),
            }
            self.skip_space();
        }
        self.at += 1;
        if self.unique_names {
            refuse_repeated(&members, &name_offsets)?;
        }
        Ok(Json::Object(members))
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at + 1;
        let end = next_special(self.bytes, start);
        self.at = end;
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(self.text[start..end].to_owned());
        }
        let mut string = String::with_capacity((end - start) + 16);
        string.push_str(&self.text[start..end]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => {
                    self.at += 1;
                    string.push(self.escape()?);
                }
                Some(_) => return Err(self.fault("control characters in strings to be escaped")),
                None => return Err(self.fault("`\"` at the end of a string")),
            }
            let start = self.at;
            self.at = next_special(self.bytes, start);
            string.push_str(&self.text[start..self.at]);
        }
    }

    /// Reads an escape, its backslash already taken.
    fn escape(&mut self) -> Result<char, Fault> {
        let Some(byte) = self.peek() else {
            return Err(self.fault("an escape"));
        };
        if byte != b'u' {
            let Some(character) = simple_escape(byte) else {
                return Err(self.fault("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"));
            };
            self.at += 1;
            return Ok(character);
        }
        self.at += 1;
        let high = self.code_unit()?;
        if let Some(character) = char::from_u32(high) {
            return Ok(character);
        }
        let low = if high < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u") {
            self.at += 2;
            self.code_unit()?
        } else {
            0
        };
        if !(0xdc00..0xe000).contains(&low) {
            return Err(self.fault("a pair of surrogate escapes, high then low"));
        }
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        char::from_u32(code).ok_or_else(|| self.fault("a Unicode character"))
    }

    fn code_unit(&mut self) -> Result<u32, Fault> {
        let unit = hex4(&self.bytes[self.at..])
            .ok_or_else(|| self.fault("four hexadecimal digits after \\u"))?;
        self.at += 4;
        Ok(unit)
    }
}

fn refuse_repeated(members: &Object, name_offsets: &[usize]) -> Result<(), Fault> {
    let mut seen = HashSet::with_capacity(members.len());
    for (name, &offset) in members.keys().zip(name_offsets) {
        if !seen.insert(name) {
            return Err(Fault {
                offset,
                expected: Cow::Owned(format!("each member name once ({name:?} stands before)")),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (usize, usize, String) {
        let error = Json::parse(text).expect_err(text);
        (error.line(), error.column(), error.to_string())
    }

    #[test]
    fn documents_come_back_as_written() {
        for text in [
            "null",
            "true",
            "-0.10",
            "1E+2",
            r#""é😀/""#,
            "[]",
            "{}",
            r#"[1,[2,[3]],{"a":{"b":null}}]"#,
            r#"{"z":1.00,"a":2,"z":3}"#,
        ] {
            assert_eq!(Json::parse(text).unwrap().to_string(), text);
        }
        let spaced = " {\r\n\t\"a\" : [ 1 , 2 ] , \"b\" : { } } \n";
        assert_eq!(
            Json::parse(spaced).unwrap().to_string(),
            r#"{"a":[1,2],"b":{}}"#
        );
    }

    #[test]
    fn escapes_are_undone() {
        let parsed = Json::parse(r#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00""#).unwrap();
        assert_eq!(parsed.as_str(), Some("\"\\/\u{8}\u{c}\n\r\tAé😀"));
    }

    #[test]
    fn faults_say_where_and_what() {
        assert_eq!(
            fault("{\"a\": 1,\n \"é\": tru}").2,
            "line 2, column 7: expected a JSON value (`true`, `false` and `null` are the only bare words), found 't'"
        );
        assert_eq!(
            fault("{\"a\" 1}").2,
            "line 1, column 6: expected `:` after a member name, found '1'"
        );
        assert_eq!(
            fault("[1 2]").2,
            "line 1, column 4: expected `,` or `]` after an item, found '2'"
        );
        assert_eq!(
            fault("{\"a\":1 \"b\":2}").2,
            "line 1, column 8: expected `,` or `}` after a member, found '\"'"
        );
        assert_eq!(
            fault("").2,
            "line 1, column 1: expected a JSON value, found the end of the text"
        );
        assert_eq!(
            fault("\u{feff}{}").2,
            "line 1, column 1: expected a JSON value, found '\\u{feff}'"
        );
        assert_eq!(
            fault("[1] x").2,
            "line 1, column 5: expected the end of the document, found 'x'"
        );
    }

    #[test]
    fn what_the_grammar_lacks_is_refused() {
        for text in [
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "'a'",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "NaN",
            "Infinity",
            "\"\t\"",
            "\"\\x41\"",
            "\"\\u12g4\"",
            "\"\\u12",
            "\"\\",
            "\"open",
            "[",
            "{",
            "[1",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "// c\n1",
            "nul",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\u{a0}1",
            "1 1",
            "]",
            ",",
        ] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(&nested(DEPTH_MAX)).is_ok());
        let error = Json::parse(&nested(DEPTH_MAX + 1)).unwrap_err();
        assert_eq!(error.offset(), DEPTH_MAX);
        assert_eq!(error.expected(), "at most 200 levels of nesting");
        assert!(Json::parse(&"[".repeat(1_000_000)).is_err());
        let wide = format!("[{}0]", "[[]],".repeat(1_000));
        assert!(Json::parse(&wide).is_ok(), "siblings do not add up");
    }

    #[test]
    fn strict_reading_points_at_the_second_of_a_name() {
        let text = "{\"a\": 1, \"b\": {\"c\": 1,\n  \"c\": 2}}";
        assert!(Json::parse(text).is_ok());
        let error = Json::parse_strict(text).unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 3));
        assert!(error.expected().contains("\"c\""));
        assert!(Json::parse_strict("[{\"a\":1},{\"a\":1}]").is_ok());
    }

    #[test]
    fn bytes_must_be_utf8() {
        assert_eq!(Json::parse_bytes(b"[1]").unwrap().to_string(), "[1]");
        let error = Json::parse_bytes(b"{\n\"a\": \"\xff\"}").unwrap_err();
        assert_eq!((error.line(), error.column(), error.offset()), (2, 7, 8));
        assert_eq!(
            (error.expected(), error.found()),
            ("UTF-8 text", "byte 0xff")
        );
    }
}
