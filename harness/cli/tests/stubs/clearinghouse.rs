//! The clearinghouse over a real socket.

use std::net::SocketAddr;

use crate::process::{get, http, root, try_http_as, up};

fn post(at: SocketAddr, interchange: &str) -> (u16, String) {
    try_http_as(at, "POST", "/edi", "application/edi-x12", interchange).expect("it answers")
}

fn pick_up(at: SocketAddr) -> (u16, String) {
    http(at, "GET", "/outbox/SENDER", "")
}

#[test]
fn claims_are_acknowledged_paid_and_picked_up() {
    let running = up(["--quiet", "--x12", "127.0.0.1:0"]);
    let at = running.at("x12");
    let fixture = root().join("stubs/x12/tests/fixtures/837p.x12");
    let claims = std::fs::read_to_string(fixture).expect("it is there");
    let (status, answer) = post(at, &claims);
    assert_eq!(status, 200, "{answer}");
    for segment in ["~AK9*A*1*1*1~", "~STC*A2:20:PR*", "~TRN*2*A00000002~"] {
        assert!(answer.contains(segment), "no {segment} in {answer}");
    }
    let (status, remittance) = pick_up(at);
    assert_eq!(status, 200);
    assert!(
        remittance.contains("~CLP*A00000001*1*300.5*300.5*"),
        "{remittance}"
    );
    assert_eq!(pick_up(at), (204, String::new()));

    let held = get(running.control_at(), "/partners/x12/held/remittances");
    let record = &held["records"][0]["record"];
    assert_eq!(record["paid"], 375.5);
    let trace = record["trace"].as_str().expect("it is text");
    assert!(
        remittance.contains(&format!("~TRN*1*{trace}*")),
        "{remittance}"
    );
    let page = get(
        running.control_at(),
        "/partners/x12/received?since=0&wait=10000",
    );
    assert_eq!(page["received"][0]["label"], "837P");
    assert_eq!(page["received"][1]["label"], "GET /outbox/SENDER");

    let refused = post(at, &claims.replace("A00000001", "A00000009")).1;
    assert!(
        refused.contains("~TA1*000000001*260301*0930*R*025~"),
        "{refused}"
    );
}
