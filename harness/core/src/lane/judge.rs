//! Judging expectations as events come in.
//!
//! What has no upper bound is closed as soon as it is met. What says "exactly once", "at most" or "never" is
//! closed only at a barrier, with everything that came until then.

use std::time::Duration;

use wardgate_expression::{Json, Object};

use super::{
    Lane,
    attempt::{Attempt, Counted, Standing},
    claims::{self, Judgement, mismatch},
};
use crate::{
    correlate::is_identifying,
    event::{Barrier, Event},
    matching::{self, Checked, Ground},
    plan::{Case, Claim, Expectation, Retries},
    port::{Effect, Held, Protocol, Verb},
    verdict::{Leg, MismatchKind, Outcome, Settled, Verdict},
    wire::Message,
};

/// Why expectations are closed.
#[derive(Clone, Debug)]
pub(super) enum Closing {
    /// Their deadline has passed.
    Deadline,
    /// Nothing more is to come.
    Barrier(Barrier),
    /// The case is over.
    End,
}

impl Lane {
    /// Opens the expectations that this stimulus opens.
    pub(super) fn open(&mut self, event: &Event, stimulus: usize) {
        let Some(attempt) = &mut self.attempt else {
            return;
        };
        let case = &self.plan.cases[attempt.owner.case];
        for (expectation, standing) in case.expectations.iter().zip(&mut attempt.standings) {
            if expectation.opens == Some(stimulus) && standing.opened.is_none() {
                standing.opened = Some(event.elapsed);
            }
        }
        // A partner may already hold what is promised, and a claim of nothing is met from the start.
        for partner in 0..self.stubs.len() {
            self.judge_held(event, partner);
        }
        self.judge_where(event, |claim| {
            matches!(claim, Claim::Received { .. } | Claim::NoEffect { .. })
        });
    }

    /// Lets the time of what this stimulus opened begin now: nobody can answer a message that is not all there.
    pub(super) fn open_anew(&mut self, event: &Event, stimulus: usize) {
        let Some(attempt) = &mut self.attempt else {
            return;
        };
        let case = &self.plan.cases[attempt.owner.case];
        for (expectation, standing) in case.expectations.iter().zip(&mut attempt.standings) {
            if expectation.opens == Some(stimulus) && standing.opened.is_some() {
                standing.opened = Some(event.elapsed);
            }
        }
    }

    /// Judges what the replies so far decide.
    pub(super) fn judge_replies(&mut self, event: &Event) {
        self.judge_where(event, |claim| {
            matches!(
                claim,
                Claim::Replied { .. }
                    | Claim::Reply { .. }
                    | Claim::Accept { .. }
                    | Claim::SameReply { .. }
                    | Claim::Refused { .. }
            )
        });
    }

    /// Judges what a partner's state decides.
    pub(super) fn judge_held(&mut self, event: &Event, partner: usize) {
        self.judge_where(
            event,
            |claim| matches!(claim, Claim::Holds { partner: other, .. } if *other == partner),
        );
    }

    /// Judges whether the partners' faults were met.
    pub(super) fn judge_faced(&mut self, event: &Event) {
        self.judge_where(event, |claim| matches!(claim, Claim::Faced { .. }));
    }

