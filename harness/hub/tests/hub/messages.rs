//! HL7 v2 over real sockets: framing, acknowledgement, duplicates, delivery.

use crate::support::{House, a04, frame, frame_bytes, msh, p03};

#[tokio::test]
async fn a_registration_reaches_ehr_and_ledger_once() {
    let house = House::open(&[]).await;
    let first = house.send(&a04("C1", "M1")).await;
    assert!(first.contains("\rMSA|AA|C1\r"), "{first}");
    assert_eq!(
        house.send(&a04("C1", "M1")).await,
        first,
        "the same acknowledgement, byte for byte"
    );
    let other = house.send(&a04("C1", "M2")).await;
    assert!(
        other.contains("MSA|AR|C1|") && other.contains("|205^"),
        "{other}"
    );
    let status = house.settle().await;
    assert_eq!(status["pending"], 0);
    assert_eq!(
        house.books.calls("/fhir/"),
        ["PUT /fhir/Patient?identifier=urn:wardgate:HOSP:mrn|M1"]
    );
    assert_eq!(house.books.bodies("POST", "/customers").len(), 1);
    assert!(house.books.bodies("PUT", "Patient")[0].contains("\"given\":[\"Zoë\"]"));

    house.send(&a04("C2", "M1")).await;
    house.settle().await;
    assert_eq!(
        house.books.calls("PATCH").len(),
        1,
        "a customer that is there is brought up to date"
    );
}

#[tokio::test]
async fn frames_are_read_however_they_arrive() {
    let house = House::open(&[]).await;
    let mut sender = house.connect().await;
    for byte in frame(&a04("SLOW", "M1")) {
        sender.write(&[byte]).await;
    }
    assert!(sender.answer().await.contains("MSA|AA|SLOW"));
    let both = [
        b"garbage\n".to_vec(),
        frame(&a04("ONE", "M2")),
        frame(&a04("TWO", "M3")),
    ]
    .concat();
    sender.write(&both).await;
    assert!(sender.answer().await.contains("MSA|AA|ONE"));
    assert!(sender.answer().await.contains("MSA|AA|TWO"));
    let latin: Vec<u8> = a04("LATIN", "M4")
        .replace('\n', "\r")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    sender.write(&frame_bytes(&latin)).await;
    assert!(sender.answer().await.contains("MSA|AA|LATIN"));
    house.settle().await;
    assert!(house.books.bodies("PUT", "M4")[0].contains("Zoë"));
}

#[tokio::test]
async fn garbage_is_answered_and_survived() {
    let house = House::open(&[]).await;
    let mut sender = house.connect().await;
    for garbage in ["", "hello", "PID|1||M1", "MSH", "\u{0}\u{1}"] {
        sender.write(&frame_bytes(garbage.as_bytes())).await;
        let answer = sender.answer().await;
        assert!(answer.contains("\rMSA|AR|"), "{garbage:?}: {answer}");
    }
    let mismatch = [b"MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710||ADT^A04|C9|P|2.5.1||||||UNICODE UTF-8\rPID|1||M1||\xeb".as_slice()];
    sender.write(&frame_bytes(&mismatch.concat())).await;
    let answer = sender.answer().await;
    assert!(
        answer.contains("MSA|AR|C9|"),
        "the control ID is found although the text is not: {answer}"
    );
    sender.write(&frame(&a04("C1", "M1"))).await;
    assert!(
        sender.answer().await.contains("MSA|AA|C1"),
        "the connection is still good"
    );
}

#[tokio::test]
async fn a_frame_beyond_four_mebibytes_is_refused() {
    let house = House::open(&[]).await;
    let mut sender = house.connect().await;
    let large = format!("{}\nNTE|1||{}", a04("BIG", "M1"), "x".repeat(5 << 20));
    sender.write(&frame(&large)).await;
    let answer = sender.answer().await;
    assert!(
        answer.contains("MSA|AR|BIG|the message is too large"),
        "{answer}"
    );
    assert!(house.send(&a04("C1", "M1")).await.contains("MSA|AA|C1"));
}

#[tokio::test]
async fn enhanced_mode_answers_as_asked() {
    let house = House::open(&[]).await;
    let mut sender = house.connect().await;
    let enhanced = |control_id: &str, conditions: &str, pid: &str| {
        frame(&format!(
            "{}|||{conditions}\n{pid}",
            msh("ADT^A04^ADT_A01", control_id)
        ))
    };
    let good = "PID|1||M1||Brien^Zoe";
    sender.write(&enhanced("E1", "AL|AL", good)).await;
    assert!(sender.answer().await.contains("MSA|CA|E1"));
    assert!(sender.answer().await.contains("MSA|AA|E1"));
    sender.write(&enhanced("E2", "AL|ER", good)).await;
    assert!(sender.answer().await.contains("MSA|CA|E2"));
    sender
        .write(&enhanced("E3", "NE|AL", "PID|1||||Brien^Zoe"))
        .await;
    assert!(
        sender.answer().await.contains("MSA|AE|E3"),
        "E2's application acknowledgement was not asked for"
    );
    sender
        .write(&enhanced("E4", "AL|SU", "PID|1||||Brien^Zoe"))
        .await;
    assert!(
        sender.answer().await.contains("MSA|CA|E4"),
        "stored, and refused without a word"
    );
    sender.write(&enhanced("E5", "NE|NE", good)).await;
    sender
        .write(&frame(&format!("{}|||AL|AL", msh("ZZZ^Z01", "E6"))))
        .await;
    assert!(
        sender.answer().await.contains("MSA|CR|E6"),
        "E5 is not answered at all"
    );
    sender
        .write(&frame(&format!("{}\nMSA|AA|X", msh("ACK^A04^ACK", "E7"))))
        .await;
    assert!(
        sender.is_silent().await,
        "an acknowledgement is not acknowledged"
    );
}

