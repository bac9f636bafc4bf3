//! Stubs in async tests, over real sockets.

mod wire;

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::net::TcpStream;
use wardgate_testkit::{Json, Stubs, Verb};
use wire::{http, mllp};

const SMITH: &str = r#"{"resourceType":"Patient","name":[{"family":"Smith"}]}"#;
const ADMISSION: &str = "MSH|^~\\&|PAS|WARD|PHARM|HOSP|20260301120000||ADT^A04^ADT_A01|C1|P|2.5.1\rEVN|A04|20260301120000\rPID|1||MZ1^^^HOSP^MR||O'Brien^Ann\rPV1|1|O\r";

/// The text of the panic with which this ends.
async fn panic_of(test: impl Future<Output = ()> + Send + 'static) -> String {
    let error = tokio::spawn(test).await.expect_err("it panics");
    let panic = error.into_panic();
    match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(other) => other
            .downcast_ref::<&str>()
            .expect("it says why")
            .to_string(),
    }
}

#[tokio::test]
async fn what_partners_receive_and_hold_can_be_asked() {
    let stubs = Stubs::start([("ehr", "fhir"), ("ledger", "erp")]).await;
    assert_eq!(stubs.url("ehr"), format!("http://{}", stubs.addr("ehr")));
    let (status, _) = http(stubs.addr("ehr"), "POST /fhir/Patient?x=1", SMITH)
        .await
        .expect("it answers");
    // A parameter on a create means nothing to a FHIR server, so the form of the request is what is looked at here.
    let ehr = stubs.partner("ehr");
    let received = &stubs.received("ehr")[0];
    assert_eq!(received.method(), Some("POST"));
    assert_eq!(received.path(), Some("/fhir/Patient"));
    assert_eq!(received.query(), Some("x=1"));
    assert_eq!(received.header("Content-Type"), Some("application/json"));
    assert_eq!(received.text(), SMITH);
    assert!(
        received
            .raw()
            .starts_with(b"POST /fhir/Patient?x=1 HTTP/1.1\r\n")
    );
    let family = received.json().expect("it is JSON");
    let family = family.get("name").and_then(|names| names.at(0));
    assert_eq!(
        family.and_then(|name| name.get("family")),
        Some(&Json::from("Smith"))
    );
    assert!(received.is("POST Patient") && !received.is("PUT Patient"));
    assert_eq!(status, 201);
    assert_eq!(received.effects()[0].0, Verb::Created);
    assert_eq!(ehr.assert_received("POST Patient", 1).await.len(), 1);
    assert_eq!(ehr.assert_held("Patient", 1).await.len(), 1);
    // Nobody spoke to the other.
    assert!(stubs.received("ledger").is_empty());
    assert_eq!(stubs.held("ledger", "customers"), []);
}

#[tokio::test]
async fn assertions_wait_for_what_comes_later() {
    let stubs = Stubs::start([("ehr", "fhir")]).await;
    let ehr = stubs.partner("ehr");
    let later = async {
        for _ in 0..3 {
            http(ehr.addr(), "POST /Patient", SMITH)
                .await
                .expect("it answers");
        }
    };
    let (received, held, ()) = tokio::join!(
        ehr.assert_received("POST Patient", 3),
        ehr.assert_held("Patient", 3),
        later
    );
    assert_eq!((received.len(), held.len()), (3, 3));
}

