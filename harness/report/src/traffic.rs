//! What crossed the wires, as the renderers get to see it.

use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    plan::Plan,
    port::Catalog,
    wire::{Direction, Message},
};

use crate::{run_file::VerdictsLine, text};

/// The events of each lane, the participants' names and a way to label messages.
///
/// A lane may hold only some of its events: what is not there is left out of excerpts and pictures.
#[derive(Clone, Copy)]
pub struct Traffic<'a> {
    plan: Option<&'a Plan>,
    events: &'a dyn Fn(usize) -> &'a [Event],
    label: &'a dyn Fn(Party, &Wire) -> String,
}

impl std::fmt::Debug for Traffic<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traffic").finish_non_exhaustive()
    }
}

impl<'a> Traffic<'a> {
    /// Traffic of a plan's run: `events` gives a lane's events in order, `label` a few words about a message (see
    /// [`labels`]).
    pub fn new(
        plan: &'a Plan,
        events: &'a dyn Fn(usize) -> &'a [Event],
        label: &'a dyn Fn(Party, &Wire) -> String,
    ) -> Self {
        Self {
            plan: Some(plan),
            events,
            label,
        }
    }

    /// No traffic at all, where it was not kept.
    pub fn none() -> Self {
        Self {
            plan: None,
            events: &|_| &[],
            label: &|_, _| String::new(),
        }
    }

    /// One event of a lane.
    pub fn event(&self, lane: usize, sequence: u64) -> Option<&'a Event> {
        let events = (self.events)(lane);
        // Whole lanes are indexed by sequence; partial ones are searched.
        usize::try_from(sequence)
            .ok()
            .and_then(|index| events.get(index))
            .filter(|event| event.sequence == sequence)
            .or_else(|| {
                events
                    .binary_search_by_key(&sequence, |event| event.sequence)
                    .ok()
                    .map(|index| &events[index])
            })
    }

    /// The events that belong to a case, in order.
    pub fn timeline(&self, verdict: &VerdictsLine) -> Vec<&'a Event> {
        let mut sequences = verdict.timeline.clone();
        sequences.sort_unstable();
        sequences.dedup();
        sequences
            .into_iter()
            .filter_map(|sequence| self.event(verdict.lane, sequence))
            .collect()
    }

    /// When a case began, in nanoseconds of its lane's time.
    pub fn began(&self, verdict: &VerdictsLine) -> u64 {
        self.event(verdict.lane, verdict.first)
            .map(elapsed_ns)
            .or_else(|| {
                self.timeline(verdict)
                    .first()
                    .map(|event| elapsed_ns(event))
            })
            .unwrap_or(0)
    }

    /// A few words about a message.
    pub fn label(&self, wire: &Wire) -> String {
        let label = (self.label)(wire.party, wire);
        text::line(&label).into_owned()
    }

    /// The two sides of a contract: its consumer, whom the driver plays, and its provider, the candidate.
    pub fn sides(&self, contract: &str) -> Option<(&'a str, &'a str)> {
        let contracts = &self.plan?.contracts;
        let found = contracts.iter().find(|one| one.id.value == contract)?;
        Some((&found.consumer.value, &found.provider.value))
    }

    /// The index of a partner.
    pub fn partner(&self, name: &str) -> Option<usize> {
        self.plan?.partner(name)
    }

    /// The name of whoever is at the far end of the candidate.
    pub fn party(&self, party: Party) -> String {
        let name = match (party, self.plan) {
            (Party::Endpoint(index), Some(plan)) => {
                plan.endpoints.get(index).map(|endpoint| &endpoint.name)
            }
            (Party::Partner(index), Some(plan)) => {
                plan.partners.get(index).map(|partner| &partner.name)
            }
            (_, None) => None,
        };
        name.cloned().unwrap_or_else(|| match party {
            Party::Endpoint(index) => format!("endpoint {index}"),
            Party::Partner(index) => format!("partner {index}"),
        })
    }
}

/// An event's time in nanoseconds since its lane was opened.
pub(crate) fn elapsed_ns(event: &Event) -> u64 {
    u64::try_from(event.elapsed.as_nanos()).unwrap_or(u64::MAX)
}

/// The message of a wire event, if its bytes are one.
pub(crate) fn wire_of(event: &Event) -> Option<&Wire> {
    match &event.kind {
        EventKind::Wire(wire) => Some(wire),
        _ => None,
    }
}

/// Labels by the protocols themselves: `ADT^A04`, `PUT /Patient/1`, `201 Created`.
pub fn labels<'a>(plan: &'a Plan, catalog: &'a Catalog) -> impl Fn(Party, &Wire) -> String + 'a {
    move |party, wire| {
        if let Some(fault) = &wire.fault {
            return fault.clone();
        }
        let name = match party {
            Party::Endpoint(index) => plan.endpoints.get(index).map(|one| &one.protocol),
            Party::Partner(index) => plan.partners.get(index).map(|one| &one.protocol),
        };
        let Some(protocol) = name.and_then(|name| catalog.get(name)) else {
            return format!("{} bytes", wire.bytes.len());
        };
        // The candidate answers at its endpoints and asks at its partners.
        let is_request = match party {
            Party::Endpoint(_) => wire.direction == Direction::ToCandidate,
            Party::Partner(_) => wire.direction == Direction::FromCandidate,
        };
        let transport = protocol.transport();
        match Message::decode(transport, is_request, wire.name.as_deref(), &wire.bytes) {
            Ok(message) => protocol.label(&message),
            Err(error) => error.to_string(),
        }
    }
}
