//! Partner stubs for tests of your own.

mod draw;
mod expect;
mod partner;
mod received;
mod thread;

use std::{net::SocketAddr, time::Duration};

use wardgate_expression::Json;
use wardgate_runner::stubs_up::{StubPartner, StubsUpOptions};

use crate::seed;
pub use draw::Drawn;
pub use partner::Partner;
pub use received::Received;
use thread::StubsThread;

/// How long assertions wait unless the test says otherwise.
const WITHIN: Duration = Duration::from_secs(5);
/// The quiet window unless the test says otherwise.
const QUIET: Duration = Duration::from_millis(100);

/// Partners that are played by stubs on free ports of the loopback interface until this is dropped.
///
/// They run on a thread of their own: clients that block the test's thread are answered too, and nothing is needed of the
/// test's runtime. Everything that they receive is kept.
#[derive(Debug)]
pub struct Stubs {
    thread: StubsThread,
    within: Duration,
    quiet: Duration,
    drawing: draw::Drawing,
}

/// A partner that is to be played: its name, the protocol that plays it and the protocol's options.
#[derive(Clone, Debug)]
pub struct Wanted(StubPartner);

impl<N: Into<String>, P: Into<String>> From<(N, P)> for Wanted {
    /// A partner without options.
    fn from((name, protocol): (N, P)) -> Self {
        Self(StubPartner::new(name, protocol))
    }
}

impl<N: Into<String>, P: Into<String>> From<(N, P, Json)> for Wanted {
    /// A partner with the options that may stand beside `stub:` in a contract.
    fn from((name, protocol, options): (N, P, Json)) -> Self {
        Self(StubPartner {
            options,
            ..StubPartner::new(name, protocol)
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
        let started = async {
            let options = StubsUpOptions {
                seed: seed::choose(Some(0))?,
                // What was forgotten could not be counted.
                journal_bytes: usize::MAX,
                ..StubsUpOptions::new(partners)
            };
            StubsThread::start(wardgate_stub_catalog::catalog(), options)
                .await
                .map_err(|error| error.to_string())
        };
        match started.await {
            Ok(thread) => Self {
                thread,
                within: WITHIN,
                quiet: QUIET,
                drawing: draw::Drawing::default(),
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

    /// For how long nothing more may come before "exactly" is believed; 100 ms unless this says otherwise.
    ///
    /// A client that sends something twice sends the second after the first, so an assertion that stops looking at the first has
    /// proven nothing. Give more where the code under test repeats itself later (a retry by a timer); zero where it has nothing
    /// left to send when the assertion is reached, as code that is awaited to its end on one task.
    #[must_use]
    pub fn quiet(mut self, window: Duration) -> Self {
        self.quiet = window;
        self
    }

    /// One of the partners: to give it records, make it fail and ask what it received.
    ///
    /// # Panics
    ///
    /// When there is none of this name, as with everything else here that takes a name.
    #[track_caller]
    pub fn partner(&self, name: &str) -> Partner<'_> {
        let stubs = self.thread.stubs();
        match stubs.iter().position(|stub| stub.name() == name) {
            Some(index) => Partner::new(self, index),
            None => panic!(
                "there is no partner '{name}'; there are {}",
                stubs
                    .iter()
                    .map(|stub| stub.name())
                    .collect::<Vec<_>>()
                    .join(", ")
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
