//! `wardgate merge`: one report from the shards of one plan.

use std::{fs::File, io::BufReader, path::Path, sync::Arc};

use wardgate_report::{json, merge, replay, run_file::RunFile, terminal};

use super::verify::outputs::{Recorded, render};
use crate::{
    args::MergeArgs,
    exit::{Failure, Outcome},
    files,
    print::say,
    run_folder, style,
};

/// Runs `wardgate merge …`.
pub fn run(args: &MergeArgs) -> Outcome {
    let catalog = wardgate_stub_catalog::catalog();
    let out = args.out.join("run.jsonl");
    let mut runs = Vec::new();
    for path in &args.runs {
        let file = run_folder::run_file(path);
        refuse_to_replace(&file, &out)?;
        let wrong =
            |reason: String| Failure::could_not_run(format!("{}: {reason}", file.display()));
        let opened =
            File::open(&file).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
        let run =
            RunFile::read(BufReader::new(opened)).map_err(|error| wrong(error.to_string()))?;
        runs.push((path.display().to_string(), run));
    }
    let merged = merge::merge(runs).map_err(|error| Failure::could_not_run(error.to_string()))?;
    let plan = replay::plan(&merged.run, &catalog)
        .map_err(|error| Failure::could_not_run(error.to_string()))?;
    files::write(&out, merged.text().as_bytes())?;
    let recorded = Recorded::read(Arc::new(plan), &out)?;
    render(&recorded, &catalog, &args.out)?;
    let summary = &recorded.summary;
    if args.json {
        say!("{}", json::render(summary));
    } else if !args.quiet {
        say!("{}", terminal::summary(summary, style::colour_on_stdout()));
        say!("report: {}", args.out.join("report.html").display());
    }
    Ok(summary.exit_code())
}

/// What is merged is evidence, which the joined run must not take the place of.
fn refuse_to_replace(file: &Path, out: &Path) -> Result<(), Failure> {
    let same = match (file.canonicalize(), out.canonicalize()) {
        (Ok(file), Ok(out)) => file == out,
        _ => false,
    };
    if same {
        return Err(Failure::usage(format!(
            "{} is one of the runs to be merged and would be replaced; choose another --out",
            out.display()
        )));
    }
    Ok(())
}
