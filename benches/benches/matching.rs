//! Matching and correlation: what is done for each message that comes.

use std::{hint::black_box, sync::Arc};

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use wardgate_benches::{quick, samples};
use wardgate_core::{
    bindings::Bindings,
    correlate::{Correlator, Owner},
    matching::{Ground, check_message},
    plan::{Claim, PlannedCheck, Request, make},
    port::Catalog,
    wire::{HttpResponse, Message},
};

fn main() {
    let mut criterion = quick();
    let catalog = wardgate_stub_catalog::catalog();
    replies(&mut criterion, &catalog);
    correlation(&mut criterion);
    criterion.final_summary();
}

/// The checks of the reply of a contract's only interaction.
fn checks(catalog: &Catalog, send: &str, reply: &str) -> Arc<[PlannedCheck]> {
    let text = format!(
        "wardgate: 1\ncontract: bench/matching\nversion: 1.0.0\nconsumer: a\nprovider: b\nworkflow: bench\n\
         interactions:\n  - name: one\n    send: {send}\n    expect: {{ reply: {reply} }}\n"
    );
    let request = Request {
        contracts: vec![samples::contract(&text)],
        ..Request::default()
    };
    let plan = make(request, catalog).expect("the contract can be planned");
    let found = plan.cases[0]
        .expectations
        .iter()
        .find_map(|one| match &one.claim {
            Claim::Reply { checks, .. } => Some(checks.clone()),
            _ => None,
        });
    found.expect("the reply is expected")
}

fn replies(criterion: &mut Criterion, catalog: &Arc<Catalog>) {
    let patient = samples::patient(1);
    let get = "{ http: { to: web, method: GET, path: /1 } }";
    let adt = "{ hl7v2: { to: adt, message: \"MSH|^~\\\\&|A|B|C|D|20260301||ADT^A04^ADT_A01|${control_id}|P|2.5.1\\rPID|1||1\" } }";
    let response = Message::Response(HttpResponse::new(
        200,
        &[("content-type", "application/json")],
        Bytes::from(patient.clone()),
    ));
    let result = Message::Frame(samples::result_message(20).into());
    let cases = [
        (
            "a body, exactly",
            "http",
            get,
            format!("{{ status: 200, body: {{ equals: {patient} }} }}"),
            &response,
        ),
        (
            "a body, by shape",
            "http",
            get,
            format!("{{ status: 200, body: {{ like: {patient} }} }}"),
            &response,
        ),
        (
            "a body, by an expression",
            "http",
            get,
            String::from("{ fhirpath: [\"name.first().family = 'Example1'\"] }"),
            &response,
        ),
        (
            "five locations",
            "hl7v2",
            adt,
            String::from(
                "{ hl7v2: { MSH-10: CZ00000000001, PID-3.1: MZ00000001, PID-8: F, \"OBX[7]-5\": \"87.40\", OBR-25: F } }",
            ),
            &result,
        ),
    ];
    let mut group = criterion.benchmark_group("matching");
    for (name, protocol, send, reply, message) in cases {
        let checks = checks(catalog, send, &reply);
        let protocol = catalog.get(protocol).expect("the catalog has it");
        let bindings = Bindings::new(catalog.clone(), 1_772_357_400_000);
        let ground = Ground {
            bindings: &bindings,
            render: &|_, _| None,
        };
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let reading = protocol.read(black_box(message)).expect("it can be read");
                let checked = check_message(&checks, reading.as_ref(), &ground);
                assert!(checked.mismatches.is_empty(), "{:?}", checked.mismatches);
            });
        });
    }
    group.finish();
}

fn correlation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("correlation");
    let message = samples::result_message(100);
    for known in [10, 10_000] {
        let mut correlator = Correlator::default();
        for case in 0..known {
            let owner = Owner { case, attempt: 0 };
            correlator.learn(&format!("MZ{case:08}"), owner);
            correlator.learn(&format!("CZ{case:011}"), owner);
        }
        group.throughput(Throughput::Bytes(message.len() as u64));
        group.bench_function(format!("the owner among {known} cases"), |bench| {
            bench.iter(|| {
                let owner = correlator.owner(black_box(&message));
                assert_eq!(owner.map(|owner| owner.case), Some(1));
            });
        });
    }
    group.finish();
}
