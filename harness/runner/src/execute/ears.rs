//! Hearing everything that the candidate says while something else is waited for.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::{sync::watch, time::timeout};
use wardgate_core::event::{EventKind, Lifecycle};

use crate::{lane::LaneHandle, transport::endpoint::Endpoints};

/// The connections to the candidate and its life, heard whenever the executor waits.
pub(crate) struct Ears {
    lane: Arc<LaneHandle>,
    /// The connections to the candidate.
    pub endpoints: Endpoints,
    exited: Option<watch::Receiver<Option<String>>>,
    exit: Option<String>,
}

impl Ears {
    /// Hears these connections.
    pub(crate) fn new(lane: Arc<LaneHandle>, endpoints: Endpoints) -> Self {
        Self {
            lane,
            endpoints,
            exited: None,
            exit: None,
        }
    }

    /// Sees the end of a newly started process; none where there is no process, or its end is our own doing.
    pub(crate) fn listen_to(&mut self, exited: Option<watch::Receiver<Option<String>>>) {
        self.exited = exited;
        self.exit = None;
    }

    /// How the candidate ended by itself, if it has; the log says so too then.
    pub(crate) fn exit(&self) -> Option<&str> {
        self.exit.as_deref()
    }

    /// Waits for the future, and appends what is heard meanwhile.
    pub(crate) async fn hear<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        if self.exited.is_none() || self.exit.is_some() {
            return poll_fn(|context| {
                self.endpoints.poll(context);
                future.as_mut().poll(context)
            })
            .await;
        }
        let mut exited = self.exited.clone();
        let ended = async {
            match &mut exited {
                Some(exited) => exited
                    .wait_for(Option::is_some)
                    .await
                    .ok()
                    .and_then(|status| status.clone()),
                None => None,
            }
        };
        let mut ended = pin!(ended);
        poll_fn(|context| {
            // Its last words come before its end.
            self.endpoints.poll(context);
            if self.exit.is_none()
                && let Poll::Ready(status) = ended.as_mut().poll(context)
            {
                self.endpoints.poll(context);
                let status = status.unwrap_or_else(|| String::from("its status is unknown"));
                self.exit = Some(status.clone());
                self.lane
                    .append(EventKind::Candidate(Lifecycle::Exited { status }));
            }
            future.as_mut().poll(context)
        })
        .await
    }

    /// Hears what there is to hear by now.
    pub(crate) async fn look(&mut self) {
        self.hear(std::future::ready(())).await;
    }

    /// Waits a little for the candidate's end, where it seems to be ending.
    pub(crate) async fn hear_end(&mut self, within: Duration) {
        if self.exit.is_some() {
            return;
        }
        if let Some(mut exited) = self.exited.clone() {
            let _ = self
                .hear(timeout(within, exited.wait_for(Option::is_some)))
                .await;
            self.look().await;
        }
    }
}
