//! Which lane runs which case: as many lanes as wanted, each taking the next case when it is free.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::task::JoinSet;
use wardgate_core::{
    plan::{CaseKind, Plan},
    port::Catalog,
    verdict::{CaseVerdict, Outcome},
};

use crate::{
    Candidate, LaneInfo, LaneStrays, NotRun, Observer, RunOutcome, Stop,
    candidate::{Instance, Surroundings},
    execute::Executor,
    lane::Stubs,
};

/// How a run is carried out.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// How many candidates, each with stubs of its own, run side by side; at least one. A candidate that already runs,
    /// or whose partners have fixed addresses, has one.
    pub workers: usize,
    /// Whether the first case that does not pass ends the run.
    pub fail_fast: bool,
    /// A folder for what the candidates leave behind; each lane gets one of its own within.
    pub folder: PathBuf,
    /// Whether stubs and candidates stay up after the last case until the run is stopped.
    pub keep: bool,
    /// Stops the run.
    pub stop: Stop,
}

impl RunOptions {
    /// One lane, every case, nothing kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            workers: 1,
            fail_fast: false,
            folder: folder.into(),
            keep: false,
            stop: Stop::new(),
        }
    }
}

/// Carries out a plan: the only effectful step. Call it within a Tokio runtime with I/O and time.
///
/// Candidates are stopped and stubs closed when this returns; when the future is dropped, they are killed.
pub async fn run(
    plan: Arc<Plan>,
    catalog: Arc<Catalog>,
    candidate: Arc<Candidate>,
    options: RunOptions,
    observer: Arc<dyn Observer>,
) -> RunOutcome {
    let listen: BTreeMap<String, SocketAddr> = candidate
        .stubs
        .iter()
        .filter_map(|(name, stub)| stub.listen.map(|at| (name.clone(), at)))
        .collect();
    let wanted = match candidate.why_alone() {
        Some(_) => 1,
        None => options.workers.max(1),
    };
    let workers = wanted.min(plan.selected.len());
    let shared = Arc::new(Shared {
        queue: Mutex::new(in_order(&plan, workers)),
        outcome: Mutex::default(),
        halted: AtomicBool::new(false),
        plan,
        catalog,
        candidate,
        listen,
        options,
        observer,
    });
    let mut lanes = JoinSet::new();
    for number in 0..workers {
        lanes.spawn(lane(shared.clone(), number));
    }
    let mut open = Vec::new();
    while let Some(ended) = lanes.join_next().await {
        match ended {
            Ok(lane) => open.extend(lane),
            Err(error) => shared.trouble(format!("a lane broke: {error}")),
        }
    }
    if shared.options.keep && !open.is_empty() && !shared.options.stop.is_requested() {
        let infos: Vec<LaneInfo> = open.iter().map(|lane| lane.info.clone()).collect();
        shared.observer.kept(&infos);
        shared.options.stop.requested().await;
    }
    for lane in open {
        lane.close().await;
    }
    shared.finish()
}

/// The cases in the order in which they are taken: with several lanes, long ones first.
fn in_order(plan: &Plan, workers: usize) -> VecDeque<usize> {
    let mut cases = plan.selected.clone();
    if workers > 1 {
        cases.sort_by_key(|case| !matches!(plan.cases[*case].kind, CaseKind::Property(_)));
    }
    cases.into()
}

struct Shared {
    plan: Arc<Plan>,
    catalog: Arc<Catalog>,
    candidate: Arc<Candidate>,
    listen: BTreeMap<String, SocketAddr>,
    options: RunOptions,
    observer: Arc<dyn Observer>,
    queue: Mutex<VecDeque<usize>>,
    outcome: Mutex<RunOutcome>,
    /// No further case is begun.
    halted: AtomicBool,
}

/// A lane after its last case.
struct OpenLane {
    executor: Executor,
    stubs: Stubs,
    info: LaneInfo,
}

impl OpenLane {
    async fn close(self) {
        self.executor.stop().await;
        self.stubs.close().await;
    }
}

