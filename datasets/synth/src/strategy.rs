//! Facts for property tests, shrinking to the plainest.

use std::collections::HashSet;

use jiff::civil::Date;
use proptest::strategy::{BoxedStrategy, NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use wardgate_expression::Json;

use crate::calendar::REFERENCE_DATE;
use crate::choices::Choices;
use crate::facts::{Scene, make};
use crate::{Kind, Seed};

/// A strategy for the fields of a kind at [`REFERENCE_DATE`].
///
/// Identifiers are placeholders; [`Identifiers::stamp`](crate::Identifiers::stamp) writes fresh ones for each attempt,
/// since a candidate that drops duplicates would otherwise make shrinking lie. Shrinking starts with the plainest
/// record of all and then makes ever fewer choices plain, so that the smallest failure shows only what matters.
pub fn strategy(kind: Kind) -> BoxedStrategy<Json> {
    strategy_at(kind, REFERENCE_DATE)
}

/// [`strategy`] at another logical date.
pub fn strategy_at(kind: Kind, logical_date: Date) -> BoxedStrategy<Json> {
    RecordStrategy { kind, logical_date }.boxed()
}

/// The strategy behind [`strategy`].
#[derive(Clone, Copy, Debug)]
pub struct RecordStrategy {
    /// What the records are about.
    pub kind: Kind,
    /// The date at which ages count.
    pub logical_date: Date,
}

impl Strategy for RecordStrategy {
    type Tree = RecordTree;
    type Value = Json;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        use proptest::prelude::Rng as _;
        let mut key = [0; 32];
        runner.rng().fill_bytes(&mut key);
        let mut choices = Choices::drawn(Seed::from_bytes(key).rng());
        make(self.kind, &mut choices, &Scene::on(self.logical_date));
        Ok(RecordTree::new(*self, choices.into_words()))
    }
}

/// A record and the ways to make it plainer.
///
/// It shrinks the choices behind the record rather than its fields, so that every smaller record is one that could
/// have been drawn. First everything is made plain, then halves, quarters and so on down to single choices; what
/// cannot be plain is halved towards it. Passes repeat until one of them helps no more. A record that has lost the
/// failure once is never proposed again, since a try against a live candidate is dear.
#[derive(Clone, Debug)]
pub struct RecordTree {
    strategy: RecordStrategy,
    /// The choices of the plainest record known to keep the failure.
    words: Vec<u32>,
    /// The choices under trial.
    trial: Option<Vec<u32>>,
    step: Step,
    /// Whether the current pass made anything plainer.
    helped: bool,
    /// Records that lost the failure, as text.
    rejected: HashSet<String>,
}

/// The next thing to try.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Make `length` words from `start` plain.
    Clear { start: usize, length: usize },
    /// Move the word at `index` half the way to `floor`, at which the failure is lost.
    Lower { index: usize, floor: u32 },
    /// Nothing is left.
    Done,
}

impl RecordTree {
    fn new(strategy: RecordStrategy, words: Vec<u32>) -> Self {
        let length = words.len().max(1);
        Self {
            strategy,
            words,
            trial: None,
            step: Step::Clear { start: 0, length },
            helped: false,
            rejected: HashSet::new(),
        }
    }

    fn record_of(&self, words: &[u32]) -> Json {
        let scene = Scene::on(self.strategy.logical_date);
        make(self.strategy.kind, &mut Choices::replayed(words), &scene)
    }

    /// Puts the next record that is worth a try on trial; `false` when none is left.
    fn advance(&mut self) -> bool {
        let kept = self.record_of(&self.words);
        while let Some(words) = self.propose() {
            let record = self.record_of(&words);
            if record == kept {
                self.settle(words, true);
            } else if self.rejected.contains(&record.to_string()) {
                self.settle(words, false);
            } else {
                self.trial = Some(words);
                return true;
            }
        }
        false
    }

    /// The smaller words that the current step, or the first one after it that has any, leads to.
    fn propose(&mut self) -> Option<Vec<u32>> {
        loop {
            match self.step {
                Step::Done => return None,
                Step::Clear { start, length } if start < self.words.len() => {
                    let end = (start + length).min(self.words.len());
                    if self.words[start..end].iter().any(|word| *word > 0) {
                        let mut words = self.words.clone();
                        words[start..end].fill(0);
                        return Some(words);
                    }
                    self.step = Step::Clear { start: end, length };
                }
                Step::Clear { length: 1, .. } => self.step = Step::Lower { index: 0, floor: 0 },
                Step::Clear { length, .. } => {
                    self.step = Step::Clear {
                        start: 0,
                        length: length.div_ceil(2),
                    };
                }
                Step::Lower { index, floor } => match self.words.get(index).copied() {
                    Some(word) if word.saturating_sub(floor) > 1 => {
                        let mut words = self.words.clone();
                        words[index] = floor + (word - floor) / 2;
                        return Some(words);
                    }
                    Some(_) => {
                        self.step = Step::Lower {
                            index: index + 1,
                            floor: 0,
                        };
                    }
                    // What became plainer since may let more become plain.
                    None if std::mem::take(&mut self.helped) => {
                        self.step = Step::Clear {
                            start: 0,
                            length: 1,
                        }
                    }
                    None => self.step = Step::Done,
                },
            }
        }
    }

    /// Takes note of whether the words of the current step keep the failure, and moves on.
    fn settle(&mut self, words: Vec<u32>, keeps_failure: bool) {
        match &mut self.step {
            Step::Clear { start, length } => *start += *length,
            Step::Lower { index, floor } if !keeps_failure => *floor = words[*index],
            Step::Lower { .. } | Step::Done => {}
        }
        if keeps_failure {
            self.words = words;
        }
    }
}

