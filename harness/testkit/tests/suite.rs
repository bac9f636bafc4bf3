//! A suite as `cargo test` and cargo-nextest see it: the built program is run with the arguments that they give.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

const HELLO: &str = "fixture/hello :: it says hello";
const GOODBYE: &str = "fixture/hello :: it says goodbye";

/// The program, in its package's folder as cargo runs it, with nothing of the surrounding test run in its environment.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testkit-test-suite"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("WARDGATE_SEED")
        .env_remove("FIXTURE_CONTRACTS")
        .env_remove("FIXTURE_STARTS");
    command
}

fn ran(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
    (status.code(), text(stdout), text(stderr))
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    ran(program().args(arguments))
}

/// The names behind `test … ... ok` and the like.
fn names(stdout: &str, outcome: &str) -> Vec<String> {
    let mut names: Vec<String> = stdout
        .lines()
        .filter_map(|line| {
            let (name, came_to) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
            (came_to.trim() == outcome).then(|| name.trim().to_owned())
        })
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn every_case_is_listed_by_its_name_and_nothing_is_started() {
    let starts = Starts::new();
    for arguments in [
        &["--list", "--format", "terse"][..],
        &["--list"],
        &["--list", "--test-threads", "1"],
    ] {
        let (code, stdout, stderr) = ran(starts.watch(program().args(arguments)));
        assert_eq!(code, Some(0), "{stderr}");
        let expected = [
            "fixture/hello :: it says hello: test",
            "fixture/hello :: it says hello [duplicate delivery]: test",
            "fixture/hello :: it says hello [candidate restarted]: test",
            "fixture/hello :: it says goodbye: test",
            "fixture/hello :: a note is passed on: test",
            "fixture/hello :: a slow one: test",
        ];
        assert_eq!(stdout.lines().collect::<Vec<_>>(), expected);
    }
    let (_, stdout, _) = run(&["--list", "--format", "terse", "--ignored"]);
    assert_eq!(stdout, "fixture/hello :: a slow one: test\n");
    assert_eq!(starts.count(), 0);
}

/// As cargo-nextest does it, of which not every machine has one: it lists twice, and then gives each case a process.
#[test]
fn every_listed_name_runs_alone_in_a_process_of_its_own() {
    let list = |more: &[&str]| {
        let (code, stdout, stderr) =
            ran(program().args(["--list", "--format", "terse"]).args(more));
        assert_eq!(code, Some(0), "{stderr}");
        let named = stdout.lines().map(|line| {
            let name = line.strip_suffix(": test").expect("nextest wants this end");
            name.to_owned()
        });
        named.collect::<Vec<_>>()
    };
    let (all, ignored) = (list(&[]), list(&["--ignored"]));
    assert_eq!((all.len(), ignored.len()), (6, 1));
    for name in &all {
        let mut command = program();
        command.args(["--exact", name, "--nocapture"]);
        if ignored.contains(name) {
            command.arg("--ignored");
        }
        let (code, stdout, stderr) = ran(&mut command);
        let (expected, count) = if name == GOODBYE {
            (101, "0 passed; 1 failed; 0 ignored")
        } else {
            (0, "1 passed; 0 failed; 0 ignored")
        };
        assert_eq!(code, Some(expected), "{name}: {stdout}{stderr}");
        assert!(stdout.contains(count), "{name}: {stdout}{stderr}");
        let broken = stdout.contains("tests/fixture/contracts/hello.yaml:");
        assert_eq!(broken, name == GOODBYE, "{stdout}");
    }
}

#[test]
fn names_select_exactly_or_by_part_and_skip_leaves_out() {
    let (code, stdout, _) = run(&["--exact", HELLO, "--nocapture"]);
    assert_eq!(
        (code, names(&stdout, "ok")),
        (Some(0), vec![HELLO.to_owned()])
    );

    let (code, stdout, _) = run(&["says", "--skip", "goodbye"]);
    assert_eq!(code, Some(0), "{stdout}");
    assert_eq!(names(&stdout, "ok").len(), 3);

    let (code, stdout, _) = run(&["--ignored"]);
    assert_eq!(code, Some(0), "{stdout}");
    assert_eq!(names(&stdout, "ok"), ["fixture/hello :: a slow one"]);

    // As of the built-in harness: a filter that leaves nothing is not this program's business.
    let (code, stdout, _) = run(&["no case has this in its name"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("6 filtered out"), "{stdout}");
}

#[test]
fn what_fails_says_what_where_and_how_to_see_it_again() {
    let (code, stdout, stderr) = ran(program().env("WARDGATE_SEED", "4711"));
    assert_eq!(code, Some(101), "{stdout}");
    assert_eq!(names(&stdout, "FAILED"), [GOODBYE]);
    assert_eq!(names(&stdout, "ok").len(), 4);
    assert_eq!(names(&stdout, "ignored").len(), 1);
    assert!(stderr.contains("seed 4711"), "{stderr}");
    let line = fs::read_to_string("tests/fixture/contracts/hello.yaml")
        .expect("it is there")
        .lines()
        .position(|line| line.contains("says: goodbye"))
        .expect("it is in there")
        + 1;
    for part in [
        r#"expected  "goodbye""#,
        r#"actual    "hello""#,
        &format!("tests/fixture/contracts/hello.yaml:{line}"),
        "seed: 4711",
        "repeat: WARDGATE_SEED=4711 cargo test -p wardgate-testkit --test testkit-test-suite -- --exact 'fixture/hello :: it says goodbye'",
    ] {
        assert!(stdout.contains(part), "'{part}' is not in:\n{stdout}");
    }
}

#[test]
fn workers_share_a_candidate_each_and_start_it_afresh_only_where_a_case_wants_it() {
    for (threads, lanes) in [("1", 1), ("2", 2)] {
        let starts = Starts::new();
        let arguments = ["--test-threads", threads, "--skip", "restarted"];
        let (_, stdout, stderr) = ran(starts.watch(program().args(arguments)));
        assert_eq!(names(&stdout, "ok").len(), 3, "{stdout}{stderr}");
        assert_eq!(starts.count(), lanes, "with {threads} threads");
    }
    let starts = Starts::new();
    let arguments = [
        "--exact",
        "fixture/hello :: it says hello [candidate restarted]",
    ];
    let (code, stdout, _) = ran(starts.watch(program().args(arguments)));
    assert_eq!((code, starts.count()), (Some(0), 2), "{stdout}");
}

#[test]
fn a_suite_of_nothing_fails_even_when_it_is_only_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing = |folder: &Path, arguments: &[&str]| {
        let (code, stdout, stderr) =
            ran(program().args(arguments).env("FIXTURE_CONTRACTS", folder));
        assert_eq!(code, Some(101), "{stdout}");
        assert_eq!(stdout, "");
        stderr
    };
    for arguments in [&[][..], &["--list"], &["--list", "--format", "terse"]] {
        let said = nothing(folder.path(), arguments);
        assert!(said.contains("no contract file"), "{said}");
    }
    let file = folder.path().join("empty.yaml");
    let head =
        "wardgate: 1\ncontract: a/b\nversion: 1.0.0\nconsumer: c\nprovider: p\nworkflow: w\n";
    fs::write(&file, head).expect("it is written");
    let said = nothing(folder.path(), &[]);
    assert!(
        said.contains("no case") || said.contains("empty.yaml:"),
        "{said}"
    );
    let said = nothing(&folder.path().join("nowhere"), &[]);
    assert!(said.contains("nowhere"), "{said}");
}

#[test]
fn a_contract_with_errors_is_not_run_and_says_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("broken.yaml");
    let text = fs::read_to_string("tests/fixture/contracts/hello.yaml").expect("it is there");
    fs::write(&file, text.replace("times: 1", "tims: 1")).expect("it is written");
    let (code, _, stderr) = ran(program().env("FIXTURE_CONTRACTS", folder.path()));
    assert_eq!(code, Some(101));
    for part in ["1 error", "broken.yaml:22", "tims", "times"] {
        assert!(stderr.contains(part), "'{part}' is not in:\n{stderr}");
    }
}