async fn lane(shared: Arc<Shared>, number: usize) -> Option<OpenLane> {
    let opened = tokio::select! {
        biased;
        () = shared.options.stop.requested() => return None,
        opened = open(&shared, number) => opened,
    };
    let mut lane = match opened {
        Ok(lane) => lane,
        Err(reason) => {
            shared.halted.store(true, Ordering::Relaxed);
            shared.trouble(reason);
            return None;
        }
    };
    shared.observer.lane_opened(&lane.info);
    lock(&shared.outcome).lanes.push(lane.info.clone());
    while let Some(case) = shared.next() {
        shared.observer.case_started(number, case);
        let ran = tokio::select! {
            biased;
            () = shared.options.stop.requested() => {
                shared.not_run(case, "the run was interrupted");
                break;
            }
            ran = lane.executor.run_case(case) => ran,
        };
        let finished = lane.stubs.lane.lock().fold().take_finished();
        if ran.is_err() && !finished.iter().any(|verdict| verdict.case == case) {
            shared.not_run(case, "the candidate could not be started");
        }
        shared.judged(finished);
        if let Err(lost) = ran {
            shared.trouble(lost.reason);
            break;
        }
    }
    lane.executor.notice_end().await;
    let taken_back = lane.stubs.lane.lock().fold().take_finished();
    shared.judged(taken_back);
    let (strays, dropped) = {
        let mut held = lane.stubs.lane.lock();
        let (strays, dropped) = held.fold().strays();
        (strays.to_vec(), dropped)
    };
    {
        let mut outcome = lock(&shared.outcome);
        if !strays.is_empty() || dropped > 0 {
            outcome.strays.push(LaneStrays {
                lane: number,
                strays,
                dropped,
            });
        }
        outcome.exits.extend(lane.executor.take_exits());
    }
    if shared.options.keep {
        return Some(lane);
    }
    lane.close().await;
    None
}

async fn open(shared: &Shared, number: usize) -> Result<OpenLane, String> {
    let folder = lane_folder(&shared.options.folder, number)?;
    let stubs = Stubs::open(
        &shared.plan,
        &shared.catalog,
        number,
        &shared.listen,
        shared.observer.clone(),
    )
    .await?;
    let surroundings = Surroundings {
        folder: folder.clone(),
        partners: stubs.addresses.clone(),
        own_binary: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("wardgate")),
    };
    let instance = Instance::new(shared.candidate.clone(), surroundings)?;
    let mut executor = Executor::new(shared.plan.clone(), &shared.catalog, &stubs, instance)?;
    executor.start().await.map_err(|lost| lost.reason)?;
    let info = executor.info(&stubs, folder);
    Ok(OpenLane {
        executor,
        stubs,
        info,
    })
}

/// Makes the lane's own folder, empty, and gives its absolute path.
fn lane_folder(folder: &Path, number: usize) -> Result<PathBuf, String> {
    let folder = folder.join(format!("lane-{number}"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))
}

impl Shared {
    fn next(&self) -> Option<usize> {
        if self.halted.load(Ordering::Relaxed) || self.options.stop.is_requested() {
            return None;
        }
        lock(&self.queue).pop_front()
    }

    /// Takes in verdicts. A second one on a case replaces the first: something came of it after it was over.
    fn judged(&self, verdicts: Vec<CaseVerdict>) {
        for verdict in verdicts {
            let earlier = lock(&self.outcome)
                .verdicts
                .iter()
                .position(|known| known.case == verdict.case);
            match earlier {
                Some(_) => self.observer.case_revised(&verdict),
                None => self.observer.case_finished(&verdict),
            }
            if self.options.fail_fast && matches!(verdict.outcome, Outcome::Error | Outcome::Fail) {
                self.halted.store(true, Ordering::Relaxed);
            }
            let mut outcome = lock(&self.outcome);
            match earlier {
                Some(index) => outcome.verdicts[index] = verdict,
                None => outcome.verdicts.push(verdict),
            }
        }
    }

    /// The first trouble is the one that counts: others follow from it.
    fn trouble(&self, reason: String) {
        lock(&self.outcome).problem.get_or_insert(reason);
    }

    fn not_run(&self, case: usize, reason: &str) {
        lock(&self.outcome).not_run.push(NotRun {
            case,
            reason: reason.to_owned(),
        });
    }

    fn finish(&self) -> RunOutcome {
        let mut outcome = std::mem::take(&mut *lock(&self.outcome));
        outcome.interrupted =
            self.options.stop.is_requested() && outcome.verdicts.len() < self.plan.selected.len();
        let reason = if outcome.problem.is_some() {
            "the candidate could not be run"
        } else if outcome.interrupted {
            "the run was interrupted"
        } else {
            "an earlier case failed, and the first failure was to end the run"
        };
        outcome
            .not_run
            .extend(lock(&self.queue).drain(..).map(|case| NotRun {
                case,
                reason: reason.to_owned(),
            }));
        outcome.verdicts.sort_by_key(|verdict| verdict.case);
        outcome.not_run.sort_by_key(|not_run| not_run.case);
        outcome.lanes.sort_by_key(|lane| lane.lane);
        outcome.strays.sort_by_key(|strays| strays.lane);
        outcome
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
