//! Who may depend on whom.

use toml::Table;

/// What each crate of ours may depend on (development dependencies are free), as in `harness/ARCHITECTURE.md`.
const MAY: [(&str, &[&str]); 20] = [
    ("wardgate-expression", &[]),
    ("wardgate-contract", &["wardgate-expression"]),
    ("wardgate-synth", &["wardgate-expression"]),
    ("wardgate-fhir-types", &[]),
    (
        "wardgate-core",
        &["wardgate-expression", "wardgate-contract", "wardgate-synth"],
    ),
    ("wardgate-stub-kit", PROTOCOL),
    ("wardgate-stub-http", PROTOCOL),
    ("wardgate-stub-fhir", PROTOCOL),
    ("wardgate-stub-hl7v2", PROTOCOL),
    ("wardgate-stub-x12", PROTOCOL),
    ("wardgate-stub-erp", PROTOCOL),
    ("wardgate-stub-file", PROTOCOL),
    (
        "wardgate-stub-catalog",
        &[
            "wardgate-core",
            "wardgate-stub-http",
            "wardgate-stub-fhir",
            "wardgate-stub-hl7v2",
            "wardgate-stub-x12",
            "wardgate-stub-erp",
            "wardgate-stub-file",
        ],
    ),
    (
        "wardgate-runner",
        &[
            "wardgate-core",
            "wardgate-contract",
            "wardgate-expression",
            "wardgate-synth",
        ],
    ),
    (
        "wardgate-report",
        &["wardgate-core", "wardgate-contract", "wardgate-expression"],
    ),
    ("wardgate-hub", &["wardgate-fhir-types"]),
    (
        "wardgate-testkit",
        &[
            "wardgate-runner",
            "wardgate-report",
            "wardgate-stub-catalog",
            "wardgate-core",
            "wardgate-contract",
            "wardgate-expression",
            "wardgate-synth",
        ],
    ),
    (
        "wardgate",
        &[
            "wardgate-runner",
            "wardgate-report",
            "wardgate-stub-catalog",
            "wardgate-core",
            "wardgate-contract",
            "wardgate-expression",
            "wardgate-synth",
            "wardgate-hub",
        ],
    ),
    ("wardgate-example", &[]),
    ("wardgate-xtask", &[]),
];

/// What a protocol's room may depend on. None sees another protocol.
const PROTOCOL: &[&str] = &[
    "wardgate-core",
    "wardgate-contract",
    "wardgate-expression",
    "wardgate-synth",
    "wardgate-stub-kit",
    "wardgate-fhir-types",
];

/// Packages that only one room may use, and why.
const CONFINED: [(&str, &[&str], &str); 5] = [
    (
        "fhir-sdk",
        &["wardgate-fhir-types"],
        "it is dear to compile and lossy; go through wardgate-fhir-types",
    ),
    (
        "er7",
        &["wardgate-hub"],
        "the harness has a lossless codec of its own",
    ),
    (
        "redb",
        &["wardgate-hub"],
        "only the reference hub keeps a database",
    ),
    (
        "tokio",
        &[
            "wardgate-runner",
            "wardgate",
            "wardgate-hub",
            "wardgate-testkit",
            "wardgate-benches",
            "wardgate-example",
        ],
        "pure rooms do no I/O",
    ),
    (
        "hyper",
        &[
            "wardgate-runner",
            "wardgate-hub",
            "wardgate-benches",
            "wardgate-example",
        ],
        "pure rooms do no I/O",
    ),
];

/// Checks one manifest.
pub fn check(name: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let Ok(manifest) = text.parse::<Table>() else {
        return vec![format!("{name}: it is not TOML")];
    };
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .to_owned();
    let inherits = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool);
    if inherits != Some(true) {
        findings.push(format!(
            "{name}: say `[lints] workspace = true`, so that every crate keeps the same rules"
        ));
    }
    if text.contains("arbitrary_precision") {
        findings.push(format!(
            "{name}: serde_json's arbitrary_precision breaks fhir-sdk wherever it is switched on"
        ));
    }
    let empty = Table::new();
    let dependencies = manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .unwrap_or(&empty);
    let may = MAY
        .iter()
        .find(|(known, _)| *known == package)
        .map(|(_, may)| *may);
    for dependency in dependencies.keys() {
        if dependency.starts_with("wardgate") && !dependency.starts_with("wardgate-benches") {
            let allowed = package == "wardgate-benches"
                || may.is_some_and(|may| may.contains(&dependency.as_str()));
            if !allowed {
                findings.push(format!("{name}: {package} may not depend on {dependency}"));
            }
        }
        if let Some((_, rooms, why)) = CONFINED
            .iter()
            .find(|(confined, _, _)| confined == dependency)
            && !rooms.contains(&package.as_str())
        {
            findings.push(format!("{name}: {package} may not use {dependency}: {why}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_forbidden_dependency_is_found() {
        let manifest = "[package]\nname = \"wardgate-stub-fhir\"\n[lints]\nworkspace = true\n[dependencies]\nwardgate-stub-erp.workspace = true\n";
        assert_eq!(check("stubs/fhir/Cargo.toml", manifest).len(), 1);
    }

    #[test]
    fn a_confined_package_is_found() {
        let manifest = "[package]\nname = \"wardgate-core\"\n[lints]\nworkspace = true\n[dependencies]\ntokio.workspace = true\n";
        assert_eq!(check("harness/core/Cargo.toml", manifest).len(), 1);
    }

    #[test]
    fn lints_must_be_inherited() {
        assert_eq!(
            check("x/Cargo.toml", "[package]\nname = \"wardgate-xtask\"\n").len(),
            1
        );
    }
}
