//! Checks that keep the house in order: `cargo run -p wardgate-xtask -- tidy`.
//!
//! The rules are those of `harness/ARCHITECTURE.md`; the same checks run as tests of this crate.

mod layering;
mod sources;
mod tidy;
mod tree;

use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    if task.as_deref() != Some("tidy") {
        eprintln!("usage: cargo run -p wardgate-xtask -- tidy");
        return ExitCode::from(64);
    }
    let findings = tidy::check(&root());
    for finding in &findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() {
        println!("the house is in order");
        ExitCode::SUCCESS
    } else {
        eprintln!(
            "{} findings; harness/ARCHITECTURE.md says why each rule is there",
            findings.len()
        );
        ExitCode::FAILURE
    }
}

/// The repository's root.
fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map_or_else(|| Path::new(".").to_owned(), Path::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_in_order() {
        let findings = super::tidy::check(&super::root());
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
