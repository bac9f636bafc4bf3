//! From a frame to its acknowledgements: read, decide, record, answer.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::ack::{Ack, AckKind, header_of_nothing};
use crate::charset::CharsetError;
use crate::defect::{Defect, Defects};
use crate::ids::Ids;
use crate::log::note;
use crate::message::{Header, Message, ReadError};
use crate::outbox::Outbox;
use crate::rejection::{ErrorCode, Rejection, Severity};
use crate::state::Effects;
use crate::store::{Answered, Store, StoreError, Transaction, key};
use crate::workflows;

/// Longest first segment that is searched for a control ID when the message as a whole cannot be read.
const HEADER_BYTES_MAX: usize = 4096;

/// What to do with the connection after a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Replies {
    /// Send these payloads, each in a frame of its own.
    Send(Vec<Vec<u8>>),
    /// Close the connection.
    Close,
}

/// Takes messages in.
pub struct Intake {
    store: Store,
    outbox: Arc<Outbox>,
    ids: Arc<Ids>,
    zone: TimeZone,
    defects: Defects,
}

impl Intake {
    /// An intake that records in `store`.
    pub fn new(
        store: Store,
        outbox: Arc<Outbox>,
        ids: Arc<Ids>,
        zone: TimeZone,
        defects: Defects,
    ) -> Self {
        Self {
            store,
            outbox,
            ids,
            zone,
            defects,
        }
    }

    /// Answers the payload of one frame.
    pub async fn receive(&self, payload: Vec<u8>) -> Replies {
        let now = Timestamp::now();
        let message = match Message::read(&payload, self.defects) {
            Ok(message) => message,
            Err(ReadError::NoHeader) if self.defects.has(Defect::CrashOnGarbage) => {
                std::process::exit(101)
            }
            Err(ReadError::NoHeader) if self.defects.has(Defect::ClosesOnGarbage) => {
                return Replies::Close;
            }
            Err(error) => {
                let rejection = unreadable(&error);
                let header = salvaged_header(&payload).unwrap_or_else(header_of_nothing);
                return Replies::Send(self.acks(&header, Some(&rejection), "", now));
            }
        };
        // An acknowledgement is never acknowledged, or two systems would answer each other for ever.
        if message.header.code == "ACK" && message.segment("MSA").is_some() {
            return Replies::Send(Vec::new());
        }
        let digest: [u8; 32] = Sha256::digest(payload.trim_ascii_end()).into();
        if self.defects.has(Defect::AcksBeforeStoring) {
            return self.answer_first(message, digest, now);
        }
        let header = message.header.clone();
        match self.record(message, digest, now).await {
            Ok((replies, items)) => {
                if self.defects.has(Defect::AckAfterDelivery)
                    && let Err(error) = self.outbox.wait_for(&items).await
                {
                    note!("{error}");
                }
                Replies::Send(replies)
            }
            Err(error) => {
                note!("{error}");
                let text = "the message could not be stored";
                let rejection = Rejection::error("", 0, ErrorCode::ApplicationInternalError, text);
                Replies::Send(self.acks(&header, Some(&rejection), "", now))
            }
        }
    }

    /// The answer to a frame that is larger than the limit, as far as its beginning tells whom to answer.
    pub fn too_large(&self, beginning: &[u8]) -> Vec<Vec<u8>> {
        let header = salvaged_header(beginning).unwrap_or_else(header_of_nothing);
        let rejection = Rejection::unreadable("the message is too large");
        self.acks(&header, Some(&rejection), "", Timestamp::now())
    }

    /// Decides and records in one transaction; gives the acknowledgements and the numbers of the queued work.
    async fn record(
        &self,
        message: Message,
        digest: [u8; 32],
        now: Timestamp,
    ) -> Result<(Vec<Vec<u8>>, Vec<u64>), StoreError> {
        let (zone, defects, ids) = (self.zone.clone(), self.defects, Arc::clone(&self.ids));
        self.store
            .write(move |transaction| {
                let writer = AckWriter { ids: &ids, defects };
                record(transaction, &message, digest, now, &zone, &writer)
            })
            .await
    }

    /// What a careless hub does: says yes, and stores when it gets round to it.
    fn answer_first(&self, message: Message, digest: [u8; 32], now: Timestamp) -> Replies {
        let replies = self.acks(&message.header, None, "", now);
        let (zone, defects, ids) = (self.zone.clone(), self.defects, Arc::clone(&self.ids));
        let store = self.store.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(150)).await;
            let job = move |transaction: &Transaction| {
                let writer = AckWriter { ids: &ids, defects };
                record(transaction, &message, digest, now, &zone, &writer)
            };
            if let Err(error) = store.write(job).await {
                note!("{error}");
            }
        });
        Replies::Send(replies)
    }

    fn acks(
        &self,
        header: &Header,
        rejection: Option<&Rejection>,
        patient: &str,
        now: Timestamp,
    ) -> Vec<Vec<u8>> {
        AckWriter {
            ids: &self.ids,
            defects: self.defects,
        }
        .write(header, rejection, patient, now)
    }
}

