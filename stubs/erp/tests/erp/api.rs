//! The API as a client sees it: records, refusals, versions, tenants.

use crate::client::{Client, code, id, member};
use wardgate_core::port::{Action, Control, Fault, Verb};
use wardgate_expression::{Json, json};

fn client() -> Client {
    Client::new(Json::Null)
}

fn refused(answer: &crate::client::Answer, status: u16, expected: &str) {
    assert_eq!(code(answer), (status, expected.to_owned()), "{}", answer.1);
}

#[test]
fn the_companies_are_there_from_the_start_and_follow_from_the_seed() {
    let mut client = client();
    let (status, body) = client.send("GET", "/api/v2.0/companies", &[], "");
    assert_eq!(status, 200);
    assert_eq!(member(&body, "/value/0/name"), "HOSP");
    assert_eq!(member(&body, "/value/1/name"), "CLINIC");
    assert_eq!(
        member(&body, "/@odata.context"),
        "http://erp.example/api/v2.0/$metadata#companies"
    );
    let again = crate::client::Client::new(json!({"companies": ["CLINIC", "HOSP"]})).companies();
    assert_eq!(
        again,
        [member(&body, "/value/1/id"), member(&body, "/value/0/id")]
    );
    let (_, found) = client.send(
        "GET",
        "/api/v2.0/companies?$filter=name%20eq%20'CLINIC'",
        &[],
        "",
    );
    assert_eq!(member(&found, "/value/0/name"), "CLINIC");
    assert!(found.pointer("/value/1").is_none());
}

#[test]
fn a_customer_is_created_read_changed_and_deleted() {
    let mut client = client();
    let (status, created) = client.post(
        "customers",
        &json!({"number": "MZ1", "displayName": "Zoë O'Brien", "creditLimit": Json::parse("10.50").unwrap()}),
    );
    assert_eq!(status, 201, "{created}");
    let below = format!("customers({})", id(&created));
    let (_, read) = client.get(&below);
    assert_eq!(read, created);
    assert_eq!(member(&read, "/creditLimit"), "10.50");
    assert_eq!(member(&read, "/type"), "Company");
    assert_eq!(member(&read, "/blocked"), "_x0020_");
    assert!(
        read.get("companyName").is_none(),
        "it is for contracts alone"
    );
    let tag = member(&read, "/@odata.etag");
    let path = client.path(&below);
    let (status, changed) = client.send(
        "PATCH",
        &path,
        &[("if-match", &tag)],
        r#"{"city": "Ørsted"}"#,
    );
    assert_eq!(
        (status, member(&changed, "/city").as_str()),
        (200, "Ørsted")
    );
    assert_eq!(member(&changed, "/displayName"), "Zoë O'Brien");
    assert_ne!(member(&changed, "/@odata.etag"), tag);
    assert_ne!(
        member(&changed, "/lastModifiedDateTime"),
        member(&read, "/lastModifiedDateTime")
    );
    let (status, _) = client.delete(&below);
    assert_eq!(status, 204);
    refused(&client.get(&below), 404, "BadRequest_ResourceNotFound");
}

#[test]
fn a_change_needs_the_version_it_is_made_to() {
    let mut client = client();
    let below = format!("customers({})", client.customer("MZ1"));
    let path = client.path(&below);
    let old = member(&client.get(&below).1, "/@odata.etag");
    client.patch(&below, &json!({"city": "Elsewhere"}));
    for method in ["PATCH", "DELETE"] {
        refused(
            &client.send(method, &path, &[], "{}"),
            400,
            "BadRequest_InvalidToken",
        );
        refused(
            &client.send(method, &path, &[("if-match", &old)], "{}"),
            409,
            "Request_EntityChanged",
        );
    }
    assert_eq!(member(&client.get(&below).1, "/city"), "Elsewhere");
    let mut flagged = Client::new(json!({"stale": 412}));
    let path = format!("customers({})", flagged.customer("MZ1"));
    let path = flagged.path(&path);
    refused(
        &flagged.send("PATCH", &path, &[("if-match", "W/\"x\"")], "{}"),
        412,
        "Request_EntityChanged",
    );
}

