//! `wardgate replay`: judge a recorded run again.

use std::{fs::File, io::BufReader};

use serde_json::json;
use wardgate_report::{
    replay::{self, Replay},
    run_file::{EndLine, RunFile},
};

use crate::{
    args::ReplayArgs,
    exit::{FAILED, Failure, Outcome, PASSED},
    print::{say, tell},
    run_folder,
};

/// Runs `wardgate replay …`.
pub fn run(args: &ReplayArgs) -> Outcome {
    let path = run_folder::run_file(&args.run);
    let wrong = |reason: String| Failure::could_not_run(format!("{}: {reason}", path.display()));
    let file = File::open(&path).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
    let run = RunFile::read(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    let replayed = replay::replay(&run, wardgate_stub_catalog::catalog())
        .map_err(|error| wrong(error.to_string()))?;
    let sound = replayed.is_sound();
    let stopped = run.end.as_ref().and_then(|end| stopped(end, &replayed));
    if args.json {
        say!(
            "{}",
            json!({
                "run": path.display().to_string(),
                "verdicts": replayed.verdicts.len(),
                "same": replayed.differences.is_empty(),
                "complete": replayed.incomplete.is_none(),
                "differences": replayed.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "missing": replayed.incomplete.as_ref().map(|lack| &lack.cases).cloned().unwrap_or_default(),
                "not_run": replayed.not_run,
                "stopped": stopped,
            })
        );
    } else {
        for difference in &replayed.differences {
            tell!("{difference}");
        }
        if let Some(incomplete) = &replayed.incomplete {
            tell!("{incomplete}");
        }
        if sound && !args.quiet {
            say!(
                "{} verdicts, byte for byte the same",
                replayed.verdicts.len()
            );
            if let Some(stopped) = stopped {
                say!("{stopped}");
            }
        }
    }
    Ok(if sound { PASSED } else { FAILED })
}

/// What the run says itself of why it is not the whole of what was to run.
fn stopped(end: &EndLine, replayed: &Replay) -> Option<String> {
    let why = match (&end.problem, end.interrupted) {
        (Some(problem), _) => problem.as_str(),
        (None, true) => "it was interrupted",
        (None, false) => "it was to end at the first case that does not pass",
    };
    let left = replayed.not_run.len();
    (left > 0 || end.interrupted || end.problem.is_some())
        .then(|| format!("the run says itself that {left} of its cases did not run: {why}"))
}
