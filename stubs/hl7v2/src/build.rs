//! Writing messages segment by segment.

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::escape;

/// Highest field number that is written; no segment of the standard comes near it.
pub const FIELD_MAX: usize = 512;

/// Builds the bytes of a message. Fields are numbered as the standard does and may be set in any order; empty fields
/// at the end of a segment are not written, and every segment ends in a carriage return.
///
/// ```
/// use wardgate_stub_hl7v2::{Charset, Delimiters, build::Builder};
///
/// let bytes = Builder::new(Delimiters::default(), Charset::Utf8)
///     .segment("MSH")
///     .field(3, "PAS")
///     .components(9, &["ADT", "A04", "ADT_A01"])
///     .segment("PID")
///     .components(5, &["O'Brien & Sons", "Ann"])
///     .finish();
/// assert_eq!(bytes, b"MSH|^~\\&|PAS||||||ADT^A04^ADT_A01\rPID|||||O'Brien \\T\\ Sons^Ann\r");
/// ```
#[derive(Debug, Clone)]
pub struct Builder {
    delimiters: Delimiters,
    charset: Charset,
    out: Vec<u8>,
    name: String,
    fields: Vec<Vec<u8>>,
}

impl Builder {
    /// Starts a message that is written with these delimiters in this character set. Characters that the set lacks
    /// become `?`.
    pub fn new(delimiters: Delimiters, charset: Charset) -> Self {
        Self {
            delimiters,
            charset,
            out: Vec::new(),
            name: String::new(),
            fields: Vec::new(),
        }
    }

    /// Begins the next segment. Of MSH, FHS and BHS the first two fields are written by themselves.
    pub fn segment(mut self, name: &str) -> Self {
        self.close();
        name.clone_into(&mut self.name);
        self
    }

    /// Sets a field to one value, escaped.
    pub fn field(self, number: usize, text: &str) -> Self {
        let value = self.value(text);
        self.raw(number, &value)
    }

    /// Sets a field to one repetition of these components, each escaped; empty ones at the end are not written.
    pub fn components(self, number: usize, texts: &[&str]) -> Self {
        let used = texts
            .iter()
            .rposition(|text| !text.is_empty())
            .map_or(0, |last| last + 1);
        let values: Vec<_> = texts[..used].iter().map(|text| self.value(text)).collect();
        let joined = values.join(&self.delimiters.component);
        self.raw(number, &joined)
    }

    /// Sets a field to bytes that are already written with these delimiters in this character set (for UTF-16: in
    /// UTF-8). This is how a field of a received message is echoed to the byte.
    pub fn raw(mut self, number: usize, bytes: &[u8]) -> Self {
        if (1..=FIELD_MAX).contains(&number) {
            if self.fields.len() < number {
                self.fields.resize(number, Vec::new());
            }
            self.fields[number - 1] = bytes.to_vec();
        }
        self
    }

    /// The message.
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        match self.charset {
            Charset::Utf16Be | Charset::Utf16Le => self
                .charset
                .encode_lossy(&String::from_utf8_lossy(&self.out)),
            _ => self.out,
        }
    }

    fn value(&self, text: &str) -> Vec<u8> {
        let written = escape::encode(text, &self.delimiters);
        match self.charset {
            Charset::Utf16Be | Charset::Utf16Le => written.into_owned().into_bytes(),
            charset => charset.encode_lossy(&written),
        }
    }

    fn close(&mut self) {
        if self.name.is_empty() {
            return;
        }
        self.out.extend_from_slice(self.name.as_bytes());
        let mut fields = std::mem::take(&mut self.fields);
        let used = fields
            .iter()
            .rposition(|field| !field.is_empty())
            .map_or(0, |last| last + 1);
        fields.truncate(used);
        let mut written = 0;
        if crate::element::is_header(self.name.as_bytes()) {
            self.out.push(self.delimiters.field);
            self.out
                .extend_from_slice(self.delimiters.encoding_characters().as_bytes());
            written = 2;
        }
        for field in fields.iter().skip(written) {
            self.out.push(self.delimiters.field);
            self.out.extend_from_slice(field);
        }
        self.out.push(b'\r');
        self.name.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use proptest::prelude::*;

    #[test]
    fn fields_may_be_set_in_any_order() {
        let bytes = Builder::new(Delimiters::default(), Charset::Utf8)
            .segment("ZZZ")
            .field(3, "c")
            .field(1, "a|b")
            .field(9, "")
            .segment("MSA")
            .finish();
        assert_eq!(bytes, b"ZZZ|a\\F\\b||c\rMSA\r");
    }

    #[test]
    fn numbers_outside_a_segment_are_ignored() {
        let bytes = Builder::new(Delimiters::default(), Charset::Utf8)
            .segment("ZZZ")
            .field(0, "x")
            .field(usize::MAX, "x")
            .finish();
        assert_eq!(bytes, b"ZZZ\r");
    }

    proptest! {
        #[test]
        fn what_was_built_is_read_back(
            texts in prop::collection::vec("[^\"]{1,12}", 1..4),
            charset in prop::sample::select(vec![Charset::Utf8, Charset::Utf16Be, Charset::Utf16Le]),
        ) {
            let mut builder = Builder::new(Delimiters::default(), charset).segment("MSH").segment("ZZZ");
            for (index, text) in texts.iter().enumerate() {
                builder = builder.components(index + 1, &["x", text]);
            }
            let bytes = builder.finish();
            let message = Message::parse(&bytes).unwrap();
            for (index, text) in texts.iter().enumerate() {
                let segment = message.segment("ZZZ").unwrap();
                let read = segment.field(index + 1).and_then(|field| field.component(2)).unwrap();
                prop_assert_eq!(&read.text(), text);
            }
        }
    }
}
