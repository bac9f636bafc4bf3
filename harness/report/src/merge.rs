//! One run out of the shards of a plan.
//!
//! Every shard must be there exactly once, of the same plan and for the same candidate. A shard that was cut off or
//! interrupted is taken for what it has: the cases it owes are errors, and the merged run says why.
//!
//! Identifiers and stubs were seeded by each shard's own start and lanes. The merged run says which lanes were whose,
//! so that it can be judged again like any other.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use wardgate_core::{event::Event, plan::Plan};

use crate::{
    run_file::{
        CandidateLine, EndLine, EventLine, MergedLine, RunFile, RunLine, VerdictsLine, encode,
    },
    summary::Summary,
};

/// The most strays that are kept.
const STRAYS_MAX: usize = 1_000;

/// A run made of shards.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The first line, as a run that is no shard would have it. [`replay::plan`](crate::replay::plan) makes its plan.
    pub run: RunLine,
    /// The last line.
    pub end: EndLine,
    /// Every verdict, its lane counted through all shards.
    pub verdicts: Vec<VerdictsLine>,
    /// The events of all lanes of all shards.
    pub lanes: Vec<Vec<Event>>,
}

impl Merged {
    /// The run file of the merged run.
    pub fn text(&self) -> String {
        let mut text = encode(&self.run);
        text.push('\n');
        for (lane, events) in self.lanes.iter().enumerate() {
            for event in events {
                text += &encode(&EventLine::new(lane, event));
                text.push('\n');
            }
        }
        for verdict in &self.verdicts {
            text += &encode(verdict);
            text.push('\n');
        }
        text += &encode(&self.end);
        text.push('\n');
        text
    }

    /// The summary, given the plan of [`Merged::run`].
    pub fn summary(&self, plan: &Plan) -> Summary {
        Summary::of_lines(
            plan,
            self.run.clone(),
            self.end.clone(),
            self.verdicts.clone(),
        )
    }
}

/// Why runs cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("no run was given")]
    Nothing,
    /// Two runs are of different plans.
    #[error(
        "{first} is of plan {first_plan}, but {other} is of plan {other_plan}: shards of one plan share contracts, seed, selection and limits"
    )]
    Plans {
        /// The first run.
        first: String,
        /// Its plan's digest.
        first_plan: String,
        /// The other.
        other: String,
        /// Its plan's digest.
        other_plan: String,
    },
    /// Two runs judged different candidates.
    #[error("{first} judged {first_candidate}, but {other} judged {other_candidate}")]
    Candidates {
        /// The first run.
        first: String,
        /// What it judged.
        first_candidate: String,
        /// The other.
        other: String,
        /// What it judged.
        other_candidate: String,
    },
    /// A run is not one of several shards, or of another number of shards than the first.
    #[error("{name} is {is}; expected a shard of {of}")]
    Shape {
        /// The run.
        name: String,
        /// What it is.
        is: String,
        /// Of how many the others are.
        of: usize,
    },
    /// A shard was given twice.
    #[error("shard {index} was given twice: {first} and {other}")]
    Doubled {
        /// Which.
        index: usize,
        /// The first run.
        first: String,
        /// The other.
        other: String,
    },
    /// Shards are not there.
    #[error("of {of} shards these are missing: {}", list(.missing))]
    Missing {
        /// Of how many.
        of: usize,
        /// Which.
        missing: Vec<usize>,
    },
    /// Two shards judged the same case.
    #[error("{first} and {other} both judged '{case}'")]
    Twice {
        /// The case.
        case: String,
        /// The first run.
        first: String,
        /// The other.
        other: String,
    },
}