#[test]
fn a_seed_that_is_none_is_refused() {
    let (code, _, stderr) = ran(program().env("WARDGATE_SEED", "red"));
    assert_eq!(code, Some(101));
    assert!(stderr.contains("WARDGATE_SEED='red'"), "{stderr}");
}

/// cargo-nextest lists the cases and runs each in a process of its own. It is given the program that is built already, so
/// that nothing is compiled and no lock is waited for.
#[test]
fn nextest_lists_and_runs_every_case_in_a_process_of_its_own() {
    let Some(nextest) = Nextest::find() else {
        eprintln!("skipped: cargo-nextest is not on this machine");
        return;
    };
    let (code, stdout, stderr) = nextest.run("list", &["--message-format", "oneline"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains(HELLO) && stdout.contains(GOODBYE),
        "{stdout}{stderr}"
    );

    let starts = Starts::new();
    let mut command = nextest.command("run");
    starts.watch(command.args(["--no-fail-fast", "-E", "not test(restarted)"]));
    let (code, stdout, stderr) = ran(&mut command);
    // 100 is nextest's own for "some test failed".
    assert_eq!(code, Some(100), "{stdout}{stderr}");
    assert!(
        stderr.contains("4 tests run: 3 passed, 1 failed"),
        "{stderr}"
    );
    for part in [
        r#"expected  "goodbye""#,
        "tests/fixture/contracts/hello.yaml:",
        "repeat: WARDGATE_SEED=",
    ] {
        assert!(stderr.contains(part), "'{part}' is not in:\n{stderr}");
    }
    assert_eq!(starts.count(), 4, "one process, one candidate, one case");

    let only = format!("test(={HELLO})");
    let (code, _, stderr) = nextest.run("run", &["-E", &only]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("1 test run: 1 passed"), "{stderr}");

    let (code, stdout, stderr) = nextest.run("run", &["--run-ignored", "only", "--no-capture"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stderr.contains("1 test run: 1 passed"), "{stderr}");
    // What the case's own process said came straight through.
    assert!(format!("{stdout}{stderr}").contains("repeats it)"));
}

/// Counts how often the service is started.
struct Starts {
    folder: TempDir,
}

impl Starts {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("starts"), "").expect("it is written");
        Self { folder }
    }

    fn watch<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("FIXTURE_STARTS", self.folder.path().join("starts"))
    }

    fn count(&self) -> usize {
        let text = fs::read_to_string(self.folder.path().join("starts"));
        text.expect("it is there").lines().count()
    }
}

