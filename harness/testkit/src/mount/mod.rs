//! A contract's partner side on a `wiremock::MockServer`.

mod draw;
mod side;

use std::sync::Arc;

use wardgate_contract::ast::{Bound, Contract};
use wardgate_core::{plan::Claim, wire::Transport};
use wardgate_expression::Json;
use wiremock::{Mock, MockServer};

use draw::Drawn;
use side::{Anything, Promised, Reply, Side};

/// The priority of what the contract promises; before everything else that is mounted without one.
const PROMISED: u8 = 4;
/// The priority of the partner's answers to everything else: after everything that is mounted otherwise.
const OTHERWISE: u8 = 255;

/// Mounts what a contract expects a partner to receive, interaction by interaction, on a server of the test's own.
///
/// - Each `received:` of an interaction as written (not of its variations) becomes one mock: it matches requests that
///   the selector means and that pass every check, and expects as many of them as `times:` says. wiremock verifies that when
///   the server is dropped, or when the test calls `verify()`.
/// - The replies are those of the partner's stub: a FHIR server, an ERP, or the routes of an `http` partner. Requests that
///   no `received:` speaks of (a search before a create, say) are answered by it too, and change what it [holds](Mounted::held).
/// - A request that an expectation means but that does not keep it is answered 422, with what was promised and what came
///   in the body and on standard error.
/// - Records that `given:` puts into this partner are there already.
///
/// Each interaction has drawn values of its own, and requests belong to the interaction whose identifiers they carry. Feed the
/// code under test with [what the contract sends](Exchange::body), or with its [values](Exchange::text).
///
/// A request counts for the first expectation that it keeps, as is wiremock's way; checks that speak of captured values are
/// not kept by any.
///
/// # Panics
///
/// When the contract has no such partner, the partner is not reached over HTTP, or no interaction expects anything of it.
pub async fn mount(contract: &Contract, partner: &str, server: &MockServer) -> Mounted {
    mount_some(contract, None, partner, server).await
}

/// The same for one interaction alone: the others are not expected to happen.
///
/// # Panics
///
/// As [`mount`], and when the contract has no interaction of this name.
pub async fn mount_interaction(
    contract: &Contract,
    interaction: &str,
    partner: &str,
    server: &MockServer,
) -> Mounted {
    mount_some(contract, Some(interaction), partner, server).await
}

async fn mount_some(
    contract: &Contract,
    interaction: Option<&str>,
    partner: &str,
    server: &MockServer,
) -> Mounted {
    let prepared = prepare(contract, interaction, partner);
    let (side, mocks) = match prepared {
        Ok(prepared) => prepared,
        Err(reason) => panic!(
            "cannot mount '{partner}' of the contract '{}': {reason}",
            contract.id.value
        ),
    };
    for mock in mocks {
        mock.mount(server).await;
    }
    Mounted { side }
}

fn prepare(
    contract: &Contract,
    interaction: Option<&str>,
    partner: &str,
) -> Result<(Arc<Side>, Vec<Mock>), String> {
    let drawn = Drawn::new(contract, interaction)?;
    let index = drawn.plan.partner(partner).ok_or_else(|| {
        let known: Vec<&str> = drawn
            .plan
            .partners
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        format!("it has no such partner; it has {}", known.join(", "))
    })?;
    let protocol = drawn.protocol(index)?;
    if !matches!(protocol.transport(), Transport::Http) {
        return Err(format!(
            "it speaks {}, and wiremock only HTTP; Stubs speak it",
            protocol.name()
        ));
    }
    let side = Arc::new(Side::new(&drawn, index, protocol)?);
    let mut mocks = Vec::new();
    for (number, exchange) in side.exchanges.iter().enumerate() {
        for (position, expectation) in side.case(number).expectations.iter().enumerate() {
            let Claim::Received {
                partner: at,
                selector,
                times,
                ..
            } = &expectation.claim
            else {
                continue;
            };
            if *at != index {
                continue;
            }
            let promised = Promised {
                side: side.clone(),
                exchange: number,
                expectation: position,
            };
            let mock = Mock::given(promised)
                .respond_with(Reply { side: side.clone() })
                .with_priority(PROMISED)
                .named(format!(
                    "{}: {partner} received {selector}, {times}",
                    exchange.name
                ));
            mocks.push(counted(mock, times));
        }
    }
    if mocks.is_empty() {
        return Err(String::from(
            "no interaction expects it to receive anything ('received:')",
        ));
    }
    mocks.push(
        Mock::given(Anything)
            .respond_with(Reply { side: side.clone() })
            .with_priority(OTHERWISE),
    );
    Ok((side, mocks))
}

