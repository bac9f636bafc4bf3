//! What is there for submitters to pick up, and the remittances that were issued.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use rust_decimal::Decimal;
use wardgate_core::port::{Held, Moment, Record};
use wardgate_expression::{Json, Object};

use super::store::amount;

/// How many interchanges are kept for all submitters; the oldest go first.
const ITEMS_MAX: usize = 20_000;

/// How many bytes are kept for all submitters.
const BYTES_MAX: usize = 64 << 20;

/// How many bytes one pick-up gives; more is there for the next one.
const PICKED_MAX: usize = 4 << 20;

/// An interchange that is there to be picked up.
#[derive(Clone, Debug)]
struct Item {
    submitter: String,
    kind: &'static str,
    bytes: Bytes,
    /// From when on it is there, counted as moments are.
    ready: Duration,
    is_picked_up: bool,
}

/// The outbox of all submitters, oldest first. A clone shares what it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    items: VecDeque<Arc<Item>>,
    bytes: usize,
}

impl Outbox {
    /// Puts an interchange in.
    pub(crate) fn put(
        &mut self,
        submitter: &str,
        kind: &'static str,
        bytes: Bytes,
        ready: Duration,
    ) {
        self.bytes += bytes.len();
        self.items.push_back(Arc::new(Item {
            submitter: submitter.to_owned(),
            kind,
            bytes,
            ready,
            is_picked_up: false,
        }));
        while self.items.len() > ITEMS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.items.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes.len();
        }
    }

    /// Picks up what is ready for a submitter, of one kind where one is named. `again` gives what was picked up before
    /// as well. The number says how many were picked up for the first time.
    pub(crate) fn pick_up(
        &mut self,
        at: Moment,
        submitter: &str,
        kind: Option<&str>,
        again: bool,
    ) -> (Vec<Bytes>, usize) {
        let mut picked = Vec::new();
        let (mut bytes, mut first) = (0, 0);
        for item in &mut self.items {
            let is_wanted = item.submitter == submitter
                && kind.is_none_or(|kind| kind == item.kind)
                && item.ready <= at.elapsed
                && (again || !item.is_picked_up);
            if !is_wanted {
                continue;
            }
            if !picked.is_empty() && bytes + item.bytes.len() > PICKED_MAX {
                break;
            }
            bytes += item.bytes.len();
            picked.push(item.bytes.clone());
            if !item.is_picked_up {
                first += 1;
                Arc::make_mut(item).is_picked_up = true;
            }
        }
        (picked, first)
    }
}

/// A remittance that was issued.
#[derive(Debug)]
struct Issued {
    trace: String,
    at: Moment,
    size: usize,
    json: Json,
}

/// What is remembered of a remittance.
#[derive(Debug)]
pub(crate) struct Issue<'i> {
    /// The trace number of the payment.
    pub(crate) trace: &'i str,
    pub(crate) submitter: &'i str,
    pub(crate) payer: &'i str,
    pub(crate) payee: &'i str,
    /// BPR02.
    pub(crate) paid: Decimal,
    /// What is carried forward to the next one.
    pub(crate) owed: Decimal,
    /// CLM01 of its claims.
    pub(crate) claims: Vec<String>,
    pub(crate) text: &'i [u8],
}

/// The remittances in the order they were issued. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remittances {
    issued: VecDeque<Arc<Issued>>,
    bytes: usize,
}

impl Remittances {
    /// Remembers a remittance.
    pub(crate) fn keep(&mut self, at: Moment, issue: Issue<'_>) {
        let mut record = Object::new();
        record.push("trace", issue.trace);
        record.push("submitter", issue.submitter);
        record.push("payer", issue.payer);
        record.push("payee", issue.payee);
        record.push("paid", amount(issue.paid));
        record.push("carried_forward", amount(issue.owed));
        let claims: Json = issue.claims.into_iter().map(Json::from).collect();
        record.push("claims", claims);
        record.push("text", String::from_utf8_lossy(issue.text).into_owned());
        let size = issue.text.len() + 512;
        self.bytes += size;
        self.issued.push_back(Arc::new(Issued {
            trace: issue.trace.to_owned(),
            at,
            size,
            json: Json::Object(record),
        }));
        while self.issued.len() > ITEMS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.issued.pop_front() else {
                break;
            };
            self.bytes -= oldest.size;
        }
    }

    /// Whether nothing is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.issued.is_empty()
    }

    /// All of them, oldest first.
    pub(crate) fn held(&self) -> Vec<Held<'_>> {
        self.issued
            .iter()
            .map(|issued| Held {
                id: &issued.trace,
                record: Record::Stored(&issued.json),
                changed: issued.at,
            })
            .collect()
    }
}
