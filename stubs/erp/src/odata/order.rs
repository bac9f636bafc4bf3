//! `$orderby`.

use std::cmp::Ordering;

use wardgate_expression::{Json, Number};

use crate::{
    refusal::{Outcome, Refusal},
    schema::{Entity, Kind, Property},
};

/// The most keys of one order.
const KEYS_MAX: usize = 8;

/// By which properties records are ordered; the first decides.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    keys: Vec<(&'static Property, bool)>,
}

impl Order {
    /// Reads an order over the properties of an entity.
    pub(crate) fn read(text: &str, entity: &Entity) -> Outcome<Self> {
        let keys = text
            .split(',')
            .take(KEYS_MAX + 1)
            .map(|key| {
                let mut words = key.split_whitespace();
                let property = words.next().and_then(|name| entity.property(name));
                let is_descending = match words.next() {
                    None | Some("asc") => Some(false),
                    Some("desc") => Some(true),
                    Some(_) => None,
                };
                match (property, is_descending, words.next()) {
                    (Some(property), Some(is_descending), None) => Ok((property, is_descending)),
                    _ => Err(Refusal::bad_request(
                        "$orderby has to be a list of properties, each with asc or desc or neither.",
                    )),
                }
            })
            .collect::<Outcome<Vec<_>>>()?;
        if keys.len() > KEYS_MAX {
            return Err(Refusal::bad_request(format!(
                "$orderby has more than {KEYS_MAX} properties."
            )));
        }
        Ok(Self { keys })
    }

    /// How two records are ordered.
    pub(crate) fn compare(&self, one: &Json, other: &Json) -> Ordering {
        self.keys
            .iter()
            .map(|(property, is_descending)| {
                let order = values(property, one.get(property.name), other.get(property.name));
                if *is_descending {
                    order.reverse()
                } else {
                    order
                }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

fn values(property: &Property, one: Option<&Json>, other: Option<&Json>) -> Ordering {
    match property.kind {
        Kind::Decimal(_) | Kind::Integer => {
            let decimal =
                |value: Option<&Json>| value.and_then(Json::as_number).and_then(Number::decimal);
            decimal(one).cmp(&decimal(other))
        }
        Kind::Bool => one
            .and_then(Json::as_bool)
            .cmp(&other.and_then(Json::as_bool)),
        _ => one
            .and_then(Json::as_str)
            .cmp(&other.and_then(Json::as_str)),
    }
}
