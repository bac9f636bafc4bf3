//! The stubs themselves: who answers when, what is kept, and where a reset goes back to.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use wardgate_core::port::Fault;
use wardgate_expression::Json;
use wardgate_runner::stubs_up::{StubPartner, StubsUpError, StubsUpOptions, bind, stubs_up};

use crate::{
    client::{ask, connect, get, read_answer, send_mllp, try_ask},
    up::{Up, patient, runtime, up},
};

const ADT: &str = "MSH|^~\\&|PAS|WARD|HUB|HOSP|20260301093000||ADT^A04^ADT_A01|MSG00000001|P|2.5.1\rEVN|A04|20260301093000\r\
                   PID|1||MZ0000000000001^^^HOSP^MR||Smith^Ann\rPV1|1|O\r";

#[test]
fn every_protocol_answers_its_own_clients() {
    let up = up();
    up.stub("ehr")
        .seed("Patient", vec![patient("p1", "Smith")])
        .expect("it can be held");
    let read = get(up.at("ehr"), "/fhir/Patient/p1");
    assert_eq!(read.pointer("/name/0/family"), Some(&Json::from("Smith")));
    let companies = get(up.at("ledger"), "/api/v2.0/companies");
    assert!(
        !companies
            .get("value")
            .and_then(Json::as_array)
            .expect("a list")
            .is_empty()
    );
    let ack = send_mllp(up.at("adt"), ADT);
    assert!(ack.contains("MSA|AA|MSG00000001"), "{ack}");
    assert_eq!(up.stub("adt").held("messages", |held| held.len()), Ok(1));
    assert_eq!(ask(up.at("web"), "GET", "/none", "").status, 404);
    for name in ["ehr", "ledger", "adt", "web"] {
        assert_eq!(up.stub(name).received_count(), 1, "{name}");
    }
}

#[test]
fn answers_over_http_are_dated_by_the_stubs_own_clock() {
    let up = Up::with(StubsUpOptions {
        started_unix_ms: 1_795_473_590_000,
        ..StubsUpOptions::new(vec![
            StubPartner::new("ehr", "fhir"),
            StubPartner::new("ledger", "erp"),
            StubPartner::new("web", "http"),
        ])
    });
    for name in ["ehr", "ledger", "web"] {
        let answer = ask(up.at(name), "GET", "/none", "");
        let date = "\r\ndate: Mon, 23 Nov 2026 22:39:5";
        assert_eq!(answer.head.matches(date).count(), 1, "{}", answer.head);
    }
}

#[test]
fn nobody_is_answered_before_the_stubs_hold_what_they_should() {
    let runtime = runtime();
    let options = StubsUpOptions::new(vec![StubPartner::new("ehr", "fhir")]);
    let bound = runtime
        .block_on(bind(&wardgate_stub_catalog::catalog(), options))
        .expect("the port can be had");
    let stub = bound.stubs()[0].clone();
    let mut early = connect(stub.address());
    early
        .write_all(b"GET /Patient/p1 HTTP/1.1\r\nhost: a\r\n\r\n")
        .expect("the port is bound");
    stub.load("Patient", [patient("p1", "Smith")])
        .expect("it can be held");
    let stubs = runtime.block_on(async { bound.serve() });
    let answer = read_answer(&mut early).expect("it is answered");
    assert_eq!(answer.status, 200, "{answer:?}");
    // What it was given before is where a reset goes back to.
    stub.seed("Patient", vec![patient("p2", "Jones")])
        .expect("it can be held");
    stub.reset();
    assert_eq!(stub.held("Patient", |held| held.len()), Ok(1));
    runtime.block_on(stubs.close());
}

#[test]
fn what_was_received_is_bounded_in_bytes_and_keeps_its_numbers() {
    let bytes_max = 40_000;
    let up = Up::with(StubsUpOptions {
        journal_bytes: bytes_max,
        ..StubsUpOptions::new(vec![StubPartner::new("web", "http")])
    });
    let body = "x".repeat(1_000);
    for number in 0..100 {
        ask(up.at("web"), "POST", &format!("/{number}"), &body);
    }
    let stub = up.stub("web");
    let (kept, bytes) = stub.journal_size();
    assert!(bytes <= bytes_max, "{bytes}");
    assert!((10..60).contains(&kept), "{kept}");
    assert_eq!(stub.received_count(), 100);
    let numbers: Vec<u64> = stub
        .received(0, 1_000)
        .iter()
        .map(|received| received.number)
        .collect();
    let first = 101 - kept as u64;
    assert_eq!(numbers, (first..=100).collect::<Vec<_>>());
    assert_eq!(stub.received(98, 1_000).len(), 2);
    assert_eq!(stub.received(first, 3).len(), 3);
}

