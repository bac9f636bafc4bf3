//! What is answered: JSON, and problems as JSON.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
};
use wardgate_expression::{Json, json};

/// What goes back to the client.
pub(super) type Reply = Response<Full<Bytes>>;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The status that says so.
    pub(super) status: StatusCode,
    /// What is wrong.
    pub(super) error: String,
    /// What would be right.
    pub(super) expected: String,
    /// The methods that there are, where this was none of them.
    pub(super) allow: Option<String>,
}

impl Problem {
    /// A problem with this status.
    pub(super) fn new(
        status: StatusCode,
        error: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error: error.into(),
            expected: expected.into(),
            allow: None,
        }
    }

    /// The request itself is wrong.
    pub(super) fn bad(error: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, expected)
    }

    /// What it is about is not there.
    pub(super) fn missing(error: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error, expected)
    }

    /// As it is answered.
    pub(super) fn reply(self) -> Reply {
        let body = json!({ "error": self.error, "expected": self.expected });
        let mut reply = reply(self.status, body.to_string());
        if let Some(allow) = self
            .allow
            .and_then(|allow| HeaderValue::from_str(&allow).ok())
        {
            reply.headers_mut().insert(ALLOW, allow);
        }
        reply
    }
}

/// A document as an answer.
pub(super) fn ok(document: &Json) -> Reply {
    reply(StatusCode::OK, document.to_string())
}

/// Text that is JSON already, as an answer.
pub(super) fn reply(status: StatusCode, mut text: String) -> Reply {
    // So that a terminal's prompt stands below it.
    text.push('\n');
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

/// The items that fit into about so many bytes, at least one of them if there is one: as the text of a JSON array, and
/// how many there are in it.
pub(super) fn array_within(bytes_max: usize, items: impl Iterator<Item = Json>) -> (String, usize) {
    let mut text = String::from("[");
    let mut count = 0;
    for item in items {
        let before = text.len();
        if count > 0 {
            text.push(',');
        }
        item.write_to(&mut text);
        if count > 0 && text.len() > bytes_max {
            text.truncate(before);
            break;
        }
        count += 1;
    }
    text.push(']');
    (text, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_stops_where_the_next_item_would_not_fit() {
        let items = || (1..=5).map(|number| json!({ "n": number }));
        assert_eq!(array_within(100, items()).1, 5);
        assert_eq!(
            array_within(16, items()),
            (r#"[{"n":1},{"n":2}]"#.to_owned(), 2)
        );
        assert_eq!(array_within(0, items()), (r#"[{"n":1}]"#.to_owned(), 1));
        assert_eq!(array_within(0, [].into_iter()), (String::from("[]"), 0));
    }
}