fn counted(mock: Mock, times: &Bound) -> Mock {
    let min = u64::from(times.min);
    match times.max {
        Some(max) => mock.expect(min..=u64::from(max)),
        None => mock.expect(min..),
    }
}

/// What was mounted: the values that were drawn, and what the partner holds by now.
#[derive(Debug)]
pub struct Mounted {
    side: Arc<Side>,
}

impl Mounted {
    /// The interaction that was mounted.
    ///
    /// # Panics
    ///
    /// When several were; name the one that is meant, with [`interaction`](Self::interaction).
    #[track_caller]
    pub fn only(&self) -> &Exchange {
        match &self.side.exchanges[..] {
            [one] => one,
            several => panic!(
                "{} interactions were mounted; name one of {:?}",
                several.len(),
                several.iter().map(Exchange::name).collect::<Vec<_>>()
            ),
        }
    }

    /// The interaction of this name.
    ///
    /// # Panics
    ///
    /// When none of this name was mounted.
    #[track_caller]
    pub fn interaction(&self, name: &str) -> &Exchange {
        let exchanges = &self.side.exchanges;
        match exchanges.iter().find(|exchange| exchange.name == name) {
            Some(exchange) => exchange,
            None => panic!(
                "no interaction '{name}' was mounted; there are {:?}",
                exchanges.iter().map(Exchange::name).collect::<Vec<_>>()
            ),
        }
    }

    /// What the partner holds in a collection by now, such as `Patient` or `customers`.
    ///
    /// # Panics
    ///
    /// When the partner's protocol has no such collection.
    #[track_caller]
    pub fn held(&self, collection: &str) -> Vec<Json> {
        match self.side.held(collection) {
            Ok(records) => records,
            Err(reason) => panic!("{reason}"),
        }
    }

    /// What came that an expectation means but that does not keep it, one text a request: what was promised, what came.
    pub fn broken(&self) -> Vec<String> {
        self.side.broken()
    }
}

/// One interaction with the values that were drawn for it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) name: String,
    pub(crate) body: Option<bytes::Bytes>,
    pub(crate) values: Json,
}

impl Exchange {
    /// The interaction's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the contract sends first to the candidate, with every value filled in: the body of a request, an HL7 v2 message, or
    /// the content of a file. Feed it to the code under test in the candidate's place.
    ///
    /// # Panics
    ///
    /// When the contract sends nothing.
    #[track_caller]
    pub fn body(&self) -> &[u8] {
        match &self.body {
            Some(body) => body,
            None => panic!(
                "'{}' sends nothing that can be composed beforehand",
                self.name
            ),
        }
    }

    /// A drawn value by its path, such as `patient`, `patient.family` or `patient.addresses[0].city`.
    ///
    /// # Panics
    ///
    /// When there is none there.
    #[track_caller]
    pub fn value(&self, path: &str) -> Json {
        match wardgate_core::matching::member(&self.values, path) {
            Some(value) => value,
            None => panic!("nothing was drawn at '{path}'; drawn were {}", self.values),
        }
    }

    /// The same as text, a string without its quotes.
    ///
    /// # Panics
    ///
    /// When there is none there.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        wardgate_core::bindings::plain(&self.value(path))
    }
}
