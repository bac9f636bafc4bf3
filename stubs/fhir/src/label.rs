//! A few words for a message in pictures.

use wardgate_core::wire::Message;
use wardgate_stub_kit::http;

/// How far into a body the resource type is looked for, in bytes.
const HEAD_BYTES: usize = 256;

/// `PUT /Patient/1` of a request, `201 Patient` of a response.
pub(crate) fn label(message: &Message) -> String {
    let label = http::label(message);
    match message {
        Message::Response(response) => match resource_type(response.body()) {
            Some(kind) => format!("{label} {kind}"),
            None => label,
        },
        _ => label,
    }
}

/// The value of the first `resourceType` near the start of a body, without reading the body as JSON.
fn resource_type(body: &[u8]) -> Option<&str> {
    let head = body.get(..HEAD_BYTES).unwrap_or(body);
    let head = std::str::from_utf8(head).unwrap_or_else(|error| {
        // What is cut inside a letter is read up to it.
        std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("")
    });
    let (_, rest) = head.split_once("\"resourceType\"")?;
    let named = rest
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    let (kind, _) = named.split_once('"')?;
    kind.bytes()
        .all(|byte| byte.is_ascii_alphabetic())
        .then_some(kind)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wardgate_core::wire::HttpResponse;

    use super::*;

    #[test]
    fn a_response_names_its_resource() {
        let label_of = |body: &'static [u8]| {
            label(&Message::Response(HttpResponse::new(
                200,
                &[],
                Bytes::from_static(body),
            )))
        };
        assert_eq!(label_of(br#"{ "resourceType" : "Patient"}"#), "200 Patient");
        assert_eq!(label_of(b"\xff\xfe"), "200");
        assert_eq!(label_of(br#"{"resourceType":"<b>"}"#), "200");
    }
}
