//! The keys of a `send` over HTTP, and their check.

use wardgate_contract::{Finding, Node, Template};
use wardgate_core::port::{Names, SendKey};

use crate::lint;

/// The keys that [`compose`](super::compose) understands.
pub const SEND_KEYS: &[SendKey] = &[
    SendKey {
        name: "to",
        doc: "The named endpoint of the candidate; may be left out where it has one of this protocol.",
        required: false,
        example: "api",
    },
    SendKey {
        name: "method",
        doc: "The HTTP method; POST where there is a body and GET where there is none, if left out.",
        required: false,
        example: "POST",
    },
    SendKey {
        name: "path",
        doc: "The path below the endpoint's base; values in it are percent-encoded.",
        required: true,
        example: "/orders/${order_number}",
    },
    SendKey {
        name: "query",
        doc: "Query parameters as a mapping; a list repeats the parameter.",
        required: false,
        example: "{ status: open }",
    },
    SendKey {
        name: "headers",
        doc: "Headers as a mapping; an empty value leaves out a header that would be sent otherwise.",
        required: false,
        example: "{ Prefer: return=minimal }",
    },
    SendKey {
        name: "body",
        doc: "The body: a mapping or a list is sent as JSON, a text as it stands.",
        required: false,
        example: "{ number: \"${order_number}\" }",
    },
];

/// Checks the body of a `send` over HTTP.
pub fn check_send(body: &Node, names: &dyn Names) -> Vec<Finding> {
    let mut findings = lint::keys(body, SEND_KEYS);
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
    for key in ["query", "headers"] {
        if let Some(node) = body.get(key)
            && node.as_mapping().is_none()
        {
            findings.push(
                Finding::error(
                    "wrong-type",
                    node.span,
                    format!("'{key}' is a mapping, not {}", node.describe()),
                )
                .label("expected a mapping of names to values"),
            );
        }
    }
    findings
}