fn unreadable(error: &ReadError) -> Rejection {
    let charset = |text| Rejection::reject(18, ErrorCode::TableValueNotFound, text);
    match error {
        ReadError::NoHeader => Rejection::unreadable("no usable MSH segment"),
        ReadError::TooComplex => Rejection::unreadable("the message has too many fields"),
        ReadError::Charset(CharsetError::Unsupported) => {
            charset("this character set is not served")
        }
        ReadError::Charset(CharsetError::Mismatch) => {
            charset("the bytes are not of the declared character set")
        }
    }
}

/// The header of a payload that cannot be read as a whole: its first segment byte by byte as ISO 8859-1, so that the
/// sender gets its own control ID back.
fn salvaged_header(payload: &[u8]) -> Option<Header> {
    let start = payload
        .iter()
        .position(|byte| !matches!(*byte, b'\r' | b'\n'))?;
    let line = payload[start..]
        .split(|byte| matches!(*byte, b'\r' | b'\n'))
        .next()?;
    let mut line = line[..line.len().min(HEADER_BYTES_MAX)].to_vec();
    // Without its declaration the line reads as UTF-8 or ISO 8859-1, which always succeeds.
    let separator = *line.get(3)?;
    let declared_from = line
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == separator)
        .nth(16)
        .map(|(at, _)| at);
    line.truncate(declared_from.unwrap_or(line.len()));
    Message::read(&line, Defects::default())
        .ok()
        .map(|message| message.header)
}

/// Writes the acknowledgements that a header asks for.
struct AckWriter<'a> {
    ids: &'a Ids,
    defects: Defects,
}

impl AckWriter<'_> {
    /// Original mode: one application acknowledgement. Enhanced mode (MSH-15 or MSH-16 valued): a commit
    /// acknowledgement and, once the message is stored, an application acknowledgement, each under its condition.
    fn write(
        &self,
        header: &Header,
        rejection: Option<&Rejection>,
        patient: &str,
        now: Timestamp,
    ) -> Vec<Vec<u8>> {
        let ack = |kind, rejection| {
            let control_id = self.ids.next('H');
            Ack {
                kind,
                rejection,
                control_id: &control_id,
                now,
                patient,
                defects: self.defects,
            }
            .write(header)
        };
        if !header.is_enhanced() {
            return vec![ack(AckKind::Application, rejection)];
        }
        // A message that is stored but cannot be processed is committed, and then refused by the application.
        let uncommitted = rejection.filter(|rejection| {
            rejection.severity == Severity::Reject
                || rejection.code == ErrorCode::ApplicationInternalError
        });
        let mut replies = Vec::new();
        let commits = wants(&header.accept_ack, uncommitted.is_none());
        if commits {
            replies.push(ack(AckKind::Commit, uncommitted));
        }
        let is_answered = commits && uncommitted.is_some();
        if !is_answered && wants(&header.application_ack, rejection.is_none()) {
            replies.push(ack(AckKind::Application, rejection));
        }
        replies
    }
}

/// HL7 table 0155: always, never, on error only, on success only. An empty condition beside a valued one is "never".
fn wants(condition: &str, is_success: bool) -> bool {
    match condition {
        "" | "NE" => false,
        "ER" => !is_success,
        "SU" => is_success,
        _ => true,
    }
}

/// Decides about a message and records the decision, unless the same message was answered before.
fn record(
    transaction: &Transaction,
    message: &Message,
    digest: [u8; 32],
    now: Timestamp,
    zone: &TimeZone,
    writer: &AckWriter<'_>,
) -> Result<(Vec<Vec<u8>>, Vec<u64>), StoreError> {
    let header = &message.header;
    let sender = key(&[
        &header.sending_application,
        &header.sending_facility,
        &header.control_id,
    ]);
    let earlier = match header.control_id.as_str() {
        "" => None,
        _ if writer.defects.has(Defect::DuplicatesOnRetry) => None,
        _ => transaction.answered(&sender)?,
    };
    match earlier {
        Some(earlier) if earlier.digest == digest => return Ok((earlier.replies, Vec::new())),
        // Only what took effect holds its control ID; a sender may correct what was refused and send it again.
        Some(earlier) if earlier.accepted => {
            let text = "this control ID was used for another message";
            let rejection = Rejection::reject(10, ErrorCode::DuplicateKey, text);
            return Ok((writer.write(header, Some(&rejection), "", now), Vec::new()));
        }
        _ => {}
    }
    let decision = workflows::decide(message, now, zone, writer.defects, transaction);
    let rejection = decision.as_ref().err().copied();
    let Effects { changes, work } = decision.unwrap_or_default();
    transaction.apply(&changes)?;
    let items = transaction.enqueue(&work)?;
    let patient = if rejection.is_some() {
        workflows::patient_words(message)
    } else {
        String::new()
    };
    let replies = writer.write(header, rejection.as_ref(), &patient, now);
    let is_transient =
        rejection.is_some_and(|rejection| rejection.code == ErrorCode::ApplicationInternalError);
    if !header.control_id.is_empty() && !is_transient {
        let answered = Answered {
            digest,
            accepted: rejection.is_none(),
            replies: replies.clone(),
        };
        transaction.remember_answer(&sender, &answered)?;
    }
    Ok((replies, items))
}
