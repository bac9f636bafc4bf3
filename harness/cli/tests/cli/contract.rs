//! `wardgate contract`: faults at their line and column, the schema, lists, and first contracts to edit.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{Folder, root, text, verify, wardgate};

const FAULTY: &str = "\
wardgate: 1
contract: desk/answers
version: 1.0.0
consumer: tests
provider: desk
workflow: desk
interactions:
  - name: it answers
    send: { http: { path: /ok } }
    expext: { reply: { status: 200 } }
";

#[test]
fn sound_contracts_are_accepted() {
    let run = wardgate()
        .words("contract lint contracts/suites")
        .run()
        .expect(0);
    assert_eq!(run.stderr, "");
    assert!(
        run.stdout
            .ends_with("files checked: 0 errors, 0 warnings\n"),
        "{run}"
    );
}

#[test]
fn faults_are_shown_where_they_are_with_what_was_likely_meant() {
    let folder = Folder::new();
    folder.write("faulty.yaml", FAULTY);
    let lint = || {
        wardgate()
            .within(folder.path())
            .words("contract lint faulty.yaml")
    };
    assert_snapshot!("lint_of_a_faulty_file", lint().run().expect(1).to_string());
    let json = lint().arg("--json").run().expect(1).json();
    let findings = json["findings"].as_array().expect("there are findings");
    assert_eq!(json["errors"].as_u64(), Some(findings.len() as u64));
    let first = &findings[0];
    assert_eq!(text(first, "file"), "faulty.yaml");
    assert_eq!((&first["line"], &first["column"]), (&10.into(), &5.into()));
    assert!(text(first, "help").contains("expect"), "{first}");
}

