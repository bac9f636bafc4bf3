//! From one interaction and one variation to what is done and what is expected.
//!
//! A variation is a defined transformation of a passing interaction plus its obligation (the table in
//! `contracts/README.md`). All of them meet here, so that one reading shows what each does.

use std::{sync::Arc, time::Duration};

use wardgate_contract::{
    Span,
    ast::{Capture, Claim as Written, Expect, FrameStyle, Given, Step, Variation, VariationKind},
};

use super::{
    Act, Claim, Delivery, Expectation, Fate, Limits, Retries, Stimulus,
    check::{compile, compile_filter},
};
use crate::{
    port::{Catalog, Fault},
    verdict::Leg,
    wire::Transport,
};

/// What an interaction came to.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    pub script: Vec<Act>,
    pub stimuli: Vec<Stimulus>,
    pub expectations: Vec<Expectation>,
    pub captures: Vec<(usize, Capture)>,
}

/// Where names lead.
pub(super) struct Lookup<'a> {
    pub catalog: &'a Catalog,
    pub limits: &'a Limits,
    /// The index of a partner in the plan.
    pub partner: &'a dyn Fn(&str) -> Option<usize>,
    /// Whether a refusal of a partner is one that passes, so that a sound candidate tries again.
    pub passes: &'a dyn Fn(&str, Option<&str>) -> bool,
    /// The index of an endpoint in the plan.
    pub endpoint: &'a dyn Fn(&str) -> usize,
}

/// Expands steps under a variation; `malformation` chooses the broken form for `malformed input`.
pub(super) fn expand(
    given: &[Given],
    steps: &[Step],
    variation: Option<&Variation>,
    malformation: Option<&'static str>,
    lookup: &Lookup<'_>,
) -> Result<Expanded, (Span, String)> {
    let mut expansion = Expansion {
        out: Expanded::default(),
        lookup,
        target: target(steps, variation)?,
        variation,
        malformation,
        several: steps.len() > 1,
    };
    expansion
        .out
        .script
        .extend((0..given.len()).map(Act::Given));
    for (index, step) in steps.iter().enumerate() {
        expansion.step(index, step)?;
    }
    Ok(expansion.out)
}

/// The step that the variation is done to: the one it names, or the last that sends.
fn target(steps: &[Step], variation: Option<&Variation>) -> Result<Option<usize>, (Span, String)> {
    let Some(variation) = variation else {
        return Ok(None);
    };
    let found = match &variation.at {
        Some(at) => steps.iter().position(|step| {
            step.send.is_some()
                && step
                    .name
                    .as_ref()
                    .is_some_and(|name| name.value == at.value)
        }),
        None => steps.iter().rposition(|step| step.send.is_some()),
    };
    found.map(Some).ok_or_else(|| {
        (
            variation.span,
            String::from("there is no sending step that this variation could be done to"),
        )
    })
}

struct Expansion<'a> {
    out: Expanded,
    lookup: &'a Lookup<'a>,
    target: Option<usize>,
    variation: Option<&'a Variation>,
    malformation: Option<&'static str>,
    several: bool,
}

