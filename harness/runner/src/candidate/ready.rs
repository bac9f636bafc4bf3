//! Waiting until the candidate serves.

use std::time::{Duration, Instant};

use tokio::{net::TcpStream, time::timeout};

use super::{Address, output::Output};
use crate::transport::http_call::Caller;

/// The first pause between two looks; it doubles up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(1);
const PAUSE_LAST: Duration = Duration::from_millis(50);

/// What shows that it serves.
#[derive(Debug)]
pub(crate) enum Sign {
    /// This address accepts connections.
    Accepts(String),
    /// This URL answers 2xx.
    Answers(Caller),
    /// This pattern stands in its output.
    Printed(usize),
}

impl Sign {
    /// A sign that an address is served, if it has a port.
    pub(crate) fn of(address: &Address) -> Option<Self> {
        address.socket().ok().map(Self::Accepts)
    }

    /// Waits for the sign; the error says what was seen instead when the time was over.
    pub(crate) async fn wait(
        &mut self,
        until: Instant,
        output: Option<&Output>,
    ) -> Result<(), String> {
        let mut pause = PAUSE_FIRST;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Err(seen) = self.look(left, output).await else {
                return Ok(());
            };
            if left.is_zero() {
                return Err(seen);
            }
            match (&self, output) {
                (Self::Printed(_), Some(output)) => {
                    let mut changes = output.changes();
                    // A line may have come between the look and this; the pause bounds what that costs.
                    let _ = timeout(left.min(PAUSE_LAST), changes.changed()).await;
                }
                _ => tokio::time::sleep(left.min(pause)).await,
            }
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    async fn look(&mut self, left: Duration, output: Option<&Output>) -> Result<(), String> {
        let within = left.max(PAUSE_FIRST);
        match self {
            Self::Accepts(address) => {
                match timeout(within, TcpStream::connect(address.as_str())).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(format!("no connection to {address}: {error}")),
                    Err(_) => Err(format!("no connection to {address}")),
                }
            }
            Self::Answers(caller) => match caller.get(within).await {
                Ok(response) if (200..300).contains(&response.status()) => Ok(()),
                Ok(response) => Err(format!("{} answered {}", caller.url(), response.status())),
                Err(reason) => Err(format!("{} did not answer: {reason}", caller.url())),
            },
            Self::Printed(pattern) => output
                .and_then(|output| output.found(*pattern))
                .map(|_| ())
                .ok_or_else(|| {
                    String::from("its output does not have the line that is waited for")
                }),
        }
    }
}