#[tokio::test]
async fn an_assertion_that_fails_says_what_came_instead_and_where_it_stands() {
    let line = line!() + 9;
    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")])
            .await
            .within(Duration::from_millis(30));
        http(stubs.addr("ehr"), "POST /Patient", SMITH)
            .await
            .expect("it answers");
        let ehr = stubs.partner("ehr");
        ehr.assert_received("PUT Patient", 1).await;
    })
    .await;
    for part in [
        &format!("tests/stubs.rs:{line}:"),
        "expected 'ehr' to receive PUT Patient, exactly 1, but it received 0",
        "POST /Patient",
    ] {
        assert!(panic.contains(part), "'{part}' is not in:\n{panic}");
    }

    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")]).await;
        for _ in 0..2 {
            http(stubs.addr("ehr"), "POST /Patient", SMITH)
                .await
                .expect("it answers");
        }
        stubs
            .partner("ehr")
            .assert_received("POST Patient", 1)
            .await;
    })
    .await;
    assert!(panic.contains("exactly 1, but it received 2"), "{panic}");

    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")])
            .await
            .within(Duration::from_millis(30));
        stubs.partner("ehr").assert_held("Patient", 1).await;
    })
    .await;
    for part in ["hold 1 Patient, but it holds 0", "nothing came within 30ms"] {
        assert!(panic.contains(part), "'{part}' is not in:\n{panic}");
    }
}

#[tokio::test]
async fn a_name_that_means_nothing_is_said_at_once() {
    for (panic, part) in [
        (
            panic_of(async {
                Stubs::start([("ehr", "fire")]).await;
            })
            .await,
            "there is no protocol 'fire'; there are fhir,",
        ),
        (
            panic_of(async {
                Stubs::start([("ehr", "fhir"), ("ehr", "erp")]).await;
            })
            .await,
            "two partners are called 'ehr'",
        ),
        (
            panic_of(async {
                Stubs::start([("ehr", "fhir")]).await.url("her");
            })
            .await,
            "there is no partner 'her'; there are ehr",
        ),
        (
            panic_of(async {
                let stubs = Stubs::start([("ehr", "fhir")]).await;
                stubs.partner("ehr").assert_received("Patient", 1).await;
            })
            .await,
            "'Patient' selects nothing at 'ehr'",
        ),
        (
            panic_of(async {
                Stubs::start([("ehr", "fhir")]).await.held("ehr", "Pacient");
            })
            .await,
            "'ehr' holds no 'Pacient'",
        ),
        (
            panic_of(async {
                Stubs::start([("ehr", "fhir")])
                    .await
                    .partner("ehr")
                    .refuse("AE", 1);
            })
            .await,
            "does not refuse with 'AE'",
        ),
        (
            panic_of(async {
                let options = Json::parse(r#"{"colour":"red"}"#).expect("it is JSON");
                Stubs::start([("ehr", "fhir", options)]).await;
            })
            .await,
            "colour",
        ),
    ] {
        assert!(panic.contains(part), "'{part}' is not in:\n{panic}");
    }
}

#[tokio::test]
async fn partners_fail_as_they_are_told_and_then_recover() {
    let stubs = Stubs::start([("ehr", "fhir")]).await;
    let ehr = stubs.partner("ehr");
    let post = || http(ehr.addr(), "POST /Patient", SMITH);
    let status = |answer: std::io::Result<(u16, String)>| answer.ok().map(|(status, _)| status);

    ehr.refuse("503", 1);
    assert_eq!(status(post().await), Some(503));
    assert!(!ehr.received()[0].is_handled());
    assert_eq!(ehr.received()[0].remark(), Some("refused: 503"));
    assert_eq!(status(post().await), Some(201));
    assert_eq!(ehr.received_as("POST Patient").len(), 1);

    ehr.down(2);
    assert_eq!((status(post().await), status(post().await)), (None, None));
    assert_eq!(status(post().await), Some(201));

    ehr.lose_reply(1);
    assert_eq!(status(post().await), None);
    assert_eq!(ehr.held("Patient").len(), 3, "it was taken in all the same");
    ehr.garble(1);
    assert_eq!(status(post().await), None);

    ehr.slow(Duration::from_millis(40), 1);
    let asked = Instant::now();
    assert_eq!(status(post().await), Some(201));
    assert!(asked.elapsed() >= Duration::from_millis(40));

    ehr.refuse("500", 9);
    ehr.recover();
    assert_eq!(status(post().await), Some(201));

    ehr.reset();
    assert_eq!(ehr.held("Patient"), []);
}

#[tokio::test]
async fn hl7_v2_is_spoken_over_mllp() {
    let stubs = Stubs::start([("pharmacy", "hl7v2")]).await;
    let pharmacy = stubs.partner("pharmacy");
    let ack = mllp(pharmacy.addr(), ADMISSION).await.expect("it answers");
    assert!(ack.contains("MSA|AA|C1"), "{ack}");
    let received = pharmacy.assert_received("ADT^A04", 1).await.remove(0);
    assert_eq!(received.at("PID-5.1"), ["O'Brien"]);
    assert_eq!(received.at("PID-30"), Vec::<String>::new());
    assert_eq!(received.body(), ADMISSION.as_bytes());
    assert_eq!((received.method(), received.path()), (None, None));

    pharmacy.refuse("AE", 1);
    let ack = mllp(pharmacy.addr(), ADMISSION).await.expect("it answers");
    assert!(ack.contains("MSA|AE|C1"), "{ack}");
}

#[tokio::test]
async fn partners_hold_what_they_are_given() {
    let mut stubs = Stubs::start([("ehr", "fhir"), ("ledger", "erp")]).await;
    let ehr = stubs.partner("ehr");
    ehr.seed(
        "Patient",
        r#"{"resourceType":"Patient","id":"p1","gender":"female"}"#,
    );
    let (status, body) = http(ehr.addr(), "GET /fhir/Patient/p1", "")
        .await
        .expect("it answers");
    assert_eq!(status, 200);
    assert!(body.contains(r#""gender":"female""#), "{body}");

    let patient = stubs.draw("patient");
    let (ehr, ledger) = (stubs.partner("ehr"), stubs.partner("ledger"));
    ehr.seed_drawn(&patient);
    ledger.seed_drawn(&patient);
    let family = Json::from(patient.text("family").as_str());
    let known = ehr.held("Patient").iter().any(|held| {
        let name = held.get("name").and_then(|names| names.at(0));
        name.and_then(|name| name.get("family")) == Some(&family)
    });
    assert!(known, "{:?}", ehr.held("Patient"));
    let customer = &ledger.assert_held("customers", 1).await[0];
    assert_eq!(
        customer.get("number"),
        Some(&Json::from(patient.text("mrn").as_str()))
    );
    // What comes later is about the same person.
    let visit = stubs.draw("encounter");
    assert_eq!(visit.text("patient.mrn"), patient.text("mrn"));

    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")]).await;
        stubs.partner("ehr").seed("Patient", "{");
    })
    .await;
    assert!(panic.contains("is not JSON"), "{panic}");
    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")]).await;
        stubs.partner("ehr").seed("Pacient", "{}");
    })
    .await;
    assert!(panic.contains("'ehr' does not hold it"), "{panic}");
}

