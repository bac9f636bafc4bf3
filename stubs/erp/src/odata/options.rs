//! Query options.

use std::borrow::Cow;

use wardgate_stub_kit::http::percent;

use super::{Dialect, Filter, Order};
use crate::{
    refusal::{Outcome, Refusal},
    schema::Entity,
};

/// The options of a request, checked against the entity that it is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Which records.
    pub(crate) filter: Option<Filter>,
    /// In which order; in the order of their creation if left out.
    pub(crate) order: Option<Order>,
    /// Which properties; all if left out.
    pub(crate) select: Option<Vec<&'static str>>,
    /// Which navigation properties are written out.
    pub(crate) expand: Vec<&'static str>,
    /// How many at most.
    pub(crate) top: Option<usize>,
    /// How many are left out first.
    pub(crate) skip: usize,
    /// Whether the number of all that fulfil the filter is told.
    pub(crate) count: bool,
    /// How many earlier pages have delivered.
    pub(crate) delivered: usize,
}

impl Options {
    /// Reads a query, still percent-encoded. Options of a list are refused where one record is asked for.
    pub(crate) fn read(
        query: Option<&str>,
        entity: &'static Entity,
        is_list: bool,
    ) -> Outcome<Self> {
        let mut options = Self::default();
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        // It may stand behind the filter that it is about.
        let is_extended = percent::query_pairs(query.unwrap_or(""))
            .any(|(name, value)| name == "$schemaversion" && value == "2.1");
        let dialect = if is_extended {
            Dialect::Extended
        } else {
            Dialect::Usual
        };
        for (name, value) in percent::query_pairs(query.unwrap_or("")) {
            // Business Central has options of its own without a dollar sign, such as `tenant` and `aid`.
            if !name.starts_with('$') {
                continue;
            }
            if seen.contains(&name) {
                return Err(Refusal::bad_request(
                    "A query option is given more than once.",
                ));
            }
            let is_of_one = matches!(&*name, "$select" | "$expand" | "$schemaversion");
            if !is_of_one && !is_list {
                return Err(Refusal::bad_request(
                    "One record can be asked for with $select and $expand alone.",
                ));
            }
            match &*name {
                "$filter" => options.filter = Some(Filter::read(&value, entity, dialect)?),
                "$orderby" => options.order = Some(Order::read(&value, entity)?),
                "$select" => options.select = select(&value, entity)?,
                "$expand" => options.expand = expand(&value, entity)?,
                "$top" => options.top = Some(number(&name, &value)?),
                "$skip" => options.skip = number(&name, &value)?,
                "$skiptoken" => options.delivered = number(&name, &value)?,
                "$count" => {
                    options.count = match &*value {
                        "true" => true,
                        "false" => false,
                        _ => return Err(Refusal::bad_request("$count has to be true or false.")),
                    };
                }
                "$schemaversion" if matches!(&*value, "1.0" | "2.0" | "2.1") => {}
                "$schemaversion" => {
                    return Err(Refusal::bad_request(
                        "$schemaversion has to be 1.0, 2.0 or 2.1.",
                    ));
                }
                _ => {
                    return Err(Refusal::bad_request(
                        "A query option is not supported; supported are $filter, $orderby, $select, $expand, $top, $skip, $count and $schemaversion.",
                    ));
                }
            }
            seen.push(name);
        }
        Ok(options)
    }
}

fn number(name: &str, value: &str) -> Outcome<usize> {
    value
        .parse::<u32>()
        .ok()
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| Refusal::bad_request(format!("{name} has to be a whole number.")))
}

fn select(value: &str, entity: &Entity) -> Outcome<Option<Vec<&'static str>>> {
    if value.trim() == "*" {
        return Ok(None);
    }
    value
        .split(',')
        .map(|name| {
            entity
                .property(name.trim())
                .map(|property| property.name)
                .ok_or_else(|| {
                    Refusal::bad_request(format!(
                        "$select names what is no property of {}.",
                        entity.name
                    ))
                })
        })
        .collect::<Outcome<Vec<_>>>()
        .map(Some)
}

fn expand(value: &str, entity: &Entity) -> Outcome<Vec<&'static str>> {
    value
        .split(',')
        .map(|name| {
            entity
                .navigation
                .iter()
                .find(|known| **known == name.trim())
                .copied()
                .ok_or_else(|| {
                    Refusal::bad_request(format!(
                        "$expand names what cannot be expanded here; of {} there is: {}.",
                        entity.name,
                        if entity.navigation.is_empty() {
                            String::from("nothing")
                        } else {
                            entity.navigation.join(", ")
                        }
                    ))
                })
        })
        .collect()
}
