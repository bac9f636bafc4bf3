//! What is judged: a candidate that the user names, or the reference hub.

use std::{path::Path, sync::Arc};

use wardgate_report::run_file::CandidateLine;
use wardgate_runner::Candidate;

use crate::{args::VerifyArgs, commands::hub, exit::Failure};

/// The reference hub as a candidate.
const HUB: &str = include_str!("../../hub-candidate.toml");

/// What is judged, and how the user named it.
pub struct Judged {
    /// The candidate.
    pub candidate: Arc<Candidate>,
    arguments: Vec<String>,
}

/// Chooses what is judged.
pub fn choose(args: &VerifyArgs) -> Result<Judged, Failure> {
    if let Some(path) = &args.candidate {
        let candidate =
            Candidate::load(path).map_err(|error| Failure::could_not_run(error.to_string()))?;
        return Ok(Judged {
            candidate: Arc::new(candidate),
            arguments: vec![String::from("--candidate"), path.display().to_string()],
        });
    }
    let mut candidate = Candidate::parse(HUB, "the reference hub's candidate.toml", Path::new("."))
        .map_err(|error| Failure::could_not_run(error.to_string()))?;
    let mut arguments = Vec::new();
    for name in &args.hub_defect {
        let defect = hub::defect(name)?;
        arguments.extend([String::from("--hub-defect"), defect.name().to_owned()]);
        if let Some(command) = &mut candidate.command {
            command.extend([String::from("--defect"), defect.name().to_owned()]);
        }
    }
    Ok(Judged {
        candidate: Arc::new(candidate),
        arguments,
    })
}

impl Judged {
    /// How many lanes: what was asked for, or one for each processor; one where there can be only one candidate.
    pub fn workers(&self, asked: Option<u16>, cpus: usize, cases: usize) -> usize {
        if self.candidate.why_alone().is_some() {
            return 1;
        }
        let wanted = asked.map_or_else(|| cpus.min(4), usize::from);
        wanted.min(cases).max(1)
    }

    /// What the run file says of it.
    pub fn line(&self) -> CandidateLine {
        CandidateLine {
            name: self.candidate.name.clone(),
            digest: (!self.candidate.digest.is_empty()).then(|| self.candidate.digest.clone()),
            launched: self.candidate.is_launched(),
            arguments: self.arguments.clone(),
        }
    }
}