    /// Counts a message that a partner received.
    pub(super) fn judge_received(
        &mut self,
        event: &Event,
        partner: usize,
        message: &Message,
        effects: &[Effect],
    ) {
        let protocol = self.partner_protocols[partner].clone();
        let Some(attempt) = &mut self.attempt else {
            return;
        };
        let case = &self.plan.cases[attempt.owner.case];
        let mut fits = false;
        let mut missed = Vec::new();
        for (index, (expectation, standing)) in case
            .expectations
            .iter()
            .zip(&mut attempt.standings)
            .enumerate()
        {
            let Claim::Received {
                partner: other,
                selector,
                checks,
                retries,
                ..
            } = &expectation.claim
            else {
                continue;
            };
            let open = standing.opened.is_some() && standing.verdict.is_none();
            if *other != partner || !open || !protocol.selects(selector, message) {
                continue;
            }
            let checked = match protocol.read(message) {
                Ok(reading) => {
                    let render = |kind: &str, record: &Json| protocol.render(kind, record);
                    let ground = Ground {
                        bindings: &attempt.bindings,
                        render: &render,
                    };
                    matching::check_message(checks, reading.as_ref(), &ground)
                }
                Err(reason) => claims::unreadable(&reason),
            };
            if checked.mismatches.is_empty() {
                fits = true;
                standing.counted.push(Counted {
                    sequence: event.sequence,
                    is_retry: *retries != Retries::None
                        && attempt.deliveries.is_retry(
                            *retries,
                            partner,
                            &protocol.identity(message),
                            effects,
                        ),
                    actual: checked.actual.join("; "),
                });
            } else {
                missed.push(index);
                standing.near_count += 1;
                standing.near = Some((event.sequence, checked));
            }
        }
        if !fits {
            // What is meant and fits nothing that the case expects is one more than "exactly once".
            for index in missed {
                attempt.standings[index].unfit += 1;
            }
        }
        self.judge_where(
            event,
            |claim| matches!(claim, Claim::Received { partner: other, .. } if *other == partner),
        );
    }

    /// Judges the open claims that `concerned` picks, and closes those that nothing can change any more.
    fn judge_where(&mut self, event: &Event, concerned: impl Fn(&Claim) -> bool) {
        let Some(mut attempt) = self.attempt.take() else {
            return;
        };
        let plan = self.plan.clone();
        let case = &plan.cases[attempt.owner.case];
        for (index, expectation) in case.expectations.iter().enumerate() {
            let standing = &attempt.standings[index];
            if standing.opened.is_none()
                || standing.verdict.is_some()
                || !concerned(&expectation.claim)
            {
                continue;
            }
            let judgement = self.judge(case, expectation, &mut attempt, index);
            let standing = &mut attempt.standings[index];
            if judgement.met {
                standing.met.get_or_insert(event.elapsed);
            } else {
                standing.met = None;
            }
            let settles =
                judgement.is_final || (judgement.met && !expectation.claim.has_upper_bound());
            if settles {
                let verdict = verdict(expectation, standing, judgement, Settled::OnSight);
                standing.verdict = Some(verdict);
            }
        }
        self.attempt = Some(attempt);
    }

    /// Closes the expectations whose deadline `is_due`.
    pub(super) fn close(
        &mut self,
        event: &Event,
        is_due: impl Fn(Duration) -> bool,
        closing: &Closing,
    ) {
        let Some(mut attempt) = self.attempt.take() else {
            return;
        };
        let plan = self.plan.clone();
        let case = &plan.cases[attempt.owner.case];
        let failed = attempt.has_failed();
        for (index, expectation) in case.expectations.iter().enumerate() {
            let standing = &attempt.standings[index];
            if standing.verdict.is_some() {
                continue;
            }
            let verdict = match (standing.opened, closing) {
                (None, Closing::End) => skipped(expectation, "not reached"),
                (None, _) => continue,
                (Some(opened), Closing::Deadline) => {
                    if standing.met.is_some() || !is_due(opened + expectation.within) {
                        continue;
                    }
                    let judgement = self.judge(case, expectation, &mut attempt, index);
                    verdict(
                        expectation,
                        &attempt.standings[index],
                        judgement,
                        Settled::Deadline,
                    )
                }
                (Some(_), Closing::Barrier(Barrier::Missed { reason })) => {
                    let mut judgement = self.judge(case, expectation, &mut attempt, index);
                    judgement.mismatches.push(mismatch(
                        MismatchKind::Late,
                        "",
                        "a candidate that comes to rest",
                        reason,
                    ));
                    verdict(
                        expectation,
                        &attempt.standings[index],
                        judgement,
                        Settled::Deadline,
                    )
                }
                (Some(_), Closing::Barrier(barrier)) => {
                    let settled = match barrier {
                        Barrier::Quiet { window_ms } => Settled::Quiet {
                            window_ms: *window_ms,
                        },
                        _ => Settled::Idle,
                    };
                    let judgement = self.judge(case, expectation, &mut attempt, index);
                    verdict(expectation, &attempt.standings[index], judgement, settled)
                }
                (Some(_), Closing::End) if failed => {
                    skipped(expectation, "the case ended before it was settled")
                }
                (Some(_), Closing::End) => {
                    let mut judgement = self.judge(case, expectation, &mut attempt, index);
                    judgement.mismatches.push(mismatch(
                        MismatchKind::Unjudged,
                        "",
                        "a case that runs to its end",
                        "it ended before this was settled",
                    ));
                    let mut verdict = verdict(
                        expectation,
                        &attempt.standings[index],
                        judgement,
                        Settled::Unsettled,
                    );
                    verdict.outcome = Outcome::Error;
                    verdict
                }
            };
            attempt.standings[index].verdict = Some(verdict);
        }
        let _ = event;
        self.attempt = Some(attempt);
    }

