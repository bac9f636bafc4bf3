//! Partner stubs for tests of your own.

mod draw;
mod hand;
mod live;
mod log;
mod partner;
mod protocol;
mod received;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use wardgate_core::plan;
use wardgate_expression::{Json, Object};

pub use draw::Drawn;
use live::Live;
pub use partner::Partner;
pub use received::Received;

/// How long assertions wait unless the test says otherwise.
const WITHIN: Duration = Duration::from_secs(5);

/// Partners that are played by stubs on free ports of the loopback interface until this is dropped.
///
/// They run on threads of their own: clients that block their thread are answered too.
#[derive(Debug)]
pub struct Stubs {
    live: Arc<Live>,
    within: Duration,
    drawing: draw::Drawing,
}

/// A partner that is to be played: its name, the protocol that plays it and the protocol's options.
#[derive(Clone, Debug)]
pub struct Wanted(plan::Partner);

impl<N: Into<String>, P: Into<String>> From<(N, P)> for Wanted {
    /// A partner without options.
    fn from((name, protocol): (N, P)) -> Self {
        Self::from((name, protocol, Json::Object(Object::default())))
    }
}

impl<N: Into<String>, P: Into<String>> From<(N, P, Json)> for Wanted {
    /// A partner with the options that may stand beside `stub:` in a contract.
    fn from((name, protocol, options): (N, P, Json)) -> Self {
        Self(plan::Partner {
            name: name.into(),
            protocol: protocol.into(),
            options,
        })
    }
}

impl Stubs {
    /// Starts a stub for each partner: `Stubs::start([("ehr", "fhir"), ("ledger", "erp"), ("pharmacy", "hl7v2")])`.
    /// They answer as soon as this returns.
    ///
    /// # Panics
    ///
    /// When there is no such protocol, an option is wrong, or no port can be had.
    pub async fn start<P: Into<Wanted>>(partners: impl IntoIterator<Item = P>) -> Self {
        let partners = partners.into_iter().map(|wanted| wanted.into().0).collect();
        match Live::start(partners).await {
            Ok(live) => Self {
                drawing: draw::Drawing::default(),
                live,
                within: WITHIN,
            },
            Err(reason) => panic!("the stubs cannot be started: {reason}"),
        }
    }

    /// How long assertions wait at most; 5 s unless this says otherwise.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.within = deadline;
        self
    }

    /// One of the partners: to give it records, make it fail and ask what it received.
    ///
    /// # Panics
    ///
    /// When there is none of this name, as with everything else here that takes a name.
    #[track_caller]
    pub fn partner(&self, name: &str) -> Partner<'_> {
        match self.live.index(name) {
            Some(index) => Partner::new(self, index),
            None => panic!(
                "there is no partner '{name}'; there are {}",
                self.live.names().join(", ")
            ),
        }
    }

    /// The base URL of a partner that is reached over HTTP, without a slash at its end. A FHIR server answers at any base
    /// below it (`/fhir`, say), an ERP at `/api/v2.0`.
    #[track_caller]
    pub fn url(&self, partner: &str) -> String {
        self.partner(partner).url()
    }

    /// The address of a partner.
    #[track_caller]
    pub fn addr(&self, partner: &str) -> SocketAddr {
        self.partner(partner).addr()
    }

    /// Everything that a partner has received so far, in order.
    #[track_caller]
    pub fn received(&self, partner: &str) -> Vec<Received> {
        self.partner(partner).received()
    }

    /// The records that a partner holds in a collection by now.
    #[track_caller]
    pub fn held(&self, partner: &str, collection: &str) -> Vec<Json> {
        self.partner(partner).held(collection)
    }

    /// A synthetic record that belongs to nobody: a `patient`, an `encounter`, a `charge`. Records that are drawn later are about
    /// the first patient, encounter and order that were. `WARDGATE_SEED` draws them again.
    ///
    /// # Panics
    ///
    /// When there is no such kind of record.
    #[track_caller]
    pub fn draw(&mut self, kind: &str) -> Drawn {
        match self.drawing.draw(kind) {
            Ok(drawn) => drawn,
            Err(reason) => panic!("{reason}"),
        }
    }
}

impl Drop for Stubs {
    fn drop(&mut self) {
        self.live.stop();
    }
}
