//! The command that repeats one case.

use std::path::{Path, PathBuf};

use wardgate_report::text::shell_word;

use crate::seed;

/// The command that repeats one case, as a POSIX shell takes it.
pub(super) fn command(number: u64, case: &str) -> String {
    let package = std::env::var("CARGO_PKG_NAME").ok();
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("the-test"));
    of(number, case, package.as_deref(), &program)
}

fn of(number: u64, case: &str, package: Option<&str>, program: &Path) -> String {
    let variable = seed::VARIABLE;
    let case = shell_word(case);
    let target = program
        .file_stem()
        .map(|stem| without_hash(&stem.to_string_lossy()).to_owned());
    match (package, target) {
        (Some(package), Some(target)) => {
            format!("{variable}={number} cargo test -p {package} --test {target} -- --exact {case}")
        }
        _ => format!(
            "{variable}={number} {} --exact {case}",
            shell_word(&program.display().to_string())
        ),
    }
}

/// Cargo puts a hash behind the name of a test.
fn without_hash(stem: &str) -> &str {
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_repeats_what_cargo_ran_and_the_program_itself_what_it_did_not() {
        let program = Path::new("target/debug/deps/contracts-0123456789abcdef");
        assert_eq!(
            of(7, "a/b :: it's [x]", Some("mine"), program),
            r"WARDGATE_SEED=7 cargo test -p mine --test contracts -- --exact 'a/b :: it'\''s [x]'"
        );
        assert_eq!(
            of(7, "plain", None, program),
            "WARDGATE_SEED=7 target/debug/deps/contracts-0123456789abcdef --exact plain"
        );
        assert_eq!(without_hash("with-dashes"), "with-dashes");
    }
}