fn list(numbers: &[usize]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// Merges runs, each with the name by which errors speak of it, such as its path.
///
/// A single run that is no shard is taken as it is.
pub fn merge(runs: Vec<(String, RunFile)>) -> Result<Merged, MergeError> {
    let shards = ordered(runs)?;
    let (_, first) = &shards[0];
    let mut run = first.run.clone();
    let names: Vec<&str> = shards
        .iter()
        .map(|(_, file)| file.run.run.as_str())
        .collect();
    run.run = names.join(" + ");
    run.shard = None;
    run.workers = shards.iter().map(|(_, file)| lanes_of(file)).sum();
    run.merged = shards.iter().map(|(_, file)| merged_line(file)).collect();
    run.selected = shards.iter().map(|(_, file)| file.run.selected).sum();
    if let Some((_, earliest)) = shards
        .iter()
        .min_by_key(|(_, file)| file.run.started_unix_ms)
    {
        run.started.clone_from(&earliest.run.started);
        run.started_unix_ms = earliest.run.started_unix_ms;
    }
    let end = end(&shards, run.started_unix_ms);
    let (verdicts, lanes) = join(shards)?;
    Ok(Merged {
        run,
        end,
        verdicts,
        lanes,
    })
}

/// How many lanes a run takes up in the merged one; a lane in which nothing was written down still has its number.
fn lanes_of(file: &RunFile) -> usize {
    file.run.workers.max(1)
}

fn merged_line(file: &RunFile) -> MergedLine {
    MergedLine {
        run: file.run.run.clone(),
        started: file.run.started.clone(),
        started_unix_ms: file.run.started_unix_ms,
        lanes: lanes_of(file),
    }
}

/// The shards by their index, all there and of one plan.
fn ordered(runs: Vec<(String, RunFile)>) -> Result<Vec<(String, RunFile)>, MergeError> {
    let (first_name, first) = runs.first().ok_or(MergeError::Nothing)?;
    let of = first.run.shard.map_or(1, |shard| shard.of);
    let (first_name, first) = (first_name.clone(), first.run.clone());
    let mut by_index: BTreeMap<usize, (String, RunFile)> = BTreeMap::new();
    for (name, file) in runs {
        same_plan(&first_name, &first, &name, &file.run)?;
        let index = match file.run.shard {
            Some(shard) if shard.of == of => shard.index,
            None if of == 1 => 1,
            Some(shard) => {
                let is = format!("shard {} of {}", shard.index, shard.of);
                return Err(MergeError::Shape { name, is, of });
            }
            None => {
                let is = String::from("a whole run");
                return Err(MergeError::Shape { name, is, of });
            }
        };
        if let Some((before, _)) = by_index.get(&index) {
            return Err(MergeError::Doubled {
                index,
                first: before.clone(),
                other: name,
            });
        }
        by_index.insert(index, (name, file));
    }
    let missing: Vec<usize> = (1..=of)
        .filter(|index| !by_index.contains_key(index))
        .take(100)
        .collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing { of, missing });
    }
    Ok(by_index.into_values().collect())
}

fn same_plan(
    first_name: &str,
    first: &RunLine,
    name: &str,
    other: &RunLine,
) -> Result<(), MergeError> {
    if first.plan != other.plan || first.cases != other.cases {
        return Err(MergeError::Plans {
            first: first_name.to_owned(),
            first_plan: first.plan.clone(),
            other: name.to_owned(),
            other_plan: other.plan.clone(),
        });
    }
    let (one, two) = (&first.candidate, &other.candidate);
    // One artifact may be started in several ways, with a defect switched on or from another candidate.toml.
    if one != two {
        return Err(MergeError::Candidates {
            first: first_name.to_owned(),
            first_candidate: describe(one),
            other: name.to_owned(),
            other_candidate: describe(two),
        });
    }
    Ok(())
}

/// A candidate as the command line named it.
fn describe(candidate: &CandidateLine) -> String {
    let mut text = format!("'{}'", candidate.name);
    if let Some(digest) = &candidate.digest {
        let _ = write!(text, " ({digest})");
    }
    if !candidate.arguments.is_empty() {
        let _ = write!(text, " with {}", candidate.arguments.join(" "));
    }
    if !candidate.launched {
        text += ", reached by address";
    }
    text
}

fn end(shards: &[(String, RunFile)], started_unix_ms: i64) -> EndLine {
    let mut end = EndLine {
        kind: String::from("end"),
        ..EndLine::default()
    };
    let mut problems = Vec::new();
    for (name, file) in shards {
        let part = file.end_or_cut_off();
        // From the start of the first shard to the end of the last.
        let later = file.run.started_unix_ms.saturating_sub(started_unix_ms);
        let later_ns = u64::try_from(later).unwrap_or(0).saturating_mul(1_000_000);
        end.duration_ns = end
            .duration_ns
            .max(later_ns.saturating_add(part.duration_ns));
        if let Some(problem) = &part.problem {
            problems.push(format!("{name}: {problem}"));
        } else if part.interrupted {
            problems.push(format!("{name}: the run was interrupted"));
        }
        end.interrupted |= part.interrupted;
        end.not_run.extend(part.not_run);
        let room = STRAYS_MAX - end.strays.len().min(STRAYS_MAX);
        end.strays.extend(part.strays.into_iter().take(room));
        end.strays_total = end.strays_total.saturating_add(part.strays_total);
    }
    end.not_run.sort_unstable();
    end.problem = (!problems.is_empty()).then(|| problems.join("; "));
    end
}

type Joined = (Vec<VerdictsLine>, Vec<Vec<Event>>);

fn join(shards: Vec<(String, RunFile)>) -> Result<Joined, MergeError> {
    let (mut verdicts, mut lanes) = (Vec::new(), Vec::new());
    let mut judged: HashMap<usize, String> = HashMap::new();
    for (name, file) in shards {
        let before = lanes.len();
        let own = lanes_of(&file);
        lanes.extend(file.lanes);
        lanes.resize_with(before + own, Vec::new);
        for mut verdict in file.verdicts {
            if let Some(first) = judged.insert(verdict.case, name.clone()) {
                return Err(MergeError::Twice {
                    case: verdict.name,
                    first,
                    other: name,
                });
            }
            verdict.lane = verdict.lane.saturating_add(before);
            verdicts.push(verdict);
        }
    }
    Ok((verdicts, lanes))
}
