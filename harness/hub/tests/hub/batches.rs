//! Batch files through a real folder.

use std::io::Write as _;
use std::time::Duration;

use crate::support::{House, files};

const SOUND: &str = "facility,account,mrn,family,given,code,description,quantity,unit_price,date\n\
                     HOSP,A1,M1,Brien,Zoë,X1,Visit,2,10.00,2026-07-10\n\
                     CLINIC,A2,M2,Smith,Ann,X1,Visit,1,10.00,2026-07-10\n\
                     TRAILER,2,30.00\n";

#[tokio::test]
async fn a_batch_is_booked_once_and_archived() {
    let house = House::open(&[]).await;
    house.drop_batch("night.csv", SOUND);
    house.settle().await;
    assert_eq!(files(&house.charges().join("archive")), ["night.csv"]);
    let mut bodies = house.books.bodies("POST", "/salesInvoices");
    bodies.retain(|body| !body.is_empty());
    assert_eq!(bodies.len(), 2);
    assert_eq!(house.books.calls("NAV.post").len(), 2);
    assert_eq!(
        house.books.calls("companies(CLINIC)/salesInvoices(").len(),
        1
    );

    house.drop_batch("again.csv", SOUND);
    house.settle().await;
    assert_eq!(
        files(&house.charges().join("archive")),
        ["again.csv", "night.csv"]
    );
    assert_eq!(
        house.books.calls("NAV.post").len(),
        2,
        "the same content has no second effect"
    );
}

#[tokio::test]
async fn a_bad_batch_is_set_aside_without_effect() {
    let house = House::open(&[]).await;
    house.drop_batch("night.csv", &SOUND.replace("TRAILER,2", "TRAILER,3"));
    house.settle().await;
    let error = house.charges().join("error");
    assert_eq!(files(&error), ["night.csv", "night.csv.reason.txt"]);
    let reason = std::fs::read_to_string(error.join("night.csv.reason.txt")).unwrap();
    assert_eq!(reason, "the trailer's count is not the number of lines\n");
    assert!(house.books.received.lock().unwrap().is_empty());

    house.drop_batch("night.csv", SOUND);
    house.settle().await;
    assert_eq!(
        house.books.calls("NAV.post").len(),
        2,
        "corrected, it is booked"
    );
}

/// Each pause is far longer than that between two looks, and the last one leaves half a trailer.
#[tokio::test]
async fn a_slow_writer_is_waited_for() {
    let house = House::open(&[]).await;
    let path = house.charges().join("slow.csv");
    let mut file = std::fs::File::create(path).unwrap();
    let half_a_trailer = SOUND.len() - 3;
    for part in [
        &SOUND[..100],
        &SOUND[100..half_a_trailer],
        &SOUND[half_a_trailer..],
    ] {
        file.write_all(part.as_bytes()).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    house.settle().await;
    assert_eq!(files(&house.charges().join("archive")), ["slow.csv"]);
    assert!(files(&house.charges().join("error")).is_empty());
    assert_eq!(house.books.calls("NAV.post").len(), 2);
}

#[tokio::test]
async fn a_file_that_is_never_closed_is_judged_in_the_end() {
    let house = House::open(&[]).await;
    house.drop_batch("open.csv", SOUND.trim_end());
    house.settle().await;
    assert_eq!(files(&house.charges().join("archive")), ["open.csv"]);
    house.drop_batch("cut.csv", &SOUND[..100]);
    house.settle().await;
    assert_eq!(
        files(&house.charges().join("error")),
        ["cut.csv", "cut.csv.reason.txt"]
    );
}

#[tokio::test]
async fn batch_twice() {
    let house = House::open(&["batch-twice"]).await;
    house.drop_batch("night.csv", SOUND);
    house.settle().await;
    house.drop_batch("again.csv", SOUND);
    house.settle().await;
    assert_eq!(house.books.calls("NAV.post").len(), 4);
}

#[tokio::test]
async fn batch_partial() {
    let house = House::open(&["batch-partial"]).await;
    house.drop_batch("night.csv", &SOUND.replace("CLINIC", "NOWHERE"));
    house.settle().await;
    assert_eq!(house.books.calls("NAV.post").len(), 1);
    assert_eq!(files(&house.charges().join("error")).len(), 2);
}
