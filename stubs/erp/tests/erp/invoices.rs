//! Invoices from draft to canceled, and the books behind them.

use crate::client::{Answer, Client, code, id, member};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use wardgate_expression::{Json, json};

fn client() -> Client {
    let mut client = Client::new(Json::Null);
    client.customer("MZ1");
    client
}

fn number(text: &str) -> Json {
    Json::parse(text).expect("it is a number")
}

fn line(code: &str, quantity: &str, price: &str, tax: &str) -> Json {
    json!({
        "lineType": "Item", "lineObjectNumber": code, "quantity": number(quantity),
        "unitPrice": number(price), "taxPercent": number(tax),
    })
}

fn refused(answer: &Answer, expected: &str) {
    assert_eq!(code(answer), (400, expected.to_owned()), "{}", answer.1);
}

fn post(client: &mut Client, invoice: &str) -> Answer {
    client.post(
        &format!("salesInvoices({invoice})/Microsoft.NAV.post"),
        &Json::Null,
    )
}

#[test]
fn a_draft_is_computed_to_the_cent() {
    let mut client = client();
    let (status, invoice) = client.post(
        "salesInvoices",
        &json!({
            "customerNumber": "MZ1", "externalDocumentNumber": "AZ1-CZ1", "invoiceDate": "2026-02-28",
            "salesInvoiceLines": [line("A", "1", "0.10", "5"), line("B", "1", "0.10", "5.0"), line("C", "3", "10.00", "0")],
        }),
    );
    assert_eq!(status, 201, "{invoice}");
    for (pointer, expected) in [
        ("/number", ""),
        ("/status", "Draft"),
        ("/postingDate", "2026-02-28"),
        ("/dueDate", "2026-02-28"),
        ("/customerName", "Ada Example"),
        ("/totalAmountExcludingTax", "30.20"),
        ("/totalTaxAmount", "0.01"),
        ("/totalAmountIncludingTax", "30.21"),
        ("/remainingAmount", "0.00"),
        ("/salesInvoiceLines/0/sequence", "10000"),
        ("/salesInvoiceLines/2/sequence", "30000"),
        ("/salesInvoiceLines/0/unitPrice", "0.10"),
        ("/salesInvoiceLines/0/netTaxAmount", "0.01"),
        ("/salesInvoiceLines/1/netTaxAmount", "0.00"),
        ("/salesInvoiceLines/2/amountExcludingTax", "30.00"),
    ] {
        assert_eq!(member(&invoice, pointer), expected, "{pointer}");
    }
    let held = client.held("salesInvoices").remove(0);
    assert_eq!(member(&held, "/companyName"), "HOSP");
    assert_eq!(member(&held, "/salesInvoiceLines/0/lineObjectNumber"), "A");
    assert_eq!(client.held("salesInvoiceLines").len(), 3);
    assert_eq!(
        member(&client.held("salesInvoiceLines")[1], "/companyName"),
        "HOSP"
    );
}

#[test]
fn posting_numbers_opens_and_books() {
    let mut client = client();
    let invoice = client.invoice(
        &json!({"customerNumber": "MZ1", "salesInvoiceLines": [line("A", "2", "50.00", "7")]}),
    );
    let (status, body) = post(&mut client, &invoice);
    assert_eq!((status, body), (204, Json::Null));
    let (_, posted) = client.get(&format!("salesInvoices({invoice})"));
    assert_eq!(member(&posted, "/number"), "PS-INV103001");
    assert_eq!(member(&posted, "/status"), "Open");
    assert_eq!(member(&posted, "/remainingAmount"), "107.00");
    let entries: Vec<(String, String, String)> = client
        .held("generalLedgerEntries")
        .iter()
        .map(|it| {
            (
                member(it, "/accountNumber"),
                member(it, "/debitAmount"),
                member(it, "/creditAmount"),
            )
        })
        .collect();
    let entry = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        entries,
        [
            entry("15110", "107.00", "0.00"),
            entry("40100", "0.00", "100.00"),
            entry("22300", "0.00", "7.00")
        ]
    );
    let (_, listed) =
        client.get("generalLedgerEntries?$filter=documentNumber%20eq%20'PS-INV103001'");
    assert_eq!(
        listed
            .get("value")
            .and_then(Json::as_array)
            .map(<[Json]>::len),
        Some(3)
    );
    assert_eq!(member(&listed, "/value/0/entryNumber"), "1");
    assert_eq!(
        member(&client.held("customers")[0], "/balanceDue"),
        "107.00"
    );
}

