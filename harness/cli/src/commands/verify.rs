//! `wardgate verify`: replay contracts against a candidate and judge what crossed the wire.

mod candidate;
pub mod outputs;
mod watch;

use std::{
    mem::forget,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use wardgate_core::plan::{self, Limits, Plan, Request, Selection, Shard};
use wardgate_report::{
    junit,
    run_file::{EndLine, EnvironmentLine, RunLine},
};
use wardgate_runner::{
    RunOptions, RunOutcome, Stop, contracts::Remembered, fresh_seed, now_unix_ms,
};

use crate::{
    args::VerifyArgs,
    contracts,
    exit::{Failure, Outcome},
    files,
    print::tell,
    progress::Progress,
    run_folder,
    run_log::RunLog,
};
use candidate::Judged;
use watch::Watch;

/// Runs `wardgate verify …`.
///
/// Whoever reads nothing but the JUnit report must not find the one of an earlier run where this one came to nothing.
pub fn run(args: &VerifyArgs) -> Outcome {
    let outcome = attempt(args);
    if let (Err(failure), Some(path)) = (&outcome, &args.junit) {
        // That this cannot be written either is the smaller trouble: the greater one is told.
        let _ = files::write(path, junit::of_nothing(&failure.message).as_bytes());
    }
    outcome
}

fn attempt(args: &VerifyArgs) -> Outcome {
    let catalog = wardgate_stub_catalog::catalog();
    let judged = candidate::choose(args)?;
    let paths = if args.paths.is_empty() {
        vec![PathBuf::from(super::contract::SUITES)]
    } else {
        args.paths.clone()
    };
    let contracts = contracts::load_sound(&paths, &catalog)?;
    let regressions = wardgate_runner::contracts::regressions(&contracts)
        .map_err(|error| Failure::could_not_run(error.to_string()))?;
    let started_unix_ms = now_unix_ms();
    let request = Request {
        contracts,
        seed: args.seed.unwrap_or_else(fresh_seed),
        started_unix_ms,
        selection: Selection {
            filter: args.filter.clone(),
            workflow: args.workflow.clone(),
            case: args.case.clone(),
        },
        shard: args.shard.map(|(index, of)| Shard { index, of }),
        property_cases: args.property_cases,
        limits: Limits::default(),
        regressions,
        partners: judged.candidate.partners(),
    };
    let plan = plan::make(request.clone(), &catalog)
        .map_err(|error| Failure::could_not_run(error.to_string()))?;
    let plan = Arc::new(plan);
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(run_folder::DEFAULT));
    let stamp = stamp(started_unix_ms);
    let folder = run_folder::create(&out, &stamp)?;
    let line = first_line(args, &plan, &request, &judged, &folder);
    let log = RunLog::create(&folder.join("run.jsonl"), &line)?;
    if !args.quiet && !args.json {
        tell!(
            "{} of {} cases, {} {}, seed {}",
            plan.selected.len(),
            plan.cases.len(),
            line.workers,
            if line.workers == 1 {
                "worker"
            } else {
                "workers"
            },
            plan.seed
        );
        if let (Some(2..), Some(why)) = (args.workers, judged.candidate.why_alone()) {
            tell!("one worker in place of those asked for: {why}");
        }
        if args.shard.is_some() && args.seed.is_none() {
            tell!(
                "parts can be merged only where their seed is the same: give the others --seed {}",
                plan.seed
            );
        }
    }
    let mut watch = Watch::new(
        plan.clone(),
        log,
        Progress::new(plan.selected.len(), args.quiet || args.json),
    );
    if args.keep {
        watch = watch.keeping(line.clone(), args.json);
    }
    let watch = Arc::new(watch);
    let began = Instant::now();
    let outcome = execute(
        args,
        &plan,
        &catalog,
        &judged,
        &folder,
        line.workers,
        &watch,
    )?;
    let end = end_line(&outcome, &plan, began);
    watch.log().end(&end)?;
    // A defect that was switched on is meant to fail: its seeds are nobody's regressions.
    let remembered = if args.hub_defect.is_empty() {
        wardgate_runner::contracts::remember(&plan, &outcome.verdicts)
    } else {
        Remembered::default()
    };
    let recorded = outputs::Recorded::read(plan, &folder.join("run.jsonl"))?;
    let xml = outputs::render(&recorded, &catalog, &folder)?;
    run_folder::point_latest(&out, &folder)?;
    // The run is kept and told of even where its report cannot be put where it was wanted.
    let handed_on = args
        .junit
        .as_ref()
        .map_or(Ok(()), |path| files::write(path, xml.as_bytes()));
    outputs::print(&recorded, args);
    outputs::say_where(args, &folder, &remembered);
    handed_on?;
    let code = recorded.summary.exit_code();
    // The process ends here, and the system takes its memory back faster than it could be given back piece by piece.
    forget((recorded, outcome, request));
    Ok(code)
}

fn execute(
    args: &VerifyArgs,
    plan: &Arc<Plan>,
    catalog: &Arc<wardgate_core::port::Catalog>,
    judged: &Judged,
    folder: &Path,
    workers: usize,
    watch: &Arc<Watch>,
) -> Result<RunOutcome, Failure> {
    // A single lane waits for the candidate most of the time: a second thread would only be woken for nothing.
    let mut runtime = if workers == 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    let runtime = runtime
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::could_not_run(format!("no runtime can be had: {error}")))?;
    runtime.block_on(async {
        let stop = Stop::new();
        stop.on_signals().map_err(|error| {
            Failure::could_not_run(format!("signals cannot be listened to: {error}"))
        })?;
        let options = RunOptions {
            workers,
            fail_fast: args.fail_fast,
            folder: folder.to_owned(),
            keep: args.keep,
            stop,
        };
        let outcome = wardgate_runner::run(
            plan.clone(),
            catalog.clone(),
            judged.candidate.clone(),
            options,
            watch.clone() as Arc<dyn wardgate_runner::Observer>,
        )
        .await;
        watch.progress().clear();
        Ok(outcome)
    })
}

fn first_line(
    args: &VerifyArgs,
    plan: &Plan,
    request: &Request,
    judged: &Judged,
    folder: &Path,
) -> RunLine {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let mut line = RunLine::of_plan(plan, request);
    line.run = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    line.started = rfc3339(plan.started_unix_ms);
    line.workers = judged.workers(args.workers, cpus, plan.selected.len());
    line.candidate = judged.line();
    line.environment = EnvironmentLine {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        cpus,
    };
    line
}

fn end_line(outcome: &RunOutcome, plan: &Plan, began: Instant) -> EndLine {
    let strays: Vec<String> = outcome
        .strays
        .iter()
        .flat_map(|lane| &lane.strays)
        .map(|stray| format!("{}: {}", plan.partners[stray.partner].name, stray.label))
        .collect();
    let dropped: u64 = outcome.strays.iter().map(|lane| lane.dropped).sum();
    EndLine {
        kind: String::from("end"),
        duration_ns: u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX),
        not_run: outcome.not_run.iter().map(|left| left.case).collect(),
        problem: outcome.trouble(),
        interrupted: outcome.interrupted,
        strays_total: strays.len() as u64 + dropped,
        strays,
    }
}

/// A moment as a folder's name: `20261123T224912Z`.
fn stamp(unix_ms: i64) -> String {
    rfc3339(unix_ms)
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .take(15)
        .chain(['Z'])
        .collect()
}

fn rfc3339(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| String::new(), |moment| format!("{moment:.3}"))
}
