//! Who may speak here: anybody who was let through to the port, but no page in a browser that came from elsewhere.
//!
//! A page that another site served can make a browser send requests to loopback. It cannot hide that it did (`Origin`,
//! `Sec-Fetch-Site`), and where it makes its own site's name point here (DNS rebinding), the name stands in `Host`.

use std::net::{IpAddr, Ipv6Addr};

use hyper::{
    HeaderMap, StatusCode,
    header::{HOST, ORIGIN},
};

use super::answer::Problem;

/// Endings of names that nobody can register in the public DNS.
const PRIVATE: [&str; 4] = [".localhost", ".internal", ".local", ".test"];

/// Refuses a request that a browser makes for somebody else. `is_loopback` tells where the API listens.
pub(super) fn check(headers: &HeaderMap, is_loopback: bool) -> Result<(), Problem> {
    let text = |value: &hyper::header::HeaderValue| value.to_str().map(str::to_owned).ok();
    let mut hosts = headers.get_all(HOST).iter();
    let (host, more) = (hosts.next().and_then(text), hosts.next());
    let Some(host) = host.filter(|_| more.is_none()) else {
        return Err(Problem::bad(
            "the request has no Host, or several",
            "one Host header, as HTTP/1.1 wants it",
        ));
    };
    if !is_ours(&host, is_loopback) {
        return Err(forbidden(
            format!("'{host}' is not a name of this API"),
            if is_loopback {
                "an IP address or localhost in the URL: other names could be made to point here by anybody"
            } else {
                "an IP address, localhost, or a name without dots or under .internal, .local or .test in the URL: other \
                 names could be made to point here by anybody"
            },
        ));
    }
    if let Some(origin) = headers.get(ORIGIN) {
        let own = format!("http://{host}");
        if !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()) {
            return Err(cross_site());
        }
    }
    match headers
        .get("sec-fetch-site")
        .map(hyper::header::HeaderValue::as_bytes)
    {
        None | Some(b"none" | b"same-origin") => Ok(()),
        Some(_) => Err(cross_site()),
    }
}

fn cross_site() -> Problem {
    forbidden(
        String::from("a browser sent this for a page of another site"),
        "a client of your own, such as curl or a test; no page of another site may use this API",
    )
}

fn forbidden(error: String, expected: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, error, expected)
}

fn is_ours(host: &str, is_loopback: bool) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => {
            return rest
                .split_once(']')
                .is_some_and(|(address, _)| address.parse::<Ipv6Addr>().is_ok());
        }
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    if name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    // Where others are let in on purpose, they use the names of their own network.
    let is_private = !name.contains('.') || PRIVATE.iter().any(|private| name.ends_with(private));
    !is_loopback && !name.is_empty() && is_private
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(lines: &[(&'static str, &str)], is_loopback: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("it is a value"));
        }
        check(&headers, is_loopback).is_ok()
    }

    #[test]
    fn addresses_and_names_of_this_machine_are_served() {
        for host in [
            "127.0.0.1:9000",
            "127.0.0.1",
            "[::1]:9000",
            "localhost:9000",
            "LOCALHOST",
            "stubs.localhost:1",
        ] {
            assert!(allowed(&[("host", host)], true), "{host}");
        }
    }

    #[test]
    fn names_that_anybody_could_point_here_are_not() {
        for host in [
            "evil.example:9000",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "[evil]:1",
            "",
        ] {
            assert!(!allowed(&[("host", host)], true), "{host}");
            assert!(!allowed(&[("host", host)], false), "{host}");
        }
        assert!(!allowed(&[], true));
        assert!(!allowed(
            &[("host", "localhost"), ("host", "localhost")],
            true
        ));
    }

    #[test]
    fn names_of_a_private_network_are_served_only_where_others_are_let_in() {
        for host in ["stubs:9000", "host.docker.internal:9000", "ci.local"] {
            assert!(!allowed(&[("host", host)], true), "{host}");
            assert!(allowed(&[("host", host)], false), "{host}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let host = ("host", "127.0.0.1:9000");
        for (other, expected) in [
            (("origin", "http://127.0.0.1:9000"), true),
            (("origin", "http://127.0.0.1:9001"), false),
            (("origin", "https://evil.example"), false),
            (("origin", "null"), false),
            (("sec-fetch-site", "none"), true),
            (("sec-fetch-site", "same-origin"), true),
            (("sec-fetch-site", "same-site"), false),
            (("sec-fetch-site", "cross-site"), false),
        ] {
            assert_eq!(allowed(&[host, other], true), expected, "{other:?}");
        }
    }
}