    fn judge(
        &self,
        case: &Case,
        expectation: &Expectation,
        attempt: &mut Attempt,
        index: usize,
    ) -> Judgement {
        match &expectation.claim {
            Claim::Replied { stimulus } => claims::replied(attempt, *stimulus),
            Claim::Reply { stimulus, checks } => {
                let protocol = self.protocol_of(case, *stimulus);
                super::compose::bind_control_id(case, &mut attempt.bindings, *stimulus);
                let reply = claims::application_reply(attempt, *stimulus, protocol);
                claims::said(attempt, *stimulus, reply, checks, protocol, "a reply")
            }
            Claim::Accept { stimulus, checks } => {
                let protocol = self.protocol_of(case, *stimulus);
                super::compose::bind_control_id(case, &mut attempt.bindings, *stimulus);
                let reply = attempt.stimuli[*stimulus]
                    .replies
                    .iter()
                    .position(|answer| {
                        answer
                            .message
                            .as_ref()
                            .is_ok_and(|message| protocol.is_accept(message))
                    });
                claims::said(
                    attempt,
                    *stimulus,
                    reply,
                    checks,
                    protocol,
                    "a commit acknowledgement",
                )
            }
            Claim::SameReply { first, second } => {
                let protocol = self.protocol_of(case, *second);
                claims::same_reply(attempt, *first, *second, protocol)
            }
            Claim::Refused { stimulus } => {
                claims::refused(attempt, *stimulus, self.protocol_of(case, *stimulus))
            }
            Claim::NoEffect { but_updates } => self.no_effect(attempt, index, *but_updates),
            Claim::Faced {
                partner,
                comes_again,
            } => claims::faced(attempt, *partner, *comes_again),
            Claim::Received {
                partner,
                selector,
                times,
                ..
            } => {
                let name = &self.plan.partners[*partner].name;
                claims::received(&attempt.standings[index], name, selector, times)
            }
            Claim::Holds { .. } => self.holds(expectation, attempt),
            Claim::PropertyHolds { expression } => {
                let held = self.everything(attempt);
                attempt.held_something |= held.as_object().is_some_and(|partners| {
                    partners.iter().any(|(_, collections)| {
                        collections.as_object().is_some_and(|collections| {
                            collections.iter().any(|(_, records)| {
                                records
                                    .as_array()
                                    .is_some_and(|records| !records.is_empty())
                            })
                        })
                    })
                });
                let ground = Ground {
                    bindings: &attempt.bindings,
                    render: &|_, _| None,
                };
                let mut out = Checked::default();
                matching::expression_holds(expression, &held, &ground, &mut out);
                Judgement {
                    met: out.mismatches.is_empty(),
                    actual: out.actual.join("; "),
                    mismatches: out.mismatches,
                    events: Vec::new(),
                    is_final: false,
                    span: None,
                }
            }
        }
    }

