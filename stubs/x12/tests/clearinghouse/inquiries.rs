//! 271 and 277, from what is held.

use wardgate_expression::{Json, json};

use crate::client::{CLAIMS, Client, renumbered, segments, sets, text};

const ELIGIBILITY: &str = include_str!("../fixtures/270.x12");
const STATUS: &str = include_str!("../fixtures/276.x12");

fn member(more: &Json) -> Json {
    let mut member = json!({ "member": "M00000001", "birth_date": "1980-02-29", "plan": "GOLD" });
    for (name, value) in more.as_object().unwrap() {
        member.as_object_mut().unwrap().push(name, value.clone());
    }
    member
}

#[test]
fn members_are_covered_or_not() {
    for (more, expected) in [
        (json!({}), "EB*1**30**GOLD"),
        (
            json!({ "payer": "P1", "from": "2026-01-01", "to": "2026-12-31" }),
            "EB*1**30**GOLD",
        ),
        (json!({ "covered": false }), "EB*6**30**GOLD"),
        (json!({ "to": "2026-02-28" }), "EB*6**30**GOLD"),
        (json!({ "from": "2026-03-02" }), "EB*6**30**GOLD"),
    ] {
        let mut client = Client::new(json!({}));
        assert_eq!(client.give("members", member(&more)).remark, None);
        let (status, body, _) = client.post(ELIGIBILITY);
        assert_eq!((status, sets(&body)), (200, vec![String::from("271")]));
        assert_eq!(segments(&body, "EB"), [expected], "{more}");
        assert_eq!(segments(&body, "TRN"), ["TRN*2*T1*9999999999"]);
        assert!(segments(&body, "AAA").is_empty());
    }
}

#[test]
fn who_is_unknown_is_told_so() {
    for (record, reason) in [
        (json!({ "member": "M00000009" }), "75"),
        (member(&json!({ "payer": "P2" })), "75"),
        (
            json!({ "member": "M00000001", "birth_date": "1980-02-28" }),
            "71",
        ),
    ] {
        let mut client = Client::new(json!({}));
        client.give("members", record.clone());
        let (_, body, _) = client.post(ELIGIBILITY);
        assert_eq!(
            segments(&body, "AAA"),
            [format!("AAA*N**{reason}*C")],
            "{record}"
        );
        assert!(segments(&body, "EB").is_empty());
    }
}

#[test]
fn an_inquiry_that_breaks_the_guide_gets_a_999() {
    let mut client = Client::new(json!({}));
    let (_, body, _) = client.post(&ELIGIBILITY.replace("BHT*0022*13", "BHT*0022*99"));
    assert_eq!(sets(&body), ["999"]);
    assert_eq!(segments(&body, "AK9"), ["AK9*R*1*1*0"]);
}

#[test]
fn the_status_of_a_claim_is_told() {
    for (rule, status) in [
        (json!({ "pay": "full" }), "STC*F1:65*20260301**300.5*300.5"),
        (
            json!({ "deny": { "carc": "29" } }),
            "STC*F2:585*20260301**300.5*0",
        ),
        (json!({ "pend": true }), "STC*P2:46*20260301**300.5*0"),
    ] {
        let mut client = Client::new(json!({ "rules": [rule.clone()] }));
        client.post(CLAIMS);
        let (_, body, _) = client.post(STATUS);
        assert_eq!(sets(&body), ["277"]);
        let said = segments(&body, "STC");
        assert!(
            said.len() == 1 && said[0].starts_with(status),
            "{rule}: {said:?}"
        );
        let claim = &client.held("claims")[0];
        assert_eq!(
            segments(&body, "REF*1K"),
            [format!("REF*1K*{}", text(claim, "payer_claim"))]
        );
        let trace = text(claim, "trace");
        assert!(trace.is_empty() || said[0].ends_with(&trace), "{said:?}");
        // The number that the payer gave names it too, whatever the submitter calls it.
        let named = STATUS.replace(
            "REF*EJ*A00000001",
            &format!("REF*1K*{}", text(claim, "payer_claim")),
        );
        let (_, body, _) = client.post(&named.replace("000000008", "000000009"));
        assert!(segments(&body, "STC")[0].starts_with(status));
    }
}

#[test]
fn a_claim_that_nobody_knows_is_told_so() {
    let mut client = Client::new(json!({}));
    let (_, body, _) = client.post(STATUS);
    assert_eq!(segments(&body, "STC"), ["STC*A4:35*20260301"]);
    client.post(&CLAIMS.replace("M00000001", "M00000007"));
    let (_, body, _) = client.post(&STATUS.replace("000000008", "000000009"));
    assert_eq!(
        segments(&body, "STC"),
        ["STC*A4:35*20260301"],
        "it is another member's"
    );
}

#[test]
fn what_is_given_is_taken_in_as_if_it_had_been_sent() {
    let mut client = Client::new(json!({}));
    let reaction = client.give("interchanges", Json::from(CLAIMS));
    assert_eq!((reaction.remark, reaction.effects.len()), (None, 4));
    let (_, body, _) = client.post(STATUS);
    assert!(segments(&body, "STC")[0].starts_with("STC*F1:65"));
    for (collection, record) in [
        ("interchanges", Json::from("nonsense")),
        (
            "interchanges",
            Json::from(renumbered(CLAIMS, 2).replace("SE*44", "SE*1")),
        ),
        ("members", json!({ "family": "X" })),
        ("members", json!({ "member": "M1", "colour": "red" })),
        ("members", json!({ "member": "M1", "from": "soon" })),
        ("claims", json!({})),
    ] {
        let reaction = client.give(collection, record);
        assert!(reaction.unhandled && reaction.remark.is_some());
    }
}
