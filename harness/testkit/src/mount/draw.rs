//! Drawing the values of interactions, by the very code that runs them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_contract::ast::Contract;
use wardgate_core::{
    event::{Event, EventKind},
    lane::{GivenAct, Lane},
    plan::{self, Act, CaseKind, Plan, Request},
    port::{Catalog, Control, Protocol},
};
use wardgate_expression::Json;

use super::Exchange;
use crate::seed;

/// The interactions of a contract with values of their own.
pub(super) struct Drawn {
    pub plan: Arc<Plan>,
    pub catalog: Arc<Catalog>,
    /// The interactions.
    pub interactions: Vec<Interaction>,
}

/// One interaction, as it is written.
pub(super) struct Interaction {
    /// The index of its case in the plan.
    pub case: usize,
    /// Its values.
    pub exchange: Exchange,
    /// What partners are told to hold from the beginning, each by its index.
    pub given: Vec<(usize, Control)>,
}

impl Drawn {
    /// Draws for every interaction as it is written, or for the one that is named.
    pub(super) fn new(contract: &Contract, interaction: Option<&str>) -> Result<Self, String> {
        let catalog = wardgate_stub_catalog::catalog();
        let request = Request {
            contracts: vec![Arc::new(contract.clone())],
            seed: seed::choose_and_say()?,
            started_unix_ms: wardgate_runner::now_unix_ms(),
            ..Request::default()
        };
        let plan = Arc::new(plan::make(request, &catalog).map_err(|error| error.to_string())?);
        let mut lane = Lane::new(plan.clone(), catalog.clone(), 0)?;
        let mut sequence = 0;
        let mut observe = |lane: &mut Lane, kind| {
            let event = Event {
                sequence,
                elapsed: Duration::ZERO,
                kind,
            };
            sequence += 1;
            lane.observe(&event);
        };
        let mut interactions = Vec::new();
        for case in &plan.cases {
            let as_written = matches!(case.kind, CaseKind::Example { variation: None });
            if !as_written || interaction.is_some_and(|name| name != case.title) {
                continue;
            }
            let begun = EventKind::CaseStarted {
                case: case.index,
                attempt: 0,
            };
            observe(&mut lane, begun);
            let body = body(&mut lane);
            let mut given = Vec::new();
            for act in &case.script {
                if let Act::Given(index) = act
                    && let GivenAct::Controls(controls) = lane.given(*index)?
                {
                    given.extend(controls);
                }
            }
            observe(&mut lane, EventKind::CaseFinished);
            let verdict = lane.take_finished().pop();
            let text = verdict.map(|verdict| verdict.drawn).unwrap_or_default();
            let values = Json::parse(&text)
                .map_err(|error| format!("the values of '{}': {error}", case.title))?;
            let exchange = Exchange {
                name: case.title.clone(),
                body,
                values,
            };
            interactions.push(Interaction {
                case: case.index,
                exchange,
                given,
            });
        }
        if interactions.is_empty() {
            return Err(match interaction {
                Some(name) => format!("it has no interaction '{name}'"),
                None => String::from("it has no interactions"),
            });
        }
        Ok(Self {
            plan,
            catalog,
            interactions,
        })
    }

    /// The protocol that plays a partner.
    pub(super) fn protocol(&self, partner: usize) -> Result<Arc<dyn Protocol>, String> {
        let name = &self.plan.partners[partner].protocol;
        self.catalog
            .get(name)
            .cloned()
            .ok_or_else(|| format!("there is no protocol '{name}'"))
    }
}

/// What the case in hand sends first, where it can be composed before anything was answered.
fn body(lane: &mut Lane) -> Option<Bytes> {
    let composed = lane.compose(0).ok()?;
    Some(composed.message.content().clone())
}