/// cargo-nextest, told what cargo would tell it had it just built the program.
struct Nextest {
    folder: TempDir,
    program: PathBuf,
}

impl Nextest {
    fn find() -> Option<Self> {
        let paths = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&paths)
            .map(|folder| folder.join("cargo-nextest"))
            .find(|path| path.is_file())?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let metadata = Command::new(cargo)
            .args([
                "metadata",
                "--format-version",
                "1",
                "--no-deps",
                "--offline",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .ok()
            .filter(|output| output.status.success())?
            .stdout;
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("cargo.json"), metadata).expect("it is written");
        fs::write(folder.path().join("binaries.json"), binaries()).expect("it is written");
        Some(Self { folder, program })
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        let path = |name: &str| self.folder.path().join(name);
        command
            .args(["nextest", what, "--color", "never"])
            .arg("--cargo-metadata")
            .arg(path("cargo.json"))
            .arg("--binaries-metadata")
            .arg(path("binaries.json"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("WARDGATE_SEED");
        // What an outer nextest says of its own run is not this one's.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("NEXTEST") {
                command.env_remove(name);
            }
        }
        command
    }

    fn run(&self, what: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        ran(self.command(what).args(arguments))
    }
}

/// What `cargo nextest list --list-type binaries-only` would print.
fn binaries() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_testkit-test-suite"));
    let output = program.parent().expect("it is in a folder");
    let target = output.parent().expect("that is in another");
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let version = env!("CARGO_PKG_VERSION");
    format!(
        r#"{{
  "rust-build-meta": {{
    "target-directory": {target},
    "base-output-directories": [{output:?}],
    "non-test-binaries": {{}},
    "build-script-out-dirs": {{}},
    "linked-paths": [],
    "platforms": null,
    "target-platforms": [],
    "target-platform": null
  }},
  "rust-binaries": {{
    "wardgate-testkit::suite": {{
      "binary-id": "wardgate-testkit::suite",
      "binary-name": "suite",
      "package-id": "path+file://{manifest}#wardgate-testkit@{version}",
      "kind": "test",
      "binary-path": {program},
      "build-platform": "target"
    }}
  }}
}}"#,
        target = quoted(target),
        output = output.file_name().expect("it has a name").to_string_lossy(),
        manifest = env!("CARGO_MANIFEST_DIR"),
        program = quoted(program),
    )
}
