//! `_sort` (FHIR R4, search, "Sorting").

use std::cmp::Ordering;

use wardgate_expression::Json;

use super::{Match, Parameter, ParameterKind, date, exact::Exact, reference, text, token};

/// One key of `_sort`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SortKey {
    /// The parameter whose values decide.
    pub(crate) parameter: &'static Parameter,
    /// Whether the greatest comes first.
    pub(crate) descending: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Time(i64),
    Number(Exact),
    Text(String),
}

/// Sorts by the keys; resources without a value come last, and what is equal stays in the order it came.
pub(crate) fn sort(found: &mut Vec<Match>, keys: &[SortKey]) {
    if keys.is_empty() {
        return;
    }
    let mut ranked: Vec<(Vec<Option<Rank>>, Match)> = std::mem::take(found)
        .into_iter()
        .map(|entry| {
            let ranks = keys
                .iter()
                .map(|key| key.rank(&entry.version.resource))
                .collect();
            (ranks, entry)
        })
        .collect();
    ranked.sort_by(|(left, _), (right, _)| {
        keys.iter()
            .zip(left.iter().zip(right))
            .map(|(key, (left, right))| match (left, right) {
                (Some(left), Some(right)) if key.descending => right.cmp(left),
                (Some(left), Some(right)) => left.cmp(right),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    found.extend(ranked.into_iter().map(|(_, entry)| entry));
}

impl SortKey {
    /// The value that decides: the least for an ascending order, the greatest for a descending one.
    fn rank(self, resource: &Json) -> Option<Rank> {
        let mut best: Option<Rank> = None;
        let mut offer = |rank: Rank| {
            let better = best.as_ref().is_none_or(|best| {
                if self.descending {
                    rank > *best
                } else {
                    rank < *best
                }
            });
            if better {
                best = Some(rank);
            }
        };
        for path in &self.parameter.paths {
            path.visit(resource, &mut |value| match self.parameter.kind {
                ParameterKind::Date => {
                    if let Some(span) = date::spans(value) {
                        offer(Rank::Time(if self.descending {
                            span.to
                        } else {
                            span.from
                        }));
                    }
                }
                ParameterKind::Number | ParameterKind::Quantity => {
                    let number = value.get("value").unwrap_or(value);
                    if let Some(exact) = Exact::of_json(number) {
                        offer(Rank::Number(exact));
                    }
                }
                ParameterKind::String => {
                    text::visit_texts(value, &mut |found| offer(Rank::Text(text::fold(found))));
                }
                ParameterKind::Token => {
                    token::visit_codes(value, &mut |code| offer(Rank::Text(code.to_owned())));
                }
                ParameterKind::Reference | ParameterKind::Uri => {
                    if let Some(found) = reference::text(value) {
                        offer(Rank::Text(found.to_owned()));
                    }
                }
            });
        }
        best
    }
}
