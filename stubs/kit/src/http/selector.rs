//! `METHOD pattern`: which received requests a contract means.

use wardgate_core::wire::HttpRequest;

use super::percent;

/// The methods a selector may name (RFC 9110, section 9; RFC 5789), and `ANY`.
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY",
];

/// `METHOD pattern`; what a pattern means is the protocol's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selector<'a> {
    /// The method; none for `ANY`.
    pub method: Option<&'a str>,
    /// The pattern, not empty.
    pub pattern: &'a str,
}

impl<'a> Selector<'a> {
    /// Reads a selector; the error says what was expected.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let expected =
            || format!("expected a method and a path, such as 'POST /orders', not '{text}'");
        let (method, pattern) = text
            .trim()
            .split_once(char::is_whitespace)
            .ok_or_else(expected)?;
        let pattern = pattern.trim();
        if !METHODS.contains(&method) {
            return Err(format!(
                "expected one of {} before the path, not '{method}'",
                METHODS.join(", ")
            ));
        }
        if pattern.contains(char::is_whitespace) || pattern.contains('?') {
            return Err(expected());
        }
        Ok(Self {
            method: (method != "ANY").then_some(method),
            pattern,
        })
    }

    /// Whether a request has the method.
    pub fn is_method_of(&self, request: &HttpRequest) -> bool {
        self.method.is_none_or(|method| method == request.method())
    }
}

/// Whether a percent-encoded path consists of these segments, where `*` stands for any one of them. Slashes at either
/// end do not count.
pub fn segments_match(pattern: &str, path: &str) -> bool {
    let mut expected = pattern.trim_matches('/').split('/');
    let mut actual = path.trim_matches('/').split('/');
    loop {
        match (expected.next(), actual.next()) {
            (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(wanted), Some(segment))
                if wanted == segment || percent::decode(segment).is_some_and(|it| it == wanted) => {
            }
            _ => return false,
        }
    }
}

/// Checks a refusal such as `503`: the error says what was expected.
pub fn check_refusal(refusal: &str) -> Result<(), String> {
    refusal_status(refusal).map(|_| ()).ok_or_else(|| {
        format!("expected a status code from 400 to 599 such as 503, not '{refusal}'")
    })
}

/// Whether a sender tries again after this status: 408, 425, 429 and every 5xx speak of the receiver's state, not of the
/// request (RFC 9110 section 15.6, RFC 6585, RFC 8470). None is 503.
pub fn is_passing_refusal(with: Option<&str>) -> bool {
    with.is_none_or(|with| {
        refusal_status(with).is_some_and(|status| matches!(status, 408 | 425 | 429 | 500..))
    })
}

/// The status that a refusal such as `503` names, if it names one of a refusal (4xx or 5xx).
pub fn refusal_status(refusal: &str) -> Option<u16> {
    let status = refusal.trim().parse().ok()?;
    (refusal.trim().len() == 3 && (400..600).contains(&status)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_a_method_and_a_pattern() {
        let selector = Selector::parse("ANY  Patient/*").expect("it is well formed");
        assert_eq!((selector.method, selector.pattern), (None, "Patient/*"));
        for bad in ["", "PUT", "FETCH /a", "put /a", "GET /a b", "GET /a?b=1"] {
            assert!(Selector::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_star_is_one_segment() {
        for (pattern, path, matches) in [
            ("/a/b", "/a/b", true),
            ("a/b/", "/a/b", true),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a", false),
            ("/a/*", "/a/b/c", false),
            ("/a/*", "/a//", false),
            ("/", "/", true),
            ("/a b", "/a%20b", true),
            ("/a/b", "/a/c", false),
        ] {
            assert_eq!(segments_match(pattern, path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn refusals_are_error_codes() {
        assert_eq!(refusal_status("503"), Some(503));
        for bad in ["200", "AE", "", "5030", "+503", "600"] {
            assert_eq!(refusal_status(bad), None, "{bad}");
            assert!(check_refusal(bad).is_err());
        }
    }
}
