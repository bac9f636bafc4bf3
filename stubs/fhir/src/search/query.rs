//! A whole query: its conditions, and what is to be done with what they find.

use wardgate_stub_kit::http::percent;

use super::{
    ResourceType,
    clause::{Clause, Scope},
    order::SortKey,
};

/// The most resources on one page, also where more are asked for.
pub(crate) const PAGE_MAX: usize = 1_000;

/// The resources on one page where none is asked for.
const PAGE_DEFAULT: usize = 100;

/// The most conditions in one query.
const CLAUSES_MAX: usize = 64;

/// A query, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    clauses: Vec<Clause>,
    sort: Vec<SortKey>,
    count: Option<usize>,
    only_total: bool,
    page: Page,
    /// The parameters as given, for links; neither those that were ignored nor the page.
    kept: Vec<(String, String)>,
    ignored: Vec<String>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Page {
    /// At the start.
    #[default]
    First,
    /// Behind the resource at this place. What is created or deleted meanwhile shifts nothing.
    After(u32),
    /// At this many results, where they are sorted.
    At(usize),
}

/// The query parameter that carries the page.
const PAGE: &str = "_page";

/// Result parameters that are understood elsewhere or change nothing here.
const ELSEWHERE: [&str; 2] = ["_format", "_pretty"];

/// A parameter that cannot be honoured, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryError {
    /// The parameter as given.
    pub(crate) parameter: String,
    /// What is wrong with it.
    pub(crate) reason: String,
}

impl Query {
    /// Reads a query, percent-encoded. Parameters that the type does not have are refused, or ignored where `lenient`.
    pub(crate) fn parse(
        kind: &'static ResourceType,
        text: &str,
        lenient: bool,
        scope: Scope<'_>,
    ) -> Result<Self, QueryError> {
        let mut query = Self::default();
        for (name, value) in percent::query_pairs(text) {
            let fault = |reason: String| QueryError {
                parameter: name.to_string(),
                reason,
            };
            match query.take(kind, &name, &value, scope) {
                Ok(true) => {
                    if name != PAGE {
                        query.kept.push((name.into_owned(), value.into_owned()));
                    }
                }
                Ok(false) if lenient => query.ignored.push(name.into_owned()),
                Ok(false) => {
                    return Err(fault(format!(
                        "{} has no search parameter '{name}'",
                        kind.name
                    )));
                }
                Err(reason) => return Err(fault(reason)),
            }
            if query.clauses.len() > CLAUSES_MAX {
                return Err(QueryError {
                    parameter: String::new(),
                    reason: format!("a query has at most {CLAUSES_MAX} conditions"),
                });
            }
        }
        Ok(query)
    }

    /// Takes one parameter in; false if there is no such parameter.
    fn take(
        &mut self,
        kind: &'static ResourceType,
        name: &str,
        value: &str,
        scope: Scope<'_>,
    ) -> Result<bool, String> {
        match name {
            "_count" => {
                let count: usize = value
                    .parse()
                    .map_err(|_| format!("'_count' is a number, not '{value}'"))?;
                self.count = Some(count.min(PAGE_MAX));
                self.only_total |= count == 0;
            }
            "_summary" if value == "count" => self.only_total = true,
            "_summary" if value == "false" => {}
            "_total" if matches!(value, "none" | "estimate" | "accurate") => {}
            "_total" => {
                return Err(format!(
                    "'_total' is none, estimate or accurate, not '{value}'"
                ));
            }
            "_sort" => {
                for part in value.split(',') {
                    let (code, descending) = match part.strip_prefix('-') {
                        Some(code) => (code, true),
                        None => (part, false),
                    };
                    let parameter = kind
                        .parameter(code)
                        .ok_or_else(|| format!("{} cannot be sorted by '{code}'", kind.name))?;
                    self.sort.push(SortKey {
                        parameter,
                        descending,
                    });
                }
            }
            PAGE => {
                self.page =
                    parse_page(value).ok_or_else(|| format!("there is no page '{value}'"))?;
            }
            _ if ELSEWHERE.contains(&name) => {}
            _ => {
                let (code, modifier) = match name.split_once(':') {
                    None => (name, None),
                    Some((code, modifier)) => (code, Some(modifier)),
                };
                let Some(parameter) = kind.parameter(code) else {
                    return Ok(false);
                };
                self.clauses
                    .push(Clause::parse(parameter, modifier, value, scope)?);
            }
        }
        Ok(true)
    }

    /// The conditions, all of which must hold.
    pub(crate) fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// What to sort by, most important first.
    pub(crate) fn sort(&self) -> &[SortKey] {
        &self.sort
    }

    /// The parameters that were ignored.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Whether only the number of results is wanted.
    pub(crate) fn only_total(&self) -> bool {
        self.only_total
    }

    /// How many results go on one page.
    pub(crate) fn page_size(&self) -> usize {
        self.count.unwrap_or(PAGE_DEFAULT)
    }

    /// Where the page begins.
    pub(crate) fn page(&self) -> Page {
        self.page
    }

    /// The query again, percent-encoded, for a page: what was ignored is left out.
    pub(crate) fn link(&self, page: Page) -> String {
        let mut text = String::new();
        let page = match page {
            Page::First => None,
            Page::After(slot) => Some((PAGE.to_owned(), format!("after-{slot}"))),
            Page::At(start) => Some((PAGE.to_owned(), format!("at-{start}"))),
        };
        for (name, value) in self.kept.iter().chain(&page) {
            text.push(if text.is_empty() { '?' } else { '&' });
            text.push_str(&encode(name));
            text.push('=');
            text.push_str(&encode(value));
        }
        text
    }
}

/// Percent-encodes what would change the query's meaning; commas, colons and slashes stay readable.
fn encode(text: &str) -> String {
    text.split_inclusive([',', ':', '/', '|'])
        .map(|piece| match piece.char_indices().next_back() {
            Some((at, last @ (',' | ':' | '/'))) => {
                percent::encode(&piece[..at]) + &last.to_string()
            }
            _ => percent::encode(piece),
        })
        .collect()
}

fn parse_page(text: &str) -> Option<Page> {
    match text.split_once('-')? {
        ("after", slot) => slot.parse().ok().map(Page::After),
        ("at", start) => start.parse().ok().map(Page::At),
        _ => None,
    }
}
