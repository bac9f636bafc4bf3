//! Acknowledgements: writing them for a received message, and reading a peer's (HL7 v2.5.1, chapter 2, sections 2.9,
//! 2.15.5 and 2.15.8).

use thiserror::Error;

use crate::build::Builder;
use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::message::Message;
use crate::place::Place;

/// MSA-1 (table 0008). The first three are the application's answer, the last three the transport's in enhanced mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckCode {
    /// AA: processed.
    ApplicationAccept,
    /// AE: understood and not carried out.
    ApplicationError,
    /// AR: refused for what it is, or the receiver cannot work now.
    ApplicationReject,
    /// CA: taken into safe storage.
    CommitAccept,
    /// CE: not stored, for another reason than the message.
    CommitError,
    /// CR: not stored, since the message is not one that this receiver takes.
    CommitReject,
}

impl AckCode {
    /// Every code, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::ApplicationAccept,
        Self::ApplicationError,
        Self::ApplicationReject,
        Self::CommitAccept,
        Self::CommitError,
        Self::CommitReject,
    ];

    /// Its two letters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccept => "AA",
            Self::ApplicationError => "AE",
            Self::ApplicationReject => "AR",
            Self::CommitAccept => "CA",
            Self::CommitError => "CE",
            Self::CommitReject => "CR",
        }
    }

    /// Reads its two letters.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// Whether it says yes.
    pub fn is_positive(self) -> bool {
        matches!(self, Self::ApplicationAccept | Self::CommitAccept)
    }

    /// Whether it is an accept acknowledgement of enhanced mode, as against an application acknowledgement.
    pub fn is_commit(self) -> bool {
        matches!(
            self,
            Self::CommitAccept | Self::CommitError | Self::CommitReject
        )
    }
}

/// When a sender wants an acknowledgement: MSH-15 or MSH-16 (table 0155).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// AL: always.
    Always,
    /// NE: never.
    Never,
    /// ER: only when it is negative.
    Error,
    /// SU: only when it is positive.
    Success,
}

impl Condition {
    /// Reads its two letters.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "AL" => Some(Self::Always),
            "NE" => Some(Self::Never),
            "ER" => Some(Self::Error),
            "SU" => Some(Self::Success),
            _ => None,
        }
    }

    /// Whether an acknowledgement of that kind is wanted.
    pub fn wants(self, positive: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Error => !positive,
            Self::Success => positive,
        }
    }
}

/// Which acknowledgements the sender of a message waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckMode {
    /// One application acknowledgement, always: MSH-15 and MSH-16 are both empty.
    Original,
    /// An accept acknowledgement at once and an application acknowledgement later, each under its condition. Of two fields
    /// the one that is empty counts as never; one that holds no condition of the table counts as always, so that whoever
    /// misspells it hears of it.
    Enhanced {
        /// MSH-15.
        accept: Condition,
        /// MSH-16.
        application: Condition,
    },
}

impl AckMode {
    /// What the message asks for.
    pub fn of(message: &Message<'_>) -> Self {
        let header = message.header();
        let (accept, application) = (
            header.accept_acknowledgment(),
            header.application_acknowledgment(),
        );
        let condition = |text: &str| match text {
            // Null says that there is none, as much as saying nothing does.
            "" | "\"\"" => None,
            code => Some(Condition::from_text(code).unwrap_or(Condition::Always)),
        };
        match (condition(&accept), condition(&application)) {
            (None, None) => Self::Original,
            (accept, application) => Self::Enhanced {
                accept: accept.unwrap_or(Condition::Never),
                application: application.unwrap_or(Condition::Never),
            },
        }
    }

    /// Whether the sender waits for an acknowledgement with this code.
    pub fn wants(self, code: AckCode) -> bool {
        match self {
            Self::Original => !code.is_commit(),
            Self::Enhanced { accept, .. } if code.is_commit() => accept.wants(code.is_positive()),
            Self::Enhanced { application, .. } => application.wants(code.is_positive()),
        }
    }
}

/// What is wrong with a message (table 0357).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 100: segments missing or in the wrong order.
    SegmentSequence,
    /// 101: a required field is empty.
    RequiredFieldMissing,
    /// 102: a value is not of its data type.
    DataType,
    /// 103: a code is not in its table.
    TableValueNotFound,
    /// 200: MSH-9.1 is not taken here.
    UnsupportedMessageType,
    /// 201: MSH-9.2 is not taken here.
    UnsupportedEventCode,
    /// 202: MSH-11 is not taken here.
    UnsupportedProcessingId,
    /// 203: MSH-12 is not taken here.
    UnsupportedVersionId,
    /// 204: an identifier names nothing that is known.
    UnknownKeyIdentifier,
    /// 205: an identifier is used already.
    DuplicateKeyIdentifier,
    /// 206: the record is in use.
    ApplicationRecordLocked,
    /// 207: the receiver failed.
    ApplicationInternalError,
}