#[test]
fn values_that_do_not_fit_are_refused_with_the_codes_of_the_real_one() {
    let mut client = client();
    client.customer("MZ1");
    for (body, expected) in [
        (r#"{"number": "MZ1"}"#, "Internal_EntityWithSameKeyExists"),
        (
            r#"{"number": "123456789012345678901"}"#,
            "Application_StringExceededLength",
        ),
        (r#"{"nosuch": 1}"#, "BadRequest"),
        (r#"{"number": 1}"#, "BadRequest"),
        (r#"{"number": "1", "number": "2"}"#, "BadRequest"),
        (r#"{"blocked": "Never"}"#, "BadRequest"),
        (r#"{"taxAreaId": "x"}"#, "BadRequest"),
        (r#"{"creditLimit": "10"}"#, "BadRequest"),
        (
            r#"{"creditLimit": 10.505}"#,
            "Application_FieldValidationException",
        ),
        (
            r#"{"creditLimit": 1e40}"#,
            "Application_FieldValidationException",
        ),
        (
            r#"{"id": "00000000-0000-4000-8000-000000000001"}"#,
            "Application_FieldValidationException",
        ),
        (
            r#"{"balanceDue": 1}"#,
            "Application_FieldValidationException",
        ),
        (
            r#"{"city": "a\nb"}"#,
            "Application_FieldValidationException",
        ),
        ("[]", "BadRequest"),
        ("{", "BadRequest"),
        ("", "BadRequest"),
    ] {
        let path = client.path("customers");
        let answer = client.send("POST", &path, &[], body);
        refused(&answer, 400, expected);
        assert!(member(&answer.1, "/error/message").contains("CorrelationId:"));
    }
    let path = client.path("customers");
    let answer = client.send("POST", &path, &[("content-type", "text/xml")], "{}");
    refused(&answer, 415, "BadRequest_UnsupportedMediaType");
    assert_eq!(client.held("customers").len(), 1);
}

#[test]
fn paths_that_lead_nowhere_and_methods_that_do_not_fit() {
    let mut client = client();
    let customer = client.customer("MZ1");
    let nobody = "00000000-0000-4000-8000-000000000009";
    let root = client.path("");
    for (method, target, status, expected) in [
        (
            "GET",
            "/elsewhere".to_owned(),
            404,
            "BadRequest_ResourceNotFound",
        ),
        (
            "GET",
            format!("/api/v2.0/companies({nobody})/customers"),
            404,
            "Internal_CompanyNotFound",
        ),
        (
            "GET",
            "/api/v2.0/companies(1)/customers".to_owned(),
            400,
            "BadRequest",
        ),
        (
            "GET",
            format!("{root}vendors"),
            404,
            "BadRequest_ResourceNotFound",
        ),
        (
            "GET",
            format!("{root}customers({nobody})"),
            404,
            "BadRequest_ResourceNotFound",
        ),
        ("GET", format!("{root}customers(MZ1)"), 400, "BadRequest"),
        (
            "GET",
            format!("{root}customers({customer})/Microsoft.NAV.post"),
            404,
            "BadRequest_ResourceNotFound",
        ),
        (
            "PUT",
            format!("{root}customers({customer})"),
            405,
            "BadRequest_MethodNotAllowed",
        ),
        (
            "POST",
            format!("{root}generalLedgerEntries"),
            405,
            "BadRequest_MethodNotAllowed",
        ),
        (
            "DELETE",
            format!("{root}customers"),
            405,
            "BadRequest_MethodNotAllowed",
        ),
    ] {
        let answer = client.send(method, &target, &[], "");
        refused(&answer, status, expected);
        assert!(!answer.1.to_string().contains(nobody), "no id is echoed");
    }
    let (status, _) = client.send(
        "GET",
        &format!("/v2.0/Production{root}customers({customer})"),
        &[],
        "",
    );
    assert_eq!(status, 200, "the address of the cloud serves as well");
}

#[test]
fn one_company_does_not_see_the_other() {
    let mut client = client();
    let customer = client.customer("MZ1");
    let invoice = client.invoice(&json!({"customerNumber": "MZ1"}));
    client.company = client.companies().remove(1);
    for below in [
        format!("customers({customer})"),
        format!("salesInvoices({invoice})"),
    ] {
        refused(&client.get(&below), 404, "BadRequest_ResourceNotFound");
        refused(
            &client.patch(&below, &json!({})),
            404,
            "BadRequest_ResourceNotFound",
        );
        refused(&client.delete(&below), 404, "BadRequest_ResourceNotFound");
    }
    refused(
        &client.post(
            &format!("salesInvoices({invoice})/Microsoft.NAV.post"),
            &Json::Null,
        ),
        404,
        "BadRequest_ResourceNotFound",
    );
    refused(
        &client.post("salesInvoices", &json!({"customerId": &customer})),
        400,
        "Application_FieldValidationException",
    );
    assert_eq!(client.get("customers").1.get("value"), Some(&json!([])));
    let same = client.customer("MZ1");
    assert_ne!(
        same, customer,
        "one number under two companies is two customers"
    );
    let tenants: Vec<String> = client
        .held("customers")
        .iter()
        .map(|it| member(it, "/companyName"))
        .collect();
    assert_eq!(tenants, ["HOSP", "CLINIC"]);
}

#[test]
fn items_give_lines_what_those_leave_out() {
    let mut client = client();
    client.customer("MZ1");
    let (status, item) = client.post(
        "items",
        &json!({"number": "WG-1", "displayName": "Dressing", "unitPrice": Json::parse("2.50").unwrap()}),
    );
    assert_eq!(status, 201, "{item}");
    let (_, invoice) = client.post(
        "salesInvoices",
        &json!({"customerNumber": "MZ1", "salesInvoiceLines": [{"lineObjectNumber": "WG-1", "quantity": 3}]}),
    );
    assert_eq!(member(&invoice, "/salesInvoiceLines/0/itemId"), id(&item));
    assert_eq!(
        member(&invoice, "/salesInvoiceLines/0/description"),
        "Dressing"
    );
    assert_eq!(member(&invoice, "/totalAmountIncludingTax"), "7.50");
    let line = json!({"itemId": id(&item), "lineObjectNumber": "other"});
    refused(
        &client.post(
            "salesInvoices",
            &json!({"customerNumber": "MZ1", "salesInvoiceLines": [line]}),
        ),
        400,
        "Application_FieldValidationException",
    );
}

#[test]
fn strict_items_have_to_exist() {
    let line = json!({"lineObjectNumber": "WG-1", "quantity": 1, "unitPrice": 1});
    let body = json!({"customerNumber": "MZ1", "salesInvoiceLines": [line]});
    let mut strict = Client::new(json!({"items": "strict"}));
    strict.customer("MZ1");
    refused(
        &strict.post("salesInvoices", &body),
        400,
        "Application_FieldValidationException",
    );
    let mut free = client();
    free.customer("MZ1");
    assert_eq!(free.post("salesInvoices", &body).0, 201);
}

#[test]
fn effects_name_what_was_given_out() {
    let mut client = client();
    let path = client.path("customers");
    let created = client.react("POST", &path, &[], r#"{"number": "MZ1"}"#);
    assert_eq!(created.effects.len(), 1);
    assert_eq!(created.effects[0].verb, Verb::Created);
    let customer = id(&client.held("customers")[0]);
    assert_eq!(created.effects[0].keys, std::slice::from_ref(&customer));
    assert_eq!(created.effects[0].subject, format!("customers({customer})"));
    let refused = client.react("POST", &path, &[], r#"{"number": "MZ1"}"#);
    assert_eq!(refused.effects, []);
    assert_eq!(client.react("GET", &path, &[], "").effects, []);
    let path = client.path("salesInvoices");
    let body =
        r#"{"customerNumber": "MZ1", "salesInvoiceLines": [{"quantity": 1, "unitPrice": 5}]}"#;
    let invoice = client.react("POST", &path, &[], body);
    assert_eq!(invoice.effects[0].keys.len(), 2, "the invoice and its line");
    let path = client.path(&format!(
        "salesInvoices({})/Microsoft.NAV.post",
        invoice.effects[0].keys[0]
    ));
    let posted = client.react("POST", &path, &[], "");
    let verbs: Vec<Verb> = posted.effects.iter().map(|effect| effect.verb).collect();
    assert_eq!(verbs, [Verb::Updated, Verb::Created, Verb::Created]);
}

#[test]
fn records_can_be_given_from_outside() {
    let mut client = client();
    let given =
        json!({"companyName": "CLINIC", "number": "MZ9", "displayName": "Given", "balanceDue": 99});
    assert_eq!(client.seed("customers", given).effects.len(), 1);
    let again = json!({"companyName": "CLINIC", "number": "MZ9", "displayName": "Given again"});
    assert_eq!(
        client.seed("customers", again).effects[0].verb,
        Verb::Updated
    );
    let held = client.held("customers");
    assert_eq!(held.len(), 1);
    assert_eq!(member(&held[0], "/displayName"), "Given again");
    assert_eq!(member(&held[0], "/companyName"), "CLINIC");
    client.seed(
        "salesInvoices",
        json!({
            "companyName": "CLINIC", "customerNumber": "MZ9", "status": "Open",
            "salesInvoiceLines": [{"quantity": 1, "unitPrice": 5}],
        }),
    );
    assert_eq!(member(&client.held("salesInvoices")[0], "/status"), "Open");
    assert_eq!(client.held("generalLedgerEntries").len(), 2);
    for (collection, record) in [
        ("generalLedgerEntries", json!({})),
        ("customers", json!({"companyName": "NOWHERE"})),
        ("customers", json!({"nosuch": 1})),
    ] {
        let reaction = client.seed(collection, record);
        assert!(
            reaction
                .remark
                .is_some_and(|remark| remark.starts_with("not seeded"))
        );
    }
    client.seed("companies", json!({"name": "THIRD"}));
    assert_eq!(client.companies().len(), 3);
}

#[test]
fn faulty_options_are_refused() {
    use wardgate_core::port::{Protocol, StubOptions};
    for options in [
        json!([]),
        json!({"company": "HOSP"}),
        json!({"companies": []}),
        json!({"companies": ["A", "A"]}),
        json!({"items": true}),
        json!({"stale": 500}),
    ] {
        let options = StubOptions {
            partner: String::from("ledger"),
            options,
            seed: wardgate_synth::Seed::from_u64(1),
        };
        assert!(
            wardgate_stub_erp::Erp.stub(&options).is_err(),
            "{}",
            options.options
        );
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let play = || {
        let mut client = client();
        let customer = client.customer("MZ1");
        let invoice = client.invoice(&json!({"customerId": customer}));
        let below = client.path(&format!("salesInvoices({invoice})"));
        (
            client.exchange("GET", &below, &[], "").encode(),
            client.get("vendors"),
        )
    };
    assert_eq!(play(), play());
}

#[test]
fn head_asks_as_get_does_and_other_methods_are_told_which_there_are() {
    let mut client = client();
    client.customer("MZ1");
    for path in ["customers", "customers/$count"].map(|path| client.path(path)) {
        let [get, head] = ["GET", "HEAD"].map(|method| client.exchange(method, &path, &[], ""));
        assert_eq!((head.status(), head.body()), (200, get.body()), "{path}");
    }
    let whole = format!("http://books.example{}", client.path("customers"));
    let listed = client.exchange("GET", &whole, &[], "");
    assert_eq!(listed.status(), 200);
    let text = String::from_utf8_lossy(listed.body()).into_owned();
    assert!(text.contains("\"http://books.example/"), "{text}");
    for (path, allowed) in [
        ("customers", "GET, HEAD, POST"),
        ("generalLedgerEntries", "GET, HEAD"),
        ("customers/$count", "GET, HEAD"),
    ] {
        let refused = client.exchange("OPTIONS", &client.path(path), &[], "");
        assert_eq!(
            (refused.status(), refused.header("allow")),
            (405, Some(allowed)),
            "{path}"
        );
    }
}

#[test]
fn faults_are_played_in_the_words_of_the_api() {
    let mut client = client();
    let path = client.path("customers");
    let body = r#"{"number": "MZ1"}"#;
    let with = Some(String::from("429"));
    client.control(&Control::Fault(Fault::Refuse { with, attempts: 1 }));
    let refused = client.exchange("POST", &path, &[], body);
    assert_eq!(
        (refused.status(), refused.header("retry-after")),
        (429, Some("0"))
    );
    assert!(client.held("customers").is_empty());
    client.control(&Control::Fault(Fault::Refuse {
        with: None,
        attempts: 2,
    }));
    let [one, other] = [1, 2].map(|_| client.exchange("POST", &path, &[], body));
    assert_eq!((one.status(), other.status()), (503, 503));
    assert_ne!(
        one.body(),
        other.body(),
        "each has a CorrelationId of its own"
    );
    client.control(&Control::Fault(Fault::LoseReply { attempts: 1 }));
    assert_eq!(
        client.exchange("GET", &path, &[], "").status(),
        200,
        "a read has nothing to lose"
    );
    let lost = client.react("POST", &path, &[], body);
    let close = Action::Close {
        channel: 1,
        abort: false,
    };
    assert_eq!((lost.actions, lost.effects.len()), (vec![close], 1));
    assert_eq!(client.held("customers").len(), 1);
    assert_eq!(
        code(&client.post("customers", &json!({"number": "MZ1"}))),
        (400, String::from("Internal_EntityWithSameKeyExists")),
        "who repeats without looking is told"
    );
    client.control(&Control::Reset);
    assert!(client.held("customers").is_empty());
    assert_eq!(client.held("companies").len(), 2);
}