    fn protocol_of(&self, case: &Case, stimulus: usize) -> &dyn Protocol {
        self.endpoint_protocols[case.stimuli[stimulus].endpoint].as_ref()
    }

    fn no_effect(&self, attempt: &Attempt, index: usize, but_updates: bool) -> Judgement {
        let since = attempt.standings[index].opened.unwrap_or_default();
        let changes: Vec<_> = attempt
            .effects
            .iter()
            .filter(|change| change.elapsed >= since)
            .filter(|change| !but_updates || change.verb != Verb::Updated)
            .collect();
        let described: Vec<String> = changes
            .iter()
            .map(|change| {
                format!(
                    "{} changed {}",
                    self.plan.partners[change.partner].name, change.subject
                )
            })
            .collect();
        let mismatches = if changes.is_empty() {
            Vec::new()
        } else {
            vec![mismatch(
                MismatchKind::Surplus,
                "",
                "no effect at any partner",
                &described.join("; "),
            )]
        };
        Judgement {
            met: true,
            mismatches,
            actual: if described.is_empty() {
                String::from("no effect")
            } else {
                described.join("; ")
            },
            events: changes.iter().map(|change| change.sequence).collect(),
            is_final: false,
            span: None,
        }
    }

    fn holds(&self, expectation: &Expectation, attempt: &Attempt) -> Judgement {
        let Claim::Holds {
            partner,
            collection,
            filter,
            count,
            checks,
        } = &expectation.claim
        else {
            return Judgement::waiting("a claim on what a partner holds");
        };
        let held = match self.stubs[*partner].collection(collection) {
            Ok(held) => held,
            Err(reason) => {
                return Judgement {
                    mismatches: vec![mismatch(
                        MismatchKind::Unjudged,
                        collection,
                        "a collection of this partner",
                        &reason,
                    )],
                    ..Judgement::waiting("")
                };
            }
        };
        let protocol = &self.partner_protocols[*partner];
        let render = |kind: &str, record: &Json| protocol.render(kind, record);
        let ground = Ground {
            bindings: &attempt.bindings,
            render: &render,
        };
        let mut mismatches = Vec::new();
        let chosen: Vec<_> = held
            .iter()
            .filter(|held| match filter {
                Some(filter) => {
                    match matching::selects(filter, &held.record(), protocol.as_ref(), &ground) {
                        Ok(is_meant) => is_meant,
                        // One is enough: what cannot be told of a record is seldom told of the next.
                        Err(reason) if mismatches.is_empty() => {
                            mismatches.push(mismatch(
                                MismatchKind::Unjudged,
                                "",
                                "a `where` that can be told of every record",
                                &reason,
                            ));
                            false
                        }
                        Err(_) => false,
                    }
                }
                None => self.is_own(held, attempt),
            })
            .collect();
        let what = format!("{count} of {collection}");
        let ids: Vec<&str> = chosen.iter().map(|held| held.id).take(10).collect();
        let found = if ids.is_empty() {
            format!("none of the {} {collection}", held.len())
        } else {
            format!("{}: {}", chosen.len(), ids.join(", "))
        };
        if !count.admits(chosen.len()) {
            let kind = if chosen.len() < count.min as usize {
                MismatchKind::Missing
            } else {
                MismatchKind::Surplus
            };
            mismatches.push(mismatch(kind, "", &what, &found));
        }
        let mut span = None;
        let mut actual = vec![found];
        for held in &chosen {
            let checked =
                matching::check_record(checks, &held.record(), protocol.as_ref(), &ground);
            span = span.or(checked.span);
            actual.extend(checked.actual);
            mismatches.extend(checked.mismatches);
        }
        let lower = chosen.len() >= count.min as usize;
        let only_surplus = mismatches
            .iter()
            .all(|found| found.kind == MismatchKind::Surplus && found.at.is_empty());
        Judgement {
            met: lower && (mismatches.is_empty() || only_surplus),
            mismatches,
            actual: actual.join("; "),
            events: Vec::new(),
            is_final: false,
            span,
        }
    }

