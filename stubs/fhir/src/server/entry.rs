//! One entry of a batch or transaction.

use std::borrow::Cow;

use wardgate_expression::Json;

use super::{Interaction, Preconditions, Route, Target, accept, outcome::Refusal};
use crate::structure::Rigour;

/// One entry, read.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) full_url: Option<String>,
    pub(super) method: String,
    pub(super) target: Target,
    pub(super) query: String,
    pub(super) if_match: Option<String>,
    pub(super) if_none_match: Option<String>,
    pub(super) if_none_exist: Option<String>,
    pub(super) if_modified_since: Option<String>,
    pub(super) resource: Option<Json>,
}

impl Entry {
    /// Reads one entry; the refusal says what is wrong with it.
    pub(super) fn read(entry: &Json, base: &str, rigour: Rigour) -> Result<Self, Refusal> {
        let text = |member: &str| {
            entry
                .pointer(&format!("/request/{member}"))
                .and_then(Json::as_str)
                .map(str::to_owned)
        };
        let (Some(method), Some(url)) = (text("method"), text("url")) else {
            return Err(Refusal::new(
                400,
                "required",
                "an entry needs request.method and request.url",
            ));
        };
        let local = below_base(&url, base)?;
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        let target = Route::below(path).target()?;
        let resource = entry.get("resource").cloned();
        match &resource {
            Some(resource) => accept::check(resource, rigour)?,
            None if matches!(method.as_str(), "POST" | "PUT") && target != Target::System => {
                return Err(Refusal::new(
                    400,
                    "required",
                    format!("{method} needs a resource"),
                ));
            }
            _ => {}
        }
        Ok(Self {
            full_url: entry
                .get("fullUrl")
                .and_then(Json::as_str)
                .map(str::to_owned),
            query: query.to_owned(),
            if_match: text("ifMatch"),
            if_none_match: text("ifNoneMatch"),
            if_none_exist: text("ifNoneExist"),
            if_modified_since: text("ifModifiedSince"),
            method: if method == "HEAD" {
                "GET".to_owned()
            } else {
                method
            },
            target,
            resource,
        })
    }

    pub(super) fn preconditions(&self) -> Preconditions<'_> {
        Preconditions {
            matches: self.if_match.as_deref(),
            none_match: self.if_none_match.as_deref(),
            none_exist: self.if_none_exist.as_deref(),
            modified_since: self.if_modified_since.as_deref(),
        }
    }

    pub(super) fn interaction(&self) -> Interaction<'_> {
        Interaction {
            method: &self.method,
            target: self.target.clone(),
            query: Cow::Borrowed(&self.query),
            resource: self.resource.clone(),
            preconditions: self.preconditions(),
        }
    }
}

/// What a `request.url` says below our base: it is relative to it, or absolute and begins with it.
fn below_base<'u>(url: &'u str, base: &str) -> Result<&'u str, Refusal> {
    let (own_authority, own_path) = authority_and_path(base).unwrap_or((base, ""));
    let ends_there = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?']);
    let below = match authority_and_path(url) {
        Some((authority, path)) => path
            .strip_prefix(own_path)
            .filter(|rest| authority.eq_ignore_ascii_case(own_authority) && ends_there(rest)),
        None if url.starts_with('/') => Some(
            url.strip_prefix(own_path)
                .filter(|rest| ends_there(rest))
                .unwrap_or(url),
        ),
        // A URN, or another scheme; a colon behind the path's first segment or in the query says nothing.
        None => Some(url).filter(|url| match url.find([':', '/', '?']) {
            Some(at) => !url[at..].starts_with(':'),
            None => true,
        }),
    };
    below.ok_or_else(|| {
        let what = format!("'{url}' is not below the base of this server, which is {base}");
        Refusal::new(400, "value", what)
    })
}

/// What stands behind the scheme of a web address: host and port, and the rest.
fn authority_and_path(url: &str) -> Option<(&str, &str)> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

/// Says which entry a refusal is about; a place in its resource becomes one in the Bundle.
pub(super) fn located(mut refusal: Refusal, index: usize) -> Refusal {
    for issue in &mut refusal.issues {
        issue.diagnostics = format!("entry {index}: {}", issue.diagnostics);
        let within = issue.expression.take();
        let rest = within.as_deref().and_then(|place| {
            let (kind, rest) = place.split_once('.')?;
            kind.starts_with(|first: char| first.is_ascii_uppercase())
                .then_some(rest)
        });
        issue.expression = Some(match rest {
            Some(rest) => format!("Bundle.entry[{index}].resource.{rest}"),
            None => format!("Bundle.entry[{index}]"),
        });
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_request_is_relative_to_the_base_or_below_it() {
        const BASE: &str = "http://ehr.test:8080/fhir";
        for (url, below) in [
            ("Patient/1", Some("Patient/1")),
            (
                "Patient?identifier=urn:a|b",
                Some("Patient?identifier=urn:a|b"),
            ),
            ("/Patient/1", Some("/Patient/1")),
            ("/fhir/Patient/1", Some("/Patient/1")),
            ("http://ehr.test:8080/fhir/Patient/1", Some("/Patient/1")),
            ("https://EHR.test:8080/fhir/Patient/1", Some("/Patient/1")),
            ("http://ehr.test:8080/fhir?_count=1", Some("?_count=1")),
            ("http://ehr.test:8080/fhirs/Patient/1", None),
            ("http://ehr.test/fhir/Patient/1", None),
            ("http://elsewhere:8080/fhir/Patient/1", None),
            ("http://ehr.test:8080/Patient/1", None),
            ("ftp://ehr.test:8080/fhir/Patient/1", None),
            ("urn:uuid:1", None),
            ("", Some("")),
        ] {
            assert_eq!(below_base(url, BASE).ok(), below, "{url}");
        }
    }
}
