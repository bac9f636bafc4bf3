//! Calling a partner: one request, one connection, JSON both ways.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Why a registration did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The registration itself is not acceptable; trying again will not help.
    #[error("the registration is not acceptable: {0}")]
    Unacceptable(String),
    /// A partner could not be reached, or has trouble of its own: trying again may help.
    #[error("a partner has trouble: {0}")]
    Partner(String),
    /// A partner refused what the desk sent: trying again will not help.
    #[error("a partner refused: {0}")]
    Refused(String),
}

impl Trouble {
    /// Whether it may go away by itself.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Partner(_))
    }
}

/// Calls `base` + `path` and gives the answer's body. A status of 5xx is trouble that may pass, 4xx is a refusal.
pub(crate) async fn call(
    method: Method,
    base: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Trouble> {
    let partner = |error: &dyn std::fmt::Display| Trouble::Partner(format!("{base}: {error}"));
    let refused = |error: &dyn std::fmt::Display| Trouble::Refused(format!("{base}: {error}"));
    let rest = base
        .strip_prefix("http://")
        .ok_or_else(|| refused(&"only http:// is spoken here"))?;
    let (authority, prefix) = rest
        .find('/')
        .map_or((rest, ""), |at| (&rest[..at], &rest[at..]));
    let request = Request::builder()
        .method(method)
        .uri(format!("{prefix}{path}"))
        .header("host", authority)
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(
            body.map(Value::to_string).unwrap_or_default(),
        )))
        .map_err(|error| refused(&error))?;

    let stream = TcpStream::connect(authority)
        .await
        .map_err(|error| partner(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| partner(&error))?;
    // The connection is driven beside the request; it ends when the sender is dropped.
    let driver = tokio::spawn(connection);
    let answered = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        Ok::<_, hyper::Error>((status, bytes))
    }
    .await;
    driver.abort();
    let (status, bytes) = answered.map_err(|error| partner(&error))?;
    judge(status, &bytes).map_err(|(may_pass, reason)| {
        if may_pass {
            partner(&reason)
        } else {
            refused(&reason)
        }
    })
}

/// The body of a good answer; otherwise whether the trouble may pass, and what it is.
fn judge(status: StatusCode, bytes: &[u8]) -> Result<Value, (bool, String)> {
    if !status.is_success() {
        return Err((status.is_server_error(), status.to_string()));
    }
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|error| (true, error.to_string()))
}
