//! `METHOD pattern`: which received requests a contract means.

use wardgate_core::wire::HttpRequest;
use wardgate_stub_kit::http::Selector;

use crate::{search::ResourceType, server::UrlRoute};

/// Checks a selector such as `PUT Patient` or `POST /`; the error says what was expected.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let selector = Selector::parse(text)?;
    let pattern = selector.pattern.trim_matches('/');
    let first = pattern.split('/').next().unwrap_or("");
    if matches!(first, "" | "*" | "metadata" | "_history")
        || first.starts_with('$')
        || ResourceType::find(first).is_some()
    {
        return Ok(());
    }
    Err(format!(
        "expected a resource type of FHIR R4, metadata or / behind the method, as in 'PUT Patient', not '{first}'"
    ))
}

/// Whether a request is one that the selector means.
///
/// A type alone means the resources of that type, by id, by criteria or as a whole (`PUT Patient` is a `PUT` of
/// `/base/Patient/1` and of `/base/Patient?identifier=…`), but neither its operations nor its history. `/` and `POST
/// Bundle` mean a batch or transaction. Otherwise the segments are compared one by one, `*` standing for any.
pub(crate) fn selects(text: &str, request: &HttpRequest) -> bool {
    let Ok(selector) = Selector::parse(text) else {
        return false;
    };
    if !selector.is_method_of(request) {
        return false;
    }
    let route = UrlRoute::of(request.path());
    let segments: Vec<&str> = route.segments.iter().map(AsRef::as_ref).collect();
    let pattern: Vec<&str> = selector
        .pattern
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    match (&pattern[..], &segments[..]) {
        ([], []) => true,
        (["Bundle"], []) => request.method() == "POST",
        ([wanted], [kind]) => kind == wanted || *wanted == "*",
        ([wanted], [kind, id]) => (kind == wanted || *wanted == "*") && !id.starts_with(['_', '$']),
        (wanted, found) => {
            wanted.len() == found.len()
                && wanted
                    .iter()
                    .zip(found)
                    .all(|(wanted, found)| wanted == found || *wanted == "*")
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_type_means_its_resources() {
        for (selector, method, target, selected) in [
            ("PUT Patient", "PUT", "/fhir/Patient/1", true),
            ("PUT Patient", "PUT", "/fhir/Patient?identifier=1", true),
            ("PUT Patient", "POST", "/fhir/Patient", false),
            ("PUT Patient", "PUT", "/fhir/PatientX/1", false),
            ("PUT /Patient", "PUT", "/r4/Patient/1", true),
            ("PUT Patient/*", "PUT", "/fhir/Patient/1", true),
            ("PUT Patient/*", "PUT", "/fhir/Patient?identifier=1", false),
            ("POST Patient", "POST", "/fhir/Patient/_search", false),
            ("POST Patient", "POST", "/fhir/Patient/$match", false),
            ("POST Patient/$match", "POST", "/fhir/Patient/$match", true),
            (
                "POST Patient/_search",
                "POST",
                "/fhir/Patient/_search",
                true,
            ),
            ("ANY Patient", "DELETE", "/fhir/Patient/1", true),
            (
                "GET Patient/*/_history",
                "GET",
                "/fhir/Patient/1/_history",
                true,
            ),
            ("POST /", "POST", "/fhir", true),
            ("POST /", "POST", "/", true),
            ("POST Bundle", "POST", "/fhir", true),
            ("POST Bundle", "POST", "/fhir/Bundle", true),
            ("GET metadata", "GET", "/fhir/metadata", true),
            ("Patient", "GET", "/fhir/Patient", false),
        ] {
            let request = HttpRequest::new(method, target, &[], Bytes::new());
            assert_eq!(
                selects(selector, &request),
                selected,
                "{selector} {method} {target}"
            );
        }
    }

    #[test]
    fn only_what_can_be_met_is_a_selector() {
        for good in [
            "PUT Patient",
            "POST /",
            "GET metadata",
            "ANY */1",
            "POST $process-message",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "PUT Patients",
            "Patient",
            "PUT",
            "put Patient",
            "PUT Patient?identifier=1",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
