//! Where one HTTP/1.1 message ends and the next begins (RFC 9112, section 6).
//!
//! The runner writes down raw bytes, and it has to cut, delay and repeat them to the byte. An HTTP library hides
//! exactly those bytes, so the cut is made here, over the byte stream, as it is for every other framing; what the
//! message says is decoded by the core from the bytes that this yields.

use bytes::{Buf, Bytes, BytesMut};
use wardgate_core::wire::{BODY_MAX, HEAD_MAX, fault};

/// Messages up to this size are copied out of the read buffer, so that the buffer itself is used again.
const COPY_MAX: usize = 4 * 1024;
/// How much of what is no message is kept as proof.
pub(crate) const FAULT_KEPT: usize = 64 * 1024;

/// Which of the two kinds of message a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Requests: we are the server.
    Requests,
    /// Responses: we are the client.
    Responses,
}

/// One thing found in a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// One whole message.
    Whole {
        /// Its bytes.
        raw: Bytes,
        /// Whether its sender wants the connection to end after this exchange.
        last: bool,
        /// Whether it is a HEAD request, whose answer has no body.
        head_only: bool,
    },
    /// Bytes that are no message; the stream cannot be read any further.
    Fault {
        /// The bytes, up to a bound.
        raw: Bytes,
        /// What is wrong with them.
        reason: String,
    },
}

/// Cuts one direction of a connection into messages.
#[derive(Debug)]
pub(crate) struct HttpCutter {
    role: Role,
    /// What has been read and not yet cut.
    pub(crate) buffer: BytesMut,
    /// How far the buffer was searched for the end of a head.
    searched: usize,
    head: Option<Head>,
    /// Set once, when a sender waits for `100 Continue` before it sends its body.
    wants_continue: bool,
    broken: bool,
}

/// What a head says about the message's length.
#[derive(Clone, Copy, Debug)]
struct Head {
    length: usize,
    body: Body,
    last: bool,
    without_body: bool,
    interim: bool,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Sized(usize),
    /// Chunks; how far they have been walked, counted from the beginning of the message.
    Chunked(usize),
    UntilClose,
}

impl HttpCutter {
    /// A cutter at the beginning of a stream.
    pub(crate) fn new(role: Role) -> Self {
        Self {
            role,
            buffer: BytesMut::with_capacity(8 * 1024),
            searched: 0,
            head: None,
            wants_continue: false,
            broken: false,
        }
    }

    /// The next whole message or fault. `answers_head` says that the response awaited is one to a HEAD request.
    pub(crate) fn next_cut(&mut self, answers_head: bool) -> Option<Cut> {
        loop {
            if self.broken {
                return None;
            }
            let head = match self.head {
                Some(head) => head,
                None => match self.find_head(answers_head) {
                    Ok(Some(head)) => *self.head.insert(head),
                    Ok(None) => return None,
                    Err(reason) => return Some(self.fault(&reason)),
                },
            };
            let end = match self.find_end(head) {
                Ok(Some(end)) => end,
                Ok(None) => {
                    return (self.buffer.len() > HEAD_MAX + BODY_MAX)
                        .then(|| self.fault(fault::BODY_TOO_LONG));
                }
                Err(reason) => return Some(self.fault(&reason)),
            };
            let raw = self.take(end);
            if head.interim {
                continue;
            }
            return Some(Cut::Whole {
                raw,
                last: head.last,
                head_only: head.without_body,
            });
        }
    }

    /// What the end of the stream makes of what is left.
    pub(crate) fn finish(&mut self) -> Option<Cut> {
        if self.broken || self.buffer.is_empty() {
            return None;
        }
        if let Some(Head {
            body: Body::UntilClose,
            ..
        }) = self.head
        {
            let raw = self.take(self.buffer.len());
            return Some(Cut::Whole {
                raw,
                last: true,
                head_only: false,
            });
        }
        let reason = if self.head.is_some() {
            "the connection closed in the middle of the body"
        } else {
            "the connection closed in the middle of the head"
        };
        Some(self.fault(reason))
    }

    /// What is left of a message that took too long.
    pub(crate) fn give_up(&mut self) -> Option<Cut> {
        self.is_partial().then(|| self.fault(fault::TOO_SLOW))
    }

    /// Whether a message has begun and is not whole yet.
    pub(crate) fn is_partial(&self) -> bool {
        !self.broken && !self.buffer.is_empty()
    }

    /// Whether the sender waits for `100 Continue`; true once a message.
    pub(crate) fn take_wants_continue(&mut self) -> bool {
        std::mem::take(&mut self.wants_continue)
    }

