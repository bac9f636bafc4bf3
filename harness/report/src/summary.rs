//! One model of a run that every renderer reads.

use std::collections::HashMap;

use wardgate_core::{
    plan::Plan,
    verdict::{CaseVerdict, Outcome},
};

use crate::{
    run_file::{EndLine, RunLine, VerdictsLine},
    text::shell_word,
};

/// A run as people get to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The run.
    pub run: RunLine,
    /// How it ended.
    pub end: EndLine,
    /// How many came to what.
    pub counts: Counts,
    /// Every case that was selected, in the plan's order.
    pub cases: Vec<CaseRow>,
}

/// How many cases came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were selected.
    pub cases: usize,
    /// That passed.
    pub passed: usize,
    /// In which the candidate broke the contract.
    pub failed: usize,
    /// That could not be judged; those that did not run among them.
    pub errors: usize,
    /// That were not wanted.
    pub skipped: usize,
    /// That did not run.
    pub not_run: usize,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its index in the plan.
    pub index: usize,
    /// Its full name.
    pub name: String,
    /// The name within its contract.
    pub title: String,
    /// The contract's id.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The contract's workflow.
    pub workflow: String,
    /// The contract's owner.
    pub owner: Option<String>,
    /// Whether a failure stops a release.
    pub required: bool,
    /// `file:line` of the case.
    pub place: String,
    /// The file of the contract.
    pub file: String,
    /// What came of it; an error for a case that did not run.
    pub outcome: Outcome,
    /// Everything that was judged; none for a case that did not run.
    pub verdict: Option<VerdictsLine>,
}

impl CaseRow {
    /// The first difference in one line, for lists.
    pub fn reason(&self) -> Option<String> {
        let Some(verdict) = &self.verdict else {
            return Some(String::from("it did not run"));
        };
        if self.outcome == Outcome::Pass {
            return None;
        }
        let worst = verdict
            .expectations
            .iter()
            .find(|one| one.outcome == self.outcome.name());
        let Some(worst) = worst else {
            return verdict.note.clone();
        };
        let Some(found) = worst.mismatches.first() else {
            return Some(format!("{}: {}", worst.expectation, worst.actual));
        };
        let at = if found.at.is_empty() {
            String::new()
        } else {
            format!("{}: ", found.at)
        };
        Some(format!(
            "{}: {at}expected {}, got {}",
            worst.expectation, found.expected, found.actual
        ))
    }
}

impl Summary {
    /// The summary of a run.
    pub fn new(plan: &Plan, run: RunLine, end: EndLine, verdicts: &[CaseVerdict]) -> Self {
        let lines = verdicts
            .iter()
            .map(|verdict| VerdictsLine::new(plan, verdict))
            .collect();
        Self::of_lines(plan, run, end, lines)
    }

    /// The summary of a run whose verdicts were read from its file.
    pub fn of_lines(plan: &Plan, run: RunLine, end: EndLine, verdicts: Vec<VerdictsLine>) -> Self {
        let mut verdicts: HashMap<usize, VerdictsLine> = verdicts
            .into_iter()
            .map(|verdict| (verdict.case, verdict))
            .collect();
        let cases: Vec<CaseRow> = plan
            .selected
            .iter()
            .map(|index| {
                let case = &plan.cases[*index];
                let contract = plan.contract_of(case);
                let verdict = verdicts.remove(index);
                CaseRow {
                    index: *index,
                    name: case.name.clone(),
                    title: case.title.clone(),
                    contract: contract.id.value.clone(),
                    version: contract.version.value.clone(),
                    workflow: contract.workflow.value.clone(),
                    owner: contract.owner.as_ref().map(|owner| owner.value.clone()),
                    required: contract.criticality == wardgate_contract::ast::Criticality::Required,
                    place: contract.source.place(case.span.start),
                    file: contract.source.name.clone(),
                    outcome: verdict
                        .as_ref()
                        .map_or(Outcome::Error, |verdict| outcome(&verdict.outcome)),
                    verdict,
                }
            })
            .collect();
        Self {
            counts: count(&cases),
            run,
            end,
            cases,
        }
    }

