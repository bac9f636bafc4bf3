//! Reading and writing: HL7 v2, JSON, HTTP, and the expressions over them.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use wardgate_benches::{quick, samples};
use wardgate_core::wire::{Framing, HttpRequest, HttpResponse};
use wardgate_expression::{
    Json,
    fhirpath::{Context, Expression},
};
use wardgate_stub_hl7v2::{Location, Message, framing::Mllp, locate::locate, mllp, view::view};

fn main() {
    let mut criterion = quick();
    hl7v2(&mut criterion);
    frames(&mut criterion);
    json(&mut criterion);
    fhirpath(&mut criterion);
    http(&mut criterion);
    criterion.final_summary();
}

fn length(bytes: &[u8]) -> Throughput {
    Throughput::Bytes(bytes.len() as u64)
}

fn hl7v2(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hl7v2");
    for observations in [1, 100] {
        let raw = samples::result_message(observations);
        group.throughput(length(&raw));
        group.bench_function(format!("parse {observations} OBX"), |bench| {
            bench.iter(|| Message::parse(black_box(&raw)).expect("it is well formed"));
        });
        let message = Message::parse(&raw).expect("it is well formed");
        group.bench_function(format!("view {observations} OBX"), |bench| {
            bench.iter(|| view(black_box(&message)).expect("it is small"));
        });
    }
    let raw = samples::result_message(20);
    let message = Message::parse(&raw).expect("it is well formed");
    let location = "OBX[15]-5".parse::<Location>().expect("it is a location");
    group.throughput(Throughput::Elements(1));
    group.bench_function("locate OBX[15]-5", |bench| {
        bench.iter(|| locate(black_box(&message), black_box(&location)));
    });
    group.finish();
}

fn frames(criterion: &mut Criterion) {
    let stream: Vec<u8> = (0..64)
        .flat_map(|_| mllp::encode(&samples::result_message(5)))
        .collect();
    let mut group = criterion.benchmark_group("mllp");
    group.throughput(length(&stream));
    for piece in [64, 65_536] {
        group.bench_function(format!("64 frames in pieces of {piece}"), |bench| {
            bench.iter(|| {
                let mut decoder = Mllp.decoder(1 << 20);
                let mut found = 0;
                for part in stream.chunks(piece) {
                    decoder.push(black_box(part));
                    while decoder.next_item().is_some() {
                        found += 1;
                    }
                }
                assert_eq!(found, 64);
            });
        });
    }
    group.finish();
}

fn json(criterion: &mut Criterion) {
    let one = samples::patient(1);
    let many = format!(
        "[{}]",
        (0..200).map(samples::patient).collect::<Vec<_>>().join(",")
    );
    let mut group = criterion.benchmark_group("json");
    for (name, text) in [("a Patient", &one), ("200 Patients", &many)] {
        group.throughput(length(text.as_bytes()));
        group.bench_function(format!("parse {name}"), |bench| {
            bench.iter(|| Json::parse(black_box(text)).expect("it is JSON"));
        });
        let json = Json::parse(text).expect("it is JSON");
        group.bench_function(format!("write {name}"), |bench| {
            bench.iter(|| black_box(&json).to_string());
        });
    }
    group.finish();
}

fn fhirpath(criterion: &mut Criterion) {
    let patient = Json::parse(&samples::patient(1)).expect("it is JSON");
    let invoice = Json::parse(&samples::invoice(50)).expect("it is JSON");
    let mut group = criterion.benchmark_group("fhirpath");
    for (text, document) in [
        (
            "name.where(use = 'official').given.first() = 'Ada'",
            &patient,
        ),
        (
            "identifier.where(system = 'http://hospital.example/mrn').value.matches('^MZ[0-9]{8}$')",
            &patient,
        ),
        (
            "salesInvoiceLines.select(quantity * unitPrice).sum() = 1005.00",
            &invoice,
        ),
    ] {
        group.bench_function(format!("parse {text}"), |bench| {
            bench.iter(|| Expression::parse(black_box(text)).expect("it is an expression"));
        });
        let expression = Expression::parse(text).expect("it is an expression");
        group.bench_function(text, |bench| {
            bench.iter(|| {
                let held = expression.is_true(&Context::new(black_box(document)));
                assert!(held.expect("it can be evaluated"));
            });
        });
    }
    group.finish();
}

fn http(criterion: &mut Criterion) {
    let headers = [
        ("host", "ehr.example"),
        ("content-type", "application/fhir+json"),
        ("accept", "*/*"),
    ];
    let body = Bytes::from(samples::patient(1));
    let request = HttpRequest::new(
        "PUT",
        "/fhir/Patient?identifier=MZ00000001",
        &headers,
        body.clone(),
    )
    .encode();
    let response = HttpResponse::new(201, &headers[1..2], body).encode();
    let mut group = criterion.benchmark_group("http");
    group.bench_function("decode a request", |bench| {
        bench.iter(|| HttpRequest::decode(black_box(&request)).expect("it is well formed"));
    });
    group.bench_function("decode a response", |bench| {
        bench.iter(|| HttpResponse::decode(black_box(&response)).expect("it is well formed"));
    });
    group.finish();
}
