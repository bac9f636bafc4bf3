//! Judging interchanges by the SNIP levels of WEDI: 1, integrity of the syntax; 2, what the implementation guide
//! requires; 3, balance of its sums; 4, what a situation requires (some rules that are broken often, each with its
//! source). [`Kind::snip`](crate::finding::Kind::snip) tells them apart.
//!
//! Nothing is refused here. Every fault is a [`Finding`] with its place; the same file gives the same findings.

mod balance;
mod control;
mod elements;
mod hierarchy;
pub(crate) mod money;
mod situation;
mod value;

use crate::envelope::{Envelope, Group, Transaction};
use crate::finding::{FINDINGS_MAX, Finding, Findings};
use crate::guide::Guide;
use crate::interchange::Interchange;
use crate::matching::Tree;

/// The guide of a transaction set: what ST03 names, or GS08 where ST03 says nothing.
pub fn guide(group: &Group<'_>, transaction: &Transaction<'_>) -> Option<&'static Guide> {
    let version = transaction.header().text(3).unwrap_or(group.version());
    Guide::find(transaction.id(), version)
}

/// What was found in one interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Everything that is wrong, envelopes first.
    pub findings: Vec<Finding>,
    /// Whether these are all: at most [`FINDINGS_MAX`] are kept of each transaction set and of the whole.
    pub is_complete: bool,
    /// How many transaction sets were judged by a guide.
    pub judged: usize,
    /// How many were judged by their envelope only, since there is no guide of them here.
    pub unknown: usize,
}

/// Judges one interchange: its envelopes, and each transaction set by its guide.
pub fn interchange(interchange: &Interchange<'_>) -> Judgement {
    let envelope = Envelope::read(interchange);
    let findings = envelopes(&envelope);
    let mut judgement = Judgement {
        is_complete: findings.len() < FINDINGS_MAX,
        findings,
        judged: 0,
        unknown: 0,
    };
    for (group, set) in envelope.transactions() {
        let Some(guide) = guide(group, set) else {
            judgement.unknown += 1;
            continue;
        };
        judgement.judged += 1;
        let found = transaction(set, guide);
        judgement.is_complete &= found.len() < FINDINGS_MAX;
        let room = FINDINGS_MAX.saturating_sub(judgement.findings.len());
        judgement.is_complete &= found.len() <= room;
        judgement.findings.extend(found.into_iter().take(room));
    }
    judgement
}

/// What is wrong with the envelopes of an interchange, the elements of their segments among it.
pub fn envelopes(envelope: &Envelope<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    control::judge(envelope, &mut findings);
    let mut all = envelope.findings.clone();
    all.append(&mut findings.list);
    all.truncate(FINDINGS_MAX);
    all
}

/// Judges one transaction set by a guide, in the order of its segments.
pub fn transaction(transaction: &Transaction<'_>, guide: &'static Guide) -> Vec<Finding> {
    tree(&Tree::build(transaction, guide))
}

/// Judges a transaction set that is cut into its loops.
pub fn tree(tree: &Tree<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    for placed in tree.segments() {
        if let Some(spec) = placed.spec {
            let inside = tree.loops()[placed.inside].spec.id;
            elements::judge(&placed.segment, spec, inside, &mut findings);
        }
    }
    hierarchy::judge(tree, &mut findings);
    balance::judge(tree, &mut findings);
    situation::judge(tree, &mut findings);
    let mut list = tree.findings().to_vec();
    list.append(&mut findings.list);
    list.sort_by_key(|finding| finding.place.segment);
    list.truncate(FINDINGS_MAX);
    list
}
