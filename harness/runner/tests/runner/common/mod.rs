//! What the runner's tests share: a catalog, contracts, the test candidate, and a run of them.

mod line;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tempfile::TempDir;
use wardgate_contract::{Source, read};
use wardgate_core::{
    event::{Event, EventKind},
    lane::Lane,
    plan::{self, Limits, Plan, Request},
    port::{Catalog, Reaction},
    verdict::{CaseVerdict, Outcome},
};
use wardgate_runner::{Candidate, LaneInfo, Observer, RunOptions, RunOutcome, run};

/// The protocols of these tests.
pub fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::new(vec![
        Arc::new(wardgate_stub_http::Http),
        Arc::new(wardgate_stub_file::File),
        Arc::new(line::Line),
    ]))
}

/// Limits that keep failing tests short.
pub fn limits() -> Limits {
    Limits {
        within: Duration::from_millis(700),
        recovery: Duration::from_secs(5),
        barrier: Duration::from_secs(3),
        attempt: Duration::from_secs(20),
        silence: Duration::from_millis(60),
        quiet: Duration::from_millis(60),
        shrink_attempts: 20,
    }
}

/// A plan of the interactions, given as YAML, of one contract.
pub fn plan_of(interactions: &str) -> Arc<Plan> {
    plan_with(interactions, limits())
}

pub fn plan_with(interactions: &str, limits: Limits) -> Arc<Plan> {
    let mut text = String::from(
        "wardgate: 1\ncontract: test/candidate\nversion: 1.0.0\nconsumer: tester\nprovider: candidate\nworkflow: test\n\
         partners:\n  notes: { stub: http, routes: [ { method: POST, path: /notes, status: 201, body: noted } ] }\n\
         interactions:\n",
    );
    for line in interactions.lines() {
        let _ = writeln!(text, "  {line}");
    }
    let source = Arc::new(Source::new("test.yaml", text.as_str()));
    let reading = read(source);
    let contract = reading
        .contract
        .unwrap_or_else(|| panic!("{:#?}\n{text}", reading.findings));
    let request = Request {
        contracts: vec![Arc::new(contract)],
        seed: 7,
        started_unix_ms: 1_700_000_000_000,
        limits,
        ..Request::default()
    };
    Arc::new(plan::make(request, &catalog()).expect("it can be planned"))
}

/// The test candidate in a mode, with more lines for its `candidate.toml`.
pub fn candidate(behaviour: &str, more: &str) -> Candidate {
    let text = format!(
        r#"
        name = "test candidate"
        command = ['{}', "--folder", "${{run.dir}}", "--partner", "${{stubs.notes.addr}}", "--mode", "{behaviour}"]
        [endpoints]
        http = {{ log = 'ready http=(\S+)' }}
        line = {{ log = 'lines=(\S+)' }}
        inbox = {{ folder = "${{run.dir}}/inbox" }}
        {more}
        "#,
        env!("CARGO_BIN_EXE_runner-test-candidate")
    );
    Candidate::parse(&text, "candidate.toml", Path::new(".")).expect("it is sound")
}

/// The test candidate that can be asked whether it is idle.
pub fn sound() -> Candidate {
    candidate("serve", IDLE)
}

pub const IDLE: &str = "[idle]\nhttp = \"${endpoints.http}/status\"";

/// The events of each lane.
#[derive(Default)]
pub struct Log {
    pub events: Mutex<Vec<(usize, Event)>>,
    pub lanes: Mutex<Vec<LaneInfo>>,
}

impl Observer for Log {
    fn lane_opened(&self, lane: &LaneInfo) {
        self.lanes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(lane.clone());
    }

    fn event(&self, lane: usize, event: &Event, _reaction: &Reaction) {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((lane, event.clone()));
    }
}

/// A run and all that it left.
pub struct Ran {
    pub outcome: RunOutcome,
    pub events: Vec<(usize, Event)>,
    pub folder: TempDir,
    plan: Arc<Plan>,
}

/// Runs these interactions against this candidate in one lane.
pub async fn ran(candidate: Candidate, interactions: &str) -> Ran {
    ran_plan(candidate, plan_of(interactions), |_| {}).await
}

