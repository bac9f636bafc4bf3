//! What becomes of each claim before it is adjudicated: exactly one outcome a claim (TR3 X214, 2200D STC).

use std::collections::HashMap;

use crate::finding::{Finding, Kind};
use crate::matching::Tree;

use super::claim::{Placed, around};

/// What 277CA says of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// STC01-1: `A2` for a claim that goes on to be adjudicated, `A3`, `A6` or `A7` for one that does not.
    pub(crate) category: &'static str,
    /// STC01-2: a claim status code.
    pub(crate) status: &'static str,
    /// STC01-3: whom it is about.
    pub(crate) entity: &'static str,
    /// The same in words, for people; empty where it is accepted.
    pub(crate) reason: String,
}

impl Judgement {
    /// The claim goes on to be adjudicated.
    pub(crate) fn accepted() -> Self {
        Self::of("A2", "20", "")
    }

    /// A claim that came before (claim status code 54).
    pub(crate) fn duplicate() -> Self {
        Self::of(
            "A3",
            "54",
            "a claim of this number, provider, total and days was there before",
        )
    }

    /// A replacement or void of a claim that is not there to be replaced (claim status code 464).
    pub(crate) fn unknown_original() -> Self {
        Self::of(
            "A7",
            "464",
            "REF F8 names no claim of this payer and provider that is held",
        )
    }

    /// A subscriber who is no member (claim status code 33).
    pub(crate) fn unknown_member() -> Self {
        Self {
            entity: "IL",
            ..Self::of("A3", "33", "the subscriber is no member")
        }
    }

    fn of(category: &'static str, status: &'static str, reason: &str) -> Self {
        Self {
            category,
            status,
            entity: "PR",
            reason: reason.to_owned(),
        }
    }

    /// Whether the claim goes on to be adjudicated.
    pub(crate) fn is_accepted(&self) -> bool {
        self.category == "A2"
    }

    /// STC03: whether anything more is to be done about it: `WQ` where it is accepted, `U` where it is not.
    pub(crate) fn action(&self) -> &'static str {
        if self.is_accepted() { "WQ" } else { "U" }
    }

    /// Category, status and entity, such as `A2:20:PR`.
    pub(crate) fn code(&self) -> String {
        [self.category, self.status, self.entity].join(":")
    }
}

/// What is wrong with the claims of a transaction set: the first finding about each, so that many claims with many
/// findings are looked up and not searched.
#[derive(Debug)]
pub(crate) struct Faults<'f> {
    /// By the loop 2300 that they stand in.
    by_claim: HashMap<usize, &'f Finding>,
    /// By the hierarchical level that they stand in: they are about every claim below.
    by_level: HashMap<usize, &'f Finding>,
    /// What stands outside of every level is about all claims.
    general: Option<&'f Finding>,
}

impl<'f> Faults<'f> {
    /// Sorts the findings of a transaction set by what they are about.
    pub(crate) fn of(tree: &Tree<'_>, findings: &'f [Finding]) -> Self {
        let mut faults = Self {
            by_claim: HashMap::new(),
            by_level: HashMap::new(),
            general: None,
        };
        for finding in findings {
            let place = tree
                .segments()
                .binary_search_by_key(&finding.place.segment, |placed| placed.segment.number());
            let Ok(place) = place else {
                continue;
            };
            let is = |at: &usize, id: &str| tree.loops()[*at].spec.id.starts_with(id);
            let inside = tree.segments()[place].inside;
            if let Some(claim) = around(tree, inside).find(|at| is(at, "2300")) {
                faults.by_claim.entry(claim).or_insert(finding);
            } else if let Some(level) = around(tree, inside).find(|at| is(at, "2000")) {
                faults.by_level.entry(level).or_insert(finding);
            } else if faults.general.is_none() {
                faults.general = Some(finding);
            }
        }
        faults
    }

    /// What they say of a claim; None where they say nothing. Balance is claim status code 400, what is missing A6 and
    /// what is wrong A7, both with claim status code 21.
    pub(crate) fn judge(&self, tree: &Tree<'_>, claim: &Placed) -> Option<Judgement> {
        let around_it = || around(tree, claim.number).find_map(|at| self.by_level.get(&at));
        let finding = self
            .by_claim
            .get(&claim.number)
            .or_else(around_it)
            .copied()
            .or(self.general)?;
        let reason = format!("{}: {}", finding.place, finding.detail);
        let (category, status) = match finding.kind {
            Kind::Balance => ("A7", "400"),
            _ if finding.place.element.is_none() => ("A6", "21"),
            _ => ("A7", "21"),
        };
        Some(Judgement::of(category, status, &reason))
    }
}
