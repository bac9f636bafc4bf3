//! A small real run: planned, carried out by hand over the stub of `http`, judged by the fold and written down.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_core::{
    event::{Barrier, Event, EventKind, Party, Wire},
    lane::Lane,
    plan::{Plan, Request, Shard, make},
    port::{Action, Catalog},
    verdict::CaseVerdict,
    wire::{Direction, HttpRequest, Message, Transport},
};
use wardgate_report::run_file::{
    EndLine, EventLine, RunFile, RunFileError, RunLine, VerdictsLine, encode,
};
use wardgate_stub_http::Http;

use crate::sample::contract;

const TEXT: &str = r#"wardgate: 1
contract: checks/eligibility
version: 1.0.0
consumer: front-desk
provider: hub
workflow: checks
partners:
  payer:
    stub: http
    routes:
      - { method: POST, path: /checks, status: 201, body: { eligible: true } }
interactions:
  - name: a check is passed on once
    send: { http: { to: desk, method: POST, path: /ask, body: { member: "${mrn}" } } }
    expect:
      reply: { status: 200 }
      payer:
        - received: POST /checks
          times: 1
    variations:
      - duplicate delivery
  - name: a check is refused
    send: { http: { to: desk, method: POST, path: /ask, body: { member: "${mrn}" } } }
    expect:
      reply: { status: 404 }
properties:
  - name: every check is answered
    forall: { who: patient }
    cases: 3
    steps:
      - send: { http: { to: desk, method: POST, path: /ask, body: "${who}" } }
        expect: { reply: { status: 200 } }
"#;

/// The protocols of the run.
pub fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::new(vec![Arc::new(Http)]))
}

fn request(shard: Option<Shard>) -> Request {
    Request {
        contracts: vec![contract("checks/eligibility.yaml", TEXT)],
        seed: 11,
        started_unix_ms: 1_768_644_900_000,
        shard,
        ..Request::default()
    }
}

/// The run file of a run of one shard, or of all of it.
pub fn recorded(shard: Option<(usize, usize)>) -> String {
    let shard = shard.map(|(index, of)| Shard { index, of });
    let request = request(shard);
    let plan = Arc::new(make(request.clone(), &catalog()).expect("the contract can be planned"));
    let mut hand = Hand::new(plan.clone());
    for case in &plan.selected {
        hand.case(*case);
    }
    let mut run = RunLine::of_plan(&plan, &request);
    run.run = format!("run-{}", shard.map_or(0, |shard| shard.index));
    run.workers = 1;
    let end = EndLine {
        kind: String::from("end"),
        duration_ns: 3_000_000,
        strays: vec![String::from("payer: GET /health")],
        strays_total: 1,
        ..EndLine::default()
    };
    let mut lines = vec![encode(&run)];
    lines.extend(
        hand.events
            .iter()
            .map(|event| encode(&EventLine::new(0, event))),
    );
    lines.extend(
        hand.verdicts
            .iter()
            .map(|one| encode(&VerdictsLine::new(&plan, one))),
    );
    lines.push(encode(&end));
    lines.join("\n") + "\n"
}

/// Reads a run file.
pub fn read(text: &str) -> Result<RunFile, RunFileError> {
    RunFile::read(text.as_bytes())
}

/// What an executor would do, with a candidate whose answers are made up here.
struct Hand {
    plan: Arc<Plan>,
    lane: Lane,
    events: Vec<Event>,
    verdicts: Vec<CaseVerdict>,
    channel: u32,
}

impl Hand {
    fn new(plan: Arc<Plan>) -> Self {
        Self {
            lane: Lane::new(plan.clone(), catalog(), 0).expect("the catalog has every protocol"),
            plan,
            events: Vec::new(),
            verdicts: Vec::new(),
            channel: 0,
        }
    }

    fn event(&mut self, kind: EventKind) -> Vec<Action> {
        let sequence = self.events.len() as u64;
        let event = Event {
            sequence,
            elapsed: Duration::from_micros(sequence * 130),
            kind,
        };
        let reaction = self.lane.observe(&event);
        self.events.push(event);
        reaction.actions
    }

    fn wire(
        &mut self,
        party: Party,
        from_candidate: bool,
        stimulus: Option<usize>,
        bytes: Bytes,
    ) -> Vec<Action> {
        self.event(EventKind::Wire(Wire {
            channel: self.channel,
            party,
            direction: if from_candidate {
                Direction::FromCandidate
            } else {
                Direction::ToCandidate
            },
            stimulus,
            name: None,
            bytes,
            fault: None,
        }))
    }

    fn case(&mut self, case: usize) {
        while let Some(attempt) = self.lane.next_attempt(case) {
            self.event(EventKind::CaseStarted { case, attempt });
            let stimuli = self.plan.cases[case].stimuli.len();
            for stimulus in 0..stimuli {
                self.exchange(stimulus);
            }
            self.event(EventKind::Barrier(Barrier::Idle));
            self.event(EventKind::CaseFinished);
            let finished = self.lane.take_finished();
            if !finished.is_empty() {
                self.verdicts.extend(finished);
                return;
            }
        }
    }

    fn exchange(&mut self, stimulus: usize) {
        let composed = self.lane.compose(stimulus).expect("it can be composed");
        let bytes = composed.message.encode(Transport::Http);
        self.channel += 1;
        self.wire(Party::Endpoint(0), false, Some(stimulus), bytes);
        // The candidate passes every check on, the duplicate too, which the contract forbids.
        let body = composed.message.content().clone();
        let check = HttpRequest::new("POST", "/checks", &[], body);
        let check = Message::Request(check).encode(Transport::Http);
        let actions = self.wire(Party::Partner(0), true, None, check);
        for action in actions {
            if let Action::Reply { message, .. } = action {
                self.wire(
                    Party::Partner(0),
                    false,
                    None,
                    message.encode(Transport::Http),
                );
            }
        }
        let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        self.wire(
            Party::Endpoint(0),
            true,
            Some(stimulus),
            Bytes::from_static(reply),
        );
    }
}
