//! Contract cases as tests.

mod aside;
mod board;
mod case;
mod execute;
mod plan;
mod repeat;
mod serve;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use wardgate_core::{plan::Limits, verdict::Outcome};

use crate::error::{Reason, SuiteError};
use aside::tell;
use board::Board;
pub use case::{Judged, JudgedCase};
use execute::Execution;
use plan::Prepared;
pub(crate) use plan::load;
use serve::Service;
pub use serve::Surroundings;

/// What the process says when a test failed, as the built-in harness does.
const FAILED: u8 = 101;

/// The contracts at a path as a suite of tests, each case a test; say what to judge and then [`run`](Suite::run) it.
///
/// The path is a contract file or a folder that is searched for them, relative to the folder of the package, which is
/// where cargo and nextest run tests.
pub fn suite(path: impl Into<PathBuf>) -> Suite {
    Suite {
        paths: vec![path.into()],
        candidate: Given::Nothing,
        program: None,
        idle: None,
        arguments: Vec::new(),
        environment: Vec::new(),
        seed: None,
        property_cases: None,
        workflow: None,
        limits: Limits::default(),
        ignored: Vec::new(),
        remember: true,
    }
}

/// Contracts, and what to judge by them. Made by [`suite`].
#[derive(Debug)]
#[must_use = "a suite does nothing until it is run"]
pub struct Suite {
    paths: Vec<PathBuf>,
    candidate: Given,
    program: Option<PathBuf>,
    idle: Option<String>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    seed: Option<u64>,
    property_cases: Option<u32>,
    workflow: Option<String>,
    limits: Limits,
    ignored: Vec<String>,
    remember: bool,
}

/// How the candidate was given.
#[derive(Debug)]
enum Given {
    Nothing,
    File(PathBuf),
    Rust(Service),
}

