//! Each fault of transport, acknowledgement and delivery shows on the wire; those of content are tested where they are.

use std::time::Duration;

use crate::support::{House, a04, frame, frame_bytes, p03};
use tokio::time::timeout;

#[tokio::test]
async fn acks_before_storing() {
    let mut house = House::open(&["acks-before-storing"]).await;
    assert!(house.send(&a04("C1", "M1")).await.contains("MSA|AA|C1"));
    house.kill_and_restart().await;
    house.settle().await;
    assert!(
        house.books.calls("/fhir/").is_empty(),
        "the message is lost"
    );
    house.send(&a04("C2", "M2")).await;
    house
        .until("a message that is not interrupted arrives", || {
            !house.books.calls("M2").is_empty()
        })
        .await;
}

#[tokio::test]
async fn ack_after_delivery() {
    let house = House::open(&["ack-after-delivery"]).await;
    house.books.fail(503, usize::MAX);
    let mut sender = house.connect().await;
    sender.write(&frame(&a04("C1", "M1"))).await;
    assert!(sender.is_silent().await);
    house.books.fail(503, 0);
    assert!(sender.answer().await.contains("MSA|AA|C1"));
}

#[tokio::test]
async fn duplicates_on_retry() {
    let house = House::open(&["duplicates-on-retry"]).await;
    let first = house.send(&a04("C1", "M1")).await;
    assert_ne!(house.send(&a04("C1", "M1")).await, first);
    house.settle().await;
    assert_eq!(house.books.calls("/fhir/").len(), 2);
}

#[tokio::test]
async fn partial_frame_dropped() {
    let house = House::open(&["partial-frame-dropped"]).await;
    let mut sender = house.connect().await;
    let whole = frame(&a04("C1", "M1"));
    let (head, tail) = whole.split_at(40);
    sender.write(head).await;
    assert!(sender.is_silent().await);
    sender.write(tail).await;
    assert!(sender.is_silent().await, "the frame is gone");
    sender.write(&whole).await;
    assert!(sender.answer().await.contains("MSA|AA|C1"));
}

#[tokio::test]
async fn second_frame_ignored() {
    let house = House::open(&["second-frame-ignored"]).await;
    let mut sender = house.connect().await;
    sender
        .write(&[frame(&a04("C1", "M1")), frame(&a04("C2", "M2"))].concat())
        .await;
    assert!(sender.answer().await.contains("MSA|AA|C1"));
    assert!(sender.is_silent().await);
}

#[tokio::test]
async fn crash_on_garbage() {
    let mut house = House::open(&["crash-on-garbage"]).await;
    let mut sender = house.connect().await;
    sender.write(&frame_bytes(b"hello")).await;
    let status = timeout(Duration::from_secs(10), house.hub.wait())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.code(), Some(101));
}

#[tokio::test]
async fn closes_on_garbage() {
    let house = House::open(&["closes-on-garbage"]).await;
    let mut sender = house.connect().await;
    sender.write(&frame_bytes(b"hello")).await;
    assert!(sender.is_closed().await);
}

#[tokio::test]
async fn hangs_after_ten() {
    let house = House::open(&["hangs-after-ten"]).await;
    for number in 0..10 {
        house.send(&a04(&format!("C{number}"), "M1")).await;
    }
    let mut sender = house.connect().await;
    sender.write(&frame(&a04("C10", "M1"))).await;
    assert!(sender.is_silent().await);
    assert_eq!(house.ask("GET", "/health", &[], "").await.0, 200);
}

#[tokio::test]
async fn server_error_not_retried() {
    let house = House::open(&["server-error-not-retried"]).await;
    house.books.fail(503, 1);
    house.send(&a04("C1", "M1")).await;
    assert_eq!(house.settle().await["failed"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn retried_twice() {
    let house = House::open(&["retried-twice"]).await;
    house.send(&a04("C1", "M1")).await;
    house.settle().await;
    assert_eq!(
        house.books.bodies("PUT", "Patient").len(),
        1,
        "without trouble there is no difference"
    );
    house.books.fail(503, 2);
    house.send(&a04("C2", "M1")).await;
    house.settle().await;
    assert!(house.books.bodies("PUT", "Patient").len() + house.books.calls("PATCH").len() >= 4);
}

#[tokio::test]
async fn outbox_lost_on_restart() {
    let mut house = House::open(&["outbox-lost-on-restart"]).await;
    house.books.fail(503, usize::MAX);
    house.send(&a04("C1", "M1")).await;
    house.kill_and_restart().await;
    house.books.fail(503, 0);
    house.settle().await;
    assert!(house.books.bodies("POST", "/customers").is_empty());
}

#[tokio::test]
async fn second_customer() {
    let house = House::open(&["second-customer"]).await;
    house.send(&a04("C1", "M1")).await;
    house.send(&a04("C2", "M1")).await;
    house.settle().await;
    assert_eq!(house.books.bodies("POST", "/customers").len(), 2);
}

#[tokio::test]
async fn unbalanced_posting() {
    let house = House::open(&["unbalanced-posting"]).await;
    house.send(&p03("C1", "M1").replace("X1^", "T1^")).await;
    house.settle().await;
    let invoices = house.books.bodies("POST", "/salesInvoices");
    assert!(
        invoices[0].contains("\"lineObjectNumber\":\"TAX\"") && invoices[0].contains("0.70"),
        "{invoices:?}"
    );
    assert_eq!(house.books.calls("NAV.post").len(), 1);
}

#[tokio::test]
async fn invoice_left_unposted() {
    let house = House::open(&["invoice-left-unposted"]).await;
    house.send(&p03("C1", "M1")).await;
    house.settle().await;
    assert_eq!(house.books.bodies("POST", "/salesInvoices").len(), 1);
    assert!(house.books.calls("NAV.post").is_empty());
}

#[tokio::test]
async fn lost_201_repeated() {
    for (defects, invoices) in [(&[][..], 1), (&["lost-201-repeated"][..], 2)] {
        let house = House::open(defects).await;
        house
            .books
            .lost_answers
            .store(1, std::sync::atomic::Ordering::SeqCst);
        house.send(&p03("C1", "M1")).await;
        house.settle().await;
        let created = house
            .books
            .calls("/salesInvoices")
            .into_iter()
            .filter(|call| call.ends_with("/salesInvoices"))
            .count();
        assert_eq!(created, invoices, "{defects:?}");
        assert_eq!(house.books.calls("NAV.post").len(), 1);
    }
}

#[tokio::test]
async fn phi_in_error() {
    let house = House::open(&["phi-in-error"]).await;
    let refusal = house
        .send(&a04("C1", "M1").replace("19800203", "19801399"))
        .await;
    assert!(refusal.contains("Zoë O'Brien M1"), "{refusal}");
    let headers = [("content-type", "application/fhir+json")];
    let (status, _, body) = house
        .ask(
            "POST",
            "/fhir/MedicationRequest",
            &headers,
            "{\"resourceType\":\"Smith\"}",
        )
        .await;
    assert!(status == 400 && body.contains("Smith"), "{body}");
}
