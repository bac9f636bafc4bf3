//! What used to pass: second messages that come late or fit nothing, faults that nobody met, values that were not there.

use wardgate_core::{
    event::{EventKind, Lifecycle, Party},
    port::{Control, Fault},
    verdict::{MismatchKind, Outcome},
    wire::Direction,
};

use crate::script::{ONCE, Script, assert_verdict, contract, mrn, of};

const SHOP: &str = "shop received POST /orders";

/// A case that passed, and what identifies it.
fn passed(text: &str) -> (Script, String) {
    let mut script = Script::begun(text, 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&mine);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
    (script, mine)
}

fn two() -> String {
    contract(&format!("{ONCE}    variations: [ duplicate delivery ]\n"))
}

#[test]
fn one_more_after_the_case_is_over_takes_its_verdict_back() {
    let (mut script, mine) = passed(&two());
    script.start(1);
    script.order(&mine);
    let [verdict] = &script.lane.take_finished()[..] else {
        panic!("it was not taken back");
    };
    assert_eq!(verdict.case, 0);
    assert_eq!(verdict.outcome, Outcome::Fail);
    assert_verdict(verdict, SHOP, Outcome::Fail, Some(MismatchKind::Surplus));
    script.order(&mine);
    assert!(
        script.lane.take_finished().is_empty(),
        "once is enough to take it back"
    );
}

#[test]
fn what_a_candidate_that_was_killed_says_again_takes_nothing_back() {
    let (mut script, mine) = passed(&two());
    script.tell(EventKind::Candidate(Lifecycle::Killed));
    script.start(1);
    script.order(&mine);
    assert!(script.lane.take_finished().is_empty());
}

#[test]
fn an_end_between_two_cases_is_the_first_ones() {
    let (mut script, _) = passed(&two());
    script.exit();
    let [verdict] = &script.lane.take_finished()[..] else {
        panic!("it was not taken back");
    };
    assert_verdict(
        verdict,
        "candidate runs",
        Outcome::Fail,
        Some(MismatchKind::Lost),
    );
}

#[test]
fn exactly_once_admits_none_besides_that_fits_nothing() {
    let text = contract(&ONCE.replace(
        "times: 1,",
        "times: 1, http: { body: { regex: \"right .*\" } },",
    ));
    for (second, outcome) in [("wrong", Outcome::Fail), ("right", Outcome::Fail)] {
        let mut script = Script::begun(&text, 0);
        let mine = mrn(&script.send(0));
        script.reply(0, 200, "{}");
        script.order(&format!("right {mine}"));
        script.order(&format!("{second} {mine}"));
        script.idle();
        let verdict = script.finish();
        assert_eq!(of(&verdict, SHOP).outcome, outcome, "{second}");
    }
}

#[test]
fn a_case_that_names_nothing_takes_what_nobody_claims() {
    let text = contract(
        "interactions:\n  - name: it\n    send: { http: { to: app, method: POST, path: /take, body: { a: 1 } } }\n    \
         expect: { reply: { status: 200 }, shop: { received: POST /orders, times: absent } }\n",
    );
    let mut script = Script::begun(&text, 0);
    script.send(0);
    script.reply(0, 200, "{}");
    script.order("of nobody");
    script.idle();
    assert_verdict(
        &script.finish(),
        SHOP,
        Outcome::Fail,
        Some(MismatchKind::Surplus),
    );
}

#[test]
fn a_fault_must_be_met_and_outlived() {
    let text = contract(&format!(
        "{ONCE}    variations: [ {{ partner refusing: shop, with: 503, for: 1 attempt }}, {{ partner slow: shop, by: 5ms }} ]\n"
    ));
    let refuse = Fault::Refuse {
        with: Some(String::from("503")),
        attempts: 1,
    };
    let slow = Fault::Slow {
        by: std::time::Duration::from_millis(5),
        attempts: 1,
    };
    for (case, fault, orders, claim, outcome) in [
        (1, &refuse, 0, "shop is reached again", Outcome::Fail),
        (1, &refuse, 1, "shop is reached again", Outcome::Fail),
        (1, &refuse, 2, "shop is reached again", Outcome::Pass),
        (2, &slow, 0, "shop is reached", Outcome::Fail),
        (2, &slow, 1, "shop is reached", Outcome::Pass),
    ] {
        let mut script = Script::begun(&text, case);
        script.tell(EventKind::Control {
            partner: 0,
            control: Control::Fault(fault.clone()),
        });
        let mine = mrn(&script.send(0));
        script.reply(0, 200, "{}");
        for _ in 0..orders {
            script.order(&mine);
        }
        script.idle();
        let verdict = script.finish();
        assert_eq!(of(&verdict, claim).outcome, outcome, "{case} {orders}");
    }
}

