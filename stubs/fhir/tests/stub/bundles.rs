//! Batches and transactions over the port.

use crate::client::{Client, json, string, text};
use wardgate_core::port::Verb;
use wardgate_expression::{Json, json as tree};

pub fn post(client: &mut Client, kind: &str, entries: Vec<Json>) -> (u16, Json) {
    let bundle = tree!({"resourceType": "Bundle", "type": kind, "entry": entries});
    let response = client.post("/fhir", &bundle.to_string());
    let body = json(&response);
    assert_eq!(wardgate_fhir_types::typed_check(&text(&response)), Ok(()));
    (response.status(), body)
}

pub fn statuses(bundle: &Json) -> Vec<String> {
    let entries = bundle.get("entry").and_then(Json::as_array).unwrap_or(&[]);
    entries
        .iter()
        .map(|entry| string(entry, "/response/status")[..3].to_owned())
        .collect()
}

pub fn request(method: &str, url: &str) -> Json {
    tree!({"method": method, "url": url})
}

#[test]
fn a_transaction_links_what_it_creates() {
    let mut client = Client::new();
    let (status, answer) = post(
        &mut client,
        "transaction",
        vec![
            tree!({
                "fullUrl": "urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000b1",
                "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "c"},
                    "subject": {"reference": "urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000a1"},
                    "identifier": [{"value": "urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000a1"}]},
                "request": request("POST", "Observation"),
            }),
            tree!({
                "fullUrl": "urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000a1",
                "resource": {"resourceType": "Patient", "identifier": [{"value": "1"}]},
                "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=1"},
            }),
            tree!({
                "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "c"},
                    "subject": {"reference": "Patient?identifier=1"}},
                "request": request("POST", "Observation"),
            }),
            tree!({"request": request("GET", "Patient?identifier=1")}),
        ],
    );
    assert_eq!(
        (status, statuses(&answer)),
        (
            200,
            ["201", "201", "201", "200"].map(str::to_owned).to_vec()
        )
    );
    assert_eq!(string(&answer, "/type"), "transaction-response");
    assert_eq!(client.effects.len(), 3);
    let (patients, _) = client.search("/fhir/Patient?identifier=1");
    let reference = format!("Patient/{}", patients[0]);
    let (observations, total) = client.search(&format!("/fhir/Observation?subject={reference}"));
    assert_eq!(total, 2);
    let first = json(&client.get(&format!("/fhir/Observation/{}", observations[0])));
    assert_eq!(string(&first, "/subject/reference"), reference);
    assert_eq!(
        string(&first, "/identifier/0/value"),
        "urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000a1"
    );
    assert_eq!(
        string(&first, "/meta/versionId"),
        "1",
        "resolving a reference makes no version"
    );
    assert_eq!(
        string(&answer, "/entry/3/resource/entry/0/resource/id"),
        patients[0]
    );
    let location = string(&answer, "/entry/1/response/location");
    assert_eq!(
        location,
        format!("http://ehr.test:8080/fhir/{reference}/_history/1")
    );
    // Again: the patient is found, not created.
    let (_, again) = post(
        &mut client,
        "transaction",
        vec![tree!({
            "resource": {"resourceType": "Patient", "identifier": [{"value": "1"}]},
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=1"},
        })],
    );
    assert_eq!(statuses(&again), ["200"]);
    assert!(client.effects.is_empty());
}

