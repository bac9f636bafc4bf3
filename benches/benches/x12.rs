//! Reading X12: the structure of a large file of claims, and every element of it.

use std::hint::black_box;

use criterion::Throughput;
use wardgate_benches::{claims, quick};
use wardgate_stub_x12::{Envelope, File, Location, locate::locate, validate};

fn main() {
    let mut criterion = quick();
    let bytes = claims::file(10 << 20);
    let mut group = criterion.benchmark_group("x12");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("interchanges of 10 MB", |bench| {
        bench.iter(|| File::parse(black_box(&bytes)).expect("it is well formed"));
    });
    let file = File::parse(&bytes).expect("it is well formed");
    group.bench_function("envelopes of 10 MB", |bench| {
        bench.iter(|| {
            let envelope = Envelope::read(black_box(&file.interchanges()[0]));
            assert!(envelope.findings.is_empty());
        });
    });
    group.bench_function("every element of 10 MB", |bench| {
        bench.iter(|| {
            black_box(&file.interchanges()[0])
                .segments()
                .flat_map(|segment| segment.elements())
                .filter(|element| !element.is_empty())
                .count()
        });
    });
    let location = "SV1[*]-01-2".parse::<Location>().expect("it is a location");
    group.bench_function("locate SV1[*]-01-2 in 10 MB", |bench| {
        bench.iter(|| locate(file.interchanges()[0].segments(), black_box(&location)));
    });
    let small = claims::file(1 << 20);
    group.throughput(Throughput::Bytes(small.len() as u64));
    let file = File::parse(&small).expect("it is well formed");
    group.bench_function("judge 1 MB by its guide", |bench| {
        bench.iter(|| {
            let judgement = validate::interchange(black_box(&file.interchanges()[0]));
            assert_eq!((judgement.judged, judgement.findings.len()), (1, 0));
        });
    });
    group.finish();
    criterion.final_summary();
}
