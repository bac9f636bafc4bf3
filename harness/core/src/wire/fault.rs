//! Why bytes are no request that can be served, in the words that are written down, and the status that answers them.
//!
//! The runner finds the fault and logs it; a stub answers it, in a live run and in a replay. The words are all that
//! travels between them, so the status is read from the words.

/// A body longer than [`BODY_MAX`](super::BODY_MAX).
pub const BODY_TOO_LONG: &str = "the body is longer than 16 MiB";
/// A head longer than [`HEAD_MAX`](super::HEAD_MAX).
pub const HEAD_TOO_LONG: &str = "the head is longer than 64 KiB";
/// More header lines than a message may have.
pub const TOO_MANY_HEADERS: &str = "the head has more than 128 headers";
/// A message that began and did not end.
pub const TOO_SLOW: &str = "the message did not become whole in time";
/// Chunks around another transfer coding.
pub const OTHER_CODING: &str = "it has a transfer coding other than chunked";
/// A request for a tunnel.
pub const NO_TUNNEL: &str = "CONNECT asks a proxy for a tunnel, and this is none";
/// A request about the whole server.
pub const NO_SERVER_OPTIONS: &str = "OPTIONS * is not served; OPTIONS of a path may be";

/// The status that answers a request with this fault (RFC 9110, section 15; RFC 6585, section 5).
pub fn status(reason: &str) -> u16 {
    match reason {
        BODY_TOO_LONG => 413,
        HEAD_TOO_LONG | TOO_MANY_HEADERS => 431,
        TOO_SLOW => 408,
        OTHER_CODING | NO_TUNNEL | NO_SERVER_OPTIONS => 501,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BODY_MAX, HEAD_MAX, http::HEADERS_MAX};
    use super::*;

    #[test]
    fn the_words_name_the_limits() {
        assert!(BODY_TOO_LONG.ends_with(&format!(" {} MiB", BODY_MAX >> 20)));
        assert!(HEAD_TOO_LONG.ends_with(&format!(" {} KiB", HEAD_MAX >> 10)));
        assert!(TOO_MANY_HEADERS.contains(&format!(" {HEADERS_MAX} ")));
    }
}
