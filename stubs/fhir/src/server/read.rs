//! read and vread (FHIR R4, http).

use std::sync::Arc;

use super::{Content, Done, Preconditions, Server, outcome::Refusal, precondition};
use crate::{search::ResourceType, store::Version, time};

impl Server {
    /// The newest version of a resource.
    pub(super) fn read(
        &self,
        kind: &'static ResourceType,
        id: &str,
        preconditions: Preconditions<'_>,
    ) -> Result<Done, Refusal> {
        let latest = self
            .store
            .record(kind.name, id)
            .ok_or_else(|| not_found(kind, id))?
            .latest();
        if !latest.is_live() {
            return Err(gone(latest));
        }
        if is_unchanged(latest, preconditions) {
            return Ok(Done {
                status: 304,
                version: Some(Arc::clone(latest)),
                located: false,
                content: Content::Nothing,
            });
        }
        Ok(found(latest))
    }

    /// One version of a resource.
    pub(super) fn vread(
        &self,
        kind: &'static ResourceType,
        id: &str,
        number: &str,
    ) -> Result<Done, Refusal> {
        let record = self
            .store
            .record(kind.name, id)
            .ok_or_else(|| not_found(kind, id))?;
        let version = record
            .versions()
            .iter()
            .find(|version| version.number.to_string() == number)
            .ok_or_else(|| {
                Refusal::new(
                    404,
                    "not-found",
                    format!("{}/{id} has no version '{number}'", kind.name),
                )
            })?;
        if !version.is_live() {
            return Err(gone(version));
        }
        Ok(found(version))
    }
}

fn found(version: &Arc<Version>) -> Done {
    Done {
        status: 200,
        version: Some(Arc::clone(version)),
        located: false,
        content: Content::Text(version.text.clone()),
    }
}

/// If-None-Match decides, else If-Modified-Since, as RFC 9110, section 13.2.2, says.
fn is_unchanged(latest: &Version, preconditions: Preconditions<'_>) -> bool {
    if let Some(tags) = preconditions.none_match {
        return precondition::names(tags, latest);
    }
    preconditions
        .modified_since
        .and_then(time::parse_http_date)
        .is_some_and(|since| latest.at.unix_ms.div_euclid(1_000) * 1_000 <= since)
}

/// No resource of this type and id was ever there.
pub(super) fn not_found(kind: &ResourceType, id: &str) -> Refusal {
    Refusal::new(404, "not-found", format!("there is no {}/{id}", kind.name))
}

fn gone(deletion: &Version) -> Refusal {
    Refusal::new(
        410,
        "deleted",
        format!("{} was deleted", deletion.reference()),
    )
    .header("etag", deletion.etag())
    .header("last-modified", time::http_date(deletion.at.unix_ms))
}
