//! A stub that is at something long: whoever wants something of another is served meanwhile.

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use wardgate_core::{
    event::{Event, EventKind},
    port::Reaction,
    wire::Direction,
};
use wardgate_expression::Json;
use wardgate_runner::{
    Observer,
    stubs_up::{StubPartner, StubsUpOptions},
};

use crate::{
    client::{ask, connect, get, read_answer},
    up::{Up, patient},
};

/// From this length on a message is a long piece of work.
const LONG: usize = 300_000;

/// Makes a long message take until the test lets it go.
struct Stall {
    begun: Mutex<Sender<()>>,
    end: Mutex<Receiver<()>>,
}

impl Observer for Stall {
    fn event(&self, _lane: usize, event: &Event, _reaction: &Reaction) {
        if let EventKind::Wire(wire) = &event.kind
            && wire.direction == Direction::FromCandidate
            && wire.bytes.len() > LONG
        {
            let _ = self.begun.lock().expect("one waits").send(());
            let _ = self.end.lock().expect("one waits").recv();
        }
    }
}

#[test]
fn a_stub_that_is_at_something_long_keeps_no_other_waiting() {
    let (begun, has_begun) = channel();
    let (end, ends) = channel();
    let up = Up::with(StubsUpOptions {
        control: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        observer: Some(Arc::new(Stall {
            begun: Mutex::new(begun),
            end: Mutex::new(ends),
        })),
        ..StubsUpOptions::new(vec![
            StubPartner::new("ehr", "fhir"),
            StubPartner::new("web", "http"),
        ])
    });
    // Dropped before the stubs are, so that a failure lets the message go as well.
    let end = end;
    let body = patient("p1", &"x".repeat(LONG)).to_string();
    let mut long = connect(up.at("ehr"));
    let head = format!(
        "PUT /fhir/Patient/p1 HTTP/1.1\r\nhost: a\r\ncontent-type: application/fhir+json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    long.write_all(head.as_bytes()).expect("it is read");
    long.write_all(body.as_bytes()).expect("it is read");
    has_begun
        .recv_timeout(Duration::from_secs(20))
        .expect("the message is taken in");
    // More clients than the runtime has threads wait for the same stub, and so does one of the control API.
    let mut waiting: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = connect(up.at("ehr"));
            stream
                .write_all(b"GET /fhir/Patient/p1 HTTP/1.1\r\nhost: a\r\n\r\n")
                .expect("it is read");
            stream
        })
        .collect();
    let mut of_control = connect(up.control());
    of_control
        .write_all(b"GET /partners/ehr HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        .expect("it is read");
    for _ in 0..20 {
        assert_eq!(ask(up.at("web"), "GET", "/none", "").status, 404);
        let web = get(up.control(), "/partners/web");
        assert_eq!(web.get("name"), Some(&Json::from("web")));
        let all = get(up.control(), "/partners");
        assert_eq!(
            all.pointer("/partners/0/busy"),
            Some(&Json::from(true)),
            "{all}"
        );
        assert!(all.pointer("/partners/1/holds").is_some(), "{all}");
        let received = get(up.control(), "/partners/web/received?since=0&wait=1");
        assert!(received.get("received").is_some());
    }
    end.send(()).expect("it waits");
    let stored = read_answer(&mut long).expect("it is answered");
    assert_eq!(stored.status, 201);
    for stream in &mut waiting {
        let read = read_answer(stream).expect("it is answered");
        assert_eq!(read.status, 200);
    }
    let seen = read_answer(&mut of_control).expect("it is answered");
    assert_eq!(seen.status, 200);
    up.close();
}
