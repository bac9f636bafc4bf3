//! Lists: filters, order, pages.

use crate::client::{Client, code, member};
use wardgate_expression::{Json, json};

fn client() -> Client {
    let mut client = Client::new(Json::Null);
    for (number, name, limit) in [
        ("C1", "Ada", "20.00"),
        ("C2", "Béa", "3.50"),
        ("C3", "Cy O'Neil", "100"),
    ] {
        let limit = Json::parse(limit).expect("a number");
        let body = json!({"number": number, "displayName": name, "creditLimit": limit});
        assert_eq!(client.post("customers", &body).0, 201);
    }
    client
}

fn numbers(body: &Json) -> Vec<String> {
    let records = body.get("value").and_then(Json::as_array).expect("a list");
    records
        .iter()
        .map(|record| member(record, "/number"))
        .collect()
}

#[test]
fn options_choose_order_and_count() {
    let mut client = client();
    for (query, expected) in [
        ("", &["C1", "C2", "C3"][..]),
        ("?$filter=number%20eq%20'C2'", &["C2"]),
        ("?$filter=number+eq+'C2'+and+displayName+eq+'Ada'", &[]),
        ("?$filter=displayName%20eq%20'Cy%20O''Neil'", &["C3"]),
        ("?$filter=substring(number,1)%20eq%20'2'", &["C2"]),
        (
            "?$schemaversion=2.1&$filter=number%20in%20('C1','C3')",
            &["C1", "C3"],
        ),
        (
            "?$filter=contains(tolower(displayName),'neil')&$schemaversion=2.1",
            &["C3"],
        ),
        (
            "?$filter=creditLimit%20lt%2050&$orderby=creditLimit",
            &["C2", "C1"],
        ),
        ("?$orderby=creditLimit%20desc", &["C3", "C1", "C2"]),
        ("?$orderby=type,displayName%20desc", &["C3", "C2", "C1"]),
        ("?$top=1&$skip=1", &["C2"]),
        ("?$skip=9", &[]),
        ("?%24top=2", &["C1", "C2"]),
        ("?tenant=x&$schemaversion=2.1", &["C1", "C2", "C3"]),
    ] {
        let (status, body) = client.get(&format!("customers{query}"));
        assert_eq!(status, 200, "{query}: {body}");
        assert_eq!(numbers(&body), expected, "{query}");
    }
    let (_, counted) = client.get("customers?$count=true&$top=1");
    assert_eq!(member(&counted, "/@odata.count"), "3");
    assert!(
        counted.get("@odata.nextLink").is_none(),
        "$top is all that was asked for"
    );
    let (_, count) = client.get("customers/$count?$filter=creditLimit%20lt%2050");
    assert_eq!(count, json!(2));
    let (_, selected) = client.get("customers?$select=number,creditLimit&$top=1");
    let keys: Vec<&str> = selected
        .pointer("/value/0")
        .and_then(Json::as_object)
        .expect("one")
        .keys()
        .collect();
    assert_eq!(keys, ["@odata.etag", "number", "creditLimit"]);
    assert_eq!(
        member(&selected, "/value/0/creditLimit"),
        "20.00",
        "digits are kept"
    );
}

#[test]
fn what_is_not_supported_is_refused() {
    let mut client = client();
    for query in [
        "$filter=",
        "$filter=nosuch%20eq%201",
        "$filter=number%20eq%20'C1'%20or%20displayName%20eq%20'Ada'",
        "$filter=number%20in%20('C1')",
        "$filter=contains(tolower(displayName),'a')",
        "$filter=number%20in%20('C1')&$schemaversion=2.0",
        "$orderby=nosuch",
        "$orderby=number%20up",
        "$select=nosuch",
        "$expand=nosuch",
        "$top=-1",
        "$top=x",
        "$count=yes",
        "$search=x",
        "$apply=x",
        "$schemaversion=9",
        "$top=1&$top=2",
    ] {
        let answer = client.get(&format!("customers?{query}"));
        assert_eq!(code(&answer), (400, String::from("BadRequest")), "{query}");
    }
    let one = member(&client.get("customers?$top=1").1, "/value/0/id");
    assert_eq!(
        client
            .get(&format!("customers({one})?$filter=number%20eq%20'C1'"))
            .0,
        400
    );
    let before = client.held("customers").len();
    assert_eq!(
        client
            .post("customers?$select=nosuch", &json!({"number": "C9"}))
            .0,
        400
    );
    assert_eq!(
        client.held("customers").len(),
        before,
        "a refused request leaves nothing"
    );
}

#[test]
fn pages_follow_one_another_to_the_end() {
    let mut client = client();
    for n in 4..=10 {
        client.customer(&format!("C{n}"));
    }
    let mut target =
        client.path("customers?$filter=startswith(number,'C')&$orderby=displayName&$count=true");
    let mut seen = Vec::new();
    for _ in 0..10 {
        let response = client.exchange("GET", &target, &[("prefer", "odata.maxpagesize=4")], "");
        assert_eq!(
            response.header("preference-applied"),
            Some("odata.maxpagesize=4")
        );
        let body = Json::parse_bytes(response.body()).expect("it is JSON");
        assert_eq!(member(&body, "/@odata.count"), "10");
        seen.push(numbers(&body).len());
        match body.get("@odata.nextLink").and_then(Json::as_str) {
            None => break,
            Some(link) => {
                let below = link
                    .strip_prefix("http://erp.example")
                    .expect("it is absolute");
                target = below.to_owned();
            }
        }
    }
    assert_eq!(seen, [4, 4, 2]);
    let path = client.path("customers?$top=5");
    let response = client.exchange("GET", &path, &[("prefer", "maxpagesize=3")], "");
    let body = Json::parse_bytes(response.body()).expect("it is JSON");
    let link = member(&body, "/@odata.nextLink").replace("http://erp.example", "");
    let (_, rest) = client.send("GET", &link, &[("prefer", "maxpagesize=3")], "");
    assert_eq!(numbers(&rest).len(), 2, "$top counts over all pages");
    assert!(rest.get("@odata.nextLink").is_none());
}

#[test]
fn lines_and_customer_are_written_out_when_asked_for() {
    let mut client = client();
    let invoice = client.invoice(
        &json!({"customerNumber": "C1", "salesInvoiceLines": [{"quantity": 1, "unitPrice": 2}]}),
    );
    let below = format!("salesInvoices({invoice})");
    let (_, plain) = client.get(&below);
    assert!(plain.get("salesInvoiceLines").is_none());
    let (_, expanded) = client.get(&format!(
        "{below}?$expand=salesInvoiceLines,customer&$select=number"
    ));
    assert_eq!(member(&expanded, "/salesInvoiceLines/0/unitPrice"), "2");
    assert_eq!(member(&expanded, "/customer/number"), "C1");
    assert!(
        expanded
            .pointer("/salesInvoiceLines/0/companyName")
            .is_none()
    );
    let (_, listed) =
        client.get("salesInvoices?$expand=salesInvoiceLines&$filter=customerNumber%20eq%20'C1'");
    assert_eq!(
        member(&listed, "/value/0/salesInvoiceLines/0/quantity"),
        "1"
    );
    let (_, lines) = client.get(&format!(
        "salesInvoiceLines?$filter=documentId%20eq%20{invoice}"
    ));
    assert_eq!(
        lines
            .get("value")
            .and_then(Json::as_array)
            .map(<[Json]>::len),
        Some(1)
    );
}
