//! The keys of a `send` over HTTP, and their check.

use wardgate_contract::{Finding, Node, Template, suggest};
use wardgate_core::port::{KeyDoc, Names};

use crate::lint;

/// The keys that [`compose`](super::compose) understands, with examples of a path, a query and a body that suit the
/// protocol.
pub const fn send_keys(path: &'static str, query: &'static str, body: &'static str) -> [KeyDoc; 6] {
    [
        key(
            "to",
            "The named endpoint of the candidate; may be left out where it has one of this protocol.",
            "api",
        ),
        key(
            "method",
            "The HTTP method; POST where there is a body and GET where there is none, if left out.",
            "POST",
        ),
        KeyDoc {
            name: "path",
            doc: "The path below the endpoint's base; values in it are percent-encoded.",
            required: true,
            example: path,
        },
        key(
            "query",
            "Query parameters as a mapping; a list repeats the parameter.",
            query,
        ),
        key(
            "headers",
            "Headers as a mapping; an empty value leaves out a header that would be sent otherwise.",
            "{ Prefer: return=minimal }",
        ),
        key(
            "body",
            "The body: a mapping or a list is sent as JSON, a text as it stands.",
            body,
        ),
    ]
}

const fn key(name: &'static str, doc: &'static str, example: &'static str) -> KeyDoc {
    KeyDoc {
        name,
        doc,
        required: false,
        example,
    }
}

/// The same for whoever has no examples to give.
const SEND_KEYS: [KeyDoc; 6] = send_keys("/", "{}", "{}");

/// The methods of RFC 9110 and RFC 5789. Others may be sent, but are more likely misspelt.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
];

/// A method that is none of HTTP's own.
fn unknown_method(method: &Node) -> Option<Finding> {
    let text = method.as_text().filter(|text| !text.contains("${"))?;
    if METHODS.contains(&text) {
        return None;
    }
    let mut finding = Finding::warning(
        "unknown-method",
        method.span,
        format!("`{text}` is not one of HTTP's own methods"),
    )
    .label("expected a method such as POST");
    finding.help = suggest::help(text, &METHODS);
    Some(finding)
}

/// Checks the body of a `send` over HTTP.
pub fn check_send(body: &Node, names: &dyn Names) -> Vec<Finding> {
    let mut findings = lint::keys(body, &SEND_KEYS);
    findings.extend(lint::templates(body, names));
    if let Some(method) = body.get("method") {
        let sound = method.as_text().is_some_and(|text| {
            text.contains("${")
                || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase()))
        });
        if !sound {
            findings.push(
                Finding::error("bad-method", method.span, "this is not an HTTP method")
                    .label("expected a method such as POST, in capitals"),
            );
        }
        findings.extend(unknown_method(method).filter(|_| sound));
    }
    if let Some(path) = body.get("path") {
        let sound = path.as_text().is_some_and(|text| {
            text.starts_with('/') || Template::parse(text).is_ok_and(|it| it.is_single_value())
        });
        if !sound {
            findings.push(
                Finding::error("bad-path", path.span, "this is not a path")
                    .label("expected a path that starts with /"),
            );
        }
    }
    findings.extend(lint::mappings(body, &["query", "headers"]));
    findings
}
