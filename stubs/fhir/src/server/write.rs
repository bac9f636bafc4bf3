//! create, update and delete, also conditional (FHIR R4, http).

use std::sync::Arc;

use wardgate_core::port::Effect;
use wardgate_expression::Json;

use super::{Content, Done, Preconditions, Server, Setting, accept, is_id, outcome::Refusal};
use crate::{
    search::{self, Query, ResourceType},
    store::{Change, Version},
};

impl Server {
    /// Creates a resource under an id of our own, unless `if_none_exist` already finds it.
    pub(super) fn create(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        resource: Json,
        if_none_exist: Option<&str>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        check_type(kind, &resource)?;
        if let Some(criteria) = if_none_exist {
            let criteria = criteria
                .split_once('?')
                .map_or(criteria, |(_, query)| query);
            if let Some(existing) = self.single_match(setting, kind, criteria)? {
                return Ok(Done {
                    status: 200,
                    version: Some(existing),
                    located: true,
                    content: Content::Written,
                });
            }
        }
        let id: Arc<str> = self.identifiers.token().into();
        self.create_under(setting, kind, &id, resource, effects)
    }

    /// Creates a resource under an id that was just drawn.
    pub(super) fn create_under(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        id: &Arc<str>,
        resource: Json,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        check_type(kind, &resource)?;
        Ok(created(self.store(
            setting,
            kind,
            id,
            Change::Created,
            resource,
            effects,
        )))
    }

    /// Updates the resource of this id, or creates it under it.
    pub(super) fn update(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        id: &str,
        resource: Json,
        preconditions: Preconditions<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        check_type(kind, &resource)?;
        if !is_id(id) {
            return Err(Refusal::new(
                400,
                "value",
                format!("'{id}' is not a logical id"),
            ));
        }
        match resource.get("id").and_then(Json::as_str) {
            Some(own) if own == id => {}
            Some(own) => {
                return Err(Refusal::new(
                    400,
                    "invalid",
                    format!("the body's id is '{own}', the URL's is '{id}'"),
                )
                .at(format!("{}.id", kind.name)));
            }
            None => {
                return Err(Refusal::new(
                    400,
                    "required",
                    format!("the body has no id; the URL's is '{id}'"),
                )
                .at(format!("{}.id", kind.name)));
            }
        }
        self.put(setting, kind, id, resource, preconditions, effects)
    }

    fn put(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        id: &str,
        resource: Json,
        preconditions: Preconditions<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        let latest = self
            .store
            .record(kind.name, id)
            .map(|record| Arc::clone(record.latest()));
        preconditions.check(latest.as_deref())?;
        let id = latest.map_or_else(|| Arc::from(id), |latest| Arc::clone(&latest.id));
        let version = self.store(setting, kind, &id, Change::Updated, resource, effects);
        if version.is_new {
            return Ok(created(version));
        }
        Ok(Done {
            status: 200,
            version: Some(version),
            located: false,
            content: Content::Written,
        })
    }

    /// Updates the one resource that the criteria find, or creates one where they find none.
    pub(super) fn conditional_update(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        criteria: &str,
        resource: Json,
        preconditions: Preconditions<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        check_type(kind, &resource)?;
        let own = resource.get("id").and_then(Json::as_str).map(str::to_owned);
        match (self.single_match(setting, kind, criteria)?, own) {
            (Some(existing), own) => {
                if let Some(own) = own.filter(|own| **own != *existing.id) {
                    return Err(Refusal::new(
                        400,
                        "invalid",
                        format!(
                            "the criteria find {}, the body's id is '{own}'",
                            existing.reference()
                        ),
                    )
                    .at(format!("{}.id", kind.name)));
                }
                self.put(
                    setting,
                    kind,
                    &existing.id,
                    resource,
                    preconditions,
                    effects,
                )
            }
            (None, Some(own))
                if self
                    .store
                    .record(kind.name, &own)
                    .is_some_and(|record| record.latest().is_live()) =>
            {
                Err(Refusal::new(
                    409,
                    "duplicate",
                    format!(
                        "the criteria find nothing, and {}/{own} is there already",
                        kind.name
                    ),
                )
                .at(format!("{}.id", kind.name)))
            }
            (None, Some(own)) => self.update(setting, kind, &own, resource, preconditions, effects),
            (None, None) => {
                preconditions.check(None)?;
                self.create(setting, kind, resource, None, effects)
            }
        }
    }

    /// Deletes a resource; deleting what is not there changes nothing.
    pub(super) fn delete(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        id: &str,
        preconditions: Preconditions<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        let latest = self
            .store
            .record(kind.name, id)
            .map(|record| Arc::clone(record.latest()));
        preconditions.check(latest.as_deref())?;
        let version = match latest {
            Some(latest) if latest.is_live() => {
                let id = Arc::clone(&latest.id);
                Some(self.store(setting, kind, &id, Change::Deleted, Json::Null, effects))
            }
            other => other,
        };
        Ok(Done {
            status: 204,
            version,
            located: false,
            content: Content::Nothing,
        })
    }

    /// Deletes the one resource that the criteria find, if they find one.
    pub(super) fn conditional_delete(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        criteria: &str,
        preconditions: Preconditions<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        if let Some(existing) = self.single_match(setting, kind, criteria)? {
            return self.delete(setting, kind, &existing.id, preconditions, effects);
        }
        preconditions.check(None)?;
        Ok(Done {
            status: 204,
            version: None,
            located: false,
            content: Content::Nothing,
        })
    }

    /// The one resource that criteria find, if they find any; more than one is refused, and so are criteria that would
    /// find everything. Unknown parameters are always refused here: ignoring one would hit the wrong resource.
    pub(super) fn single_match(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        criteria: &str,
    ) -> Result<Option<Arc<Version>>, Refusal> {
        let query = Query::parse(kind, criteria, false, Self::scope(setting)).map_err(|error| {
            Refusal::new(400, "invalid", error.reason).at(format!("http.{}", error.parameter))
        })?;
        if query.clauses().is_empty() {
            return Err(Refusal::new(
                412,
                "incomplete",
                "the criteria have no search parameter",
            ));
        }
        let mut found = search::run(&mut self.store, kind, &query, Self::scope(setting));
        if found.len() > 1 {
            let names: Vec<String> = found
                .iter()
                .take(5)
                .map(|found| found.version.reference())
                .collect();
            return Err(Refusal::new(
                412,
                "multiple-matches",
                format!(
                    "the criteria find {} resources, among them {}",
                    found.len(),
                    names.join(", ")
                ),
            ));
        }
        Ok(found.pop().map(|found| found.version))
    }
}

fn created(version: Arc<Version>) -> Done {
    Done {
        status: 201,
        version: Some(version),
        located: true,
        content: Content::Written,
    }
}

/// Refuses a resource of another type than the URL names; what is none at all is told of elsewhere.
pub(super) fn check_type(kind: &ResourceType, resource: &Json) -> Result<(), Refusal> {
    match accept::kind_of(resource) {
        None => Ok(()),
        Some(own) if own.name == kind.name => Ok(()),
        Some(own) => Err(Refusal::new(
            400,
            "invalid",
            format!(
                "the body is of type {}, the URL names {}",
                own.name, kind.name
            ),
        )
        .at("resourceType")),
    }
}
