//! FHIR orders over HTTP to the pharmacy over MLLP.

use crate::support::{House, Pharmacy, a04, msh, order};

const ORDERS: &str = "/fhir/MedicationRequest";
const FHIR: [(&str, &str); 1] = [("content-type", "application/fhir+json")];

#[tokio::test]
async fn an_order_reaches_the_pharmacy_once() {
    let house = House::open(&[]).await;
    house.send(&a04("C1", "M1")).await;
    let (status, head, body) = house.ask("POST", ORDERS, &FHIR, &order("RX1", "M1")).await;
    assert_eq!(status, 201, "{body}");
    assert!(
        head.contains("location: /fhir/medicationrequest/m") && head.contains("etag: w/\"1\""),
        "{head}"
    );
    assert!(body.contains("\"value\":2.50"), "{body}");
    let (status, _, again) = house.ask("POST", ORDERS, &FHIR, &order("RX1", "M1")).await;
    assert_eq!((status, &again), (200, &body), "the identifier is known");
    let changed = order("RX1", "M1").replace("2.50", "25.0");
    let (status, _, outcome) = house.ask("POST", ORDERS, &FHIR, &changed).await;
    assert!(
        status == 409 && outcome.contains("\"OperationOutcome\"") && !outcome.contains("RX1"),
        "another content is not taken for the order that is known: {outcome}"
    );
    let conditional = [FHIR[0], ("if-none-exist", "identifier=urn:o|RX1")];
    let (status, _, again) = house
        .ask("POST", ORDERS, &conditional, &order("RX2", "M1"))
        .await;
    assert_eq!((status, &again), (200, &body), "the condition is met");
    house.settle().await;
    let orders = house.pharmacy.orders.lock().unwrap().clone();
    let [sent] = orders.as_slice() else {
        panic!("{orders:?}")
    };
    assert!(
        sent.contains("|RDE^O11^RDE_O11|") && sent.contains("\rORC|NW|RX1|"),
        "{sent}"
    );
    assert!(
        sent.contains("^^^HOSP^MR||O'Brien^Zoë\r")
            && sent.contains("\rRXE|2.50|^Paracetamol^|2.50||mg"),
        "{sent}"
    );

    let id = body
        .split("\"id\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let path = format!("{ORDERS}/{id}");
    assert_eq!(house.ask("GET", &path, &[], "").await.2, body);
    let (status, _, outcome) = house
        .ask("GET", &path, &[("x-facility", "CLINIC")], "")
        .await;
    assert!(
        status == 404 && !outcome.contains(id),
        "another tenant's order is not there: {outcome}"
    );
}

#[tokio::test]
async fn lost_answers_are_retried_under_the_same_control_id() {
    let house = House::open(&[]).await;
    *house.pharmacy.script.lock().unwrap() = vec![Pharmacy::HangUp, Pharmacy::HangUp];
    house.ask("POST", ORDERS, &FHIR, &order("RX1", "M1")).await;
    house.settle().await;
    let orders = house.pharmacy.orders.lock().unwrap().clone();
    assert_eq!(orders.len(), 3);
    let control_id = |order: &String| order.split('|').nth(9).unwrap().to_owned();
    assert!(
        orders
            .iter()
            .all(|order| control_id(order) == control_id(&orders[0]))
    );
}

#[tokio::test]
async fn a_refused_order_is_shown_and_not_repeated() {
    let house = House::open(&[]).await;
    *house.pharmacy.script.lock().unwrap() = vec![Pharmacy::Answer("AE")];
    house.ask("POST", ORDERS, &FHIR, &order("RX1", "M1")).await;
    let status = house.settle().await;
    assert_eq!(status["failed"][0]["reason"], "pharmacy: AE");
    assert_eq!(house.pharmacy.orders.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn errors_are_outcomes_without_patient_data() {
    let house = House::open(&[]).await;
    let sound = order("RX1", "M1");
    let plain = [("content-type", "text/plain")];
    let elsewhere = [FHIR[0], ("x-facility", "OTHER")];
    let no_dose = sound.replace("2.50", "\"much\"");
    let large = format!(
        "{{\"resourceType\":\"MedicationRequest\",\"x\":\"{}\"}}",
        "y".repeat(2 << 20)
    );
    for (method, path, headers, body, expected) in [
        ("POST", ORDERS, &FHIR[..], "{", 400),
        (
            "POST",
            ORDERS,
            &FHIR[..],
            "{\"resourceType\":\"Patient\"}",
            400,
        ),
        ("POST", ORDERS, &FHIR[..], no_dose.as_str(), 422),
        ("POST", ORDERS, &plain[..], sound.as_str(), 415),
        ("POST", ORDERS, &elsewhere[..], sound.as_str(), 400),
        ("POST", ORDERS, &FHIR[..], large.as_str(), 413),
        ("PUT", ORDERS, &FHIR[..], sound.as_str(), 405),
        ("DELETE", "/fhir/MedicationRequest/x", &[][..], "", 405),
        ("GET", "/fhir/MedicationRequest/x", &[][..], "", 404),
        ("GET", "/fhir/Patient/1", &[][..], "", 404),
    ] {
        let (status, _, outcome) = house.ask(method, path, headers, body).await;
        assert_eq!(status, expected, "{method} {path}: {outcome}");
        assert!(outcome.contains("\"OperationOutcome\""), "{outcome}");
        assert!(
            !outcome.contains("M1") && !outcome.contains("RX1"),
            "{outcome}"
        );
    }
    assert!(
        house.settle().await["failed"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(house.pharmacy.orders.lock().unwrap().is_empty());
    let (status, _, body) = house.ask("GET", "/metadata", &[], "").await;
    assert!(status == 200 && body.contains("\"fhirVersion\":\"4.0.1\""));
}

#[tokio::test]
async fn order_sent_twice() {
    let house = House::open(&["order-sent-twice"]).await;
    house.ask("POST", ORDERS, &FHIR, &order("RX1", "M1")).await;
    house.settle().await;
    assert_eq!(house.pharmacy.orders.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_order_for_a_merged_patient_goes_to_the_survivor() {
    let house = House::open(&[]).await;
    house.send(&a04("C1", "M1")).await;
    house.send(&a04("C2", "M2")).await;
    let merge = format!(
        "{}\nPID|1||M1^^^HOSP^MR\nMRG|M2^^^HOSP^MR",
        msh("ADT^A40^ADT_A39", "C3")
    );
    assert!(house.send(&merge).await.contains("MSA|AA|C3"));
    house.ask("POST", ORDERS, &FHIR, &order("RX1", "M2")).await;
    house.settle().await;
    assert!(house.pharmacy.orders.lock().unwrap()[0].contains("PID|1||M1^^^HOSP^MR||O'Brien^Zoë"));
}

#[tokio::test]
async fn orders_without_an_identifier_are_orders_of_their_own() {
    let house = House::open(&[]).await;
    let nameless = order("", "M1");
    for _ in 0..2 {
        assert_eq!(house.ask("POST", ORDERS, &FHIR, &nameless).await.0, 201);
    }
    house.settle().await;
    assert_eq!(house.pharmacy.orders.lock().unwrap().len(), 2);
}
