//! HTTP/1.1 messages (RFC 9112) over their raw bytes.
//!
//! A message keeps its head as it stood on the wire; method, target and headers are ranges into it.

use std::{borrow::Cow, fmt::Write as _, ops::Range};

use bytes::{Bytes, BytesMut};

use super::{WireError, fault};

/// The most headers that one message may have.
pub(super) const HEADERS_MAX: usize = 128;

type Place = Range<usize>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    raw: Bytes,
    first: Place,
    second: Place,
    headers: Vec<(Place, Place)>,
}

impl Head {
    fn text(&self, place: &Place) -> &str {
        std::str::from_utf8(&self.raw[place.clone()]).unwrap_or("")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| self.raw[known.clone()].eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| self.text(value))
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (self.text(name), self.text(value)))
    }
}

/// The authority of a target that is a whole URL, and what stands behind it.
fn split_target(target: &str) -> (Option<&str>, &str) {
    // Nearly every target is a path.
    if target.starts_with('/') {
        return (None, target);
    }
    let Some((scheme, rest)) = target.split_once("://") else {
        return (None, target);
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return (None, target);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    (Some(&rest[..end]), &rest[end..])
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    head: Head,
    body: Bytes,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    head: Head,
    status: u16,
    body: Bytes,
}

impl HttpRequest {
    /// A request with these parts; `content-length` is added where there is a body or the method usually has one.
    /// Line breaks in header values become spaces, so that outside data cannot add headers.
    pub fn new(method: &str, target: &str, headers: &[(&str, &str)], body: Bytes) -> Self {
        let mut text = String::with_capacity(target.len() + room(headers));
        text.push_str(&clean(method));
        let first = 0..text.len();
        text.push(' ');
        let start = text.len();
        text.extend(target.chars().map(|c| {
            if c.is_ascii_graphic() || !c.is_ascii() {
                c
            } else {
                '+'
            }
        }));
        let second = start..text.len();
        text.push_str(" HTTP/1.1\r\n");
        let mut places = Vec::with_capacity(headers.len() + 1);
        write_headers(&mut text, &mut places, headers);
        if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
            write_length(&mut text, &mut places, headers, body.len());
        }
        text.push_str("\r\n");
        let head = Head {
            raw: text.into(),
            first,
            second,
            headers: places,
        };
        Self { head, body }
    }

    /// Reads the raw bytes of one request.
    pub fn decode(raw: &Bytes) -> Result<Self, WireError> {
        let mut slots = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut slots);
        let length = complete(parsed.parse(raw))?;
        let base = raw.as_ptr() as usize;
        let (method, target) = (parsed.method.unwrap_or(""), parsed.path.unwrap_or(""));
        let head = Head {
            raw: raw.slice(..length),
            first: place(base, method.as_bytes()),
            second: place(base, target.as_bytes()),
            headers: places(base, parsed.headers),
        };
        let body = body(&head, raw.slice(length..))?;
        Ok(Self { head, body })
    }

    /// The method, such as `GET`.
    pub fn method(&self) -> &str {
        self.head.text(&self.head.first)
    }

    /// The request target as sent: path and query, or a whole URL (RFC 9112, section 3.2).
    pub fn target(&self) -> &str {
        self.head.text(&self.head.second)
    }

    /// The target's path, still percent-encoded.
    pub fn path(&self) -> &str {
        match split_target(self.target()).1.split('?').next() {
            None | Some("") => "/",
            Some(path) => path,
        }
    }

    /// The target's query, still percent-encoded, without the `?`.
    pub fn query(&self) -> Option<&str> {
        let (_, rest) = split_target(self.target());
        rest.split_once('?').map(|(_, query)| query)
    }

    /// Whom the request is for: the authority of a target that is a whole URL, or else the `host` header (RFC 9112, section
    /// 3.2.2).
    pub fn host(&self) -> Option<&str> {
        split_target(self.target())
            .0
            .or_else(|| self.header("host"))
    }

    /// The first header of this name, case-insensitively.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// All headers in the order sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.headers()
    }

    /// The body without any transfer coding.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The same request with another body of the right `content-length`.
    pub fn with_body(&self, body: Bytes) -> Self {
        let headers: Vec<(&str, &str)> = self
            .headers()
            .filter(|(name, _)| !is_framing(name))
            .collect();
        Self::new(self.method(), self.target(), &headers, body)
    }

    /// Head and body as they go over the wire.
    pub fn encode(&self) -> Bytes {
        join(&self.head.raw, &self.body)
    }
}

