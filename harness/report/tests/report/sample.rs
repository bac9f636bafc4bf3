//! A made-up run: two lanes, three contracts, passes, failures, an error, a property, cases that did not run.

mod cases;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_contract::{Source, Span, ast::Contract, read};
use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    plan::{
        Act, Case, CaseKind, Claim, Delivery, Endpoint, Expectation, Fate, Limits, Partner, Plan,
        Stimulus,
    },
    verdict::{CaseVerdict, Leg, Mismatch, Outcome, Settled, Verdict},
    wire::Direction,
};
use wardgate_expression::json;
use wardgate_report::{
    run_file::{CandidateLine, EndLine, EnvironmentLine, RunLine},
    summary::Summary,
    traffic::Traffic,
};
use wardgate_synth::Seed;

const REGISTRATION: &str = r#"wardgate: 1
contract: registration/adt-a04
version: 1.2.0
title: A registration reaches the record and the ledger, once
consumer: pas
provider: integration-hub
workflow: registration
owner: team-patient-access
partners:
  ehr:    { stub: fhir, version: R4 }
  ledger: { stub: erp }
data:
  patient: { draw: patient, where: "age >= 18" }
interactions:
  - name: an A04 registers the patient
    send:
      hl7v2:
        to: adt
        message: |
          MSH|^~\&|PAS|WARD|HUB|HOSP|${now|hl7}||ADT^A04^ADT_A01|${control_id}|P|2.5.1
          PID|1||${patient.mrn}^^^HOSP^MR||${patient.family}^${patient.given}
    expect:
      reply:
        within: 2s
        hl7v2: { MSA-1: AA, MSA-2: "${control_id}" }
      ehr:
        - received: PUT Patient
          times: 1
          within: 5s
      ledger:
        - holds: customers
          where: { number: "${patient.mrn}" }
          count: 1
    variations:
      - duplicate delivery
      - { partner down: ledger, for: 2 attempts }
      - candidate restarted
"#;

const BILLING: &str = r#"wardgate: 1
contract: billing/dft-p03
version: 0.9.1
consumer: pas
provider: integration-hub
workflow: billing
criticality: advisory
partners:
  ledger: { stub: erp }
interactions:
  - name: a charge is invoiced to the cent
    send: { http: { to: charges, method: POST, path: /charges } }
    expect:
      reply: { status: 201 }
properties:
  - name: the books balance
    forall: { stay: encounter-with-charges }
    cases: 40
    steps:
      - send: { http: { to: charges, method: POST, path: /charges } }
        expect: { reply: { status: 201 } }
    holds: "sum(ledger.generalLedgerEntries.debitAmount) = 0"
"#;

const LAB: &str = r"wardgate: 1
contract: lab/oru-r01
version: 1.0.0
consumer: lab
provider: integration-hub
workflow: lab
partners:
  ehr: { stub: fhir, version: R4 }
interactions:
  - name: a result is filed
    send: { http: { to: charges, method: POST, path: /results } }
    expect:
      reply: { status: 201 }
    variations:
      - candidate restarted
";

/// A run and everything that the renderers take.
pub struct Sample {
    pub plan: Arc<Plan>,
    pub lanes: Vec<Vec<Event>>,
    pub summary: Summary,
}

