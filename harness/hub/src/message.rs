//! An HL7 v2 message as the workflows read it: er7 underneath, decoded values on top.

use er7::Separators;

use crate::charset::{self, Charset, CharsetError};
use crate::defect::{Defect, Defects};

/// Most delimiters that a message may have. er7 spends some two hundred bytes on each, so this bounds the memory of
/// one message to about 50 MB however the four megabytes of a frame are filled.
const DELIMITERS_MAX: usize = 250_000;

/// Why a payload is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It has no usable MSH segment.
    #[error("no MSH segment")]
    NoHeader,
    /// Its bytes are not text of the character set that MSH-18 names.
    #[error(transparent)]
    Charset(CharsetError),
    /// It has more delimiters than any real message.
    #[error("too many fields")]
    TooComplex,
}

/// What a field says about a value that the receiver already has (HL7 v2.5.1, chapter 2.7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Nothing was sent: keep what there is.
    Keep,
    /// The null `""` was sent: clear it.
    Clear,
    /// A value was sent.
    Set(String),
}

impl Update {
    /// Applies the update to a value.
    pub fn apply(self, value: &mut Option<String>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(new) => *value = Some(new),
        }
    }

    /// The value that was sent, if any.
    pub fn value(self) -> Option<String> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

/// A parsed message with its header.
#[derive(Debug, Clone)]
pub struct Message {
    tree: er7::Message,
    raw_escapes: bool,
    null_ignored: bool,
    /// The MSH segment.
    pub header: Header,
}

/// The MSH segment, each field as written (escape sequences and all) so that an acknowledgement can repeat it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The delimiters of the message.
    pub separators: Separators,
    /// How its bytes were read.
    pub charset: Charset,
    /// MSH-18 as written.
    pub charset_name: String,
    /// MSH-3
    pub sending_application: String,
    /// MSH-4
    pub sending_facility: String,
    /// MSH-5
    pub receiving_application: String,
    /// MSH-6
    pub receiving_facility: String,
    /// MSH-7.1
    pub time: String,
    /// MSH-9.1
    pub code: String,
    /// MSH-9.2
    pub trigger: String,
    /// MSH-10
    pub control_id: String,
    /// MSH-11.1
    pub processing_id: String,
    /// MSH-12.1
    pub version: String,
    /// MSH-15
    pub accept_ack: String,
    /// MSH-16
    pub application_ack: String,
}

impl Header {
    /// The facility that speaks, without assigning authority: MSH-4.1.
    pub fn facility(&self) -> &str {
        self.sending_facility
            .split(self.separators.component)
            .next()
            .unwrap_or_default()
    }

    /// Whether the sender asks for commit and application acknowledgements apart (enhanced mode).
    pub fn is_enhanced(&self) -> bool {
        !self.accept_ack.is_empty() || !self.application_ack.is_empty()
    }
}

impl Message {
    /// Reads the payload of one frame.
    pub fn read(payload: &[u8], defects: Defects) -> Result<Self, ReadError> {
        let start = payload
            .iter()
            .position(|byte| !matches!(*byte, b'\r' | b'\n'))
            .unwrap_or(payload.len());
        if !payload[start..].starts_with(b"MSH") {
            return Err(ReadError::NoHeader);
        }
        let charset_name = charset::declared_name(payload);
        let charset = Charset::declared(&charset_name, payload).map_err(ReadError::Charset)?;
        let mut text = charset.decode(payload).map_err(ReadError::Charset)?;
        if defects.has(Defect::LostAccents) {
            text = text
                .chars()
                .map(|character| if character.is_ascii() { character } else { '?' })
                .collect();
        }
        let first_line = text[start.min(text.len())..]
            .split(['\r', '\n'])
            .next()
            .unwrap_or_default();
        let separators = Separators::from_header(first_line).map_err(|_| ReadError::NoHeader)?;
        let delimiters = [
            separators.field,
            separators.component,
            separators.repetition,
            separators.subcomponent,
        ];
        // An answer is written with the sender's delimiters, so they have to be such that it can be read again.
        let distinct = delimiters
            .iter()
            .enumerate()
            .all(|(index, delimiter)| !delimiters[..index].contains(delimiter));
        // MSH-2 is repeated in the answer as it is, the escape and truncation characters with it.
        let encoding = first_line
            .chars()
            .skip(4)
            .take_while(|character| *character != separators.field);
        let mut repeated = std::iter::once(separators.field).chain(encoding);
        if !distinct || !repeated.all(|character| character.is_ascii_punctuation()) {
            return Err(ReadError::NoHeader);
        }
        let count = text
            .chars()
            .filter(|c| delimiters.contains(c) || matches!(c, '\r' | '\n'))
            .count();
        if count > DELIMITERS_MAX {
            return Err(ReadError::TooComplex);
        }
        let tree = er7::parse(&text).map_err(|_| ReadError::NoHeader)?;
        let header = header(&tree, charset, charset_name);
        Ok(Self {
            tree,
            header,
            raw_escapes: defects.has(Defect::EscapeNotDecoded),
            null_ignored: defects.has(Defect::NullIgnored),
        })
    }

