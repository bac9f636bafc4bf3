//! One attempt of a case in progress.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use wardgate_contract::{
    Span,
    ast::{CaptureFrom, CaptureVia},
};

use super::{Waiting, delivery::Deliveries};
use crate::{
    bindings::Bindings,
    correlate::Owner,
    event::{Event, Wire},
    matching::Checked,
    plan::{Case, Claim, Plan, Retries},
    port::{Catalog, Effect, Protocol, Verb},
    verdict::{CaseVerdict, Leg, Mismatch, MismatchKind, Outcome, Settled, Verdict},
    wire::Message,
};

/// One attempt of a case in progress.
#[derive(Debug)]
pub(super) struct Attempt {
    pub owner: Owner,
    pub first: u64,
    pub started: Duration,
    pub bindings: Bindings,
    /// Whether what was sent so far names something that only this attempt has.
    pub is_identified: bool,
    /// The control IDs that were drawn: what a candidate passes on need not name them.
    pub control_ids: Vec<String>,
    pub stimuli: Vec<Sending>,
    pub standings: Vec<Standing>,
    /// Verdicts that no expectation of the contract gave: the candidate was lost, or something went wrong.
    pub others: Vec<Verdict>,
    pub effects: Vec<Change>,
    /// What came of the faults of the partners, by their index.
    pub faced: HashMap<usize, Faced>,
    pub deliveries: Deliveries,
    pub last_received: HashMap<usize, Message>,
    pub captured: Vec<bool>,
    /// Whether a property's closing claim spoke of anything that partners held.
    pub held_something: bool,
    pub channels: HashSet<u32>,
    pub timeline: Vec<u64>,
    span: Span,
}

/// What became of one stimulus.
#[derive(Debug, Default)]
pub(super) struct Sending {
    pub sent: Option<Sent>,
    pub replies: Vec<Answer>,
    pub broken: Option<(u64, String)>,
}

/// A stimulus on its way.
#[derive(Debug)]
pub(super) struct Sent {
    pub sequence: u64,
    pub elapsed: Duration,
    pub channel: u32,
    pub message: Option<Message>,
}

/// A reply to a stimulus.
#[derive(Debug)]
pub(super) struct Answer {
    pub sequence: u64,
    pub elapsed: Duration,
    pub message: Result<Message, String>,
}

/// How an expectation stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Since when it is open.
    pub opened: Option<Duration>,
    /// When its lower bound was met.
    pub met: Option<Duration>,
    /// The messages that count for it.
    pub counted: Vec<Counted>,
    /// The last message that was meant but did not fit.
    pub near: Option<(u64, Checked)>,
    /// How many were meant but did not fit.
    pub near_count: usize,
    /// How many were meant and fit nothing that the case expects of this partner.
    pub unfit: usize,
    /// Its verdict, once it is closed.
    pub verdict: Option<Verdict>,
}

/// A message that counts.
#[derive(Debug)]
pub(super) struct Counted {
    pub sequence: u64,
    /// Whether it only repeats one that counts.
    pub is_retry: bool,
    pub actual: String,
}

/// A change to what a partner holds.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub sequence: u64,
    pub elapsed: Duration,
    pub partner: usize,
    pub verb: Verb,
    pub subject: String,
}

/// How a partner's fault was met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Faced {
    /// The last event that the fault did something to.
    pub met: u64,
    /// The first message after it that was served.
    pub served: Option<u64>,
}

impl Attempt {
    pub fn new(
        case: &Case,
        owner: Owner,
        event: &Event,
        catalog: &Arc<Catalog>,
        now_unix_ms: i64,
    ) -> Self {
        let standings = case
            .expectations
            .iter()
            .map(|expectation| Standing {
                opened: expectation.opens.is_none().then_some(event.elapsed),
                ..Standing::default()
            })
            .collect();
        Self {
            owner,
            first: event.sequence,
            started: event.elapsed,
            bindings: Bindings::new(catalog.clone(), now_unix_ms),
            is_identified: false,
            control_ids: Vec::new(),
            stimuli: case.stimuli.iter().map(|_| Sending::default()).collect(),
            standings,
            others: Vec::new(),
            effects: Vec::new(),
            faced: HashMap::new(),
            last_received: HashMap::new(),
            captured: vec![false; case.captures.len()],
            held_something: false,
            deliveries: Deliveries::default(),
            channels: HashSet::new(),
            timeline: vec![event.sequence],
            span: case.span,
        }
    }

