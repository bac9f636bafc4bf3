//! The plan: everything that is decided before any I/O.
//!
//! A plan is made from contracts, a seed and limits by [`make`]; only addresses, captures and the outcomes
//! that steer shrinking are bound later. Two runs of one plan do the same things in the same order.

mod case;
mod check;
mod expand;
mod make;
mod property;

use std::{sync::Arc, time::Duration};

use wardgate_contract::ast::Contract;
use wardgate_expression::Json;

pub use case::{Act, Case, CaseKind, Claim, Delivery, Expectation, Fate, Retries, Stimulus};
pub use check::{CompiledFilter, PlannedCheck};
pub use make::{PlanError, Request, Selection, Shard, make};
pub(crate) use property::find as find_generator;
pub use property::{PropertyCase, generator_names};

/// Everything that is decided before any I/O.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The run's one seed.
    pub seed: u64,
    /// The run's logical start, in milliseconds since 1970-01-01T00:00:00Z: ages are taken at it.
    pub started_unix_ms: i64,
    /// The contracts, ordered by id.
    pub contracts: Vec<Arc<Contract>>,
    /// The partners that stubs play, ordered by name.
    pub partners: Vec<Partner>,
    /// The names of the candidate's endpoints that stimuli go to, ordered.
    pub endpoints: Vec<Endpoint>,
    /// The cases of the whole plan, whatever the shard.
    pub cases: Vec<Case>,
    /// Which of them this run executes.
    pub selected: Vec<usize>,
    /// The shard that `selected` was cut to.
    pub shard: Option<Shard>,
    /// Bounds on waiting.
    pub limits: Limits,
    /// SHA-256 over everything that decides what the cases are, in hexadecimal; equal for the shards of one plan.
    pub digest: String,
}

/// A partner that a stub plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its name.
    pub name: String,
    /// The protocol that plays it.
    pub protocol: String,
    /// Its options, as an object.
    pub options: Json,
}

/// An endpoint of the candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// The protocol that is spoken to it.
    pub protocol: String,
}

/// Bounds on waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What `within` means where a contract leaves it out.
    pub within: Duration,
    /// How much longer an expectation may take where a variation makes a partner fail or restarts the candidate.
    pub recovery: Duration,
    /// How long a barrier may take.
    pub barrier: Duration,
    /// How long one attempt of a case may take in all.
    pub attempt: Duration,
    /// After how much silence an idle candidate is believed to have nothing more to send, so that what is missing fails early.
    pub silence: Duration,
    /// The quiet window where the candidate has no idle endpoint.
    pub quiet: Duration,
    /// The most attempts that shrinking one failure may take.
    pub shrink_attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            within: Duration::from_secs(5),
            recovery: Duration::from_secs(5),
            barrier: Duration::from_secs(5),
            attempt: Duration::from_mins(1),
            silence: Duration::from_millis(400),
            quiet: Duration::from_secs(1),
            shrink_attempts: 200,
        }
    }
}

impl Plan {
    /// How long one attempt of a case may take in all: the run's limit, or as long as its deadlines need one after another.
    pub fn attempt_limit(&self, case: usize) -> Duration {
        let Some(case) = self.cases.get(case) else {
            return self.limits.attempt;
        };
        let within = |opens: Option<usize>| {
            case.expectations
                .iter()
                .filter(|expectation| expectation.opens == opens)
                .map(|expectation| expectation.within)
                .max()
                .unwrap_or_default()
        };
        let deadlines: Duration = std::iter::once(None)
            .chain((0..case.stimuli.len()).map(Some))
            .map(within)
            .sum();
        let barriers = case
            .script
            .iter()
            .filter(|act| matches!(act, Act::Barrier | Act::Rest))
            .map(|_| self.limits.barrier)
            .sum::<Duration>();
        self.limits.attempt.max(deadlines * 2 + barriers)
    }

    /// The index of a partner.
    pub fn partner(&self, name: &str) -> Option<usize> {
        self.partners
            .iter()
            .position(|partner| partner.name == name)
    }

    /// The contract that a case comes from.
    pub fn contract_of(&self, case: &Case) -> &Arc<Contract> {
        &self.contracts[case.contract]
    }
}