impl Expansion<'_> {
    fn step(&mut self, index: usize, step: &Step) -> Result<(), (Span, String)> {
        let kind = self
            .variation
            .filter(|_| self.target == Some(index))
            .map(|variation| &variation.kind);
        let written = self
            .variation
            .filter(|_| kind.is_some())
            .and_then(|variation| variation.expect.as_deref())
            .unwrap_or(&step.expect);
        if step.send.is_some() && !self.out.stimuli.is_empty() && written.iter().any(counts) {
            // What earlier steps still bring about is not this one's doing.
            self.come_to_rest();
        }
        let faulty = self.begin_fault(kind)?;
        let first = self.out.expectations.len();
        let heard = match &step.send {
            Some(send) => Some(self.send(index, step, send, kind)),
            None => self.out.stimuli.len().checked_sub(1),
        };
        let opens = match (kind, heard) {
            // Effects are counted from the first delivery, whichever of two replies is judged.
            (Some(VariationKind::AckLostInbound), Some(second)) => Some(second - 1),
            _ => heard,
        };
        let changed = self
            .variation
            .filter(|_| kind.is_some())
            .and_then(|variation| variation.expect.as_deref());
        if let Some(VariationKind::DuplicateDelivery) = kind
            && let Some(original) = heard
        {
            self.duplicate(index, step, changed, original)?;
        } else {
            let written = changed.unwrap_or(&step.expect);
            self.expect(index, step, written, opens, heard, kind)?;
        }
        self.faced(index, step, kind)?;
        if let Some(stimulus) = heard {
            self.out.captures.extend(
                step.captures
                    .iter()
                    .map(|capture| (stimulus, capture.clone())),
            );
        }
        if kind == Some(&VariationKind::CandidateRestarted) {
            self.out.script.push(Act::Settle { replies_only: true });
            self.out.script.push(Act::Restart);
        }
        self.out.script.push(Act::Settle {
            replies_only: false,
        });
        if let Some(partner) = faulty {
            self.out.script.push(Act::ClearFaults { partner });
        }
        if self.out.expectations[first..]
            .iter()
            .any(|expectation| expectation.claim.has_upper_bound())
        {
            self.out.script.push(Act::Barrier);
        }
        Ok(())
    }

    /// Expects what the step says, sends the message again, and expects the same reply. Where the variation says what
    /// the second reply is to be, as for a second create that finds the first, that is judged in its place.
    fn duplicate(
        &mut self,
        index: usize,
        step: &Step,
        changed: Option<&[Expect]>,
        original: usize,
    ) -> Result<(), (Span, String)> {
        let kind = Some(&VariationKind::DuplicateDelivery);
        let (replies, effects): (Vec<Expect>, Vec<Expect>) = changed
            .unwrap_or(&step.expect)
            .iter()
            .cloned()
            .partition(is_about_reply);
        let own_replies: Vec<Expect> = step
            .expect
            .iter()
            .filter(|expect| is_about_reply(expect))
            .cloned()
            .collect();
        let first: Vec<Expect> = own_replies.into_iter().chain(effects).collect();
        self.expect(index, step, &first, Some(original), Some(original), kind)?;
        self.come_to_rest();
        let repeat = self.repeat(original, Delivery::Whole, Fate::Heard);
        self.out.script.push(Act::Stimulus(repeat));
        self.no_second_effect(index, step, repeat);
        if changed.is_some() && !replies.is_empty() {
            self.expect(index, step, &replies, Some(original), Some(repeat), kind)
        } else {
            self.must_equal(index, step, original, repeat);
            Ok(())
        }
    }

    /// What was sent before has had all its effects.
    fn come_to_rest(&mut self) {
        self.out.script.push(Act::Settle { replies_only: true });
        self.out.script.push(Act::Rest);
    }

    /// Claims that a repeat makes nothing new at any partner.
    fn no_second_effect(&mut self, index: usize, step: &Step, repeat: usize) {
        self.claim(
            index,
            step,
            "no second effect",
            Leg::Candidate,
            Some(repeat),
            Claim::NoEffect { but_updates: true },
        );
    }

    /// Claims that the fault of this variation is met, and outlived where it passes.
    fn faced(
        &mut self,
        index: usize,
        step: &Step,
        kind: Option<&VariationKind>,
    ) -> Result<(), (Span, String)> {
        let (partner, comes_again) = match kind {
            Some(
                VariationKind::AckLostOutbound { partner }
                | VariationKind::PartnerDown { partner, .. },
            ) => (partner, true),
            Some(VariationKind::PartnerSlow { partner, .. }) => (partner, false),
            Some(VariationKind::PartnerRefusing { partner, with, .. }) => {
                let with = with.as_ref().map(|with| with.value.as_str());
                (partner, (self.lookup.passes)(&partner.value, with))
            }
            _ => return Ok(()),
        };
        let place = self.partner(&partner.value, partner.span)?;
        let within = self
            .out
            .expectations
            .iter()
            .filter(|known| matches!(known.leg, Leg::Received(_) | Leg::Holds(_)))
            .map(|known| known.within)
            .max()
            .unwrap_or(self.lookup.limits.within + self.patience(kind));
        let what = if comes_again {
            "is reached again"
        } else {
            "is reached"
        };
        let opens = self.out.stimuli.len().checked_sub(1);
        self.claim(
            index,
            step,
            &format!("{} {what}", partner.value),
            Leg::Received(partner.value.clone()),
            opens,
            Claim::Faced {
                partner: place,
                comes_again,
            },
        );
        if let Some(last) = self.out.expectations.last_mut() {
            last.within = within;
        }
        Ok(())
    }

    fn begin_fault(
        &mut self,
        kind: Option<&VariationKind>,
    ) -> Result<Option<usize>, (Span, String)> {
        let (partner, fault) = match kind {
            Some(VariationKind::AckLostOutbound { partner }) => {
                (partner, Fault::LoseReply { attempts: 1 })
            }
            Some(VariationKind::PartnerDown { partner, attempts }) => (
                partner,
                Fault::Down {
                    attempts: *attempts,
                },
            ),
            Some(VariationKind::PartnerSlow {
                partner,
                by,
                attempts,
            }) => (
                partner,
                Fault::Slow {
                    by: *by,
                    attempts: *attempts,
                },
            ),
            Some(VariationKind::PartnerRefusing {
                partner,
                with,
                attempts,
            }) => (
                partner,
                Fault::Refuse {
                    with: with.as_ref().map(|with| with.value.clone()),
                    attempts: *attempts,
                },
            ),
            _ => return Ok(None),
        };
        let index = self.partner(&partner.value, partner.span)?;
        self.out.script.push(Act::Fault {
            partner: index,
            fault,
        });
        Ok(Some(index))
    }

    /// Sends the step's message as the variation has it, and gives the stimulus whose reply is judged.
    fn send(
        &mut self,
        index: usize,
        step: &Step,
        send: &wardgate_contract::ast::Send,
        kind: Option<&VariationKind>,
    ) -> usize {
        let endpoint = send.to.as_ref().unwrap_or(&send.protocol);
        let stimulus = Stimulus {
            step: index,
            endpoint: (self.lookup.endpoint)(&endpoint.value),
            protocol: send.protocol.value.clone(),
            body: send.body.clone(),
            delivery: Delivery::Whole,
            fate: Fate::Heard,
            repeats: None,
            malformation: None,
        };
        match kind {
            Some(VariationKind::AckLostInbound) => {
                let lost = self.push(Stimulus {
                    fate: Fate::Lost,
                    ..stimulus
                });
                self.out.script.push(Act::Stimulus(lost));
                self.replied(index, step, lost, self.lookup.limits.within);
                self.come_to_rest();
                let repeat = self.repeat(lost, Delivery::Whole, Fate::Heard);
                self.out.script.push(Act::Stimulus(repeat));
                let says_otherwise = self
                    .variation
                    .and_then(|variation| variation.expect.as_deref())
                    .is_some_and(|changed| changed.iter().any(is_about_reply));
                if !says_otherwise {
                    self.must_equal(index, step, lost, repeat);
                }
                self.no_second_effect(index, step, repeat);
                repeat
            }
            Some(VariationKind::MalformedInput) => {
                if !self.out.stimuli.is_empty() {
                    // What earlier steps still bring about is not the broken message's doing.
                    self.come_to_rest();
                }
                let broken = self.push(Stimulus {
                    malformation: self.malformation,
                    ..stimulus.clone()
                });
                self.out.script.push(Act::Stimulus(broken));
                self.replied(index, step, broken, self.lookup.limits.within);
                if !self.is_file(broken) {
                    self.claim(
                        index,
                        step,
                        "refused",
                        Leg::Reply,
                        Some(broken),
                        Claim::Refused { stimulus: broken },
                    );
                }
                self.claim(
                    index,
                    step,
                    "no effect",
                    Leg::Candidate,
                    Some(broken),
                    Claim::NoEffect { but_updates: false },
                );
                self.out.script.push(Act::Settle { replies_only: true });
                self.out.script.push(Act::Barrier);
                let good = self.push(stimulus);
                self.out.script.push(Act::Stimulus(good));
                good
            }
            Some(VariationKind::Frames(FrameStyle::Coalesced)) => {
                let original = self.push(Stimulus {
                    delivery: Delivery::WithNext,
                    ..stimulus
                });
                let repeat = self.repeat(original, Delivery::WithPrevious, Fate::Heard);
                self.out.script.push(Act::Stimulus(original));
                self.out.script.push(Act::Stimulus(repeat));
                self.must_equal(index, step, original, repeat);
                original
            }
            _ => {
                let delivery = match kind {
                    Some(VariationKind::Frames(FrameStyle::Split)) => Delivery::Split,
                    Some(VariationKind::Frames(FrameStyle::Trickled)) => Delivery::Trickled,
                    _ => Delivery::Whole,
                };
                let plain = self.push(Stimulus {
                    delivery,
                    ..stimulus
                });
                self.out.script.push(Act::Stimulus(plain));
                plain
            }
        }
    }

    fn push(&mut self, stimulus: Stimulus) -> usize {
        self.out.stimuli.push(stimulus);
        self.out.stimuli.len() - 1
    }

    fn repeat(&mut self, original: usize, delivery: Delivery, fate: Fate) -> usize {
        let again = Stimulus {
            delivery,
            fate,
            repeats: Some(original),
            ..self.out.stimuli[original].clone()
        };
        self.push(again)
    }

    /// A file has no reply.
    fn is_file(&self, stimulus: usize) -> bool {
        self.lookup
            .catalog
            .get(&self.out.stimuli[stimulus].protocol)
            .is_some_and(|protocol| matches!(protocol.transport(), Transport::Files))
    }

    fn must_equal(&mut self, index: usize, step: &Step, first: usize, second: usize) {
        if self.is_file(second) {
            return;
        }
        self.replied(index, step, second, self.lookup.limits.within);
        self.claim(
            index,
            step,
            "same reply",
            Leg::Reply,
            Some(second),
            Claim::SameReply { first, second },
        );
    }

    fn replied(&mut self, index: usize, step: &Step, stimulus: usize, within: Duration) {
        if self.is_file(stimulus) {
            return;
        }
        self.claim(
            index,
            step,
            "answered",
            Leg::Transport,
            Some(stimulus),
            Claim::Replied { stimulus },
        );
        if let Some(last) = self.out.expectations.last_mut() {
            last.within = within;
        }
    }

    fn expect(
        &mut self,
        index: usize,
        step: &Step,
        written: &[Expect],
        opens: Option<usize>,
        heard: Option<usize>,
        kind: Option<&VariationKind>,
    ) -> Result<(), (Span, String)> {
        if let Some(stimulus) = heard.filter(|_| step.send.is_some())
            && !self.out.expectations.iter().any(|known| {
                matches!(known.claim, Claim::Replied { stimulus: other } if other == stimulus)
            })
        {
            let within = written
                .iter()
                .filter(|expect| matches!(expect.claim, Written::Reply { .. } | Written::Accept { .. }))
                .filter_map(|expect| expect.within.as_ref())
                .map(|within| within.value)
                .max()
                .unwrap_or(self.lookup.limits.within);
            self.replied(index, step, stimulus, within);
        }
        for expect in written {
            let (what, leg, claim) = self.translate(expect, heard, kind)?;
            let effect = matches!(leg, Leg::Received(_) | Leg::Holds(_));
            let patience = self.patience(kind);
            self.claim(
                index,
                step,
                &what,
                leg,
                if effect { opens } else { heard },
                claim,
            );
            let last = self
                .out
                .expectations
                .last_mut()
                .expect("one was just pushed");
            last.span = expect.span;
            last.within = expect
                .within
                .as_ref()
                .map_or(self.lookup.limits.within, |within| within.value);
            if effect {
                last.within += patience;
            }
        }
        Ok(())
    }

    /// How much longer effects may take under this variation.
    fn patience(&self, kind: Option<&VariationKind>) -> Duration {
        match kind {
            Some(
                VariationKind::AckLostOutbound { .. }
                | VariationKind::PartnerDown { .. }
                | VariationKind::PartnerRefusing { .. }
                | VariationKind::CandidateRestarted,
            ) => self.lookup.limits.recovery,
            Some(VariationKind::PartnerSlow { by, attempts, .. }) => {
                self.lookup.limits.recovery + *by * *attempts
            }
            _ => Duration::ZERO,
        }
    }

    fn translate(
        &self,
        expect: &Expect,
        heard: Option<usize>,
        kind: Option<&VariationKind>,
    ) -> Result<(String, Leg, Claim), (Span, String)> {
        let stimulus = || {
            heard.ok_or_else(|| {
                (
                    expect.span,
                    String::from("a reply is expected, but nothing was sent before"),
                )
            })
        };
        Ok(match &expect.claim {
            Written::Reply { checks } => (
                String::from("reply"),
                Leg::Reply,
                Claim::Reply {
                    stimulus: stimulus()?,
                    checks: compile(checks)?,
                },
            ),
            Written::Accept { checks } => (
                String::from("accept"),
                Leg::Accept,
                Claim::Accept {
                    stimulus: stimulus()?,
                    checks: compile(checks)?,
                },
            ),
            Written::Received {
                partner,
                selector,
                times,
                checks,
            } => (
                format!("{} received {}", partner.value, selector.value),
                Leg::Received(partner.value.clone()),
                Claim::Received {
                    partner: self.partner(&partner.value, partner.span)?,
                    selector: selector.value.clone(),
                    times: times.clone(),
                    checks: compile(checks)?,
                    retries: retries(kind, &partner.value),
                },
            ),
            Written::Holds {
                partner,
                collection,
                filter,
                count,
                checks,
            } => (
                format!("{} holds {}", partner.value, collection.value),
                Leg::Holds(partner.value.clone()),
                Claim::Holds {
                    partner: self.partner(&partner.value, partner.span)?,
                    collection: collection.value.clone(),
                    filter: filter.as_ref().map(compile_filter).transpose()?,
                    count: count.clone(),
                    checks: compile(checks)?,
                },
            ),
        })
    }

    fn claim(
        &mut self,
        index: usize,
        step: &Step,
        what: &str,
        leg: Leg,
        opens: Option<usize>,
        claim: Claim,
    ) {
        let prefix = match &step.name {
            Some(name) if self.several => format!("{}: ", name.value),
            _ if self.several => format!("step {}: ", index + 1),
            _ => String::new(),
        };
        let base = format!("{prefix}{what}");
        let mut id = base.clone();
        let mut number = 2;
        while self.out.expectations.iter().any(|known| known.id == id) {
            id = format!("{base} ({number})");
            number += 1;
        }
        self.out.expectations.push(Expectation {
            id,
            leg,
            opens,
            claim,
            within: self.lookup.limits.within,
            span: step.span,
        });
    }

    fn partner(&self, name: &str, span: Span) -> Result<usize, (Span, String)> {
        (self.lookup.partner)(name)
            .ok_or_else(|| (span, format!("there is no partner called '{name}'")))
    }
}

