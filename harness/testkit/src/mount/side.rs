//! The partner behind the server: its stub, and whether requests keep what was promised.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use wardgate_core::{
    bindings::Bindings,
    correlate::{Correlator, Owner},
    matching::{self, Ground},
    plan::{Case, Claim, Plan},
    port::{Action, Input, Moment, Protocol, Stub, StubOptions},
    wire::{HttpRequest, HttpResponse, Message},
};
use wardgate_expression::Json;
use wardgate_synth::{Identifiers, Seed};
use wiremock::{Match, Request, Respond, ResponseTemplate};

use super::{Exchange, draw::Drawn};

/// The one connection that a stub sees here.
const CHANNEL: u32 = 0;

/// The partner behind the server.
pub(super) struct Side {
    plan: Arc<Plan>,
    protocol: Arc<dyn Protocol>,
    partner: usize,
    /// The interactions, and the index of each one's case.
    pub exchanges: Vec<Exchange>,
    cases: Vec<usize>,
    bindings: Vec<Bindings>,
    mounted: Instant,
    state: Mutex<State>,
}

struct State {
    stub: Box<dyn Stub>,
    correlator: Correlator,
    broken: Vec<String>,
}

impl fmt::Debug for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Side")
            .field("partner", &self.plan.partners[self.partner].name)
            .field("exchanges", &self.exchanges)
            .finish_non_exhaustive()
    }
}