    /// The worst outcome; error where something kept the run from running, and for a run of nothing.
    pub fn outcome(&self) -> Outcome {
        if self.end.problem.is_some() || self.end.interrupted {
            return Outcome::Error;
        }
        if self.is_empty_shard() {
            return Outcome::Pass;
        }
        let judged = self.cases.iter().filter(|case| case.verdict.is_some());
        match judged.map(|case| case.outcome).min() {
            // Whoever stops at the first failure wants to hear of the failure, not of the cases it left.
            Some(outcome @ (Outcome::Error | Outcome::Fail)) => outcome,
            _ if self.counts.not_run > 0 => Outcome::Error,
            // Skipping everything proves nothing, and neither does having nothing to do.
            _ if self.counts.passed == 0 => Outcome::Error,
            _ => Outcome::Pass,
        }
    }

    /// Why the run as a whole did not come to its end, in one line, if it did not.
    pub fn stopped(&self) -> Option<String> {
        match (&self.end.problem, self.end.interrupted) {
            (Some(problem), _) => Some(problem.clone()),
            (None, true) => Some(String::from("the run was interrupted")),
            (None, false) => None,
        }
    }

    /// Why the cases without a verdict did not run.
    pub fn why_not_run(&self) -> String {
        let failed = self.cases.iter().any(|case| {
            case.verdict.is_some() && matches!(case.outcome, Outcome::Error | Outcome::Fail)
        });
        self.stopped().unwrap_or_else(|| {
            String::from(if failed {
                "an earlier case did not pass, and the run was to end there"
            } else {
                "the run ended before its turn"
            })
        })
    }

    /// What is wrong with a run that is an error although none of its cases is.
    pub fn fault(&self) -> Option<String> {
        if self.outcome() != Outcome::Error || self.counts.errors > 0 {
            return None;
        }
        Some(self.stopped().unwrap_or_else(|| {
            String::from(if self.cases.is_empty() {
                "nothing ran: no case was selected"
            } else {
                "nothing was proven: every case was skipped"
            })
        }))
    }

    /// Whether this is a part of a plan into which no case falls.
    pub fn is_empty_shard(&self) -> bool {
        self.cases.is_empty() && self.run.shard.is_some() && self.run.cases > 0
    }

    /// The documented exit code: 0 all passed, 1 a contract failed, 2 could not run or nothing ran.
    pub fn exit_code(&self) -> u8 {
        match self.outcome() {
            Outcome::Pass | Outcome::Skip => 0,
            Outcome::Fail => 1,
            Outcome::Error => 2,
        }
    }

    /// The slowest cases that ran, slowest first.
    pub fn slowest(&self, count: usize) -> Vec<&CaseRow> {
        let mut ran: Vec<&CaseRow> = self
            .cases
            .iter()
            .filter(|case| case.verdict.is_some())
            .collect();
        ran.sort_by_key(|case| {
            std::cmp::Reverse(
                case.verdict
                    .as_ref()
                    .map_or(0, |verdict| verdict.duration_ns),
            )
        });
        ran.truncate(count);
        ran
    }

    /// The stray messages that were kept, alike ones together, the most frequent first.
    pub fn strays(&self) -> Vec<(&str, usize)> {
        let mut grouped: Vec<(&str, usize)> = Vec::new();
        for stray in &self.end.strays {
            match grouped.iter_mut().find(|(known, _)| known == stray) {
                Some((_, count)) => *count += 1,
                None => grouped.push((stray, 1)),
            }
        }
        grouped.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        grouped
    }

    /// The command that repeats one case.
    pub fn repeat_command(&self, case: &CaseRow) -> String {
        let mut words = vec![
            String::from("wardgate"),
            String::from("verify"),
            shell_word(&case.file),
        ];
        words.extend(
            self.run
                .candidate
                .arguments
                .iter()
                .map(|word| shell_word(word)),
        );
        words.push(format!("--seed {}", self.run.seed));
        words.extend(
            self.run
                .property_cases
                .map(|cases| format!("--property-cases {cases}")),
        );
        words.push(format!("--case {}", shell_word(&case.name)));
        words.join(" ")
    }
}

fn outcome(name: &str) -> Outcome {
    [Outcome::Error, Outcome::Fail, Outcome::Skip, Outcome::Pass]
        .into_iter()
        .find(|outcome| outcome.name() == name)
        .unwrap_or(Outcome::Error)
}

fn count(cases: &[CaseRow]) -> Counts {
    let of = |outcome: Outcome| cases.iter().filter(|case| case.outcome == outcome).count();
    Counts {
        cases: cases.len(),
        passed: of(Outcome::Pass),
        failed: of(Outcome::Fail),
        errors: of(Outcome::Error),
        skipped: of(Outcome::Skip),
        not_run: cases.iter().filter(|case| case.verdict.is_none()).count(),
    }
}