#[test]
fn a_transaction_happens_as_a_whole_or_not_at_all() {
    let mut client = Client::new();
    client.put(
        "/fhir/Patient/p1",
        r#"{"resourceType":"Patient","id":"p1","active":true}"#,
    );
    let before = text(&client.get("/fhir/Patient/p1"));
    let good = || {
        vec![
            tree!({"resource": {"resourceType": "Patient", "id": "p1", "active": false}, "request": request("PUT", "Patient/p1")}),
            tree!({"resource": {"resourceType": "Group", "type": "person", "actual": true}, "request": request("POST", "Group")}),
        ]
    };
    for (bad, status) in [
        (tree!({"request": request("DELETE", "Patient/p1")}), 400),
        (
            tree!({"resource": {"resourceType": "Patient", "id": "p1"}, "request": request("PUT", "Patient/p1")}),
            400,
        ),
        (
            tree!({"resource": {"resourceType": "Patient"}, "request": request("POST", "Group")}),
            400,
        ),
        (
            tree!({"resource": {"resourceType": "Patient", "id": "p2"}, "request": {"method": "PUT", "url": "Patient/p2", "ifMatch": "W/\"3\""}}),
            412,
        ),
        (
            tree!({"resource": {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient?identifier=none"}}, "request": request("POST", "Basic")}),
            412,
        ),
        (
            tree!({"resource": {"resourceType": "Patient", "nmae": "x"}, "request": request("POST", "Patient")}),
            422,
        ),
        (tree!({"request": request("GET", "Patient/none")}), 404),
        (tree!({"request": request("GET", "Nonsense/1")}), 404),
        (tree!({"request": request("POST", "Patient")}), 400),
        (tree!({"request": {"method": "GET"}}), 400),
        (
            tree!({"resource": {"resourceType": "Patient"}, "request": request("PATCH", "Patient/p1")}),
            405,
        ),
    ] {
        let mut entries = good();
        entries.push(bad.clone());
        let (found, outcome) = post(&mut client, "transaction", entries);
        assert_eq!(found, status, "{bad}: {outcome}");
        assert_eq!(string(&outcome, "/resourceType"), "OperationOutcome");
        // A delete is done before the update that it collides with.
        let at = if bad.pointer("/request/method") == Some(&tree!("DELETE")) {
            0
        } else {
            2
        };
        let place = string(&outcome, "/issue/0/expression/0");
        assert!(
            place.starts_with(&format!("Bundle.entry[{at}]")),
            "{bad}: {place}"
        );
        assert!(client.effects.is_empty(), "{bad}");
        assert_eq!(text(&client.get("/fhir/Patient/p1")), before);
        assert_eq!(client.search("/fhir/Group").1, 0);
    }
    assert_eq!(post(&mut client, "transaction", good()).0, 200);
    assert_eq!(
        client
            .effects
            .iter()
            .map(|effect| effect.verb)
            .collect::<Vec<_>>(),
        [Verb::Created, Verb::Updated]
    );
}

#[test]
fn a_transaction_deletes_before_it_creates() {
    let mut client = Client::new();
    client.put(
        "/fhir/Patient/p1",
        r#"{"resourceType":"Patient","id":"p1","identifier":[{"value":"1"}]}"#,
    );
    let (status, answer) = post(
        &mut client,
        "transaction",
        vec![
            tree!({"request": request("GET", "Patient?identifier=1")}),
            tree!({"resource": {"resourceType": "Patient", "active": true, "identifier": [{"value": "1"}]},
                "request": request("PUT", "Patient?identifier=1")}),
            tree!({"request": request("DELETE", "Patient/p1")}),
        ],
    );
    assert_eq!(
        (status, statuses(&answer)),
        (200, ["200", "201", "204"].map(str::to_owned).to_vec())
    );
    assert_eq!(
        answer
            .pointer("/entry/0/resource/total")
            .and_then(Json::as_i64),
        Some(1)
    );
    assert_eq!(client.get("/fhir/Patient/p1").status(), 410);
}

#[test]
fn the_entries_of_a_batch_stand_alone() {
    let mut client = Client::new();
    let (status, answer) = post(
        &mut client,
        "batch",
        vec![
            tree!({"request": request("GET", "Patient/none")}),
            tree!({"resource": {"resourceType": "Patient"}, "request": request("POST", "Patient")}),
            tree!({"request": request("GET", "http://ehr.test:8080/fhir/Patient?_count=1")}),
            tree!({"request": request("GET", "Patient?colour=red")}),
        ],
    );
    assert_eq!(
        (status, statuses(&answer)),
        (
            200,
            ["404", "201", "200", "400"].map(str::to_owned).to_vec()
        )
    );
    assert_eq!(
        string(&answer, "/entry/0/response/outcome/resourceType"),
        "OperationOutcome"
    );
    assert_eq!(client.search("/fhir/Patient").1, 1);
    for (body, expected) in [
        (r#"{"resourceType":"Patient"}"#, 400),
        (r#"{"resourceType":"Bundle","type":"collection"}"#, 400),
    ] {
        assert_eq!(client.post("/fhir", body).status(), expected, "{body}");
    }
    let kept = client.post(
        "/fhir/Bundle",
        r#"{"resourceType":"Bundle","type":"collection"}"#,
    );
    assert_eq!(kept.status(), 201, "a Bundle can be kept as well");
}

#[test]
fn written_resources_come_back_where_they_are_asked_for() {
    let mut client = Client::new();
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}"#;
    let plain = json(&client.post("/fhir", bundle));
    assert!(plain.pointer("/entry/0/resource").is_none());
    let whole = json(&client.request(
        "POST",
        "/fhir/",
        &[("prefer", "return=representation")],
        bundle,
    ));
    assert_eq!(string(&whole, "/entry/0/resource/resourceType"), "Patient");
}
