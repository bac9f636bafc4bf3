//! What a run leaves behind: files in its folder, text on the terminal.

use std::{fs::File, io::BufReader, panic::resume_unwind, path::Path, sync::Arc};

use wardgate_core::{event::Event, plan::Plan, port::Catalog, verdict::Outcome as Judged};
use wardgate_report::{
    html, json, junit, markdown,
    run_file::RunFile,
    summary::{CaseRow, Summary},
    terminal,
    traffic::{Traffic, labels},
};

use wardgate_runner::contracts::Remembered;

use crate::{
    args::VerifyArgs,
    exit::Failure,
    files,
    print::{say, tell},
    style,
};

/// The most failures that the terminal shows in full; the report shows all.
const FAILURES_SHOWN: usize = 10;

/// What a run's files are rendered from: the run as it was written down.
pub struct Recorded {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The events of each lane, read back from the run file.
    pub lanes: Vec<Vec<Event>>,
    /// The summary of the file.
    pub summary: Summary,
}

impl Recorded {
    /// Reads a run back from what was written: what cannot be read back proves nothing.
    pub fn read(plan: Arc<Plan>, path: &Path) -> Result<Self, Failure> {
        let wrong = |reason: String| {
            Failure::could_not_run(format!("{} cannot be read back: {reason}", path.display()))
        };
        let opened = File::open(path).map_err(|error| wrong(error.to_string()))?;
        let RunFile {
            run,
            lanes,
            verdicts,
            end,
            ..
        } = RunFile::read(BufReader::with_capacity(1 << 16, opened))
            .map_err(|error| wrong(error.to_string()))?;
        let summary = Summary::of_lines(&plan, run, end.unwrap_or_default(), verdicts);
        Ok(Self {
            plan,
            lanes,
            summary,
        })
    }
}

/// Renders a run's files into its folder, and gives the JUnit report.
pub fn render(recorded: &Recorded, catalog: &Catalog, folder: &Path) -> Result<String, Failure> {
    let Recorded {
        plan,
        lanes,
        summary,
    } = recorded;
    let events = |lane: usize| lanes.get(lane).map(Vec::as_slice).unwrap_or_default();
    let label = labels(plan, catalog);
    // The page is most of the work, so the other files are rendered beside it.
    std::thread::scope(|scope| {
        let page = scope.spawn(|| {
            let traffic = Traffic::new(plan, &events, &label);
            files::write(
                &folder.join("report.html"),
                html::render(summary, &traffic).as_bytes(),
            )
        });
        let traffic = Traffic::new(plan, &events, &label);
        let xml = junit::render(summary, &traffic);
        files::write(&folder.join("junit.xml"), xml.as_bytes())?;
        files::write(
            &folder.join("summary.md"),
            markdown::render(summary).as_bytes(),
        )?;
        files::write(
            &folder.join("summary.json"),
            json::render(summary).as_bytes(),
        )?;
        page.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(xml)
    })
}

/// Prints what came of a run.
pub fn print(recorded: &Recorded, args: &VerifyArgs) {
    let Recorded { plan, summary, .. } = recorded;
    if args.json {
        say!("{}", json::render(summary));
        return;
    }
    if args.quiet {
        print_errors(summary);
        return;
    }
    let colour = style::colour_on_stdout();
    if args.explain {
        for case in &summary.cases {
            say!("{}", terminal::explain(summary, plan, case));
        }
    }
    let bad: Vec<_> = summary
        .cases
        .iter()
        .filter(|case| is_bad(case.outcome) && case.verdict.is_some())
        .collect();
    for case in bad.iter().take(FAILURES_SHOWN) {
        say!("{}", terminal::failure(summary, case, colour));
    }
    if bad.len() > FAILURES_SHOWN {
        say!(
            "… and {} more; report.html shows them all\n",
            bad.len() - FAILURES_SHOWN
        );
    }
    say!("{}", terminal::summary(summary, colour));
}

/// One line for each case that did not pass, and one for all that did not run.
fn print_errors(summary: &Summary) {
    let ran = |case: &&CaseRow| case.verdict.is_some() && is_bad(case.outcome);
    for case in summary.cases.iter().filter(ran) {
        tell!(
            "{} {}: {}",
            case.outcome,
            case.name,
            case.reason().unwrap_or_default()
        );
    }
    if summary.counts.not_run > 0 {
        tell!(
            "wardgate: {} of {} cases did not run: {}",
            summary.counts.not_run,
            summary.counts.cases,
            summary.why_not_run()
        );
    } else if let Some(fault) = summary.fault().or_else(|| summary.stopped()) {
        tell!("wardgate: {fault}");
    }
}

fn is_bad(outcome: Judged) -> bool {
    matches!(outcome, Judged::Fail | Judged::Error)
}

/// Says where a run's files are. What became of failing seeds is said in any case: files beside contracts were changed, or
/// should have been.
pub fn say_where(args: &VerifyArgs, folder: &Path, remembered: &Remembered) {
    let aside = args.quiet || args.json;
    for lost in &remembered.lost {
        tell!("warning: {lost}");
    }
    for path in &remembered.changed {
        let text = format!(
            "a failing seed was added to {}: check it in, it is tried first from now on",
            path.display()
        );
        if aside {
            tell!("{text}");
        } else {
            say!("{text}");
        }
    }
    if !aside {
        say!("report: {}", folder.join("report.html").display());
    }
}
