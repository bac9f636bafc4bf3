//! Stubs that are served without a plan: for people, for tests in any language, and for load.
//!
//! [`stubs_up`] binds a port for each partner and serves its stub until the [`StubsUp`] is dropped. Each stub stands alone,
//! under a lock of its own; nothing is judged, and of what it received the latest is kept, bounded in bytes. A stub is asked and told
//! things through its [`LiveStub`], and from outside the process over the [control API](control).
//!
//! [`bind`] does the first half alone, for those that have the stubs hold something before anybody is answered.

mod aside;
pub mod control;
mod journal;
mod live;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinSet};
use wardgate_core::{
    port::{Catalog, Protocol, Stub, StubOptions},
    wire::Transport,
};
use wardgate_expression::Json;
use wardgate_synth::Seed;

use crate::{Observer, now_unix_ms, transport::partner};
use live::{Clock, Served};

pub use journal::Received;
pub use live::{LiveStub, SeedError};

/// How many bytes of what a stub receives are kept where nobody says otherwise: 32 MiB.
pub const JOURNAL_BYTES: usize = 32 * 1024 * 1024;

/// A partner that is to be played.
#[derive(Clone, Debug)]
pub struct StubPartner {
    /// Its name, unique among those that are served together: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// The protocol that plays it, by its name in the catalog.
    pub protocol: String,
    /// The protocol's options, as an object or null: the keys beside `stub:` in a contract.
    pub options: Json,
    /// Where it listens; a free port of loopback where nothing is said.
    pub listen: Option<SocketAddr>,
}

impl StubPartner {
    /// A partner with the protocol's usual options, on a free port of loopback.
    pub fn new(name: impl Into<String>, protocol: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            protocol: protocol.into(),
            options: Json::Null,
            listen: None,
        }
    }
}

/// How stubs are served.
#[derive(Clone)]
pub struct StubsUpOptions {
    /// Who is played.
    pub partners: Vec<StubPartner>,
    /// What the stubs' identifiers are drawn from.
    pub seed: u64,
    /// The wall clock's reading at the start, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_unix_ms: i64,
    /// About how many bytes of what it received each stub keeps.
    pub journal_bytes: usize,
    /// How long a message that has begun may take to become whole; then its connection is closed.
    pub whole_within: Duration,
    /// Who is told what crosses the wires, as lane 0; partners are numbered as they stand in `partners`.
    pub observer: Option<Arc<dyn Observer>>,
    /// Where the control API listens; nowhere where nothing is said.
    pub control: Option<SocketAddr>,
}

impl StubsUpOptions {
    /// These partners from now on, identifiers of seed 0, nobody told.
    pub fn new(partners: Vec<StubPartner>) -> Self {
        Self {
            partners,
            seed: 0,
            started_unix_ms: now_unix_ms(),
            journal_bytes: JOURNAL_BYTES,
            whole_within: partner::WHOLE_WITHIN,
            observer: None,
            control: None,
        }
    }
}

