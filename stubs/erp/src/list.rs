//! Lists: filter, order, count and pages.

use std::fmt::Write as _;

use wardgate_core::wire::HttpRequest;
use wardgate_expression::Json;
use wardgate_stub_kit::http::percent;

use crate::{
    answer::{Answer, Shape},
    books::Table,
    odata::Options,
};

/// How many records a page has at most, if the client asks for no smaller one.
const PAGE_MAX: usize = 20_000;

/// The records of a table that an index leaves over, in the order of their creation.
pub(crate) fn candidates<'t>(table: &'t Table, options: &Options) -> Vec<&'t Json> {
    let by_index = options.filter.as_ref().and_then(|filter| {
        filter
            .exact_text()
            .find_map(|(property, text)| table.with_text(property, text))
    });
    match by_index {
        Some(rows) => rows.into_iter().map(|row| &row.json).collect(),
        None => table.rows().map(|row| &row.json).collect(),
    }
}

/// One page of the records that fulfil the filter.
///
/// Which page is told by `$skiptoken`, the number of records that earlier pages delivered; as long as nothing is
/// deleted in between, pages in the order of creation neither repeat nor miss one.
pub(crate) fn page(
    request: &HttpRequest,
    root: &str,
    context: &str,
    shape: &Shape<'_>,
    candidates: Vec<&Json>,
) -> Answer {
    let options = shape.options;
    let mut records = matching(options, candidates);
    let count = records.len();
    if let Some(order) = &options.order {
        records.sort_by(|one, other| order.compare(one, other));
    }
    let asked = page_size(request);
    let size = asked.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    let wanted = options
        .top
        .unwrap_or(usize::MAX)
        .saturating_sub(options.delivered);
    let from = options
        .skip
        .saturating_add(options.delivered)
        .min(records.len());
    let rest = records.len() - from;
    let length = rest.min(wanted).min(size);
    let mut body = String::with_capacity(128 + 1024 * length.min(64));
    body.push_str("{\"@odata.context\":");
    Json::from(context).write_to(&mut body);
    if options.count {
        let _ = write!(body, ",\"@odata.count\":{count}");
    }
    body.push_str(",\"value\":");
    shape.write_all(records[from..from + length].iter().copied(), &mut body);
    if length < rest.min(wanted) {
        body.push_str(",\"@odata.nextLink\":");
        Json::from(next_link(request, root, options.delivered + length)).write_to(&mut body);
    }
    body.push('}');
    let mut answer = Answer::new(200, body);
    answer.preference = asked.map(|_| format!("odata.maxpagesize={size}"));
    answer
}

/// How many records fulfil the filter, as the text that `/$count` answers.
pub(crate) fn count(options: &Options, candidates: Vec<&Json>) -> Answer {
    Answer::new(200, matching(options, candidates).len().to_string())
}

fn matching<'j>(options: &Options, mut candidates: Vec<&'j Json>) -> Vec<&'j Json> {
    if let Some(filter) = &options.filter {
        candidates.retain(|record| filter.is_true_of(record));
    }
    candidates
}

/// `Prefer: odata.maxpagesize=…`, with or without its prefix.
fn page_size(request: &HttpRequest) -> Option<usize> {
    request
        .headers()
        .filter(|(name, _)| name.eq_ignore_ascii_case("prefer"))
        .flat_map(|(_, value)| value.split([',', ';']))
        .find_map(|preference| {
            let (name, value) = preference.split_once('=')?;
            matches!(name.trim(), "odata.maxpagesize" | "maxpagesize")
                .then(|| value.trim().parse().ok())
                .flatten()
        })
}

/// The same request, for the page after so many records.
fn next_link(request: &HttpRequest, root: &str, delivered: usize) -> String {
    let path = request.path();
    let below = path
        .find("/api/v2.0")
        .map_or("", |at| &path[at + "/api/v2.0".len()..]);
    let mut link = format!("{root}{below}");
    let mut separator = '?';
    for pair in request
        .query()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let name = pair.split('=').next().unwrap_or("");
        if percent::decode_query(name).as_deref() != Some("$skiptoken") {
            link.push(separator);
            link.push_str(pair);
            separator = '&';
        }
    }
    let _ = write!(link, "{separator}$skiptoken={delivered}");
    link
}