impl ErrorCode {
    /// Its number and its name in the table.
    pub fn code_and_name(self) -> (&'static str, &'static str) {
        match self {
            Self::SegmentSequence => ("100", "Segment sequence error"),
            Self::RequiredFieldMissing => ("101", "Required field missing"),
            Self::DataType => ("102", "Data type error"),
            Self::TableValueNotFound => ("103", "Table value not found"),
            Self::UnsupportedMessageType => ("200", "Unsupported message type"),
            Self::UnsupportedEventCode => ("201", "Unsupported event code"),
            Self::UnsupportedProcessingId => ("202", "Unsupported processing id"),
            Self::UnsupportedVersionId => ("203", "Unsupported version id"),
            Self::UnknownKeyIdentifier => ("204", "Unknown key identifier"),
            Self::DuplicateKeyIdentifier => ("205", "Duplicate key identifier"),
            Self::ApplicationRecordLocked => ("206", "Application record locked"),
            Self::ApplicationInternalError => ("207", "Application internal error"),
        }
    }
}

/// One error for the ERR segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckError {
    /// What kind of error.
    pub code: ErrorCode,
    /// The place at fault.
    pub location: Option<Place>,
    /// What is wrong, for a person. It must not repeat what the message says of a patient.
    pub text: String,
}

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<'t> {
    /// MSA-1.
    pub code: AckCode,
    /// MSH-10 of the acknowledgement itself; each needs one of its own.
    pub control_id: &'t str,
    /// MSH-7, such as `20260704120000+0000`.
    pub time: &'t str,
    /// The errors, written as ERR in the form of the message's version.
    pub errors: Vec<AckError>,
}

impl Answer<'_> {
    /// The acknowledgement of `received`: its delimiters, character set, version and processing ID, with sender and
    /// receiver exchanged and MSA-2 repeating MSH-10 byte for byte.
    pub fn to(&self, received: &Message<'_>) -> Vec<u8> {
        let header = received.header();
        let echo = |field: usize| {
            header
                .segment()
                .field(field)
                .map_or(&b""[..], |field| field.raw())
        };
        let trigger = header.trigger_event();
        let mut builder = Builder::new(received.delimiters(), received.charset())
            .segment("MSH")
            .raw(3, echo(5))
            .raw(4, echo(6))
            .raw(5, echo(3))
            .raw(6, echo(4))
            .field(7, self.time)
            .field(10, self.control_id)
            .raw(11, echo(11))
            .raw(12, echo(12))
            .raw(18, echo(18));
        // The event came to ACK with version 2.3, the structure with 2.4.
        builder = if header.is_at_least(2, 4) {
            builder.components(9, &["ACK", &trigger, "ACK"])
        } else if header.is_at_least(2, 3) {
            builder.components(9, &["ACK", &trigger])
        } else {
            builder.field(9, "ACK")
        };
        builder = builder
            .segment("MSA")
            .field(1, self.code.as_str())
            .raw(2, echo(10));
        // From 2.4 on MSA-3 is deprecated for ERR, which before 2.5 has no place for a text.
        if let Some(error) = self.errors.first().filter(|_| !header.is_at_least(2, 5)) {
            builder = builder.field(3, &error.text);
        }
        self.errors
            .iter()
            .fold(builder, |builder, error| {
                write_error(builder, error, &header_form(received))
            })
            .finish()
    }

    /// The answer to bytes that hold no readable MSH: from nobody in particular, with an empty MSA-2.
    pub fn to_unreadable(&self) -> Vec<u8> {
        let builder = Builder::new(Delimiters::default(), Charset::Utf8)
            .segment("MSH")
            .field(7, self.time)
            .components(9, &["ACK", "", "ACK"])
            .field(10, self.control_id)
            .field(11, "P")
            .field(12, "2.5.1")
            .segment("MSA")
            .field(1, self.code.as_str());
        self.errors
            .iter()
            .fold(builder, |builder, error| {
                write_error(builder, error, &ErrForm::Fields)
            })
            .finish()
    }
}

/// The two shapes of ERR.
enum ErrForm {
    /// Up to 2.4: one coded component string in ERR-1.
    Single(Delimiters),
    /// From 2.5: location, code, severity and text in fields of their own.
    Fields,
}

fn header_form(received: &Message<'_>) -> ErrForm {
    if received.header().is_at_least(2, 5) {
        ErrForm::Fields
    } else {
        ErrForm::Single(received.delimiters())
    }
}

