//! The one place where a lane's events get their number and time.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, futures::Notified};
use wardgate_core::{
    event::{Event, EventKind, Wire},
    lane::Lane,
    port::{Action, Reaction},
    wire::{Direction, Message},
};

use crate::{
    Observer,
    transport::desk::{Desk, Switchboard, only_reply},
};

/// A lane as everybody who does something in it sees it.
///
/// Events are numbered, timed, folded and shown to the observer under one lock, so the order of the log is the order
/// of the fold, in the live run and in every replay.
pub(crate) struct LaneHandle {
    state: Mutex<State>,
    opened: Instant,
    number: usize,
    observer: Arc<dyn Observer>,
    changed: Notify,
    switchboard: Switchboard,
    /// When a wire event was last appended, in nanoseconds since the lane was opened.
    last_wire: AtomicU64,
}

struct State {
    lane: Lane,
    sequence: u64,
}

/// The lane while its lock is held.
pub(crate) struct Held<'a> {
    state: MutexGuard<'a, State>,
    handle: &'a LaneHandle,
}

impl LaneHandle {
    /// A lane whose time begins now.
    pub(crate) fn new(lane: Lane, number: usize, observer: Arc<dyn Observer>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State { lane, sequence: 0 }),
            opened: Instant::now(),
            number,
            observer,
            changed: Notify::new(),
            switchboard: Switchboard::default(),
            last_wire: AtomicU64::new(0),
        })
    }

    /// Takes the lock. Hold it shortly, and never across an await.
    pub(crate) fn lock(&self) -> Held<'_> {
        Held {
            // A panic inside the fold must not hide what was recorded until then.
            state: self.state.lock().unwrap_or_else(PoisonError::into_inner),
            handle: self,
        }
    }

    /// Appends one event and says what the stub that it concerned wants done.
    pub(crate) fn append(&self, kind: EventKind) -> Reaction {
        self.lock().append(kind)
    }

    /// The lane's number.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The lane's time.
    pub(crate) fn elapsed(&self) -> Duration {
        self.opened.elapsed()
    }

    /// The clock's reading at a point of the lane's time.
    pub(crate) fn instant(&self, elapsed: Duration) -> Instant {
        self.opened + elapsed
    }

    /// Is ready when something was appended since this was last awaited. There is one who waits: the executor.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// When a message last crossed a wire, in the lane's time.
    pub(crate) fn last_wire(&self) -> Duration {
        Duration::from_nanos(self.last_wire.load(Ordering::Relaxed))
    }

    /// Whether replies of ours are still to come late.
    pub(crate) fn has_delayed(&self) -> bool {
        self.switchboard.has_delayed()
    }

    /// A number for a new connection.
    pub(crate) fn next_channel(&self) -> u32 {
        self.switchboard.next_channel()
    }
}

impl Desk for LaneHandle {
    fn append(&self, kind: EventKind) -> Reaction {
        self.lock().append(kind)
    }

    fn exchange(
        &self,
        message: Wire,
        gathered: &mut BytesMut,
        encode: impl Fn(&Message, &mut BytesMut),
    ) -> Vec<Action> {
        let (channel, party) = (message.channel, message.party);
        let mut held = self.lock();
        let reaction = held.append(EventKind::Wire(message));
        let Some(reply) = only_reply(&reaction.actions, channel) else {
            return reaction.actions;
        };
        let start = gathered.len();
        encode(reply, gathered);
        held.append(EventKind::Wire(Wire {
            channel,
            party,
            direction: Direction::ToCandidate,
            stimulus: None,
            name: None,
            bytes: Bytes::copy_from_slice(&gathered[start..]),
            fault: None,
        }));
        Vec::new()
    }

    fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }
}

impl Held<'_> {
    /// Appends one event and says what the stub that it concerned wants done.
    pub(crate) fn append(&mut self, kind: EventKind) -> Reaction {
        let elapsed = self.handle.opened.elapsed();
        if matches!(kind, EventKind::Wire(_)) {
            let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
            self.handle.last_wire.store(nanos, Ordering::Relaxed);
        }
        let event = Event {
            sequence: self.state.sequence,
            elapsed,
            kind,
        };
        self.state.sequence += 1;
        let reaction = self.state.lane.observe(&event);
        self.handle
            .observer
            .event(self.handle.number, &event, &reaction);
        self.handle.changed.notify_one();
        reaction
    }

    /// The fold.
    pub(crate) fn fold(&mut self) -> &mut Lane {
        &mut self.state.lane
    }
}
