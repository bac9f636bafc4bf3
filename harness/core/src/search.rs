//! The search for the smallest failing values of a property.
//!
//! Shrinking is adaptive: what is tried next depends on how the last attempt went. A proptest value tree cannot
//! be sent between threads, so the search keeps only the way it went through the tree and walks it again for
//! each attempt; that makes it a pure function of its seed and the outcomes so far.

use std::time::Duration;

use proptest::{
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use wardgate_expression::Json;
use wardgate_synth::Seed;

use crate::plan::PropertyCase;

/// How long shrinking one failure may take: beyond it the smallest one found so far has to do.
const SHRINK_WITHIN: Duration = Duration::from_secs(60);

/// How many times the smallest failure is run again, with fresh identifiers, before it is believed.
const CONFIRMATIONS: u32 = 2;

/// What the search is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// Trying the seed of this index.
    Trying,
    /// Running the failure found with the current seed once more: what does not fail twice cannot be shrunk.
    Repeating,
    /// Shrinking that failure.
    Shrinking { attempts: u32 },
    /// Running the smallest failure again; so many times so far, so many of them failing.
    Confirming { done: u32, failed: u32 },
    /// No attempt is left.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Simplify,
    Complicate,
}

/// A search in progress.
#[derive(Clone, Debug)]
pub struct Search {
    property: PropertyCase,
    seed: Seed,
    phase: Phase,
    index: usize,
    moves: Vec<Move>,
    smallest: Option<Vec<Move>>,
    failing_index: usize,
    confirmed: u32,
    /// How long the attempts at shrinking have taken.
    shrinking: Duration,
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The smallest failing values, if any attempt failed.
    pub smallest: Option<Vec<Json>>,
    /// How many of the confirming runs failed again.
    pub confirmed: u32,
    /// The number under which the failure is found again in a regressions file.
    pub regression: u64,
}

impl Search {
    /// A search that has not begun.
    pub fn new(property: &PropertyCase, seed: &Seed) -> Self {
        Self {
            property: property.clone(),
            seed: seed.clone(),
            phase: Phase::Trying,
            index: 0,
            moves: Vec::new(),
            smallest: None,
            failing_index: 0,
            confirmed: 0,
            shrinking: Duration::ZERO,
        }
    }

    /// Whether no attempt is left.
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// The values of the next attempt, one for each strategy; none when the search is over.
    pub fn values(&self, strategies: &[BoxedStrategy<Json>]) -> Option<Vec<Json>> {
        if self.is_over() {
            return None;
        }
        self.walk(strategies, self.index, &self.moves)
            .map(|tree| tree.current())
    }

    /// Says how the attempt went and how long it took, and chooses the next.
    pub fn report(&mut self, passed: bool, took: Duration, strategies: &[BoxedStrategy<Json>]) {
        if matches!(self.phase, Phase::Shrinking { .. }) {
            self.shrinking += took;
        }
        match self.phase.clone() {
            Phase::Trying if passed => {
                self.index += 1;
                if self.index >= self.attempts() {
                    self.phase = Phase::Over;
                }
            }
            Phase::Trying => {
                self.failing_index = self.index;
                self.smallest = Some(Vec::new());
                self.phase = Phase::Repeating;
            }
            Phase::Repeating if passed => self.phase = Phase::Over,
            Phase::Repeating => {
                self.phase = Phase::Shrinking { attempts: 0 };
                self.shrink(Move::Simplify, strategies, 0);
            }
            Phase::Shrinking { attempts } if passed => {
                self.shrink(Move::Complicate, strategies, attempts);
            }
            Phase::Shrinking { attempts } => {
                self.smallest = Some(self.moves.clone());
                self.shrink(Move::Simplify, strategies, attempts);
            }
            Phase::Confirming { done, failed } => {
                let (done, failed) = (done + 1, failed + u32::from(!passed));
                self.confirmed = failed;
                self.phase = if done == CONFIRMATIONS {
                    Phase::Over
                } else {
                    Phase::Confirming { done, failed }
                };
            }
            Phase::Over => {}
        }
    }

    /// How it ended.
    pub fn finding(&self, strategies: &[BoxedStrategy<Json>]) -> Finding {
        Finding {
            smallest: self.smallest.as_ref().and_then(|moves| {
                self.walk(strategies, self.failing_index, moves)
                    .map(|tree| tree.current())
            }),
            confirmed: self.confirmed,
            regression: self.number(self.failing_index),
        }
    }

    fn attempts(&self) -> usize {
        self.property.regressions.len() + self.property.cases as usize
    }

