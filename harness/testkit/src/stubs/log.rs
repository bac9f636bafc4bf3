//! What the partners received, in the order in which it came.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wardgate_core::{
    event::{Event, EventKind, Party},
    port::{Protocol, Reaction},
    wire::{Direction, Message},
};

use super::received::Received;

/// The most messages that are kept: a test that gets more has other troubles.
const KEPT_MAX: usize = 100_000;

/// What the partners received.
#[derive(Debug)]
pub(super) struct Log {
    /// The partners' protocols.
    protocols: Vec<Arc<dyn Protocol>>,
    entries: Mutex<Vec<(usize, Received)>>,
    /// Counts what happened: whoever waits for a change watches it.
    changes: watch::Sender<u64>,
}

impl Log {
    pub(super) fn new(protocols: Vec<Arc<dyn Protocol>>) -> Self {
        Self {
            protocols,
            entries: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Takes in what the runner wrote down.
    pub(super) fn event(&self, event: &Event, reaction: &Reaction) {
        if let EventKind::Wire(wire) = &event.kind
            && let Party::Partner(partner) = wire.party
            && wire.direction == Direction::FromCandidate
        {
            let protocol = self.protocols[partner].clone();
            let message = match &wire.fault {
                Some(fault) => Err(fault.clone()),
                None => Message::decode(protocol.transport(), true, None, &wire.bytes)
                    .map_err(|error| error.to_string()),
            };
            let received = Received::new(protocol, message, wire.bytes.clone(), reaction);
            let mut entries = self.lock();
            if entries.len() < KEPT_MAX {
                entries.push((partner, received));
            }
        }
        self.changed();
    }

    /// Wakes whoever waits.
    pub(super) fn changed(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Sees every change from here on.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What one partner received.
    pub(super) fn of(&self, partner: usize) -> Vec<Received> {
        self.lock()
            .iter()
            .filter(|(at, _)| *at == partner)
            .map(|(_, received)| received.clone())
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(usize, Received)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
