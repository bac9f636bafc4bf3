//! A request to stop, seen by everybody who holds a copy.

use std::sync::Arc;

use tokio::sync::watch;

/// A request to stop. Copies see it when any one of them makes it.
#[derive(Clone, Debug)]
pub struct Stop {
    sender: Arc<watch::Sender<bool>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// One that nobody has made yet.
    pub fn new() -> Self {
        Self {
            sender: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Makes the request.
    pub fn request(&self) {
        self.sender.send_replace(true);
    }

    /// Whether it has been made.
    pub fn is_requested(&self) -> bool {
        *self.sender.borrow()
    }

    /// Waits until it is made.
    pub async fn requested(&self) {
        // The sender lives as long as this, so waiting cannot fail.
        let _ = self
            .sender
            .subscribe()
            .wait_for(|requested| *requested)
            .await;
    }

    /// Makes the request when the process gets SIGINT (Ctrl-C), SIGTERM or SIGHUP. Call it within a Tokio runtime;
    /// the second signal ends the process at once, and the [guard](crate::guard) then ends the candidates.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ] {
            let mut signals = signal(kind)?;
            let stop = self.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    if stop.is_requested() {
                        std::process::exit(128 + kind.as_raw_value());
                    }
                    stop.request();
                }
            });
        }
        Ok(())
    }
}
