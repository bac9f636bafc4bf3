//! Refusals in the shape of Business Central: `{"error": {"code": …, "message": …}}`.

use bytes::Bytes;
use wardgate_core::wire::{HttpResponse, fault};
use wardgate_expression::json;

/// Why a request is refused. The message never repeats an identifier out of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// A header that goes with the status.
    header: Option<(&'static str, &'static str)>,
}

/// A result that may be a refusal.
pub(crate) type Outcome<T> = Result<T, Refusal>;

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            header: matches!(status, 429 | 503).then_some(("retry-after", "0")),
        }
    }

    /// The request itself is faulty: its URL, its options or the form of its body.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// There is no such resource, or it is in another company.
    pub(crate) fn not_found() -> Self {
        Self::new(
            404,
            "BadRequest_ResourceNotFound",
            "The resource that was asked for does not exist.",
        )
    }

    /// There is no such company.
    pub(crate) fn no_company() -> Self {
        Self::new(
            404,
            "Internal_CompanyNotFound",
            "The company that was asked for does not exist.",
        )
    }

    /// The resource cannot be treated so, but with these methods (RFC 9110, section 15.5.6).
    pub(crate) fn method(allowed: &'static str) -> Self {
        Self {
            header: Some(("allow", allowed)),
            ..Self::new(
                405,
                "BadRequest_MethodNotAllowed",
                "The method is not allowed on this resource.",
            )
        }
    }

    /// The body is of a media type that is not read here.
    pub(crate) fn media_type() -> Self {
        Self::new(
            415,
            "BadRequest_UnsupportedMediaType",
            "The body has to be application/json.",
        )
    }

    /// The body was coded before it was sent.
    pub(crate) fn coded() -> Self {
        Self {
            header: Some(("accept-encoding", "identity")),
            ..Self::new(
                415,
                "BadRequest_UnsupportedMediaType",
                "The body has to be sent without a content coding.",
            )
        }
    }

    /// The bytes that came are no request, or none that is served.
    pub(crate) fn garbage(reason: &str) -> Self {
        let status = fault::status(reason);
        let (code, message) = match status {
            408 => ("BadRequest", "The request did not arrive in time."),
            413 => ("BadRequest", "The body of the request is too large."),
            431 => ("BadRequest", "The headers of the request are too large."),
            501 => (
                "BadRequest_NotSupported",
                "The method or the transfer coding of the request is not supported.",
            ),
            _ => ("BadRequest", "This is not a request."),
        };
        Self::new(status, code, message)
    }

    /// `If-Match` is missing.
    pub(crate) fn no_tag() -> Self {
        Self::new(
            400,
            "BadRequest_InvalidToken",
            "The request needs an If-Match header with the entity's @odata.etag.",
        )
    }

    /// `If-Match` names an older state; Business Central answers 409, or 412 by a flag.
    pub(crate) fn stale_tag(status: u16) -> Self {
        Self::new(
            status,
            "Request_EntityChanged",
            "Another request has changed the entity since it was read.",
        )
    }

    /// A field's value is not one that it can have.
    pub(crate) fn field(name: &str, reason: &str) -> Self {
        Self::new(
            400,
            "Application_FieldValidationException",
            format!("The value of the field {name} {reason}."),
        )
    }

    /// A text is longer than its field.
    pub(crate) fn too_long(name: &str, length: usize, length_max: usize) -> Self {
        Self::new(
            400,
            "Application_StringExceededLength",
            format!(
                "The length of the text for {name} is {length}, but it must be at most {length_max} characters."
            ),
        )
    }

    /// There is a record with this key already.
    pub(crate) fn same_key(entity: &str, field: &str) -> Self {
        Self::new(
            400,
            "Internal_EntityWithSameKeyExists",
            format!("A {entity} with the same {field} exists already."),
        )
    }

    /// What is asked for is well formed, but the rules of the books are against it.
    pub(crate) fn rule(message: impl Into<String>) -> Self {
        Self::new(400, "Application_DialogException", message)
    }

    /// A refusal that was ordered from outside, with this status.
    pub(crate) fn ordered(status: u16) -> Self {
        let code = match status {
            401 | 403 => "Authentication_InvalidCredentials",
            429 => "Application_TooManyRequests",
            503 | 504 => "ServiceUnavailable",
            500..=599 => "Internal_ServerError",
            _ => "BadRequest",
        };
        Self::new(status, code, "The request was not processed.")
    }

    /// The reason alone, for whoever seeds records.
    pub(crate) fn into_message(self) -> String {
        self.message
    }

    /// The answer; `correlation` is the identifier under which the server's log would know the request.
    pub(crate) fn response(&self, correlation: &str) -> HttpResponse {
        let body = json!({
            "error": {
                "code": self.code,
                "message": format!("{}  CorrelationId:  {correlation}.", self.message),
            }
        });
        let mut headers = vec![("content-type", "application/json; odata.metadata=minimal")];
        headers.extend(self.header);
        HttpResponse::new(self.status, &headers, Bytes::from(body.to_string()))
    }
}