fn write_error(builder: Builder, error: &AckError, form: &ErrForm) -> Builder {
    let (code, name) = error.code.code_and_name();
    let location = error.location.as_ref().map(location_parts);
    let location: Vec<_> = location.iter().flatten().map(String::as_str).collect();
    let builder = builder.segment("ERR");
    match form {
        ErrForm::Fields => builder
            .components(2, &location)
            .components(3, &[code, name, "HL70357"])
            .field(4, "E")
            .field(8, &error.text),
        ErrForm::Single(delimiters) => {
            let coded = match delimiters.subcomponent {
                Some(separator) => [code, name, "HL70357"].join(&char::from(separator).to_string()),
                None => code.to_owned(),
            };
            // None of these parts holds a delimiter of its own but a segment name that was read from the message,
            // which is letters and digits.
            // This form has no room for what is below a field.
            let part = |index: usize| location.get(index).copied().unwrap_or_default();
            let parts = [part(0), part(1), part(2), &coded];
            builder.raw(
                1,
                parts
                    .join(&char::from(delimiters.component).to_string())
                    .as_bytes(),
            )
        }
    }
}

/// The components of ERL: segment, its occurrence, field, repetition, component, subcomponent, as far as they are known.
fn location_parts(place: &Place) -> Vec<String> {
    let mut parts = vec![place.segment.clone(), place.occurrence.to_string()];
    let below = [place.component, place.subcomponent].into_iter().flatten();
    if let Some(field) = place.field {
        parts.push(field.to_string());
        let repetition = place.repetition.or(place.component.and(Some(1)));
        parts.extend(repetition.map(|number| number.to_string()));
        parts.extend(below.map(|number| number.to_string()));
    }
    parts
}

/// A peer's acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgment {
    /// MSA-1.
    pub code: AckCode,
    /// MSA-2: the control ID of the message that is acknowledged.
    pub control_id: String,
    /// MSA-3, or where it is empty the text of the first ERR.
    pub text: String,
}

/// Why a message is not an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAnAck {
    /// There is no MSA.
    #[error("no MSA segment, the message is {message_type:?}")]
    NoMsa {
        /// MSH-9.1 of the message.
        message_type: String,
    },
    /// MSA-1 is no code of table 0008.
    #[error("MSA-1 is {code:?}, expected one of AA, AE, AR, CA, CE, CR")]
    UnknownCode {
        /// What it is.
        code: String,
    },
}

