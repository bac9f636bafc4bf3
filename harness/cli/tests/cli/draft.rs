//! `wardgate contract new --from RUN`: what was recorded holds when it is promised, whatever it was.

use std::fs;

use crate::common::{Folder, Run, Summary, verify, wardgate};

/// Acceptance, refusals of two protocols, two acknowledgements for one message, steps that use what earlier ones got,
/// partners that no contract names, files, and text in another character set.
const SUITES: [&str; 9] = [
    "registration/adt-a40-merge",
    "registration/adt-a04-names",
    "registration/adt-acks",
    "registration/adt-enhanced",
    "appointments/double-booking",
    "medication/order",
    "medication/refusals",
    "batch/charges-file",
    "batch/refused-files",
];

fn new(run: &Folder, case: &str, words: &str) -> Run {
    wardgate()
        .words("contract new --from")
        .arg(run.path().join("latest"))
        .arg("--case")
        .arg(case)
        .words(words)
        .run()
}

fn names(summary: &Summary) -> Vec<String> {
    let outcomes = summary.outcomes().into_iter();
    outcomes.map(|(name, _)| name).collect()
}

#[test]
fn what_is_begun_from_a_sound_run_holds() {
    let recorded = Folder::new();
    let files = SUITES.map(|suite| format!("contracts/suites/{suite}.yaml"));
    verify(&recorded)
        .words(&files.join(" "))
        .words("--quiet --seed 11")
        .run()
        .expect(0);
    let drafts = Folder::new();
    let (mut begun, mut without) = (0, 0);
    let cases = names(&recorded.summary());
    for case in cases.iter().filter(|case| !case.contains(" [")) {
        let run = new(&recorded, case, &format!("--id drafts/d{begun}"));
        if run.code == Some(2) {
            assert!(
                run.stderr
                    .contains("nothing was recorded that a contract could promise"),
                "{run}"
            );
            assert!(case.starts_with("batch/refused-files"), "{run}");
            without += 1;
            continue;
        }
        drafts.write(&format!("drafts/d{begun}.yaml"), &run.expect(0).stdout);
        begun += 1;
    }
    assert!(begun > 35 && without > 0, "{begun} begun, {without} not");
    let folder = drafts.path().join("drafts");
    let lint = wardgate()
        .words("contract lint")
        .arg(&folder)
        .run()
        .expect(0);
    assert!(lint.stdout.ends_with(": 0 errors, 0 warnings\n"), "{lint}");
    verify(&drafts)
        .arg(&folder)
        .words("--quiet --seed 12")
        .run()
        .expect(0);
    // Others than the plain cases run too: the usual variations of what was accepted.
    assert!(drafts.summary().count("passed") > 2 * begun);
}

#[test]
fn the_draft_says_what_came() {
    let recorded = Folder::new();
    let files = "contracts/suites/registration/adt-acks.yaml contracts/suites/medication/order.yaml \
                 contracts/suites/medication/refusals.yaml contracts/suites/medication/properties.yaml";
    verify(&recorded)
        .words(files)
        .words("--quiet --seed 11 --property-cases 2")
        .run()
        .expect(0);
    let said = |case: &str| new(&recorded, case, "").expect(0).stdout;
    let refused = said("registration/adt-acks :: a message without a patient number is refused");
    assert!(
        refused.contains("MSA-1: AE, MSA-2: \"${control_id}\""),
        "{refused}"
    );
    // What is refused need not bear what an accepted message does.
    assert!(
        refused.contains("\n    # variations:\n    #   - duplicate delivery\n"),
        "{refused}"
    );
    let refused = said("medication/refusals :: an order without a dose");
    assert!(refused.contains("status: 422\n"), "{refused}");
    let names = names(&recorded.summary());
    let find = |part: &str| {
        let found = names.iter().find(|name| name.contains(part));
        found.unwrap_or_else(|| panic!("no case has '{part}' in its name: {names:?}"))
    };
    // A variation's repeats are no promises: from it comes what comes from the plain case.
    let varied = find(" [partner down");
    let (plain, _) = varied.split_once(" [").expect("it has a variation");
    assert_eq!(said(varied), said(plain));
    for (case, why) in [
        (
            find("[malformed input"),
            "sends a broken form of a message on purpose",
        ),
        (find("medication/properties :: "), "is a property"),
    ] {
        let run = new(&recorded, case, "").expect(2);
        assert!(run.stdout.is_empty() && run.stderr.contains(why), "{run}");
    }
}

