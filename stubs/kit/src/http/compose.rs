//! A request out of the body of a `send`.

use bytes::Bytes;
use wardgate_contract::{Node, Value};
use wardgate_core::{
    bindings::{Bindings, plain},
    wire::{HttpRequest, Message},
};
use wardgate_expression::Json;

use super::percent;

/// How a protocol speaks HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The media type of a JSON body.
    pub json: &'static str,
    /// The media type of a body given as text that does not start like JSON.
    pub text: &'static str,
    /// The value of `accept`, if one is sent.
    pub accept: Option<&'static str>,
}

/// Composes the request that a `send` over HTTP describes.
///
/// Values are percent-encoded in the path and the query (a path that is one `${…}` as a whole stands as it is, and of
/// an absolute URL the path and query are taken, so that captured links can be followed), and escaped as in a JSON
/// string in a body given as text that starts like JSON. `render` gives the protocol's own form of a synthetic record.
pub fn compose(
    body: &Node,
    bindings: &Bindings,
    dialect: Dialect,
    render: &dyn Fn(&str, &Json) -> Option<Json>,
) -> Result<Message, String> {
    let target = target(body, bindings)?;
    let (content, media_type) = content(body, bindings, dialect, render)?;
    let method = match body.get("method").and_then(Node::as_text) {
        Some(method) => bindings.fill_text(method, &str::to_owned)?,
        None if content.is_some() => String::from("POST"),
        None => String::from("GET"),
    };
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(media_type) = media_type {
        headers.push((String::from("content-type"), media_type.to_owned()));
    }
    if let Some(accept) = dialect.accept {
        headers.push((String::from("accept"), accept.to_owned()));
    }
    for (name, value) in members(body, "headers")? {
        let name = bindings.fill_text(name, &str::to_owned)?;
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        let value = bindings.fill_text(text_of(value)?, &str::to_owned)?;
        if !value.is_empty() {
            headers.push((name, value));
        }
    }
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Ok(Message::Request(HttpRequest::new(
        &method,
        &target,
        &headers,
        content.unwrap_or_default(),
    )))
}

fn target(body: &Node, bindings: &Bindings) -> Result<String, String> {
    let path = body
        .get("path")
        .and_then(Node::as_text)
        .ok_or("'path' is missing")?;
    let whole = path.starts_with("${") && path.find('}') == Some(path.len() - 1);
    let mut target = if whole {
        plain(&bindings.fill_value(path)?.value)
    } else {
        bindings.fill_text(path, &|value| percent::encode(value))?
    };
    if let Some((_, rest)) = target
        .split_once("://")
        .filter(|(scheme, _)| !scheme.contains('/'))
    {
        target = rest
            .find('/')
            .map_or("/", |start| &rest[start..])
            .to_owned();
    }
    if !target.starts_with('/') {
        target.insert(0, '/');
    }
    let mut separator = if target.contains('?') { '&' } else { '?' };
    for (name, value) in members(body, "query")? {
        let name = percent::encode(&bindings.fill_text(name, &str::to_owned)?);
        let values = value.as_sequence().unwrap_or(std::slice::from_ref(value));
        for value in values {
            let value = percent::encode(&bindings.fill_text(text_of(value)?, &str::to_owned)?);
            target.push(separator);
            target.push_str(&name);
            target.push('=');
            target.push_str(&value);
            separator = '&';
        }
    }
    Ok(target)
}

fn content(
    body: &Node,
    bindings: &Bindings,
    dialect: Dialect,
    render: &dyn Fn(&str, &Json) -> Option<Json>,
) -> Result<(Option<Bytes>, Option<&'static str>), String> {
    let Some(node) = body.get("body") else {
        return Ok((None, None));
    };
    let json = |value: Json| Ok((Some(Bytes::from(value.to_string())), Some(dialect.json)));
    let Value::Scalar(scalar) = &node.value else {
        return json(bindings.fill_node(node, render)?);
    };
    if scalar.plain && !scalar.text.contains("${") {
        if node.is_null() {
            return Ok((None, None));
        }
        return json(node.to_json());
    }
    let text = &scalar.text;
    if text.trim_start().starts_with(['{', '[']) {
        let filled = bindings.fill_text(text, &|value| escaped(value))?;
        return Ok((Some(Bytes::from(filled)), Some(dialect.json)));
    }
    if text.contains("${") {
        let bound = bindings.fill_value(text)?;
        if !matches!(bound.value, Json::String(_)) {
            return json(bindings.fill_node(node, render)?);
        }
        let filled = plain(&bound.value);
        let starts_like_json = filled.trim_start().starts_with(['{', '[']);
        let media_type = if starts_like_json {
            dialect.json
        } else {
            dialect.text
        };
        return Ok((Some(Bytes::from(filled)), Some(media_type)));
    }
    Ok((Some(Bytes::from(text.clone())), Some(dialect.text)))
}

/// A value escaped as in a JSON string, without the quotes.
fn escaped(value: &str) -> String {
    let quoted = Json::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn members<'n>(body: &'n Node, key: &str) -> Result<Vec<(&'n str, &'n Node)>, String> {
    match body.get(key) {
        None => Ok(Vec::new()),
        Some(node) if node.is_null() => Ok(Vec::new()),
        Some(node) => Ok(node
            .as_mapping()
            .ok_or_else(|| format!("'{key}' is not a mapping"))?
            .iter()
            .map(|(name, value)| (name.value.as_str(), value))
            .collect()),
    }
}

fn text_of(node: &Node) -> Result<&str, String> {
    if node.is_null() {
        return Ok("");
    }
    node.as_text()
        .ok_or_else(|| format!("expected a single value, not {}", node.describe()))
}