    fn shrink(&mut self, next: Move, strategies: &[BoxedStrategy<Json>], attempts: u32) {
        if attempts < self.property.shrink_attempts && self.shrinking < SHRINK_WITHIN {
            self.moves.push(next);
            if self.walk(strategies, self.index, &self.moves).is_some() {
                self.phase = Phase::Shrinking {
                    attempts: attempts + 1,
                };
                return;
            }
        }
        self.moves = self.smallest.clone().unwrap_or_default();
        self.phase = Phase::Confirming { done: 0, failed: 0 };
    }

    /// The number that seeds the values of this index: an earlier failure's, or one drawn from the case's seed.
    fn number(&self, index: usize) -> u64 {
        if let Some(number) = self.property.regressions.get(index) {
            return *number;
        }
        let fresh = index - self.property.regressions.len();
        let bytes = self.seed.child("forall").child(fresh).bytes();
        // Fifty-three bits, so that the number survives every JSON reader.
        u64::from_be_bytes(bytes[..8].try_into().unwrap_or_default()) >> 11
    }

    /// Walks a fresh tree along these moves; none where a move is not possible.
    fn walk(
        &self,
        strategies: &[BoxedStrategy<Json>],
        index: usize,
        moves: &[Move],
    ) -> Option<impl ValueTree<Value = Vec<Json>> + use<>> {
        let key = Seed::from_u64(self.number(index)).bytes();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tree = strategies.to_vec().new_tree(&mut runner).ok()?;
        for step in moves {
            let possible = match step {
                Move::Simplify => tree.simplify(),
                Move::Complicate => tree.complicate(),
            };
            if !possible {
                return None;
            }
        }
        Some(tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Vec<BoxedStrategy<Json>> {
        vec![(0i64..1000).prop_map(Json::from).boxed()]
    }

    fn run(property: &PropertyCase, fails: impl Fn(i64) -> bool) -> (Search, usize) {
        run_slowly(property, Duration::ZERO, fails)
    }

    fn run_slowly(
        property: &PropertyCase,
        each: Duration,
        fails: impl Fn(i64) -> bool,
    ) -> (Search, usize) {
        let strategies = numbers();
        let mut search = Search::new(property, &Seed::from_u64(7));
        let mut attempts = 0;
        while let Some(values) = search.values(&strategies) {
            attempts += 1;
            assert!(attempts < 1000, "the search does not end");
            let number = values[0].as_i64().expect("numbers are drawn");
            search.report(!fails(number), each, &strategies);
        }
        (search, attempts)
    }

    fn property(cases: u32) -> PropertyCase {
        PropertyCase {
            forall: vec![],
            cases,
            regressions: vec![],
            shrink_attempts: 200,
        }
    }

    #[test]
    fn a_property_that_holds_takes_exactly_its_cases() {
        let (search, attempts) = run(&property(50), |_| false);
        assert_eq!(attempts, 50);
        assert_eq!(search.finding(&numbers()).smallest, None);
    }

    /// A candidate that takes its deadline to fail would keep a run for a quarter of an hour.
    #[test]
    fn slow_failures_are_shrunk_for_a_minute() {
        let (quick, all) = run(&property(20), |number| number > 3);
        let (slow, some) = run_slowly(&property(20), Duration::from_secs(25), |number| number > 3);
        assert!(some < all, "{some} of {all}");
        let smallest = |search: &Search| {
            let values = search.finding(&numbers()).smallest.expect("it fails");
            values[0].as_i64().expect("numbers are drawn")
        };
        assert_eq!(smallest(&quick), 4);
        assert!(smallest(&slow) > 3);
        assert_eq!(slow.finding(&numbers()).confirmed, 2);
    }

    #[test]
    fn a_failure_shrinks_to_the_smallest_and_is_confirmed_twice() {
        let (search, _) = run(&property(50), |number| number >= 137);
        let finding = search.finding(&numbers());
        assert_eq!(finding.smallest, Some(vec![Json::from(137i64)]));
        assert_eq!(finding.confirmed, 2);
    }

    #[test]
    fn what_does_not_fail_again_is_not_shrunk() {
        let failures = std::cell::Cell::new(0);
        let (search, attempts) = run(&property(50), |_| {
            failures.set(failures.get() + 1);
            failures.get() == 11
        });
        assert_eq!(attempts, 12);
        let finding = search.finding(&numbers());
        assert!(finding.smallest.is_some());
        assert_eq!(finding.confirmed, 0);
    }

    #[test]
    fn a_regression_is_tried_first_and_found_again() {
        let (search, _) = run(&property(50), |number| number >= 900);
        let number = search.finding(&numbers()).regression;
        let again = PropertyCase {
            regressions: vec![number],
            ..property(1)
        };
        let strategies = numbers();
        let first = Search::new(&again, &Seed::from_u64(99))
            .values(&strategies)
            .expect("there is a first attempt");
        assert!(first[0].as_i64() >= Some(900));
    }
}
