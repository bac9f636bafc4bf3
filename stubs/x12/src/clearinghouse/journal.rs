//! The interchanges that were taken in, and what each was answered.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use wardgate_core::port::{Held, MakeRecord, Moment, Record};
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::{View, Views};

use crate::contract::kind;
use crate::envelope::Envelope;
use crate::interchange::File;

/// How many interchanges are kept; the oldest go first.
const INTERCHANGES_MAX: usize = 100_000;

/// How many bytes of interchanges and answers are kept.
const BYTES_MAX: usize = 256 << 20;

/// What an interchange is answered, each part an interchange of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    /// TA1, where one is sent.
    pub(crate) interchange: Option<Bytes>,
    /// 999, where there is a group to acknowledge.
    pub(crate) groups: Option<Bytes>,
    /// What the content is answered, each with its kind: 277CA, 271, 277.
    pub(crate) content: Vec<(&'static str, Bytes)>,
    /// The submitter: ISA06.
    pub(crate) submitter: String,
}

impl Answered {
    /// All parts, each with its kind, in the order in which they stand in an answer.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&'static str, &Bytes)> {
        let interchange = self.interchange.iter().map(|bytes| ("TA1", bytes));
        let groups = self.groups.iter().map(|bytes| ("999", bytes));
        let content = self.content.iter().map(|(kind, bytes)| (*kind, bytes));
        interchange.chain(groups).chain(content)
    }

    fn size(&self) -> usize {
        self.parts().map(|(_, bytes)| bytes.len()).sum()
    }
}

/// An interchange that was taken in.
#[derive(Debug)]
pub(crate) struct Taken {
    id: String,
    at: Moment,
    key: Arc<str>,
    /// The interchange as it came.
    pub(crate) raw: Bytes,
    /// What it was answered.
    pub(crate) answered: Answered,
    view: View,
}

impl Taken {
    fn size(&self) -> usize {
        // Beside its bytes an entry takes about this much.
        self.raw.len() + self.answered.size() + 512
    }
}

impl MakeRecord for Taken {
    fn make(&self) -> Cow<'_, Json> {
        self.view.get(|| record(&self.raw))
    }
}

/// The interchanges in the order they came, and each by its sender and control number. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    taken: VecDeque<Arc<Taken>>,
    by_key: HashMap<Arc<str>, Arc<Taken>>,
    bytes: usize,
    views: Views,
}

impl Journal {
    /// The interchange that came from this sender under this control number.
    pub(crate) fn first(&self, envelope: &Envelope<'_>) -> Option<&Arc<Taken>> {
        self.by_key.get(key(envelope).as_str())
    }

    /// Keeps an interchange.
    pub(crate) fn keep(
        &mut self,
        at: Moment,
        envelope: &Envelope<'_>,
        raw: Bytes,
        answered: Answered,
    ) {
        let key: Arc<str> = key(envelope).into();
        let taken = Arc::new(Taken {
            id: key.replace('\r', " "),
            at,
            key: key.clone(),
            raw,
            answered,
            view: self.views.view(),
        });
        self.bytes += taken.size();
        self.by_key.insert(key, taken.clone());
        self.taken.push_back(taken);
        while self.taken.len() > INTERCHANGES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.taken.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            let is_last = self
                .by_key
                .get(&oldest.key)
                .is_some_and(|last| Arc::ptr_eq(last, &oldest));
            if is_last {
                self.by_key.remove(&oldest.key);
            }
        }
    }

    /// Whether nothing is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// All of it, oldest first.
    pub(crate) fn held(&self) -> Vec<Held<'_>> {
        self.taken
            .iter()
            .map(|taken| Held {
                id: &taken.id,
                record: Record::Made(&**taken),
                changed: taken.at,
            })
            .collect()
    }
}

/// ISA05, ISA06 and ISA13: what makes an interchange the same one.
fn key(envelope: &Envelope<'_>) -> String {
    let text = |number: usize| envelope.header.text(number).unwrap_or_default().trim_end();
    [text(5), text(6), text(13)].join("\r")
}

fn record(raw: &Bytes) -> Json {
    // Nothing is kept that does not parse.
    let Ok(file) = File::parse(raw) else {
        return Json::Null;
    };
    let Some(interchange) = file.interchanges().first() else {
        return Json::Null;
    };
    let envelope = Envelope::read(interchange);
    let text = |number: usize| envelope.header.text(number).unwrap_or_default().trim_end();
    let mut record = Object::new();
    record.push("sender", text(6));
    record.push("receiver", text(8));
    record.push("control_number", text(13));
    let kinds: Json = kind::of_file(&file).into_iter().map(Json::from).collect();
    record.push("kinds", kinds);
    record.push("text", String::from_utf8_lossy(raw).into_owned());
    Json::Object(record)
}