impl Suite {
    /// More contracts: another file or folder.
    pub fn and(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Judges what this `candidate.toml` describes: a program that is started for each worker, or one that already runs.
    pub fn candidate(mut self, file: impl Into<PathBuf>) -> Self {
        self.candidate = Given::File(file.into());
        self
    }

    /// Starts this program in place of the first word of the candidate's command:
    /// `.program(env!("CARGO_BIN_EXE_my-service"))` is the binary of this package that cargo has just built.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// One more argument at the end of the candidate's command.
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// One more variable in the candidate's environment.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Judges a service that is given in Rust. It is served until it ends or is stopped, on addresses of its own choice that
    /// it [announces](Surroundings::announce), and finds its partners in the [`Surroundings`].
    ///
    /// It runs in a process of its own, which is this same program run again: every worker has one, it can be killed and
    /// started afresh as contracts demand, and nothing that it leaves in memory outlives it. `main` should therefore do
    /// nothing before [`run`](Self::run) that must not be done twice.
    ///
    /// ```no_run
    /// # async fn app(_ehr: String, _listener: tokio::net::TcpListener) {}
    /// fn main() -> std::process::ExitCode {
    ///     wardgate_testkit::suite("contracts")
    ///         .serve(|around| async move {
    ///             let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    ///             around.announce("api", listener.local_addr()?);
    ///             app(around.url("ehr"), listener).await;
    ///             std::io::Result::Ok(())
    ///         })
    ///         .run()
    /// }
    /// ```
    pub fn serve<S, F>(mut self, service: S) -> Self
    where
        S: FnOnce(Surroundings) -> F + 'static,
        F: Future + 'static,
        F::Output: std::process::Termination,
    {
        self.candidate = Given::Rust(Service::new(service));
        self
    }

    /// The URL at which a candidate given by [`serve`](Self::serve) says that it is idle, such as `${endpoints.api}/idle`:
    /// upper bounds ("once", "none") are then settled by it, and not by waiting for quiet.
    pub fn idle(mut self, url: impl Into<String>) -> Self {
        self.idle = Some(url.into());
        self
    }

    /// Draws every value from this seed. The environment variable `WARDGATE_SEED` overrules it; without either each run draws
    /// one of its own and prints it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many attempts each property makes, in place of what its contract says.
    pub fn property_cases(mut self, attempts: u32) -> Self {
        self.property_cases = Some(attempts);
        self
    }

    /// Only the contracts of this workflow.
    pub fn workflow(mut self, workflow: impl Into<String>) -> Self {
        self.workflow = Some(workflow.into());
        self
    }

    /// Bounds on waiting, in place of the usual ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Cases whose name contains this are listed as ignored, as `#[ignore]` does: they run with `--ignored` or
    /// `--include-ignored`.
    pub fn ignore(mut self, part: impl Into<String>) -> Self {
        self.ignored.push(part.into());
        self
    }

    /// Whether the seed of a property's failure is added to the regressions file beside its contract, to be tried first from
    /// then on. It is, unless this says no.
    pub fn remember(mut self, remember: bool) -> Self {
        self.remember = remember;
        self
    }

    /// Runs the suite as the `main` of a test with `harness = false`: reads the arguments that `cargo test` and cargo-nextest
    /// give, lists or runs the cases, prints what broke and says how it ended.
    ///
    /// Cases share candidates: one for each of the `--test-threads`, with partners of its own. A suite that cannot be run,
    /// or that holds no case, fails.
    pub fn run(mut self) -> ExitCode {
        wardgate_runner::guard::run_if_asked();
        if let Given::Rust(service) = &mut self.candidate
            && let Some(ended) = service.serve_if_asked()
        {
            return ended;
        }
        let arguments = Arguments::from_args();
        match self.run_with(&arguments) {
            Ok(ended) => ended,
            Err(error) => {
                tell!("wardgate: {error}");
                ExitCode::from(FAILED)
            }
        }
    }

    /// Runs every case and hands back what came of each, for tests about tests: that a defect is caught, say. It may be
    /// called from any test, async ones included; it blocks until everything has run.
    pub fn judge(self) -> Result<Judged, SuiteError> {
        if matches!(self.candidate, Given::Rust(_)) {
            return Err(Reason::Served.into());
        }
        let prepared = Prepared::new(&self)?;
        let workers = workers(None, prepared.plan.selected.len());
        let shared = Arc::new(prepared);
        let board = Board::new(shared.plan.clone());
        let outcome = Execution::start(&shared, &board, workers)?.finish()?;
        let cases = shared
            .plan
            .selected
            .iter()
            .map(|case| JudgedCase::new(&shared, *case, board.wait(*case)))
            .collect();
        Ok(Judged {
            cases,
            seed: shared.plan.seed,
            problem: outcome.problem(),
        })
    }

    fn run_with(self, arguments: &Arguments) -> Result<ExitCode, SuiteError> {
        let mut prepared = Prepared::new(&self)?;
        let ignored = |name: &str| self.ignored.iter().any(|part| name.contains(part.as_str()));
        let wanted = |name: &str| {
            let trial = Trial::test(name, || Ok(())).with_ignored_flag(ignored(name));
            !arguments.is_filtered_out(&trial) && !arguments.is_ignored(&trial)
        };
        let all = prepared.plan.selected.clone();
        prepared.select(|name| !arguments.list && wanted(name));
        let prepared = Arc::new(prepared);
        let board = Board::new(prepared.plan.clone());
        let trials = all
            .into_iter()
            .map(|case| {
                let name = prepared.plan.cases[case].name.clone();
                let flag = ignored(&name);
                let (prepared, board) = (prepared.clone(), board.clone());
                let colour = case::colour(arguments.color);
                Trial::ignorable_test(name, move || outcome_of(&prepared, &board, case, colour))
                    .with_ignored_flag(flag)
            })
            .collect();
        let selected = prepared.plan.selected.len();
        if selected == 0 {
            return Ok(libtest_mimic::run(arguments, trials).exit_code());
        }
        tell!(
            "seed {} ({}={} repeats it)",
            prepared.plan.seed,
            crate::seed::VARIABLE,
            prepared.plan.seed
        );
        let execution =
            Execution::start(&prepared, &board, workers(arguments.test_threads, selected))?;
        let conclusion = libtest_mimic::run(arguments, trials);
        let outcome = execution.finish()?;
        outcome.say();
        if outcome.problem().is_some() {
            return Ok(ExitCode::from(FAILED));
        }
        Ok(conclusion.exit_code())
    }
}

fn outcome_of(
    prepared: &Prepared,
    board: &Board,
    case: usize,
    colour: bool,
) -> Result<Completion, Failed> {
    let judged = JudgedCase::coloured(prepared, case, board.wait(case), colour);
    match judged.outcome {
        Outcome::Pass => Ok(Completion::Completed),
        Outcome::Skip => Ok(Completion::ignored_with(judged.text)),
        Outcome::Fail | Outcome::Error => Err(judged.text.into()),
    }
}

/// One worker for each test that may run at once, and no more than there are cases.
fn workers(asked: Option<usize>, cases: usize) -> usize {
    asked
        .or_else(|| std::thread::available_parallelism().ok().map(Into::into))
        .unwrap_or(1)
        .min(cases)
        .max(1)
}
