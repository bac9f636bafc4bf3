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
        let local = url.strip_prefix(base).unwrap_or(&url);
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        let target = Route::of(path).target()?;
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

    pub(super) fn interaction(&self) -> Interaction<'_> {
        Interaction {
            method: &self.method,
            target: self.target.clone(),
            query: Cow::Borrowed(&self.query),
            resource: self.resource.clone(),
            preconditions: Preconditions {
                matches: self.if_match.as_deref(),
                none_match: self.if_none_match.as_deref(),
                none_exist: self.if_none_exist.as_deref(),
                modified_since: self.if_modified_since.as_deref(),
            },
        }
    }
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