    fn fault(&mut self, reason: &str) -> Cut {
        self.broken = true;
        let kept = self.buffer.len().min(FAULT_KEPT);
        let raw = Bytes::copy_from_slice(&self.buffer[..kept]);
        self.buffer.clear();
        Cut::Fault {
            raw,
            reason: reason.to_owned(),
        }
    }

    fn take(&mut self, end: usize) -> Bytes {
        self.searched = 0;
        self.head = None;
        self.wants_continue = false;
        if end <= COPY_MAX {
            let raw = Bytes::copy_from_slice(&self.buffer[..end]);
            self.buffer.advance(end);
            raw
        } else {
            self.buffer.split_to(end).freeze()
        }
    }

    fn find_head(&mut self, answers_head: bool) -> Result<Option<Head>, String> {
        if self.searched == 0 {
            // Empty lines before a message are to be ignored (RFC 9112, section 2.2).
            let blank = self
                .buffer
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            self.buffer.advance(blank);
            begins_well(self.role, &self.buffer)?;
        }
        let from = self.searched.saturating_sub(3);
        match head_end(&self.buffer[from..]) {
            Some(end) if from + end <= HEAD_MAX => {
                let length = from + end;
                let head = read_head(self.role, &self.buffer[..length], answers_head)?;
                self.wants_continue = head.1 && self.buffer.len() == length;
                Ok(Some(head.0))
            }
            None if self.buffer.len() <= HEAD_MAX => {
                self.searched = self.buffer.len();
                Ok(None)
            }
            _ => Err(String::from(fault::HEAD_TOO_LONG)),
        }
    }

    fn find_end(&mut self, head: Head) -> Result<Option<usize>, String> {
        match head.body {
            Body::Sized(length) => {
                let end = head.length + length;
                Ok((self.buffer.len() >= end).then_some(end))
            }
            Body::UntilClose => Ok(None),
            Body::Chunked(at) => {
                let (at, end) = walk_chunks(&self.buffer, at)?;
                if let Some(known) = &mut self.head {
                    known.body = Body::Chunked(at);
                }
                Ok(end)
            }
        }
    }
}

/// Tells bytes that cannot become a message early, so that they are answered and not waited for.
fn begins_well(role: Role, bytes: &[u8]) -> Result<(), String> {
    let begins = match role {
        Role::Responses => {
            let begin = b"HTTP/1.";
            let known = bytes.len().min(begin.len());
            bytes[..known] == begin[..known]
        }
        Role::Requests => {
            let method = bytes
                .iter()
                .position(|byte| *byte == b' ')
                .unwrap_or(bytes.len());
            method <= 40
                && (method > 0 || bytes.is_empty())
                && bytes[..method]
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
        }
    };
    if begins {
        Ok(())
    } else {
        Err(String::from(
            "these bytes do not begin like an HTTP/1.1 message",
        ))
    }
}

/// Where the head that these bytes begin with ends: after its first empty line.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(line) = memchr::memchr(b'\n', &bytes[from..]) {
        let next = from + line + 1;
        match bytes.get(next..) {
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            Some([b'\n', ..]) => return Some(next + 1),
            _ => from = next,
        }
    }
    None
}

