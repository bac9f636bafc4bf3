//! Each RESTful interaction of the stub, over the port.

use crate::client::{Client, json, link, string, text};
use wardgate_core::{port::Verb, wire::HttpResponse};
use wardgate_expression::Json;

const ANN: &str = r#"{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"M1"}],"name":[{"family":"O'Brien","given":["Ann"]}],"gender":"female","birthDate":"1980-02","multipleBirthInteger":2}"#;

fn outcome(response: &HttpResponse) -> (u16, String) {
    let outcome = json(response);
    assert_eq!(string(&outcome, "/resourceType"), "OperationOutcome");
    assert!(!string(&outcome, "/issue/0/diagnostics").is_empty());
    assert_eq!(string(&outcome, "/issue/0/severity"), "error");
    (response.status(), string(&outcome, "/issue/0/code"))
}

#[test]
fn a_create_answers_with_where_and_what() {
    let mut client = Client::new();
    let response = client.post("/fhir/Patient", ANN);
    assert_eq!(response.status(), 201);
    let resource = json(&response);
    let id = string(&resource, "/id");
    assert!(
        id.len() >= 10,
        "an id is unmistakable when it is seen again"
    );
    assert_eq!(
        response.header("location"),
        Some(format!("http://ehr.test:8080/fhir/Patient/{id}/_history/1").as_str())
    );
    assert_eq!(response.header("etag"), Some("W/\"1\""));
    assert_eq!(
        response.header("last-modified"),
        Some("Mon, 23 Nov 2026 22:39:51 GMT")
    );
    assert_eq!(
        response.header("content-type"),
        Some("application/fhir+json;charset=utf-8")
    );
    assert_eq!(string(&resource, "/meta/versionId"), "1");
    assert_eq!(
        string(&resource, "/meta/lastUpdated"),
        "2026-11-23T22:39:51.123Z"
    );
    assert_eq!(client.effects.len(), 1);
    assert_eq!(client.effects[0].verb, Verb::Created);
    assert_eq!(client.effects[0].subject, format!("Patient/{id}"));
    assert_eq!(client.effects[0].keys, std::slice::from_ref(&id));
    let read = client.get(&format!("/fhir/Patient/{id}"));
    assert_eq!((read.status(), read.body()), (200, response.body()));
    assert!(client.effects.is_empty());
}

#[test]
fn what_was_sent_comes_back_as_it_was_written() {
    let mut client = Client::new();
    let sent = r#"{"resourceType":"Observation","meta":{"profile":["urn:p"],"versionId":"9"},"status":"final","code":{"text":"é\u00e9"},"valueQuantity":{"value":1.10,"unit":"mg"},"component":[{"code":{"text":"x"},"valueQuantity":{"value":1e3}}]}"#;
    let id = client.create("Observation", sent);
    let read = client.get(&format!("/fhir/Observation/{id}"));
    assert_eq!(
        text(&read),
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","meta":{{"profile":["urn:p"],"versionId":"1","lastUpdated":"2026-11-23T22:39:51.123Z"}},"status":"final","code":{{"text":"éé"}},"valueQuantity":{{"value":1.10,"unit":"mg"}},"component":[{{"code":{{"text":"x"}},"valueQuantity":{{"value":1e3}}}}]}}"#
        )
    );
}