pub async fn ran_plan(
    candidate: Candidate,
    plan: Arc<Plan>,
    set: impl FnOnce(&mut RunOptions),
) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(Log::default());
    let mut options = RunOptions::new(folder.path());
    set(&mut options);
    let outcome = run(
        plan.clone(),
        catalog(),
        Arc::new(candidate),
        options,
        log.clone(),
    )
    .await;
    let events = std::mem::take(&mut *log.events.lock().unwrap_or_else(PoisonError::into_inner));
    let ran = Ran {
        outcome,
        events,
        folder,
        plan,
    };
    ran.replays();
    ran
}

impl Ran {
    /// The outcomes of the cases that were run, by name.
    pub fn outcomes(&self) -> Vec<(&str, Outcome)> {
        self.outcome
            .verdicts
            .iter()
            .map(|verdict| {
                (
                    self.plan.cases[verdict.case].title.as_str(),
                    verdict.outcome,
                )
            })
            .collect()
    }

    /// The verdict of the only case.
    pub fn only(&self) -> &CaseVerdict {
        assert_eq!(self.outcome.problem, None);
        let [verdict] = self.outcome.verdicts.as_slice() else {
            panic!("{:#?}", self.outcome);
        };
        verdict
    }

    /// Every case passed.
    pub fn passes(&self) {
        assert_eq!(self.outcome.problem, None);
        assert_eq!(self.outcome.not_run, []);
        assert_eq!(self.outcome.verdicts.len(), self.plan.selected.len());
        for verdict in &self.outcome.verdicts {
            assert_eq!(
                verdict.outcome,
                Outcome::Pass,
                "{verdict:#?}\n{}",
                self.story()
            );
        }
    }

    /// The log in short, for messages.
    pub fn story(&self) -> String {
        let mut out = String::new();
        for (lane, event) in &self.events {
            let what = match &event.kind {
                EventKind::Wire(wire) => format!(
                    "{:?} {:?} channel {} {:?} {}",
                    wire.party,
                    wire.direction,
                    wire.channel,
                    String::from_utf8_lossy(&wire.bytes),
                    wire.fault.as_deref().unwrap_or("")
                ),
                other => format!("{other:?}"),
            };
            let _ = writeln!(out, "{lane}/{} {:?} {what}", event.sequence, event.elapsed);
        }
        out
    }

    /// How often something stands in the log.
    pub fn count(&self, is: impl Fn(&EventKind) -> bool) -> usize {
        self.events
            .iter()
            .filter(|(_, event)| is(&event.kind))
            .count()
    }

    /// The lane's own folder.
    pub fn lane_folder(&self, lane: usize) -> PathBuf {
        self.folder.path().join(format!("lane-{lane}"))
    }

    /// The log alone gives the same verdicts, and its events are numbered without gaps in the order of time.
    fn replays(&self) {
        let mut again = Vec::new();
        let lanes = self
            .events
            .iter()
            .map(|(lane, _)| *lane)
            .max()
            .map_or(0, |last| last + 1);
        for number in 0..lanes {
            let mut lane =
                Lane::new(self.plan.clone(), catalog(), number).expect("it was opened before");
            let events = self.events.iter().filter(|(of, _)| *of == number);
            let mut elapsed = Duration::ZERO;
            for (sequence, (_, event)) in events.enumerate() {
                assert_eq!(event.sequence, sequence as u64);
                assert!(event.elapsed >= elapsed);
                elapsed = event.elapsed;
                lane.observe(event);
            }
            for verdict in lane.take_finished() {
                again.retain(|known: &CaseVerdict| known.case != verdict.case);
                again.push(verdict);
            }
        }
        again.sort_by_key(|verdict| verdict.case);
        assert_eq!(again, self.outcome.verdicts, "{}", self.story());
    }
}

/// The process ids in a file of the candidate's.
pub fn ids(path: &Path) -> Vec<u32> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Whether a process runs; one that has ended and waits to be reaped does not.
pub fn runs(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .trim_start()
            .starts_with(['Z', 'X'])
    })
}

/// Waits until a process is gone; it was ended before, so this is short.
pub async fn is_gone(id: u32) -> bool {
    for _ in 0..1_000 {
        if !runs(id) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}