#[test]
fn a_posted_document_is_final() {
    let mut client = client();
    let invoice = client.invoice(
        &json!({"customerNumber": "MZ1", "salesInvoiceLines": [line("A", "1", "5", "0")]}),
    );
    let line_id = id(&client.held("salesInvoiceLines")[0]);
    post(&mut client, &invoice);
    let before = client.held("salesInvoices");
    refused(&post(&mut client, &invoice), "Application_DialogException");
    for below in [
        format!("salesInvoices({invoice})"),
        format!("salesInvoiceLines({line_id})"),
        format!("salesInvoices({invoice})/salesInvoiceLines({line_id})"),
    ] {
        refused(
            &client.patch(&below, &json!({})),
            "Application_DialogException",
        );
        refused(&client.delete(&below), "Application_DialogException");
    }
    let more = line("B", "1", "5", "0");
    refused(
        &client.post(
            &format!("salesInvoices({invoice})/salesInvoiceLines"),
            &more,
        ),
        "Application_DialogException",
    );
    assert_eq!(client.held("salesInvoices"), before);
    assert_eq!(client.held("generalLedgerEntries").len(), 2);
}

#[test]
fn what_cannot_be_posted_is_refused_and_stays_a_draft() {
    let mut client = client();
    let blocked = client.customer("MZ2");
    let open = json!({"customerNumber": "MZ1", "externalDocumentNumber": "X", "salesInvoiceLines": [line("A", "1", "5", "0")]});
    let first = client.invoice(&open);
    let second = client.invoice(&open);
    let empty = client.invoice(&json!({"customerNumber": "MZ1"}));
    let negative = client.invoice(
        &json!({"customerNumber": "MZ1", "salesInvoiceLines": [line("A", "-1", "5", "0")]}),
    );
    let to_blocked = client.invoice(
        &json!({"customerId": blocked.clone(), "salesInvoiceLines": [line("A", "1", "5", "0")]}),
    );
    client.patch(
        &format!("customers({blocked})"),
        &json!({"blocked": "Invoice"}),
    );
    assert_eq!(post(&mut client, &first).0, 204);
    refused(
        &post(&mut client, &second),
        "Internal_EntityWithSameKeyExists",
    );
    refused(&post(&mut client, &empty), "Application_DialogException");
    refused(&post(&mut client, &negative), "Application_DialogException");
    refused(
        &post(&mut client, &to_blocked),
        "Application_DialogException",
    );
    let statuses: Vec<String> = client
        .held("salesInvoices")
        .iter()
        .map(|it| member(it, "/status"))
        .collect();
    assert_eq!(statuses, ["Open", "Draft", "Draft", "Draft", "Draft"]);
    // The same external number serves another customer.
    client.customer("MZ3");
    let mut other = open.clone();
    other
        .as_object_mut()
        .expect("an object")
        .insert("customerNumber", "MZ3");
    let other = client.invoice(&other);
    assert_eq!(post(&mut client, &other).0, 204);
}