    pub fn sent(
        &mut self,
        event: &Event,
        stimulus: usize,
        channel: u32,
        message: Result<Message, String>,
    ) {
        if let Some(sending) = self.stimuli.get_mut(stimulus) {
            sending.sent = Some(Sent {
                sequence: event.sequence,
                elapsed: event.elapsed,
                channel,
                message: message.ok(),
            });
        }
    }

    /// Files a reply under the stimulus that it answers; says whether it answers none of this attempt's.
    pub fn replied(
        &mut self,
        event: &Event,
        wire: &Wire,
        message: Result<Message, String>,
        protocol: &dyn Protocol,
    ) -> bool {
        let on_channel = |sending: &Sending| {
            sending
                .sent
                .as_ref()
                .is_some_and(|sent| sent.channel == wire.channel)
        };
        let candidates = || {
            self.stimuli
                .iter()
                .enumerate()
                .filter(|(_, sending)| on_channel(sending))
        };
        let answered = message.as_ref().ok().and_then(|reply| {
            // Of a message and its repeat with one control ID, the first without an answer is meant.
            let mut named = candidates().filter(|(_, sending)| {
                sending
                    .sent
                    .as_ref()
                    .and_then(|sent| sent.message.as_ref())
                    .is_some_and(|request| protocol.answers(request, reply) == Some(true))
            });
            let first = named.next();
            let unanswered = first
                .into_iter()
                .chain(named)
                .find(|(_, sending)| {
                    !sending.replies.iter().any(|known| {
                        known.message.as_ref().is_ok_and(|known| {
                            protocol.is_accept(known) == protocol.is_accept(reply)
                        })
                    })
                })
                .map(|(index, _)| index);
            unanswered.or_else(|| first.map(|(index, _)| index))
        });
        // A reply that names no message answers one that has no name, if there is one: raw bytes come back as refusals
        // while the next message is already on its way.
        let nameless = || {
            candidates()
                .find(|(_, sending)| {
                    sending.sent.as_ref().is_some_and(|sent| {
                        sent.message
                            .as_ref()
                            .is_none_or(|request| protocol.is_nameless(request))
                    })
                })
                .map(|(index, _)| index)
        };
        let target = wire.stimulus.or(answered).or_else(nameless).or_else(|| {
            candidates()
                .filter(|(_, sending)| sending.replies.is_empty())
                .map(|(index, _)| index)
                .next_back()
                .or_else(|| candidates().map(|(index, _)| index).next_back())
        });
        let Some(sending) = target.and_then(|index| self.stimuli.get_mut(index)) else {
            return true;
        };
        sending.replies.push(Answer {
            sequence: event.sequence,
            elapsed: event.elapsed,
            message,
        });
        false
    }

    pub fn closed(&mut self, event: &Event, channel: u32) {
        for sending in &mut self.stimuli {
            let waits = sending.replies.is_empty()
                && sending
                    .sent
                    .as_ref()
                    .is_some_and(|sent| sent.channel == channel);
            if waits && sending.broken.is_none() {
                sending.broken = Some((
                    event.sequence,
                    String::from("the candidate closed the connection without a reply"),
                ));
            }
        }
    }

    pub fn undelivered(&mut self, event: &Event, stimulus: usize, reason: &str) {
        self.timeline.push(event.sequence);
        if let Some(sending) = self.stimuli.get_mut(stimulus) {
            sending
                .broken
                .get_or_insert_with(|| (event.sequence, reason.to_owned()));
        }
    }

    /// Whether any claim of the case tells retries from new messages.
    pub fn tells_retries(&self, plan: &Plan) -> bool {
        plan.cases[self.owner.case]
            .expectations
            .iter()
            .any(|expectation| {
                matches!(&expectation.claim, Claim::Received { retries, .. } if *retries != Retries::None)
            })
    }

    pub fn effects(&mut self, event: &Event, partner: usize, effects: &[Effect]) {
        self.effects.extend(effects.iter().map(|effect| Change {
            sequence: event.sequence,
            elapsed: event.elapsed,
            partner,
            verb: effect.verb,
            subject: effect.subject.clone(),
        }));
    }

