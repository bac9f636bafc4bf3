//! `received:` selectors: a method and what the request is about, without ids and company.

use wardgate_core::wire::{HttpRequest, Message};
use wardgate_stub_kit::http::{self, Selector, percent};

use crate::{collections::check_collection, odata::Target};

/// What may follow an invoice.
const BELOW_INVOICE: [&str; 6] = [
    "salesInvoiceLines",
    "customer",
    "Microsoft.NAV.post",
    "Microsoft.NAV.postAndSend",
    "Microsoft.NAV.cancel",
    "Microsoft.NAV.cancelAndSend",
];

/// Checks a selector such as `POST salesInvoices/Microsoft.NAV.post`.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let selector = Selector::parse(text)?;
    let mut segments = selector.pattern.trim_matches('/').split('/');
    match segments.next() {
        None | Some("*") => {}
        Some(set) => check_collection(set)?,
    }
    let expected = |segment: &str| {
        format!(
            "expected one of {} after salesInvoices, not '{segment}'",
            BELOW_INVOICE.join(", ")
        )
    };
    match segments.next() {
        None | Some("*" | "$count") => {}
        Some(segment) if BELOW_INVOICE.contains(&segment) => {}
        Some(segment) => return Err(expected(segment)),
    }
    match segments.next() {
        None => Ok(()),
        Some(segment) => Err(expected(segment)),
    }
}

/// Whether a request is one that the selector means.
pub(crate) fn selects(text: &str, message: &Message) -> bool {
    let (Ok(selector), Message::Request(request)) = (Selector::parse(text), message) else {
        return false;
    };
    selector.is_method_of(request)
        && Target::read(request.path())
            .is_some_and(|target| http::segments_match(selector.pattern, &target.shape()))
}

/// `POST salesInvoices/Microsoft.NAV.post`, `GET customers?$filter=…`; the status of a response.
pub(crate) fn label(message: &Message) -> String {
    let Message::Request(request) = message else {
        return http::label(message);
    };
    let shape = Target::read(request.path())
        .map(|target| target.shape())
        .filter(|shape| !shape.is_empty());
    match shape {
        Some(shape) => http::excerpt(
            &format!("{} {shape}{}", request.method(), query(request)),
            80,
        ),
        None => http::label(message),
    }
}

/// The selector that means requests like this one.
pub(crate) fn of(message: &Message) -> Option<String> {
    let Message::Request(request) = message else {
        return None;
    };
    let text = format!(
        "{} {}",
        request.method(),
        Target::read(request.path())?.shape()
    );
    (check(&text).is_ok() && selects(&text, message)).then_some(text)
}

fn query(request: &HttpRequest) -> String {
    match request.query() {
        Some(query) if !query.is_empty() => {
            format!("?{}", percent::decode_query(query).unwrap_or(query.into()))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_selector_means_the_request_that_it_comes_from() {
        for (target, expected) in [
            (
                "/api/v2.0/companies(b46a87cb-3d43-4c89-bf29-08785447a49c)/customers?$filter=a",
                "GET customers",
            ),
            (
                "/api/v2.0/companies(b46a87cb-3d43-4c89-bf29-08785447a49c)/salesInvoices(b46a87cb-3d43-4c89-bf29-08785447a49c)/Microsoft.NAV.post",
                "GET salesInvoices/Microsoft.NAV.post",
            ),
        ] {
            let request = HttpRequest::new("GET", target, &[], bytes::Bytes::new());
            assert_eq!(
                super::of(&Message::Request(request)).as_deref(),
                Some(expected),
                "{target}"
            );
        }
    }

    use bytes::Bytes;

    use super::*;

    fn request(method: &str, target: &str) -> Message {
        Message::Request(HttpRequest::new(method, target, &[], Bytes::new()))
    }

    #[test]
    fn a_selector_means_set_and_action() {
        let post = request(
            "POST",
            "/api/v2.0/companies(1)/salesInvoices(2)/Microsoft.NAV.post",
        );
        let create = request(
            "POST",
            "/v2.0/Production/api/v2.0/companies(1)/salesInvoices?$select=id",
        );
        for (selector, message, expected) in [
            ("POST salesInvoices/Microsoft.NAV.post", &post, true),
            ("POST salesInvoices/*", &post, true),
            ("POST salesInvoices", &post, false),
            ("POST salesInvoices", &create, true),
            ("ANY salesInvoices", &create, true),
            ("GET salesInvoices", &create, false),
            ("POST *", &create, true),
            (
                "GET companies",
                &request("GET", "/api/v2.0/companies"),
                true,
            ),
            (
                "GET companies",
                &request("GET", "/elsewhere/companies"),
                false,
            ),
        ] {
            assert_eq!(check(selector), Ok(()), "{selector}");
            assert_eq!(selects(selector, message), expected, "{selector}");
        }
        for set in crate::collections::COLLECTIONS {
            assert_eq!(check(&format!("GET {set}")), Ok(()));
        }
        for bad in [
            "POST invoices",
            "salesInvoices",
            "POST salesInvoices/post",
            "POST salesInvoices/*/x",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(label(&post), "POST salesInvoices/Microsoft.NAV.post");
        assert_eq!(label(&create), "POST salesInvoices?$select=id");
    }
}
