//! The way of 300 simple interactions through a run: read, plan, fold, write down, read back, render.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use wardgate_benches::{quick, recorded::Recorded, samples};
use wardgate_core::plan::{Request, make};
use wardgate_report::{
    html, junit,
    run_file::{EventLine, RunFile, VerdictsLine, encode},
    summary::Summary,
    traffic::{Traffic, labels},
};

const INTERACTIONS: usize = 300;

fn main() {
    let mut criterion = quick();
    let run = Recorded::new(INTERACTIONS);
    before(&mut criterion, &run);
    during(&mut criterion, &run);
    after(&mut criterion, &run);
    criterion.final_summary();
}

fn before(criterion: &mut Criterion, run: &Recorded) {
    let mut group = criterion.benchmark_group("before");
    let text = samples::simple_contract(INTERACTIONS);
    group.bench_function("read the contract", |bench| {
        bench.iter(|| samples::contract(black_box(&text)));
    });
    let request = Request {
        contracts: vec![samples::contract(&text)],
        ..Request::default()
    };
    group.bench_function("plan", |bench| {
        bench.iter(|| make(request.clone(), &run.catalog).expect("it can be planned"));
    });
    group.finish();
}

fn during(criterion: &mut Criterion, run: &Recorded) {
    let mut group = criterion.benchmark_group("during");
    group.throughput(Throughput::Elements(run.events.len() as u64));
    group.bench_function("fold", |bench| {
        bench.iter(|| {
            let mut lane = run.lane();
            for event in &run.events {
                lane.observe(black_box(event));
            }
            assert_eq!(lane.take_finished().len(), INTERACTIONS);
        });
    });
    group.bench_function("write events", |bench| {
        bench.iter(|| {
            let written = run
                .events
                .iter()
                .map(|event| encode(&EventLine::new(0, event)).len());
            written.sum::<usize>()
        });
    });
    group.throughput(Throughput::Elements(INTERACTIONS as u64));
    group.bench_function("write verdicts", |bench| {
        bench.iter(|| {
            let written = run
                .verdicts
                .iter()
                .map(|verdict| encode(&VerdictsLine::new(&run.plan, verdict)).len());
            written.sum::<usize>()
        });
    });
    group.finish();
}

fn after(criterion: &mut Criterion, run: &Recorded) {
    let mut group = criterion.benchmark_group("after");
    let text = run.run_file();
    group.bench_function("read the run file back", |bench| {
        bench.iter(|| RunFile::read(black_box(text.as_bytes())).expect("it was just written"));
    });
    let file = RunFile::read(text.as_bytes()).expect("it was just written");
    let summary = Summary::of_lines(
        &run.plan,
        file.run.clone(),
        run.end(),
        file.verdicts.clone(),
    );
    let events = |lane: usize| file.lanes[lane].as_slice();
    let label = labels(&run.plan, &run.catalog);
    let traffic = Traffic::new(&run.plan, &events, &label);
    group.bench_function("render JUnit", |bench| {
        bench.iter(|| junit::render(black_box(&summary), &traffic));
    });
    group.bench_function("render HTML", |bench| {
        bench.iter(|| html::render(black_box(&summary), &traffic));
    });
    group.finish();
}
