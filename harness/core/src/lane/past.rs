//! Cases that are over, and what comes of them all the same.
//!
//! A barrier says that nothing more is to come, and a candidate may make it say so wrongly: an idle endpoint that does not know of a timer, a
//! quiet window that was too short. What a case sends once more after that is known by its identifiers, and the verdict
//! that was believed is taken back. A retry that a sound candidate may make is none of this.

use std::collections::VecDeque;

use super::{
    attempt::{Attempt, Standing},
    claims::mismatch,
    delivery::Deliveries,
};
use crate::{
    bindings::Bindings,
    correlate::Owner,
    event::Event,
    matching::{self, Ground},
    plan::{Case, Claim, Retries},
    port::{Effect, Protocol},
    verdict::{CaseVerdict, Leg, MismatchKind, Outcome, Settled, Verdict},
    wire::Message,
};

/// How many cases back late traffic is judged.
const KEPT_MAX: usize = 64;

/// The last cases that passed.
#[derive(Debug, Default)]
pub(super) struct Past {
    cases: VecDeque<Over>,
}

/// A case that passed.
#[derive(Debug)]
struct Over {
    owner: Owner,
    verdict: CaseVerdict,
    /// How many counted for each expectation.
    counts: Vec<usize>,
    bindings: Bindings,
    deliveries: Deliveries,
}

impl Over {
    fn takes_back(&mut self, position: Option<usize>, late: Verdict) -> CaseVerdict {
        let place = position.filter(|index| *index < self.verdict.verdicts.len());
        match place {
            Some(index) => self.verdict.verdicts[index] = late,
            None => self.verdict.verdicts.push(late),
        }
        self.verdict.outcome = Outcome::Fail;
        self.verdict.note = Some(String::from("it had passed; this came after it was over"));
        self.verdict.clone()
    }
}

/// What is kept of an attempt until its verdict is made of it.
pub(super) struct Kept {
    counts: Vec<usize>,
    bindings: Bindings,
    deliveries: Deliveries,
}

impl Kept {
    /// Takes what late traffic is judged by.
    pub fn of(attempt: &mut Attempt) -> Self {
        let counted = |standing: &Standing| {
            standing
                .counted
                .iter()
                .filter(|counted| !counted.is_retry)
                .count()
        };
        Self {
            counts: attempt.standings.iter().map(counted).collect(),
            bindings: attempt.bindings.clone(),
            deliveries: std::mem::take(&mut attempt.deliveries),
        }
    }
}

impl Past {
    /// Keeps a case that is over; only what passed can be taken back.
    pub fn keep(&mut self, owner: Owner, verdict: &CaseVerdict, kept: Kept) {
        if verdict.outcome != Outcome::Pass {
            return;
        }
        if self.cases.len() >= KEPT_MAX {
            self.cases.pop_front();
        }
        self.cases.push_back(Over {
            owner,
            verdict: verdict.clone(),
            counts: kept.counts,
            bindings: kept.bindings,
            deliveries: kept.deliveries,
        });
    }

    /// The candidate was killed or started again: it may have forgotten what it was told, and says it again.
    pub fn forget(&mut self) {
        self.cases.clear();
    }

    /// The candidate ended by itself when no case was in hand: what came before it is to blame.
    pub fn ended(&mut self, event: &Event, status: &str) -> Option<CaseVerdict> {
        let mut last = self.cases.pop_back()?;
        let span = last.verdict.verdicts.first()?.span;
        let actual = format!("it ended by itself after the case: {status}");
        let late = Verdict {
            expectation: String::from("candidate runs"),
            leg: Leg::Candidate,
            outcome: Outcome::Fail,
            mismatches: vec![mismatch(
                MismatchKind::Lost,
                "",
                "a candidate that goes on running",
                &actual,
            )],
            actual,
            events: vec![event.sequence],
            settled: Settled::OnSight,
            span,
        };
        Some(last.takes_back(None, late))
    }

    /// Judges a message of a case that is over, and gives that case's new verdict if it takes the old one back.
    #[expect(
        clippy::too_many_arguments,
        reason = "one message and all that is known of it"
    )]
    pub fn received(
        &mut self,
        owner: Owner,
        case: &Case,
        event: &Event,
        partner: usize,
        protocol: &dyn Protocol,
        message: &Message,
        effects: &[Effect],
    ) -> Option<CaseVerdict> {
        let place = self.cases.iter().position(|over| over.owner == owner)?;
        let over = &self.cases[place];
        let (index, expected) =
            case.expectations
                .iter()
                .enumerate()
                .find_map(|(index, expectation)| {
                    let Claim::Received {
                        partner: other,
                        selector,
                        times,
                        checks,
                        retries,
                    } = &expectation.claim
                    else {
                        return None;
                    };
                    let max = times.max? as usize;
                    let count = over.counts.get(index).copied().unwrap_or(0) + 1;
                    if *other != partner || count <= max || !protocol.selects(selector, message) {
                        return None;
                    }
                    let is_retry = *retries != Retries::None
                        && over.deliveries.is_retry(
                            *retries,
                            partner,
                            &protocol.identity(message),
                            effects,
                        );
                    let reading = protocol.read(message).ok()?;
                    let render = |kind: &str, record: &wardgate_expression::Json| {
                        protocol.render(kind, record)
                    };
                    let ground = Ground {
                        bindings: &over.bindings,
                        render: &render,
                    };
                    let fits = matching::check_message(checks, reading.as_ref(), &ground)
                        .mismatches
                        .is_empty();
                    (fits && !is_retry).then(|| (index, format!("{selector}, {times}")))
                })?;
        let expectation = &case.expectations[index];
        let mut over = self.cases.remove(place)?;
        let actual = format!(
            "one more ({}) after the case was over",
            protocol.label(message)
        );
        let late = Verdict {
            expectation: expectation.id.clone(),
            leg: expectation.leg.clone(),
            outcome: Outcome::Fail,
            mismatches: vec![mismatch(MismatchKind::Surplus, "", &expected, &actual)],
            actual,
            events: vec![event.sequence],
            settled: Settled::OnSight,
            span: expectation.span,
        };
        let position = over
            .verdict
            .verdicts
            .iter()
            .position(|known| known.expectation == expectation.id);
        Some(over.takes_back(position, late))
    }
}