impl Sample {
    /// Calls with the traffic of the sample.
    pub fn with_traffic<T>(&self, with: impl FnOnce(&Traffic<'_>) -> T) -> T {
        let events = |lane: usize| self.lanes.get(lane).map_or(&[][..], Vec::as_slice);
        with(&Traffic::new(&self.plan, &events, &label))
    }

    /// The row of the case whose name contains this.
    pub fn row(&self, part: &str) -> &wardgate_report::summary::CaseRow {
        self.summary
            .cases
            .iter()
            .find(|row| row.name.contains(part))
            .expect("the sample has such a case")
    }
}

fn label(_: Party, wire: &Wire) -> String {
    if let Some(fault) = &wire.fault {
        return fault.clone();
    }
    let text = String::from_utf8_lossy(&wire.bytes);
    let text = text.trim_start_matches('\u{b}');
    if text.starts_with("MSH") {
        let kind = text.split('|').nth(8).unwrap_or("HL7");
        let code = text.split("\rMSA|").nth(1);
        return match code.and_then(|rest| rest.split('|').next()) {
            Some(code) => format!("{kind} {code}"),
            None => kind.to_owned(),
        };
    }
    let first = text.lines().next().unwrap_or_default();
    first
        .trim_start_matches("HTTP/1.1 ")
        .trim_end_matches(" HTTP/1.1")
        .to_owned()
}

pub fn contract(name: &str, text: &str) -> Arc<Contract> {
    let reading = read(Arc::new(Source::new(name.to_owned(), text.to_owned())));
    Arc::new(
        reading
            .contract
            .unwrap_or_else(|| panic!("{name}: {:?}", reading.findings)),
    )
}

/// The place of a text in a contract, to point verdicts at.
fn span(contract: &Contract, text: &str) -> Span {
    let start = contract
        .source
        .text
        .find(text)
        .unwrap_or_else(|| panic!("'{text}' is in the contract"));
    Span {
        start,
        end: start + text.len(),
    }
}

struct Builder {
    plan: Plan,
    lanes: Vec<Recorder>,
    verdicts: Vec<CaseVerdict>,
}

/// One lane's log, written by hand.
#[derive(Default)]
pub struct Recorder {
    pub events: Vec<Event>,
    us: u64,
}

impl Recorder {
    pub fn at(&mut self, after_us: u64, kind: EventKind) -> u64 {
        self.us += after_us;
        let sequence = self.events.len() as u64;
        self.events.push(Event {
            sequence,
            elapsed: Duration::from_micros(self.us),
            kind,
        });
        sequence
    }

    fn wire(&mut self, after_us: u64, party: Party, from_candidate: bool, bytes: &[u8]) -> u64 {
        self.at(
            after_us,
            EventKind::Wire(Wire {
                channel: 1,
                party,
                direction: if from_candidate {
                    Direction::FromCandidate
                } else {
                    Direction::ToCandidate
                },
                // Of a framed reply nobody knows yet what it answers.
                stimulus: match party {
                    Party::Endpoint(endpoint) => (endpoint == 1 || !from_candidate).then_some(0),
                    Party::Partner(_) => None,
                },
                name: None,
                bytes: Bytes::copy_from_slice(bytes),
                fault: None,
            }),
        )
    }
}

impl Builder {
    fn case(
        &mut self,
        contract: usize,
        title: &str,
        kind: CaseKind,
        script: Vec<Act>,
        expectations: Vec<Expectation>,
    ) -> usize {
        let index = self.plan.cases.len();
        let source = &self.plan.contracts[contract];
        let base = title.split(" [").next().unwrap_or(title);
        let at = span(source, base);
        let id = source.id.value.clone();
        let body = source
            .interactions
            .first()
            .and_then(|one| one.steps[0].send.as_ref())
            .map(|send| (send.body.clone(), send.protocol.value.clone()));
        let (body, protocol) = body.expect("every sample contract sends");
        let stimulus = |repeats| Stimulus {
            step: 0,
            endpoint: usize::from(contract != 2),
            protocol: protocol.clone(),
            body: body.clone(),
            delivery: Delivery::Whole,
            fate: Fate::Heard,
            repeats,
            malformation: None,
        };
        self.plan.cases.push(Case {
            index,
            name: format!("{id} :: {title}"),
            title: title.to_owned(),
            contract,
            seed: Seed::from_u64(7),
            kind,
            draws: Arc::from([]),
            given: Arc::from([]),
            stimuli: vec![stimulus(None), stimulus(Some(0))],
            script,
            expectations,
            captures: Vec::new(),
            span: at,
        });
        self.plan.selected.push(index);
        index
    }

    fn example(&mut self, contract: usize, title: &str) -> usize {
        let script = vec![
            Act::Stimulus(0),
            Act::Settle {
                replies_only: false,
            },
            Act::Barrier,
        ];
        let opens = Expectation {
            id: String::from("step 1: transport"),
            leg: Leg::Transport,
            opens: Some(0),
            claim: Claim::Replied { stimulus: 0 },
            within: Duration::from_secs(2),
            span: Span::default(),
        };
        self.case(
            contract,
            title,
            CaseKind::Example { variation: None },
            script,
            vec![opens],
        )
    }

