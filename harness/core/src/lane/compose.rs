//! Composing stimuli, provider states and captures of an attempt.

use wardgate_contract::ast::{Capture, CaptureFrom, CaptureVia, Given};
use wardgate_expression::{Json, fhirpath::Expression};

use super::{Lane, attempt::Attempt};
use crate::{
    bindings::Bindings,
    matching::{self, Ground},
    plan::{Case, Delivery, Fate},
    port::{Control, Protocol},
    wire::Message,
};

/// A stimulus that is ready to be sent.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The endpoint's index in the plan.
    pub endpoint: usize,
    /// The message.
    pub message: Message,
    /// In what pieces it is sent.
    pub delivery: Delivery,
    /// What becomes of the reply.
    pub fate: Fate,
}

/// What brings about a provider state.
#[derive(Clone, Debug)]
pub enum GivenAct {
    /// A partner is told to hold records.
    Controls(Vec<(usize, Control)>),
    /// The candidate is asked.
    State {
        /// The state's name.
        name: String,
        /// Its parameters.
        with: Json,
    },
}

/// Makes `${control_id}` mean that of the stimulus's step: each step sends a message of its own.
pub(super) fn bind_control_id(case: &Case, bindings: &mut Bindings, stimulus: usize) {
    // The number may come from a recorded event, and a record may be damaged.
    let Some(planned) = case.stimuli.get(stimulus) else {
        return;
    };
    let name = super::draw::control_id(planned.step, planned.malformation.is_some());
    if let Some(bound) = bindings.get(&name) {
        let value = bound.value.clone();
        bindings.bind("control_id", value, None);
    }
}

impl Lane {
    /// Composes a stimulus of the attempt in hand.
    pub fn compose(&mut self, stimulus: usize) -> Result<Composed, String> {
        let plan = self.plan.clone();
        let attempt = self.attempt.as_mut().ok_or("no case is in hand")?;
        let case = &plan.cases[attempt.owner.case];
        let planned = case
            .stimuli
            .get(stimulus)
            .ok_or("the case has no such stimulus")?;
        let protocol = &self.endpoint_protocols[planned.endpoint];
        let message = if let Some(original) = planned.repeats {
            attempt.stimuli[original]
                .sent
                .as_ref()
                .and_then(|sent| sent.message.clone())
                .ok_or("the message that is to be repeated was never sent")?
        } else {
            // What is sent is the fold's business, so composing changes nothing: a replay composes nothing.
            let mut bindings = attempt.bindings.clone();
            bind_control_id(case, &mut bindings, stimulus);
            let whole = protocol.compose(&planned.body, &bindings)?;
            match planned.malformation {
                None => whole,
                Some(name) => protocol
                    .malform(&whole)
                    .into_iter()
                    .find(|broken| broken.name == name)
                    .map(|broken| broken.message)
                    .ok_or_else(|| format!("this message has no form '{name}'"))?,
            }
        };
        Ok(Composed {
            endpoint: planned.endpoint,
            message,
            delivery: planned.delivery,
            fate: planned.fate,
        })
    }

    /// What brings about a provider state of the attempt in hand.
    pub fn given(&self, index: usize) -> Result<GivenAct, String> {
        let attempt = self.attempt.as_ref().ok_or("no case is in hand")?;
        let case = &self.plan.cases[attempt.owner.case];
        match case.given.get(index).ok_or("the case has no such state")? {
            Given::State { name, with } => Ok(GivenAct::State {
                name: attempt.bindings.fill_text(&name.value, &str::to_owned)?,
                with: match with {
                    Some(with) => attempt.bindings.fill_node(with, &|_, _| None)?,
                    None => Json::Object(wardgate_expression::Object::default()),
                },
            }),
            Given::Holds {
                partner,
                collection,
                records,
            } => {
                let index = self
                    .plan
                    .partner(&partner.value)
                    .ok_or_else(|| format!("there is no partner called '{}'", partner.value))?;
                let protocol = &self.partner_protocols[index];
                let controls = records
                    .iter()
                    .map(|record| {
                        let record = attempt
                            .bindings
                            .fill_node(record, &|kind, record| protocol.render(kind, record))?;
                        Ok((
                            index,
                            Control::Seed {
                                collection: collection.value.clone(),
                                record,
                            },
                        ))
                    })
                    .collect::<Result<Vec<_>, String>>()?;
                Ok(GivenAct::Controls(controls))
            }
        }
    }

    /// Says that something kept the attempt from being run, outside the candidate's doing.
    pub fn fault(&mut self, event: &crate::event::Event, reason: String) {
        if let Some(attempt) = &mut self.attempt {
            let case = &self.plan.cases[attempt.owner.case];
            attempt.unrunnable(event, case, reason);
        }
    }

    /// The value of a capture, if it can be taken by now.
    pub(super) fn captured(
        &self,
        case: &Case,
        stimulus: usize,
        capture: &Capture,
        attempt: &Attempt,
    ) -> Option<Json> {
        let (message, protocol): (&Message, &dyn Protocol) = match &capture.from {
            CaptureFrom::Reply => {
                let protocol = self.endpoint_protocols[case.stimuli[stimulus].endpoint].as_ref();
                let reply = attempt.stimuli[stimulus]
                    .replies
                    .iter()
                    .filter_map(|answer| answer.message.as_ref().ok())
                    .find(|message| !protocol.is_accept(message))?;
                (reply, protocol)
            }
            CaptureFrom::Received(partner) => {
                let index = self.plan.partner(partner)?;
                attempt.stimuli[stimulus].sent.as_ref()?;
                (
                    attempt.last_received.get(&index)?,
                    self.partner_protocols[index].as_ref(),
                )
            }
        };
        let reading = protocol.read(message).ok()?;
        let values = match &capture.via {
            CaptureVia::Locator(locator) => reading.locate(locator).ok()?,
            CaptureVia::Expression(text) => {
                let expression = Expression::parse(text).ok()?;
                let ground = Ground {
                    bindings: &attempt.bindings,
                    render: &|_, _| None,
                };
                matching::evaluate(&expression, reading.json().ok()?, &ground).ok()?
            }
        };
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (Some(one), None) => Some(one),
            (Some(first), Some(second)) => Some(Json::Array(
                [first, second].into_iter().chain(values).collect(),
            )),
            (None, _) => None,
        }
    }
}