    /// Every segment in order, MSH included.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.tree.segments.iter().map(|segment| Segment {
            message: self,
            segment,
        })
    }

    /// The first segment of that name.
    pub fn segment(&self, name: &str) -> Option<Segment<'_>> {
        self.segments().find(|segment| segment.name() == name)
    }

    /// Every segment of that name, in order.
    pub fn segments_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Segment<'a>> {
        self.segments()
            .filter(move |segment| segment.name() == name)
    }
}

fn header(tree: &er7::Message, charset: Charset, charset_name: String) -> Header {
    let separators = tree.separators;
    let field = |n: usize| {
        tree.segments
            .first()
            .and_then(|segment| segment.field(n))
            .map(|field| field.to_er7(&separators))
            .unwrap_or_default()
    };
    let component = |n: usize, component: usize| {
        field(n)
            .split(separators.component)
            .nth(component - 1)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    Header {
        separators,
        charset,
        charset_name,
        sending_application: field(3),
        sending_facility: field(4),
        receiving_application: field(5),
        receiving_facility: field(6),
        time: component(7, 1),
        code: component(9, 1),
        trigger: component(9, 2),
        control_id: field(10),
        processing_id: component(11, 1),
        version: component(12, 1),
        accept_ack: component(15, 1),
        application_ack: component(16, 1),
    }
}

/// One segment of a message.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    message: &'a Message,
    segment: &'a er7::Segment,
}

impl<'a> Segment<'a> {
    /// The segment's name, such as `PID`.
    pub fn name(self) -> &'a str {
        &self.segment.name
    }

    /// The repetitions of a field, counted from 1 in HL7; none when the field is empty.
    pub fn repetitions(self, field: usize) -> impl Iterator<Item = Repetition<'a>> {
        let repetitions = self
            .segment
            .field(field)
            .map_or(&[][..], |field| field.repetitions.as_slice());
        repetitions.iter().map(move |repetition| Repetition {
            message: self.message,
            repetition,
        })
    }

    /// First repetition, given component, first subcomponent: decoded, `None` where empty or null.
    pub fn value(self, field: usize, component: usize) -> Option<String> {
        self.repetitions(field).next()?.value(component)
    }

    /// First repetition, given component: what it says about a value that is already held.
    pub fn update(self, field: usize, component: usize) -> Update {
        self.repetitions(field)
            .next()
            .map_or(Update::Keep, |repetition| repetition.update(component))
    }

    /// Whether the whole field is the null `""`.
    pub fn is_null(self, field: usize) -> bool {
        !self.message.null_ignored && self.segment.field(field).is_some_and(er7::Field::is_null)
    }
}

/// One repetition of a field.
#[derive(Debug, Clone, Copy)]
pub struct Repetition<'a> {
    message: &'a Message,
    repetition: &'a er7::Repetition,
}