impl HttpResponse {
    /// A response with these parts; `content-length` is always added.
    pub fn new(status: u16, headers: &[(&str, &str)], body: Bytes) -> Self {
        let mut text = String::with_capacity(room(headers));
        text.push_str("HTTP/1.1 ");
        let start = text.len();
        let _ = write!(text, "{status:03}");
        let first = start..text.len();
        text.push(' ');
        let start = text.len();
        text.push_str(reason(status));
        let second = start..text.len();
        text.push_str("\r\n");
        let mut places = Vec::with_capacity(headers.len() + 1);
        write_headers(&mut text, &mut places, headers);
        if status != 204 && status != 304 {
            write_length(&mut text, &mut places, headers, body.len());
        }
        text.push_str("\r\n");
        let head = Head {
            raw: text.into(),
            first,
            second,
            headers: places,
        };
        Self { head, status, body }
    }

    /// Reads the raw bytes of one response.
    pub fn decode(raw: &Bytes) -> Result<Self, WireError> {
        let mut slots = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Response::new(&mut slots);
        let length = complete(parsed.parse(raw))?;
        let base = raw.as_ptr() as usize;
        let head = Head {
            raw: raw.slice(..length),
            first: 9..12,
            second: parsed
                .reason
                .map_or(0..0, |reason| place(base, reason.as_bytes())),
            headers: places(base, parsed.headers),
        };
        let status = parsed.code.unwrap_or(0);
        let body = body(&head, raw.slice(length..))?;
        Ok(Self { head, status, body })
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of this name, case-insensitively.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// All headers in the order sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.headers()
    }

    /// The body without any transfer coding.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Adds one more header behind the others.
    pub fn add_header(&mut self, name: &str, value: &str) {
        let known = &self.head.raw;
        // The blank line of a head that was read may be a bare line feed.
        let blank = if known.ends_with(b"\r\n") { 2 } else { 1 };
        let end = known.len().saturating_sub(blank);
        let mut raw = Vec::with_capacity(known.len() + name.len() + value.len() + 5);
        raw.extend_from_slice(&known[..end]);
        let mut put = |text: &str, after: &[u8]| {
            let start = raw.len();
            raw.extend_from_slice(clean(text).as_bytes());
            let place = start..raw.len();
            raw.extend_from_slice(after);
            place
        };
        let place = (put(name, b": "), put(value, b"\r\n"));
        raw.extend_from_slice(b"\r\n");
        self.head.headers.push(place);
        self.head.raw = raw.into();
    }

    /// Everything before the body as it goes over the wire, with the blank line.
    pub fn head(&self) -> &Bytes {
        &self.head.raw
    }

    /// Head and body as they go over the wire.
    pub fn encode(&self) -> Bytes {
        join(&self.head.raw, &self.body)
    }
}

fn join(head: &Bytes, body: &Bytes) -> Bytes {
    if body.is_empty() {
        return head.clone();
    }
    let mut all = BytesMut::with_capacity(head.len() + body.len());
    all.extend_from_slice(head);
    all.extend_from_slice(body);
    all.freeze()
}

fn is_framing(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
}

fn clean(value: &str) -> Cow<'_, str> {
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(value);
    }
    let clean = value.chars();
    Cow::Owned(
        clean
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect(),
    )
}

fn write_headers(text: &mut String, places: &mut Vec<(Place, Place)>, headers: &[(&str, &str)]) {
    for (name, value) in headers {
        write_header(text, places, name, |text| text.push_str(&clean(value)));
    }
}

fn write_header(
    text: &mut String,
    places: &mut Vec<(Place, Place)>,
    name: &str,
    value: impl FnOnce(&mut String),
) {
    let start = text.len();
    text.push_str(&clean(name));
    let name = start..text.len();
    text.push_str(": ");
    let start = text.len();
    value(text);
    places.push((name, start..text.len()));
    text.push_str("\r\n");
}

fn write_length(
    text: &mut String,
    places: &mut Vec<(Place, Place)>,
    headers: &[(&str, &str)],
    length: usize,
) {
    if !headers.iter().any(|(name, _)| is_framing(name)) {
        write_header(text, places, "content-length", |text| {
            let _ = write!(text, "{length}");
        });
    }
}

/// Room for a start line and these headers, so that a head is written without growing.
fn room(headers: &[(&str, &str)]) -> usize {
    let headers: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    96 + headers
}

fn complete(parsed: httparse::Result<usize>) -> Result<usize, WireError> {
    match parsed {
        Ok(httparse::Status::Complete(length)) => Ok(length),
        Ok(httparse::Status::Partial) => {
            Err(WireError::new("the HTTP head ends before its blank line"))
        }
        Err(httparse::Error::TooManyHeaders) => Err(WireError::new(fault::TOO_MANY_HEADERS)),
        Err(error) => Err(WireError::new(format!(
            "this is not an HTTP/1.1 head: {error}"
        ))),
    }
}

fn place(base: usize, part: &[u8]) -> Place {
    let start = (part.as_ptr() as usize).saturating_sub(base);
    start..start + part.len()
}

