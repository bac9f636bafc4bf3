//! Messages that begin and do not end: a peer has so long for one, and is then let go.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use wardgate_runner::stubs_up::{StubPartner, StubsUpOptions};

use crate::{
    client::{connect, read_answer},
    up::Up,
};

/// How long a message may take here.
const WITHIN: Duration = Duration::from_millis(400);
/// Less than that, so that a limit on silence alone would never bite.
const PAUSE: Duration = Duration::from_millis(50);

const FRAME: &[u8] =
    b"\x0bMSH|^~\\&|A|B|C|D|20260301||ADT^A04^ADT_A01|1|P|2.5.1\rEVN|A04|20260301\r\
    PID|1||7^^^H^MR||Smith^Ann\rPV1|1|O\r\x1c\r";

fn impatient() -> Up {
    Up::with(StubsUpOptions {
        whole_within: WITHIN,
        ..StubsUpOptions::new(vec![
            StubPartner::new("ehr", "fhir"),
            StubPartner::new("adt", "hl7v2"),
        ])
    })
}

/// Writes one byte after another until the stub has had enough; what it said then.
#[track_caller]
fn trickle(stream: &mut TcpStream, byte: u8) -> String {
    let begun = Instant::now();
    let mut heard = Vec::new();
    let mut part = [0; 1024];
    stream.set_read_timeout(Some(PAUSE)).expect("it can wait");
    while stream.write_all(&[byte]).is_ok() {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => heard.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(_) => {}
        }
        assert!(begun.elapsed() < 20 * WITHIN, "it waits for ever");
    }
    assert!(begun.elapsed() >= WITHIN / 2, "{:?}", begun.elapsed());
    String::from_utf8_lossy(&heard).into_owned()
}

#[track_caller]
fn acknowledged(stream: &mut TcpStream) {
    let (mut heard, mut byte) = (Vec::new(), [0]);
    while !heard.ends_with(b"\x1c\r") {
        assert_eq!(stream.read(&mut byte).ok(), Some(1), "{heard:?}");
        heard.push(byte[0]);
    }
}

#[test]
fn a_message_that_trickles_in_is_given_up() {
    let up = impatient();
    for (name, begin) in [
        ("adt", "\x0bMSH|"),
        ("ehr", "GET /Patient/"),
        (
            "ehr",
            "POST /Patient HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\n{",
        ),
        (
            "ehr",
            "POST /Patient HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nFFF\r\n{",
        ),
    ] {
        let mut stream = connect(up.at(name));
        stream.write_all(begin.as_bytes()).expect("it is read");
        let said = trickle(&mut stream, b'x');
        let expected = if name == "ehr" { "HTTP/1.1 408 " } else { "" };
        assert!(said.starts_with(expected), "{said}");
    }
    up.await_received("adt", 1);
    up.await_received("ehr", 3);
    let faults: Vec<String> = ["adt", "ehr"]
        .into_iter()
        .flat_map(|name| up.stub(name).received(0, 10))
        .map(|received| received.fault.unwrap_or_default())
        .collect();
    assert!(faults[0].contains("never finished"), "{faults:?}");
    assert!(
        faults[1..].iter().all(|fault| fault.contains("in time")),
        "{faults:?}"
    );
}

#[test]
fn half_a_message_behind_a_whole_one_is_given_up_too() {
    let up = impatient();
    let mut stream = connect(up.at("adt"));
    let both = [FRAME, &FRAME[..40]].concat();
    stream.write_all(&both).expect("it is read");
    acknowledged(&mut stream);
    trickle(&mut stream, b'x');
    up.await_received("adt", 2);

    let mut stream = connect(up.at("ehr"));
    stream
        .write_all(b"GET /Patient HTTP/1.1\r\nhost: a\r\n\r\nGET /Pat")
        .expect("it is read");
    let answer = read_answer(&mut stream).expect("the whole one is answered");
    assert_eq!(answer.status, 200);
    trickle(&mut stream, b'x');
}

#[test]
fn each_message_has_its_own_time() {
    let up = impatient();
    let mut stream = connect(up.at("adt"));
    let (first, second) = FRAME.split_at(40);
    let begun = Instant::now();
    stream.write_all(first).expect("it is read");
    while begun.elapsed() < 3 * WITHIN {
        std::thread::sleep(PAUSE);
        let rest_and_next = [second, first].concat();
        stream.write_all(&rest_and_next).expect("it is read");
        acknowledged(&mut stream);
    }
}

#[test]
fn an_idle_connection_is_left_open_whatever_white_space_came() {
    let up = impatient();
    let mut sender = connect(up.at("adt"));
    let mut client = connect(up.at("ehr"));
    for blank in ["\r", "\n", "\r\n\r\n\n"] {
        sender.write_all(FRAME).expect("it is read");
        acknowledged(&mut sender);
        // In a segment of its own.
        std::thread::sleep(PAUSE);
        sender.write_all(blank.as_bytes()).expect("it is read");
        client.write_all(blank.as_bytes()).expect("it is read");
        std::thread::sleep(WITHIN + 2 * PAUSE);
        client
            .write_all(b"GET /Patient HTTP/1.1\r\nhost: a\r\n\r\n")
            .expect("it is open");
        assert_eq!(read_answer(&mut client).expect("it answers").status, 200);
    }
    sender.write_all(FRAME).expect("it is open");
    acknowledged(&mut sender);
    assert_eq!(up.stub("adt").received_count(), 4);
}
