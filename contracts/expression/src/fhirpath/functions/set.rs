//! Collections without repetition.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::eval::{Evaluation, Items};
use super::super::{DateTime, EvalError, Time, Value, compare};
use crate::Json;

/// The different items of a collection, in the order of their first appearance.
///
/// Items that might be equal share a fingerprint, so that only they are compared.
pub(super) struct Distinct<'a> {
    items: Items<'a>,
    places: HashMap<u64, Vec<usize>>,
}

impl<'a> Distinct<'a> {
    pub(super) fn new() -> Self {
        Self {
            items: Vec::new(),
            places: HashMap::new(),
        }
    }

    pub(super) fn of(evaluation: &Evaluation<'a>, items: &[Value<'a>]) -> Result<Self, EvalError> {
        let mut distinct = Self::new();
        for item in items {
            distinct.insert(evaluation, item)?;
        }
        Ok(distinct)
    }

    /// Adds an item unless an equal one is there; tells whether it was added.
    pub(super) fn insert(
        &mut self,
        evaluation: &Evaluation<'a>,
        item: &Value<'a>,
    ) -> Result<bool, EvalError> {
        let fingerprint = fingerprint(item);
        if self.find(evaluation, item, fingerprint)? {
            return Ok(false);
        }
        self.places
            .entry(fingerprint)
            .or_default()
            .push(self.items.len());
        self.items.push(item.clone());
        Ok(true)
    }

    pub(super) fn contains(
        &self,
        evaluation: &Evaluation<'a>,
        item: &Value<'a>,
    ) -> Result<bool, EvalError> {
        self.find(evaluation, item, fingerprint(item))
    }

    pub(super) fn contains_all(
        &self,
        evaluation: &Evaluation<'a>,
        items: &[Value<'a>],
    ) -> Result<bool, EvalError> {
        for item in items {
            if !self.contains(evaluation, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn find(
        &self,
        evaluation: &Evaluation<'a>,
        item: &Value<'a>,
        fingerprint: u64,
    ) -> Result<bool, EvalError> {
        let candidates = self.places.get(&fingerprint).map_or(&[][..], Vec::as_slice);
        evaluation.count(1 + candidates.len())?;
        for &place in candidates {
            if compare::equal(&self.items[place], item)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn into_items(self) -> Items<'a> {
        self.items
    }
}

/// A number that equal items share.
fn fingerprint(item: &Value<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match item.system() {
        Ok(Some(Value::Boolean(value))) => (1, value).hash(&mut hasher),
        Ok(Some(Value::Integer(value))) => {
            (2, rust_decimal::Decimal::from(value)).hash(&mut hasher);
        }
        Ok(Some(Value::Decimal(value))) => (2, value.normalize()).hash(&mut hasher),
        Ok(Some(Value::String(text))) => match (DateTime::parse(&text), Time::parse(&text)) {
            (Some(moment), _) => (3, moment.first_nanosecond()).hash(&mut hasher),
            (None, Some(time)) => (4, time.first_nanosecond()).hash(&mut hasher),
            _ => (5, text).hash(&mut hasher),
        },
        Ok(Some(Value::Date(date))) => {
            (3, DateTime::from(date).first_nanosecond()).hash(&mut hasher);
        }
        Ok(Some(Value::DateTime(moment))) => (3, moment.first_nanosecond()).hash(&mut hasher),
        Ok(Some(Value::Time(time))) => (4, time.first_nanosecond()).hash(&mut hasher),
        Ok(None) => {
            if let Value::Node(node) = item {
                return shape(node.json());
            }
        }
        // Quantities of different units may be equal, and so may numbers that arithmetic refuses.
        _ => 6.hash(&mut hasher),
    }
    hasher.finish()
}

/// The names of an element's members and its texts, whatever their order.
fn shape(json: &Json) -> u64 {
    let Json::Object(object) = json else {
        return 7;
    };
    object.iter().fold(8, |sum: u64, (key, value)| {
        let mut hasher = DefaultHasher::new();
        (key, value.as_str()).hash(&mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}
