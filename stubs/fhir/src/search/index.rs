//! Indexes from a value's key to the places of the resources that may have it.
//!
//! An index narrows, it does not decide: its keys leave out systems, resource types and base URLs, and every
//! candidate is judged again by the whole query. A search by an identifier therefore looks at as many resources as
//! share its value, however many there are in all.

use std::{collections::BTreeMap, sync::Arc};

use wardgate_expression::Json;

use super::{Parameter, ParameterKind, ResourceType, reference, token};
use crate::store::SharedMap;

/// The indexes of one resource type, each built when a search first asks for it and kept from then on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Indexes {
    by_parameter: BTreeMap<&'static str, SharedMap<Arc<Vec<u32>>>>,
}

impl Indexes {
    /// Whether searches by this kind of parameter can be narrowed.
    pub(crate) fn serves(kind: ParameterKind) -> bool {
        matches!(kind, ParameterKind::Token | ParameterKind::Reference)
    }

    /// Builds the index of a parameter over these resources and their places, unless it is there.
    pub(crate) fn build<'a, I>(&mut self, parameter: &Parameter, resources: impl FnOnce() -> I)
    where
        I: Iterator<Item = (u32, &'a Json)>,
    {
        if !Self::serves(parameter.kind) || self.by_parameter.contains_key(parameter.code) {
            return;
        }
        let mut index = SharedMap::default();
        for (slot, resource) in resources() {
            visit_keys(parameter, resource, &mut |key| add(&mut index, key, slot));
        }
        self.by_parameter.insert(parameter.code, index);
    }

    /// The places under this key, in order; none where the parameter has no index.
    pub(crate) fn get(&self, parameter: &Parameter, key: &str) -> Option<&[u32]> {
        let index = self.by_parameter.get(parameter.code)?;
        Some(index.get(key).map_or(&[], |slots| slots.as_slice()))
    }

    /// Enters a resource into every index that is there.
    pub(crate) fn add(&mut self, slot: u32, kind: &str, resource: &Json) {
        self.each(kind, resource, |index, key| add(index, key, slot));
    }

    /// Takes a resource out of every index that is there.
    pub(crate) fn remove(&mut self, slot: u32, kind: &str, resource: &Json) {
        self.each(kind, resource, |index, key| {
            let Some(slots) = index.get_mut(key) else {
                return;
            };
            if let Ok(at) = slots.binary_search(&slot) {
                let slots = Arc::make_mut(slots);
                slots.remove(at);
                if slots.is_empty() {
                    index.remove(key);
                }
            }
        });
    }

    fn each(
        &mut self,
        kind: &str,
        resource: &Json,
        mut change: impl FnMut(&mut SharedMap<Arc<Vec<u32>>>, &str),
    ) {
        let Some(known) = ResourceType::find(kind) else {
            return;
        };
        for (code, index) in &mut self.by_parameter {
            if let Some(parameter) = known.parameter(code) {
                visit_keys(parameter, resource, &mut |key| change(index, key));
            }
        }
    }
}

fn add(index: &mut SharedMap<Arc<Vec<u32>>>, key: &str, slot: u32) {
    match index.get_mut(key) {
        None => index.insert(key.into(), Arc::new(vec![slot])),
        Some(slots) => {
            if let Err(at) = slots.binary_search(&slot) {
                Arc::make_mut(slots).insert(at, slot);
            }
        }
    }
}

fn visit_keys(parameter: &Parameter, resource: &Json, found: &mut dyn FnMut(&str)) {
    for path in &parameter.paths {
        path.visit(resource, &mut |value| match parameter.kind {
            ParameterKind::Token => token::visit_codes(value, found),
            ParameterKind::Reference => {
                if let Some(text) = reference::text(value) {
                    found(reference::key(text));
                }
            }
            _ => {}
        });
    }
}
