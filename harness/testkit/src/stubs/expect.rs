//! What a test expects a partner to have received and to hold.
//!
//! "At least" is settled on sight. "Exactly" is not: the one message too many comes after the last that was expected, so
//! whoever stops looking there never sees it. Once the number is reached a quiet window has to pass without another.

use std::{
    fmt::{self, Write as _},
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

use wardgate_expression::Json;
use wardgate_runner::stubs_up::LiveStub;

use super::{Partner, Received};

impl<'s> Partner<'s> {
    /// Waits until it has received and taken in exactly so many messages that the selector means (`PUT Patient`, `ADT^A04`),
    /// and hands them over.
    ///
    /// When that many have come it keeps looking for the length of the [quiet window](super::Stubs::quiet), so that a message too
    /// many is seen too; with 0 it looks for that long that none comes. What the code under test sends later than that, a
    /// retry by a timer say, takes a longer window to catch.
    ///
    /// # Panics
    ///
    /// When fewer have come within the [deadline](super::Stubs::within), or more have come by the end of the window: with what did
    /// come. When the protocol has no such selector.
    #[track_caller]
    pub fn assert_received(
        &self,
        selector: &str,
        times: usize,
    ) -> impl Future<Output = Vec<Received>> + use<'s> {
        self.expect_received(selector, times, Some(times))
    }

    /// Waits until it has received and taken in at least so many messages that the selector means, and hands over all that have
    /// come by then. It says nothing about one too many, and so has nothing to wait for once they are there.
    ///
    /// # Panics
    ///
    /// When fewer have come within the [deadline](super::Stubs::within): with what did come. When the protocol has no such
    /// selector.
    #[track_caller]
    pub fn assert_received_at_least(
        &self,
        selector: &str,
        times: usize,
    ) -> impl Future<Output = Vec<Received>> + use<'s> {
        self.expect_received(selector, times, None)
    }

    #[track_caller]
    fn expect_received(
        &self,
        selector: &str,
        min: usize,
        max: Option<usize>,
    ) -> impl Future<Output = Vec<Received>> + use<'s> {
        let place = Location::caller();
        let (partner, selector) = (*self, selector.to_owned());
        // Said at once, and with the caller's line.
        partner.check_selector(&selector);
        async move {
            let stub = partner.stub().clone();
            let mut count = Count::new(&selector);
            let (within, quiet) = (partner.stubs.within, partner.stubs.quiet);
            let waiting = async move {
                let enough = stub.watch(within, |stub| (count.of(stub) >= min).then_some(()));
                if enough.await.is_none() {
                    return;
                }
                if let Some(max) = max {
                    stub.watch(quiet, |stub| (count.of(stub) > max).then_some(()))
                        .await;
                }
            };
            partner.stubs.thread.wait(waiting).await;
            let found = partner.received_as(&selector);
            let (right, asked) = match max {
                Some(times) => (found.len() == times, format!("exactly {times}")),
                None => (found.len() >= min, format!("at least {min}")),
            };
            assert!(
                right,
                "{place}: expected '{}' to receive {selector}, {asked}, but it received {}{}",
                partner.name(),
                found.len(),
                partner.listed()
            );
            found
        }
    }

    /// Waits until it holds exactly so many records in a collection, and hands them over. It has to hold that many for the
    /// length of the [quiet window](super::Stubs::quiet).
    ///
    /// # Panics
    ///
    /// When it does not within the [deadline](super::Stubs::within): with what it holds. When its protocol has no such collection.
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
            let (stub, name) = (partner.stub().clone(), collection.clone());
            let (within, quiet) = (partner.stubs.within, partner.stubs.quiet);
            partner
                .stubs
                .thread
                .wait(held_for(stub, name, count, within, quiet))
                .await;
            let found = partner.held(&collection);
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

    /// Everything that it received, for messages.
    fn listed(&self) -> String {
        let received = self.received();
        if received.is_empty() {
            return format!("; nothing came within {:?}", self.stubs.within);
        }
        format!("; what came in all:{}", lines(&received))
    }
}

/// Waits until a collection has had so many records for the quiet window, or the deadline has passed without.
async fn held_for(
    stub: Arc<LiveStub>,
    collection: String,
    count: usize,
    within: Duration,
    quiet: Duration,
) {
    let right = |stub: &LiveStub| stub.held(&collection, |held| held.len() == count) == Ok(true);
    let begun = Instant::now();
    loop {
        let left = within.saturating_sub(begun.elapsed());
        let reached = stub.watch(left, |stub| right(stub).then_some(())).await;
        if reached.is_none() {
            return;
        }
        let left_again = stub.watch(quiet, |stub| (!right(stub)).then_some(())).await;
        if left_again.is_none() {
            return;
        }
    }
}

/// Counts the messages that a selector means, each once however often it looks.
struct Count {
    selector: String,
    /// The number of the last message that was looked at.
    seen: u64,
    meant: usize,
}

impl Count {
    fn new(selector: &str) -> Self {
        Self {
            selector: selector.to_owned(),
            seen: 0,
            meant: 0,
        }
    }

    fn of(&mut self, stub: &LiveStub) -> usize {
        let protocol = stub.protocol();
        for received in stub.received(self.seen, usize::MAX) {
            self.seen = received.number;
            let is_meant = received.handled
                && received
                    .message(protocol.transport())
                    .is_ok_and(|message| protocol.selects(&self.selector, &message));
            self.meant += usize::from(is_meant);
        }
        self.meant
    }
}

/// Each on a line of its own.
fn lines(things: &[impl fmt::Display]) -> String {
    things.iter().fold(String::new(), |mut out, thing| {
        let _ = write!(out, "\n  {thing}");
        out
    })
}