/// A test on one thread may use a client that blocks it.
#[tokio::test]
async fn clients_that_block_the_tests_thread_are_answered() {
    let stubs = Stubs::start([("ehr", "fhir")]).await;
    let mut stream = std::net::TcpStream::connect(stubs.addr("ehr")).expect("it listens");
    let wait = Some(Duration::from_secs(10));
    stream.set_read_timeout(wait).expect("it can be set");
    stream
        .write_all(b"GET /metadata HTTP/1.1\r\nhost: ehr\r\nconnection: close\r\n\r\n")
        .expect("it is taken");
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn ports_close_when_the_stubs_are_dropped_and_many_can_stand_side_by_side() {
    let one = Stubs::start([("ehr", "fhir")]).await;
    let other = Stubs::start([("ehr", "fhir")]).await;
    http(one.addr("ehr"), "POST /Patient", SMITH)
        .await
        .expect("it answers");
    assert_eq!(
        (
            one.held("ehr", "Patient").len(),
            other.held("ehr", "Patient").len()
        ),
        (1, 0)
    );

    let at = one.addr("ehr");
    drop(one);
    tokio::time::timeout(Duration::from_secs(5), refused(at))
        .await
        .expect("the port is closed");
    let (status, _) = http(other.addr("ehr"), "GET /metadata", "")
        .await
        .expect("it answers");
    assert_eq!(status, 200);
}

async fn refused(at: SocketAddr) {
    while TcpStream::connect(at).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
