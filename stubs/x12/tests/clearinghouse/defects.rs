//! Every defect shows, and nothing else changes with it.

use wardgate_core::port::{Control, Fault, Input, Moment};
use wardgate_expression::json;

use crate::client::{CLAIMS, Client, segments, sets, text};

fn defective(name: &str) -> Client {
    Client::new(json!({ "defects": [name] }))
}

#[test]
fn a_lost_999_is_there_when_the_claims_are_sent_again() {
    let mut client = defective("lost-999");
    let (status, body, effects) = client.post(CLAIMS);
    assert_eq!((status, body.as_str(), effects), (200, "", 4));
    let (_, body, effects) = client.post(CLAIMS);
    assert_eq!((sets(&body).len(), effects), (2, 0));
}

#[test]
fn a_late_835_is_there_after_two_seconds() {
    let mut client = defective("late-835");
    client.post(CLAIMS);
    assert!(client.pick_up("/outbox/SENDER").is_empty());
    client.wait(2_000);
    assert_eq!(sets(&client.pick_up("/outbox/SENDER")), ["835"]);
}

#[test]
fn a_wrong_trace_is_not_that_of_the_payment() {
    let mut client = defective("wrong-trace");
    client.post(CLAIMS);
    let trace = text(&client.held("remittances")[0], "trace");
    let said = segments(&client.pick_up("/outbox/SENDER"), "TRN");
    assert!(said.len() == 1 && !said[0].contains(&trace), "{said:?}");
}

#[test]
fn a_duplicate_remittance_is_the_same_payment_in_another_interchange() {
    let mut client = defective("duplicate-remittance");
    client.post(CLAIMS);
    let body = client.pick_up("/outbox/SENDER");
    let traces = segments(&body, "TRN");
    assert_eq!((traces.len(), &traces[0]), (2, &traces[1]));
    let headers = segments(&body, "ISA");
    assert_ne!(headers[0], headers[1]);
    assert_eq!(client.held("remittances").len(), 1);
}

#[test]
fn a_mismatched_claim_is_another_number() {
    let mut client = defective("mismatched-claim");
    client.post(CLAIMS);
    let body = client.pick_up("/outbox/SENDER");
    assert_eq!(segments(&body, "CLP*X00000001").len(), 1);
    assert_eq!(segments(&body, "CLP*A00000002").len(), 1);
}

#[test]
fn the_faults_of_every_stub_are_played() {
    let mut client = Client::new(json!({}));
    let at = Moment {
        elapsed: std::time::Duration::ZERO,
        unix_ms: 0,
    };
    let fault = Control::Fault(Fault::Refuse {
        with: Some(String::from("429")),
        attempts: 1,
    });
    client.stub.receive(at, Input::Control(&fault));
    assert_eq!(client.post(CLAIMS).0, 429);
    assert!(client.held("claims").is_empty());
    client.post(CLAIMS);
    client.stub.receive(at, Input::Control(&Control::Reset));
    assert!(client.stub.collections().is_empty());
    assert_eq!(sets(&client.post(CLAIMS).1), ["999", "277"]);
}