/// Reads what decides the message's length, and whether its sender waits for `100 Continue`.
fn read_head(role: Role, head: &[u8], answers_head: bool) -> Result<(Head, bool), String> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let start = lines.next().unwrap_or_default();
    if role == Role::Requests {
        check_served(start)?;
    }
    let mut length: Option<usize> = None;
    let mut codings = Codings::default();
    let mut hosts = 0;
    let mut close = false;
    let mut keep = false;
    let mut expects = false;
    for line in lines {
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        // By length first: nearly all headers are none of these.
        match name.len() {
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let this = parse_length(value)?;
                if length.is_some_and(|known| known != this) {
                    return Err(String::from("it has two different content-lengths"));
                }
                length = Some(this);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                codings.read(value);
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                let value = value.to_ascii_lowercase();
                let has = |word: &[u8]| {
                    value
                        .split(|byte| *byte == b',')
                        .any(|part| part.trim_ascii() == word)
                };
                close |= has(b"close");
                keep |= has(b"keep-alive");
            }
            4 if role == Role::Requests && name.eq_ignore_ascii_case(b"host") => {
                hosts += 1;
                check_host(value)?;
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                expects = value.eq_ignore_ascii_case(b"100-continue");
            }
            _ => {}
        }
    }
    let coded = codings.count > 0;
    let (is_old, status, head_only) = match role {
        Role::Requests => {
            if hosts > 1 {
                return Err(String::from("it has more than one host header"));
            }
            if hosts == 0 && start.ends_with(b" HTTP/1.1") {
                return Err(String::from("it has no host header"));
            }
            (start.ends_with(b"HTTP/1.0"), 0, start.starts_with(b"HEAD "))
        }
        Role::Responses => {
            let status = start
                .get(9..12)
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| digits.parse::<u16>().ok())
                .ok_or("the status line has no status code")?;
            (start.starts_with(b"HTTP/1.0"), status, false)
        }
    };
    let interim = (100..200).contains(&status) && status != 101;
    let bodiless = interim || answers_head || matches!(status, 204 | 304);
    let body = match role {
        Role::Responses if bodiless => Body::Sized(0),
        Role::Requests if codings.ends_chunked && codings.count > 1 => {
            return Err(String::from(fault::OTHER_CODING));
        }
        _ if codings.ends_chunked => Body::Chunked(head.len()),
        Role::Requests if coded => {
            return Err(String::from("its transfer coding does not end in chunked"));
        }
        Role::Responses if coded => Body::UntilClose,
        Role::Requests => Body::Sized(length.unwrap_or(0)),
        Role::Responses => length.map_or(Body::UntilClose, Body::Sized),
    };
    let head = Head {
        length: head.len(),
        body,
        // Whoever says the length twice, or codes in HTTP/1.0, may mean another end than we do (RFC 9112, section 6.1).
        last: close || (is_old && !keep) || (coded && (is_old || length.is_some())),
        without_body: head_only,
        interim,
    };
    Ok((
        head,
        expects && matches!(body, Body::Chunked(_) | Body::Sized(1..)),
    ))
}

/// The transfer codings of a message, in the order of all its lines (RFC 9112, section 6.1).
#[derive(Debug, Default)]
struct Codings {
    count: usize,
    ends_chunked: bool,
}

impl Codings {
    fn read(&mut self, value: &[u8]) {
        for coding in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            if !coding.is_empty() {
                self.count += 1;
                self.ends_chunked = coding.eq_ignore_ascii_case(b"chunked");
            }
        }
    }
}

/// Refuses requests that are for no resource of ours: their targets are no paths (RFC 9112, section 3.2).
fn check_served(start: &[u8]) -> Result<(), String> {
    if start.starts_with(b"CONNECT ") {
        Err(String::from(fault::NO_TUNNEL))
    } else if start.starts_with(b"OPTIONS * ") {
        Err(String::from(fault::NO_SERVER_OPTIONS))
    } else {
        Ok(())
    }
}

/// Refuses a host that cannot be one (RFC 9112, section 3.2): links are made of it.
fn check_host(value: &[u8]) -> Result<(), String> {
    let is_host = value
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte));
    if is_host {
        Ok(())
    } else {
        Err(String::from("its host header names no host"))
    }
}

fn parse_length(value: &[u8]) -> Result<usize, String> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(String::from("its content-length is not a number"));
    }
    bounded(value, 10)
}

/// A length in digits that were looked at already.
fn bounded(digits: &[u8], radix: u32) -> Result<usize, String> {
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| usize::from_str_radix(digits, radix).ok())
        .filter(|length| *length <= BODY_MAX)
        .ok_or_else(|| String::from(fault::BODY_TOO_LONG))
}

/// Walks over whole chunks from `at`: how far it came, and where the message ends if the last chunk is there.
fn walk_chunks(bytes: &[u8], mut at: usize) -> Result<(usize, Option<usize>), String> {
    loop {
        let rest = &bytes[at..];
        let Some(line) = memchr::memchr(b'\n', rest) else {
            return if rest.len() > 1024 {
                Err(String::from("a chunk size is longer than a line"))
            } else {
                Ok((at, None))
            };
        };
        let digits = rest[..line]
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(String::from("a chunk size is not a hexadecimal number"));
        }
        let size = bounded(digits, 16)?;
        let data = at + line + 1;
        if size == 0 {
            return Ok((at, trailer_end(bytes, data)));
        }
        let end = data + size;
        match bytes.get(end..) {
            Some([b'\r', b'\n', ..]) => at = end + 2,
            Some([b'\n', ..]) => at = end + 1,
            None | Some([] | [b'\r']) => return Ok((at, None)),
            Some(_) => return Err(String::from("a chunk is longer than its size says")),
        }
    }
}

