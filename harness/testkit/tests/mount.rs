//! A contract's partner side on a `wiremock::MockServer`, asked over real sockets.

mod wire;

use std::sync::Arc;

use wardgate_testkit::{Contract, Exchange, Json, contract, mount, mount_interaction};
use wire::{http, panic_of};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

const TAKEN_IN: &str = "a patient is taken in";
const KNOWN: &str = "a patient who is known is not taken in again";

fn intake() -> Arc<Contract> {
    contract("tests/fixture/mount/intake.yaml").expect("it is sound")
}

/// The patient of an interaction, as a FHIR server takes it.
fn patient(exchange: &Exchange) -> String {
    format!(
        r#"{{"resourceType":"Patient","identifier":[{{"value":"{}"}}],"name":[{{"family":"{}"}}]}}"#,
        exchange.text("patient.mrn"),
        exchange.text("patient.family")
    )
}

async fn post(server: &MockServer, body: &str) -> (u16, String) {
    http(*server.address(), "POST /fhir/Patient", body)
        .await
        .expect("it answers")
}

/// Asks for the patients with the number of an interaction; the answer's body.
async fn look_up(server: &MockServer, exchange: &Exchange) -> String {
    let search = format!("GET /Patient?identifier={}", exchange.text("patient.mrn"));
    let (status, body) = http(*server.address(), &search, "")
        .await
        .expect("it answers");
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn each_interaction_has_values_of_its_own_and_counts_what_is_its() {
    let server = MockServer::start().await;
    let mounted = mount(&intake(), "ehr", &server).await;
    let (taken_in, known) = (mounted.interaction(TAKEN_IN), mounted.interaction(KNOWN));
    assert_ne!(taken_in.text("patient.mrn"), known.text("patient.mrn"));
    let sent = Json::parse(&String::from_utf8_lossy(taken_in.body())).expect("it sends JSON");
    assert_eq!(sent.get("family"), Some(&taken_in.value("patient.family")));

    // What `given:` says is there from the beginning, and only in the interaction that says it.
    assert!(look_up(&server, known).await.contains(r#""total":1"#));
    assert!(look_up(&server, taken_in).await.contains(r#""total":0"#));
    assert_eq!(mounted.held("Patient").len(), 1);

    let (status, body) = post(&server, &patient(taken_in)).await;
    assert_eq!(status, 201, "{body}");
    assert_eq!(mounted.held("Patient").len(), 2);
    assert_eq!(mounted.broken(), Vec::<String>::new());
    server.verify().await;
}

#[tokio::test]
async fn one_too_many_is_caught_by_wiremocks_own_count() {
    let panic = panic_of(async {
        let server = MockServer::start().await;
        let mounted = mount_interaction(&intake(), TAKEN_IN, "ehr", &server).await;
        for _ in 0..2 {
            assert_eq!(post(&server, &patient(mounted.only())).await.0, 201);
        }
        server.verify().await;
    })
    .await;
    for part in [
        "a patient is taken in: ehr received POST Patient, exactly 1",
        "Number of matched incoming requests: 2",
    ] {
        assert!(panic.contains(part), "'{part}' is not in:\n{panic}");
    }

    // As is one that is to be absent, and one that never came.
    for interaction in [KNOWN, TAKEN_IN] {
        let panic = panic_of(async move {
            let server = MockServer::start().await;
            let mounted = mount_interaction(&intake(), interaction, "ehr", &server).await;
            look_up(&server, mounted.only()).await;
            if interaction == KNOWN {
                post(&server, r#"{"resourceType":"Patient"}"#).await;
            }
            server.verify().await;
        })
        .await;
        assert!(panic.contains("ehr received POST Patient"), "{panic}");
    }
}

#[tokio::test]
async fn what_does_not_keep_the_promise_is_refused_and_told() {
    let server = MockServer::start().await;
    let mounted = mount_interaction(&intake(), TAKEN_IN, "ehr", &server).await;
    let right = mounted.only().text("patient.family");
    let (status, said) = post(
        &server,
        &patient(mounted.only()).replace(&right, &format!("not {right}")),
    )
    .await;
    assert_eq!(status, 422);
    assert_eq!(mounted.broken(), std::slice::from_ref(&said));
    for part in [
        TAKEN_IN,
        "tests/fixture/mount/intake.yaml:",
        "name.first().family",
        &format!("not {right}"),
    ] {
        assert!(said.contains(part), "'{part}' is not in:\n{said}");
    }
    assert_eq!(mounted.held("Patient"), []);
    server.reset().await;
}

#[tokio::test]
async fn mocks_of_the_tests_own_go_before_the_partners_other_answers() {
    let server = MockServer::start().await;
    Mock::given(path("/fhir/metadata"))
        .respond_with(ResponseTemplate::new(418))
        .mount(&server)
        .await;
    let mounted = mount_interaction(&intake(), TAKEN_IN, "ehr", &server).await;
    let ask = |what: &'static str| http(*server.address(), what, "");
    assert_eq!(ask("GET /fhir/metadata").await.expect("it answers").0, 418);
    assert_eq!(ask("GET /metadata").await.expect("it answers").0, 200);
    assert_eq!(post(&server, &patient(mounted.only())).await.0, 201);
}

#[tokio::test]
async fn what_cannot_be_mounted_is_said_with_what_there_is() {
    for (interaction, partner, parts) in [
        (None, "her", &["no such partner", "ehr, idle, pharmacy"][..]),
        (None, "pharmacy", &["it speaks hl7v2", "Stubs"]),
        (None, "idle", &["no interaction expects it to receive"]),
        (Some("nothing"), "ehr", &["it has no interaction 'nothing'"]),
    ] {
        let panic = panic_of(async move {
            let server = MockServer::start().await;
            match interaction {
                Some(name) => mount_interaction(&intake(), name, partner, &server).await,
                None => mount(&intake(), partner, &server).await,
            };
        })
        .await;
        for part in parts.iter().chain(&["the contract 'fixture/intake'"]) {
            assert!(panic.contains(part), "'{part}' is not in:\n{panic}");
        }
    }
    let panic = panic_of(async {
        let server = MockServer::start().await;
        let mounted = mount(&intake(), "ehr", &server).await;
        server.reset().await;
        mounted.only();
    })
    .await;
    assert!(panic.contains("interactions were mounted"), "{panic}");

    let error = contract("tests/fixture/mount").map(drop);
    assert!(
        error.is_ok(),
        "a folder of one contract names it: {error:?}"
    );
    let error = contract("tests/fixture/nowhere.yaml").expect_err("there is none");
    assert!(error.to_string().contains("nowhere.yaml"), "{error}");
}
