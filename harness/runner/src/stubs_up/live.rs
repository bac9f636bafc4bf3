//! One partner's stub while it is served.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use tokio::{sync::Notify, time::timeout};
use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    port::{Action, Control, Fault, Held, Input, Moment, Protocol, Reaction, Stub},
    wire::{Direction, Message},
};
use wardgate_expression::Json;

use super::{
    aside::{Busy, aside, is_large},
    journal::{Journal, Received},
};
use crate::{
    Observer,
    transport::desk::{Desk, Switchboard, only_reply},
};

/// One partner's stub while it is served.
///
/// It is asked and told from any thread. What is held and what was received change together, under one lock.
pub struct LiveStub {
    name: String,
    index: usize,
    address: SocketAddr,
    protocol: Arc<dyn Protocol>,
    clock: Clock,
    state: Mutex<State>,
    /// Whether the stub is at something for which others may have to wait long.
    busy: Busy,
    switchboard: Switchboard,
    observer: Option<Arc<dyn Observer>>,
    changed: Notify,
}

/// What a stub is served with.
pub(super) struct Served {
    /// The partner's name.
    pub name: String,
    /// The partner's place among the others.
    pub index: usize,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it speaks.
    pub protocol: Arc<dyn Protocol>,
    /// The stub.
    pub stub: Box<dyn Stub>,
    /// How many bytes of what it receives are kept.
    pub journal_bytes: usize,
    /// Who is told what crosses its wires.
    pub observer: Option<Arc<dyn Observer>>,
}

/// The time of stubs that are served together, and the numbers of their events.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    opened: Instant,
    started_unix_ms: i64,
    sequence: Arc<AtomicU64>,
}

#[derive(Debug)]
struct State {
    stub: Box<dyn Stub>,
    /// The connections that are open now.
    open: BTreeSet<u32>,
    journal: Journal,
    /// Where a reset goes back to.
    baseline: Snapshot,
}

/// What a stub held at some time.
#[derive(Debug)]
struct Snapshot {
    stub: Box<dyn Stub>,
    /// The connections that were open then.
    open: BTreeSet<u32>,
}

/// A record that could not be held.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {} cannot be held: {reason}", .index + 1)]
pub struct SeedError {
    /// Its place among those that were given, from zero.
    pub index: usize,
    /// Why not.
    pub reason: String,
}

impl Clock {
    /// Time that begins now, at this wall clock's reading.
    pub(super) fn new(started_unix_ms: i64) -> Self {
        Self {
            opened: Instant::now(),
            started_unix_ms,
            sequence: Arc::default(),
        }
    }

    fn now(&self) -> Moment {
        let elapsed = self.opened.elapsed();
        let since = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        Moment {
            elapsed,
            unix_ms: self.started_unix_ms.saturating_add(since),
        }
    }
}

impl LiveStub {
    /// A stub to be served. Where it is reset to is how it is now.
    pub(super) fn new(served: Served, clock: Clock) -> Self {
        let state = State {
            baseline: Snapshot {
                stub: served.stub.snapshot(),
                open: BTreeSet::new(),
            },
            stub: served.stub,
            open: BTreeSet::new(),
            journal: Journal::new(served.journal_bytes),
        };
        Self {
            name: served.name,
            index: served.index,
            address: served.address,
            protocol: served.protocol,
            clock,
            state: Mutex::new(state),
            busy: Busy::default(),
            switchboard: Switchboard::default(),
            observer: served.observer,
            changed: Notify::new(),
        }
    }

    /// The partner's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it speaks.
    pub fn protocol(&self) -> &Arc<dyn Protocol> {
        &self.protocol
    }

    /// Holds records in a collection, as if a client had put them there. Either all of them are held, or none is.
    pub fn seed(&self, collection: &str, records: Vec<Json>) -> Result<usize, SeedError> {
        let _busy = self.busy.begin();
        let mut state = self.lock();
        let before = state.stub.snapshot();
        let seeded = self.seed_under(&mut state, collection, records);
        if seeded.is_err() {
            state.stub = before;
        }
        drop(state);
        self.changed.notify_waiters();
        seeded
    }

    /// The same without a way back: what came before the first that cannot be held is held. For large sets.
    pub fn load(
        &self,
        collection: &str,
        records: impl IntoIterator<Item = Json>,
    ) -> Result<usize, SeedError> {
        let _busy = self.busy.begin();
        let loaded = self.seed_under(&mut self.lock(), collection, records);
        self.changed.notify_waiters();
        loaded
    }

