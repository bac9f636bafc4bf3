//! A property's search as the lane runs it.

use std::time::Duration;

use proptest::strategy::BoxedStrategy;
use wardgate_expression::Json;

use crate::{
    plan::{Case, Claim, PropertyCase, find_generator},
    port::Catalog,
    search::Search,
    verdict::{CaseVerdict, Outcome},
};

/// A property's search and what its attempts have come to.
pub(super) struct PropertySearch {
    search: Search,
    catalog: Catalog,
    /// The names of the generators. A strategy cannot be sent between threads, so it is found anew for each attempt.
    generators: Vec<String>,
    attempts: u32,
    failing: Option<CaseVerdict>,
    passing: Option<CaseVerdict>,
    duration_ns: u64,
    over: bool,
    /// Whether the property closes with a claim over what partners hold.
    speaks_of_held: bool,
    /// Whether they held anything in any attempt.
    held_something: bool,
}

impl std::fmt::Debug for PropertySearch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PropertySearch")
            .field("search", &self.search)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl PropertySearch {
    pub fn new(property: &PropertyCase, case: &Case, catalog: &Catalog) -> Self {
        Self {
            search: Search::new(property, &case.seed),
            catalog: catalog.clone(),
            generators: property
                .forall
                .iter()
                .map(|(_, generator)| generator.clone())
                .collect(),
            attempts: 0,
            failing: None,
            passing: None,
            duration_ns: 0,
            over: false,
            speaks_of_held: case
                .expectations
                .iter()
                .any(|expectation| matches!(expectation.claim, Claim::PropertyHolds { .. })),
            held_something: false,
        }
    }

    pub fn next_attempt(&self) -> Option<u32> {
        (!self.over && !self.search.is_over()).then_some(self.attempts)
    }

    pub fn values(&self) -> Vec<(Json, Option<&'static str>)> {
        let (strategies, kinds) = self.strategies();
        self.search
            .values(&strategies)
            .unwrap_or_default()
            .into_iter()
            .zip(kinds)
            .collect()
    }

    fn strategies(&self) -> (Vec<BoxedStrategy<Json>>, Vec<Option<&'static str>>) {
        // Planning has already found every generator.
        self.generators
            .iter()
            .filter_map(|generator| find_generator(&self.catalog, generator).ok())
            .unzip()
    }

    /// Takes in an attempt's verdict; gives the property's when that was the last.
    /// `held` says whether the partners held anything that a closing claim could speak of.
    pub fn report(&mut self, verdict: CaseVerdict, held: bool) -> Option<CaseVerdict> {
        self.attempts += 1;
        self.held_something |= held;
        self.duration_ns += verdict.duration_ns;
        let (strategies, _) = self.strategies();
        let took = Duration::from_nanos(verdict.duration_ns);
        match verdict.outcome {
            Outcome::Fail => {
                self.search.report(false, took, &strategies);
                self.failing = Some(verdict);
            }
            Outcome::Pass => {
                self.search.report(true, took, &strategies);
                self.passing = Some(verdict);
            }
            // What could not be judged is no counterexample, and trying on would only repeat it.
            Outcome::Error | Outcome::Skip => {
                self.over = true;
                return Some(self.whole(verdict, None, None));
            }
        }
        if !self.search.is_over() {
            return None;
        }
        match self.failing.take() {
            Some(failing) => {
                let finding = self.search.finding(&strategies);
                let note = match finding.confirmed {
                    0 => String::from(
                        "the failure did not fail again: the candidate is not deterministic here",
                    ),
                    times => format!("the smallest failure failed again {times} of 2 times"),
                };
                // A seed that fails by chance is nothing to try first for ever.
                let regression = (finding.confirmed > 0).then_some(finding.regression);
                Some(self.whole(failing, Some(note), regression))
            }
            None => self.passing.take().map(|passing| {
                if !self.speaks_of_held || self.held_something {
                    return self.whole(passing, None, None);
                }
                // Sums over nothing balance, and nothing missing ever passes.
                let note =
                    "no partner held anything in any attempt, so the claim is true of nothing";
                CaseVerdict {
                    outcome: Outcome::Error,
                    ..self.whole(passing, Some(String::from(note)), None)
                }
            }),
        }
    }

    fn whole(
        &self,
        verdict: CaseVerdict,
        note: Option<String>,
        regression: Option<u64>,
    ) -> CaseVerdict {
        CaseVerdict {
            attempts: self.attempts,
            duration_ns: self.duration_ns,
            note: note.or(verdict.note),
            regression,
            ..verdict
        }
    }
}
