//! All checks together.

use std::{fs, path::Path};

use crate::{layering, sources, tree};

/// The top level that is agreed; dotfiles are free.
const TOP_LEVEL: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "harness",
    "contracts",
    "stubs",
    "datasets",
    "benches",
    "ci",
];

/// Every finding, each one line that says where and what to do.
pub fn check(root: &Path) -> Vec<String> {
    let files = tree::files(root);
    let mut findings = top_level(root);
    for path in &files {
        let name = tree::shown(root, path);
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            findings.extend(sources::check(&name, &text));
        }
        if name.ends_with("/Cargo.toml") {
            findings.extend(layering::check(&name, &text));
        }
        findings.extend(sources::machine_paths(&name, &text));
    }
    findings
}

fn top_level(root: &Path) -> Vec<String> {
    fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            let agreed = TOP_LEVEL.contains(&name.as_str()) || name == "target";
            !agreed && !name.starts_with('.') && !name.starts_with("LICENSE")
        })
        .map(|name| format!("{name}: the top level is agreed; put this into one of its rooms"))
        .collect()
}