const UNNAMED: &str = "\
wardgate: 1
contract: desk/registers
version: 1.0.0
consumer: tests
provider: hub
workflow: desk
partners: { ehr: { stub: fhir } }
data: { patient: { draw: patient }, nobody: { draw: patient } }
interactions:
  - name: 'a patient: \"registered\"'
    send:
      hl7v2:
        to: adt
        message: |
          MSH|^~\\&|PAS|HOSP|HUB|HOSP|${now|hl7}||ADT^A04^ADT_A01|${control_id}|P|2.5.1
          EVN|A04|${now|hl7}
          PID|1||${patient.mrn}^^^HOSP^MR||Brown^Zoe||19800203|F
          PV1|1|O
    expect: { ehr: { received: PUT Patient, times: 1 } }
";

/// A partner may take part although the contract does not name it. What the run says of it is promised as well.
#[test]
fn partners_that_no_contract_names_are_declared() {
    let recorded = Folder::new();
    let file = recorded.write("desk.yaml", UNNAMED);
    verify(&recorded).arg(&file).run().expect(0);
    let draft = new(&recorded, "desk/registers :: a patient: \"registered\"", "").expect(0);
    for words in [
        "\n  ledger:\n    stub: erp\n",
        "\n      ledger:\n        - { received: GET customers, times: 1 }\n        - { received: POST customers, times: 1 }\n",
        "\n    variations:\n      - duplicate delivery\n",
    ] {
        assert!(draft.stdout.contains(words), "{words}\n{draft}");
    }
    assert!(!draft.stdout.contains("nobody"), "{draft}");
    let again = recorded.write("drafts/desk.yaml", &draft.stdout);
    let lint = wardgate()
        .words("contract lint")
        .arg(&again)
        .run()
        .expect(0);
    assert!(lint.stdout.ends_with(": 0 errors, 0 warnings\n"), "{lint}");
    verify(&recorded).arg(&again).run().expect(0);
    // A number that is not drawn anew is the same number again in every case.
    let fixed = UNNAMED.replace("19800203|F", "19800203|F||||||||||A77");
    let file = recorded.write("desk.yaml", fixed);
    verify(&recorded).arg(&file).run().expect(0);
    let draft = new(&recorded, "desk/registers :: a patient: \"registered\"", "").expect(0);
    assert!(
        draft.stdout.contains("\n    #   - duplicate delivery\n"),
        "{draft}"
    );
}

/// Where only a variation was recorded, what it made the candidate repeat counts once.
#[test]
fn repeats_of_a_variation_are_no_promises() {
    let recorded = Folder::new();
    let case = "registration/adt-a04 :: an A04 registers the patient [partner refusing: ehr, with 503, for 2 attempts]";
    let list = wardgate()
        .words("contract list contracts/suites/registration/adt-a04.yaml")
        .run()
        .expect(0);
    let case = list
        .stdout
        .lines()
        .map(str::trim)
        .find(|name| name.contains("[partner refusing: ehr"))
        .unwrap_or(case)
        .to_owned();
    verify(&recorded)
        .words("--quiet --case")
        .arg(&case)
        .run()
        .expect(0);
    let log = fs::read_to_string(recorded.path().join("latest/run.jsonl")).expect("it is there");
    assert!(
        log.matches("PUT /fhir/Patient").count() > 1,
        "nothing was sent again"
    );
    let draft = new(&recorded, &case, "").expect(0);
    assert!(
        draft.stdout.contains("{ received: PUT Patient, times: 1 }"),
        "{draft}"
    );
}
