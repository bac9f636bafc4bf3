//! A run carried out by hand: what its fold, its record and its reports are measured on.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    lane::Lane,
    plan::{Plan, Request, make},
    port::Catalog,
    verdict::CaseVerdict,
    wire::{Direction, Transport},
};
use wardgate_report::run_file::{EndLine, EventLine, RunLine, VerdictsLine, encode};

use crate::samples;

/// A run of simple HTTP interactions that all pass.
pub struct Recorded {
    /// The protocols.
    pub catalog: Arc<Catalog>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The first line of its run file.
    pub line: RunLine,
    /// What happened.
    pub events: Vec<Event>,
    /// What came of it.
    pub verdicts: Vec<CaseVerdict>,
}

impl Recorded {
    /// A run of this many interactions.
    pub fn new(interactions: usize) -> Self {
        let catalog = wardgate_stub_catalog::catalog();
        let request = Request {
            contracts: vec![samples::contract(&samples::simple_contract(interactions))],
            seed: 11,
            started_unix_ms: 1_772_357_400_000,
            ..Request::default()
        };
        let plan = make(request.clone(), &catalog).expect("the contract can be planned");
        let plan = Arc::new(plan);
        let mut line = RunLine::of_plan(&plan, &request);
        line.run = String::from("run-bench");
        line.workers = 1;
        let mut run = Self {
            catalog,
            plan,
            line,
            events: Vec::new(),
            verdicts: Vec::new(),
        };
        run.carry_out();
        run
    }

    /// A lane in which nothing has happened.
    pub fn lane(&self) -> Lane {
        Lane::new(self.plan.clone(), self.catalog.clone(), 0).expect("every protocol is known")
    }

    fn carry_out(&mut self) {
        let mut lane = self.lane();
        for case in self.plan.selected.clone() {
            self.event(&mut lane, EventKind::CaseStarted { case, attempt: 0 });
            let composed = lane.compose(0).expect("it can be composed");
            let sent = composed.message.encode(Transport::Http);
            self.event(&mut lane, wire(Direction::ToCandidate, sent));
            let reply = Bytes::from_static(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok",
            );
            self.event(&mut lane, wire(Direction::FromCandidate, reply));
            self.event(&mut lane, EventKind::CaseFinished);
        }
        self.verdicts = lane.take_finished();
    }

    fn event(&mut self, lane: &mut Lane, kind: EventKind) {
        let sequence = self.events.len() as u64;
        let event = Event {
            sequence,
            elapsed: Duration::from_micros(sequence * 20),
            kind,
        };
        lane.observe(&event);
        self.events.push(event);
    }

    /// The last line of its run file.
    pub fn end(&self) -> EndLine {
        EndLine {
            kind: String::from("end"),
            duration_ns: 3_000_000,
            ..EndLine::default()
        }
    }

    /// Its run file.
    pub fn run_file(&self) -> String {
        let mut text = encode(&self.line) + "\n";
        for event in &self.events {
            text += &encode(&EventLine::new(0, event));
            text.push('\n');
        }
        for verdict in &self.verdicts {
            text += &encode(&VerdictsLine::new(&self.plan, verdict));
            text.push('\n');
        }
        text += &encode(&self.end());
        text.push('\n');
        text
    }
}

fn wire(direction: Direction, bytes: Bytes) -> EventKind {
    EventKind::Wire(Wire {
        channel: 0,
        party: Party::Endpoint(0),
        direction,
        stimulus: Some(0),
        name: None,
        bytes,
        fault: None,
    })
}
