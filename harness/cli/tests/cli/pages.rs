//! Help, completions and the man page: every command stands in each.

use clap::CommandFactory as _;
use insta::assert_snapshot;

use crate::{args::Cli, common::wardgate};

/// Every command by its words: `["contract", "lint"]`. The first is `wardgate` itself, without any.
pub fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], into: &mut Vec<Vec<String>>) {
        into.push(words.to_vec());
        for below in command.get_subcommands() {
            let mut words = words.to_vec();
            words.push(below.get_name().to_owned());
            walk(below, &words, into);
        }
    }
    let mut all = Vec::new();
    walk(&Cli::command(), &[], &mut all);
    all
}

#[test]
fn every_command_has_a_page_of_help() {
    let commands = commands();
    assert!(
        commands.contains(&vec![String::from("contract"), String::from("lint")]),
        "{commands:?}"
    );
    for words in commands {
        let name = ["help"]
            .into_iter()
            .chain(words.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("_");
        let page = wardgate()
            .words(&words.join(" "))
            .arg("--help")
            .run()
            .expect(0);
        assert_eq!(page.stderr, "", "{words:?}");
        assert!(
            page.stdout.lines().all(|line| line.chars().count() <= 100),
            "{words:?} is wider than a terminal:\n{page}"
        );
        assert_snapshot!(name, page.stdout);
    }
}

/// Examples are there to be copied: none is missing, and clap breaks none in two.
#[test]
fn every_command_has_whole_examples() {
    for words in commands() {
        let page = wardgate()
            .words(&words.join(" "))
            .arg("--help")
            .run()
            .expect(0);
        let examples = page.stdout.split_once("\nExamples:\n");
        let (_, examples) = examples.unwrap_or_else(|| panic!("{words:?} has no examples"));
        let block = examples.split("\n\n").next().unwrap_or_default();
        for line in block.lines() {
            assert!(
                line.starts_with("  wardgate "),
                "{words:?}: '{line}' is the rest of another line"
            );
        }
    }
}

#[test]
fn completions_name_every_command_and_its_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = wardgate().words("completions").arg(shell).run().expect(0);
        assert_eq!(script.stderr, "", "{shell}");
        for word in commands().concat() {
            assert!(script.stdout.contains(&word), "{shell} lacks '{word}'");
        }
        for option in ["hub-defect", "property-cases", "fail-fast", "ready-file"] {
            assert!(script.stdout.contains(option), "{shell} lacks --{option}");
        }
    }
}

#[test]
fn the_man_page_holds_every_command() {
    let page = wardgate().words("man").run().expect(0);
    assert_eq!(page.stderr, "");
    let page = page.stdout.replace("\\-", "-");
    assert!(page.contains(".TH wardgate 1"), "{page}");
    let groups = ["stubs", "contract", "dataset"];
    for words in commands() {
        if words.is_empty() || groups.contains(&words.join(" ").as_str()) {
            continue;
        }
        let title = format!(".SH WARDGATE {}\n", words.join(" ").to_uppercase());
        assert!(page.contains(&title), "the page lacks {title}");
    }
    for option in ["--hub-defect", "--property-cases", "--ready-file"] {
        assert!(page.contains(option), "the page lacks {option}");
    }
    assert!(page.contains("Exit codes:"), "{page}");
}

#[test]
fn a_reader_who_leaves_early_is_no_fault() {
    for words in [
        "contract list",
        "contract schema",
        "completions bash",
        "man",
        "hub --list-defects",
        "--help",
    ] {
        let run = wardgate().words(words).unread().expect(0);
        assert_eq!(run.stderr, "", "{words}");
    }
}

#[test]
fn the_version_is_the_package_s() {
    let run = wardgate().arg("--version").run().expect(0);
    assert_eq!(
        run.stdout,
        format!("wardgate {}\n", env!("CARGO_PKG_VERSION"))
    );
}
