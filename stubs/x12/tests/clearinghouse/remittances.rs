//! Adjudication, and the 835s that tell of it. That they balance is checked wherever one is picked up.

use wardgate_expression::{Json, json};

use crate::client::{CLAIMS, Client, again, renumbered, segments, text};

fn remitted(rules: Json) -> (Client, String) {
    let mut client = Client::new(json!({ "rules": rules }));
    client.post(CLAIMS);
    let body = client.pick_up("/outbox/SENDER");
    (client, body)
}

fn claims(body: &str) -> Vec<String> {
    let claims = segments(body, "CLP");
    // CLP07 is another one in each run.
    claims
        .iter()
        .map(|claim| claim.split('*').take(6).collect::<Vec<_>>().join("*"))
        .collect()
}

#[test]
fn without_rules_everything_is_paid_in_full() {
    let (client, body) = remitted(json!([]));
    assert_eq!(
        claims(&body),
        ["CLP*A00000001*1*300.5*300.5*", "CLP*A00000002*1*75*75*"]
    );
    assert!(segments(&body, "CAS").is_empty());
    assert_eq!(
        segments(&body, "BPR"),
        ["BPR*I*375.5*C*CHK************20260301"]
    );
    let remittances = client.held("remittances");
    assert_eq!(remittances.len(), 1);
    assert_eq!(text(&remittances[0], "paid"), "375.5");
    let trace = text(&remittances[0], "trace");
    assert_eq!(
        segments(&body, "TRN"),
        [format!("TRN*1*{trace}*1999999999")]
    );
    assert_eq!(text(&client.held("claims")[0], "trace"), trace);
}

#[test]
fn the_first_rule_that_fits_a_line_decides_about_it() {
    let (client, body) = remitted(json!([
        { "procedure": "99213", "deny": { "carc": "50", "rarc": "N115" } },
        { "procedure": "80053", "allowed": "120.25", "adjust": "PR-2" },
        { "procedure": "99212", "pay": "0.333" },
        { "pay": 0 },
    ]));
    assert_eq!(
        claims(&body),
        [
            "CLP*A00000001*1*300.5*120.25*79.75",
            "CLP*A00000002*1*75*24.98*"
        ]
    );
    assert_eq!(
        segments(&body, "CAS"),
        ["CAS*CO*50*100.5", "CAS*PR*2*79.75", "CAS*CO*45*50.02"]
    );
    assert_eq!(segments(&body, "LQ"), ["LQ*HE*N115"]);
    assert_eq!(segments(&body, "BPR*I*145.23*C*CHK").len(), 1);
    let held = client.held("claims");
    assert_eq!(text(&held[0], "status"), "part paid");
    assert_eq!(text(&held[0], "patient_owes"), "79.75");
}

#[test]
fn conditions_are_about_payer_diagnosis_member_and_amount() {
    for (condition, denied) in [
        (json!({ "payer": "P1" }), 2),
        (json!({ "payer": "P2" }), 0),
        (json!({ "diagnosis": "I10" }), 1),
        (json!({ "member": "M00000002" }), 1),
        (json!({ "over": 75 }), 1),
        (json!({ "under": 75 }), 0),
    ] {
        let mut rule = condition.as_object().unwrap().clone();
        rule.push("deny", json!({ "carc": "29" }));
        let (client, body) = remitted(Json::Array(vec![Json::Object(rule)]));
        let status = client
            .held("claims")
            .iter()
            .filter(|claim| text(claim, "status") == "denied")
            .count();
        assert_eq!(status, denied, "{condition}");
        let denials = segments(&body, "CLP")
            .iter()
            .filter(|claim| claim.contains("*4*"))
            .count();
        assert_eq!(denials, denied, "{condition}");
    }
}

#[test]
fn a_claim_that_is_denied_as_a_whole_pays_nothing() {
    let (_, body) = remitted(json!([{ "deny": { "carc": "29" } }]));
    assert_eq!(
        claims(&body),
        ["CLP*A00000001*4*300.5*0*", "CLP*A00000002*4*75*0*"]
    );
    assert_eq!(
        segments(&body, "BPR"),
        ["BPR*H*0*C*NON************20260301"]
    );
}

#[test]
fn a_claim_that_pends_is_in_no_remittance() {
    let (client, body) = remitted(json!([{ "procedure": "80053", "pend": true }]));
    assert_eq!(claims(&body), ["CLP*A00000002*1*75*75*"]);
    assert_eq!(text(&client.held("claims")[0], "status"), "pended");
}

#[test]
fn a_void_takes_everything_back_and_the_rest_is_carried_forward() {
    let (mut client, _) = remitted(json!([{ "procedure": "99213", "pay": "0.5" }]));
    let original = text(&client.held("claims")[0], "payer_claim");
    let (_, answer, _) = client.post(&again(2, "8", &original, "300.5"));
    assert_eq!(segments(&answer, "STC*A2").len(), 1, "{answer}");
    let body = client.pick_up("/outbox/SENDER");
    assert_eq!(claims(&body), ["CLP*A00000001*22*-300.5*-250.25*"]);
    assert_eq!(segments(&body, "CAS"), ["CAS*CO*45*-50.25"]);
    assert_eq!(segments(&body, "BPR*H*0*C*NON").len(), 1);
    let trace = text(&client.held("remittances")[1], "trace");
    assert_eq!(
        segments(&body, "PLB"),
        [format!("PLB*1999999984*20261231*FB:{trace}*-250.25")]
    );
    let held = client.held("claims");
    assert_eq!(text(&held[0], "status"), "void");

    // The next remittance begins with what is owed, and a void cannot be voided.
    let (_, answer, _) = client.post(&again(3, "8", &original, "300.5"));
    assert_eq!(segments(&answer, "STC*A7:464").len(), 1, "{answer}");
    client.post(&renumbered(CLAIMS, 4).replace("A0000000", "B0000000"));
    let body = client.pick_up("/outbox/SENDER");
    assert_eq!(
        segments(&body, "PLB"),
        [format!("PLB*1999999984*20261231*FB:{trace}*250.25")]
    );
    assert_eq!(segments(&body, "BPR*I*75*C*CHK").len(), 1, "{body}");
}

#[test]
fn a_replacement_is_a_reversal_and_a_correction() {
    let (mut client, _) = remitted(json!([]));
    let original = text(&client.held("claims")[0], "payer_claim");
    client.post(&again(2, "7", &original, "250.5"));
    let body = client.pick_up("/outbox/SENDER");
    assert_eq!(
        claims(&body),
        [
            "CLP*A00000001*22*-300.5*-300.5*",
            "CLP*A00000001*1*250.5*250.5*"
        ]
    );
    assert_eq!(segments(&body, "REF*F8"), [format!("REF*F8*{original}")]);
    let held = client.held("claims");
    let states: Vec<_> = held.iter().map(|claim| text(claim, "status")).collect();
    assert_eq!(states, ["replaced", "paid", "paid"]);
}

#[test]
fn what_replaces_nothing_is_rejected() {
    let mut client = Client::new(json!({}));
    let (_, answer, _) = client.post(&again(2, "7", "NOSUCH", "300.5"));
    assert_eq!(segments(&answer, "STC*A7:464:PR").len(), 1, "{answer}");
    assert!(client.pick_up("/outbox/SENDER").is_empty());
}
