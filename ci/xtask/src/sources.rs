//! What may stand in source files.

/// The most lines that one source file may have: beyond, it holds more than one idea.
const LINES_MAX: usize = 800;

/// The rooms that touch no socket, file, environment, clock or ambient randomness.
const PURE: [&str; 13] = [
    "contracts/expression/src/",
    "contracts/format/src/",
    "datasets/synth/src/",
    "harness/core/src/",
    "harness/report/src/",
    "stubs/kit/src/",
    "stubs/http/src/",
    "stubs/fhir/src/",
    "stubs/hl7v2/src/",
    "stubs/x12/src/",
    "stubs/erp/src/",
    "stubs/file/src/",
    "stubs/catalog/src/",
];

/// What pure rooms must not name.
const EFFECTS: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "rand::rng",
    "thread_rng",
    "println!",
];

/// Protocols that the runner must not name in its code.
const PROTOCOLS: [&str; 5] = ["fhir", "hl7", "mllp", "\"erp\"", "x12"];

/// Checks one source file.
pub fn check(name: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        findings.push(format!(
            "{name}: {lines} lines; does it hold more than one idea?"
        ));
    }
    if (name.ends_with("src/lib.rs") || name.ends_with("src/main.rs")) && !text.starts_with("//!") {
        findings.push(format!(
            "{name}: begin with `//!` and say what the room is for"
        ));
    }
    let pure = PURE.iter().any(|room| name.starts_with(room));
    let runner = name.starts_with("harness/runner/src/");
    for (number, line) in code(text) {
        let place = format!("{name}:{number}");
        if name != "ci/xtask/src/sources.rs" {
            for left in ["TODO", "FIXME", "unimplemented!", "todo!(", "dbg!("] {
                if line.contains(left) {
                    findings.push(format!("{place}: {left} was left behind"));
                }
            }
        }
        if pure {
            for effect in EFFECTS.iter().filter(|effect| line.contains(**effect)) {
                findings.push(format!(
                    "{place}: a pure room names {effect}; let the runner or the command line do it"
                ));
            }
        }
        if runner {
            let lower = line.to_lowercase();
            for protocol in PROTOCOLS
                .iter()
                .filter(|protocol| lower.contains(**protocol))
            {
                findings.push(format!("{place}: the runner names a protocol ({protocol})"));
            }
        }
    }
    findings
}

/// Paths of one machine, in any text file.
pub fn machine_paths(name: &str, text: &str) -> Vec<String> {
    let marks = [
        ["/ro", "ot/"].concat(),
        ["/wo", "rk/"].concat(),
        ["/home", "/user/"].concat(),
    ];
    text.lines()
        .enumerate()
        .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark.as_str())))
        .map(|(number, _)| format!("{name}:{}: it names a path of one machine", number + 1))
        .collect()
}

/// The lines of code before the file's own tests, without comments, numbered from one.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::{check, machine_paths};

    #[test]
    fn an_effect_in_a_pure_room_is_found() {
        let found = check(
            "harness/core/src/x.rs",
            "fn f() { std::fs::read(\"a\"); }\n",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(check("harness/cli/src/x.rs", "fn f() { std::fs::read(\"a\"); }\n").is_empty());
    }

    #[test]
    fn a_protocol_in_the_runner_is_found() {
        assert_eq!(
            check("harness/runner/src/x.rs", "let a = \"fhir\";\n").len(),
            1
        );
        assert!(check("harness/runner/src/x.rs", "// such as FHIR\n").is_empty());
    }

    #[test]
    fn a_machine_path_is_found() {
        assert_eq!(
            machine_paths("a.md", &["see /ro", "ot/x"].concat()).len(),
            1
        );
    }
}
