//! What a receiver has taken in.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use wardgate_core::{
    port::{Held, MakeRecord, Moment, Record},
    wire,
};
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::{View, Views};

use crate::{compare, message::Message, view::view};

/// How many messages are kept; the oldest go first.
const MESSAGES_MAX: usize = 100_000;

/// How many bytes of messages and acknowledgements are kept.
const BYTES_MAX: usize = 256 << 20;

/// A message that was taken in, and what it was answered.
#[derive(Debug)]
pub(super) struct Received {
    id: String,
    at: Moment,
    sender: Arc<[u8]>,
    /// The message as it came.
    pub(super) payload: Bytes,
    /// Its acknowledgements, in order.
    pub(super) replies: Vec<wire::Message>,
    /// The record that `holds` sees.
    view: View,
}

impl Received {
    fn size(&self) -> usize {
        let replies: usize = self.replies.iter().map(|reply| reply.content().len()).sum();
        // Beside its bytes an entry takes about this much.
        self.payload.len() + replies + 256
    }
}

impl MakeRecord for Received {
    fn make(&self) -> Cow<'_, Json> {
        self.view.get(|| record(&self.payload))
    }
}

/// The messages in the order they came, and each by its sender and control ID. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    received: VecDeque<Arc<Received>>,
    first_by_sender: HashMap<Arc<[u8]>, Arc<Received>>,
    bytes: usize,
    count: u64,
    views: Views,
}

impl Journal {
    /// The first message that came from this sender under this control ID.
    pub(super) fn first(&self, message: &Message<'_>) -> Option<&Arc<Received>> {
        self.first_by_sender.get(sender(message).as_slice())
    }

    /// Keeps a message.
    pub(super) fn keep(
        &mut self,
        at: Moment,
        message: &Message<'_>,
        payload: Bytes,
        replies: Vec<wire::Message>,
    ) {
        self.count += 1;
        let sender: Arc<[u8]> = sender(message).into();
        let mut id = message.header().control_id().into_owned();
        if self.first_by_sender.contains_key(&sender) {
            id = format!("{id} ({})", self.count);
        }
        let received = Arc::new(Received {
            id,
            at,
            sender: sender.clone(),
            payload,
            replies,
            view: self.views.view(),
        });
        self.bytes += received.size();
        self.first_by_sender
            .entry(sender)
            .or_insert_with(|| received.clone());
        self.received.push_back(received);
        while self.received.len() > MESSAGES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.received.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            let is_first = self
                .first_by_sender
                .get(&oldest.sender)
                .is_some_and(|first| Arc::ptr_eq(first, &oldest));
            if is_first {
                self.first_by_sender.remove(&oldest.sender);
            }
        }
    }

    /// Whether nothing is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.received.is_empty()
    }

    /// All of it, oldest first.
    pub(super) fn held(&self) -> Vec<Held<'_>> {
        self.received
            .iter()
            .map(|received| Held {
                id: &received.id,
                record: Record::Made(&**received),
                changed: received.at,
            })
            .collect()
    }
}

/// MSH-3, MSH-4 and MSH-10 as they stand: what makes a control ID unique.
fn sender(message: &Message<'_>) -> Vec<u8> {
    let header = message.header().segment();
    let parts = [3, 4, 10].map(|number| header.field(number).map_or(&b""[..], |field| field.raw()));
    parts.join(&b'\r')
}

/// The view of a message with `text`, `type` and `control_id` in front. Where the view would be too large it is those
/// three alone.
fn record(payload: &Bytes) -> Json {
    // Nothing is kept that does not parse.
    let Ok(message) = Message::parse(payload) else {
        return Json::Null;
    };
    let mut members = Object::new();
    members.push("type", compare::name(&message));
    members.push("control_id", message.header().control_id().into_owned());
    members.push("text", message.charset().decode(payload).into_owned());
    if let Ok(Json::Object(shown)) = view(&message) {
        for (name, segments) in shown.iter() {
            members.push(name, segments.clone());
        }
    }
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The view of a message takes a hundred times its bytes and more: to count messages none is made.
    #[test]
    fn records_are_made_when_they_are_looked_at() {
        let mut journal = Journal::default();
        let at = Moment {
            elapsed: Duration::ZERO,
            unix_ms: 0,
        };
        for number in 0..40 {
            let text = format!(
                "MSH|^~\\&|A|B|C|D|1||ORU^R01|{number}|P|2.5\rOBX|1|TX|{}\r",
                "a^b&c~".repeat(4_000)
            );
            let payload = Bytes::from(text);
            let message = Message::parse(&payload).expect("it is well formed");
            journal.keep(at, &message, payload.clone(), Vec::new());
        }
        assert_eq!(journal.held().len(), 40);
        assert_eq!(journal.views.memory(), 0);
        for held in journal.held() {
            assert!(held.record().get("OBX").is_some());
        }
        let kept = journal.views.memory();
        assert!(kept > 1 << 20, "{kept}");
        let snapshot = journal.clone();
        journal = Journal::default();
        assert_eq!((journal.views.memory(), snapshot.views.memory()), (0, kept));
    }
}
