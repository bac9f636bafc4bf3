//! What is answered to what is posted: TA1, 999 and 277CA.

use wardgate_expression::json;

use crate::client::{CLAIMS, Client, renumbered, segments, sets, text};

#[test]
fn sound_claims_are_accepted_each_with_one_outcome() {
    let mut client = Client::new(json!({}));
    let (status, body, effects) = client.post(CLAIMS);
    assert_eq!(status, 200);
    assert_eq!(sets(&body), ["999", "277"]);
    assert_eq!(segments(&body, "AK9"), ["AK9*A*1*1*1"]);
    assert_eq!(
        segments(&body, "TRN*2"),
        ["TRN*2*B1", "TRN*2*A00000001", "TRN*2*A00000002"]
    );
    assert_eq!(
        segments(&body, "STC"),
        [
            "STC*A1:19:PR*20260301*WQ*375.5",
            "STC*A2:20:PR*20260301*WQ*300.5",
            "STC*A2:20:PR*20260301*WQ*75",
        ]
    );
    // The interchange, two claims and their remittance.
    assert_eq!(effects, 4);
    let claims = client.held("claims");
    assert_eq!(claims.len(), 2);
    assert_eq!(text(&claims[0], "status"), "paid");
    assert_eq!(text(&claims[0], "paid"), "300.5");
    assert_eq!(text(&claims[1], "given"), "CARA");
    assert_eq!(text(&claims[1], "member"), "M00000002");
    assert_eq!(
        text(&client.held("interchanges")[0], "control_number"),
        "000000001"
    );
    assert_eq!(
        client.stub.collections(),
        ["interchanges", "claims", "remittances"]
    );
}

#[test]
fn the_same_interchange_gets_the_same_answer_and_has_no_second_effect() {
    let mut client = Client::new(json!({}));
    let (_, first, _) = client.post(CLAIMS);
    let (_, second, effects) = client.post(CLAIMS);
    assert_eq!((first, effects), (second, 0));
    assert_eq!(client.held("claims").len(), 2);
    assert_eq!(
        segments(&client.pick_up("/outbox/SENDER"), "ST*835").len(),
        1
    );
}

#[test]
fn a_control_number_that_was_used_is_refused() {
    let mut client = Client::new(json!({}));
    client.post(CLAIMS);
    let (_, body, effects) = client.post(&CLAIMS.replace("A00000001", "A00000009"));
    assert_eq!(segments(&body, "TA1"), ["TA1*000000001*260301*0930*R*025"]);
    assert_eq!((sets(&body).len(), effects), (1, 0));

    let mut strict = Client::new(json!({ "replays": "refuse" }));
    strict.post(CLAIMS);
    let (_, body, effects) = strict.post(CLAIMS);
    assert_eq!(segments(&body, "TA1"), ["TA1*000000001*260301*0930*R*025"]);
    assert_eq!(effects, 0);
}

#[test]
fn a_claim_that_came_before_is_rejected_as_a_duplicate() {
    let mut client = Client::new(json!({}));
    client.post(CLAIMS);
    let (_, body, effects) = client.post(&renumbered(CLAIMS, 2));
    assert_eq!(segments(&body, "AK9"), ["AK9*A*1*1*1"]);
    let outcomes = segments(&body, "STC*A3:54");
    assert_eq!(
        outcomes,
        [
            "STC*A3:54:PR*20260301*U*300.5",
            "STC*A3:54:PR*20260301*U*75"
        ]
    );
    assert_eq!(effects, 1, "the interchange was taken in, and nothing else");
    assert_eq!(client.held("claims").len(), 2);

    let mut lax = Client::new(json!({ "duplicates": "accept" }));
    lax.post(CLAIMS);
    lax.post(&renumbered(CLAIMS, 2));
    assert_eq!(lax.held("claims").len(), 4);
}

#[test]
fn what_breaks_the_guide_is_rejected_by_999_and_can_come_again() {
    let mut client = Client::new(json!({}));
    let broken = CLAIMS.replace("SE*44*", "SE*45*");
    let (status, body, effects) = client.post(&broken);
    assert_eq!((status, effects), (200, 0));
    assert_eq!(segments(&body, "AK9"), ["AK9*R*1*1*0"]);
    assert_eq!(sets(&body), ["999"]);
    assert!(client.held("claims").is_empty());
    let (_, body, _) = client.post(CLAIMS);
    assert_eq!(segments(&body, "AK9"), ["AK9*A*1*1*1"]);
}

