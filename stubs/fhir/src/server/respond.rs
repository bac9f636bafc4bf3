//! Answers as HTTP responses.

use bytes::Bytes;
use wardgate_core::wire::{HttpRequest, HttpResponse};
use wardgate_expression::Json;

use super::{
    Content, Done, Setting,
    headers::{FHIR_JSON, Preferences, Returns},
    outcome::{Issue, Refusal, outcome},
};
use crate::time;

/// The base URL as the client wrote it: links and locations are absolute and lead back to where it came from.
pub(super) fn base(request: &HttpRequest, prefix: &str) -> String {
    let host = request.host().unwrap_or("localhost");
    let scheme = match request.header("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{host}{prefix}")
}

/// The response to a request that came to this.
pub(super) fn response(
    request: &HttpRequest,
    setting: Setting<'_>,
    preferences: Preferences,
    outcome: Result<Done, Refusal>,
) -> HttpResponse {
    match outcome {
        Ok(done) => done_response(request, setting, preferences, &done),
        Err(refusal) => refused(request, &refusal),
    }
}

fn done_response(
    request: &HttpRequest,
    setting: Setting<'_>,
    preferences: Preferences,
    done: &Done,
) -> HttpResponse {
    let body = body(done, preferences.returns);
    let mut headers: Vec<(&str, &str)> = Vec::with_capacity(6);
    let (etag, modified, location);
    if body.is_some() {
        headers.push(("content-type", FHIR_JSON));
    }
    if let Some(version) = &done.version {
        etag = version.etag();
        modified = time::http_date(version.at.unix_ms);
        headers.push(("etag", &etag));
        headers.push(("last-modified", &modified));
        if done.located {
            location = format!(
                "{}/{}/_history/{}",
                setting.base,
                version.reference(),
                version.number
            );
            headers.push(("location", &location));
        }
    }
    finish(request, done.status, headers, body.unwrap_or_default())
}

fn body(done: &Done, returns: Option<Returns>) -> Option<Bytes> {
    match (&done.content, returns) {
        (Content::Text(text), _) => Some(text.clone()),
        (Content::Nothing, _) | (Content::Written, Some(Returns::Minimal)) => None,
        (Content::Written, Some(Returns::Outcome)) => {
            let what = if done.status == 201 {
                "created"
            } else {
                "stored"
            };
            let subject = done.version.as_ref().map(|version| version.reference());
            let issue = Issue {
                severity: "information",
                code: "informational",
                diagnostics: format!("{what} {}", subject.unwrap_or_default()),
                expression: None,
            };
            Some(Bytes::from(outcome(&[issue]).to_string()))
        }
        (Content::Written, _) => done.version.as_ref().map(|version| version.text.clone()),
    }
}

/// The response that refuses a request.
pub(super) fn refused(request: &HttpRequest, refusal: &Refusal) -> HttpResponse {
    let body = Bytes::from(refusal.outcome().to_string());
    finish(request, refusal.status, refusal_headers(refusal), body)
}

/// The response to what could not even be read as a request.
pub(super) fn refusal_response(refusal: &Refusal) -> HttpResponse {
    let body = Bytes::from(refusal.outcome().to_string());
    HttpResponse::new(refusal.status, &refusal_headers(refusal), body)
}

fn refusal_headers(refusal: &Refusal) -> Vec<(&str, &str)> {
    let mut headers = vec![("content-type", FHIR_JSON)];
    headers.extend(
        refusal
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    headers
}

/// A HEAD is answered with the headers of the GET, its length included, and no body (RFC 9110, section 9.3.2).
fn finish(
    request: &HttpRequest,
    status: u16,
    headers: Vec<(&str, &str)>,
    body: Bytes,
) -> HttpResponse {
    let pretty = request
        .query()
        .is_some_and(|query| query.contains("_pretty=true"));
    let body = if pretty { prettier(body) } else { body };
    if request.method() != "HEAD" {
        return HttpResponse::new(status, &headers, body);
    }
    let length = body.len().to_string();
    let mut headers = headers;
    headers.push(("content-length", &length));
    HttpResponse::new(status, &headers, Bytes::new())
}

fn prettier(body: Bytes) -> Bytes {
    match Json::parse_bytes(&body) {
        Ok(json) => Bytes::from(json.pretty()),
        Err(_) => body,
    }
}