fn places(base: usize, headers: &[httparse::Header<'_>]) -> Vec<(Place, Place)> {
    headers
        .iter()
        .map(|header| {
            (
                place(base, header.name.as_bytes()),
                place(base, header.value),
            )
        })
        .collect()
}

fn body(head: &Head, rest: Bytes) -> Result<Bytes, WireError> {
    if head
        .header("transfer-encoding")
        .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"))
    {
        return unchunk(&rest);
    }
    match head.header("content-length") {
        None => Ok(rest),
        Some(text) => {
            let length: usize = text
                .trim()
                .parse()
                .map_err(|_| WireError::new("the content-length is not a number"))?;
            // A HEAD answer and a body cut short both hold less than they announce.
            Ok(rest.slice(..length.min(rest.len())))
        }
    }
}

fn unchunk(mut rest: &[u8]) -> Result<Bytes, WireError> {
    let mut whole = BytesMut::with_capacity(rest.len());
    loop {
        match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((_, 0))) => return Ok(whole.freeze()),
            Ok(httparse::Status::Complete((start, size))) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                let data = rest
                    .get(start..start.saturating_add(size))
                    .ok_or_else(|| WireError::new("a chunk ends before its announced size"))?;
                whole.extend_from_slice(data);
                rest = rest.get(start + size + 2..).unwrap_or(&[]);
            }
            Ok(httparse::Status::Partial) => {
                return Err(WireError::new(
                    "the chunked body ends before its last chunk",
                ));
            }
            Err(_) => return Err(WireError::new("a chunk size is not a hexadecimal number")),
        }
    }
}

/// The reason phrase of the status codes in use here (RFC 9110, section 15).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_request_reads_back_as_built() {
        let request =
            HttpRequest::new("POST", "/a?b=c", &[("x-y", "z")], Bytes::from_static(b"{}"));
        let read = HttpRequest::decode(&request.encode()).expect("it is well formed");
        assert_eq!(read.method(), "POST");
        assert_eq!(read.path(), "/a");
        assert_eq!(read.query(), Some("b=c"));
        assert_eq!(read.header("X-Y"), Some("z"));
        assert_eq!(read.header("content-length"), Some("2"));
        assert_eq!(read.body().as_ref(), b"{}");
    }

    /// RFC 9112, section 3.2.2: a target that is a whole URL says whom the request is for, and the host header does not.
    #[test]
    fn a_target_may_be_a_whole_url() {
        for (target, host, path, query) in [
            ("/a?b", "header", "/a", Some("b")),
            (
                "http://a.example:81/fhir/Patient?x=/y",
                "a.example:81",
                "/fhir/Patient",
                Some("x=/y"),
            ),
            ("HTTPS://a.example", "a.example", "/", None),
            ("http://a.example?q", "a.example", "/", Some("q")),
            (
                "/fhir?url=http://b/c",
                "header",
                "/fhir",
                Some("url=http://b/c"),
            ),
            ("*", "header", "*", None),
        ] {
            let request = HttpRequest::new("GET", target, &[("host", "header")], Bytes::new());
            assert_eq!(request.host(), Some(host), "{target}");
            assert_eq!((request.path(), request.query()), (path, query), "{target}");
        }
    }

    #[test]
    fn a_header_is_added_behind_the_others() {
        let built = HttpResponse::new(200, &[("a", "b")], Bytes::from_static(b"x"));
        let read = HttpResponse::decode(&Bytes::from_static(
            b"HTTP/1.1 200 OK\na: b\ncontent-length: 1\n\nx",
        ))
        .expect("it is well formed");
        for mut more in [built, read] {
            more.add_header("date", "to\r\nday");
            assert_eq!(more.header("Date"), Some("to  day"));
            assert_eq!(more.header("a"), Some("b"));
            let again = HttpResponse::decode(&more.encode()).expect("it is well formed");
            assert_eq!(again, more);
        }
    }

    #[test]
    fn line_breaks_cannot_add_headers() {
        let request = HttpRequest::new("GET", "/a\r\nb: c", &[("x", "1\r\ny: 2")], Bytes::new());
        let read = HttpRequest::decode(&request.encode()).expect("it is well formed");
        assert_eq!(read.headers().count(), 1);
    }

    #[test]
    fn a_chunked_response_loses_its_coding() {
        let raw = Bytes::from_static(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        );
        let read = HttpResponse::decode(&raw).expect("it is well formed");
        assert_eq!(
            (read.status(), read.body().as_ref()),
            (200, b"abcde".as_slice())
        );
    }

    #[test]
    fn cut_off_bytes_are_errors_not_panics() {
        let raw = HttpResponse::new(200, &[("a", "b")], Bytes::from_static(b"abc")).encode();
        for end in 0..raw.len() {
            let _ = HttpResponse::decode(&raw.slice(..end));
        }
        assert!(HttpResponse::decode(&Bytes::from_static(b"HTTP/1.1 200 OK\r\n")).is_err());
    }
}
