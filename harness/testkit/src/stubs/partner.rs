//! One partner, as a test speaks of it.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use wardgate_core::port::Fault;
use wardgate_expression::Json;
use wardgate_runner::stubs_up::LiveStub;

use super::{Drawn, Received, Stubs};

/// One partner, as a test speaks of it. Got from [`Stubs::partner`].
#[derive(Clone, Copy, Debug)]
pub struct Partner<'s> {
    pub(super) stubs: &'s Stubs,
    index: usize,
}

impl<'s> Partner<'s> {
    pub(super) fn new(stubs: &'s Stubs, index: usize) -> Self {
        Self { stubs, index }
    }

    pub(super) fn stub(&self) -> &'s Arc<LiveStub> {
        &self.stubs.thread.stubs()[self.index]
    }

    /// Its name.
    pub fn name(&self) -> &'s str {
        self.stub().name()
    }

    /// Its base URL, where it is reached over HTTP, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// Its address.
    pub fn addr(&self) -> SocketAddr {
        self.stub().address()
    }

    // What it holds.

    /// Lets it hold a record, as if a client had put it there. The record is JSON: text, or whatever displays as such.
    ///
    /// # Panics
    ///
    /// When it is not JSON, or the partner cannot hold it.
    #[track_caller]
    pub fn seed(&self, collection: &str, record: impl fmt::Display) {
        let text = record.to_string();
        match Json::parse(&text) {
            Ok(record) => self.hold(collection, record),
            Err(error) => panic!("a record for '{collection}' is not JSON: {error}\n{text}"),
        }
    }

    /// Lets it hold a synthetic record in its protocol's own form: a `patient` is a Patient of a FHIR server and a customer of an
    /// ERP.
    ///
    /// # Panics
    ///
    /// When the protocol has no form for records of this kind.
    #[track_caller]
    pub fn seed_drawn(&self, record: &Drawn) {
        let protocol = self.stub().protocol();
        let rendered = protocol.render(record.kind(), record.json());
        let placed = rendered.and_then(|rendered| {
            let collection = protocol.collection_of(record.kind(), &rendered)?;
            Some((collection, rendered))
        });
        match placed {
            Some((collection, rendered)) => self.hold(&collection, rendered),
            None => panic!(
                "'{}' is played by {}, which has no form for a {}",
                self.name(),
                protocol.name(),
                record.kind()
            ),
        }
    }

    #[track_caller]
    fn hold(&self, collection: &str, record: Json) {
        if let Err(error) = self.stub().seed(collection, vec![record]) {
            panic!("'{}' does not hold it: {}", self.name(), error.reason);
        }
    }

    /// The records that it holds in a collection by now, such as `Patient` or `customers`.
    ///
    /// # Panics
    ///
    /// When its protocol has no such collection.
    #[track_caller]
    pub fn held(&self, collection: &str) -> Vec<Json> {
        let stub = self.stub();
        let held = stub.protocol().check_collection(collection).and_then(|()| {
            stub.held(collection, |held| {
                held.iter().map(|one| one.record().into_owned()).collect()
            })
        });
        match held {
            Ok(records) => records,
            Err(reason) => panic!("'{}' holds no '{collection}': {reason}", self.name()),
        }
    }

    /// Remembers what it holds: [`reset`](Self::reset) goes back to here.
    pub fn snapshot(&self) {
        self.stub().snapshot();
    }

    /// Goes back to what it held at the last [`snapshot`](Self::snapshot), or to holding nothing. It behaves well again and
    /// forgets what it received.
    pub fn reset(&self) {
        self.stub().reset();
    }

    // How it fails.

    /// The next so many connections are reset, and so are messages on open ones until then.
    pub fn down(&self, attempts: u32) {
        self.fault(Fault::Down { attempts });
    }

    /// The next so many messages are refused in these words of its protocol (`503`, `AE`), and not taken in.
    ///
    /// # Panics
    ///
    /// When the protocol does not refuse in these words.
    #[track_caller]
    pub fn refuse(&self, with: &str, attempts: u32) {
        self.fault(Fault::Refuse {
            with: Some(with.to_owned()),
            attempts,
        });
    }

    /// The next so many replies are this late.
    pub fn slow(&self, by: Duration, attempts: u32) {
        self.fault(Fault::Slow { by, attempts });
    }

    /// The next so many messages that change something are taken in, and the connection closes in place of a reply.
    pub fn lose_reply(&self, attempts: u32) {
        self.fault(Fault::LoseReply { attempts });
    }

    /// The next so many messages that change something are taken in, and the reply is cut in the middle.
    pub fn garble(&self, attempts: u32) {
        self.fault(Fault::Garble { attempts });
    }

    /// It behaves well again.
    pub fn recover(&self) {
        let _there = self.stubs.thread.runtime().enter();
        self.stub().clear_faults();
    }

    #[track_caller]
    fn fault(&self, fault: Fault) {
        let _there = self.stubs.thread.runtime().enter();
        if let Err(reason) = self.stub().fault(fault) {
            panic!("'{}' cannot fail like this: {reason}", self.name());
        }
    }

    // What it received.

    /// Everything that it has received so far, in order, also what it did not take in.
    pub fn received(&self) -> Vec<Received> {
        let stub = self.stub();
        stub.received(0, usize::MAX)
            .into_iter()
            .map(|received| Received::new(stub.protocol().clone(), received))
            .collect()
    }

    /// What it has received and taken in so far of the messages that a selector means, such as `PUT Patient`.
    ///
    /// # Panics
    ///
    /// When the protocol has no such selector.
    #[track_caller]
    pub fn received_as(&self, selector: &str) -> Vec<Received> {
        self.check_selector(selector);
        self.received()
            .into_iter()
            .filter(|received| received.is_handled() && received.is(selector))
            .collect()
    }

    #[track_caller]
    pub(super) fn check_selector(&self, selector: &str) {
        if let Err(reason) = self.stub().protocol().check_selector(selector) {
            panic!(
                "'{selector}' selects nothing at '{}': {reason}",
                self.name()
            );
        }
    }
}
