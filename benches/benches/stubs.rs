//! The stubs' cores: what a partner does about one message, without a network.

use criterion::{BatchSize, Criterion};
use wardgate_benches::{
    quick, samples,
    server::{receive, request, stub},
};
use wardgate_core::{
    port::{Action, Stub},
    wire::Message,
};
use wardgate_expression::{Json, json};

fn main() {
    let mut criterion = quick();
    http(&mut criterion);
    fhir(&mut criterion);
    erp(&mut criterion);
    hl7v2(&mut criterion);
    criterion.final_summary();
}

/// The status that a stub answers a request with.
fn status(stub: &mut dyn Stub, message: &Message) -> u16 {
    let reaction = receive(stub, message);
    match reaction.actions.first() {
        Some(Action::Reply {
            message: Message::Response(response),
            ..
        }) => response.status(),
        other => panic!("no response: {other:?}"),
    }
}

fn http(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("http stub");
    for count in [1, 1_000] {
        let routes: Vec<Json> = (0..count)
            .map(|number| json!({"path": format!("/{number}"), "body": {"ok": true}}))
            .collect();
        let mut stub = stub("http", json!({"routes": Json::Array(routes)}));
        let last = request("GET", &format!("/{}", count - 1), "");
        group.bench_function(format!("the last of {count} routes"), |bench| {
            bench.iter(|| assert_eq!(status(stub.as_mut(), &last), 200));
        });
    }
    group.finish();
}

fn fhir(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fhir stub");
    for count in [1, 1_000] {
        let mut ehr = stub("fhir", Json::Null);
        for number in 0..count {
            let put = request(
                "PUT",
                &format!("/fhir/Patient/p{number}"),
                &samples::patient(number),
            );
            assert_eq!(status(ehr.as_mut(), &put), 201);
        }
        let last = count - 1;
        for (name, target) in [
            ("read", format!("/fhir/Patient/p{last}")),
            (
                "search by identifier",
                format!("/fhir/Patient?identifier=MZ{last:08}"),
            ),
            (
                "search by name",
                String::from("/fhir/Patient?family=Example5&_count=10"),
            ),
        ] {
            let get = request("GET", &target, "");
            // What searches keep for their next pages must not pile up over the iterations.
            let base = ehr.snapshot();
            group.bench_function(format!("{name} among {count}"), |bench| {
                bench.iter_batched_ref(
                    || base.snapshot(),
                    |ehr| assert_eq!(status(ehr.as_mut(), &get), 200),
                    BatchSize::SmallInput,
                );
            });
        }
        let post = request("POST", "/fhir/Patient", &samples::patient(count + 1));
        group.bench_function(format!("create beside {count}"), |bench| {
            bench.iter_batched_ref(
                || ehr.snapshot(),
                |ehr| assert_eq!(status(ehr.as_mut(), &post), 201),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn erp(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("erp stub");
    let mut ledger = stub("erp", Json::Null);
    let companies = receive(ledger.as_mut(), &request("GET", "/api/v2.0/companies", ""));
    let Some(Action::Reply { message, .. }) = companies.actions.first() else {
        panic!("no companies")
    };
    let companies = Json::parse_bytes(message.content()).expect("it is JSON");
    let company = companies
        .pointer("/value/0/id")
        .and_then(Json::as_str)
        .expect("there is one");
    let root = format!("/api/v2.0/companies({company})");
    for number in 0..1_000 {
        let customer = format!(r#"{{"number":"MZ{number:08}","displayName":"Ada Example"}}"#);
        let post = request("POST", &format!("{root}/customers"), &customer);
        assert_eq!(status(ledger.as_mut(), &post), 201);
    }
    let find = request(
        "GET",
        &format!("{root}/customers?$filter=number%20eq%20'MZ00000999'"),
        "",
    );
    group.bench_function("find a customer among 1000", |bench| {
        bench.iter(|| assert_eq!(status(ledger.as_mut(), &find), 200));
    });
    let post = request(
        "POST",
        &format!("{root}/salesInvoices"),
        &samples::invoice(5),
    );
    group.bench_function("draft an invoice of five lines", |bench| {
        bench.iter_batched_ref(
            || ledger.snapshot(),
            |ledger| assert_eq!(status(ledger.as_mut(), &post), 201),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn hl7v2(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hl7v2 stub");
    let pharmacy = stub("hl7v2", Json::Null);
    for (name, raw) in [
        (
            "receive a registration",
            samples::registration("CZ00000000001", "MZ00000001"),
        ),
        ("receive 100 results", samples::result_message(100)),
    ] {
        let message = Message::Frame(raw.into());
        group.bench_function(name, |bench| {
            bench.iter_batched_ref(
                || pharmacy.snapshot(),
                |pharmacy| {
                    let reaction = receive(pharmacy.as_mut(), &message);
                    assert!(matches!(
                        reaction.actions.first(),
                        Some(Action::Reply { .. })
                    ));
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}