    /// Notes what a partner's fault did, or that a message was served after it.
    pub fn faces(&mut self, event: &Event, partner: usize, faulty: bool, served: bool) {
        if faulty {
            let met = Faced {
                met: event.sequence,
                served: None,
            };
            self.faced.insert(partner, met);
        } else if served && let Some(faced) = self.faced.get_mut(&partner) {
            faced.served.get_or_insert(event.sequence);
        }
    }

    /// Effects that nobody owns count against a case that promises none: broken input may have lost its identifiers.
    pub fn unowned_effects(&mut self, event: &Event, partner: usize, effects: &[Effect]) {
        if !effects.is_empty() {
            self.timeline.push(event.sequence);
            self.effects(event, partner, effects);
        }
    }

    pub fn error(&mut self, event: &Event, reason: String) {
        let verdict = self.other(
            event,
            Outcome::Error,
            MismatchKind::Unjudged,
            "a case that can be run",
            reason,
        );
        self.others.push(verdict);
    }

    pub fn is_stimulated(&self) -> bool {
        self.stimuli.iter().any(|sending| sending.sent.is_some())
    }

    pub fn lost(&mut self, event: &Event, status: &str) {
        let outcome = if self.is_stimulated() {
            Outcome::Fail
        } else {
            Outcome::Error
        };
        let verdict = self.other(
            event,
            outcome,
            MismatchKind::Lost,
            "a candidate that goes on running",
            format!("it ended by itself: {status}"),
        );
        self.others.push(verdict);
    }

    /// It was killed on purpose and does not come back: after a stimulus, that is its own failure.
    pub fn never_ready(&mut self, event: &Event, reason: &str) {
        if !self.is_stimulated() {
            return self.error(event, reason.to_owned());
        }
        let verdict = self.other(
            event,
            Outcome::Fail,
            MismatchKind::Lost,
            "a candidate that starts again after it was killed",
            reason.to_owned(),
        );
        self.others.push(verdict);
    }

    /// A case that cannot go on because the candidate did not say what was to be captured is the candidate's failure.
    pub fn unrunnable(&mut self, event: &Event, case: &Case, reason: String) {
        if !self.captured_all(event, case) {
            return;
        }
        self.error(event, reason);
    }

    /// Says whether everything was captured that could have been by now; what was not fails, once.
    pub fn captured_all(&mut self, event: &Event, case: &Case) -> bool {
        if self.has_failed() {
            return true;
        }
        let missed = case
            .captures
            .iter()
            .zip(&self.captured)
            .find(|((stimulus, _), captured)| {
                !**captured
                    && self
                        .stimuli
                        .get(*stimulus)
                        .is_some_and(|sending| sending.sent.is_some())
            });
        let Some(((_, capture), _)) = missed else {
            return true;
        };
        let (leg, from) = match &capture.from {
            CaptureFrom::Reply => (Leg::Reply, String::from("the reply")),
            CaptureFrom::Received(partner) => (
                Leg::Received(partner.clone()),
                format!("what {partner} received"),
            ),
        };
        let at = match &capture.via {
            CaptureVia::Locator(text) | CaptureVia::Expression(text) => text.clone(),
        };
        self.others.push(Verdict {
            expectation: format!("{} is captured", capture.name.value),
            leg,
            outcome: Outcome::Fail,
            mismatches: vec![Mismatch {
                kind: MismatchKind::Missing,
                at,
                expected: format!("a value in {from}"),
                actual: String::from("nothing"),
            }],
            actual: String::from("nothing"),
            events: vec![event.sequence],
            settled: Settled::OnSight,
            span: capture.name.span,
        });
        false
    }

