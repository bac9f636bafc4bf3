//! Single HTTP calls that are no part of any case: readiness, idleness, provider states.

use std::time::Duration;

use bytes::Bytes;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use wardgate_core::wire::{HttpRequest, HttpResponse, Transport};

use super::{address::HttpTarget, http_framing::Role, intake::Intake};

/// Calls one URL again and again over one connection.
#[derive(Debug)]
pub(crate) struct Caller {
    target: HttpTarget,
    connection: Option<(TcpStream, Intake)>,
}

impl Caller {
    /// A caller of this URL.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        Ok(Self {
            target: HttpTarget::parse(url)?,
            connection: None,
        })
    }

    /// The URL, for messages.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.target.host, self.target.path)
    }

    /// Asks with GET; the answer, or why there was none.
    pub(crate) async fn get(&mut self, within: Duration) -> Result<HttpResponse, String> {
        self.call("GET", &[], Bytes::new(), within).await
    }

    /// Posts JSON; the answer, or why there was none.
    pub(crate) async fn post_json(
        &mut self,
        body: String,
        within: Duration,
    ) -> Result<HttpResponse, String> {
        let headers = [("content-type", "application/json")];
        self.call("POST", &headers, body.into(), within).await
    }

    async fn call(
        &mut self,
        method: &str,
        headers: &[(&str, &str)],
        body: Bytes,
        within: Duration,
    ) -> Result<HttpResponse, String> {
        let path = if self.target.path.is_empty() {
            "/"
        } else {
            &self.target.path
        };
        let mut all = vec![("host", self.target.host.as_str())];
        all.extend_from_slice(headers);
        let raw = HttpRequest::new(method, path, &all, body).encode();
        let reused = self.connection.is_some();
        let answered = timeout(within, async {
            match self.exchange(&raw).await {
                // The other side may have closed the kept connection meanwhile.
                Err(_) if reused => self.exchange(&raw).await,
                result => result,
            }
        })
        .await;
        match answered {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(reason)) => Err(reason),
            Err(_) => {
                self.connection = None;
                Err(format!("no answer within {within:?}"))
            }
        }
    }

    async fn exchange(&mut self, raw: &[u8]) -> Result<HttpResponse, String> {
        let (mut stream, mut intake) = if let Some(connection) = self.connection.take() {
            connection
        } else {
            let stream = TcpStream::connect(self.target.authority.as_str())
                .await
                .map_err(|error| error.to_string())?;
            let _ = stream.set_nodelay(true);
            (stream, Intake::new(Transport::Http, Role::Responses))
        };
        stream
            .write_all(raw)
            .await
            .map_err(|error| error.to_string())?;
        let item = loop {
            if let Some(item) = intake.next_item(false) {
                break item;
            }
            let count = intake
                .fill(&mut stream)
                .await
                .map_err(|error| error.to_string())?;
            if count == 0 {
                break intake
                    .finish()
                    .ok_or("the connection closed before the answer")?;
            }
        };
        if let Some(fault) = item.fault {
            return Err(fault);
        }
        let response = HttpResponse::decode(&item.raw).map_err(|error| error.to_string())?;
        if !item.last {
            self.connection = Some((stream, intake));
        }
        Ok(response)
    }
}