    fn seed_under(
        &self,
        state: &mut State,
        collection: &str,
        records: impl IntoIterator<Item = Json>,
    ) -> Result<usize, SeedError> {
        let mut held = 0;
        let mut control = Control::Seed {
            collection: collection.to_owned(),
            record: Json::Null,
        };
        for next in records {
            if let Control::Seed { record, .. } = &mut control {
                *record = next;
            }
            let reaction = state
                .stub
                .receive(self.clock.now(), Input::Control(&control));
            if reaction.unhandled {
                let remark = reaction
                    .remark
                    .unwrap_or_else(|| String::from("the stub does not say why"));
                let reason = remark.strip_prefix("not seeded: ").unwrap_or(&remark);
                return Err(SeedError {
                    index: held,
                    reason: reason.to_owned(),
                });
            }
            held += 1;
        }
        Ok(held)
    }

    /// Makes it behave badly. The error says why it cannot in these words.
    pub fn fault(self: &Arc<Self>, fault: Fault) -> Result<(), String> {
        self.faults(vec![fault])
    }

    /// Makes it behave badly in several ways, or in none of them where one cannot be.
    pub fn faults(self: &Arc<Self>, faults: Vec<Fault>) -> Result<(), String> {
        for fault in &faults {
            if let Fault::Refuse {
                with: Some(with), ..
            } = fault
            {
                self.protocol.check_refusal(with)?;
            }
        }
        for fault in faults {
            self.control(Control::Fault(fault));
        }
        Ok(())
    }

    /// Makes it behave well again.
    pub fn clear_faults(self: &Arc<Self>) {
        self.control(Control::ClearFaults);
    }

    fn control(self: &Arc<Self>, control: Control) {
        let partner = self.index;
        let reaction = self.happened(EventKind::Control { partner, control });
        self.route(partner, reaction.actions);
    }

    /// Remembers what it holds: a reset goes back to here.
    pub fn snapshot(&self) {
        let mut state = self.lock();
        state.baseline = state.snapshot();
    }

    /// Goes back to what it held at the last snapshot, or when it was started, behaving well. What it received is
    /// forgotten; connections stay open.
    pub fn reset(&self) {
        let mut state = self.lock();
        let baseline = Snapshot {
            stub: state.baseline.stub.snapshot(),
            open: state.baseline.open.clone(),
        };
        self.restore(&mut state, baseline);
        state.journal.clear();
        drop(state);
        self.changed.notify_waiters();
    }

    /// Puts an earlier state in place, and tells it which connections there are by now.
    fn restore(&self, state: &mut State, mut to: Snapshot) {
        let at = self.clock.now();
        // First, so that saying hello uses up no attempt of a fault.
        to.stub.receive(at, Input::Control(&Control::ClearFaults));
        for channel in to.open.difference(&state.open) {
            to.stub.receive(at, Input::Closed { channel: *channel });
        }
        for channel in state.open.difference(&to.open) {
            to.stub.receive(at, Input::Connected { channel: *channel });
        }
        state.stub = to.stub;
    }

    /// What it received since the message of this number (0: since the beginning), oldest first, at most so many. Of very many only
    /// the latest are kept.
    pub fn received(&self, since: u64, limit: usize) -> Vec<Received> {
        self.received_of(since, limit).0
    }

    /// The same, and how many there were in all at that moment.
    pub(super) fn received_of(&self, since: u64, limit: usize) -> (Vec<Received>, u64) {
        let state = self.lock();
        let received = state.journal.since(since).take(limit).cloned().collect();
        (received, state.journal.count())
    }

    /// How many messages it received in all, also those that are no longer kept: the number of the last.
    pub fn received_count(&self) -> u64 {
        self.lock().journal.count()
    }

    /// How many messages are kept, and in about how many bytes.
    pub fn journal_size(&self) -> (usize, usize) {
        let state = self.lock();
        (state.journal.len(), state.journal.bytes())
    }

    /// Lets a function see the records of one collection, in a stable order; the stub waits meanwhile. The error names the
    /// collections that there are.
    pub fn held<T>(
        &self,
        collection: &str,
        see: impl FnOnce(&[Held<'_>]) -> T,
    ) -> Result<T, String> {
        let _busy = self.busy.begin();
        let state = self.lock();
        let held = state.stub.collection(collection)?;
        Ok(see(&held))
    }

    /// The names of the collections that hold something.
    pub fn collections(&self) -> Vec<String> {
        self.lock().stub.collections()
    }

    /// Waits until it has received a message of a higher number than this. False when the time is over before.
    pub async fn received_after(&self, number: u64, within: Duration) -> bool {
        let grown = |stub: &Self| (stub.received_count() > number).then_some(());
        self.watch(within, grown).await.is_some()
    }

    /// Looks at once, and again after every change, until there is something to see; none when the time is over before.
    pub async fn watch<T>(
        &self,
        within: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Option<T> {
        let looking = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                // Whatever comes from here on is heard, so nothing falls between looking and waiting.
                changed.as_mut().enable();
                if let Some(seen) = look(self) {
                    return seen;
                }
                changed.await;
            }
        };
        timeout(within, looking).await.ok()
    }

    /// Whether the stub is at something for which others may have to wait long.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.is_busy()
    }