    /// Whether a record came since the attempt began, and not by a message of an earlier case that came late.
    fn is_own(&self, held: &Held<'_>, attempt: &Attempt) -> bool {
        let changed = held.changed.elapsed;
        changed >= attempt.started && !self.foreign.contains(&changed)
    }

    /// What every partner holds that came since the attempt began, as `{ partner: { collection: [record] } }`.
    fn everything(&self, attempt: &Attempt) -> Json {
        let mut partners = Object::default();
        for (partner, stub) in self.plan.partners.iter().zip(&self.stubs) {
            let mut collections = Object::default();
            for name in stub.collections() {
                let records = stub
                    .collection(&name)
                    .unwrap_or_default()
                    .iter()
                    .filter(|held| self.is_own(held, attempt))
                    .map(|held| held.record().into_owned())
                    .collect();
                collections.insert(name, Json::Array(records));
            }
            partners.insert(partner.name.clone(), Json::Object(collections));
        }
        Json::Object(partners)
    }

    /// Takes the captures that have become possible.
    pub(super) fn capture(&mut self) {
        let Some(mut attempt) = self.attempt.take() else {
            return;
        };
        let plan = self.plan.clone();
        let case = &plan.cases[attempt.owner.case];
        for (index, (stimulus, capture)) in case.captures.iter().enumerate() {
            if attempt.captured[index] {
                continue;
            }
            let taken = self.captured(case, *stimulus, capture, &attempt);
            if let Some(value) = taken {
                attempt.captured[index] = true;
                if let Some(text) = value.as_str().filter(|text| is_identifying(text)) {
                    self.correlator.learn(text, attempt.owner);
                }
                attempt.bindings.bind(&capture.name.value, value, None);
            }
        }
        self.attempt = Some(attempt);
    }
}

fn skipped(expectation: &Expectation, why: &str) -> Verdict {
    Verdict {
        expectation: expectation.id.clone(),
        leg: expectation.leg.clone(),
        outcome: Outcome::Skip,
        mismatches: Vec::new(),
        actual: why.to_owned(),
        events: Vec::new(),
        settled: Settled::Unsettled,
        span: expectation.span,
    }
}

fn verdict(
    expectation: &Expectation,
    standing: &Standing,
    judgement: Judgement,
    settled: Settled,
) -> Verdict {
    let mut mismatches = judgement.mismatches;
    let deadline = standing.opened.map(|opened| opened + expectation.within);
    if let (Some(met), Some(deadline), true) = (standing.met, deadline, mismatches.is_empty())
        && met > deadline
    {
        let opened = deadline.saturating_sub(expectation.within);
        let late = met.saturating_sub(opened);
        mismatches.push(mismatch(
            MismatchKind::Late,
            "",
            &format!("within {:?}", expectation.within),
            &format!("after {:.0} ms", late.as_secs_f64() * 1e3),
        ));
    }
    let unanswered = expectation.leg != Leg::Transport
        && matches!(
            expectation.claim,
            Claim::Reply { .. }
                | Claim::Accept { .. }
                | Claim::SameReply { .. }
                | Claim::Refused { .. }
        )
        && judgement.events.is_empty()
        && settled == Settled::OnSight;
    let outcome = if mismatches.is_empty() {
        Outcome::Pass
    } else if unanswered {
        // The transport leg already says that no reply came.
        Outcome::Skip
    } else if mismatches
        .iter()
        .any(|found| found.kind == MismatchKind::Unjudged)
    {
        Outcome::Error
    } else {
        Outcome::Fail
    };
    Verdict {
        expectation: expectation.id.clone(),
        leg: expectation.leg.clone(),
        outcome,
        mismatches,
        actual: judgement.actual,
        events: judgement.events,
        settled,
        // The claim's own line, where it is known, says more than the block's.
        span: judgement
            .span
            .filter(|_| outcome != Outcome::Pass)
            .unwrap_or(expectation.span),
    }
}
