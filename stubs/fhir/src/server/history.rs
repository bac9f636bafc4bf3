//! history of an instance and of a type (FHIR R4, http, "history").

use std::sync::Arc;

use wardgate_expression::{Object, json};
use wardgate_stub_kit::http::percent;

use super::{Done, Server, Setting, document::BundleText, outcome::Refusal, read::not_found};
use crate::{
    search::{DateSpan, ResourceType},
    store::{Change, Shelf, Version},
    time,
};

/// The versions on one page where none is asked for, and the most.
const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 1_000;

/// What a history is asked for.
#[derive(Default)]
struct Asked {
    /// Versions from this moment on, in microseconds since 1970.
    since: Option<i64>,
    count: Option<usize>,
    /// Versions older than the one of this sequence number: the page.
    before: Option<u64>,
}

impl Server {
    /// Every version of a resource, newest first.
    pub(super) fn instance_history(
        &self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        id: &str,
        query: &str,
    ) -> Result<Done, Refusal> {
        let record = self
            .store
            .record(kind.name, id)
            .ok_or_else(|| not_found(kind, id))?;
        let versions = record.versions().iter().rev().collect();
        history(
            setting,
            &format!("{}/{id}/_history", kind.name),
            query,
            versions,
        )
    }

    /// Every version of every resource of a type, newest first.
    pub(super) fn type_history(
        &self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        query: &str,
    ) -> Result<Done, Refusal> {
        let mut versions: Vec<&Arc<Version>> = self
            .store
            .shelf(kind.name)
            .into_iter()
            .flat_map(Shelf::records)
            .flat_map(|record| record.versions())
            .collect();
        versions.sort_unstable_by_key(|version| std::cmp::Reverse(version.sequence));
        history(setting, &format!("{}/_history", kind.name), query, versions)
    }
}

fn history(
    setting: Setting<'_>,
    path: &str,
    query: &str,
    mut versions: Vec<&Arc<Version>>,
) -> Result<Done, Refusal> {
    let (asked, kept) = read(query, setting.lenient)?;
    if let Some(since) = asked.since {
        versions.retain(|version| version.at.unix_ms.saturating_mul(1_000) >= since);
    }
    let total = versions.len();
    let size = asked.count.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let mut rest = versions
        .into_iter()
        .filter(|version| asked.before.is_none_or(|before| version.sequence < before));
    let page: Vec<_> = rest.by_ref().take(size).collect();
    let url = |more: Option<String>| {
        let parameters: Vec<String> = kept.iter().cloned().chain(more).collect();
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!("{}/{path}{mark}{}", setting.base, parameters.join("&"))
    };
    let mut links = vec![(
        "self",
        url(asked.before.map(|before| format!("_page={before}"))),
    )];
    if let Some(last) = page.last()
        && rest.next().is_some()
    {
        links.push(("next", url(Some(format!("_page={}", last.sequence)))));
    }
    let mut bundle = BundleText::new("history", Some(total), &links);
    for version in page {
        let method = match version.change {
            Change::Created => "POST",
            Change::Updated => "PUT",
            Change::Deleted => "DELETE",
        };
        let url = match version.change {
            Change::Created => version.kind.to_owned(),
            _ => version.reference(),
        };
        let status = match version.change {
            Change::Deleted => "204",
            _ if version.is_new => "201",
            _ => "200",
        };
        let mut response = Object::new();
        response.push("status", status);
        response.push("etag", version.etag());
        response.push("lastModified", time::instant(version.at.unix_ms));
        bundle.entry(
            Some(&format!("{}/{}", setting.base, version.reference())),
            version.is_live().then_some(&version.text[..]),
            &json!({"request": {"method": method, "url": url}, "response": response}),
        );
    }
    Ok(Done::text(bundle.finish()))
}

fn read(query: &str, lenient: bool) -> Result<(Asked, Vec<String>), Refusal> {
    let (mut asked, mut kept) = (Asked::default(), Vec::new());
    for (name, value) in percent::query_pairs(query) {
        let bad = || {
            Refusal::new(400, "invalid", format!("'{name}' cannot be '{value}'"))
                .at(format!("http.{name}"))
        };
        match name.as_ref() {
            "_count" => asked.count = Some(value.parse().map_err(|_| bad())?),
            "_since" => asked.since = Some(DateSpan::parse(&value).ok_or_else(bad)?.from),
            "_page" => {
                asked.before = Some(value.parse().map_err(|_| bad())?);
                continue;
            }
            "_format" | "_pretty" => {}
            _ if lenient => continue,
            _ => {
                return Err(Refusal::new(
                    400,
                    "invalid",
                    format!("a history has no parameter '{name}'"),
                )
                .at(format!("http.{name}")));
            }
        }
        kept.push(format!(
            "{}={}",
            percent::encode(&name),
            percent::encode(&value)
        ));
    }
    Ok((asked, kept))
}