/// Whether a claim counts messages that must not be more.
fn counts(expect: &Expect) -> bool {
    matches!(&expect.claim, Written::Received { times, .. } if times.max.is_some())
}

fn is_about_reply(expect: &Expect) -> bool {
    matches!(expect.claim, Written::Reply { .. } | Written::Accept { .. })
}

/// Which messages a sound candidate may send to this partner again under this variation.
fn retries(kind: Option<&VariationKind>, name: &str) -> Retries {
    match kind {
        // When a late answer comes, the candidate may have given up on it already.
        Some(VariationKind::PartnerSlow { partner, .. }) if partner.value == name => Retries::All,
        Some(
            VariationKind::AckLostOutbound { partner }
            | VariationKind::PartnerDown { partner, .. }
            | VariationKind::PartnerRefusing { partner, .. },
        ) if partner.value == name => Retries::Unanswered,
        Some(VariationKind::CandidateRestarted) => Retries::Unanswered,
        _ => Retries::None,
    }
}

/// The name of a variation in case names, with the step that it is done to where the contract names one.
pub(super) fn title(variation: &Variation, malformation: Option<&str>) -> String {
    let what = match &variation.kind {
        VariationKind::DuplicateDelivery => String::from("duplicate delivery"),
        VariationKind::AckLostInbound => String::from("ack lost: inbound"),
        VariationKind::AckLostOutbound { partner } => format!("ack lost: {}", partner.value),
        VariationKind::Frames(FrameStyle::Split) => String::from("split frames"),
        VariationKind::Frames(FrameStyle::Trickled) => String::from("trickled frames"),
        VariationKind::Frames(FrameStyle::Coalesced) => String::from("coalesced frames"),
        VariationKind::PartnerDown { partner, .. } => format!("partner down: {}", partner.value),
        VariationKind::PartnerSlow { partner, .. } => format!("partner slow: {}", partner.value),
        VariationKind::PartnerRefusing { partner, with, .. } => match with {
            Some(with) => format!("partner refusing: {} with {}", partner.value, with.value),
            None => format!("partner refusing: {}", partner.value),
        },
        VariationKind::CandidateRestarted => String::from("candidate restarted"),
        VariationKind::MalformedInput => match malformation {
            Some(name) => format!("malformed input: {name}"),
            None => String::from("malformed input"),
        },
    };
    match &variation.at {
        Some(at) => format!("{what} at '{}'", at.value),
        None => what,
    }
}

/// Expands a property's steps and its closing claim.
pub(super) fn expand_property(
    given: &[Given],
    steps: &[Step],
    holds: Option<(Arc<wardgate_expression::fhirpath::Expression>, Span)>,
    lookup: &Lookup<'_>,
) -> Result<Expanded, (Span, String)> {
    let mut out = expand(given, steps, None, None, lookup)?;
    if let Some((expression, span)) = holds {
        out.expectations.push(Expectation {
            id: String::from("property holds"),
            leg: Leg::Property,
            opens: out.stimuli.len().checked_sub(1),
            claim: Claim::PropertyHolds { expression },
            within: lookup.limits.within,
            span,
        });
        out.script.push(Act::Barrier);
    }
    Ok(out)
}
