//! Locations in an HTTP message.

use std::borrow::Cow;

use wardgate_core::wire::Message;
use wardgate_expression::{
    Json,
    fhirpath::{Context, Expression, Value},
};

use super::percent;

/// A location in an HTTP message, as a contract names it.
///
/// `status`, `header.NAME`, `method`, `path`, `query.NAME` and `body` are places of the message itself; anything else
/// is an expression over the body. A member of the body with one of these names is reached as `%resource.status`.
#[derive(Clone, Debug)]
pub enum Locator {
    /// The status code, as a number.
    Status,
    /// Every header of this name, case-insensitively.
    Header(String),
    /// The method.
    Method,
    /// The path without its query, percent-decoded.
    Path,
    /// Every value of this name in the query, decoded.
    Query(String),
    /// The whole body as text.
    Body,
    /// An expression over the body as JSON.
    Expression(Expression),
}

impl Locator {
    /// Reads a location; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(name) = prefixed(text, "header.") {
            return Ok(Self::Header(name.to_owned()));
        }
        if let Some(name) = prefixed(text, "query.") {
            return Ok(Self::Query(name.to_owned()));
        }
        Ok(match text {
            "" => {
                return Err(String::from(
                    "expected status, header.NAME, method, path, query.NAME, body or an expression over the body",
                ));
            }
            "status" => Self::Status,
            "method" => Self::Method,
            "path" => Self::Path,
            "body" => Self::Body,
            _ => Self::Expression(Expression::parse(text).map_err(|error| {
                format!(
                    "expected status, header.NAME, method, path, query.NAME, body or an expression over the body: {error}"
                )
            })?),
        })
    }

    /// The values that stand there; `json` gives the body as JSON where it is wanted.
    pub fn find<'j>(
        &self,
        message: &Message,
        json: impl FnOnce() -> Result<&'j Json, String>,
    ) -> Result<Vec<Json>, String> {
        Ok(match (self, message) {
            (Self::Status, Message::Response(response)) => vec![Json::from(response.status())],
            (Self::Header(name), Message::Response(response)) => named(response.headers(), name),
            (Self::Header(name), Message::Request(request)) => named(request.headers(), name),
            (Self::Method, Message::Request(request)) => vec![Json::from(request.method())],
            (Self::Path, Message::Request(request)) => vec![Json::from(
                percent::decode(request.path()).unwrap_or(Cow::Borrowed(request.path())),
            )],
            (Self::Query(name), Message::Request(request)) => {
                percent::query_pairs(request.query().unwrap_or(""))
                    .filter(|(known, _)| known == name)
                    .map(|(_, value)| Json::from(value))
                    .collect()
            }
            (Self::Status, _) => return Err(String::from("a request has no status")),
            (Self::Method, _) => return Err(String::from("a response has no method")),
            (Self::Path, _) => return Err(String::from("a response has no path")),
            (Self::Query(_), _) => return Err(String::from("a response has no query")),
            (Self::Header(_), _) => return Err(String::from("this message has no headers")),
            (Self::Body, _) => {
                let body = message.content();
                match std::str::from_utf8(body) {
                    Ok("") => Vec::new(),
                    Ok(text) => vec![Json::from(text)],
                    Err(_) => return Err(String::from("the body is not UTF-8 text")),
                }
            }
            (Self::Expression(expression), _) => expression
                .evaluate(&Context::new(json()?))
                .map_err(|error| error.to_string())?
                .iter()
                .map(Value::to_json)
                .collect(),
        })
    }
}

/// The rest of a text after a prefix, where the rest can be the name of a header or of a query's parameter.
fn prefixed<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    text.strip_prefix(prefix).filter(|name| {
        !name.is_empty()
            && name.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$' | b':' | b'.')
            })
    })
}

fn named<'h>(headers: impl Iterator<Item = (&'h str, &'h str)>, name: &str) -> Vec<Json> {
    headers
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| Json::from(value))
        .collect()
}
