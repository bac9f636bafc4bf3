//! `junit.xml`, as Jenkins, GitLab, Azure and GitHub read it.
//!
//! The consumers agree on little, so the file keeps to what all of them take:
//!
//! - One suite a contract. Class name and name together are unique (GitLab drops repeats) and below 512 characters
//!   (Azure cuts there).
//! - Errors, failures and skips stand one to one for [`Outcome`]; a case that did not run is an error.
//! - Everything that explains a failure stands in the failure's own text, since GitLab ignores properties.
//! - Nothing that an XML 1.0 parser rejects: outside text is made visible first.
//! - At most 30 MB (GitLab): excerpts are shortened first, and say so.

mod body;
mod dress;

use std::collections::HashSet;

use junit_report::{
    Duration, OffsetDateTime, Report, ReportBuilder, TestCase, TestCaseBuilder, TestSuiteBuilder,
};
use wardgate_core::verdict::Outcome;

use crate::{
    excerpt::Bounds,
    summary::{CaseRow, Summary},
    text,
    traffic::Traffic,
};

/// The largest file that is written, in bytes: GitLab's limit.
pub const FILE_MAX: usize = 30_000_000;

/// The most characters of a class name, and of a name; together they stay below Azure's 512.
const CLASS_MAX: usize = 180;
const NAME_MAX: usize = 320;

/// How much each case may say; the first step that fits [`FILE_MAX`] is taken.
#[derive(Clone, Copy, Debug)]
struct Detail {
    wire: Bounds,
    body: usize,
    properties: bool,
}

const STEPS: [Detail; 5] = [
    detail(12, 4_096, 65_536, true),
    detail(6, 512, 16_384, true),
    detail(0, 0, 4_096, true),
    detail(0, 0, 1_024, false),
    detail(0, 0, 0, false),
];

const fn detail(messages: usize, bytes: usize, body: usize, properties: bool) -> Detail {
    Detail {
        wire: Bounds { messages, bytes },
        body,
        properties,
    }
}

/// The whole file.
pub fn render(summary: &Summary, traffic: &Traffic<'_>) -> String {
    render_within(summary, traffic, FILE_MAX)
}

/// The file in at most `max` bytes, as far as shortening what cases say can bring it there; no case is ever left out.
pub fn render_within(summary: &Summary, traffic: &Traffic<'_>, max: usize) -> String {
    let mut file = String::new();
    for step in STEPS {
        file = at(summary, traffic, step);
        if file.len() <= max {
            break;
        }
    }
    file
}

fn at(summary: &Summary, traffic: &Traffic<'_>, detail: Detail) -> String {
    let suites = suites(summary);
    let plain = report(summary, traffic, &suites, detail);
    let mut bytes = Vec::new();
    let written = plain
        .write_xml(&mut bytes)
        .map_err(|error| error.to_string());
    written
        .and_then(|()| String::from_utf8(bytes).map_err(|error| error.to_string()))
        .and_then(|xml| dress::dress(&xml, summary, &suites, detail.properties))
        // Writing to memory does not fail; should it ever, the file must still be one that nobody takes for green.
        .unwrap_or_else(|error| unwritable(&error))
}

fn unwritable(error: &str) -> String {
    one_error("report", error)
}

/// The file of a run that did not begin: one error that says why, so that who reads only this file sees red.
pub fn of_nothing(why: &str) -> String {
    one_error("run", &format!("the run came to nothing: {why}"))
}

fn one_error(name: &str, message: &str) -> String {
    let message = text::line(message);
    let message = text::cut(&message, 2_000);
    let message = quick_xml::escape::escape(message.as_ref());
    let counts = "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\"";
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites {counts}>\n <testsuite name=\"wardgate\" {counts}>\n  \
         <testcase classname=\"wardgate\" name=\"{name}\" time=\"0.000\">\n   <error type=\"{name}\" \
         message=\"{message}\">{message}</error>\n  </testcase>\n </testsuite>\n</testsuites>\n"
    )
}

/// One suite: a contract's rows with the names that they get.
struct Suite<'a> {
    contract: &'a str,
    rows: Vec<Named<'a>>,
}

struct Named<'a> {
    row: &'a CaseRow,
    class: String,
    name: String,
}

