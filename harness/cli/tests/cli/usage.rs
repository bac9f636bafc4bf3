//! Command lines that are wrong: exit code 64, and a word on what would be right.

use insta::assert_snapshot;

use crate::common::wardgate;

#[test]
fn what_is_wrong_with_a_command_line_is_said_with_exit_code_64() {
    for (name, words) in [
        ("nothing", ""),
        ("unknown_command", "verfy"),
        ("unknown_flag", "verify --worker 3"),
        ("group_without_command", "contract"),
        ("shard_of_nothing", "verify --shard 1/0"),
        ("shard_beyond", "verify --shard 4/3"),
        ("shard_that_is_none", "verify --shard one"),
        ("no_workers", "verify --workers 0"),
        ("negative_seed", "verify --seed=-1"),
        ("no_property_cases", "verify --property-cases 0"),
        ("unknown_defect", "verify --hub-defect rounding-by-lines"),
        ("unknown_defect_like_none", "verify --hub-defect xyzzy"),
        (
            "hub_with_unknown_defect",
            "hub --ehr http://h --ledger http://h --pharmacy h:1 --defect rounding",
        ),
        ("hub_without_partners", "hub"),
        (
            "hub_with_unknown_zone",
            "hub --ehr http://h --ledger http://h --pharmacy h:1 --timezone Mars/Base",
        ),
        (
            "candidate_and_defect",
            "verify --candidate c.toml --hub-defect wrong-tax",
        ),
        ("quiet_and_explain", "verify --quiet --explain"),
        ("json_and_explain", "verify --json --explain"),
        ("keep_without_case", "verify --keep"),
        ("lint_of_nothing", "contract lint"),
        ("new_from_nothing", "contract new"),
        ("merge_to_nowhere", "merge one"),
        ("unknown_shell", "completions tcsh"),
        (
            "unknown_format",
            "dataset generate --patients 1 --out d --format csv",
        ),
        ("no_patients", "dataset generate --patients 0 --out d"),
        ("stub_at_no_address", "stubs up --fhir here"),
    ] {
        let run = wardgate().words(words).run().expect(64);
        assert_eq!(run.stdout, "", "{name}");
        assert_snapshot!(format!("usage_{name}"), run.to_string());
    }
}