#[test]
fn updates_make_versions_and_deletes_make_ghosts() {
    let mut client = Client::new();
    let id = client.create("Patient", ANN);
    let second = format!(r#"{{"resourceType":"Patient","id":"{id}","active":true}}"#);
    let updated = client.put(&format!("/fhir/Patient/{id}"), &second);
    assert_eq!(
        (updated.status(), updated.header("etag")),
        (200, Some("W/\"2\""))
    );
    assert_eq!(
        (client.effects[0].verb, client.effects[0].keys.len()),
        (Verb::Updated, 0)
    );
    assert_eq!(
        client
            .get(&format!("/fhir/Patient/{id}/_history/1"))
            .status(),
        200
    );
    assert_eq!(
        outcome(&client.get(&format!("/fhir/Patient/{id}/_history/3"))).0,
        404
    );
    let deleted = client.delete(&format!("/fhir/Patient/{id}"));
    assert_eq!((deleted.status(), deleted.body().len()), (204, 0));
    assert_eq!(client.effects[0].verb, Verb::Deleted);
    let gone = client.get(&format!("/fhir/Patient/{id}"));
    assert_eq!(outcome(&gone), (410, "deleted".to_owned()));
    assert_eq!(
        outcome(&client.get(&format!("/fhir/Patient/{id}/_history/3"))).0,
        410
    );
    assert_eq!(
        client
            .get(&format!("/fhir/Patient/{id}/_history/2"))
            .status(),
        200
    );
    assert_eq!(client.delete(&format!("/fhir/Patient/{id}")).status(), 204);
    assert!(
        client.effects.is_empty(),
        "deleting what is gone changes nothing"
    );
    assert_eq!(client.search("/fhir/Patient"), (vec![], 0));
    let again = client.put(&format!("/fhir/Patient/{id}"), &second);
    assert_eq!(
        (again.status(), again.header("etag")),
        (201, Some("W/\"4\""))
    );
    assert_eq!(client.effects[0].verb, Verb::Created);
}

#[test]
fn an_update_creates_under_the_clients_id() {
    let mut client = Client::new();
    let response = client.put(
        "/fhir/Patient/p1",
        r#"{"resourceType":"Patient","id":"p1"}"#,
    );
    assert_eq!(response.status(), 201);
    assert_eq!(
        response.header("location"),
        Some("http://ehr.test:8080/fhir/Patient/p1/_history/1")
    );
    assert_eq!(
        client.effects[0].keys,
        Vec::<String>::new(),
        "the id is not one that the stub gave out"
    );
    for (target, body, status) in [
        (
            "/fhir/Patient/p1",
            r#"{"resourceType":"Patient","id":"p2"}"#,
            400,
        ),
        ("/fhir/Patient/p1", r#"{"resourceType":"Patient"}"#, 400),
        (
            "/fhir/Patient/p1",
            r#"{"resourceType":"Group","id":"p1"}"#,
            400,
        ),
        (
            "/fhir/Patient/p_1",
            r#"{"resourceType":"Patient","id":"p_1"}"#,
            400,
        ),
    ] {
        assert_eq!(
            outcome(&client.put(target, body)).0,
            status,
            "{target} {body}"
        );
    }
}

#[test]
fn a_stale_update_is_refused() {
    let mut client = Client::new();
    client.put(
        "/fhir/Patient/p1",
        r#"{"resourceType":"Patient","id":"p1"}"#,
    );
    let body = r#"{"resourceType":"Patient","id":"p1","active":true}"#;
    for (tag, status) in [
        ("W/\"1\"", 200),
        ("W/\"1\"", 412),
        ("\"2\"", 200),
        ("*", 200),
        ("W/\"x\"", 412),
    ] {
        let response = client.request("PUT", "/fhir/Patient/p1", &[("if-match", tag)], body);
        assert_eq!(response.status(), status, "{tag}");
    }
    let response = client.request("DELETE", "/fhir/Patient/p1", &[("if-match", "W/\"1\"")], "");
    assert_eq!(outcome(&response), (412, "conflict".to_owned()));
    assert_eq!(client.get("/fhir/Patient/p1").status(), 200);
}

#[test]
fn a_read_of_what_is_known_is_not_modified() {
    let mut client = Client::new();
    client.put(
        "/fhir/Patient/p1",
        r#"{"resourceType":"Patient","id":"p1"}"#,
    );
    for (header, value, status) in [
        ("if-none-match", "W/\"1\"", 304),
        ("if-none-match", "W/\"7\", W/\"1\"", 304),
        ("if-none-match", "W/\"2\"", 200),
        ("if-modified-since", "Mon, 23 Nov 2026 22:39:51 GMT", 304),
        ("if-modified-since", "Mon, 23 Nov 2026 22:39:50 GMT", 200),
        ("if-modified-since", "some day", 200),
    ] {
        let response = client.request("GET", "/fhir/Patient/p1", &[(header, value)], "");
        assert_eq!(response.status(), status, "{header}: {value}");
        assert_eq!(response.body().is_empty(), status == 304);
    }
}

#[test]
fn a_conditional_create_happens_once() {
    let mut client = Client::new();
    let once = [("if-none-exist", "identifier=urn:mrn|M1")];
    let first = client.request("POST", "/fhir/Patient", &once, ANN);
    assert_eq!(first.status(), 201);
    for _ in 0..15 {
        let next = client.request("POST", "/fhir/Patient", &once, ANN);
        assert_eq!(
            (next.status(), next.header("location")),
            (200, first.header("location"))
        );
        assert!(client.effects.is_empty());
    }
    assert_eq!(client.search("/fhir/Patient?identifier=M1").1, 1);
    client.create("Patient", ANN);
    let many = client.request("POST", "/fhir/Patient", &once, ANN);
    assert_eq!(outcome(&many), (412, "multiple-matches".to_owned()));
    let unknown = client.request(
        "POST",
        "/fhir/Patient",
        &[("if-none-exist", "colour=red")],
        ANN,
    );
    assert_eq!(outcome(&unknown).0, 400);
}

#[test]
fn a_conditional_update_creates_updates_or_refuses() {
    let mut client = Client::new();
    let target = "/fhir/Patient?identifier=urn:mrn%7CM1";
    let created = client.put(target, ANN);
    assert_eq!(created.status(), 201);
    assert_eq!(client.effects[0].keys.len(), 1, "the stub gave the id out");
    let id = string(&json(&created), "/id");
    let updated = client.put(target, ANN);
    assert_eq!(
        (updated.status(), updated.header("etag")),
        (200, Some("W/\"2\""))
    );
    assert_eq!(string(&json(&updated), "/id"), id);
    let other = ANN.replacen('{', r#"{"id":"other","#, 1);
    assert_eq!(outcome(&client.put(target, &other)).0, 400);
    assert_eq!(
        outcome(&client.put("/fhir/Patient", ANN)).0,
        412,
        "criteria must select"
    );
    client.create("Patient", ANN);
    assert_eq!(
        outcome(&client.put(target, ANN)),
        (412, "multiple-matches".to_owned())
    );
    let named = client.put("/fhir/Patient?identifier=M2", &other.replace("M1", "M2"));
    assert_eq!(
        (named.status(), string(&json(&named), "/id")),
        (201, "other".to_owned())
    );
    let taken = client.put("/fhir/Patient?identifier=M3", &other);
    assert_eq!(outcome(&taken).0, 409);
}

#[test]
fn a_conditional_delete_takes_one_or_none() {
    let mut client = Client::new();
    client.create("Patient", ANN);
    assert_eq!(client.delete("/fhir/Patient?identifier=none").status(), 204);
    assert_eq!(client.search("/fhir/Patient").1, 1);
    assert_eq!(client.delete("/fhir/Patient?identifier=M1").status(), 204);
    assert_eq!(client.search("/fhir/Patient").1, 0);
    client.create("Patient", ANN);
    client.create("Patient", ANN);
    assert_eq!(
        outcome(&client.delete("/fhir/Patient?identifier=M1")).0,
        412
    );
    assert_eq!(outcome(&client.delete("/fhir/Patient")).0, 412);
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut client = Client::with_options(wardgate_expression::json!({"body_bytes_max": 1000}));
    let patient = r#"{"resourceType":"Patient"}"#;
    let huge = format!(
        r#"{{"resourceType":"Patient","language":"{}"}}"#,
        "x".repeat(1000)
    );
    for (method, target, headers, body, status) in [
        ("GET", "/fhir/Patient/none", vec![], "", 404),
        ("GET", "/fhir/Nonsense/1", vec![], "", 404),
        ("GET", "/fhir/Patient/1/2/3/4", vec![], "", 404),
        ("POST", "/fhir/Patient/$match", vec![], patient, 404),
        ("POST", "/fhir/Patient/1", vec![], patient, 405),
        ("PATCH", "/fhir/Patient/1", vec![], patient, 405),
        ("DELETE", "/fhir/metadata", vec![], "", 405),
        ("GET", "/fhir", vec![], "", 405),
        (
            "GET",
            "/fhir/Patient",
            vec![("accept", "application/fhir+xml")],
            "",
            406,
        ),
        ("GET", "/fhir/Patient?_format=xml", vec![], "", 406),
        (
            "POST",
            "/fhir/Patient",
            vec![("content-type", "application/xml")],
            patient,
            415,
        ),
        ("POST", "/fhir/Patient", vec![], "{\"resourceType\":", 400),
        (
            "POST",
            "/fhir/Patient",
            vec![],
            r#"{"resourceType":"Group"}"#,
            400,
        ),
        (
            "POST",
            "/fhir/Patient",
            vec![],
            r#"{"resourceType":"Nonsense"}"#,
            400,
        ),
        (
            "POST",
            "/fhir/Patient",
            vec![],
            r#"{"resourceType":"Patient","name":[]}"#,
            422,
        ),
        ("POST", "/fhir/Patient", vec![], huge.as_str(), 413),
        ("GET", "/fhir/Patient?colour=red", vec![], "", 400),
        ("GET", "/fhir/Patient?birthdate=soon", vec![], "", 400),
        (
            "POST",
            "/fhir/Patient/_search",
            vec![("content-type", "application/json")],
            "{}",
            415,
        ),
    ] {
        let response = client.request(method, target, &headers, body);
        assert_eq!(
            outcome(&response).0,
            status,
            "{method} {target}: {}",
            text(&response)
        );
        assert_eq!(
            response.header("content-type"),
            Some("application/fhir+json;charset=utf-8")
        );
        assert_eq!(
            response.header("allow").is_some(),
            status == 405,
            "{method} {target}"
        );
        assert!(client.effects.is_empty());
    }
    let empty = client.request(
        "POST",
        "/fhir/Patient",
        &[("content-type", "application/fhir+json")],
        "",
    );
    assert_eq!(outcome(&empty).0, 400);
}

#[test]
fn preferences_decide_what_a_write_answers() {
    let mut client = Client::new();
    let minimal = client.request(
        "POST",
        "/fhir/Patient",
        &[("prefer", "return=minimal")],
        ANN,
    );
    assert_eq!((minimal.status(), minimal.body().len()), (201, 0));
    assert!(minimal.header("location").is_some());
    assert_eq!(minimal.header("content-type"), None);
    let outcome = client.request(
        "POST",
        "/fhir/Patient",
        &[("prefer", "return=OperationOutcome")],
        ANN,
    );
    assert_eq!(string(&json(&outcome), "/issue/0/severity"), "information");
    let whole = client.request(
        "POST",
        "/fhir/Patient",
        &[("prefer", "return=representation")],
        ANN,
    );
    assert_eq!(string(&json(&whole), "/resourceType"), "Patient");
}

#[test]
fn a_head_is_a_get_without_its_body() {
    let mut client = Client::new();
    let id = client.create("Patient", ANN);
    // The client's clock goes on with every request.
    let but_the_date = |answer: &HttpResponse| {
        let headers = answer.headers().filter(|(name, _)| *name != "date");
        headers
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
    };
    for query in ["", "?_pretty=true"] {
        let target = format!("/fhir/Patient/{id}{query}");
        let get = client.get(&target);
        let head = client.request("HEAD", &target, &[], "");
        assert_eq!((head.status(), head.body().len()), (200, 0));
        assert_eq!(but_the_date(&head), but_the_date(&get), "{target}");
        assert!(head.header("date").is_some());
    }
    assert_eq!(
        client
            .request("HEAD", "/fhir/Patient/none", &[], "")
            .status(),
        404
    );
}

#[test]
fn histories_go_back_in_time_page_by_page() {
    let mut client = Client::new();
    let id = client.create("Patient", ANN);
    let body = format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
    client.put(&format!("/fhir/Patient/{id}"), &body);
    client.delete(&format!("/fhir/Patient/{id}"));
    client.put(
        "/fhir/Patient/p2",
        r#"{"resourceType":"Patient","id":"p2"}"#,
    );
    let whole = json(&client.get(&format!("/fhir/Patient/{id}/_history")));
    assert_eq!(string(&whole, "/type"), "history");
    assert_eq!(
        whole
            .get("total")
            .and_then(wardgate_expression::Json::as_i64),
        Some(3)
    );
    let methods: Vec<String> = (0..3)
        .map(|at| string(&whole, &format!("/entry/{at}/request/method")))
        .collect();
    assert_eq!(methods, ["DELETE", "PUT", "POST"]);
    assert!(whole.pointer("/entry/0/resource").is_none());
    assert_eq!(string(&whole, "/entry/1/response/etag"), "W/\"2\"");
    let mut seen = Vec::new();
    let mut next = Some("http://ehr.test:8080/fhir/Patient/_history?_count=3".to_owned());
    while let Some(url) = next {
        let page = json(
            &client.get(
                url.strip_prefix("http://ehr.test:8080")
                    .expect("links are absolute"),
            ),
        );
        let entries = page
            .get("entry")
            .and_then(wardgate_expression::Json::as_array)
            .unwrap_or(&[]);
        seen.extend(entries.iter().map(|entry| string(entry, "/response/etag")));
        next = link(&page, "next");
    }
    assert_eq!(seen, ["W/\"1\"", "W/\"3\"", "W/\"2\"", "W/\"1\""]);
    let since = client.get("/fhir/Patient/_history?_since=2026-11-23T22:39:54Z");
    assert_eq!(
        json(&since)
            .get("total")
            .and_then(wardgate_expression::Json::as_i64),
        Some(1)
    );
    assert_eq!(client.get("/fhir/Patient/_history?_at=2020").status(), 400);
    assert_eq!(client.get("/fhir/Patient/none/_history").status(), 404);
}

#[test]
fn the_capability_statement_says_what_is_served() {
    let mut client = Client::new();
    let statement = json(&client.get("/fhir/metadata"));
    assert_eq!(string(&statement, "/resourceType"), "CapabilityStatement");
    assert_eq!(string(&statement, "/fhirVersion"), "4.0.1");
    assert_eq!(
        string(&statement, "/implementation/url"),
        "http://ehr.test:8080/fhir"
    );
    let resources = statement
        .pointer("/rest/0/resource")
        .and_then(|it| it.as_array())
        .expect("it lists types");
    assert_eq!(resources.len(), 146);
    let text = statement.to_string();
    assert_eq!(wardgate_fhir_types::typed_check(&text), Ok(()));
    // What is stated is served: every parameter of every type can be asked about.
    for resource in resources {
        let kind = string(resource, "/type");
        for parameter in resource
            .get("searchParam")
            .and_then(|it| it.as_array())
            .expect("it has parameters")
        {
            let target = format!("/fhir/{kind}?{}:missing=true", string(parameter, "/name"));
            assert_eq!(client.get(&target).status(), 200, "{target}");
        }
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let run = || {
        let mut client = Client::new();
        let mut bytes = Vec::new();
        for _ in 0..3 {
            bytes.extend_from_slice(&client.post("/fhir/Patient", ANN).encode());
        }
        bytes.extend_from_slice(&client.get("/fhir/Patient?name=ann").encode());
        bytes
    };
    assert_eq!(run(), run());
}

#[test]
fn an_id_may_be_called_like_the_base() {
    let mut client = Client::new();
    let patient = r#"{"resourceType":"Patient","id":"fhir"}"#;
    let created = client.put("/fhir/Patient/fhir", patient);
    assert_eq!(created.status(), 201);
    assert_eq!(
        created.header("location"),
        Some("http://ehr.test:8080/fhir/Patient/fhir/_history/1")
    );
    for target in ["/fhir/Patient/fhir", "/Patient/fhir", "/r4/Patient/fhir"] {
        assert_eq!(client.get(target).status(), 200, "{target}");
    }
}

#[test]
fn a_history_says_what_each_write_was_answered_with() {
    let mut client = Client::new();
    let patient = r#"{"resourceType":"Patient","id":"p1"}"#;
    let mut answered = Vec::new();
    for method in ["PUT", "PUT", "DELETE", "PUT", "PUT"] {
        let body = if method == "PUT" { patient } else { "" };
        let response = client.request(method, "/fhir/Patient/p1", &[], body);
        answered.insert(0, response.status().to_string());
    }
    let history = json(&client.get("/fhir/Patient/p1/_history"));
    let entries = history.get("entry").and_then(Json::as_array).unwrap_or(&[]);
    let told: Vec<String> = entries
        .iter()
        .map(|entry| string(entry, "/response/status"))
        .collect();
    assert_eq!(told, answered);
    assert_eq!(told, ["200", "201", "204", "200", "201"]);
}

#[test]
fn memory_has_an_end_and_reading_goes_on() {
    let mut client =
        Client::with_options(Json::parse(r#"{"memory_bytes_max": 2000}"#).expect("it is JSON"));
    let put = |client: &mut Client, id: &str| {
        let body = format!(
            r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{}"}}]}}"#,
            "x".repeat(1_500)
        );
        let target = format!("/fhir/Patient/{id}");
        client.request("PUT", &target, &[], &body)
    };
    assert_eq!(put(&mut client, "a").status(), 201);
    let full = put(&mut client, "b");
    assert_eq!(
        outcome(&full),
        (507, String::from("too-costly")),
        "{}",
        text(&full)
    );
    let bundle = r#"{"resourceType":"Bundle","type":"batch","entry":[]}"#;
    assert_eq!(client.request("POST", "/fhir", &[], bundle).status(), 507);
    assert_eq!(
        client.request("GET", "/fhir/Patient/a", &[], "").status(),
        200
    );
    client.control(&wardgate_core::port::Control::Reset);
    assert_eq!(put(&mut client, "b").status(), 201);
}
