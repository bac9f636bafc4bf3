//! What becomes of each claim before it is adjudicated: exactly one outcome a claim (TR3 X214, 2200D STC).

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

/// What the findings of a transaction set say of one of its claims; None where they say nothing. Findings of what stands
/// around a claim, such as its subscriber, are about it too. Balance is claim status code 400, what is missing A6 and
/// what is wrong A7, both with claim status code 21.
pub(crate) fn of_findings(
    tree: &Tree<'_>,
    findings: &[Finding],
    claim: &Placed,
) -> Option<Judgement> {
    let levels: Vec<usize> = around(tree, claim.number).collect();
    let finding = findings
        .iter()
        .find(|finding| is_about(tree, finding, claim, &levels))?;
    let reason = format!("{}: {}", finding.place, finding.detail);
    let (category, status) = match finding.kind {
        Kind::Balance => ("A7", "400"),
        _ if finding.place.element.is_none() => ("A6", "21"),
        _ => ("A7", "21"),
    };
    Some(Judgement::of(category, status, &reason))
}

fn is_about(tree: &Tree<'_>, finding: &Finding, claim: &Placed, levels: &[usize]) -> bool {
    let place = tree
        .segments()
        .binary_search_by_key(&finding.place.segment, |placed| placed.segment.number());
    let Ok(place) = place else {
        return false;
    };
    let inside = tree.segments()[place].inside;
    let chain: Vec<usize> = around(tree, inside).collect();
    if chain.contains(&claim.number) {
        return true;
    }
    let is_other = |id: &str| chain.iter().any(|at| tree.loops()[*at].spec.id == id);
    if is_other("2300") {
        return false;
    }
    // The innermost hierarchical level of what is at fault has to be one that the claim stands in.
    let level = chain
        .iter()
        .find(|at| tree.loops()[**at].spec.id.starts_with("2000"));
    level.is_none_or(|level| levels.contains(level))
}
