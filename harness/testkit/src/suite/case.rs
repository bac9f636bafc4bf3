//! What came of one case, as values and as text.

use std::io::IsTerminal;

use libtest_mimic::ColorSetting;
use wardgate_core::{
    plan::Plan,
    verdict::{CaseVerdict, Mismatch, Outcome},
};
use wardgate_report::{
    run_file::{EndLine, RunLine},
    summary::Summary,
    terminal,
};

use super::{board::Found, plan::Prepared, repeat};

/// What came of a suite, case by case. Got from [`Suite::judge`](super::Suite::judge).
#[derive(Clone, Debug)]
pub struct Judged {
    /// Every case, in the order of contracts and files.
    pub cases: Vec<JudgedCase>,
    /// The seed that everything was drawn from.
    pub seed: u64,
    /// What is wrong with the run as a whole: a candidate that was never ready, say.
    pub problem: Option<String>,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct JudgedCase {
    /// Its name, as tests are called: `contract :: interaction [variation]`.
    pub name: String,
    /// What came of it; an error for a case that did not run.
    pub outcome: Outcome,
    /// Everything that was judged; none for a case that did not run.
    pub verdict: Option<CaseVerdict>,
    /// What a failing test prints: expected, actual, where the contract says it, the seed and the command that repeats it.
    pub text: String,
}

impl Judged {
    /// The cases that failed or could not be judged.
    pub fn bad(&self) -> impl Iterator<Item = &JudgedCase> {
        self.cases
            .iter()
            .filter(|case| matches!(case.outcome, Outcome::Fail | Outcome::Error))
    }

    /// The names of those.
    pub fn bad_names(&self) -> Vec<&str> {
        self.bad().map(|case| case.name.as_str()).collect()
    }

    /// The case of this name.
    pub fn case(&self, name: &str) -> Option<&JudgedCase> {
        self.cases.iter().find(|case| case.name == name)
    }

    /// Fails the test, showing what broke, unless every case passed or was skipped and at least one passed.
    #[track_caller]
    pub fn assert_passed(&self) {
        let broken: Vec<&str> = self.bad().map(|case| case.text.as_str()).collect();
        assert!(broken.is_empty(), "\n{}", broken.join("\n"));
        if let Some(problem) = &self.problem {
            panic!("{problem}");
        }
        let passed = self.cases.iter().any(|case| case.outcome == Outcome::Pass);
        assert!(passed, "nothing was proven: every case was skipped");
    }
}

impl JudgedCase {
    pub(super) fn new(prepared: &Prepared, case: usize, found: Found) -> Self {
        Self::coloured(prepared, case, found, false)
    }

    pub(super) fn coloured(prepared: &Prepared, case: usize, found: Found, colour: bool) -> Self {
        let name = prepared.plan.cases[case].name.clone();
        match found {
            Found::NotRun(reason) => Self {
                text: format!(
                    "it did not run: {reason}\n      repeat: {}",
                    repeat::command(prepared.plan.seed, &name)
                ),
                name,
                outcome: Outcome::Error,
                verdict: None,
            },
            Found::Verdict(verdict) => Self {
                text: match verdict.outcome {
                    Outcome::Pass => String::new(),
                    Outcome::Skip => verdict.note.clone().unwrap_or_default(),
                    Outcome::Fail | Outcome::Error => failure(prepared, &verdict, colour),
                },
                name,
                outcome: verdict.outcome,
                verdict: Some(*verdict),
            },
        }
    }

    /// Every difference that was found.
    pub fn mismatches(&self) -> impl Iterator<Item = &Mismatch> {
        self.verdict
            .iter()
            .flat_map(|verdict| &verdict.verdicts)
            .flat_map(|one| &one.mismatches)
    }
}

fn failure(prepared: &Prepared, verdict: &CaseVerdict, colour: bool) -> String {
    let alone = Plan {
        selected: vec![verdict.case],
        ..Plan::clone(&prepared.plan)
    };
    let line = RunLine::of_plan(&alone, &prepared.request);
    let summary = Summary::new(
        &alone,
        line,
        EndLine::default(),
        std::slice::from_ref(verdict),
    );
    let Some(row) = summary.cases.first() else {
        return String::from("it failed");
    };
    let command = repeat::command(alone.seed, &row.name);
    let text = terminal::failure_repeated_by(&summary, row, &command, colour);
    format!("{text}      seed: {}\n", alone.seed)
}

/// Whether what failing tests print may be coloured.
pub(super) fn colour(asked: Option<ColorSetting>) -> bool {
    match asked {
        Some(ColorSetting::Always) => true,
        Some(ColorSetting::Never) => false,
        Some(ColorSetting::Auto) | None => {
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
        }
    }
}
