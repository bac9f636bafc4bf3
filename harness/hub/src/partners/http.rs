//! One HTTP request to a partner: bounded in time and size, its outcome sorted into success, trouble and refusal.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::Trouble;

/// Largest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Longest pause that a partner's Retry-After is granted.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The pooled client that all partners share.
pub type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// A client with connections kept for a while.
pub fn client() -> HttpClient {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(connector)
}

/// A partner that speaks HTTP.
pub struct HttpPartner {
    name: &'static str,
    client: HttpClient,
    base: String,
    timeout: Duration,
}

/// A successful answer.
pub struct Answer {
    /// The body.
    pub body: Bytes,
}

/// One request before it is sent.
pub struct Call<'a> {
    /// Method.
    pub method: Method,
    /// Path and query below the partner's base, encoded.
    pub target: String,
    /// Further headers.
    pub headers: &'a [(&'static str, &'a str)],
    /// Body; empty for none.
    pub body: String,
}

impl Call<'_> {
    /// A GET.
    pub fn get(target: String) -> Self {
        Self {
            method: Method::GET,
            target,
            headers: &[],
            body: String::new(),
        }
    }
}

impl HttpPartner {
    /// A partner at a base URL; `name` is for the log.
    pub fn new(name: &'static str, client: HttpClient, base: &str, timeout: Duration) -> Self {
        Self {
            name,
            client,
            base: base.trim_end_matches('/').to_owned(),
            timeout,
        }
    }

    /// Sends one request and waits for the whole answer.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Trouble> {
        let name = self.name;
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}/{}", self.base, call.target));
        for (header, value) in call.headers {
            request = request.header(*header, *value);
        }
        let request = request
            .body(Full::new(Bytes::from(call.body)))
            .map_err(|_| Trouble::permanent(format!("{name}: the request cannot be written")))?;
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|_| ())?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX)
                .collect()
                .await
                .map_err(|_| ())?
                .to_bytes();
            Ok::<_, ()>((head, body))
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Err(_) => Err(Trouble::transient(format!("{name}: no answer in time"))),
            Ok(Err(())) => Err(Trouble::transient(format!("{name}: connection failed"))),
            Ok(Ok((head, body))) => self.sort(head.status, &head.headers, body),
        }
    }

    fn sort(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Trouble> {
        let name = self.name;
        if status.is_success() {
            return Ok(Answer { body });
        }
        let reason = format!("{name}: HTTP {}", status.as_u16());
        let is_server_error = status.is_server_error();
        let is_transient = is_server_error
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            );
        if is_transient {
            let seconds = headers
                .get(header::RETRY_AFTER)
                .and_then(|after| after.to_str().ok()?.parse().ok());
            let pause = seconds.map(|seconds| Duration::from_secs(seconds).min(PAUSE_MAX));
            Err(Trouble::Transient {
                reason,
                pause,
                is_server_error,
            })
        } else {
            Err(Trouble::Permanent { reason })
        }
    }

    /// An answer that is not what the partner's interface promises; another try may find it in order.
    pub fn garbled(&self) -> Trouble {
        Trouble::transient(format!("{}: the answer cannot be read", self.name))
    }
}

/// Percent-encodes text for a query value; everything but unreserved characters and the colon (RFC 3986, 3.4).
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(
            encode("urn:wardgate:HOSP:mrn|M 1&ë"),
            "urn:wardgate:HOSP:mrn%7CM%201%26%C3%AB"
        );
    }

    #[test]
    fn outcomes_are_sorted() {
        let partner = HttpPartner::new("ehr", client(), "http://x/", Duration::from_secs(1));
        let sort = |status: u16, after: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(after) = after {
                headers.insert(header::RETRY_AFTER, after.parse().unwrap());
            }
            partner
                .sort(
                    StatusCode::from_u16(status).unwrap(),
                    &headers,
                    Bytes::new(),
                )
                .err()
        };
        assert_eq!(sort(201, None), None);
        let transient = |pause, is_server_error, status| {
            Some(Trouble::Transient {
                reason: format!("ehr: HTTP {status}"),
                pause,
                is_server_error,
            })
        };
        assert_eq!(sort(503, None), transient(None, true, 503));
        assert_eq!(
            sort(429, Some("60")),
            transient(Some(PAUSE_MAX), false, 429)
        );
        assert_eq!(sort(422, None), Some(Trouble::permanent("ehr: HTTP 422")));
    }
}