#[tokio::test]
async fn a_refused_message_may_be_corrected() {
    let house = House::open(&[]).await;
    let bad = a04("C1", "M1").replace("19800203", "19801399");
    let refusal = house.send(&bad).await;
    assert!(
        refusal.contains("MSA|AE|C1|") && refusal.contains("PID^1^7"),
        "{refusal}"
    );
    assert!(
        !refusal.contains("M1") && !refusal.contains("Brien"),
        "no patient data in {refusal}"
    );
    assert_eq!(house.send(&bad).await, refusal);
    assert!(house.send(&a04("C1", "M1")).await.contains("MSA|AA|C1"));
}

#[tokio::test]
async fn trouble_is_retried_and_refusal_is_not() {
    let house = House::open(&[]).await;
    house.books.fail(503, 3);
    house.send(&a04("C1", "M1")).await;
    let status = house.settle().await;
    assert_eq!(status["failed"].as_array().unwrap().len(), 0);
    assert!(house.books.bodies("PUT", "Patient").len() >= 2);
    assert_eq!(house.books.bodies("POST", "/customers").len(), 1);

    let house = House::open(&[]).await;
    house.send(&a04("C1", "M1")).await;
    house.settle().await;
    house.books.fail(422, 2);
    house.send(&a04("C2", "M1")).await;
    let status = house.settle().await;
    let failed = status["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 2, "{status}");
    assert_eq!(failed[0]["origin"], "C2");
    assert!(
        !status.to_string().contains("M1"),
        "no patient data on the status page"
    );
}

#[tokio::test]
async fn updates_of_one_patient_stay_in_order() {
    let house = House::open(&[]).await;
    house.books.fail(500, 4);
    for number in 0..5 {
        let update = a04(&format!("C{number}"), "M1").replace("O'Brien", &format!("Name{number}"));
        assert!(house.send(&update).await.contains("MSA|AA|"));
    }
    house.settle().await;
    let bodies = house.books.bodies("PUT", "Patient");
    let mut names: Vec<String> = bodies
        .iter()
        .map(|body| body.split("Name").nth(1).unwrap()[..1].to_owned())
        .collect();
    names.dedup();
    assert_eq!(names, ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn two_senders_may_use_one_control_id() {
    let house = House::open(&[]).await;
    let laboratory = p03("1", "M1");
    let radiology = laboratory
        .replace("|PAS|", "|RAD|")
        .replace("10.00", "500.00");
    for charges in [&laboratory, &radiology, &laboratory] {
        assert!(house.send(charges).await.contains("MSA|AA|1"));
    }
    house.settle().await;
    let invoices = house.books.bodies("POST", "/salesInvoices");
    for amount in ["10.00", "500.00"] {
        let of_amount = invoices
            .iter()
            .filter(|body| body.contains(&format!("\"unitPrice\":{amount}")));
        assert_eq!(of_amount.count(), 1, "{invoices:?}");
    }
    assert_eq!(house.books.calls("NAV.post").len(), 2);
}

/// What waits for an EHR that is down belongs to two patients once they were merged, but is about one result.
#[tokio::test]
async fn no_result_is_overtaken_across_a_merge() {
    let house = House::open(&[]).await;
    for (control_id, mrn) in [("C1", "M1"), ("C2", "M2")] {
        house.send(&a04(control_id, mrn)).await;
    }
    house.settle().await;
    house.books.fail(503, usize::MAX);
    let result = |control_id, status, value: &str| {
        let msh = msh("ORU^R01^ORU_R01", control_id);
        format!(
            "{msh}\nPID|1||M1\nOBR|1|P1|F1|718-7^Hb^LN|||||||||||||||||||||{status}\nOBX|1|NM|718-7^Hb^LN||{value}|g/dL|||||{status}"
        )
    };
    house.send(&result("C3", "P", "9.9")).await;
    // Long enough for the first result to wait for its next try when the second one comes.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let merge = format!("{}\nPID|1||M2\nMRG|M1", msh("ADT^A40^ADT_A39", "C4"));
    assert!(house.send(&merge).await.contains("MSA|AA|C4"));
    house.send(&result("C5", "F", "13.0")).await;
    house.books.fail(503, 0);
    house.settle().await;
    for resource in ["Observation", "DiagnosticReport"] {
        let bodies = house.books.bodies("PUT", resource);
        let last = bodies.last().unwrap();
        assert!(last.contains("\"status\":\"final\""), "{bodies:?}");
    }
}

#[tokio::test]
async fn acknowledged_work_survives_a_kill() {
    let mut house = House::open(&[]).await;
    house.books.fail(503, usize::MAX);
    let answer = house.send(&a04("C1", "M1")).await;
    assert!(answer.contains("MSA|AA|C1"));
    house.kill_and_restart().await;
    house.books.fail(503, 0);
    house.settle().await;
    assert!(
        house.books.bodies("POST", "/customers").len() == 1,
        "delivered after the restart"
    );
    assert_eq!(
        house.send(&a04("C1", "M1")).await,
        answer,
        "and still known as answered"
    );
    house.settle().await;
    assert_eq!(house.books.calls("PATCH").len(), 0);
}

#[tokio::test]
async fn the_hub_stops_when_told() {
    let mut house = House::open(&[]).await;
    let pid = house.hub.id().unwrap().to_string();
    let mut sender = house.connect().await;
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let status = tokio::time::timeout(std::time::Duration::from_secs(10), house.hub.wait())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(sender.is_closed().await);
}
