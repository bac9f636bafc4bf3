//! A lane that is told event by event what happens.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_contract::Source;
use wardgate_core::{
    event::{Barrier, Event, EventKind, Lifecycle, Party, Wire},
    lane::Lane,
    plan::{Plan, Request, make},
    port::{Catalog, Reaction},
    verdict::{CaseVerdict, MismatchKind, Outcome, Verdict},
    wire::{Direction, HttpRequest, HttpResponse, Transport},
};

/// A contract whose interaction tells the candidate of a patient, and whose partner `shop` answers every order.
pub fn contract(interactions: &str) -> String {
    format!(
        "wardgate: 1\ncontract: test/fold\nversion: 1.0.0\nconsumer: a\nprovider: b\nworkflow: test\npartners:\n  shop:\n    stub: http\n    routes:\n      - {{ method: POST, path: /orders, status: 201 }}\n{interactions}"
    )
}

/// The interaction that most tests use.
pub const ONCE: &str = "interactions:
  - name: an order is passed on
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\", body: { mrn: \"${mrn}\" } } }
    expect:
      reply: { status: 200, within: 2s }
      shop: { received: POST /orders, times: 1, within: 3s }
";

/// The catalog of all protocols.
pub fn catalog() -> Arc<Catalog> {
    wardgate_stub_catalog::catalog()
}

/// Reads a contract that is sound.
pub fn request(text: &str) -> Request {
    let reading = wardgate_contract::read(Arc::new(Source::new("test.yaml", text)));
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    Request {
        contracts: vec![Arc::new(reading.contract.expect("it reads"))],
        seed: 7,
        started_unix_ms: 1_790_000_000_000,
        ..Request::default()
    }
}

/// A lane and the events that it has seen.
pub struct Script {
    pub plan: Arc<Plan>,
    pub lane: Lane,
    pub events: Vec<Event>,
    clock: Duration,
}

impl Script {
    /// A lane of the plan of this contract, in which nothing has happened.
    pub fn new(text: &str) -> Self {
        let catalog = catalog();
        let plan = Arc::new(make(request(text), &catalog).expect("it can be planned"));
        let lane = Lane::new(plan.clone(), catalog, 0).expect("the protocols are known");
        Self {
            plan,
            lane,
            events: Vec::new(),
            clock: Duration::ZERO,
        }
    }

    /// A lane in which this case has begun.
    pub fn begun(text: &str, case: usize) -> Self {
        let mut script = Self::new(text);
        script.start(case);
        script
    }

    /// Begins a case.
    pub fn start(&mut self, case: usize) {
        let attempt = self
            .lane
            .next_attempt(case)
            .expect("the case has an attempt left");
        self.tell(EventKind::CaseStarted { case, attempt });
    }

    /// Lets time pass.
    pub fn pass(&mut self, time_ms: u64) {
        self.clock += Duration::from_millis(time_ms);
    }

    /// Tells the lane that something happened, a millisecond after what came before.
    pub fn tell(&mut self, kind: EventKind) -> Reaction {
        self.pass(1);
        let event = Event {
            sequence: self.events.len() as u64,
            elapsed: self.clock,
            kind,
        };
        let reaction = self.lane.observe(&event);
        self.events.push(event);
        reaction
    }

    /// Sends a stimulus and gives the request.
    pub fn send(&mut self, stimulus: usize) -> HttpRequest {
        let composed = self.lane.compose(stimulus).expect("it can be composed");
        let bytes = composed.message.encode(Transport::Http);
        self.wire(
            Party::Endpoint(0),
            Direction::ToCandidate,
            Some(stimulus),
            bytes.clone(),
        );
        HttpRequest::decode(&bytes).expect("it is a request")
    }

    /// The candidate replies to a stimulus.
    pub fn reply(&mut self, stimulus: usize, status: u16, body: &str) {
        let response = HttpResponse::new(
            status,
            &[("content-type", "application/json")],
            Bytes::copy_from_slice(body.as_bytes()),
        );
        self.wire(
            Party::Endpoint(0),
            Direction::FromCandidate,
            Some(stimulus),
            response.encode(),
        );
    }

    /// The candidate orders something at the shop.
    pub fn order(&mut self, body: &str) -> Reaction {
        let request = HttpRequest::new(
            "POST",
            "/orders",
            &[],
            Bytes::copy_from_slice(body.as_bytes()),
        );
        self.wire(
            Party::Partner(0),
            Direction::FromCandidate,
            None,
            request.encode(),
        )
    }

    /// Something crosses a wire.
    pub fn wire(
        &mut self,
        party: Party,
        direction: Direction,
        stimulus: Option<usize>,
        bytes: Bytes,
    ) -> Reaction {
        let channel = match party {
            Party::Endpoint(_) => 1,
            Party::Partner(_) => 2,
        };
        self.tell(EventKind::Wire(Wire {
            channel,
            party,
            direction,
            stimulus,
            name: None,
            bytes,
            fault: None,
        }))
    }

    /// The candidate says that it is idle.
    pub fn idle(&mut self) {
        self.tell(EventKind::Barrier(Barrier::Idle));
    }

    /// The candidate ends by itself.
    pub fn exit(&mut self) {
        self.tell(EventKind::Candidate(Lifecycle::Exited {
            status: String::from("exit code 3"),
        }));
    }

    /// Ends the case and gives its verdict.
    pub fn finish(&mut self) -> CaseVerdict {
        self.tell(EventKind::CaseFinished);
        self.lane
            .take_finished()
            .pop()
            .expect("the case has its verdict")
    }

    /// The same events in a fresh lane.
    pub fn replayed(&self) -> Vec<CaseVerdict> {
        let mut lane = Lane::new(self.plan.clone(), catalog(), 0).expect("the protocols are known");
        for event in &self.events {
            lane.observe(event);
        }
        lane.take_finished()
    }
}

/// The part of a request's path that identifies its case.
pub fn mrn(request: &HttpRequest) -> String {
    request
        .path()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The verdict on an expectation.
pub fn of<'a>(verdict: &'a CaseVerdict, expectation: &str) -> &'a Verdict {
    verdict
        .verdicts
        .iter()
        .find(|one| one.expectation == expectation)
        .unwrap_or_else(|| panic!("no '{expectation}' in {verdict:#?}"))
}

/// Asserts what came of an expectation and why.
pub fn assert_verdict(
    verdict: &CaseVerdict,
    expectation: &str,
    outcome: Outcome,
    kind: Option<MismatchKind>,
) {
    let one = of(verdict, expectation);
    assert_eq!(
        (one.outcome, one.mismatches.first().map(|found| found.kind)),
        (outcome, kind),
        "{one:#?}"
    );
}
