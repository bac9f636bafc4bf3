//! One partner, as a test speaks of it.

use std::{fmt, fmt::Write as _, net::SocketAddr, panic::Location, time::Duration};

use wardgate_core::port::{Control, Fault};
use wardgate_expression::Json;

use super::{Drawn, Received, Stubs};

/// One partner, as a test speaks of it. Got from [`Stubs::partner`].
#[derive(Clone, Copy, Debug)]
pub struct Partner<'s> {
    stubs: &'s Stubs,
    index: usize,
}

impl<'s> Partner<'s> {
    pub(super) fn new(stubs: &'s Stubs, index: usize) -> Self {
        Self { stubs, index }
    }

    /// Its name.
    pub fn name(&self) -> &'s str {
        self.stubs.live.name(self.index)
    }

    /// Its base URL, where it is reached over HTTP, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// Its address.
    pub fn addr(&self) -> SocketAddr {
        self.stubs.live.address(self.index)
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
        let protocol = self.stubs.live.protocol(self.index);
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
        let told = Control::Seed {
            collection: collection.to_owned(),
            record,
        };
        if let Some(remark) = self.stubs.live.control(self.index, &told) {
            panic!("'{}' does not hold it: {remark}", self.name());
        }
    }

    /// The records that it holds in a collection by now, such as `Patient` or `customers`.
    ///
    /// # Panics
    ///
    /// When its protocol has no such collection.
    #[track_caller]
    pub fn held(&self, collection: &str) -> Vec<Json> {
        match self.stubs.live.held(self.index, collection) {
            Ok(records) => records,
            Err(reason) => panic!("'{}' holds no '{collection}': {reason}", self.name()),
        }
    }

    /// Brings it back to its first state, with what it was given before the first message and no fault on.
    pub fn reset(&self) {
        self.stubs.live.control(self.index, &Control::Reset);
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
        if let Err(reason) = self.stubs.live.protocol(self.index).check_refusal(with) {
            panic!("'{}' does not refuse with '{with}': {reason}", self.name());
        }
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
        self.stubs.live.control(self.index, &Control::ClearFaults);
    }

    fn fault(&self, fault: Fault) {
        self.stubs.live.control(self.index, &Control::Fault(fault));
    }

    // What it received.

    /// Everything that it has received so far, in order, also what it did not take in.
    pub fn received(&self) -> Vec<Received> {
        self.stubs.live.log().of(self.index)
    }

    /// What it has received and taken in so far of the messages that a selector means, such as `PUT Patient`.
    ///
    /// # Panics
    ///
    /// When the protocol has no such selector.
    #[track_caller]
    pub fn received_as(&self, selector: &str) -> Vec<Received> {
        if let Err(reason) = self
            .stubs
            .live
            .protocol(self.index)
            .check_selector(selector)
        {
            panic!(
                "'{selector}' selects nothing at '{}': {reason}",
                self.name()
            );
        }
        self.received()
            .into_iter()
            .filter(|received| received.is_handled() && received.is(selector))
            .collect()
    }

    /// Waits until it has received and taken in exactly so many messages that the selector means, and hands them over. It does
    /// not wait for a message too many: call it when the code under test has nothing more to send.
    ///
    /// # Panics
    ///
    /// When fewer have come within the deadline, or more have come by now: with what did come.
    #[track_caller]
    pub fn assert_received(
        &self,
        selector: &str,
        times: usize,
    ) -> impl Future<Output = Vec<Received>> + use<'s> {
        let place = Location::caller();
        let (partner, selector) = (*self, selector.to_owned());
        // Said at once, and with the caller's line.
        partner.received_as(&selector);
        async move {
            let found = partner
                .until(|| {
                    let found = partner.received_as(&selector);
                    (found.len() >= times).then_some(found)
                })
                .await
                .unwrap_or_else(|| partner.received_as(&selector));
            assert!(
                found.len() == times,
                "{place}: expected '{}' to receive {selector}, exactly {times}, but it received {}{}",
                partner.name(),
                found.len(),
                partner.listed()
            );
            found
        }
    }

    /// Waits until it holds exactly so many records in a collection, and hands them over.
    ///
    /// # Panics
    ///
    /// When it does not within the deadline: with what it holds.
    #[track_caller]
    pub fn assert_held(
        &self,
        collection: &str,
        count: usize,
    ) -> impl Future<Output = Vec<Json>> + use<'s> {
        let place = Location::caller();
        let (partner, collection) = (*self, collection.to_owned());
        partner.held(&collection);
        async move {
            let found = partner
                .until(|| {
                    let found = partner.held(&collection);
                    (found.len() == count).then_some(found)
                })
                .await
                .unwrap_or_else(|| partner.held(&collection));
            assert!(
                found.len() == count,
                "{place}: expected '{}' to hold {count} {collection}, but it holds {}:{}{}",
                partner.name(),
                found.len(),
                lines(&found),
                partner.listed()
            );
            found
        }
    }

    /// Looks again after every change until there is something, or the deadline has passed.
    async fn until<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        let mut changes = self.stubs.live.log().watch();
        let looking = async {
            loop {
                if let Some(found) = look() {
                    return found;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(self.stubs.within, looking).await.ok()
    }

    /// Everything that it received, for messages.
    fn listed(&self) -> String {
        let received = self.received();
        if received.is_empty() {
            return format!("; nothing came within {:?}", self.stubs.within);
        }
        format!("; what came in all:{}", lines(&received))
    }
}

/// Each on a line of its own.
fn lines(things: &[impl fmt::Display]) -> String {
    things.iter().fold(String::new(), |mut out, thing| {
        let _ = write!(out, "\n  {thing}");
        out
    })
}
