//! What a partner holds, and which of it a `where` means.

use wardgate_core::verdict::{Leg, MismatchKind, Outcome};

use crate::script::{Script, assert_verdict, contract, mrn, of};

const HOLDS: &str = "shop holds requests";

/// A lane whose candidate orders this at the shop, where the contract claims that.
fn ordered(claim: &str, order: &str) -> Script {
    let text = contract(&format!(
        "interactions:\n  - name: a\n    send: {{ http: {{ to: app, method: POST, path: \"/take/${{mrn}}\", body: {{}} }} }}\n    expect:\n      shop: {{ holds: requests, {claim} }}\n"
    ));
    let mut script = Script::begun(&text, 0);
    let mine = mrn(&script.send(0));
    script.reply(0, 200, "{}");
    script.order(&order.replace("MINE", &mine));
    script.idle();
    script
}

#[test]
fn a_record_that_a_where_cannot_be_told_of_does_not_pass_for_absent() {
    let mut script = ordered(
        "where: \"body.mrn = %mrn and body.lines.amount > 100\", count: absent",
        r#"{"mrn":"MINE","lines":[{"amount":500},{"amount":700}]}"#,
    );
    let verdict = script.finish();
    assert_verdict(
        &verdict,
        HOLDS,
        Outcome::Error,
        Some(MismatchKind::Unjudged),
    );
    let said = &of(&verdict, HOLDS).mismatches[0].actual;
    for part in [
        "body.lines.amount > 100",
        "\"amount\":700",
        "cannot be told",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_value_that_cannot_be_filled_does_not_pass_for_absent() {
    let mut script = ordered(
        "where: { body.mrn: \"${mrn.digits}\" }, count: absent",
        r#"{"mrn":"MINE"}"#,
    );
    assert_verdict(
        &script.finish(),
        HOLDS,
        Outcome::Error,
        Some(MismatchKind::Unjudged),
    );
}

#[test]
fn what_a_where_does_not_mean_is_absent() {
    for claim in [
        "where: \"body.mrn = %mrn and body.amount > 100\", count: absent",
        "where: { body.mrn: \"${mrn}\", body.amount: { range: { min: 100 } } }, count: absent",
        "where: \"body.mrn = %mrn and body.amount < 100\", count: 1",
    ] {
        let mut script = ordered(claim, r#"{"mrn":"MINE","amount":5}"#);
        assert_verdict(&script.finish(), HOLDS, Outcome::Pass, None);
    }
}

#[test]
fn expressions_know_the_run_s_moment() {
    let text = contract(
        "data:
  patient: { draw: patient, where: \"birth_date < today() - 18 years\" }
interactions:
  - name: a
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\", body: {} } }
    expect:
      reply: { fhirpath: [\"born < today()\", \"at <= now() and timeOfDay() = @T14:13:20.001\"] }
      shop: { holds: requests, where: \"body.mrn = %mrn and body.due < today()\", count: 1 }
properties:
  - name: b
    forall: { person: patient }
    cases: 1
    steps:
      - send: { http: { to: app, method: POST, path: \"/take/${mrn}\", body: {} } }
    holds: today() = @2026-09-21
",
    );
    let mut script = Script::begun(&text, 0);
    let mine = mrn(&script.send(0));
    script.reply(
        0,
        200,
        r#"{"born":"2026-09-20","at":"2026-09-21T14:13:20Z"}"#,
    );
    script.order(&format!(r#"{{"mrn":"{mine}","due":"2026-09-20"}}"#));
    script.idle();
    let verdict = script.finish();
    assert_eq!(verdict.outcome, Outcome::Pass, "{verdict:#?}");

    let mut script = Script::begun(&text, 1);
    script.send(0);
    script.reply(0, 200, "{}");
    script.idle();
    let verdict = script.finish();
    let held = verdict
        .verdicts
        .iter()
        .find(|one| one.leg == Leg::Property)
        .expect("the property claims something");
    assert_eq!(held.outcome, Outcome::Pass, "{held:#?}");
}

#[test]
fn a_condition_of_a_draw_that_cannot_be_evaluated_says_why() {
    let text = contract(
        "data:
  patient: { draw: patient, where: \"family > 3\" }
interactions:
  - name: a
    send: { http: { to: app, method: POST, path: \"/take/${mrn}\", body: {} } }
    expect: { reply: { status: 200 } }
",
    );
    let verdict = Script::begun(&text, 0).finish();
    assert_eq!(verdict.outcome, Outcome::Error);
    let said = format!("{verdict:?}");
    assert!(said.contains("'patient' cannot be drawn"), "{said}");
    assert!(said.contains("have no order"), "{said}");
}

#[test]
fn a_json_path_looks_into_records() {
    let claim = |amount| {
        format!("where: {{ body.mrn: \"${{mrn}}\" }}, jsonpath: {{ $.body.amount: {amount} }}")
    };
    for (amount, outcome) in [("5.0", Outcome::Pass), ("5", Outcome::Fail)] {
        let mut script = ordered(&claim(amount), r#"{"mrn":"MINE","amount":5.0}"#);
        let verdict = script.finish();
        assert_eq!(of(&verdict, HOLDS).outcome, outcome, "{verdict:#?}");
    }
}

#[test]
fn a_record_with_a_name_that_stands_twice_is_malformed() {
    let mut script = ordered(
        "where: { body.mrn: \"${mrn}\" }, fhirpath: \"body.amount = 5\"",
        r#"{"mrn":"MINE","amount":7,"amount":5}"#,
    );
    let verdict = script.finish();
    let held = of(&verdict, HOLDS);
    assert_eq!(held.outcome, Outcome::Fail, "{held:#?}");
    let found = &held.mismatches[0];
    assert_eq!(found.kind, MismatchKind::Malformed);
    assert_eq!(
        (found.at.as_str(), found.actual.as_str()),
        ("body.amount", "2 values: 7, 5")
    );
}