#[test]
fn a_reset_goes_back_to_the_snapshot_and_leaves_connections_open() {
    let up = up();
    let stub = up.stub("ehr");
    stub.seed("Patient", vec![patient("p1", "Smith")])
        .expect("it can be held");
    stub.snapshot();
    let mut stream = connect(up.at("ehr"));
    let mut put = |id: &str| {
        let body = patient(id, "Later").to_string();
        let head = format!(
            "PUT /Patient/{id} HTTP/1.1\r\nhost: a\r\ncontent-type: application/fhir+json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all((head + &body).as_bytes())
            .expect("it is read");
        read_answer(&mut stream).expect("it is answered").status
    };
    assert_eq!(put("p2"), 201);
    stub.fault(Fault::Refuse {
        with: None,
        attempts: 5,
    })
    .expect("it refuses");
    stub.reset();
    assert_eq!(stub.held("Patient", |held| held.len()), Ok(1));
    assert_eq!(stub.received(0, 10).len(), 0);
    assert_eq!(put("p2"), 201, "the fault is gone, and so is the Patient");
    assert_eq!(stub.received(0, 10)[0].number, 2);
}

#[test]
fn faults_bite_so_often_and_not_more() {
    let up = up();
    let (ehr, at) = (up.stub("ehr"), up.at("ehr"));
    let put = |id: &str| {
        let body = patient(id, "Smith").to_string();
        try_ask(
            at,
            "PUT",
            &format!("/Patient/{id}"),
            "content-type: application/fhir+json\r\n",
            body.as_bytes(),
        )
    };
    ehr.fault(Fault::Down { attempts: 2 })
        .expect("it can be down");
    assert!(put("p1").is_err());
    assert!(put("p1").is_err());
    assert_eq!(put("p1").expect("it is back").status, 201);

    ehr.fault(Fault::Refuse {
        with: Some(String::from("429")),
        attempts: 1,
    })
    .expect("it refuses so");
    assert_eq!(put("p2").expect("it answers").status, 429);
    assert_eq!(put("p2").expect("it answers").status, 201);

    ehr.fault(Fault::LoseReply { attempts: 1 })
        .expect("it can lose one");
    assert!(put("p3").is_err());
    assert_eq!(
        get(at, "/Patient/p3").pointer("/id"),
        Some(&Json::from("p3"))
    );

    ehr.fault(Fault::Garble { attempts: 1 })
        .expect("it can garble one");
    let cut = put("p4").map(|answer| answer.body.len());
    assert!(
        cut.is_err() || cut.is_ok_and(|length| length < 40),
        "the reply came whole"
    );

    let by = Duration::from_millis(120);
    ehr.fault(Fault::Slow { by, attempts: 1 })
        .expect("it can be slow");
    let began = std::time::Instant::now();
    assert_eq!(put("p5").expect("it answers").status, 201);
    assert!(began.elapsed() >= by, "{:?}", began.elapsed());

    let wrong = ehr.faults(vec![
        Fault::Down { attempts: 9 },
        Fault::Refuse {
            with: Some(String::from("AE")),
            attempts: 1,
        },
    ]);
    assert!(wrong.is_err());
    assert_eq!(put("p6").expect("none of them is on").status, 201);
}

#[test]
fn a_partner_that_goes_down_resets_whoever_is_connected() {
    let up = up();
    let mut stream = connect(up.at("adt"));
    stream
        .write_all(format!("\x0b{ADT}\x1c\r").as_bytes())
        .expect("it is read");
    let mut byte = [0; 1];
    stream.read_exact(&mut byte).expect("it is acknowledged");
    up.stub("adt")
        .fault(Fault::Down { attempts: 1 })
        .expect("it can be down");
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    assert!(
        ended.is_err() || !rest.is_empty(),
        "the connection has to end"
    );
    assert!(
        stream
            .write_all(b"x")
            .and_then(|()| stream.read_exact(&mut byte))
            .is_err()
    );
}

#[test]
fn records_are_held_all_or_none() {
    let up = up();
    let stub = up.stub("ehr");
    let error = stub
        .seed(
            "Patient",
            vec![patient("p1", "Smith"), Json::from("nonsense")],
        )
        .expect_err("text is no Patient");
    assert_eq!(error.index, 1);
    assert_eq!(stub.held("Patient", |held| held.len()), Ok(0));
}

#[test]
fn what_cannot_be_served_is_said() {
    let runtime = runtime();
    let catalog = wardgate_stub_catalog::catalog();
    let try_up = |partners| runtime.block_on(stubs_up(&catalog, StubsUpOptions::new(partners)));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
    let at = taken.local_addr().expect("it is bound");
    let listen = StubPartner {
        listen: Some(at),
        ..StubPartner::new("ehr", "fhir")
    };
    let error = try_up(vec![listen]).expect_err("the port is taken");
    assert!(
        matches!(&error, StubsUpError::Listen { name, at: refused, .. } if name == "ehr" && *refused == at)
    );
    for (partners, expected) in [
        (vec![StubPartner::new("a b", "fhir")], "'a b' cannot be"),
        (
            vec![StubPartner::new("a", "http"), StubPartner::new("a", "erp")],
            "two partners",
        ),
        (vec![StubPartner::new("a", "fax")], "no protocol 'fax'"),
        (vec![StubPartner::new("a", "file")], "dropped into a folder"),
    ] {
        let error = try_up(partners).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn ports_are_free_again_once_closed() {
    let up = up();
    let ports: Vec<SocketAddr> = ["ehr", "adt", "ledger", "web"]
        .map(|name| up.at(name))
        .into_iter()
        .chain([up.control()])
        .collect();
    let mut open = connect(up.at("ehr"));
    up.close();
    let mut rest = Vec::new();
    assert!(open.read_to_end(&mut rest).is_err() || rest.is_empty());
    for port in ports {
        assert!(
            std::net::TcpStream::connect(port).is_err(),
            "{port} still answers"
        );
    }
}

#[test]
fn a_long_answer_ends_the_connection_as_a_short_one_does() {
    let up = up();
    // `ask` reads until the end of the connection.
    let long = ask(up.at("ehr"), "GET", "/metadata", "");
    assert!(long.body.len() > 64 * 1024, "{}", long.body.len());
    long.expect(200);
}
