//! What the headers of a request ask for.

use wardgate_core::wire::HttpRequest;
use wardgate_stub_kit::http::{content_coding, percent};

use super::outcome::Refusal;

/// What every answer's body is.
pub(crate) const FHIR_JSON: &str = "application/fhir+json;charset=utf-8";

/// What a client would like of an answer (FHIR R4, http, "Prefer").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// `return=`, if it is said.
    pub(crate) returns: Option<Returns>,
    /// `handling=`: whether unknown search parameters are ignored, if it is said.
    pub(crate) lenient: Option<bool>,
}

/// What a write answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// Nothing.
    Minimal,
    /// The resource.
    Representation,
    /// An OperationOutcome.
    Outcome,
}

impl Preferences {
    /// Reads every `prefer` header (RFC 7240); what is not understood is ignored, as it must be.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let mut preferences = Self::default();
        let tokens = request
            .headers()
            .filter(|(name, _)| name.eq_ignore_ascii_case("prefer"))
            .flat_map(|(_, value)| value.split([',', ';']));
        for token in tokens {
            match token.trim() {
                "return=minimal" => preferences.returns = Some(Returns::Minimal),
                "return=representation" => preferences.returns = Some(Returns::Representation),
                "return=OperationOutcome" => preferences.returns = Some(Returns::Outcome),
                "handling=lenient" => preferences.lenient = Some(true),
                "handling=strict" => preferences.lenient = Some(false),
                _ => {}
            }
        }
        preferences
    }
}

/// Refuses what asks for anything but JSON: `_format` decides, else `accept` (FHIR R4, http, "Content Types").
pub(crate) fn check_accepts_json(request: &HttpRequest) -> Result<(), Refusal> {
    let format = percent::query_pairs(request.query().unwrap_or(""))
        .find(|(name, _)| name == "_format")
        .map(|(_, value)| value);
    let (asked, at) = match (&format, request.header("accept")) {
        (Some(format), _) => (format.as_ref(), "http._format"),
        (None, Some(accept)) if !accept.trim().is_empty() => (accept, "http.accept"),
        _ => return Ok(()),
    };
    // A plus in a query is a blank, and clients forget to encode it.
    let admits = asked.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or("");
        let refused =
            parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        is_json(media_type)
            || (!refused
                && matches!(
                    media_type,
                    "*/*" | "application/*" | "application/fhir json"
                ))
    });
    if admits {
        return Ok(());
    }
    Err(Refusal::new(
        406,
        "not-supported",
        format!("only application/fhir+json is served, not '{asked}'"),
    )
    .at(at))
}

/// Refuses a body that was coded before it was sent.
pub(crate) fn check_not_coded(request: &HttpRequest) -> Result<(), Refusal> {
    let Some(coding) = content_coding(request) else {
        return Ok(());
    };
    let reason = format!("a body is taken as it is, not coded as '{coding}'");
    Err(Refusal::new(415, "not-supported", reason)
        .at("http.content-encoding")
        .header("accept-encoding", "identity"))
}

/// Refuses a body that does not say that it is JSON in UTF-8.
pub(crate) fn check_sends_json(request: &HttpRequest) -> Result<(), Refusal> {
    let expected = "the body is to be application/fhir+json";
    let Some(content_type) = request.header("content-type") else {
        return Err(Refusal::new(
            415,
            "not-supported",
            format!("{expected}, and no content-type says so"),
        )
        .at("http.content-type"));
    };
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or("");
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    if !is_json(media_type) {
        return Err(Refusal::new(
            415,
            "not-supported",
            format!("{expected}, not '{media_type}'"),
        )
        .at("http.content-type"));
    }
    match charset {
        Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => Err(Refusal::new(
            415,
            "not-supported",
            format!("FHIR's JSON is in UTF-8, not in '{charset}'"),
        )
        .at("http.content-type")),
        _ => Ok(()),
    }
}

/// Whether a media type is one of those that FHIR's JSON goes by.
fn is_json(media_type: &str) -> bool {
    [
        "application/fhir+json",
        "application/json",
        "application/json+fhir",
        "text/json",
        "json",
    ]
    .iter()
    .any(|known| media_type.eq_ignore_ascii_case(known))
}

/// The version that one tag of an `if-match` or `if-none-match` names: `W/"3"`, and also `"3"` and `3`.
pub(crate) fn tag_version(tag: &str) -> Option<u32> {
    let tag = tag.trim();
    tag.strip_prefix("W/")
        .unwrap_or(tag)
        .trim_matches('"')
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn request(target: &str, headers: &[(&str, &str)]) -> HttpRequest {
        HttpRequest::new("GET", target, headers, Bytes::new())
    }

    #[test]
    fn only_json_is_served() {
        for (target, accept, served) in [
            ("/Patient", "", true),
            ("/Patient", "*/*", true),
            ("/Patient", "application/fhir+json", true),
            (
                "/Patient",
                "application/json; q=0.5, application/fhir+xml",
                true,
            ),
            ("/Patient", "application/fhir+xml", false),
            ("/Patient", "text/html", false),
            ("/Patient?_format=json", "text/html", true),
            ("/Patient?_format=application/fhir+json", "", true),
            ("/Patient?_format=application%2Ffhir%2Bjson", "", true),
            ("/Patient?_format=xml", "application/json", false),
        ] {
            let outcome = check_accepts_json(&request(target, &[("accept", accept)]));
            assert_eq!(outcome.is_ok(), served, "{target} {accept}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_taken() {
        for (content_type, taken) in [
            ("application/fhir+json", true),
            ("application/json; charset=UTF-8", true),
            ("application/fhir+json; charset=latin1", false),
            ("application/fhir+xml", false),
            ("text/plain", false),
        ] {
            let outcome = check_sends_json(&request("/", &[("content-type", content_type)]));
            assert_eq!(outcome.is_ok(), taken, "{content_type}");
        }
        assert!(check_sends_json(&request("/", &[])).is_err());
    }

    #[test]
    fn no_content_coding_is_undone() {
        for (coding, body, taken) in [
            ("gzip", "x", false),
            ("identity, Deflate", "x", false),
            ("Identity", "x", true),
            ("", "x", true),
            ("gzip", "", true),
        ] {
            let headers = [("content-encoding", coding)];
            let request = HttpRequest::new("POST", "/", &headers, Bytes::from(body));
            let refused = check_not_coded(&request).err().map(|it| it.status);
            assert_eq!(refused, (!taken).then_some(415), "{coding}");
        }
    }

    #[test]
    fn preferences_and_tags_are_read() {
        let asked = Preferences::of(&request(
            "/",
            &[("Prefer", "return=minimal, handling=lenient")],
        ));
        assert_eq!(asked.returns, Some(Returns::Minimal));
        assert_eq!(asked.lenient, Some(true));
        assert_eq!(tag_version("W/\"3\""), Some(3));
        assert_eq!(tag_version("\"3\""), Some(3));
        assert_eq!(tag_version("three"), None);
    }
}