#[test]
fn a_customer_is_named_by_id_or_number_which_agree() {
    let mut client = client();
    let one = id(&client.held("customers")[0]);
    let two = client.customer("MZ2");
    for (body, expected) in [
        (json!({}), "Application_FieldValidationException"),
        (
            json!({"customerNumber": "MZ9"}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerId": "00000000-0000-4000-8000-000000000001"}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerId": two.clone(), "customerNumber": "MZ1"}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerNumber": "MZ1", "pricesIncludeTax": true}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerNumber": "MZ1", "status": "Open"}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerNumber": "MZ1", "invoiceDate": "2026-02-30"}),
            "BadRequest",
        ),
        (
            json!({"customerNumber": "MZ1", "discountAmount": 1}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerNumber": "MZ1", "salesInvoiceLines": {}}),
            "BadRequest",
        ),
        (
            json!({"customerNumber": "MZ1", "salesInvoiceLines": [{"taxPercent": 101}]}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerNumber": "MZ1", "salesInvoiceLines": [{"sequence": 1}, {"sequence": 1}]}),
            "Internal_EntityWithSameKeyExists",
        ),
        (
            json!({"customerNumber": "MZ1", "salesInvoiceLines": [{"quantity": 1, "unitPrice": 1, "discountAmount": 2}]}),
            "Application_FieldValidationException",
        ),
        (
            json!({"customerNumber": "MZ1", "salesInvoiceLines": [{"quantity": 1_000_000, "unitPrice": 100_000_000}]}),
            "Application_FieldValidationException",
        ),
    ] {
        refused(&client.post("salesInvoices", &body), expected);
    }
    assert!(client.held("salesInvoices").is_empty());
    let invoice = client.invoice(&json!({"customerId": one, "customerNumber": "MZ1"}));
    let below = format!("salesInvoices({invoice})");
    let (_, changed) = client.patch(&below, &json!({"customerNumber": "MZ2"}));
    assert_eq!(member(&changed, "/customerId"), two);
    assert_eq!(member(&changed, "/billToCustomerNumber"), "MZ2");
    let (_, customer) = client.get(&format!("{below}/customer"));
    assert_eq!(member(&customer, "/number"), "MZ2");
    client.patch(&format!("customers({two})"), &json!({"blocked": "All"}));
    refused(
        &client.post("salesInvoices", &json!({"customerId": two.clone()})),
        "Application_DialogException",
    );
    refused(
        &client.delete(&format!("customers({two})")),
        "Application_DialogException",
    );
}

#[test]
fn lines_are_written_one_by_one_too() {
    let mut client = client();
    let invoice = client.invoice(&json!({"customerNumber": "MZ1"}));
    let lines = format!("salesInvoices({invoice})/salesInvoiceLines");
    let (status, first) = client.post(&lines, &line("A", "2", "10", "10"));
    assert_eq!(status, 201, "{first}");
    let mut own = line("B", "1", "5", "0");
    own.as_object_mut()
        .expect("an object")
        .insert("documentId", &invoice);
    let (status, second) = client.post("salesInvoiceLines", &own);
    assert_eq!(status, 201, "{second}");
    assert_eq!(member(&second, "/sequence"), "20000");
    let total = |client: &mut Client| {
        member(
            &client.get(&format!("salesInvoices({invoice})")).1,
            "/totalAmountIncludingTax",
        )
    };
    assert_eq!(total(&mut client), "27.00");
    let below = format!("{lines}({})", id(&first));
    let (status, changed) = client.patch(&below, &json!({"discountPercent": 10}));
    assert_eq!(status, 200, "{changed}");
    assert_eq!(member(&changed, "/discountAmount"), "2.00");
    assert_eq!(total(&mut client), "24.80");
    let (_, changed) = client.patch(&below, &json!({"quantity": 4}));
    assert_eq!(
        member(&changed, "/discountAmount"),
        "4.00",
        "the percentage stays"
    );
    let tag = member(&client.get(&below).1, "/@odata.etag");
    let path = client.path(&below);
    assert_eq!(
        client
            .send("DELETE", &path, &[("if-match", "W/\"old\"")], "")
            .0,
        409
    );
    assert_eq!(
        client.send("DELETE", &path, &[("if-match", &tag)], "").0,
        204
    );
    assert_eq!(total(&mut client), "5.00");
    assert_eq!(client.get(&below).0, 404);
    let (_, listed) = client.get(&lines);
    assert_eq!(
        listed
            .get("value")
            .and_then(Json::as_array)
            .map(<[Json]>::len),
        Some(1)
    );
    let mut stray = line("C", "1", "1", "0");
    stray
        .as_object_mut()
        .expect("an object")
        .insert("documentId", "00000000-0000-4000-8000-000000000001");
    refused(
        &client.post(&lines, &stray),
        "Application_FieldValidationException",
    );
    assert_eq!(client.post("salesInvoiceLines", &stray).0, 404);
    refused(
        &client.patch(
            &format!("salesInvoices({invoice})"),
            &json!({"salesInvoiceLines": []}),
        ),
        "BadRequest",
    );
    assert_eq!(client.delete(&format!("salesInvoices({invoice})")).0, 204);
    assert!(client.held("salesInvoiceLines").is_empty());
    assert_eq!(
        client.get(&format!("salesInvoiceLines({})", id(&second))).0,
        404
    );
}

#[test]
fn canceling_turns_every_entry_round() {
    let mut client = client();
    let body = json!({"customerNumber": "MZ1", "externalDocumentNumber": "X", "salesInvoiceLines": [line("A", "1", "9.99", "8.25")]});
    let invoice = client.invoice(&body);
    let cancel = format!("salesInvoices({invoice})/Microsoft.NAV.cancel");
    refused(
        &client.post(&cancel, &Json::Null),
        "Application_DialogException",
    );
    post(&mut client, &invoice);
    assert_eq!(client.post(&cancel, &Json::Null).0, 204);
    refused(
        &client.post(&cancel, &Json::Null),
        "Application_DialogException",
    );
    let entries = client.held("generalLedgerEntries");
    let sum = |account: &str, side: &str| -> Decimal {
        entries
            .iter()
            .filter(|entry| member(entry, "/accountNumber") == account)
            .map(|entry| member(entry, side).parse::<Decimal>().expect("a decimal"))
            .sum()
    };
    for account in ["15110", "40100", "22300"] {
        assert_eq!(
            sum(account, "/debitAmount"),
            sum(account, "/creditAmount"),
            "{account}"
        );
    }
    assert_eq!(member(&entries[3], "/documentType"), "Credit_x0020_Memo");
    assert_eq!(
        member(&client.held("salesInvoices")[0], "/status"),
        "Canceled"
    );
    assert_eq!(member(&client.held("customers")[0], "/balanceDue"), "0.00");
    let again = client.invoice(&body);
    assert_eq!(
        post(&mut client, &again).0,
        204,
        "its external number is free again"
    );
}

#[test]
fn unknown_actions_are_not_found() {
    let mut client = client();
    let invoice = client.invoice(&json!({"customerNumber": "MZ1"}));
    let answer = client.post(
        &format!("salesInvoices({invoice})/Microsoft.NAV.shred"),
        &Json::Null,
    );
    assert_eq!(code(&answer).0, 404);
    let path = client.path(&format!("salesInvoices({invoice})/Microsoft.NAV.post"));
    assert_eq!(client.send("GET", &path, &[], "").0, 405);
}

/// Quantity in thousandths, price in cents, tax in hundredths of a percent.
type Terms = (i64, i64, i64);

fn any_invoice() -> impl Strategy<Value = Vec<Terms>> {
    let rate = prop::sample::select(vec![0_i64, 550, 700, 825, 1_900]);
    prop::collection::vec((-2_000_i64..20_000, 0_i64..2_000_000, rate), 1..8)
}

/// The totals as the books are said to have them, computed another way: with decimals alone, from the texts sent.
fn expected(lines: &[Terms]) -> (Decimal, Decimal) {
    let rounded =
        |value: Decimal| value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let amount = |(quantity, price, _): &Terms| {
        rounded(Decimal::new(*quantity, 3) * Decimal::new(*price, 2))
    };
    let net = lines.iter().map(amount).sum();
    let mut rates: Vec<i64> = lines.iter().map(|line| line.2).collect();
    rates.sort_unstable();
    rates.dedup();
    let tax = rates
        .into_iter()
        .map(|rate| {
            let base: Decimal = lines.iter().filter(|line| line.2 == rate).map(amount).sum();
            rounded(base * Decimal::new(rate, 4))
        })
        .sum();
    (net, tax)
}

fn decimal(record: &Json, pointer: &str) -> Decimal {
    member(record, pointer).parse().expect("a decimal")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_posted_the_books_balance(invoices in prop::collection::vec((any_invoice(), any::<bool>()), 1..5)) {
        let mut client = client();
        let mut owed = Decimal::ZERO;
        for (lines, is_canceled) in &invoices {
            let body: Json = lines
                .iter()
                .map(|(quantity, price, rate)| json!({
                    "quantity": Decimal::new(*quantity, 3), "unitPrice": Decimal::new(*price, 2),
                    "taxPercent": Decimal::new(*rate, 2),
                }))
                .collect();
            let (status, invoice) = client.post("salesInvoices", &json!({"customerNumber": "MZ1", "salesInvoiceLines": body}));
            prop_assert_eq!(status, 201, "{}", invoice);
            let (net, tax) = expected(lines);
            prop_assert_eq!(decimal(&invoice, "/totalAmountExcludingTax"), net);
            prop_assert_eq!(decimal(&invoice, "/totalTaxAmount"), tax);
            prop_assert_eq!(decimal(&invoice, "/totalAmountIncludingTax"), net + tax);
            let parts = invoice.get("salesInvoiceLines").and_then(Json::as_array).expect("lines");
            let sum = |pointer: &str| parts.iter().map(|line| decimal(line, pointer)).sum::<Decimal>();
            prop_assert_eq!(sum("/netAmount"), net);
            prop_assert_eq!(sum("/netTaxAmount"), tax);
            prop_assert_eq!(sum("/netAmountIncludingTax"), net + tax);
            let (status, _) = post(&mut client, &id(&invoice));
            if (net + tax) < Decimal::ZERO {
                prop_assert_eq!(status, 400);
                continue;
            }
            prop_assert_eq!(status, 204);
            if *is_canceled {
                let below = format!("salesInvoices({})/Microsoft.NAV.cancel", id(&invoice));
                prop_assert_eq!(client.post(&below, &Json::Null).0, 204);
            } else {
                owed += net + tax;
            }
        }
        let entries = client.held("generalLedgerEntries");
        let sum = |pointer: &str| entries.iter().map(|entry| decimal(entry, pointer)).sum::<Decimal>();
        prop_assert_eq!(sum("/debitAmount"), sum("/creditAmount"));
        let receivable: Decimal = entries
            .iter()
            .filter(|entry| member(entry, "/accountNumber") == "15110")
            .map(|entry| decimal(entry, "/debitAmount") - decimal(entry, "/creditAmount"))
            .sum();
        prop_assert_eq!(receivable, owed);
        prop_assert_eq!(decimal(&client.held("customers")[0], "/balanceDue"), owed);
    }
}

#[test]
fn lines_stand_in_the_order_of_their_own_numbers() {
    let mut client = client();
    let numbered = |code: &str, sequence: i64| {
        let mut line = line(code, "1", "1", "0");
        line.as_object_mut()
            .expect("an object")
            .insert("sequence", sequence);
        line
    };
    let invoice = client.invoice(&json!({
        "customerNumber": "MZ1", "salesInvoiceLines": [numbered("B", 20), numbered("A", 10)],
    }));
    client.post(
        &format!("salesInvoices({invoice})/salesInvoiceLines"),
        &numbered("C", 15),
    );
    let codes: Vec<String> = client
        .held("salesInvoiceLines")
        .iter()
        .map(|it| member(it, "/lineObjectNumber"))
        .collect();
    assert_eq!(codes, ["A", "C", "B"]);
}

#[test]
fn a_line_is_not_reached_through_another_invoice() {
    let mut client = client();
    let body = json!({"customerNumber": "MZ1", "salesInvoiceLines": [line("A", "1", "1", "0")]});
    let (one, other) = (client.invoice(&body), client.invoice(&body));
    let line_id = id(&client.held("salesInvoiceLines")[0]);
    assert_eq!(
        client
            .get(&format!(
                "salesInvoices({one})/salesInvoiceLines({line_id})"
            ))
            .0,
        200
    );
    let wrong = format!("salesInvoices({other})/salesInvoiceLines({line_id})");
    assert_eq!(client.get(&wrong).0, 404);
    assert_eq!(client.delete(&wrong).0, 404);
    assert_eq!(client.held("salesInvoiceLines").len(), 2);
}