impl Side {
    /// A partner in its first state, holding what the interactions say that it holds.
    pub(super) fn new(
        drawn: &Drawn,
        partner: usize,
        protocol: Arc<dyn Protocol>,
    ) -> Result<Self, String> {
        let planned = &drawn.plan.partners[partner];
        let mut stub = protocol.stub(&StubOptions {
            partner: planned.name.clone(),
            options: planned.options.clone(),
            seed: Seed::from_u64(drawn.plan.seed).child(planned.name.as_str()),
        })?;
        let first = Moment {
            elapsed: Duration::ZERO,
            unix_ms: drawn.plan.started_unix_ms,
        };
        stub.receive(first, Input::Connected { channel: CHANNEL });
        let mut correlator = Correlator::default();
        let (mut exchanges, mut cases, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for (number, interaction) in drawn.interactions.iter().enumerate() {
            let exchange = &interaction.exchange;
            for (_, control) in interaction.given.iter().filter(|(at, _)| *at == partner) {
                stub.receive(first, Input::Control(control));
            }
            let owner = Owner {
                case: number,
                attempt: 0,
            };
            tokens(&exchange.values, &mut |token| {
                correlator.learn(token, owner);
            });
            values.push(bindings(drawn, interaction.case, &exchange.values));
            cases.push(interaction.case);
            exchanges.push(exchange.clone());
        }
        Ok(Self {
            plan: drawn.plan.clone(),
            protocol,
            partner,
            exchanges,
            cases,
            bindings: values,
            mounted: Instant::now(),
            state: Mutex::new(State {
                stub,
                correlator,
                broken: Vec::new(),
            }),
        })
    }

    /// The case of an interaction.
    pub(super) fn case(&self, exchange: usize) -> &Case {
        &self.plan.cases[self.cases[exchange]]
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The interaction that a request belongs to; with a single one, everything is its.
    fn owner(&self, raw: &[u8]) -> Option<usize> {
        if self.exchanges.len() == 1 {
            return Some(0);
        }
        let owner = self.lock().correlator.owner(raw);
        owner.map(|owner| owner.case)
    }

    /// How a request breaks an expectation; none where the expectation does not mean it at all.
    fn judge(&self, message: &Message, exchange: usize, expectation: usize) -> Option<Vec<String>> {
        let case = self.case(exchange);
        let Claim::Received {
            partner,
            selector,
            checks,
            ..
        } = &case.expectations[expectation].claim
        else {
            return None;
        };
        if *partner != self.partner || !self.protocol.selects(selector, message) {
            return None;
        }
        let reading = match self.protocol.read(message) {
            Ok(reading) => reading,
            Err(reason) => return Some(vec![reason]),
        };
        let ground = Ground {
            bindings: &self.bindings[exchange],
            render: &|kind, record| self.protocol.render(kind, record),
        };
        let checked = matching::check_message(checks, reading.as_ref(), &ground);
        let differences = checked.mismatches.iter().map(|found| {
            let at = if found.at.is_empty() {
                "the message"
            } else {
                &found.at
            };
            format!("at {at}: expected {}, got {}", found.expected, found.actual)
        });
        Some(differences.collect())
    }

    /// What a request breaks of the interaction that it belongs to, as text; none where it breaks nothing.
    fn breach(&self, message: &Message, exchange: usize) -> Option<String> {
        let case = self.case(exchange);
        let contract = self.plan.contract_of(case);
        let mut lines = Vec::new();
        for (position, expectation) in case.expectations.iter().enumerate() {
            match self.judge(message, exchange, position) {
                None => {}
                // It keeps one, so it is what that one means.
                Some(differences) if differences.is_empty() => return None,
                Some(differences) => {
                    let place = contract.source.place(expectation.span.start);
                    lines.push(format!("{} ({place}):", expectation.id));
                    lines.extend(differences.into_iter().map(|line| format!("  {line}")));
                }
            }
        }
        (!lines.is_empty()).then(|| {
            format!(
                "{} does not keep '{}':\n{}",
                self.protocol.label(message),
                self.exchanges[exchange].name,
                lines.join("\n")
            )
        })
    }

    /// The stub's answer to a request.
    fn answer(&self, message: &Message, exchange: Option<usize>) -> ResponseTemplate {
        let elapsed = self.mounted.elapsed();
        let since = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        let at = Moment {
            elapsed,
            unix_ms: self.plan.started_unix_ms.saturating_add(since),
        };
        let input = Input::Message {
            channel: CHANNEL,
            message,
            current: true,
        };
        let mut state = self.lock();
        let reaction = state.stub.receive(at, input);
        if let Some(case) = exchange {
            let owner = Owner { case, attempt: 0 };
            for key in reaction.effects.iter().flat_map(|effect| &effect.keys) {
                state.correlator.learn(key, owner);
            }
        }
        reaction
            .actions
            .into_iter()
            .find_map(|action| match action {
                Action::Reply {
                    message: Message::Response(response),
                    after,
                    ..
                } => Some(template(&response).set_delay(after)),
                _ => None,
            })
            .unwrap_or_else(|| ResponseTemplate::new(500).set_body_string("the stub is silent"))
    }

    /// What the partner holds in a collection.
    pub(super) fn held(&self, collection: &str) -> Result<Vec<Json>, String> {
        self.protocol.check_collection(collection)?;
        let state = self.lock();
        let held = state.stub.collection(collection)?;
        Ok(held
            .into_iter()
            .map(|one| one.record().into_owned())
            .collect())
    }

    /// What came and broke an expectation.
    pub(super) fn broken(&self) -> Vec<String> {
        self.lock().broken.clone()
    }
}

/// Matches the requests that keep one expectation.
pub(super) struct Promised {
    pub side: Arc<Side>,
    pub exchange: usize,
    pub expectation: usize,
}

impl Match for Promised {
    fn matches(&self, request: &Request) -> bool {
        let message = message(request);
        let raw = raw(&message);
        let owned = self.side.owner(&raw);
        owned.is_none_or(|owner| owner == self.exchange)
            && self
                .side
                .judge(&message, self.exchange, self.expectation)
                .is_some_and(|differences| differences.is_empty())
    }
}

/// Matches every request.
pub(super) struct Anything;

impl Match for Anything {
    fn matches(&self, _request: &Request) -> bool {
        true
    }
}

/// Answers as the partner does, unless the request breaks what was promised.
pub(super) struct Reply {
    pub side: Arc<Side>,
}

impl Respond for Reply {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let message = message(request);
        let owner = self.side.owner(&raw(&message));
        let breach = owner.and_then(|exchange| self.side.breach(&message, exchange));
        if let Some(breach) = breach {
            eprintln!("{breach}");
            let template = ResponseTemplate::new(422).set_body_string(breach.as_str());
            self.side.lock().broken.push(breach);
            return template;
        }
        self.side.answer(&message, owner)
    }
}

fn message(request: &Request) -> Message {
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        // wiremock hands over the whole body: how it was framed says nothing any more.
        .filter(|(name, _)| !is_framing(name))
        .collect();
    let body = Bytes::from(request.body.clone());
    Message::Request(HttpRequest::new(
        request.method.as_str(),
        &target,
        &headers,
        body,
    ))
}

fn raw(message: &Message) -> Bytes {
    match message {
        Message::Request(request) => request.encode(),
        other => other.content().clone(),
    }
}

fn template(response: &HttpResponse) -> ResponseTemplate {
    let mut template = ResponseTemplate::new(response.status());
    for (name, value) in response.headers().filter(|(name, _)| !is_framing(name)) {
        template = template.append_header(name, value);
    }
    template.set_body_bytes(response.body().to_vec())
}

fn is_framing(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
}

/// The drawn values as the checks reach them.
fn bindings(drawn: &Drawn, case: usize, values: &Json) -> Bindings {
    let kinds: HashMap<&str, &str> = drawn.plan.cases[case]
        .draws
        .iter()
        .map(|draw| (draw.name.value.as_str(), draw.kind.value.as_str()))
        .collect();
    let mut bindings = Bindings::new(drawn.catalog.clone(), drawn.plan.started_unix_ms);
    for (name, value) in values.as_object().iter().flat_map(|object| object.iter()) {
        bindings.bind(name, value.clone(), kinds.get(name).copied());
    }
    bindings
}

/// Every identifier in a value.
fn tokens(value: &Json, learn: &mut dyn FnMut(&str)) {
    match value {
        Json::String(text) if Identifiers::is_token(text) => learn(text),
        Json::Array(items) => items.iter().for_each(|item| tokens(item, learn)),
        Json::Object(object) => object.iter().for_each(|(_, member)| tokens(member, learn)),
        _ => {}
    }
}