/// Reads an acknowledgement: any message with an MSA, so that a query response or an ORR counts as well as an ACK.
pub fn read(message: &Message<'_>) -> Result<Acknowledgment, NotAnAck> {
    let Some(msa) = message.segment("MSA") else {
        return Err(NotAnAck::NoMsa {
            message_type: message.header().message_type().into_owned(),
        });
    };
    let text = |field: usize| {
        msa.field(field)
            .map(|field| field.text().into_owned())
            .unwrap_or_default()
    };
    let written = text(1);
    let code = AckCode::from_text(&written).ok_or(NotAnAck::UnknownCode { code: written })?;
    let mut explanation = text(3);
    if explanation.is_empty() {
        let error = message.segment("ERR");
        explanation = error
            .and_then(|error| {
                error
                    .field(8)
                    .filter(|field| !field.is_absent())
                    .or_else(|| error.field(1))
            })
            .map(|field| field.text().into_owned())
            .unwrap_or_default();
    }
    Ok(Acknowledgment {
        code,
        control_id: text(2),
        text: explanation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: AckCode, errors: Vec<AckError>) -> Answer<'static> {
        Answer {
            code,
            control_id: "ACK7",
            time: "20260704120001",
            errors,
        }
    }

    fn missing_mrn() -> AckError {
        AckError {
            code: ErrorCode::RequiredFieldMissing,
            location: Some(Place::segment("PID", 1).field(3)),
            text: "a patient needs an identifier".to_owned(),
        }
    }

    fn answered(raw: &[u8], answer: &Answer<'_>) -> String {
        String::from_utf8(answer.to(&Message::parse(raw).unwrap())).unwrap()
    }

    #[test]
    fn a_positive_answer_mirrors_the_message() {
        let raw = b"MSH$%~\\&$PAS%1.2%ISO$WARD$HUB$HOSP$20260704$$ADT%A04%ADT_A01$id\\F\\1$P$2.5.1$$$$$$UNICODE UTF-8\r";
        assert_eq!(
            answered(raw, &answer(AckCode::ApplicationAccept, vec![])),
            "MSH$%~\\&$HUB$HOSP$PAS%1.2%ISO$WARD$20260704120001$$ACK%A04%ACK$ACK7$P$2.5.1$$$$$$UNICODE UTF-8\rMSA$AA$id\\F\\1\r"
        );
    }

    #[test]
    fn errors_take_the_form_of_the_version() {
        let negative = answer(AckCode::ApplicationError, vec![missing_mrn()]);
        let new = answered(b"MSH|^~\\&|A|B|C|D|1||ADT^A04|42|P|2.5.1\r", &negative);
        assert!(new.ends_with(
            "MSA|AE|42\rERR||PID^1^3|101^Required field missing^HL70357|E||||a patient needs an identifier\r"
        ), "{new}");
        let old = answered(b"MSH|^~\\&|A|B|C|D|1||ADT^A04|42|P|2.3\r", &negative);
        assert!(old.contains("||ACK^A04|ACK7|P|2.3\r"), "{old}");
        assert!(old.ends_with(
            "MSA|AE|42|a patient needs an identifier\rERR|PID^1^3^101&Required field missing&HL70357\r"
        ), "{old}");
        assert!(
            answered(b"MSH|^~\\&|A|B|C|D|1||ADT^A04|42|P|2.2\r", &negative)
                .contains("||ACK|ACK7|P|2.2\r")
        );
    }

    #[test]
    fn a_place_is_told_to_its_last_part() {
        let place = Place {
            repetition: Some(2),
            component: Some(4),
            subcomponent: Some(1),
            ..Place::segment("PID", 1).field(3)
        };
        let error = AckError {
            location: Some(place),
            ..missing_mrn()
        };
        let negative = answer(AckCode::ApplicationError, vec![error]);
        let new = answered(b"MSH|^~\\&|A|B|C|D|1||ADT^A04|42|P|2.5.1\r", &negative);
        assert!(new.contains("ERR||PID^1^3^2^4^1|101"), "{new}");
        let old = answered(b"MSH|^~\\&|A|B|C|D|1||ADT^A04|42|P|2.3\r", &negative);
        assert!(old.contains("ERR|PID^1^3^101&"), "{old}");
    }

    #[test]
    fn an_answer_to_nothing_readable_still_reads() {
        let bytes = answer(AckCode::ApplicationReject, vec![]).to_unreadable();
        let read = read(&Message::parse(&bytes).unwrap()).unwrap();
        assert_eq!(
            (read.code, read.control_id.as_str()),
            (AckCode::ApplicationReject, "")
        );
    }

    #[test]
    fn the_control_id_is_echoed_to_the_byte() {
        let raw = b"MSH|^~\\&|A|B|C|D|1||ADT^A04|\xE9\xFF|P|2.5|||||||UNICODE UTF-8\r";
        let bytes = answer(AckCode::CommitAccept, vec![]).to(&Message::parse(raw).unwrap());
        assert!(
            bytes.ends_with(b"MSA|CA|\xE9\xFF\r"),
            "{}",
            bytes.escape_ascii()
        );
    }

    #[test]
    fn answers_are_read_back() {
        let message = Message::parse(b"MSH|^~\\&|A|B|C|D|1||ADT^A04|4\\T\\2|P|2.5.1\r").unwrap();
        for code in AckCode::ALL {
            let bytes = answer(code, vec![missing_mrn()]).to(&message);
            let read = read(&Message::parse(&bytes).unwrap()).unwrap();
            assert_eq!((read.code, read.control_id.as_str()), (code, "4&2"));
            assert_eq!(read.text, "a patient needs an identifier");
        }
        assert!(matches!(read(&message), Err(NotAnAck::NoMsa { .. })));
        let odd = Message::parse(b"MSH|^~\\&|A\rMSA|OK|1\r").unwrap();
        assert_eq!(
            read(&odd),
            Err(NotAnAck::UnknownCode {
                code: "OK".to_owned()
            })
        );
    }

    #[test]
    fn the_mode_says_which_answers_are_waited_for() {
        let mode = |fields: &str| {
            AckMode::of(
                &Message::parse(format!("MSH|^~\\&|||||||||||||{fields}").as_bytes()).unwrap(),
            )
        };
        let (yes, no) = (AckCode::ApplicationAccept, AckCode::ApplicationError);
        let (taken, refused) = (AckCode::CommitAccept, AckCode::CommitReject);
        let wanted = |fields: &str| [yes, no, taken, refused].map(|code| mode(fields).wants(code));
        assert_eq!(wanted(""), [true, true, false, false]);
        assert_eq!(wanted("AL|NE"), [false, false, true, true]);
        assert_eq!(wanted("NE|AL"), [true, true, false, false]);
        assert_eq!(wanted("ER|SU"), [true, false, false, true]);
        assert_eq!(wanted("AL|"), [false, false, true, true]);
        assert_eq!(
            mode("AL|ER"),
            AckMode::Enhanced {
                accept: Condition::Always,
                application: Condition::Error
            }
        );
    }
}