    /// Every message is answered once: a second answer that names the same message fails.
    pub fn answered_once(&mut self, event: &Event, case: &Case, protocols: &[Arc<dyn Protocol>]) {
        if self.has_failed() {
            return;
        }
        let surplus = case
            .stimuli
            .iter()
            .zip(&self.stimuli)
            .find_map(|(planned, sending)| {
                let protocol = protocols.get(planned.endpoint)?;
                let request = sending.sent.as_ref()?.message.as_ref()?;
                let second = |is_accept: bool| {
                    sending
                        .replies
                        .iter()
                        .filter(|answer| {
                            answer.message.as_ref().is_ok_and(|reply| {
                                protocol.answers(request, reply) == Some(true)
                                    && protocol.is_accept(reply) == is_accept
                            })
                        })
                        .nth(1)
                };
                second(false)
                    .or_else(|| second(true))
                    .map(|answer| answer.sequence)
            });
        if let Some(sequence) = surplus {
            let mut verdict = self.other(
                event,
                Outcome::Fail,
                MismatchKind::Surplus,
                "one answer to each message",
                String::from("a second answer to the same message"),
            );
            verdict.expectation = String::from("answered once");
            verdict.leg = Leg::Reply;
            verdict.events = vec![sequence];
            self.others.push(verdict);
        }
    }

    fn other(
        &self,
        event: &Event,
        outcome: Outcome,
        kind: MismatchKind,
        expected: &str,
        actual: String,
    ) -> Verdict {
        Verdict {
            expectation: String::from(if kind == MismatchKind::Lost {
                "candidate runs"
            } else {
                "case runs"
            }),
            leg: Leg::Candidate,
            outcome,
            mismatches: vec![Mismatch {
                kind,
                at: String::new(),
                expected: expected.to_owned(),
                actual: actual.clone(),
            }],
            actual,
            events: vec![event.sequence],
            settled: Settled::OnSight,
            span: self.span,
        }
    }

    pub fn waiting(&self, plan: &Plan, replies_only: bool) -> Waiting {
        if self
            .others
            .iter()
            .any(|verdict| verdict.outcome < Outcome::Skip)
        {
            return Waiting::Settled;
        }
        let case = &plan.cases[self.owner.case];
        case.expectations
            .iter()
            .zip(&self.standings)
            .filter(|(expectation, _)| {
                !replies_only
                    || matches!(expectation.leg, Leg::Transport | Leg::Reply | Leg::Accept)
            })
            .filter(|(_, standing)| standing.verdict.is_none() && standing.met.is_none())
            // What is judged at a barrier alone is not met by waiting for it.
            .filter(|(expectation, _)| !matches!(expectation.claim, Claim::PropertyHolds { .. }))
            .filter_map(|(expectation, standing)| {
                standing.opened.map(|opened| opened + expectation.within)
            })
            .min()
            .map_or(Waiting::Settled, Waiting::Until)
    }

    pub fn open_until(&self, plan: &Plan) -> Duration {
        let case = &plan.cases[self.owner.case];
        case.expectations
            .iter()
            .zip(&self.standings)
            .filter(|(_, standing)| standing.verdict.is_none())
            .filter_map(|(expectation, standing)| {
                standing.opened.map(|opened| opened + expectation.within)
            })
            .max()
            .unwrap_or_default()
    }

    pub fn has_failed(&self) -> bool {
        self.verdicts()
            .any(|verdict| verdict.outcome < Outcome::Skip)
    }

    pub fn is_unanswered(&self) -> bool {
        self.verdicts()
            .any(|verdict| verdict.leg == Leg::Transport && verdict.outcome == Outcome::Fail)
    }

    fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.standings
            .iter()
            .filter_map(|standing| standing.verdict.as_ref())
            .chain(&self.others)
    }

    /// What came of the whole attempt: the worst of its verdicts, and error if it has none.
    pub fn verdict(self, event: &Event, case: &Case, lane: usize) -> CaseVerdict {
        let verdicts: Vec<Verdict> = self
            .standings
            .into_iter()
            .filter_map(|standing| standing.verdict)
            .chain(self.others)
            .collect();
        let judged = verdicts
            .iter()
            .filter(|verdict| verdict.outcome != Outcome::Skip)
            .map(|verdict| verdict.outcome)
            .min();
        CaseVerdict {
            case: case.index,
            outcome: judged.unwrap_or(Outcome::Error),
            note: judged.is_none().then(|| String::from("nothing was judged")),
            verdicts,
            lane,
            events: (self.first, event.sequence),
            timeline: self.timeline,
            duration_ns: u64::try_from(event.elapsed.saturating_sub(self.started).as_nanos())
                .unwrap_or(u64::MAX),
            attempts: self.owner.attempt + 1,
            drawn: self.bindings.to_json().to_string(),
            regression: None,
        }
    }
}
