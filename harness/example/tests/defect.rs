//! A test about the tests: that they catch a desk that is careless, and nothing else of it.

use wardgate_testkit::{MismatchKind, suite};

#[test]
fn the_sound_desk_keeps_every_promise() {
    let judged = suite("contracts")
        .candidate("candidate.toml")
        .program(env!("CARGO_BIN_EXE_registration-desk"))
        .judge()
        .expect("the suite can be run");
    judged.assert_passed();
}

#[test]
fn a_desk_that_makes_a_patient_each_time_is_caught_where_registrations_are_repeated() {
    let judged = suite("contracts")
        .candidate("candidate.toml")
        .program(env!("CARGO_BIN_EXE_careless-desk"))
        // Its failures are meant to be: nobody wants to try them first from now on.
        .remember(false)
        .judge()
        .expect("the suite can be run");
    let repeated = [
        "registration/desk :: a patient is registered [ack lost: ehr]",
        "registration/desk :: a patient is registered [ack lost: inbound]",
        "registration/desk :: a patient is registered [duplicate delivery]",
    ];
    let mut caught = judged.bad_names();
    caught.sort_unstable();
    assert_eq!(caught, repeated);
    for name in repeated {
        let case = judged.case(name).expect("it is among them");
        let found: Vec<_> = case.mismatches().collect();
        assert!(
            found
                .iter()
                .all(|mismatch| mismatch.kind == MismatchKind::Surplus),
            "{}",
            case.text
        );
        // What a developer reads: what was promised, what came, where the contract says it, and how to see it again.
        for part in [
            "exactly 1",
            "contracts/registration.yaml:",
            "seed: ",
            "WARDGATE_SEED=",
        ] {
            assert!(
                case.text.contains(part),
                "'{part}' is not in:\n{}",
                case.text
            );
        }
    }
}