fn suites(summary: &Summary) -> Vec<Suite<'_>> {
    let mut taken = HashSet::new();
    let mut suites: Vec<Suite<'_>> = Vec::new();
    for row in &summary.cases {
        let class = class_name(&row.contract);
        let mut name = text::cut_chars(&text::line(&row.title), NAME_MAX).into_owned();
        if !taken.insert((class.clone(), name.clone())) {
            // The index in the plan is the same in every run of the plan, so the name is too.
            let mark = format!(" (case {})", row.index);
            name = text::cut_chars(&name, NAME_MAX - mark.len()).into_owned() + &mark;
            taken.insert((class.clone(), name.clone()));
        }
        let named = Named { row, class, name };
        match suites.last_mut() {
            Some(suite) if suite.contract == row.contract => suite.rows.push(named),
            _ => suites.push(Suite {
                contract: &row.contract,
                rows: vec![named],
            }),
        }
    }
    suites
}

/// `registration/adt-a04` as `registration.adt-a04`: consumers show what stands before the last dot as a package.
fn class_name(contract: &str) -> String {
    let dotted = text::line(contract).replace('/', ".");
    text::cut_chars(&dotted, CLASS_MAX).into_owned()
}

fn report(
    summary: &Summary,
    traffic: &Traffic<'_>,
    suites: &[Suite<'_>],
    detail: Detail,
) -> Report {
    let mut report = ReportBuilder::new();
    let started = started(summary.run.started_unix_ms);
    for suite in suites {
        let mut builder = TestSuiteBuilder::new(&text::line(suite.contract));
        builder.set_timestamp(started);
        for named in &suite.rows {
            builder.add_testcase(case(summary, traffic, named, detail));
        }
        report.add_testsuite(builder.build());
    }
    if let Some(why) = summary.fault() {
        let message = text::line(&why);
        let mut case = TestCaseBuilder::error("run", Duration::ZERO, "run", &message);
        case.set_classname("wardgate");
        let mut builder = TestSuiteBuilder::new("wardgate");
        builder.set_timestamp(started);
        builder.add_testcase(case.build());
        report.add_testsuite(builder.build());
    }
    report.build()
}

/// The start as the crate wants it, which must lie in the years that RFC 3339 can write.
fn started(unix_ms: i64) -> OffsetDateTime {
    let seconds = unix_ms.div_euclid(1_000);
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .filter(|moment| (0..=9_999).contains(&moment.year()))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn case(summary: &Summary, traffic: &Traffic<'_>, named: &Named<'_>, detail: Detail) -> TestCase {
    let row = named.row;
    let duration_ns = row
        .verdict
        .as_ref()
        .map_or(0, |verdict| verdict.duration_ns);
    // Whole milliseconds, so that the sum of the cases is the time of the suite.
    let time = Duration::milliseconds(i64::try_from(duration_ns / 1_000_000).unwrap_or(i64::MAX));
    let reason = row.reason().unwrap_or_default();
    let reason = text::line(&reason);
    let message = text::cut(&reason, 2_000);
    let kind = body::kind(row);
    let mut case = match row.outcome {
        Outcome::Pass => TestCase::success(&named.name, time),
        Outcome::Fail => TestCase::failure(&named.name, time, &kind, &message),
        Outcome::Error => TestCase::error(&named.name, time, &kind, &message),
        Outcome::Skip => TestCase::skipped_with_cause(&named.name, "skip", &message),
    };
    // A skipped case made by the crate's own constructor loses its time.
    case.time = time;
    case.set_classname(&named.class);
    case.set_filepath(&text::line(&row.file));
    if let (
        Outcome::Fail | Outcome::Error,
        junit_report::TestResult::Failure { cause, .. }
        | junit_report::TestResult::Error { cause, .. },
    ) = (row.outcome, &mut case.result)
    {
        let body = body::body(summary, traffic, row, detail.wire);
        let body = if detail.body == 0 {
            String::new()
        } else {
            text::cut(&body, detail.body).into_owned()
        };
        // The CDATA section that the crate writes must not end early.
        let body = body.replace("]]>", "]]\\x3e");
        *cause = (!body.is_empty()).then_some(body);
    }
    case
}
