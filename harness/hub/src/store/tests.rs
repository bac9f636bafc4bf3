use super::*;
use crate::state::{AppointmentState, Change, Known};
use crate::work::Work;

fn item(lane: &str) -> WorkItem {
    let work = Work::BlockCustomer {
        facility: "HOSP".into(),
        number: "M1".into(),
    };
    WorkItem {
        lane: lane.into(),
        origin: "C1".into(),
        work,
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let answered = Answered {
        digest: [7; 32],
        accepted: true,
        replies: vec![b"one".to_vec(), Vec::new(), b"two".to_vec()],
    };
    {
        let Opened {
            store,
            mut queued,
            writer,
        } = Store::open(directory.path(), false).unwrap();
        let remembered = answered.clone();
        store
            .write(move |transaction| {
                transaction.remember_answer("A", &remembered)?;
                transaction.enqueue(&[item("first"), item("second")])
            })
            .await
            .unwrap();
        assert_eq!(queued.recv().await.unwrap().lane, "first");
        assert_eq!(store.outstanding(), 2);
        store
            .write(|transaction| transaction.remove(0))
            .await
            .unwrap();
        drop(store);
        writer.join().unwrap();
    }
    let Opened {
        store, mut queued, ..
    } = Store::open(directory.path(), false).unwrap();
    assert_eq!(
        queued.recv().await.unwrap(),
        Queued {
            id: 1,
            lane: "second".into()
        }
    );
    assert_eq!(
        store
            .write(|transaction| transaction.answered("A"))
            .await
            .unwrap(),
        Some(answered)
    );
    assert_eq!(store.item(1).unwrap(), Some(item("second")));
    assert_eq!(store.item(0).unwrap(), None);
}

#[tokio::test]
async fn a_failed_job_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let Opened { store, .. } = Store::open(directory.path(), false).unwrap();
    let outcome = store
        .write(|transaction| {
            transaction.enqueue(&[item("lost")])?;
            Err::<(), _>(StoreError("no".into()))
        })
        .await;
    assert!(outcome.is_err());
    assert_eq!(store.outstanding(), 0);
    assert_eq!(store.item(0).unwrap(), None);
}

#[tokio::test]
async fn a_hub_that_forgets_its_outbox_starts_empty() {
    let directory = tempfile::tempdir().unwrap();
    {
        let Opened { store, writer, .. } = Store::open(directory.path(), false).unwrap();
        store
            .write(|transaction| transaction.enqueue(&[item("lost")]))
            .await
            .unwrap();
        drop(store);
        writer.join().unwrap();
    }
    let Opened { store, .. } = Store::open(directory.path(), true).unwrap();
    assert_eq!(store.outstanding(), 0);
}

#[tokio::test]
async fn bookings_of_one_practitioner_are_found_and_freed() {
    let directory = tempfile::tempdir().unwrap();
    let Opened { store, .. } = Store::open(directory.path(), false).unwrap();
    let booked = AppointmentState {
        facility: "HOSP".into(),
        id: "F1".into(),
        practitioner: Some(("D1".into(), None)),
        start: 1,
        end: 2,
        live: true,
        ..AppointmentState::default()
    };
    let cancelled = AppointmentState {
        live: false,
        ..booked.clone()
    };
    let change =
        |before: Option<&AppointmentState>, after: &AppointmentState| Change::Appointment {
            before: before.cloned(),
            after: after.clone(),
            alias: Some("P1".into()),
        };
    let (book, cancel) = (change(None, &booked), change(Some(&booked), &cancelled));
    store
        .write(move |transaction| {
            transaction.apply(&[book])?;
            assert_eq!(
                transaction
                    .bookings("HOSP", "practitioner D1")
                    .unwrap()
                    .len(),
                1
            );
            assert_eq!(
                transaction
                    .bookings("HOSP", "practitioner D")
                    .unwrap()
                    .len(),
                0
            );
            assert_eq!(
                transaction
                    .bookings("CLINIC", "practitioner D1")
                    .unwrap()
                    .len(),
                0
            );
            assert_eq!(
                transaction.appointment("HOSP", "P1").unwrap().unwrap().id,
                "F1"
            );
            transaction.apply(&[cancel])?;
            assert_eq!(
                transaction
                    .bookings("HOSP", "practitioner D1")
                    .unwrap()
                    .len(),
                0
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[test]
fn keys_differ_when_their_parts_do() {
    assert_ne!(key(&["a\u{1f}b", "c"]), key(&["a", "b\u{1f}c"]));
    assert_ne!(key(&["a\u{1e}1b"]), key(&["a\u{1f}b"]));
}
