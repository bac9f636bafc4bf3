//! What was done to a body before it was sent.

use wardgate_core::wire::HttpRequest;

/// The content coding of a request's body, if it has one that would have to be undone (RFC 9110, section 8.4). No stub
/// undoes any: such a request is answered with 415 and `accept-encoding: identity` (section 15.5.16).
pub fn content_coding(request: &HttpRequest) -> Option<&str> {
    if request.body().is_empty() {
        return None;
    }
    request
        .headers()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"))
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
        .find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}
