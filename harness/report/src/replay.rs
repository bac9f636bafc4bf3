//! Judging a recorded run again.
//!
//! The contracts in the run file make the plan again, the recorded events go through the same fold that judged the
//! live run, and every verdict must come out byte for byte as it was written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use wardgate_core::{
    lane::Lane,
    plan::{Plan, PlanError, make},
    port::Catalog,
    verdict::CaseVerdict,
};

use crate::{
    run_file::{MergedLine, RunFile, RunLine, VerdictsLine, encode},
    text,
};

/// A run that was judged again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The plan, made again.
    pub plan: Arc<Plan>,
    /// The verdicts, in the order of the plan.
    pub verdicts: Vec<CaseVerdict>,
    /// Where they are not what was recorded, in the order of the plan.
    pub differences: Vec<Difference>,
    /// What the file lacks, if it is not the whole record of its run.
    pub incomplete: Option<Incomplete>,
    /// The names of the cases that did not run, as the run itself says.
    pub not_run: Vec<String>,
}

impl Replay {
    /// Whether every verdict is byte for byte what was recorded, and nothing is missing.
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty() && self.incomplete.is_none()
    }
}

/// What a run file lacks. A run that was interrupted says so in its end and is whole; one that was killed, or from which
/// lines were taken, proves nothing of the cases that it no longer speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    /// Whether the file ends before its `end` line.
    pub cut_off: bool,
    /// The names of the cases that it was to run and of which it gives neither a verdict nor says that they did not run.
    pub cases: Vec<String>,
}

/// The most cases that are named where many are missing.
const NAMED_MAX: usize = 10;

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run file is incomplete: ")?;
        if self.cut_off {
            f.write_str("it ends before its \"end\" line")?;
        }
        if self.cases.is_empty() {
            return Ok(());
        }
        if self.cut_off {
            f.write_str(", and ")?;
        }
        let names: Vec<_> = self.cases.iter().map(|name| text::line(name)).collect();
        write!(
            f,
            "it holds no verdict on {} of its cases: {}",
            names.len(),
            names[..names.len().min(NAMED_MAX)].join("; ")
        )?;
        match names.len().saturating_sub(NAMED_MAX) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// A verdict that is not what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case's index in the plan.
    pub case: usize,
    /// Its name.
    pub name: String,
    /// The recorded line, if there was one.
    pub recorded: Option<String>,
    /// The line that came out now, if one did.
    pub judged: Option<String>,
}

/// How much of two lines is shown before and after the first byte in which they differ.
const BEFORE: usize = 60;
const AFTER: usize = 100;

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", text::line(&self.name))?;
        match (&self.recorded, &self.judged) {
            (Some(recorded), Some(judged)) => {
                let same = recorded
                    .bytes()
                    .zip(judged.bytes())
                    .take_while(|(one, other)| one == other)
                    .count();
                write!(
                    f,
                    "recorded {}, judged {}",
                    around(recorded, same),
                    around(judged, same)
                )
            }
            (Some(_), None) => f.write_str("a verdict was recorded, but its events give none"),
            (None, _) => f.write_str("its events give a verdict, but none was recorded"),
        }
    }
}

fn around(line: &str, at: usize) -> String {
    let start = line.floor_char_boundary(at.saturating_sub(BEFORE));
    let end = line.ceil_char_boundary(at.saturating_add(AFTER).min(line.len()));
    let (before, after) = (
        if start > 0 { "…" } else { "" },
        if end < line.len() { "…" } else { "" },
    );
    format!("{before}{}{after}", text::line(&line[start..end]))
}

/// Why a run cannot be judged again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// What the plan was made from cannot be read.
    #[error("{0}")]
    Request(String),
    /// No plan can be made from it.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan is another one: the file was changed, or this version plans otherwise.
    #[error("the recorded plan is {recorded}, but its contracts make the plan {made}")]
    OtherPlan {
        /// The recorded digest.
        recorded: String,
        /// The digest now.
        made: String,
    },
    /// The plan has another number of cases.
    #[error(
        "the recorded plan has {recorded} cases, but its contracts make {made}: was it recorded by another version?"
    )]
    OtherCases {
        /// As recorded.
        recorded: usize,
        /// Now.
        made: usize,
    },
    /// The run was to execute another number of cases.
    #[error(
        "the run says that it was to run {recorded} cases, but its selection makes {made}: was the file changed?"
    )]
    OtherSelection {
        /// As recorded.
        recorded: usize,
        /// Now.
        made: usize,
    },
    /// A lane cannot be made.
    #[error("{0}")]
    Lane(String),
}

