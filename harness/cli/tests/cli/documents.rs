//! The commands in the documents: each is known to the command line, and those of the README work as they stand.

use std::{fs, path::Path};

use clap::{CommandFactory as _, error::ErrorKind};

use crate::{
    args::Cli,
    common::{Folder, Run, root, wardgate},
};

/// Everything that tells people what to type.
const DOCUMENTS: [&str; 9] = [
    "README.md",
    "contracts/README.md",
    "stubs/README.md",
    "benches/README.md",
    "harness/ARCHITECTURE.md",
    "harness/CHANGELOG.md",
    "ci/templates/github.yaml",
    "ci/templates/gitlab.yaml",
    ".ci/run",
];

/// The commands of this binary in a text: in indented or fenced lines of Markdown, in any line of a script, after a `run:`, or
/// between backquotes.
fn commands(document: &str, text: &str) -> Vec<String> {
    let is_script = Path::new(document)
        .extension()
        .is_none_or(|ending| ending != "md");
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        let is_code = fenced || line.starts_with("    ") || is_script;
        let plain = line
            .trim_start()
            .trim_start_matches("- ")
            .trim_start_matches("run: ");
        if is_code && is_command(plain) {
            found.push(plain.to_owned());
            continue;
        }
        let spans = line.split('`').skip(1).step_by(2);
        found.extend(
            spans
                .filter(|span| span.starts_with("wardgate "))
                .map(str::to_owned),
        );
    }
    found
}

fn is_command(line: &str) -> bool {
    [
        "wardgate ",
        "target/release/wardgate ",
        "cargo run --release -- ",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

/// The words of a command as a shell splits them, without what it does with the output, and without the program.
fn words(command: &str) -> Vec<String> {
    let command = command
        .replace("cargo run --release -- ", "wardgate ")
        .replace("target/release/wardgate ", "wardgate ");
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = None;
    for c in command.chars() {
        match (quoted, c) {
            (Some(quote), _) if c == quote => quoted = None,
            (None, '\'' | '"') => quoted = Some(c),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    let end = words
        .iter()
        .position(|word| [">", "|", "#", "&"].contains(&word.as_str()))
        .unwrap_or(words.len());
    words.truncate(end);
    words
}

/// What an example says in place of a value.
fn filled(word: &str) -> String {
    match word {
        "$part/2" => String::from("1/2"),
        "$seed" => String::from("1"),
        other => other.to_owned(),
    }
}

#[track_caller]
fn is_known(place: &str, command: &str) {
    let words: Vec<String> = words(command).iter().map(|word| filled(word)).collect();
    // A command that is only named: `wardgate contract lint`.
    let named = words
        .iter()
        .skip(1)
        .try_fold(Cli::command(), |command, word| {
            command.find_subcommand(word).cloned()
        });
    if named.is_some() || words.iter().any(|word| word.contains(['[', '…'])) {
        return;
    }
    if let Err(error) = Cli::command().try_get_matches_from(&words)
        && error.kind() != ErrorKind::DisplayHelp
    {
        panic!("{place}: {command}\n{words:?}\n{error}");
    }
}

#[test]
fn every_command_in_the_documents_is_known() {
    let mut count = 0;
    for document in DOCUMENTS {
        let Ok(text) = fs::read_to_string(root().join(document)) else {
            continue;
        };
        for command in commands(document, &text) {
            is_known(document, &command);
            count += 1;
        }
    }
    assert!(count > 25, "only {count} commands were found");
}

#[test]
fn every_example_of_the_help_pages_is_known() {
    for page in crate::pages::commands() {
        let help = wardgate()
            .words(&page.join(" "))
            .arg("--help")
            .run()
            .expect(0);
        let examples = help
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("  wardgate "));
        for example in examples {
            // What it does stands behind it, two spaces away.
            let command = example.split("  ").next().unwrap_or_default();
            is_known(&page.join(" "), &format!("wardgate {command}"));
        }
    }
}

/// What is not known must be found, or the two tests above prove nothing.
#[test]
#[should_panic(expected = "--no-such-flag")]
fn a_command_that_is_not_known_is_found() {
    let commands = commands(
        "page.md",
        "# Title\n\n    wardgate verify --no-such-flag 'a b' > out\n",
    );
    assert_eq!(words(&commands[0]).len(), 4);
    is_known("here", &commands[0]);
}

/// Commands of the README that take long, or go on until they are stopped. The first stands in `.ci/run`, shards are merged
/// in another test, stubs have tests of their own, and every defect too.
const LONG: [&str; 7] = [
    "wardgate verify --candidate",
    "wardgate verify --shard 1/2",
    "wardgate verify --shard 2/2",
    "wardgate merge",
    "wardgate verify --workflow billing --hub-defect",
    "wardgate stubs up",
    "cargo run --release -- verify",
];

#[test]
fn the_commands_of_the_readme_work_as_they_stand() {
    let readme = fs::read_to_string(root().join("README.md")).expect("it is there");
    let folder = Folder::new();
    folder.write(
        "message.hl7",
        "MSH|^~\\&|ADT|HOSP|HUB|HOSP|20260301080000||ADT^A04^ADT_A01|C1|P|2.5.1\rEVN|A04|20260301080000\r\
         PID|1||M100^^^HOSP^MR||Brown^Zoe||19800203|F\rPV1|1|O\r",
    );
    let contracts = root()
        .join("contracts")
        .canonicalize()
        .expect("it is there");
    std::os::unix::fs::symlink(contracts, folder.path().join("contracts"))
        .expect("a link can be made");
    let lines: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("    "))
        .map(str::trim)
        .filter(|line| is_command(line))
        .collect();
    for long in LONG {
        let there = lines.iter().any(|line| line.starts_with(long));
        assert!(there, "the README does not speak of '{long}' any more");
    }
    let short: Vec<&&str> = lines
        .iter()
        .filter(|line| !LONG.iter().any(|long| line.starts_with(long)))
        .collect();
    assert!(short.len() >= 5, "{short:?}");
    for line in short {
        in_shell(folder.path(), line).expect(0);
    }
    for left in [
        "my-contract.yaml",
        "data/manifest.json",
        "target/wardgate/latest/report.html",
    ] {
        assert!(folder.path().join(left).exists(), "nothing made {left}");
    }
}

/// The first contract that its authors see is one that passes.
#[test]
fn the_first_contract_of_the_guide_passes_on_the_hub() {
    let guide = fs::read_to_string(root().join("contracts/README.md")).expect("it is there");
    let contract = guide
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("the guide has an example");
    assert!(contract.starts_with("wardgate: 1\n"), "{contract}");
    let folder = Folder::new();
    folder.write("first.yaml", contract);
    let run = wardgate()
        .within(folder.path())
        .words("verify first.yaml")
        .run()
        .expect(0);
    assert!(run.stdout.contains("passed: 5 cases, 5 passed"), "{run}");
}

fn in_shell(folder: &Path, line: &str) -> Run {
    wardgate().within(folder).in_shell(line).run()
}