    fn verdict(
        &mut self,
        case: usize,
        lane: usize,
        events: (u64, u64),
        drawn: &str,
        verdicts: Vec<Verdict>,
    ) -> &mut CaseVerdict {
        let log = &self.lanes[lane].events;
        let elapsed = |sequence: u64| log[usize::try_from(sequence).expect("small")].elapsed;
        let outcome = verdicts.iter().map(|one| one.outcome).min();
        self.verdicts.push(CaseVerdict {
            case,
            outcome: outcome.unwrap_or(Outcome::Error),
            verdicts,
            lane,
            events,
            timeline: (events.0..=events.1).collect(),
            duration_ns: u64::try_from(elapsed(events.1).abs_diff(elapsed(events.0)).as_nanos())
                .expect("short"),
            attempts: 1,
            drawn: drawn.to_owned(),
            note: None,
            regression: None,
        });
        self.verdicts.last_mut().expect("just pushed")
    }

    fn said(
        &self,
        case: usize,
        (expectation, leg, at): (&str, Leg, &str),
        (actual, settled, mismatches): (&str, Settled, Vec<Mismatch>),
        events: Vec<u64>,
    ) -> Verdict {
        let contract = &self.plan.contracts[self.plan.cases[case].contract];
        Verdict {
            expectation: expectation.to_owned(),
            leg,
            outcome: if mismatches.is_empty() {
                Outcome::Pass
            } else {
                Outcome::Fail
            },
            mismatches,
            actual: actual.to_owned(),
            events,
            settled,
            span: span(contract, at),
        }
    }
}

/// The plan without cases.
fn plan() -> Plan {
    let partner = |name: &str, protocol: &str| Partner {
        name: name.to_owned(),
        protocol: protocol.to_owned(),
        options: json!({}),
    };
    let endpoint = |name: &str, protocol: &str| Endpoint {
        name: name.to_owned(),
        protocol: protocol.to_owned(),
    };
    Plan {
        seed: 42,
        started_unix_ms: 1_768_644_900_000,
        contracts: vec![
            contract("contracts/suites/billing/dft-p03.yaml", BILLING),
            contract("contracts/suites/lab/oru-r01.yaml", LAB),
            contract("contracts/suites/registration/adt-a04.yaml", REGISTRATION),
        ],
        partners: vec![partner("ehr", "fhir"), partner("ledger", "erp")],
        endpoints: vec![endpoint("adt", "hl7v2"), endpoint("charges", "http")],
        cases: Vec::new(),
        selected: Vec::new(),
        shard: None,
        limits: Limits::default(),
        digest: "3f1c9a".repeat(10) + "beef",
    }
}

/// The run.
pub fn sample() -> Sample {
    let mut builder = Builder {
        plan: plan(),
        lanes: vec![Recorder::default(), Recorder::default()],
        verdicts: Vec::new(),
    };
    cases::add(&mut builder);
    let run = RunLine {
        run: String::from("20260117-101500-42"),
        started: String::from("2026-01-17T10:15:00Z"),
        workers: 2,
        candidate: CandidateLine {
            name: String::from("integration-hub 3.4.1"),
            digest: Some(String::from("sha256:9b2d0c61e8a47f35")),
            launched: true,
            arguments: vec![String::from("--candidate"), String::from("candidate.toml")],
        },
        environment: EnvironmentLine {
            os: String::from("linux"),
            arch: String::from("x86_64"),
            cpus: 2,
        },
        tool: String::from("wardgate 0.1.0"),
        ..RunLine::of_plan(&builder.plan, &wardgate_core::plan::Request::default())
    };
    let end = EndLine {
        kind: String::from("end"),
        duration_ns: 6_873_000_000,
        not_run: vec![3],
        problem: None,
        interrupted: true,
        strays: vec![
            String::from("ehr: GET /metadata"),
            String::from("ledger: GET /companies"),
            String::from("ledger: GET /companies"),
        ],
        strays_total: 3,
    };
    let summary = Summary::new(&builder.plan, run, end, &builder.verdicts);
    Sample {
        plan: Arc::new(builder.plan),
        lanes: builder.lanes.into_iter().map(|lane| lane.events).collect(),
        summary,
    }
}
