//! Search: which resources a query means (FHIR R4, search).
//!
//! A [`Query`] is read once; its clauses are judged against each candidate, and indexes keep the candidates few.

mod clause;
mod date;
mod exact;
mod index;
mod number;
mod order;
mod path;
mod prefix;
mod query;
mod reference;
mod table;
mod text;
mod token;

pub(crate) use clause::Scope;
pub(crate) use date::Span as DateSpan;
pub(crate) use index::Indexes;
pub(crate) use query::{Page, Query};
pub(crate) use table::{Parameter, ParameterKind, ResourceType};

use std::sync::Arc;

use crate::store::{Shelf, Store, Version};

/// A resource that a query means.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    /// Its place among those of its type.
    pub(crate) slot: u32,
    /// Its newest version.
    pub(crate) version: Arc<Version>,
}

/// The resources of one type that a query means, in the query's order.
pub(crate) fn run(
    store: &mut Store,
    kind: &'static ResourceType,
    query: &Query,
    scope: Scope<'_>,
) -> Vec<Match> {
    let wanted = query
        .clauses()
        .iter()
        .filter(|clause| clause.key().is_some())
        .map(clause::Clause::parameter);
    let Some(shelf) = store.indexed_shelf(kind.name, wanted) else {
        return Vec::new();
    };
    let mut found = match candidates(shelf, query) {
        Some(slots) => judge(shelf, query, scope, slots.into_iter()),
        None => judge(shelf, query, scope, 0..shelf.slots()),
    };
    order::sort(&mut found, query.sort());
    found
}

fn judge(
    shelf: &Shelf,
    query: &Query,
    scope: Scope<'_>,
    slots: impl Iterator<Item = u32>,
) -> Vec<Match> {
    slots
        .filter_map(|slot| Some((slot, shelf.live_at(slot)?)))
        .filter(|(_, version)| {
            query
                .clauses()
                .iter()
                .all(|clause| clause.matches(&version.resource, scope))
        })
        .map(|(slot, version)| Match {
            slot,
            version: Arc::clone(version),
        })
        .collect()
}

/// The places that the most selective clause leaves, in order; none where no clause narrows.
fn candidates(shelf: &Shelf, query: &Query) -> Option<Vec<u32>> {
    let mut best: Option<Vec<u32>> = None;
    for clause in query.clauses() {
        let slots: Vec<u32> = if clause.parameter().code == "_id" && clause.narrows() {
            clause.keys().filter_map(|key| shelf.slot(key)).collect()
        } else if clause.key().is_some() {
            let limit = best.as_ref().map_or(usize::MAX, Vec::len);
            let lists: Vec<&[u32]> = clause
                .keys()
                .filter_map(|key| shelf.indexed(clause.parameter(), key))
                .collect();
            if lists.iter().map(|list| list.len()).sum::<usize>() >= limit {
                continue;
            }
            lists.concat()
        } else {
            continue;
        };
        best = Some(slots);
    }
    best.map(|mut slots| {
        slots.sort_unstable();
        slots.dedup();
        slots
    })
}
