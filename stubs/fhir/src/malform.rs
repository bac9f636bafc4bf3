//! Broken forms of a good request that any FHIR server should refuse.

use bytes::Bytes;
use wardgate_core::{
    port::Malformed,
    wire::{HttpRequest, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_kit::http::malform::{form, forms};

pub(crate) const NOT_A_RESOURCE: &str = "not a FHIR resource";
pub(crate) const WRONG_TYPE: &str = "wrong type for a member";
pub(crate) const NO_MEDIA_TYPE: &str = "missing content type";
pub(crate) const NO_SUCH_TYPE: &str = "no such resource type";

/// The broken forms of a request, the same each time.
pub(crate) fn malform(message: &Message) -> Vec<Malformed> {
    let Message::Request(request) = message else {
        return Vec::new();
    };
    let lost = Malformed {
        name: NO_SUCH_TYPE,
        message: Message::Request(elsewhere(request)),
    };
    if request.body().is_empty() {
        return vec![lost];
    }
    let mut broken = forms(message);
    broken.push(form(
        NOT_A_RESOURCE,
        request,
        Bytes::from_static(br#"{"resourceType":"Pateint"}"#),
    ));
    broken.push(form(WRONG_TYPE, request, wrong_type(request.body())));
    let headers: Vec<(&str, &str)> = request
        .headers()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .collect();
    broken.push(Malformed {
        name: NO_MEDIA_TYPE,
        message: Message::Request(HttpRequest::new(
            request.method(),
            request.target(),
            &headers,
            request.body().clone(),
        )),
    });
    broken.push(lost);
    broken
}

/// The body with its first structured member replaced by a number, which no element of structure may be. Where it has
/// none, `meta` is that member.
fn wrong_type(body: &Bytes) -> Bytes {
    let mut resource = match Json::parse_bytes(body) {
        Ok(resource @ Json::Object(_)) => resource,
        _ => json!({ "resourceType": "Patient" }),
    };
    if let Some(members) = resource.as_object_mut() {
        let structured = members.iter_mut().find(|(name, value)| {
            !matches!(*name, "meta" | "contained" | "extension")
                && matches!(value, Json::Array(_) | Json::Object(_))
        });
        match structured {
            Some((_, value)) => *value = json!(42),
            None => {
                members.insert("meta", json!(42));
            }
        }
    }
    Bytes::from(resource.to_string())
}

/// The forms that need no body.
pub(crate) const WITHOUT_BODY: &[&str] = &[NO_SUCH_TYPE];

/// The request for a resource of a type that does not exist.
fn elsewhere(request: &HttpRequest) -> HttpRequest {
    let headers: Vec<(&str, &str)> = request.headers().collect();
    let path = request.path();
    let stem = path.find("/fhir/").map_or("", |at| &path[..at + 5]);
    let target = match request.method() {
        "POST" => format!("{stem}/Pateint"),
        _ => format!("{stem}/Pateint/1"),
    };
    HttpRequest::new(request.method(), &target, &headers, request.body().clone())
}

#[cfg(test)]
mod tests {
    use wardgate_core::port::Guide;

    use super::*;
    use crate::guide::GUIDE;

    #[test]
    fn every_form_has_a_known_name_and_differs_from_the_message() {
        let body = Bytes::from_static(
            br#"{"resourceType":"Patient","active":true,"name":[{"family":"A"}]}"#,
        );
        let headers = [("content-type", "application/fhir+json")];
        let put = Message::Request(HttpRequest::new(
            "PUT",
            "/fhir/Patient?identifier=1",
            &headers,
            body,
        ));
        let get = Message::Request(HttpRequest::new(
            "GET",
            "/tenant/fhir/Patient/1",
            &[],
            Bytes::new(),
        ));
        for (message, expected) in [
            (&put, Guide::names(GUIDE.malformations)),
            (&get, WITHOUT_BODY.to_vec()),
        ] {
            let broken = malform(message);
            assert!(broken.iter().all(|broken| broken.message != *message));
            let names: Vec<&str> = broken.iter().map(|broken| broken.name).collect();
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn the_wrong_type_keeps_the_rest() {
        let body = Bytes::from_static(
            br#"{"resourceType":"Patient","active":true,"name":[{"family":"A"}],"n":1.10}"#,
        );
        assert_eq!(
            wrong_type(&body),
            &br#"{"resourceType":"Patient","active":true,"name":42,"n":1.10}"#[..]
        );
        assert_eq!(
            wrong_type(&Bytes::from_static(br#"{"resourceType":"Patient"}"#)),
            &br#"{"resourceType":"Patient","meta":42}"#[..]
        );
    }
}
