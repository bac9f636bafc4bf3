//! Matching the items of lists.

use wardgate_contract::Node;
use wardgate_expression::Json;

use super::value::{Matching, Shape};
use crate::verdict::{Mismatch, MismatchKind};

/// An item as it is wanted: as an author wrote it, or as a template filled it in.
pub trait Wanted {
    /// Compares it with what stands at a place.
    fn compare(&self, matching: &mut Matching<'_, '_>, at: &str, value: &Json, shape: Shape);

    /// It as text for people.
    fn shown(&self) -> String;

    /// Whether it has parts, which say what is wrong better than the whole does.
    fn has_parts(&self) -> bool;
}

impl Wanted for Node {
    fn compare(&self, matching: &mut Matching<'_, '_>, at: &str, value: &Json, shape: Shape) {
        matching.node(at, self, Some(value), shape);
    }

    fn shown(&self) -> String {
        self.to_json().to_string()
    }

    fn has_parts(&self) -> bool {
        self.as_text().is_none()
    }
}

impl Wanted for Json {
    fn compare(&self, matching: &mut Matching<'_, '_>, at: &str, value: &Json, shape: Shape) {
        matching.json(at, self, Some(value), shape);
    }

    fn shown(&self) -> String {
        self.to_string()
    }

    fn has_parts(&self) -> bool {
        matches!(self, Json::Array(_) | Json::Object(_))
    }
}

impl Matching<'_, '_> {
    /// Compares a list with a list.
    pub fn items<W: Wanted>(&mut self, at: &str, wanted: &[W], values: &[Json], shape: Shape) {
        match shape {
            Shape::Closed => {
                self.lengths(at, wanted.len(), values.len());
                for (index, (item, value)) in wanted.iter().zip(values).enumerate() {
                    item.compare(self, &place(at, index), value, shape);
                }
            }
            Shape::Open => {
                self.found_among(at, wanted, values, shape);
            }
            Shape::Like => self.each_like_one(at, wanted, values),
        }
    }

    /// Every item is like one of those wanted, and there is at least one.
    fn each_like_one<W: Wanted>(&mut self, at: &str, wanted: &[W], values: &[Json]) {
        let Some(first) = wanted.first() else {
            return;
        };
        if values.is_empty() {
            let expected = format!("at least one item like {}", first.shown());
            self.found(MismatchKind::Missing, at, &expected, "0 items");
        }
        for (index, value) in values.iter().enumerate() {
            let at = place(at, index);
            let fits = wanted.len() > 1
                && wanted
                    .iter()
                    .any(|item| self.fits(|trial| item.compare(trial, &at, value, Shape::Like)));
            if !fits {
                let tries = wanted
                    .iter()
                    .map(|item| self.tried(|trial| item.compare(trial, &at, value, Shape::Like)));
                self.out.extend(nearest(tries));
            }
        }
    }

    /// A list of at least so many items, each of one shape.
    pub fn each_like(&mut self, at: &str, item: &Node, min: u32, actual: Option<&Json>) {
        let Some(values) = self.list(at, actual) else {
            return;
        };
        if values.len() < min as usize {
            self.found(
                MismatchKind::Missing,
                at,
                &format!("at least {min} items"),
                &format!("{} items", values.len()),
            );
        }
        for (index, value) in values.iter().enumerate() {
            self.node(&place(at, index), item, Some(value), Shape::Like);
        }
    }

    /// The same items in any order.
    pub fn unordered(&mut self, at: &str, items: &[Node], actual: Option<&Json>) {
        let Some(values) = self.list(at, actual) else {
            return;
        };
        let taken = self.found_among(at, items, values, Shape::Closed);
        for (index, _) in taken.iter().enumerate().filter(|(_, taken)| !**taken) {
            let surplus = values[index].to_string();
            self.found(
                MismatchKind::Surplus,
                &place(at, index),
                "nothing",
                &surplus,
            );
        }
    }

    /// Looks for every wanted item among the values, each in a place of its own; tells which places were taken.
    ///
    /// This is a maximum matching: an item that fits several values must not take the only one that fits another.
    fn found_among<W: Wanted>(
        &mut self,
        at: &str,
        wanted: &[W],
        values: &[Json],
        shape: Shape,
    ) -> Vec<bool> {
        let mut fits = Vec::with_capacity(wanted.len());
        for item in wanted {
            let mut places = Vec::new();
            for (index, value) in values.iter().enumerate() {
                if self.fits(|trial| item.compare(trial, &place(at, index), value, shape)) {
                    places.push(index);
                }
            }
            fits.push(places);
        }
        let mut taken: Vec<Option<usize>> = vec![None; values.len()];
        for (item, written) in wanted.iter().enumerate() {
            let mut seen = vec![false; values.len()];
            if assign(item, &fits, &mut taken, &mut seen) {
                continue;
            }
            // Where nothing fits at all, what is wrong with the nearest says more than that there is none.
            let tries = values.iter().enumerate().map(|(index, value)| {
                self.tried(|trial| written.compare(trial, &place(at, index), value, shape))
            });
            let differences = nearest(tries.filter(|_| written.has_parts()));
            if shape == Shape::Open && fits[item].is_empty() && !differences.is_empty() {
                self.out.extend(differences);
            } else {
                self.found(MismatchKind::Missing, at, &written.shown(), "no item fits");
            }
        }
        taken.iter().map(Option::is_some).collect()
    }

    fn list<'v>(&mut self, at: &str, actual: Option<&'v Json>) -> Option<&'v [Json]> {
        let values = actual.and_then(Json::as_array);
        if values.is_none() {
            self.found(MismatchKind::Value, at, "a list", &self.shown(actual));
        }
        values
    }

    fn lengths(&mut self, at: &str, wanted: usize, found: usize) {
        if wanted != found {
            let kind = if found < wanted {
                MismatchKind::Missing
            } else {
                MismatchKind::Surplus
            };
            self.found(
                kind,
                at,
                &format!("{wanted} items"),
                &format!("{found} items"),
            );
        }
    }
}

fn place(at: &str, index: usize) -> String {
    format!("{at}[{index}]")
}

/// The differences of the try that came nearest.
fn nearest(tries: impl Iterator<Item = Vec<Mismatch>>) -> Vec<Mismatch> {
    tries.min_by_key(Vec::len).unwrap_or_default()
}

/// One step of Kuhn's algorithm for bipartite matching.
fn assign(
    item: usize,
    fits: &[Vec<usize>],
    taken: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for &value in &fits[item] {
        if !seen[value] {
            seen[value] = true;
            if taken[value].is_none_or(|owner| assign(owner, fits, taken, seen)) {
                taken[value] = Some(item);
                return true;
            }
        }
    }
    false
}