#[test]
fn what_is_not_there_to_be_captured_fails() {
    let text = contract(
        "interactions:\n  - name: it\n    steps:\n      - send: { http: { to: app, method: POST, path: /take, body: { a: 1 } } }\n        \
         expect: { reply: { status: 200 } }\n        capture: { id: reply.fhirpath(\"id\") }\n      \
         - send: { http: { to: app, path: \"/taken/${id}\" } }\n        expect: { reply: { status: 200 } }\n",
    );
    let mut script = Script::begun(&text, 0);
    script.send(0);
    script.reply(0, 200, "{\"number\":\"7\"}");
    let reason = script.lane.compose(1).expect_err("nothing is called 'id'");
    script.tell(EventKind::Unrunnable { reason });
    let verdict = script.finish();
    assert_eq!(verdict.outcome, Outcome::Fail, "{verdict:#?}");
    assert_verdict(
        &verdict,
        "id is captured",
        Outcome::Fail,
        Some(MismatchKind::Missing),
    );
}

#[test]
fn late_effects_of_an_earlier_case_are_not_held_against_the_next() {
    let held = contract(
        "interactions:
  - name: one
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\", body: {} } }
    expect: { reply: { status: 200 } }
  - name: two
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\", body: {} } }
    expect: { reply: { status: 200 }, shop: { holds: requests, count: 1 } }
",
    );
    let mut script = Script::begun(&held, 0);
    let first = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.finish();
    script.start(1);
    let second = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&first);
    script.order(&second);
    script.idle();
    assert_eq!(script.finish().outcome, Outcome::Pass);
}

#[test]
fn an_ack_that_names_another_message_and_one_too_many_fail() {
    let text = "wardgate: 1\ncontract: test/acks\nversion: 1.0.0\nconsumer: a\nprovider: b\nworkflow: test\ninteractions:\n  \
        - name: it\n    send: { hl7v2: { to: adt, message: \"MSH|^~\\\\&|A|B|C|D|20260101||ADT^A04|${control_id}|P|2.5.1\" } }\n    \
        expect: { reply: { hl7v2: { MSA-1: AA } } }\n";
    let acked = |ids: &[&str]| {
        let mut script = Script::begun(text, 0);
        let composed = script.lane.compose(0).expect("it can be composed");
        let bytes = composed.message.content().clone();
        let sent = String::from_utf8(bytes.to_vec()).expect("it is text");
        let own = sent.split('|').nth(9).expect("MSH-10").to_owned();
        let frame = |text: &str| [b"\x0b", text.as_bytes(), b"\x1c\r"].concat();
        script.wire(
            Party::Endpoint(0),
            Direction::ToCandidate,
            Some(0),
            frame(&sent).into(),
        );
        for id in ids {
            let id = if *id == "own" { own.as_str() } else { id };
            let ack = format!("MSH|^~\\&|C|D|A|B|20260101||ACK|X1|P|2.5.1\rMSA|AA|{id}\r");
            script.wire(
                Party::Endpoint(0),
                Direction::FromCandidate,
                None,
                frame(&ack).into(),
            );
        }
        script.finish()
    };
    assert_eq!(acked(&["own"]).outcome, Outcome::Pass);
    assert_verdict(
        &acked(&["OTHER1"]),
        "reply",
        Outcome::Fail,
        Some(MismatchKind::Value),
    );
    let twice = acked(&["own", "own"]);
    assert!(
        twice
            .verdicts
            .iter()
            .any(|verdict| verdict.expectation == "answered once"
                && verdict.outcome == Outcome::Fail),
        "{twice:#?}"
    );
}
