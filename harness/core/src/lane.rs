//! One lane as a fold over its events.
//!
//! A lane is one candidate with stubs of its own. The runner appends [`Event`]s and hands each to
//! [`Lane::observe`]; the lane keeps the stubs' states, sorts traffic to the case that it belongs to, judges
//! what can be judged and says what the stubs want done. A replay feeds the same events to a fresh lane and
//! gets the same verdicts: there is no other code that judges.

mod attempt;
mod claims;
mod compose;
mod delivery;
mod draw;
mod judge;
mod past;
mod property;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use wardgate_synth::Seed;

use crate::{
    correlate::{Correlator, Owner},
    event::{Barrier, Event, EventKind, Lifecycle, Party, Wire},
    plan::{Case, CaseKind, Plan},
    port::{Catalog, Effect, Input, Moment, Protocol, Reaction, Stub, StubOptions},
    verdict::{CaseVerdict, Outcome},
    wire::{Direction, Message},
};

use attempt::Attempt;
pub use compose::{Composed, GivenAct};
use past::{Kept, Past};
use property::PropertySearch;

/// The most strays that are kept for the report.
const STRAYS_MAX: usize = 1_000;

/// Traffic at a partner that fits no case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The event.
    pub sequence: u64,
    /// The partner's index.
    pub partner: usize,
    /// A few words about the message.
    pub label: String,
    /// Whether it changed what the partner holds.
    pub effect: bool,
}

/// What an executor is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing: everything that is open is met or judged.
    Settled,
    /// An expectation that has until this point in the lane's time.
    Until(Duration),
}

/// One lane's state.
#[derive(Debug)]
pub struct Lane {
    plan: Arc<Plan>,
    catalog: Arc<Catalog>,
    number: usize,
    partner_protocols: Vec<Arc<dyn Protocol>>,
    endpoint_protocols: Vec<Arc<dyn Protocol>>,
    stubs: Vec<Box<dyn Stub>>,
    correlator: Correlator,
    attempt: Option<Attempt>,
    searches: HashMap<usize, PropertySearch>,
    finished: Vec<CaseVerdict>,
    past: Past,
    /// What came of the last attempt.
    last: Option<Outcome>,
    /// Whether the candidate ended by itself between two cases and no case is to blame for it.
    ended_for_nothing: bool,
    /// The moments at which messages of other cases changed what partners hold, since the case in hand began.
    foreign: HashSet<Duration>,
    strays: Vec<Stray>,
    strays_dropped: u64,
    version: u64,
}