/// Why stubs cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StubsUpError {
    /// A name is not one.
    #[error("'{name}' cannot be a partner's name; letters, digits, '.', '-' and '_' make one")]
    Name {
        /// The name.
        name: String,
    },
    /// Two partners have one name.
    #[error("there are two partners called '{name}'")]
    Twice {
        /// The name.
        name: String,
    },
    /// Nobody speaks this protocol.
    #[error("'{name}': there is no protocol '{protocol}'; there are {known}")]
    Protocol {
        /// The partner.
        name: String,
        /// The protocol.
        protocol: String,
        /// Those that there are.
        known: String,
    },
    /// The protocol does not make a stub of these options, or of any.
    #[error("'{name}': {reason}")]
    Stub {
        /// The partner.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A port cannot be had.
    #[error("cannot listen on {at} for '{name}': {source}")]
    Listen {
        /// The partner, or `control`.
        name: String,
        /// Where.
        at: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// What the stubs run on cannot be had.
    #[error("the stubs have nothing to run on: {source}")]
    Runtime {
        /// Why not.
        source: io::Error,
    },
}

/// Stubs whose ports are bound and that answer nobody yet: clients that connect wait.
#[derive(Debug)]
pub struct StubsBound {
    stubs: Arc<[Arc<LiveStub>]>,
    listeners: Vec<TcpListener>,
    control: Option<(TcpListener, SocketAddr)>,
    whole_within: Duration,
}

/// Stubs that are served until this is dropped.
#[derive(Debug)]
pub struct StubsUp {
    stubs: Arc<[Arc<LiveStub>]>,
    control: Option<SocketAddr>,
    servers: JoinSet<()>,
}

/// Serves stubs; they answer from when this returns. Call it within a Tokio runtime with I/O and time.
pub async fn stubs_up(catalog: &Catalog, options: StubsUpOptions) -> Result<StubsUp, StubsUpError> {
    Ok(bind(catalog, options).await?.serve())
}

/// Makes the stubs and binds their ports. Call it within a Tokio runtime with I/O and time.
pub async fn bind(catalog: &Catalog, options: StubsUpOptions) -> Result<StubsBound, StubsUpError> {
    let clock = Clock::new(options.started_unix_ms);
    let seed = Seed::from_u64(options.seed).child("stubs");
    let mut listeners = Vec::new();
    let mut stubs: Vec<Arc<LiveStub>> = Vec::new();
    for (index, wanted) in options.partners.into_iter().enumerate() {
        if stubs.iter().any(|known| known.name() == wanted.name) {
            return Err(StubsUpError::Twice { name: wanted.name });
        }
        check_name(&wanted.name)?;
        let protocol = protocol(catalog, &wanted)?.clone();
        let stub = stub(&*protocol, &wanted, seed.child(wanted.name.as_str()))?;
        let at = wanted
            .listen
            .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let (listener, address) = listen(&wanted.name, at).await?;
        let served = Served {
            name: wanted.name,
            index,
            address,
            protocol,
            stub,
            journal_bytes: options.journal_bytes,
            observer: options.observer.clone(),
        };
        listeners.push(listener);
        stubs.push(Arc::new(LiveStub::new(served, clock.clone())));
    }
    let control = match options.control {
        Some(at) => Some(listen("control", at).await?),
        None => None,
    };
    Ok(StubsBound {
        stubs: stubs.into(),
        listeners,
        control,
        whole_within: options.whole_within,
    })
}

/// What a partner speaks.
fn protocol<'c>(
    catalog: &'c Catalog,
    wanted: &StubPartner,
) -> Result<&'c Arc<dyn Protocol>, StubsUpError> {
    catalog
        .get(&wanted.protocol)
        .ok_or_else(|| StubsUpError::Protocol {
            name: wanted.name.clone(),
            protocol: wanted.protocol.clone(),
            known: catalog.names().join(", "),
        })
}

/// Its stub in its first state.
fn stub(
    protocol: &dyn Protocol,
    wanted: &StubPartner,
    seed: Seed,
) -> Result<Box<dyn Stub>, StubsUpError> {
    let refused = |reason| StubsUpError::Stub {
        name: wanted.name.clone(),
        reason,
    };
    if matches!(protocol.transport(), Transport::Files) {
        return Err(refused(String::from(
            "files are dropped into a folder; nobody connects to send them",
        )));
    }
    let options = StubOptions {
        partner: wanted.name.clone(),
        options: wanted.options.clone(),
        seed,
    };
    protocol.stub(&options).map_err(refused)
}

impl StubsBound {
    /// The stubs, in the order in which they were asked for.
    pub fn stubs(&self) -> &[Arc<LiveStub>] {
        &self.stubs
    }

    /// Serves them: they answer from when this returns. Where each is reset to is how it is now.
    pub fn serve(self) -> StubsUp {
        let mut servers = JoinSet::new();
        for (index, (listener, stub)) in self.listeners.into_iter().zip(&*self.stubs).enumerate() {
            stub.snapshot();
            let transport = stub.protocol().transport();
            servers.spawn(partner::serve(
                listener,
                stub.clone(),
                index,
                transport,
                self.whole_within,
            ));
        }
        let mut address = None;
        if let Some((listener, at)) = self.control {
            address = Some(at);
            servers.spawn(control::serve(listener, at, self.stubs.clone()));
        }
        StubsUp {
            stubs: self.stubs,
            control: address,
            servers,
        }
    }
}

impl StubsUp {
    /// The stubs, in the order in which they were asked for.
    pub fn stubs(&self) -> &[Arc<LiveStub>] {
        &self.stubs
    }

    /// The stub of this partner.
    pub fn stub(&self, name: &str) -> Option<&Arc<LiveStub>> {
        self.stubs.iter().find(|stub| stub.name() == name)
    }

    /// Where the control API listens, if it does.
    pub fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// Ends every connection and closes every port, and waits until that is done.
    pub async fn close(mut self) {
        self.servers.shutdown().await;
    }
}

/// A name stands in URLs and in lines of text.
fn check_name(name: &str) -> Result<(), StubsUpError> {
    let sound = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if sound {
        Ok(())
    } else {
        Err(StubsUpError::Name {
            name: name.to_owned(),
        })
    }
}

async fn listen(name: &str, at: SocketAddr) -> Result<(TcpListener, SocketAddr), StubsUpError> {
    let refused = |source| StubsUpError::Listen {
        name: name.to_owned(),
        at,
        source,
    };
    let listener = partner::bind(at).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}
