//! `wardgate replay`: judge a recorded run again.

use std::{fs::File, io::BufReader};

use serde_json::json;
use wardgate_report::{replay, run_file::RunFile};

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
    let same = replayed.is_identical();
    if args.json {
        say!(
            "{}",
            json!({
                "run": path.display().to_string(),
                "verdicts": replayed.verdicts.len(),
                "same": same,
                "differences": replayed.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        );
    } else if !args.quiet || !same {
        for difference in &replayed.differences {
            tell!("{difference}");
        }
        if same {
            say!(
                "{} verdicts, byte for byte the same",
                replayed.verdicts.len()
            );
        }
    }
    Ok(if same { PASSED } else { FAILED })
}