/// Its shape is right, but it asks for a value that nobody has and searches with what is no expression.
const UNSOUND: &str = "\
wardgate: 1
contract: desk/answers
version: 1.0.0
consumer: tests
provider: desk
workflow: desk
interactions:
  - name: it answers
    send: { http: { path: \"/${nobody}\" } }
    expect: { reply: { status: 200, fhirpath: \"name.where(\" } }
";

#[test]
fn what_cannot_mean_anything_is_a_fault_too() {
    let folder = Folder::new();
    folder.write("unsound.yaml", UNSOUND);
    let json = wardgate()
        .within(folder.path())
        .words("contract lint unsound.yaml --json")
        .run()
        .expect(1)
        .json();
    let found = json["findings"].as_array().expect("there are findings");
    for (line, word) in [(9, "nobody"), (10, "FHIRPath")] {
        assert!(
            found
                .iter()
                .any(|one| one["line"] == line && one.to_string().contains(word)),
            "{word}: {json}"
        );
    }
}

#[test]
fn what_has_faults_is_not_run_and_what_is_not_there_is_said() {
    let folder = Folder::new();
    folder.write("faulty.yaml", FAULTY);
    folder.write("empty/readme.txt", "nothing here");
    let out = folder.path().join("out");
    for (words, message) in [
        ("verify faulty.yaml", "nothing was run"),
        ("verify empty", "there is no contract file (.yaml) at empty"),
        ("verify missing.yaml", "missing.yaml cannot be read"),
        ("contract list faulty.yaml", "nothing was run"),
        (
            "contract lint empty",
            "there is no contract file (.yaml) at empty",
        ),
        ("contract lint missing.yaml", "missing.yaml cannot be read"),
        (
            "contract new --from missing.hl7",
            "missing.hl7 cannot be read",
        ),
        (
            "contract new --from empty/readme.txt",
            "neither an HL7 v2 message",
        ),
    ] {
        let run = wardgate()
            .within(folder.path())
            .words(words)
            .run()
            .expect(2);
        assert!(run.stderr.contains(message), "{words}\n{run}");
        assert_eq!(run.stdout, "", "{words}");
    }
    assert!(!out.exists(), "a run folder was made for nothing");
}

/// A file that cannot be read hides nothing of the others, and one in another encoding is told by where that shows.
#[test]
fn every_file_is_reported_whatever_is_wrong_with_one() {
    let folder = Folder::new();
    folder.write("suite/faulty.yaml", FAULTY);
    folder.write(
        "suite/sound.yaml",
        FAULTY
            .replace("expext", "expect")
            .replace("desk/answers", "desk/other"),
    );
    folder.write("suite/latin.yaml", b"wardgate: 1\ntitle: Zo\xEB\n");
    let units: Vec<u8> = "wardgate: 1\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    folder.write(
        "suite/wide.yaml",
        [&[0xFF, 0xFE], units.as_slice()].concat(),
    );
    let lint = |words: &str| {
        wardgate()
            .within(folder.path())
            .words("contract lint")
            .words(words)
            .run()
    };
    let run = lint("suite").expect(1);
    for words in [
        "`expext` is not a key here",
        "[suite/latin.yaml:2:10]",
        "it looks like ISO 8859-1",
        "[suite/wide.yaml:1:1]",
        "iconv -f UTF-16",
    ] {
        assert!(run.stderr.contains(words), "{words}\n{run}");
    }
    assert!(run.stdout.starts_with("4 files checked: 3 errors"), "{run}");
    let all = "missing.yaml suite nowhere";
    let run = lint(all).expect(2);
    for words in [
        "missing.yaml cannot be read",
        "nowhere cannot be read",
        "`expext`",
        "2 paths could not be checked",
    ] {
        assert!(run.stderr.contains(words), "{words}\n{run}");
    }
    let json = lint(&format!("{all} --json")).expect(2).json();
    assert_eq!((&json["files"], &json["errors"]), (&4.into(), &3.into()));
    assert_eq!(json["unreadable"].as_array().map(Vec::len), Some(2));
    let run = wardgate()
        .within(folder.path())
        .words("verify suite missing.yaml")
        .run()
        .expect(2);
    assert!(
        run.stderr.contains("missing.yaml") && run.stderr.contains("`expext`"),
        "{run}"
    );
}

/// A folder without contracts is most likely the wrong folder: beside another one it would not be missed.
#[test]
fn an_empty_folder_beside_a_full_one_is_an_error() {
    let folder = Folder::new();
    folder.write("empty/readme.txt", "nothing here");
    let suite = root().join("contracts/suites/medication/tenants.yaml");
    for words in ["verify", "contract lint", "contract list"] {
        let run = wardgate()
            .within(folder.path())
            .words(words)
            .arg("empty")
            .arg(&suite)
            .run()
            .expect(2);
        assert!(
            run.stderr
                .contains("there is no contract file (.yaml) at empty"),
            "{words}\n{run}"
        );
    }
}

/// What never ends is not read, what is too large is not read to its end, and no line is shown that nobody can read.
#[test]
fn nothing_is_read_or_shown_without_end() {
    let folder = Folder::new();
    let long = format!("wardgate: 1\n{}: red\n", "colour".repeat(100_000));
    folder.write("long.yaml", long);
    let run = wardgate()
        .within(folder.path())
        .words("contract lint long.yaml")
        .run()
        .expect(1);
    assert!(run.stderr.len() < 20_000, "{} bytes", run.stderr.len());
    folder.write("large.yaml", "x".repeat(3 << 20));
    let run = wardgate()
        .within(folder.path())
        .words("contract lint large.yaml")
        .run()
        .expect(1);
    assert!(
        run.stderr.contains("more than 1024 KiB") && run.stderr.len() < 2_000,
        "{run}"
    );
    for device in ["/dev/zero", "/dev/stdin"] {
        for command in [
            "contract lint",
            "verify",
            "contract list",
            "verify --candidate",
            "contract new --from",
        ] {
            let run = wardgate().words(command).arg(device).run().expect(2);
            assert!(
                run.stderr.contains("it is no regular file"),
                "{command} {device}\n{run}"
            );
        }
    }
    let pipe = folder.path().join("pipe.yaml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        let run = wardgate()
            .words("contract lint")
            .arg(folder.path())
            .run()
            .expect(2);
        assert!(
            run.stderr
                .contains("pipe.yaml cannot be read: it is no regular file"),
            "{run}"
        );
    }
}

#[test]
fn the_schema_is_the_one_that_is_checked_in() {
    let run = wardgate().words("contract schema").run().expect(0);
    let file = root().join("contracts/schema/contract.schema.json");
    let checked_in = fs::read_to_string(&file).expect("it is checked in");
    assert!(
        run.stdout == checked_in,
        "{} is another one",
        file.display()
    );
}

#[test]
fn the_shipped_suites_are_listed_with_their_cases() {
    let list = wardgate()
        .words("contract list --json")
        .run()
        .expect(0)
        .json();
    let contracts = list["contracts"].as_array().expect("there are contracts");
    let cases: usize = contracts
        .iter()
        .map(|contract| contract["cases"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(list["cases"].as_u64(), Some(cases as u64));
    // What the product promises to ship.
    assert!(
        contracts.len() >= 24 && cases >= 120,
        "{} with {cases}",
        contracts.len()
    );
    let mut workflows: Vec<String> = contracts
        .iter()
        .map(|contract| text(contract, "workflow"))
        .collect();
    workflows.sort_unstable();
    workflows.dedup();
    assert_eq!(
        workflows,
        [
            "appointments",
            "batch",
            "billing",
            "interface",
            "lab",
            "medication",
            "registration"
        ]
    );
    let page = wardgate()
        .words("contract list contracts/suites/medication/tenants.yaml")
        .run()
        .expect(0);
    assert_snapshot!("list_of_one_contract", page.to_string());
}

const MESSAGE: &str = "MSH|^~\\&|ADT|HOSP|HUB|HOSP|20260301080000||ADT^A04^ADT_A01|C1|P|2.5.1\r\
EVN|A04|20260301080000\rPID|1||M100^^^HOSP^MR||Brown^Zoe||19800203|F\rPV1|1|O\r";

const RESOURCE: &str = r#"{
  "resourceType": "MedicationRequest",
  "identifier": [{"system": "urn:wardgate:HOSP:placer-order", "value": "O1"}],
  "status": "active",
  "intent": "order",
  "medicationCodeableConcept": {"text": "Aspirin"},
  "subject": {"identifier": {"system": "urn:wardgate:HOSP:mrn", "value": "M1"}},
  "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 0.1250, "unit": "mg"}}]}],
  "dispenseRequest": {"quantity": {"value": 30.0, "unit": "tablet"}}
}"#;

/// A new contract is accepted by lint, and passes against the hub, as it was written.
fn works(folder: &Folder, words: &str, id: &str) -> String {
    let new = wardgate()
        .within(folder.path())
        .words(words)
        .run()
        .expect(0);
    assert_eq!(new.stderr, "", "{words}");
    let file = folder.write("new.yaml", &new.stdout);
    let lint = wardgate().words("contract lint").arg(&file).run().expect(0);
    assert!(
        lint.stdout.contains("0 errors, 0 warnings"),
        "{lint}\n{}",
        new.stdout
    );
    verify(folder).arg(&file).run().expect(0);
    let summary = folder.summary();
    assert!(summary.count("passed") > 1, "{:?}", summary.outcomes());
    assert_eq!(text(&summary.cases()[0], "contract"), id);
    new.stdout
}

#[test]
fn a_first_contract_is_begun_from_a_message() {
    let folder = Folder::new();
    folder.write("first message.HL7", MESSAGE);
    folder.write("message.hl7", MESSAGE);
    let contract = works(
        &folder,
        "contract new --from message.hl7",
        "registration/message",
    );
    assert_snapshot!("new_from_a_message", contract);
    works(&folder, "contract new --from message.hl7 --id a/b", "a/b");
    for (option, given) in [("--id", "My Contract"), ("--to", "My Endpoint")] {
        let run = wardgate()
            .within(folder.path())
            .words("contract new --from message.hl7")
            .arg(option)
            .arg(given)
            .run()
            .expect(64);
        assert!(run.stderr.contains(given), "{run}");
        assert_eq!(run.stdout, "", "{run}");
    }
    let elsewhere = wardgate()
        .within(folder.path())
        .words("contract new --to feed --from")
        .arg("first message.HL7")
        .run()
        .expect(0);
    assert!(elsewhere.stdout.contains("to: feed\n"), "{elsewhere}");
    assert!(
        elsewhere
            .stdout
            .contains("contract: registration/first-message\n"),
        "{elsewhere}"
    );
}

/// Messages come from logs and captures, with what stands around them there.
#[test]
fn what_stands_around_a_message_in_a_file_is_left_out() {
    let folder = Folder::new();
    let new = |content: String| {
        folder.write("message.hl7", content);
        wardgate()
            .within(folder.path())
            .words("contract new --from message.hl7")
            .run()
            .expect(0)
            .stdout
    };
    let plain = new(MESSAGE.to_owned());
    for content in [
        format!("\u{FEFF}{MESSAGE}"),
        format!("\u{B}{MESSAGE}\u{1C}\r"),
        format!("\r\n{MESSAGE}"),
    ] {
        assert_eq!(new(content), plain);
    }
    let first = new(MESSAGE.repeat(2));
    let remark = "# The file holds more than one message; this is the first.\n";
    assert_eq!(first.replace(remark, ""), plain);
    assert_ne!(first, plain);
}

/// Nobody is drawn whose name the message's character set has no letters for, whatever the seed.
#[test]
fn people_are_drawn_whose_names_can_be_written() {
    let folder = Folder::new();
    for (declared, name) in [
        ("8859/1", &b"Ren\xE9"[..]),
        ("ASCII", b"Rene"),
        ("8859/2", b"Ren\xE9"),
    ] {
        let message = MESSAGE.replace("|P|2.5.1\r", &format!("|P|2.5.1||||||{declared}\r"));
        let (before, after) = message.split_once("Zoe").expect("she has a name");
        folder.write(
            "message.hl7",
            [before.as_bytes(), name, after.as_bytes()].concat(),
        );
        let new = wardgate()
            .within(folder.path())
            .words("contract new --from message.hl7")
            .run()
            .expect(0);
        // One interaction a seed: many of them need many people.
        let (head, interaction) = new
            .stdout
            .split_once("interactions:\n")
            .expect("it has one");
        let (interaction, _) = interaction
            .split_once("    variations:")
            .expect("it has some");
        let many: String = (0..40)
            .map(|number| {
                interaction.replacen("an ADT^A04 is accepted", &format!("number {number}"), 1)
            })
            .collect();
        let file = folder.write("many.yaml", format!("{head}interactions:\n{many}"));
        let run = verify(&folder).arg(&file).run();
        // The hub reads no part of ISO 8859 but the first; the message is written all the same.
        let unwritten = folder.latest("run.jsonl").contains("cannot be written");
        assert!(
            !unwritten && (declared == "8859/2" || run.code == Some(0)),
            "{run}\n{}",
            new.stdout
        );
    }
}

#[test]
fn a_first_contract_is_begun_from_a_resource() {
    let folder = Folder::new();
    folder.write("order.json", RESOURCE);
    let contract = works(
        &folder,
        "contract new --from order.json",
        "medication/order",
    );
    assert_snapshot!("new_from_a_resource", contract);
}

#[test]
fn a_first_contract_is_begun_from_a_recorded_case() {
    let folder = Folder::new();
    let file = "contracts/suites/registration/adt-a04.yaml";
    let name = "registration/adt-a04 :: an A04 registers the patient";
    verify(&folder)
        .arg(file)
        .words("--seed 7 --case")
        .arg(name)
        .run()
        .expect(0);
    let contract = works(
        &folder,
        "contract new --from latest",
        "registration/adt-a04-recorded",
    );
    assert_snapshot!("new_from_a_recorded_case", contract);
    let lines = wardgate()
        .within(folder.path())
        .words("contract new --from latest/run.jsonl --case")
        .arg("registration/adt-a04-recorded :: nobody")
        .run()
        .expect(2);
    assert!(
        lines.stderr.contains("it holds no finished case"),
        "{lines}"
    );
    let to = wardgate()
        .within(folder.path())
        .words("contract new --from latest --to feed")
        .run()
        .expect(64);
    assert!(to.stderr.contains("--to is for messages"), "{to}");
}

/// Names of cases are what `--case` takes, so the list must have them as the runs do.
#[test]
fn listed_cases_are_those_that_run() {
    let folder = Folder::new();
    let file = "contracts/suites/medication/tenants.yaml";
    let list = wardgate()
        .words("contract list --json")
        .arg(file)
        .run()
        .expect(0)
        .json();
    let cases = list["contracts"][0]["cases"].as_array();
    let listed: Vec<&str> = cases
        .expect("there are cases")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    verify(&folder).arg(file).run().expect(0);
    let ran: Vec<String> = folder
        .summary()
        .outcomes()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(listed, ran);
    // What the page shows can be copied.
    let page = wardgate().words("contract list").arg(file).run().expect(0);
    let shown: Vec<&str> = page
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    assert_eq!(shown, listed);
    verify(&folder)
        .arg(file)
        .arg("--case")
        .arg(shown[1])
        .run()
        .expect(0);
    assert_eq!(folder.summary().outcomes()[0].0, shown[1]);
}