/// The plan of a recorded run, made again from the contracts in its first line.
pub fn plan(run: &RunLine, catalog: &Catalog) -> Result<Plan, ReplayError> {
    let request = run.request().map_err(ReplayError::Request)?;
    let plan = make(request, catalog)?;
    if plan.digest != run.plan {
        return Err(ReplayError::OtherPlan {
            recorded: run.plan.clone(),
            made: plan.digest,
        });
    }
    if plan.cases.len() != run.cases {
        return Err(ReplayError::OtherCases {
            recorded: run.cases,
            made: plan.cases.len(),
        });
    }
    if plan.selected.len() != run.selected {
        return Err(ReplayError::OtherSelection {
            recorded: run.selected,
            made: plan.selected.len(),
        });
    }
    Ok(plan)
}

/// Judges a recorded run again and compares.
///
/// A merged run is judged run by run, each from its own start. In a file that was cut off, verdicts that were not
/// written any more are no difference; that it was cut off is said by itself.
pub fn replay(file: &RunFile, catalog: Arc<Catalog>) -> Result<Replay, ReplayError> {
    let whole = Arc::new(plan(&file.run, &catalog)?);
    let mut verdicts = Vec::new();
    let mut lanes = file.lanes.as_slice();
    for part in parts(file) {
        let plan = Arc::new(Plan {
            started_unix_ms: part.started_unix_ms,
            ..(*whole).clone()
        });
        let (own, rest) = lanes.split_at(part.lanes.min(lanes.len()));
        let before = file.lanes.len() - lanes.len();
        lanes = rest;
        for (number, events) in own.iter().enumerate() {
            let mut lane =
                Lane::new(plan.clone(), catalog.clone(), number).map_err(ReplayError::Lane)?;
            for event in events {
                lane.observe(event);
            }
            for mut verdict in lane.take_finished() {
                verdict.lane += before;
                // A later verdict on a case takes the earlier one back.
                verdicts.retain(|known: &CaseVerdict| known.case != verdict.case);
                verdicts.push(verdict);
            }
        }
    }
    drop(catalog);
    verdicts.sort_by_key(|verdict| verdict.case);
    let differences = differences(file, &whole, &verdicts);
    let left = file.end.iter().flat_map(|end| &end.not_run);
    Ok(Replay {
        verdicts,
        differences,
        incomplete: incomplete(file, &whole),
        not_run: left.map(|case| name(&whole, *case)).collect(),
        plan: whole,
    })
}

fn incomplete(file: &RunFile, plan: &Plan) -> Option<Incomplete> {
    let accounted = file.accounted();
    let selected = plan.selected.iter();
    let owed = selected.filter(|case| !accounted.contains(case));
    let found = Incomplete {
        cut_off: !file.has_end(),
        cases: owed.map(|case| name(plan, *case)).collect(),
    };
    (found.cut_off || !found.cases.is_empty()).then_some(found)
}

fn name(plan: &Plan, case: usize) -> String {
    let known = plan.cases.get(case).map(|case| case.name.clone());
    known.unwrap_or_else(|| format!("case {case}"))
}

/// The runs that a run file holds: itself, or those that it was merged from.
fn parts(file: &RunFile) -> Vec<MergedLine> {
    if !file.run.merged.is_empty() {
        return file.run.merged.clone();
    }
    vec![MergedLine {
        run: file.run.run.clone(),
        started: file.run.started.clone(),
        started_unix_ms: file.run.started_unix_ms,
        lanes: file.lanes.len(),
    }]
}

fn differences(file: &RunFile, plan: &Plan, verdicts: &[CaseVerdict]) -> Vec<Difference> {
    let judged: BTreeMap<usize, String> = verdicts
        .iter()
        .map(|verdict| (verdict.case, encode(&VerdictsLine::new(plan, verdict))))
        .collect();
    let recorded: BTreeMap<usize, &String> = file
        .verdicts
        .iter()
        .map(|verdict| verdict.case)
        .zip(&file.verdict_texts)
        .collect();
    let cases: BTreeSet<usize> = judged.keys().chain(recorded.keys()).copied().collect();
    cases
        .into_iter()
        .filter(|case| recorded.get(case).copied() != judged.get(case))
        .filter(|case| file.has_end() || recorded.contains_key(case))
        .map(|case| Difference {
            case,
            name: name(plan, case),
            recorded: recorded.get(&case).map(|line| (*line).clone()),
            judged: judged.get(&case).cloned(),
        })
        .collect()
}