impl Repetition<'_> {
    /// The first subcomponent of a component, decoded; `None` where empty or null.
    pub fn value(self, component: usize) -> Option<String> {
        self.update(component).value()
    }

    /// What a component says about a value that is already held.
    pub fn update(self, component: usize) -> Update {
        self.subcomponent(component, 1)
    }

    /// What a subcomponent says about a value that is already held.
    pub fn subcomponent(self, component: usize, subcomponent: usize) -> Update {
        let leaf = self
            .repetition
            .component(component)
            .and_then(|component| component.subcomponent(subcomponent));
        let Some(leaf) = leaf else {
            return Update::Keep;
        };
        if leaf.is_empty() {
            Update::Keep
        } else if leaf.is_null() {
            if self.message.null_ignored {
                Update::Keep
            } else {
                Update::Clear
            }
        } else if self.message.raw_escapes {
            Update::Set(leaf.raw.clone())
        } else {
            Update::Set(leaf.value(&self.message.tree.separators).into_owned())
        }
    }

    /// The whole repetition as one text, delimiters included; for fields that turn out to hold plain text.
    pub fn text(self) -> Option<String> {
        let separators = &self.message.tree.separators;
        let text = if self.message.raw_escapes {
            self.repetition.to_er7(separators)
        } else {
            self.repetition.to_text(separators)
        };
        (!text.is_empty() && text != "\"\"").then_some(text)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A message whose segments are written one a line.
    pub(crate) fn message(lines: &str) -> Message {
        message_with(lines, Defects::default())
    }

    pub(crate) fn message_with(lines: &str, defects: Defects) -> Message {
        let text = lines
            .trim()
            .lines()
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("\r");
        Message::read(text.as_bytes(), defects).unwrap()
    }

    #[test]
    fn values_are_decoded_and_nulls_told_from_absence() {
        let message = message(
            r#"MSH|^~\&|A|HOSP^1.2^ISO|C|D|20260710||ADT^A04^ADT_A01|1|P|2.5.1
               PID|1||M\T\1^^^HOSP&x^MR~second||O'Brien \S\ Co|||||""|"#,
        );
        let pid = message.segment("PID").unwrap();
        assert_eq!(message.header.facility(), "HOSP");
        assert_eq!(pid.value(3, 1).as_deref(), Some("M&1"));
        assert_eq!(
            pid.repetitions(3).next().unwrap().subcomponent(4, 2),
            Update::Set("x".into())
        );
        assert_eq!(pid.repetitions(3).count(), 2);
        assert_eq!(pid.value(5, 1).as_deref(), Some("O'Brien ^ Co"));
        assert_eq!(pid.update(10, 1), Update::Clear);
        assert!(pid.is_null(10));
        assert_eq!(pid.update(11, 1), Update::Keep);
        assert_eq!(pid.update(99, 1), Update::Keep);
    }

    #[test]
    fn defects_of_reading_show() {
        let lines = r#"MSH|^~\&|A|HOSP
                       PID|1||1||Zoë \T\ Co||||||||"""#;
        let with = |defect| message_with(lines, [defect].into_iter().collect());
        let pid_5 = |message: &Message| message.segment("PID").unwrap().value(5, 1).unwrap();
        assert_eq!(pid_5(&message(lines)), "Zoë & Co");
        assert_eq!(pid_5(&with(Defect::LostAccents)), "Zo? & Co");
        assert_eq!(pid_5(&with(Defect::EscapeNotDecoded)), r"Zoë \T\ Co");
        assert_eq!(
            with(Defect::NullIgnored)
                .segment("PID")
                .unwrap()
                .update(13, 1),
            Update::Keep
        );
    }

    #[test]
    fn what_is_no_message_is_told() {
        for payload in [
            b"".as_slice(),
            b"\r\n",
            b"PID|1",
            b"MSH",
            b"BHS|^~\\&|A",
            b"MSH\x7f^~\\&\x7fA",
            b"MSHA^~\\&AB",
            b"MSH|^^\\&|A",
            b"MSH|^~\\&\x7f|A",
            b"MSH|^~\x01&|A",
        ] {
            assert_eq!(
                Message::read(payload, Defects::default()).unwrap_err(),
                ReadError::NoHeader
            );
        }
        let bomb = format!("MSH|^~\\&|{}", "|".repeat(DELIMITERS_MAX + 1));
        assert_eq!(
            Message::read(bomb.as_bytes(), Defects::default()).unwrap_err(),
            ReadError::TooComplex
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), msh in any::<bool>()) {
            let mut payload = if msh { b"MSH|^~\\&|".to_vec() } else { Vec::new() };
            payload.extend(bytes);
            for defects in [Defects::default(), [Defect::LostAccents].into_iter().collect()] {
                if let Ok(message) = Message::read(&payload, defects) {
                    for segment in message.segments() {
                        for field in 0..4 {
                            let _ = segment.repetitions(field).map(Repetition::text).count();
                        }
                    }
                }
            }
        }
    }
}
