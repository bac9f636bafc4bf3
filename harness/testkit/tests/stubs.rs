//! Stubs in async tests, over real sockets.

mod wire;

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{io::AsyncReadExt, net::TcpStream};
use wardgate_testkit::{Json, Stubs, Verb};
use wire::{http, mllp, panic_of};

const SMITH: &str = r#"{"resourceType":"Patient","name":[{"family":"Smith"}]}"#;
const ADMISSION: &str = "MSH|^~\\&|PAS|WARD|PHARM|HOSP|20260301120000||ADT^A04^ADT_A01|C1|P|2.5.1\rEVN|A04|20260301120000\rPID|1||MZ1^^^HOSP^MR||O'Brien^Ann\rPV1|1|O\r";

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

/// The defect that "exactly" is there to catch: the second comes a moment after the first was seen.
#[tokio::test]
async fn a_duplicate_that_comes_after_the_first_sight_of_one_is_caught_within_the_quiet_window() {
    let panic = panic_of(async {
        // The duplicate is caught on sight, so this test is not as long as its window.
        let stubs = Stubs::start([("ehr", "fhir")])
            .await
            .quiet(Duration::from_mins(1));
        let ehr = stubs.partner("ehr");
        tokio::join!(
            ehr.assert_received("POST Patient", 1),
            twice(ehr.addr(), Duration::from_millis(50))
        );
    })
    .await;
    assert!(panic.contains("exactly 1, but it received 2"), "{panic}");

    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")])
            .await
            .quiet(Duration::from_mins(1));
        let ehr = stubs.partner("ehr");
        tokio::join!(
            ehr.assert_received("POST Patient", 0),
            twice(ehr.addr(), Duration::ZERO)
        );
    })
    .await;
    assert!(panic.contains("exactly 0, but it received"), "{panic}");

    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")])
            .await
            .within(Duration::from_millis(200))
            .quiet(Duration::from_mins(1));
        let ehr = stubs.partner("ehr");
        tokio::join!(
            ehr.assert_held("Patient", 1),
            twice(ehr.addr(), Duration::from_millis(50))
        );
    })
    .await;
    assert!(
        panic.contains("to hold 1 Patient, but it holds 2"),
        "{panic}"
    );
}

#[tokio::test]
async fn without_a_quiet_window_only_what_has_come_is_counted() {
    let stubs = Stubs::start([("ehr", "fhir")]).await.quiet(Duration::ZERO);
    let ehr = stubs.partner("ehr");
    let post = || http(ehr.addr(), "POST /Patient", SMITH);
    post().await.expect("it answers");
    assert_eq!(ehr.assert_received("POST Patient", 1).await.len(), 1);
    assert_eq!(ehr.assert_held("Patient", 1).await.len(), 1);
    // The second comes too late for the first assertion, and in time for the next.
    post().await.expect("it answers");
    assert_eq!(ehr.assert_received("POST Patient", 2).await.len(), 2);
}

#[tokio::test]
async fn exactly_takes_a_quiet_window_and_at_least_does_not() {
    let stubs = Stubs::start([("ehr", "fhir")]).await;
    let asked = Instant::now();
    stubs
        .partner("ehr")
        .assert_received("POST Patient", 0)
        .await;
    assert!(asked.elapsed() >= Duration::from_millis(100));

    let stubs = stubs.quiet(Duration::MAX);
    let ehr = stubs.partner("ehr");
    tokio::join!(
        ehr.assert_received_at_least("POST Patient", 1),
        twice(ehr.addr(), Duration::ZERO)
    );
    // One too many is none too many here.
    let found = ehr.assert_received_at_least("POST Patient", 1).await;
    assert_eq!(found.len(), 2);

    let panic = panic_of(async {
        let stubs = Stubs::start([("ehr", "fhir")])
            .await
            .within(Duration::from_millis(30));
        let ehr = stubs.partner("ehr");
        ehr.assert_received_at_least("POST Patient", 1).await;
    })
    .await;
    assert!(panic.contains("at least 1, but it received 0"), "{panic}");
}

/// A client with a defect: it sends what it has to send, and some time later once more.
async fn twice(at: SocketAddr, pause: Duration) {
    http(at, "POST /Patient", SMITH).await.expect("it answers");
    tokio::time::sleep(pause).await;
    http(at, "POST /Patient", SMITH).await.expect("it answers");
}

#[tokio::test]
async fn what_a_test_gives_while_it_is_waited_for_is_seen() {
    let stubs = Stubs::start([("ehr", "fhir")])
        .await
        .within(Duration::from_mins(1))
        .quiet(Duration::ZERO);
    let ehr = stubs.partner("ehr");
    let give = async { ehr.seed("Patient", SMITH) };
    let (held, ()) = tokio::join!(ehr.assert_held("Patient", 1), give);
    assert_eq!(held.len(), 1);
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
            "there are two partners called 'ehr'",
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
            "'ehr' cannot fail like this: ",
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

    ehr.refuse("500", 9);
    ehr.reset();
    assert_eq!(ehr.held("Patient"), []);
    assert!(ehr.received().is_empty());
    assert_eq!(status(post().await), Some(201), "a reset is a recovery too");
    ehr.snapshot();
    assert_eq!(status(post().await), Some(201));
    ehr.reset();
    assert_eq!(ehr.held("Patient").len(), 1, "what the snapshot held");
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

/// Deadlines are kept by the stubs' own clock: a test's may be paused, or not be there at all.
#[test]
fn nothing_is_needed_of_the_tests_runtime() {
    let bare = tokio::runtime::Builder::new_current_thread().build();
    bare.expect("a runtime").block_on(async {
        let stubs = Stubs::start([("ehr", "fhir")]).await;
        let mut stream = std::net::TcpStream::connect(stubs.addr("ehr")).expect("it listens");
        let post = format!(
            "POST /Patient HTTP/1.1\r\nhost: ehr\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{SMITH}",
            SMITH.len()
        );
        stream.write_all(post.as_bytes()).expect("it is taken");
        let ehr = stubs.partner("ehr");
        ehr.slow(Duration::from_millis(1), 1);
        ehr.assert_received("POST Patient", 1).await;
        ehr.assert_held("Patient", 1).await;
        ehr.recover();
    });
}

#[tokio::test]
async fn everything_closes_when_the_stubs_are_dropped_and_many_can_stand_side_by_side() {
    let one = Stubs::start([("ehr", "fhir")]).await;
    let other = Stubs::start([("ehr", "fhir")]).await;
    one.partner("ehr")
        .seed("Patient", r#"{"resourceType":"Patient","id":"only-here"}"#);
    let ask = |at| async move {
        let answer = http(at, "GET /Patient/only-here", "").await;
        answer.ok().map(|(status, _)| status)
    };
    let (here, there) = (one.addr("ehr"), other.addr("ehr"));
    assert_eq!((ask(here).await, ask(there).await), (Some(200), Some(404)));

    let mut open = TcpStream::connect(here).await.expect("it listens");
    drop(one);
    let mut byte = [0];
    let left = tokio::time::timeout(Duration::from_secs(5), open.read(&mut byte))
        .await
        .expect("the connection is closed");
    assert!(
        !left.is_ok_and(|count| count > 0),
        "nothing is said any more"
    );
    // Somebody else may have the port by now, but does not hold what was held there.
    assert_ne!(ask(here).await, Some(200));
    assert_eq!(ask(there).await, Some(404));
}
