//! Start and stop.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::defect::Defect;
use crate::folder::Folder;
use crate::http_api::HttpApi;
use crate::ids::Ids;
use crate::intake::Intake;
use crate::mllp_server::MllpServer;
use crate::outbox::Outbox;
use crate::partners::Partners;
use crate::store::{Opened, Store, StoreError};

/// Why the hub did not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// A partner's address is not usable.
    #[error("{partner} is not an http URL")]
    Address {
        /// Which one.
        partner: &'static str,
    },
    /// A listener, folder or signal is not to be had.
    #[error("cannot {action}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened, or failed while the hub ran; going on would lose what is acknowledged.
    #[error("cannot keep state")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for HubError {
    fn from(error: StoreError) -> Self {
        Self::Store(Box::new(error))
    }
}

fn io_error(action: &'static str) -> impl FnOnce(io::Error) -> HubError {
    move |source| HubError::Io { action, source }
}

/// How long work in hand may take once the hub is told to stop.
const STOP_MAX: Duration = Duration::from_secs(2);

/// Runs the hub until SIGTERM or SIGINT, then returns `Ok`.
///
/// Prints `hub ready mllp=ADDRESS http=ADDRESS` on standard output once both listeners are up, and plain log lines
/// without patient data on standard error. It brings its own runtime, so it must not be called from within one.
pub fn run(config: Config) -> Result<(), HubError> {
    for (partner, base) in [("ehr", &config.ehr), ("ledger", &config.ledger)] {
        let is_http = base
            .parse::<Uri>()
            .is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
        if !is_http {
            return Err(HubError::Address { partner });
        }
    }
    let opened = Store::open(
        &config.state,
        config.defects.has(Defect::OutboxLostOnRestart),
    )?;
    let Opened {
        store,
        queued,
        writer,
    } = opened;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(io_error("start the runtime"))?;
    let outcome = runtime.block_on(serve(config, store, queued));
    runtime.shutdown_timeout(STOP_MAX);
    // With the tasks gone nobody holds the store, so the writer ends when it has committed what was handed in.
    let _ = writer.join();
    outcome
}

async fn serve(
    config: Config,
    store: Store,
    queued: tokio::sync::mpsc::UnboundedReceiver<crate::store::Queued>,
) -> Result<(), HubError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(io_error("wait for SIGTERM"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(io_error("wait for SIGINT"))?;
    let ids = Arc::new(Ids::new(Timestamp::now()));
    let defects = config.defects;
    let folder = Folder::new(
        config.charges.clone(),
        store.clone(),
        Arc::clone(&ids),
        defects,
    )
    .map_err(io_error("use the charges folder"))?;
    let mllp = listen(config.mllp).map_err(io_error("listen for MLLP"))?;
    let http = listen(config.http).map_err(io_error("listen for HTTP"))?;
    let address = |listener: &TcpListener| {
        listener
            .local_addr()
            .map_err(io_error("read a listener's address"))
    };
    let ready = format!(
        "hub ready mllp={} http={}\n",
        address(&mllp)?,
        address(&http)?
    );

    let outbox = Outbox::new(
        &config,
        store.clone(),
        Partners::new(&config, Arc::clone(&ids)),
    );
    let zone = config.timezone.0.clone();
    let intake = Intake::new(
        store.clone(),
        Arc::clone(&outbox),
        Arc::clone(&ids),
        zone,
        defects,
    );
    tokio::spawn(MllpServer::new(Arc::new(intake), defects).run(mllp));
    tokio::spawn(HttpApi::new(store, ids, config.charges, defects).run(http));

    let mut stdout = io::stdout();
    stdout
        .write_all(ready.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(io_error("announce readiness"))?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        error = outbox.run(queued) => Err(error.into()),
        error = folder.run() => Err(error.into()),
    }
}

/// A listener with a queue long enough for a rush of senders. A port that an earlier run has just left is taken at once.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}
