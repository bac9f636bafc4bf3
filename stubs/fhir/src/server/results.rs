//! search-type (FHIR R4, http, "search"): a query's results as a Bundle.

use wardgate_core::wire::HttpRequest;
use wardgate_expression::json;

use super::{
    Done, Server, Setting,
    document::BundleText,
    outcome::{Issue, Refusal, outcome},
};
use crate::search::{self, Match, Page, Query, ResourceType};

impl Server {
    /// The resources of a type that a query means, a page of them.
    pub(super) fn search(
        &mut self,
        setting: Setting<'_>,
        kind: &'static ResourceType,
        text: &str,
    ) -> Result<Done, Refusal> {
        let scope = Self::scope(setting);
        let query = Query::parse(kind, text, setting.lenient, scope).map_err(|error| {
            Refusal::new(400, "invalid", error.reason).at(format!("http.{}", error.parameter))
        })?;
        let found = search::run(&mut self.store, kind, &query, scope);
        let start = match query.page() {
            Page::First => 0,
            Page::After(slot) => found.partition_point(|found| found.slot <= slot),
            Page::At(start) => start.min(found.len()),
        };
        let size = if query.only_total() {
            0
        } else {
            query.page_size()
        };
        let end = start.saturating_add(size).min(found.len());
        let url = |page| format!("{}/{}{}", setting.base, kind.name, query.link(page));
        let mut links = vec![("self", url(query.page()))];
        if let Some(last) = found[start..end].last()
            && end < found.len()
        {
            let next = if query.sort().is_empty() {
                Page::After(last.slot)
            } else {
                Page::At(end)
            };
            links.push(("next", url(next)));
        }
        let mut bundle = BundleText::new("searchset", Some(found.len()), &links);
        let matched = json!({"search": {"mode": "match"}});
        let mut full_url = format!("{}/{}/", setting.base, kind.name);
        let stem = full_url.len();
        for Match { version, .. } in &found[start..end] {
            full_url.truncate(stem);
            full_url.push_str(&version.id);
            bundle.entry(Some(&full_url), Some(&version.text), &matched);
        }
        if !query.ignored().is_empty() {
            let issues: Vec<Issue> = query
                .ignored()
                .iter()
                .map(|name| Issue {
                    severity: "warning",
                    code: "not-supported",
                    diagnostics: format!(
                        "{} has no search parameter '{name}'; it was ignored",
                        kind.name
                    ),
                    expression: Some(format!("http.{name}")),
                })
                .collect();
            bundle.entry(
                None,
                Some(outcome(&issues).to_string().as_bytes()),
                &json!({"search": {"mode": "outcome"}}),
            );
        }
        Ok(Done::text(bundle.finish()))
    }
}

/// The query of a `POST Patient/_search`: that of the URL and the form in the body together.
pub(super) fn form_query(request: &HttpRequest, query: &str) -> Result<String, Refusal> {
    let content_type = request.header("content-type").unwrap_or("");
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    if !request.body().is_empty()
        && !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(Refusal::new(
            415,
            "not-supported",
            format!(
                "a search is posted as application/x-www-form-urlencoded, not as '{media_type}'"
            ),
        )
        .at("http.content-type"));
    }
    let form = std::str::from_utf8(request.body())
        .map_err(|_| Refusal::new(400, "invalid", "the form is not UTF-8 text"))?;
    Ok([query, form.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("&"))
}
