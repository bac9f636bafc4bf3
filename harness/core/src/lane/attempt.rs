//! One attempt of a case in progress.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use wardgate_contract::Span;

use super::{Waiting, delivery::Deliveries};
use crate::{
    bindings::Bindings,
    correlate::Owner,
    event::{Event, Wire},
    matching::Checked,
    plan::{Case, Claim, Plan, Retries},
    port::{Catalog, Effect, Protocol},
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
    pub has_identifiers: bool,
    /// The control ID of each step, which `${control_id}` means there.
    pub stimuli: Vec<Sending>,
    pub standings: Vec<Standing>,
    /// Verdicts that no expectation of the contract gave: the candidate was lost, or something went wrong.
    pub others: Vec<Verdict>,
    pub effects: Vec<Change>,
    pub deliveries: Deliveries,
    pub last_received: HashMap<usize, Message>,
    pub captured: Vec<bool>,
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
    pub subject: String,
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
            has_identifiers: false,
            stimuli: case.stimuli.iter().map(|_| Sending::default()).collect(),
            standings,
            others: Vec::new(),
            effects: Vec::new(),
            last_received: HashMap::new(),
            captured: vec![false; case.captures.len()],
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
        let target = wire.stimulus.or(answered).or_else(|| {
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
            subject: effect.subject.clone(),
        }));
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
