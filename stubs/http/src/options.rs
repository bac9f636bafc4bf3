//! The table of answers, as a contract gives it.

use bytes::Bytes;
use wardgate_contract::{Finding, Node};
use wardgate_core::wire::{HttpResponse, Message};
use wardgate_expression::Json;
use wardgate_stub_kit::lint;

/// The keys of one route.
const KEYS: [&str; 5] = ["method", "path", "status", "headers", "body"];

/// One canned answer.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The method that it answers.
    pub(crate) method: String,
    /// The path that it answers, without a query.
    pub(crate) path: String,
    /// The answer.
    pub(crate) reply: Message,
}

/// Reads `routes:` out of a partner's options; other keys are refused.
pub(crate) fn routes(options: &Json) -> Result<Vec<Route>, String> {
    let Some(options) = options.as_object() else {
        return if options.is_null() {
            Ok(Vec::new())
        } else {
            Err(format!("the options are an object, not {}", options.kind()))
        };
    };
    if let Some(unknown) = options.keys().find(|key| *key != "routes") {
        return Err(format!(
            "an http partner has no option '{unknown}'; it has: routes"
        ));
    }
    let Some(routes) = options.get("routes") else {
        return Ok(Vec::new());
    };
    routes
        .as_array()
        .ok_or_else(|| format!("'routes' is a list, not {}", routes.kind()))?
        .iter()
        .enumerate()
        .map(|(index, entry)| route(entry).map_err(|reason| format!("routes[{index}]: {reason}")))
        .collect()
}

/// What is wrong with a route whose texts may be templates: one that holds any is judged by its keys alone.
pub(crate) fn check_route(entry: &Node) -> Option<Finding> {
    if lint::is_one_template(entry) {
        return None;
    }
    let read = if lint::has_templates(entry) {
        entry.as_mapping().map_or(Ok(()), |members| {
            known(members.iter().map(|(key, _)| key.as_str()))
        })
    } else {
        route(&entry.to_json()).map(drop)
    };
    read.err()
        .map(|reason| lint::refused_record(entry, &reason))
}

/// Whether every one of these keys is a route's.
fn known<'k>(mut keys: impl Iterator<Item = &'k str>) -> Result<(), String> {
    match keys.find(|key| !KEYS.contains(key)) {
        None => Ok(()),
        Some(unknown) => Err(format!(
            "a route has no '{unknown}'; it has: {}",
            KEYS.join(", ")
        )),
    }
}

/// Reads one route.
pub(crate) fn route(entry: &Json) -> Result<Route, String> {
    let members = entry
        .as_object()
        .ok_or_else(|| format!("a route is an object, not {}", entry.kind()))?;
    known(members.keys())?;
    let text = |key: &str| match members.get(key) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(format!("'{key}' is a text, not {}", other.kind())),
    };
    let path = text("path")?.ok_or("'path' is missing")?;
    if !path.starts_with('/') || path.contains('?') {
        return Err(format!(
            "'{path}' is not a path that starts with / and has no query"
        ));
    }
    let method = text("method")?.unwrap_or("GET");
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("'{method}' is not a method in capitals"));
    }
    let status = match members.get("status") {
        None => 200,
        Some(status) => status
            .as_i64()
            .and_then(|status| u16::try_from(status).ok())
            .filter(|status| (200..600).contains(status))
            .ok_or("'status' is not a number from 200 to 599")?,
    };
    let (media_type, body) = match members.get("body") {
        None | Some(Json::Null) => (None, Bytes::new()),
        Some(Json::String(text)) => (Some("text/plain; charset=utf-8"), Bytes::from(text.clone())),
        Some(json) => (Some("application/json"), Bytes::from(json.to_string())),
    };
    let mut headers: Vec<(&str, String)> = Vec::new();
    if let Some(given) = members.get("headers") {
        let given = given.as_object().ok_or("'headers' is an object")?;
        for (name, value) in given {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            headers.push((name, value));
        }
    }
    let has_type = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(media_type) = media_type.filter(|_| !has_type) {
        headers.push(("content-type", media_type.to_owned()));
    }
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Ok(Route {
        method: method.to_owned(),
        path: path.to_owned(),
        reply: Message::Response(HttpResponse::new(status, &headers, body)),
    })
}