#[test]
fn what_breaks_the_envelope_is_rejected_by_ta1() {
    let mut client = Client::new(json!({}));
    let (_, body, effects) = client.post(&CLAIMS.replace("IEA*1*000000001", "IEA*1*000000002"));
    assert_eq!(segments(&body, "TA1"), ["TA1*000000001*260301*0930*R*001"]);
    assert_eq!((sets(&body).len(), effects), (1, 0));
    assert!(client.held("interchanges").is_empty());
}

#[test]
fn a_claim_that_does_not_add_up_is_rejected_and_the_other_is_not() {
    let mut client = Client::new(json!({}));
    let (_, body, _) = client.post(&CLAIMS.replace("SV1*HC:99212*75", "SV1*HC:99212*70"));
    assert_eq!(segments(&body, "AK9"), ["AK9*A*1*1*1"]);
    assert_eq!(
        segments(&body, "STC")[1..],
        [
            "STC*A2:20:PR*20260301*WQ*300.5",
            "STC*A7:400:PR*20260301*U*75"
        ]
    );
    let claims = client.held("claims");
    assert_eq!(text(&claims[1], "status"), "rejected");
    assert!(
        text(&claims[1], "reason").contains("CLM"),
        "{:?}",
        claims[1]
    );
}

#[test]
fn what_a_situation_asks_for_rejects_the_claims_that_it_is_about() {
    let mut client = Client::new(json!({}));
    // The subscriber of the first claim is its patient, and lacks a birth date.
    let text = CLAIMS
        .replace("DMG*D8*19800229*F~\n", "")
        .replace("SE*44*", "SE*43*");
    let (_, body, _) = client.post(&text);
    assert_eq!(
        segments(&body, "STC")[1..],
        [
            "STC*A6:21:PR*20260301*U*300.5",
            "STC*A2:20:PR*20260301*WQ*75"
        ]
    );
}

#[test]
fn members_can_be_asked_for() {
    let mut client = Client::new(json!({ "members": "strict" }));
    client.give("members", json!({ "member": "M00000002", "payer": "P1" }));
    let (_, body, _) = client.post(CLAIMS);
    assert_eq!(
        segments(&body, "STC")[1..],
        [
            "STC*A3:33:IL*20260301*U*300.5",
            "STC*A2:20:PR*20260301*WQ*75"
        ]
    );
}

#[test]
fn a_ta1_comes_first_where_it_is_asked_for() {
    let mut client = Client::new(json!({}));
    let (_, body, _) = client.post(&CLAIMS.replace("*0*T*:~", "*1*T*:~"));
    assert_eq!(sets(&body), ["TA1", "999", "277"]);
}

#[test]
fn other_delimiters_are_answered_in_kind() {
    let mut client = Client::new(json!({}));
    let other = CLAIMS
        .replace('*', "|")
        .replace(':', ">")
        .replace("A00000001", "A:*00001");
    let (status, body, _) = client.post(&other);
    assert_eq!(status, 200);
    assert_eq!(segments(&body, "TRN|2|A:").len(), 1, "{body}");
    assert_eq!(
        segments(&client.pick_up("/outbox/SENDER"), "CLP|A:*00001").len(),
        1
    );
}

#[test]
fn institutional_and_dental_claims_are_taken() {
    for (text, kind) in [
        (include_str!("../fixtures/837i.x12"), "837I"),
        (include_str!("../fixtures/837d.x12"), "837D"),
    ] {
        let mut client = Client::new(json!({ "rules": [{ "pay": "0.5" }] }));
        let (_, body, _) = client.post(text);
        assert_eq!(sets(&body), ["999", "277"], "{body}");
        let claims = client.held("claims");
        assert!(!claims.is_empty());
        for claim in &claims {
            assert_eq!(crate::client::text(claim, "kind"), kind);
            assert_eq!(
                crate::client::text(claim, "status"),
                "part paid",
                "{claim:?}"
            );
        }
        assert!(!client.pick_up("/outbox/SENDER").is_empty());
    }
}

#[test]
fn what_is_no_interchange_is_refused_by_its_status() {
    let mut client = Client::new(json!({}));
    for body in ["", "nonsense", "ISA*00"] {
        let (status, _, effects) = client.post(body);
        assert_eq!((status, effects), (400, 0), "{body}");
    }
}
