//! The protocol: rendered records, generators, broken forms.

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use wardgate_core::{
    port::{Guide, Protocol},
    wire::{HttpRequest, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_erp::Erp;
use wardgate_synth::Kind;

use crate::client::{Client, member};

/// A record of a kind, with its identifiers stamped.
fn drawn(kind: Kind) -> Json {
    let mut runner = TestRunner::deterministic();
    let record = wardgate_synth::strategy(kind)
        .new_tree(&mut runner)
        .expect("it draws")
        .current();
    let text = record.to_string().replace("${", "").replace('}', "\u{1}");
    // What is left of a placeholder is its path, closed by a control character; only the form matters here.
    let text = text.replace("\u{1}\"", "\"").replace('\u{1}', "}");
    Json::parse(&text).expect("it is JSON")
}

#[test]
fn rendered_records_are_taken_by_the_stub_and_the_totals_agree() {
    let stay = drawn(Kind::Stay);
    let patient = stay.get("patient").expect("a stay has a patient");
    let mut client = Client::new(Json::Null);
    let customer = Erp
        .render("patient", patient)
        .expect("a patient has a form");
    let (status, body) = client.post("customers", &customer);
    assert_eq!(status, 201, "{body}");
    assert_eq!(body.get("number"), patient.get("mrn"));
    let invoice = Erp
        .render("encounter-with-charges", &stay)
        .expect("a stay has a form");
    let (status, body) = client.post("salesInvoices", &invoice);
    assert_eq!(status, 201, "{body}");
    assert_eq!(body.get("totalAmountExcludingTax"), stay.get("net_total"));
    assert_eq!(body.get("totalTaxAmount"), stay.get("tax_total"));
    assert_eq!(body.get("totalAmountIncludingTax"), stay.get("gross_total"));
    assert_eq!(body.get("externalDocumentNumber"), stay.get("visit_number"));
    assert_eq!(Erp.render("result", &json!({})), None);
    assert_eq!(Erp.render("nonsense", &json!({})), None);
}

#[test]
fn a_charge_is_an_invoice_of_one_line() {
    let charge = drawn(Kind::Charge);
    let invoice = Erp.render("charge", &charge).expect("a charge has a form");
    assert_eq!(
        invoice.pointer("/customerNumber"),
        charge.pointer("/patient/mrn")
    );
    assert_eq!(
        invoice.pointer("/salesInvoiceLines/0/unitPrice"),
        charge.get("unit_price")
    );
    assert_eq!(
        invoice.pointer("/salesInvoiceLines/0/lineObjectNumber"),
        charge.get("code")
    );
    assert_eq!(
        Erp.render("charge-line", &charge),
        invoice.pointer("/salesInvoiceLines/0").cloned()
    );
}

#[test]
fn every_generator_yields_its_entity() {
    let mut runner = TestRunner::deterministic();
    for (name, key) in [
        ("customer", "displayName"),
        ("salesInvoice", "salesInvoiceLines"),
    ] {
        assert!(Guide::names(Erp.guide().generators).contains(&name));
        let strategy = Erp.generator(name).expect("it is listed");
        let value = strategy.new_tree(&mut runner).expect("it draws").current();
        assert!(value.get(key).is_some(), "{value}");
        assert!(
            value.to_string().contains("${"),
            "identifiers are templates"
        );
    }
    assert!(Erp.generator("vendor").is_none());
}

#[test]
fn broken_forms_are_refused_by_the_stub() {
    let mut client = Client::new(Json::Null);
    let path = client.path("customers");
    let headers = [("content-type", "application/json")];
    let good = Message::Request(HttpRequest::new(
        "POST",
        &path,
        &headers,
        r#"{"number": "MZ1"}"#.into(),
    ));
    let forms = Erp.malform(&good);
    assert_eq!(
        forms.iter().map(|form| form.name).collect::<Vec<_>>(),
        Guide::names(Erp.guide().malformations)
    );
    for form in forms {
        let Message::Request(request) = &form.message else {
            panic!("not a request")
        };
        let (status, _) = client.raw(request);
        assert_eq!(status, 400, "{}", form.name);
    }
    assert!(client.held("customers").is_empty());
    let bare = Message::Request(HttpRequest::new("GET", &path, &[], bytes::Bytes::new()));
    assert!(Erp.malform(&bare).is_empty());
}

#[test]
fn filters_and_names_are_listed() {
    assert_eq!(
        Erp.filter("erp", "20261123223950+0000"),
        Some(Ok(String::from("2026-11-23")))
    );
    assert_eq!(Erp.filter("hl7", "x"), None);
    assert_eq!(Guide::names(Erp.guide().filters), ["erp"]);
    for collection in [
        "companies",
        "customers",
        "items",
        "salesInvoices",
        "salesInvoiceLines",
        "generalLedgerEntries",
    ] {
        assert_eq!(Erp.check_collection(collection), Ok(()));
    }
    assert!(Erp.check_collection("vendors").is_err());
    let held = Client::new(Json::Null).held("companies");
    assert_eq!(member(&held[0], "/name"), "HOSP");
}
