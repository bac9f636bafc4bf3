//! The partners as stubs in async tests: the desk is called directly, with no process and no contract around.

use std::time::Duration;

use wardgate_example::{Care, Desk, Registration};
use wardgate_testkit::{Drawn, Json, Stubs};

async fn partners() -> Stubs {
    Stubs::start([("ehr", "fhir"), ("ledger", "erp")]).await
}

/// A desk between the two. A FHIR server answers at any base, an ERP at its usual one.
fn desk(stubs: &Stubs, care: Care) -> Desk {
    let (ehr, ledger) = (stubs.url("ehr"), stubs.url("ledger"));
    Desk::new(format!("{ehr}/fhir"), format!("{ledger}/api/v2.0"), care)
}

fn registration(patient: &Drawn) -> Registration {
    Registration {
        mrn: patient.text("mrn"),
        family: patient.text("family"),
        given: patient.text("given"),
        birth_date: patient.text("birth_date"),
    }
}

#[tokio::test]
async fn a_registration_reaches_both_partners_once() {
    let mut stubs = partners().await;
    let patient = stubs.draw("patient");

    desk(&stubs, Care::Careful)
        .register(&registration(&patient))
        .await
        .expect("both partners take it");

    let (ehr, ledger) = (stubs.partner("ehr"), stubs.partner("ledger"));
    // Both at the same time: each waits a moment for one too many.
    let (posted, customers) = tokio::join!(
        ehr.assert_received("POST Patient", 1),
        ledger.assert_held("customers", 1),
    );
    assert_eq!(posted[0].at("name.family"), [patient.text("family")]);
    assert_eq!(posted[0].at("birthDate"), [patient.text("birth_date")]);
    let number = customers[0].get("number").and_then(Json::as_str);
    assert_eq!(number, Some(&*patient.text("mrn")));
}

#[tokio::test]
async fn who_is_known_already_is_not_registered_again() {
    let mut stubs = partners().await;
    let patient = stubs.draw("patient");
    // In each partner's own form: a Patient here, a customer there.
    stubs.partner("ehr").seed_drawn(&patient);
    stubs.partner("ledger").seed_drawn(&patient);

    desk(&stubs, Care::Careful)
        .register(&registration(&patient))
        .await
        .expect("there is nothing to do");

    let (ehr, ledger) = (stubs.partner("ehr"), stubs.partner("ledger"));
    tokio::join!(
        ehr.assert_received("POST Patient", 0),
        ledger.assert_held("customers", 1),
    );
}

#[tokio::test]
async fn a_partners_trouble_is_outlasted_and_leaves_no_second_patient() {
    let mut stubs = partners().await;
    let registration = registration(&stubs.draw("patient"));
    let (ehr, ledger) = (stubs.partner("ehr"), stubs.partner("ledger"));
    ehr.refuse("503", 1);
    ehr.lose_reply(1);
    ledger.down(2);
    ledger.slow(Duration::from_millis(20), 1);

    desk(&stubs, Care::Careful)
        .register(&registration)
        .await
        .expect("the trouble passes");

    tokio::join!(
        ehr.assert_held("Patient", 1),
        ledger.assert_held("customers", 1),
    );
}

#[tokio::test]
#[should_panic(expected = "expected 'ehr' to receive POST Patient, exactly 1, but it received 2")]
async fn a_careless_desk_is_caught() {
    let mut stubs = partners().await;
    let registration = registration(&stubs.draw("patient"));
    stubs.partner("ehr").lose_reply(1);

    desk(&stubs, Care::Careless)
        .register(&registration)
        .await
        .expect("the trouble passes");

    stubs
        .partner("ehr")
        .assert_received("POST Patient", 1)
        .await;
}
