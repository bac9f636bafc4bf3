//! The contract's partner side on a server of the test's own: what the record is promised, with no process around.
//!
//! The code under test is called directly, with the very registration that the contract sends.

use wardgate_example::{Care, Desk, Registration};
use wardgate_testkit::{Exchange, contract, mount_interaction};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path_regex},
};

/// The ledger is not what these tests are about: it knows the company and has the customer already.
async fn ledger() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path_regex("/(companies|customers)$"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"value":[{"id":"1"}]}"#))
        .mount(&server)
        .await;
    server
}

/// What the contract sends, as the desk reads it.
fn registration(exchange: &Exchange) -> Registration {
    serde_json::from_slice(exchange.body()).expect("the contract sends registrations")
}

#[tokio::test]
async fn the_record_gets_what_the_contract_promises() {
    let contract = contract("contracts/registration.yaml").expect("it is sound");
    let (ehr, ledger) = (MockServer::start().await, ledger().await);
    let mounted = mount_interaction(&contract, "a patient is registered", "ehr", &ehr).await;

    let desk = Desk::new(ehr.uri(), ledger.uri(), Care::Careful);
    let registration = registration(mounted.only());
    desk.register(&registration)
        .await
        .expect("both partners take it");
    // Again: the search is answered from what the record holds by now, so that no second patient comes.
    desk.register(&registration)
        .await
        .expect("both partners take it");

    assert_eq!(mounted.held("Patient").len(), 1);
    // wiremock itself counts: exactly one POST of a Patient that passes every check of the contract.
    ehr.verify().await;
}

#[tokio::test]
async fn what_breaks_the_promise_is_refused_with_the_reason() {
    let contract = contract("contracts/registration.yaml").expect("it is sound");
    let (ehr, ledger) = (MockServer::start().await, ledger().await);
    let mounted = mount_interaction(&contract, "a patient is registered", "ehr", &ehr).await;

    let desk = Desk::new(ehr.uri(), ledger.uri(), Care::Careful);
    let mut wrong = registration(mounted.only());
    wrong.family.push_str("-Wrong");
    desk.register(&wrong)
        .await
        .expect_err("the contract promises another name");

    let broken = mounted.broken().join("\n");
    for part in [
        "name.first().family",
        &mounted.only().text("patient.family"),
        "-Wrong",
        "contracts/registration.yaml:",
    ] {
        assert!(broken.contains(part), "'{part}' is not in:\n{broken}");
    }
    // Nothing that counts came, and this test is not about that.
    ehr.reset().await;
}