    /// Does something short that needs the stub, aside where it would have to wait long. For spawned tasks only.
    pub(super) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.busy.beside(work)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic inside a stub must not hide what was received until then.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a message to the stub and keeps it; what came of it, but for what was kept. A large one may take long, and
    /// the other tasks of the runtime go on meanwhile, those of the other stubs among them.
    fn take_in(&self, wire: &Wire) -> Reaction {
        if is_large(wire.bytes.len()) {
            let _busy = self.busy.begin();
            return aside(|| self.take_in_now(wire));
        }
        self.busy.beside(|| self.take_in_now(wire))
    }

    fn take_in_now(&self, wire: &Wire) -> Reaction {
        let decoded = match &wire.fault {
            Some(fault) => Err(fault.clone()),
            None => Message::decode(self.protocol.transport(), true, None, &wire.bytes)
                .map_err(|error| error.to_string()),
        };
        let channel = wire.channel;
        let input = match &decoded {
            Ok(message) => Input::Message {
                channel,
                message,
                current: true,
            },
            Err(reason) => Input::Garbage { channel, reason },
        };
        let mut state = self.lock();
        let at = self.clock.now();
        let mut reaction = state.stub.receive(at, input);
        if self.observer.is_some() {
            self.tell(at, EventKind::Wire(wire.clone()), &reaction);
        }
        let fault = decoded.err();
        state
            .journal
            .keep(at, channel, &wire.bytes, fault, &mut reaction);
        drop(state);
        self.changed.notify_waiters();
        reaction
    }

    fn tell(&self, at: Moment, kind: EventKind, reaction: &Reaction) {
        if let Some(observer) = &self.observer {
            let event = Event {
                sequence: self.clock.sequence.fetch_add(1, Ordering::Relaxed),
                elapsed: at.elapsed,
                kind,
            };
            observer.event(0, &event, reaction);
        }
    }

    /// Tells the stub what happened beside messages.
    fn happened(&self, kind: EventKind) -> Reaction {
        let mut state = self.lock();
        let at = self.clock.now();
        let input = match &kind {
            EventKind::Opened { channel, .. } => {
                state.open.insert(*channel);
                Input::Connected { channel: *channel }
            }
            EventKind::Closed { channel, .. } => {
                state.open.remove(channel);
                Input::Closed { channel: *channel }
            }
            EventKind::Timer { timer, .. } => Input::Timer { timer: *timer },
            EventKind::Control { control, .. } => Input::Control(control),
            _ => return Reaction::default(),
        };
        let reaction = state.stub.receive(at, input);
        self.tell(at, kind, &reaction);
        drop(state);
        self.changed.notify_waiters();
        reaction
    }
}

impl State {
    fn snapshot(&self) -> Snapshot {
        Snapshot {
            stub: self.stub.snapshot(),
            open: self.open.clone(),
        }
    }
}

impl Desk for LiveStub {
    fn append(&self, kind: EventKind) -> Reaction {
        match kind {
            EventKind::Wire(wire) if wire.direction == Direction::FromCandidate => {
                self.take_in(&wire)
            }
            EventKind::Wire(_) => {
                if self.observer.is_some() {
                    self.tell(self.clock.now(), kind, &Reaction::default());
                }
                Reaction::default()
            }
            kind => self.busy.beside(|| self.happened(kind)),
        }
    }

    fn exchange(
        &self,
        message: Wire,
        gathered: &mut BytesMut,
        encode: impl Fn(&Message, &mut BytesMut),
    ) -> Vec<Action> {
        let channel = message.channel;
        let reaction = self.take_in(&message);
        let Some(reply) = only_reply(&reaction.actions, channel) else {
            return reaction.actions;
        };
        let start = gathered.len();
        encode(reply, gathered);
        if self.observer.is_some() {
            let reply = Wire {
                channel,
                party: Party::Partner(self.index),
                direction: Direction::ToCandidate,
                stimulus: None,
                name: None,
                bytes: Bytes::copy_from_slice(&gathered[start..]),
                fault: None,
            };
            self.append(EventKind::Wire(reply));
        }
        Vec::new()
    }

    fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }
}

impl std::fmt::Debug for LiveStub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveStub")
            .field("name", &self.name)
            .field("address", &self.address)
            .field("protocol", &self.protocol.name())
            .finish_non_exhaustive()
    }
}