/// Where the trailer that begins at `at` ends: after its empty line.
fn trailer_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let line = memchr::memchr(b'\n', bytes.get(at..)?)?;
        let text = &bytes[at..at + line];
        at += line + 1;
        if text.is_empty() || text == b"\r" {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_all(role: Role, bytes: &[u8], piece: usize) -> Vec<Result<Bytes, String>> {
        let mut cutter = HttpCutter::new(role);
        let mut found = Vec::new();
        let mut keep = |cut: Cut| {
            found.push(match cut {
                Cut::Whole { raw, .. } => Ok(raw),
                Cut::Fault { reason, .. } => Err(reason),
            });
        };
        for part in bytes.chunks(piece.max(1)) {
            cutter.buffer.extend_from_slice(part);
            while let Some(cut) = cutter.next_cut(false) {
                keep(cut);
            }
        }
        if let Some(cut) = cutter.finish() {
            keep(cut);
        }
        found
    }

    fn messages() -> impl Strategy<Value = Vec<u8>> {
        let body = proptest::collection::vec(any::<u8>(), 0..200);
        (body, any::<bool>()).prop_map(|(body, chunked)| {
            let mut raw = b"POST /a?b HTTP/1.1\r\nHost: x\r\n".to_vec();
            if chunked {
                raw.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in body.chunks(7) {
                    raw.extend_from_slice(format!("{:x};e=1\r\n", chunk.len()).as_bytes());
                    raw.extend_from_slice(chunk);
                    raw.extend_from_slice(b"\r\n");
                }
                raw.extend_from_slice(b"0\r\nx-trailer: 1\r\n\r\n");
            } else {
                raw.extend_from_slice(format!("content-length:{}\r\n\r\n", body.len()).as_bytes());
                raw.extend_from_slice(&body);
            }
            raw
        })
    }

    proptest! {
        #[test]
        fn messages_are_cut_where_they_end_however_they_arrive(
            all in proptest::collection::vec(messages(), 1..4),
            piece in 1_usize..64,
        ) {
            let stream = all.concat();
            let found: Vec<Vec<u8>> = cut_all(Role::Requests, &stream, piece)
                .into_iter()
                .map(|cut| cut.expect("these are well formed").to_vec())
                .collect();
            prop_assert_eq!(found, all);
        }

        #[test]
        fn any_bytes_are_cut_or_refused_the_same_however_they_arrive(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            piece in 1_usize..20,
        ) {
            for role in [Role::Requests, Role::Responses] {
                let whole = cut_all(role, &bytes, 1_000).len();
                let pieces = cut_all(role, &bytes, piece).len();
                prop_assert_eq!(whole.min(1), pieces.min(1));
            }
        }
    }

    #[test]
    fn lengths_that_contradict_or_are_no_numbers_are_faults() {
        for head in [
            "content-length: 1\r\ncontent-length: 2",
            "content-length: -1",
            "content-length: ",
            "content-length: 99999999999",
            "transfer-encoding: gzip",
            "transfer-encoding: chunked\r\n\r\nzz",
        ] {
            let raw = format!("POST / HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\nab");
            let found = cut_all(Role::Requests, raw.as_bytes(), 3);
            assert!(matches!(found.first(), Some(Err(_))), "{head}: {found:?}");
        }
    }

    /// What is wrong with a request, and the status that says so; nothing where it is whole.
    fn refused(raw: &str) -> Option<(u16, String)> {
        let found = cut_all(Role::Requests, raw.as_bytes(), 4_096);
        match found.into_iter().next().expect("something was sent") {
            Ok(_) => None,
            Err(reason) => Some((fault::status(&reason), reason)),
        }
    }

    #[test]
    fn each_fault_has_its_status() {
        for (start, head, expected) in [
            ("POST / HTTP/1.1", "host: a\r\ncontent-length: 0", None),
            (
                "POST / HTTP/1.1",
                "host: a\r\ncontent-length: 16777217",
                Some(413),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ncontent-length: 99999999999999999999",
                Some(413),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ncontent-length: 1x",
                Some(400),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: chunked\r\n\r\n1000001\r\n",
                Some(413),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                Some(413),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: gzip, chunked",
                Some(501),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked",
                Some(501),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: gzip",
                Some(400),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: xchunked",
                Some(400),
            ),
            (
                "POST / HTTP/1.1",
                "host: a\r\ntransfer-encoding: , Chunked ,\r\n\r\n0",
                None,
            ),
            ("GET / HTTP/1.1", "accept: */*", Some(400)),
            ("GET / HTTP/1.0", "accept: */*", None),
            ("GET / HTTP/1.1", "host: a\r\nHost: a", Some(400)),
            ("GET / HTTP/1.0", "host: a\r\nHost: b", Some(400)),
            ("GET / HTTP/1.1", "host: a b", Some(400)),
            ("GET / HTTP/1.1", "host: http://a/", Some(400)),
            ("GET / HTTP/1.1", "host:", None),
            ("GET / HTTP/1.1", "host: [::1]:8080", None),
            ("GET / HTTP/1.1", "host: fhir_stub:80", None),
            ("OPTIONS / HTTP/1.1", "host: a", None),
            ("OPTIONS * HTTP/1.1", "host: a", Some(501)),
            ("CONNECT a:443 HTTP/1.1", "host: a:443", Some(501)),
        ] {
            let raw = format!("{start}\r\n{head}\r\n\r\n");
            let found = refused(&raw);
            assert_eq!(
                found.as_ref().map(|found| found.0),
                expected,
                "{raw} {found:?}"
            );
        }
    }

    #[test]
    fn a_chunked_body_is_bounded_as_a_whole() {
        let chunk = ["100000\r\n", &"x".repeat(1 << 20), "\r\n"].concat();
        let raw = [
            "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
            &chunk.repeat(17),
            "0\r\n\r\n",
        ]
        .concat();
        assert_eq!(refused(&raw).map(|found| found.0), Some(413));
    }

    #[test]
    fn a_head_without_end_is_refused_at_its_limit() {
        let raw = format!("GET /{} HTTP/1.1\r\n", "a".repeat(HEAD_MAX));
        assert!(matches!(
            &cut_all(Role::Requests, raw.as_bytes(), 999)[..],
            [Err(reason)] if fault::status(reason) == 431
        ));
    }

    #[test]
    fn interim_responses_are_passed_over_and_bodiless_ones_have_no_body() {
        let raw = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx";
        let found = cut_all(Role::Responses, raw, 5);
        assert_eq!(found.len(), 2);
        assert!(
            found[0]
                .as_ref()
                .is_ok_and(|raw| raw.starts_with(b"HTTP/1.1 204"))
        );
        let mut cutter = HttpCutter::new(Role::Responses);
        cutter
            .buffer
            .extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
        assert!(matches!(cutter.next_cut(true), Some(Cut::Whole { .. })));
    }

    #[test]
    fn a_response_without_length_lasts_until_the_stream_ends() {
        let found = cut_all(Role::Responses, b"HTTP/1.1 200 OK\r\n\r\nabc", 4);
        assert!(matches!(&found[..], [Ok(raw)] if raw.ends_with(b"abc")));
    }

    #[test]
    fn a_message_cut_short_is_a_fault_that_keeps_its_bytes() {
        let mut cutter = HttpCutter::new(Role::Responses);
        cutter
            .buffer
            .extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
        assert_eq!(cutter.next_cut(false), None);
        assert!(cutter.is_partial());
        let Some(Cut::Fault { raw, .. }) = cutter.finish() else {
            panic!("a cut body is a fault");
        };
        assert!(raw.ends_with(b"abc"));
    }

    #[test]
    fn only_a_sender_that_waits_is_told_to_continue() {
        let head =
            b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n";
        let mut waits = HttpCutter::new(Role::Requests);
        waits.buffer.extend_from_slice(head);
        assert_eq!(waits.next_cut(false), None);
        assert!(waits.take_wants_continue());
        assert!(!waits.take_wants_continue());
        let mut goes_on = HttpCutter::new(Role::Requests);
        goes_on
            .buffer
            .extend_from_slice(&[head.as_slice(), b"abc"].concat());
        assert!(goes_on.next_cut(false).is_some());
        assert!(!goes_on.take_wants_continue());
    }

    #[test]
    fn connection_close_and_http_1_0_end_the_connection() {
        for (raw, expected) in [
            ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", false),
            (
                "GET / HTTP/1.1\r\nhost: a\r\nConnection: Close\r\n\r\n",
                true,
            ),
            ("GET / HTTP/1.0\r\n\r\n", true),
            ("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", false),
            (
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                true,
            ),
            (
                "POST / HTTP/1.0\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                true,
            ),
        ] {
            let mut cutter = HttpCutter::new(Role::Requests);
            cutter.buffer.extend_from_slice(raw.as_bytes());
            assert!(
                matches!(cutter.next_cut(false), Some(Cut::Whole { last, .. }) if last == expected),
                "{raw}"
            );
        }
    }
}