impl ValueTree for RecordTree {
    type Value = Json;

    fn current(&self) -> Json {
        self.record_of(self.trial.as_ref().unwrap_or(&self.words))
    }

    fn simplify(&mut self) -> bool {
        if let Some(words) = self.trial.take() {
            self.helped = true;
            self.settle(words, true);
        }
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        let Some(words) = self.trial.take() else {
            return false;
        };
        self.rejected.insert(self.record_of(&words).to_string());
        self.settle(words, false);
        self.advance()
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, RngAlgorithm, TestRng};

    use super::*;

    /// Shrinks from a drawn failure as a runner does; gives the smallest failure and the number of tries.
    fn smallest(kind: Kind, seed: u8, fails: impl Fn(&Json) -> bool) -> Option<(Json, u32)> {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tree = strategy(kind).new_tree(&mut runner).unwrap();
        (0..500).find(|_| {
            tree = strategy(kind).new_tree(&mut runner).unwrap();
            fails(&tree.current())
        })?;
        let (mut tries, mut passed) = (0, Vec::new());
        let mut more = tree.simplify();
        while more {
            tries += 1;
            let record = tree.current();
            assert!(!passed.contains(&record), "a record is not tried twice");
            more = if fails(&record) {
                tree.simplify()
            } else {
                passed.push(record);
                tree.complicate()
            };
        }
        assert!(fails(&tree.current()), "what is left still fails");
        Some((tree.current(), tries))
    }

    fn text<'a>(record: &'a Json, name: &str) -> &'a str {
        record.get(name).and_then(Json::as_str).unwrap()
    }

    #[test]
    fn what_always_fails_shrinks_to_the_plainest_record_in_one_try() {
        for kind in Kind::ALL {
            let plainest = make(
                kind,
                &mut Choices::replayed(&[]),
                &Scene::on(REFERENCE_DATE),
            );
            let (record, tries) = smallest(kind, 1, |_| true).unwrap();
            assert_eq!(record, plainest, "{kind}");
            assert_eq!(tries, 1, "{kind}");
        }
        let plain = smallest(Kind::Patient, 2, |_| true).unwrap().0;
        assert_eq!(
            (
                text(&plain, "given"),
                text(&plain, "family"),
                text(&plain, "middle"),
                text(&plain, "birth_date")
            ),
            ("Anna", "Berg", "", "1980-01-01")
        );
    }

    #[test]
    fn only_what_matters_stays_when_a_name_breaks_the_candidate() {
        for seed in 0..8 {
            let (record, tries) = smallest(Kind::Encounter, seed, |record| {
                text(record.get("patient").unwrap(), "family").contains('\'')
            })
            .unwrap();
            let plain = make(
                Kind::Encounter,
                &mut Choices::replayed(&[]),
                &Scene::on(REFERENCE_DATE),
            );
            let patient = record.get("patient").unwrap();
            assert_eq!(text(&record, "class"), text(&plain, "class"));
            assert_eq!(text(patient, "birth_date"), "1980-01-01");
            assert_eq!(record.get("practitioner"), plain.get("practitioner"));
            assert!(tries < 150, "{tries} tries");
        }
    }

    #[test]
    fn a_stay_shrinks_to_the_fewest_charges_that_fail() {
        for seed in 0..8 {
            let charges = |record: &Json| {
                record
                    .get("charges")
                    .and_then(Json::as_array)
                    .unwrap()
                    .len()
            };
            let (record, tries) =
                smallest(Kind::Stay, seed, |record| charges(record) >= 3).unwrap();
            assert_eq!(charges(&record), 3);
            assert_eq!(text(record.get("patient").unwrap(), "family"), "Berg");
            assert!(tries < 150, "{tries} tries");
        }
    }

    #[test]
    fn numbers_shrink_to_the_edge_of_the_failure() {
        let (record, _) = smallest(Kind::ChargeLine, 3, |record| {
            record.get("quantity").and_then(Json::as_i64) >= Some(3)
        })
        .unwrap();
        assert_eq!(record.get("quantity").and_then(Json::as_i64), Some(3));
        assert_eq!(record.get("unit_price").unwrap().to_string(), "50.00");
        assert_eq!(record.get("amount").unwrap().to_string(), "150.00");
    }

    #[test]
    fn what_could_not_be_plain_is_tried_again_once_the_rest_is_plainer() {
        for seed in 0..20 {
            let quantity = |record: &Json| record.get("quantity").and_then(Json::as_i64).unwrap();
            // The code is chosen before the quantity, so it must wait for a second pass.
            let plain_code = |record: &Json| text(record, "code") == "WG-1001";
            let fails = |record: &Json| match quantity(record) {
                4.. => !plain_code(record),
                quantity => quantity >= 2,
            };
            let (record, _) = smallest(Kind::ChargeLine, seed, fails).unwrap();
            assert!(quantity(&record) == 2 && plain_code(&record), "{record}");
        }
    }

    #[test]
    fn identifiers_are_placeholders() {
        let (record, _) = smallest(Kind::Stay, 4, |_| true).unwrap();
        assert_eq!(text(&record, "visit_number"), "${visit_number}");
        assert_eq!(
            text(record.get("patient").unwrap(), "mrn"),
            "${patient.mrn}"
        );
        let line = record.pointer("/charges/0").unwrap();
        assert_eq!(text(line, "charge_number"), "${charges[0].charge_number}");
        assert_eq!(text(line, "visit_number"), "${visit_number}");
    }
}
