//! The receiver's state machine.

use std::{cell::RefCell, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;
use wardgate_core::{
    port::{Effect, Held, Moment, StubOptions, Verb},
    wire,
};
use wardgate_expression::Json;
use wardgate_stub_kit::{Core, Handled, Identifiers};

use super::{
    acceptance::{self, Refusal},
    journal::Journal,
    options::{Duplicates, Mode, Options},
};
use crate::{
    ack::{AckCode, AckError, AckMode, Answer, Condition, ErrorCode},
    compare,
    message::Message,
};

/// The one collection that a receiver holds: what it took in.
pub const COLLECTION: &str = "messages";

/// The shortest control ID that is told as a key: a shorter one could be a word of any other message.
const KEY_MIN: usize = 10;

/// A header for those whom nothing is known of, so that even garbage gets an answer with a form.
const NOBODY: &[u8] = b"MSH|^~\\&|||||||||P|2.5.1\r";

/// An HL7 v2 receiver that behaves well.
#[derive(Clone, Debug)]
pub struct Receiver {
    options: Arc<Options>,
    journal: Journal,
    /// Refusing changes nothing but the row of control IDs, and is done behind a shared reference.
    identifiers: RefCell<Identifiers>,
}

impl Receiver {
    /// A receiver that has taken nothing in. The error says which option was not understood.
    pub fn new(options: &StubOptions) -> Result<Self, String> {
        Ok(Self {
            options: Arc::new(Options::read(&options.options)?),
            journal: Journal::default(),
            identifiers: RefCell::new(Identifiers::new(&options.seed)),
        })
    }

    fn mode(&self, message: &Message<'_>) -> AckMode {
        match (self.options.mode, AckMode::of(message)) {
            (Mode::Original, _) => AckMode::Original,
            (Mode::Enhanced, AckMode::Original) => AckMode::Enhanced {
                accept: Condition::Always,
                application: Condition::Always,
            },
            (Mode::Enhanced | Mode::AsAsked, asked) => asked,
        }
    }

    fn answer(
        &self,
        at: Moment,
        message: &Message<'_>,
        code: AckCode,
        errors: Vec<AckError>,
    ) -> (String, wire::Message) {
        let control_id = self.identifiers.borrow_mut().token();
        let answer = Answer {
            code,
            control_id: &control_id,
            time: &time(at),
            errors,
        };
        let bytes = Bytes::from(answer.to(message));
        (control_id, wire::Message::Frame(bytes))
    }

    /// The one answer that refuses a message, in the mode that its sender asks for; none where it asks for none.
    fn refuse(&self, at: Moment, message: &Message<'_>, refusal: Refusal) -> Option<wire::Message> {
        let (commit, application) = if refusal.is_reject {
            (AckCode::CommitReject, AckCode::ApplicationReject)
        } else {
            (AckCode::CommitError, AckCode::ApplicationError)
        };
        let mode = self.mode(message);
        // What is refused is not committed, so a sender that waits for a commit acknowledgement gets no other.
        let code = [commit, application]
            .into_iter()
            .find(|code| mode.wants(*code))?;
        let (_, reply) = self.answer(at, message, code, vec![*refusal.error]);
        Some(reply)
    }

    fn refuse_unreadable(
        &self,
        at: Moment,
        payload: &[u8],
        reason: String,
    ) -> Option<wire::Message> {
        let refusal = Refusal::unreadable(reason);
        let line = payload
            .split(|byte| matches!(byte, b'\r' | b'\n'))
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        // A header alone often reads where the rest does not, and then the sender gets its own control ID back.
        match Message::parse(line) {
            Ok(header) => self.refuse(at, &header, refusal),
            Err(_) => self.refuse_nobody(at, refusal),
        }
    }

    fn refuse_nobody(&self, at: Moment, refusal: Refusal) -> Option<wire::Message> {
        let nobody = Message::parse(NOBODY).ok()?;
        self.refuse(at, &nobody, refusal)
    }

    /// Takes a message in that was found good.
    fn accept(&mut self, at: Moment, message: &Message<'_>, payload: &Bytes) -> Handled {
        let mode = self.mode(message);
        let control_id = message.header().control_id();
        let mut keys = Vec::new();
        if control_id.len() >= KEY_MIN {
            keys.push(control_id.into_owned());
        }
        let mut replies = Vec::new();
        for code in [AckCode::CommitAccept, AckCode::ApplicationAccept] {
            if mode.wants(code) {
                let (own, reply) = self.answer(at, message, code, Vec::new());
                keys.push(own);
                replies.push(reply);
            }
        }
        self.journal
            .keep(at, message, payload.clone(), replies.clone());
        Handled {
            replies,
            effects: vec![Effect {
                verb: Verb::Accepted,
                subject: compare::name(message),
                keys,
            }],
            actions: Vec::new(),
        }
    }

    /// The answers to a message that came before, if it did.
    fn repeated(
        &self,
        at: Moment,
        message: &Message<'_>,
        payload: &[u8],
    ) -> Option<Vec<wire::Message>> {
        let first = self
            .journal
            .first(message)
            .filter(|_| self.options.duplicates == Duplicates::SameAck)?;
        if compare::identity(&first.payload) == compare::identity(payload) {
            return Some(first.replies.clone());
        }
        let text = "this control ID was used for another message";
        let refusal = Refusal::header(10, ErrorCode::DuplicateKeyIdentifier, text);
        Some(self.refuse(at, message, refusal).into_iter().collect())
    }
}

impl Core for Receiver {
    fn handle(&mut self, at: Moment, _channel: u32, message: &wire::Message) -> Handled {
        let payload = message.content();
        let answered = |replies: Vec<wire::Message>| Handled {
            replies,
            ..Handled::default()
        };
        let message = match Message::parse(payload) {
            Ok(message) => message,
            Err(error) => {
                let reply = self.refuse_unreadable(at, payload, error_place(&error));
                return answered(reply.into_iter().collect());
            }
        };
        if message.segment("MSA").is_some() {
            return Handled::default();
        }
        if let Err(refusal) = acceptance::check(&message, &self.options) {
            return answered(self.refuse(at, &message, refusal).into_iter().collect());
        }
        match self.repeated(at, &message, payload) {
            Some(replies) => answered(replies),
            None => self.accept(at, &message, payload),
        }
    }

    fn refusal(
        &self,
        at: Moment,
        message: &wire::Message,
        with: Option<&str>,
    ) -> Option<wire::Message> {
        let error = AckError {
            code: ErrorCode::ApplicationInternalError,
            location: None,
            text: String::from("this receiver cannot work now"),
        };
        let Ok(message) = Message::parse(message.content()) else {
            let refusal = Refusal {
                is_reject: true,
                error: Box::new(error),
            };
            return self.refuse_nobody(at, refusal);
        };
        if let Some(code) = with.and_then(AckCode::from_text) {
            return Some(self.answer(at, &message, code, vec![error]).1);
        }
        let refusal = Refusal {
            is_reject: false,
            error: Box::new(error),
        };
        self.refuse(at, &message, refusal)
    }

    /// The record is a message as text, one segment a line.
    fn seed(&mut self, at: Moment, collection: &str, record: &Json) -> Result<Vec<Effect>, String> {
        if collection != COLLECTION {
            return Err(format!(
                "an hl7v2 partner can be given '{COLLECTION}', not '{collection}'"
            ));
        }
        let text = record
            .as_str()
            .or_else(|| record.get("text").and_then(Json::as_str))
            .ok_or("a message is given as text, one segment a line")?;
        let payload = Bytes::from(text.replace("\r\n", "\r").replace('\n', "\r"));
        let message = Message::parse(&payload).map_err(|error| error.to_string())?;
        let mut effects = self.accept(at, &message, &payload).effects;
        for effect in &mut effects {
            effect.verb = Verb::Created;
        }
        Ok(effects)
    }

    fn goes_on_after_garbage(&self) -> bool {
        true
    }

    fn garbage(&self, at: Moment, reason: &str) -> Option<wire::Message> {
        self.refuse_nobody(at, Refusal::unreadable(reason.to_owned()))
    }

    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        if name == COLLECTION {
            Ok(self.journal.held())
        } else {
            Err(format!(
                "there is no collection '{name}'; there is: {COLLECTION}"
            ))
        }
    }

    fn collections(&self) -> Vec<String> {
        if self.journal.is_empty() {
            Vec::new()
        } else {
            vec![COLLECTION.to_owned()]
        }
    }
}

/// Where a message cannot be read, without what stands there.
fn error_place(error: &crate::message::ParseError) -> String {
    format!(
        "segment {} at byte {}: expected {}",
        error.segment, error.offset, error.expected
    )
}

/// A moment as HL7 writes it, to the second, in UTC.
fn time(at: Moment) -> String {
    Timestamp::from_millisecond(at.unix_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .strftime("%Y%m%d%H%M%S+0000")
        .to_string()
}
