//! From files to a plan and a candidate.

use std::{path::PathBuf, sync::Arc};

use wardgate_contract::{Finding, Severity, Source, ast::Contract};
use wardgate_core::{
    plan::{self, Plan, PlanError, Request, Selection},
    port::Catalog,
};
use wardgate_runner::{Candidate, contracts};

use super::{Given, Suite, serve};
use crate::{error::Reason, seed};

/// Everything that is known before anything is started.
pub(crate) struct Prepared {
    /// What the plan was made from.
    pub request: Request,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The protocols.
    pub catalog: Arc<Catalog>,
    /// What is judged.
    pub candidate: Arc<Candidate>,
    /// Whether failing seeds are written beside their contracts.
    pub remember: bool,
}

impl Prepared {
    /// Reads everything that the suite names.
    pub(crate) fn new(suite: &Suite) -> Result<Self, Reason> {
        let catalog = wardgate_stub_catalog::catalog();
        let contracts = load(&suite.paths, &catalog)?;
        let partners = match &suite.candidate {
            Given::File(path) => Candidate::load(path)?.partners(),
            Given::Nothing | Given::Rust(_) => Vec::new(),
        };
        let request = Request {
            seed: seed::choose(suite.seed).map_err(Reason::Other)?,
            started_unix_ms: wardgate_runner::now_unix_ms(),
            selection: Selection {
                workflow: suite.workflow.clone(),
                ..Selection::default()
            },
            shard: None,
            property_cases: suite.property_cases,
            limits: suite.limits.clone(),
            regressions: contracts::regressions(&contracts)?,
            partners,
            contracts,
        };
        let plan = match plan::make(request.clone(), &catalog) {
            Err(PlanError::Nothing { .. }) if suite.workflow.is_none() => {
                return Err(Reason::NoCases {
                    places: places(&suite.paths),
                });
            }
            made => Arc::new(made?),
        };
        let mut candidate = match &suite.candidate {
            Given::Nothing => return Err(Reason::NoCandidate),
            Given::File(path) => Candidate::load(path)?,
            Given::Rust(_) => serve::candidate(&plan, suite.idle.as_deref())?,
        };
        dress(&mut candidate, suite)?;
        Ok(Self {
            request,
            plan,
            catalog,
            candidate: Arc::new(candidate),
            remember: suite.remember,
        })
    }

    /// Keeps only the cases whose name is wanted.
    pub(crate) fn select(&mut self, wanted: impl Fn(&str) -> bool) {
        let mut plan = Plan::clone(&self.plan);
        plan.selected
            .retain(|case| wanted(&self.plan.cases[*case].name));
        self.plan = Arc::new(plan);
    }
}

/// What the suite adds to the candidate's own description.
fn dress(candidate: &mut Candidate, suite: &Suite) -> Result<(), Reason> {
    let file = match &suite.candidate {
        Given::File(_) if suite.idle.is_some() => return Err(Reason::IdleInFile),
        Given::File(path) => path.clone(),
        Given::Rust(_) if suite.program.is_some() => return Err(Reason::NoOtherProgram),
        Given::Nothing | Given::Rust(_) => PathBuf::from("the candidate"),
    };
    if suite.program.is_some() || !suite.arguments.is_empty() {
        let command = candidate
            .command
            .as_mut()
            .ok_or(Reason::NoCommand { file })?;
        if let (Some(program), Some(first)) = (&suite.program, command.first_mut()) {
            // The command is started in a folder of its own choice.
            let program = std::path::absolute(program).unwrap_or_else(|_| program.clone());
            *first = program.display().to_string();
        }
        command.extend(suite.arguments.iter().cloned());
    }
    candidate.env.extend(suite.environment.iter().cloned());
    Ok(())
}

/// Reads contract files that are to be used: any error in one of them, or there being none, is an error.
pub(crate) fn load(paths: &[PathBuf], catalog: &Catalog) -> Result<Vec<Arc<Contract>>, Reason> {
    let loaded = contracts::load(paths, catalog);
    if loaded.errors() > 0 {
        return Err(Reason::Contracts {
            count: loaded.errors(),
            listed: loaded
                .findings
                .iter()
                .filter(|(_, finding)| finding.severity == Severity::Error)
                .map(|(source, finding)| line(source, finding))
                .collect::<Vec<_>>()
                .join("\n"),
        });
    }
    match loaded.unreadable.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(loaded.contracts),
    }
}

fn line(source: &Source, finding: &Finding) -> String {
    let mut line = format!(
        "  {}: {} ({})",
        source.place(finding.span.start),
        finding.message,
        finding.rule
    );
    if let Some(help) = &finding.help {
        line += "; ";
        line += help;
    }
    line
}

fn places(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::suite;

    #[test]
    fn what_does_not_go_together_is_said_before_anything_is_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("candidate.toml");
        std::fs::write(
            &file,
            "name = \"running\"\n[endpoints]\napi = { addr = \"[::1]:9\" }\n",
        )
        .expect("it is written");
        let hello = || suite("tests/fixture/contracts");
        let served = || hello().serve(|_| async {});
        for (given, part) in [
            (hello(), "no candidate was given"),
            (
                hello().candidate(&file).idle("${endpoints.api}/idle"),
                "under [idle]",
            ),
            (hello().candidate(&file).program("other"), "has no command"),
            (hello().candidate(&file).arg("more"), "has no command"),
            (served().program("other"), "this same program"),
            (served().workflow("nothing"), "nothing"),
        ] {
            match Prepared::new(&given) {
                Ok(_) => panic!("expected to hear that {part}"),
                Err(reason) => {
                    let said = reason.to_string();
                    assert!(said.contains(part), "'{part}' is not in: {said}");
                }
            }
        }
        for sound in [hello().candidate(&file), served().idle("http://[::1]:9")] {
            let made = Prepared::new(&sound).map(|prepared| prepared.plan.selected.len());
            assert_eq!(made.map_err(|reason| reason.to_string()), Ok(6));
        }
    }
}