impl Lane {
    /// A lane in which nothing has happened.
    pub fn new(plan: Arc<Plan>, catalog: Arc<Catalog>, number: usize) -> Result<Self, String> {
        let protocol = |name: &str| {
            catalog.get(name).cloned().ok_or_else(|| {
                format!(
                    "there is no protocol '{name}'; known are {}",
                    catalog.names().join(", ")
                )
            })
        };
        let partner_protocols = plan
            .partners
            .iter()
            .map(|partner| protocol(&partner.protocol))
            .collect::<Result<Vec<_>, _>>()?;
        let endpoint_protocols = plan
            .endpoints
            .iter()
            .map(|endpoint| protocol(&endpoint.protocol))
            .collect::<Result<Vec<_>, _>>()?;
        let seed = Seed::from_u64(plan.seed).child("stubs").child(number);
        let stubs = plan
            .partners
            .iter()
            .zip(&partner_protocols)
            .map(|(partner, protocol)| {
                protocol.stub(&StubOptions {
                    partner: partner.name.clone(),
                    options: partner.options.clone(),
                    seed: seed.child(partner.name.as_str()),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            plan,
            catalog,
            number,
            partner_protocols,
            endpoint_protocols,
            stubs,
            correlator: Correlator::default(),
            attempt: None,
            searches: HashMap::new(),
            finished: Vec::new(),
            past: Past::default(),
            last: None,
            ended_for_nothing: false,
            foreign: HashSet::new(),
            strays: Vec::new(),
            strays_dropped: 0,
            version: 0,
        })
    }

    /// Takes in one event and says what the stub that it concerned wants done.
    pub fn observe(&mut self, event: &Event) -> Reaction {
        self.version += 1;
        let at = self.moment(event.elapsed);
        match &event.kind {
            EventKind::CaseStarted { case, attempt } => self.start(event, *case, *attempt),
            EventKind::CaseFinished => self.finish(event),
            EventKind::Opened { channel, party } => {
                self.note(event);
                if let Party::Partner(partner) = party {
                    let reaction = self.stub(*partner, at, Input::Connected { channel: *channel });
                    self.face(event, *partner, reaction.remark.is_some(), false);
                    return reaction;
                }
            }
            EventKind::Wire(wire) => return self.wire(event, wire, at),
            EventKind::Closed {
                channel,
                party,
                by_candidate,
            } => match party {
                Party::Partner(partner) => {
                    if let Some(attempt) = &mut self.attempt {
                        attempt.deliveries.closed(*channel);
                    }
                    return self.stub(*partner, at, Input::Closed { channel: *channel });
                }
                Party::Endpoint(_) if *by_candidate => {
                    if let Some(attempt) = &mut self.attempt {
                        attempt.closed(event, *channel);
                    }
                    self.judge_replies(event);
                }
                Party::Endpoint(_) => {}
            },
            EventKind::Undelivered { stimulus, reason } => {
                if let Some(attempt) = &mut self.attempt {
                    attempt.undelivered(event, *stimulus, reason);
                }
                // What was never sent could not open anything, and what is not open is not judged.
                self.open(event, *stimulus);
                self.judge_replies(event);
            }
            EventKind::Written { stimulus } => self.open_anew(event, *stimulus),
            EventKind::Control { partner, control } => {
                self.note(event);
                return self.stub(*partner, at, Input::Control(control));
            }
            EventKind::Timer { partner, timer } => {
                return self.stub(*partner, at, Input::Timer { timer: *timer });
            }
            EventKind::Candidate(lifecycle) => self.candidate(event, lifecycle),
            EventKind::StateSet { state, failure } => {
                self.note(event);
                if let (Some(attempt), Some(failure)) = (&mut self.attempt, failure) {
                    attempt.error(
                        event,
                        format!("the candidate did not take the state '{state}': {failure}"),
                    );
                }
            }
            EventKind::Unrunnable { reason } => self.fault(event, reason.clone()),
            EventKind::Deadline => self.close_overdue(event),
            EventKind::Barrier(barrier) => self.close_at_barrier(event, barrier),
        }
        Reaction::default()
    }

    /// The attempt that a case makes next; none when it has made its last.
    pub fn next_attempt(&mut self, case: usize) -> Option<u32> {
        let planned = &self.plan.cases[case];
        match &planned.kind {
            CaseKind::Example { .. } => {
                let done = self.finished.iter().any(|verdict| verdict.case == case);
                (!done).then_some(0)
            }
            CaseKind::Property(property) => {
                if !self.searches.contains_key(&case) {
                    let search = PropertySearch::new(property, planned, &self.catalog);
                    self.searches.insert(case, search);
                }
                self.searches[&case].next_attempt()
            }
        }
    }

    /// Whether everything that is open is settled, or only the replies.
    pub fn waiting(&self, replies_only: bool) -> Waiting {
        self.attempt.as_ref().map_or(Waiting::Settled, |attempt| {
            attempt.waiting(&self.plan, replies_only)
        })
    }

    /// Until when the contract gives the candidate time for what is still open.
    pub fn open_until(&self) -> Duration {
        self.attempt
            .as_ref()
            .map_or(Duration::ZERO, |attempt| attempt.open_until(&self.plan))
    }

    /// Whether the attempt in hand has already failed or gone wrong.
    pub fn has_failed(&self) -> bool {
        self.attempt.as_ref().is_some_and(Attempt::has_failed)
    }

    /// Whether a stimulus of the attempt in hand has gone out. An attempt whose candidate was gone before that has
    /// tried nothing: it may be begun again, under the same number.
    pub fn is_stimulated(&self) -> bool {
        self.attempt.as_ref().is_some_and(Attempt::is_stimulated)
    }

    /// Whether the attempt in hand got no answer to a stimulus, so that its candidate cannot be trusted to go on.
    pub fn is_unanswered(&self) -> bool {
        self.attempt.as_ref().is_some_and(Attempt::is_unanswered)
    }

    /// Whether the candidate ended by itself and no case was blamed for it, since this was last asked.
    pub fn take_unexplained_end(&mut self) -> bool {
        std::mem::take(&mut self.ended_for_nothing)
    }

    /// The verdicts of the cases that have finished since this was last asked.
    pub fn take_finished(&mut self) -> Vec<CaseVerdict> {
        std::mem::take(&mut self.finished)
    }

    /// Traffic that fits no case, and how much of it was not kept.
    pub fn strays(&self) -> (&[Stray], u64) {
        (&self.strays, self.strays_dropped)
    }

    /// Grows with every event: whoever waits for a change compares it.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The stub of a partner, to be read.
    pub fn stub_of(&self, partner: usize) -> Option<&dyn Stub> {
        self.stubs.get(partner).map(AsRef::as_ref)
    }

    fn moment(&self, elapsed: Duration) -> Moment {
        let since = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        Moment {
            elapsed,
            unix_ms: self.plan.started_unix_ms.saturating_add(since),
        }
    }

    fn stub(&mut self, partner: usize, at: Moment, input: Input<'_>) -> Reaction {
        self.stubs
            .get_mut(partner)
            .map_or_else(Reaction::default, |stub| stub.receive(at, input))
    }

    fn start(&mut self, event: &Event, case: usize, number: u32) {
        let owner = Owner {
            case,
            attempt: number,
        };
        // The number may come from a recorded event, and a record may be damaged.
        let Some(planned) = self.plan.cases.get(case) else {
            return;
        };
        let now = self.moment(event.elapsed).unix_ms;
        let values = match &planned.kind {
            CaseKind::Example { .. } => Vec::new(),
            CaseKind::Property(property) => self
                .searches
                .entry(case)
                .or_insert_with(|| PropertySearch::new(property, planned, &self.catalog))
                .values(),
        };
        let mut attempt = Attempt::new(planned, owner, event, &self.catalog, now);
        let drawn = draw::draw(planned, &self.plan, &mut attempt.bindings, number, values);
        match drawn {
            Ok(drawn) => {
                for identifier in &drawn.identifiers {
                    self.correlator.learn(identifier, owner);
                }
                attempt.control_ids = drawn.control_ids;
            }
            Err(reason) => attempt.error(event, reason),
        }
        self.foreign.clear();
        self.attempt = Some(attempt);
    }

    /// Notes an event in the timeline of the attempt in hand.
    fn note(&mut self, event: &Event) {
        if let Some(attempt) = &mut self.attempt {
            attempt.timeline.push(event.sequence);
        }
    }

    fn wire(&mut self, event: &Event, wire: &Wire, at: Moment) -> Reaction {
        match (wire.party, wire.direction) {
            (Party::Endpoint(endpoint), direction) => {
                self.at_endpoint(event, wire, endpoint, direction);
                Reaction::default()
            }
            (Party::Partner(partner), Direction::FromCandidate) => {
                self.at_partner(event, wire, partner, at)
            }
            (Party::Partner(partner), Direction::ToCandidate) => {
                self.partner_replied(event, wire, partner);
                Reaction::default()
            }
        }
    }

    fn at_endpoint(&mut self, event: &Event, wire: &Wire, endpoint: usize, direction: Direction) {
        let Some(protocol) = self.endpoint_protocols.get(endpoint).cloned() else {
            return;
        };
        let Some(attempt) = &mut self.attempt else {
            return;
        };
        attempt.timeline.push(event.sequence);
        let message = match &wire.fault {
            Some(fault) => Err(fault.clone()),
            None => Message::decode(
                protocol.transport(),
                direction == Direction::ToCandidate,
                wire.name.as_deref(),
                &wire.bytes,
            )
            .map_err(|error| error.to_string()),
        };
        match direction {
            Direction::ToCandidate => {
                if let Some(stimulus) = wire.stimulus {
                    let case = &self.plan.cases[attempt.owner.case];
                    compose::bind_control_id(case, &mut attempt.bindings, stimulus);
                    attempt.is_identified |=
                        self.correlator
                            .names(&wire.bytes, attempt.owner, &attempt.control_ids);
                    attempt.sent(event, stimulus, wire.channel, message);
                    self.open(event, stimulus);
                }
            }
            Direction::FromCandidate => {
                let late = attempt.replied(event, wire, message, protocol.as_ref());
                if !late {
                    self.judge_replies(event);
                    self.capture();
                }
            }
        }
    }

    fn at_partner(&mut self, event: &Event, wire: &Wire, partner: usize, at: Moment) -> Reaction {
        let Some(protocol) = self.partner_protocols.get(partner).cloned() else {
            return Reaction::default();
        };
        let decoded = match &wire.fault {
            Some(fault) => Err(fault.clone()),
            None => Message::decode(
                protocol.transport(),
                true,
                wire.name.as_deref(),
                &wire.bytes,
            )
            .map_err(|error| error.to_string()),
        };
        let current = self.attempt.as_ref().map(|attempt| attempt.owner);
        let owner = self.correlator.owner(&wire.bytes).or_else(|| {
            // A case whose messages name nothing of its own takes what nobody else claims.
            let alone = self
                .attempt
                .as_ref()
                .filter(|attempt| attempt.is_stimulated() && !attempt.is_identified);
            alone.map(|attempt| attempt.owner)
        });
        let is_current = owner.is_none() || owner == current;
        let reaction = match &decoded {
            Ok(message) => self.stub(
                partner,
                at,
                Input::Message {
                    channel: wire.channel,
                    message,
                    current: is_current,
                },
            ),
            Err(reason) => self.stub(
                partner,
                at,
                Input::Garbage {
                    channel: wire.channel,
                    reason,
                },
            ),
        };
        if let Some(owner) = owner {
            for key in reaction.effects.iter().flat_map(|effect| &effect.keys) {
                self.correlator.learn(key, owner);
            }
        }
        match (owner, &mut self.attempt) {
            (Some(owner), Some(attempt)) if attempt.owner == owner => {
                attempt.timeline.push(event.sequence);
                attempt.channels.insert(wire.channel);
                if let Ok(message) = decoded {
                    self.at_partner_of_case(event, partner, wire.channel, message, &reaction);
                }
            }
            (Some(owner), _) => {
                if !reaction.effects.is_empty() {
                    self.foreign.insert(event.elapsed);
                }
                if let (Ok(message), false) = (&decoded, reaction.unhandled) {
                    let plan = self.plan.clone();
                    let taken_back = plan.cases.get(owner.case).and_then(|case| {
                        self.past.received(
                            owner,
                            case,
                            event,
                            partner,
                            protocol.as_ref(),
                            message,
                            &reaction.effects,
                        )
                    });
                    self.finished.extend(taken_back);
                }
            }
            (None, _) => {
                // A look-up that names nobody runs into a fault of the case in hand like any other message.
                self.face(event, partner, reaction.remark.is_some(), false);
                self.stray(event, partner, decoded.as_ref().ok(), &reaction.effects);
            }
        }
        reaction
    }

    /// A partner's reply crosses the wire.
    fn partner_replied(&mut self, event: &Event, wire: &Wire, partner: usize) {
        let (Some(attempt), Some(protocol)) =
            (&mut self.attempt, self.partner_protocols.get(partner))
        else {
            return;
        };
        if attempt.channels.contains(&wire.channel) {
            attempt.timeline.push(event.sequence);
        }
        if attempt.deliveries.awaits(wire.channel) {
            let reply = Message::decode(protocol.transport(), false, None, &wire.bytes);
            let is_positive =
                wire.fault.is_none() && reply.is_ok_and(|reply| !protocol.is_refusal(&reply));
            attempt
                .deliveries
                .replied(wire.channel, event.sequence, is_positive);
        }
    }

    /// Notes what a partner's fault did to the case in hand.
    fn face(&mut self, event: &Event, partner: usize, faulty: bool, served: bool) {
        if let Some(attempt) = &mut self.attempt {
            attempt.faces(event, partner, faulty, served);
            self.judge_faced(event);
        }
    }

    fn at_partner_of_case(
        &mut self,
        event: &Event,
        partner: usize,
        channel: u32,
        message: Message,
        reaction: &Reaction,
    ) {
        if let Some(attempt) = &mut self.attempt {
            attempt.effects(event, partner, &reaction.effects);
        }
        if !reaction.unhandled {
            self.judge_received(event, partner, &message, &reaction.effects);
        }
        if let Some(attempt) = &mut self.attempt
            && attempt.tells_retries(&self.plan)
        {
            let identity = self.partner_protocols[partner].identity(&message);
            attempt
                .deliveries
                .received(partner, channel, identity, !reaction.unhandled);
        }
        self.face(
            event,
            partner,
            reaction.remark.is_some(),
            !reaction.unhandled,
        );
        if !reaction.unhandled {
            if let Some(attempt) = &mut self.attempt {
                attempt.last_received.insert(partner, message);
            }
            self.capture();
        }
        self.judge_held(event, partner);
    }

    fn stray(
        &mut self,
        event: &Event,
        partner: usize,
        message: Option<&Message>,
        effects: &[Effect],
    ) {
        if let Some(attempt) = &mut self.attempt {
            attempt.unowned_effects(event, partner, effects);
        }
        if self.strays.len() >= STRAYS_MAX {
            self.strays_dropped += 1;
            return;
        }
        let label = message.map_or_else(
            || String::from("bytes that are no message"),
            |message| self.partner_protocols[partner].label(message),
        );
        self.strays.push(Stray {
            sequence: event.sequence,
            partner,
            label,
            effect: !effects.is_empty(),
        });
    }

    fn candidate(&mut self, event: &Event, lifecycle: &Lifecycle) {
        self.note(event);
        let idle = self
            .attempt
            .as_ref()
            .is_none_or(|attempt| !attempt.is_stimulated());
        if let (Lifecycle::Exited { status }, true) = (lifecycle, idle) {
            match self.past.ended(event, status) {
                Some(taken_back) => self.finished.push(taken_back),
                // A case that failed was told by its own verdict what its candidate did.
                None => self.ended_for_nothing = self.last != Some(Outcome::Fail),
            }
        }
        self.past.forget();
        if let Some(attempt) = &mut self.attempt {
            attempt.deliveries.interrupted(event.sequence);
            match lifecycle {
                Lifecycle::Exited { status } => attempt.lost(event, status),
                Lifecycle::NeverReady { reason } => attempt.never_ready(event, reason),
                Lifecycle::Started | Lifecycle::Ready | Lifecycle::Killed => {}
            }
        }
    }

    fn close_overdue(&mut self, event: &Event) {
        let elapsed = event.elapsed;
        self.close(
            event,
            |standing_deadline| standing_deadline <= elapsed,
            &judge::Closing::Deadline,
        );
    }

    fn close_at_barrier(&mut self, event: &Event, barrier: &Barrier) {
        self.note(event);
        self.close(event, |_| true, &judge::Closing::Barrier(barrier.clone()));
    }

    fn finish(&mut self, event: &Event) {
        self.note(event);
        self.close(event, |_| true, &judge::Closing::End);
        let Some(mut attempt) = self.attempt.take() else {
            return;
        };
        let case: &Case = &self.plan.cases[attempt.owner.case];
        attempt.answered_once(event, case, &self.endpoint_protocols);
        attempt.captured_all(event, case);
        let (owner, held) = (attempt.owner, attempt.held_something);
        let kept = Kept::of(&mut attempt);
        let verdict = attempt.verdict(event, case, self.number);
        self.last = Some(verdict.outcome);
        match &case.kind {
            CaseKind::Example { .. } => {
                self.past.keep(owner, &verdict, kept);
                self.finished.push(verdict);
            }
            CaseKind::Property(_) => {
                if let Some(search) = self.searches.get_mut(&verdict.case)
                    && let Some(whole) = search.report(verdict, held)
                {
                    self.finished.push(whole);
                }
            }
        }
    }
}
