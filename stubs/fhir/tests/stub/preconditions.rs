//! `If-Match` and `If-None-Match` on what changes something (RFC 9110, section 13.1).

use crate::{
    bundles::{post, statuses},
    client::{Client, json, string},
};
use wardgate_expression::json as tree;

const P1: &str = r#"{"resourceType":"Patient","id":"p1"}"#;

#[test]
fn a_list_of_tags_matches_where_one_of_them_does() {
    let mut client = Client::new();
    client.put("/fhir/Patient/p1", P1);
    for (header, value, status) in [
        ("if-match", "W/\"1\", W/\"2\"", 200),
        ("if-match", "W/\"1\", W/\"3\"", 412),
        ("if-match", "W/\"3\" , \"2\"", 200),
        ("if-match", "*", 200),
        ("if-none-match", "*", 412),
        ("if-none-match", "W/\"4\"", 412),
        ("if-none-match", "W/\"1\", W/\"4\"", 412),
        ("if-none-match", "W/\"1\", W/\"2\"", 200),
        ("if-none-match", "W/\"4\"", 200),
    ] {
        let response = client.request("PUT", "/fhir/Patient/p1", &[(header, value)], P1);
        assert_eq!(response.status(), status, "{header}: {value}");
        if status == 412 {
            let place = string(&json(&response), "/issue/0/expression/0");
            assert_eq!(place, format!("http.{header}"));
        }
    }
    let kept = client.request("DELETE", "/fhir/Patient/p1", &[("if-none-match", "*")], "");
    assert_eq!(kept.status(), 412);
}

#[test]
fn what_is_only_to_be_created_is_not_there_yet() {
    let mut client = Client::new();
    let only_new = [("if-none-match", "*")];
    for status in [201, 412] {
        let response = client.request("PUT", "/fhir/Patient/p1", &only_new, P1);
        assert_eq!(response.status(), status);
    }
    client.delete("/fhir/Patient/p1");
    let again = client.request("PUT", "/fhir/Patient/p1", &only_new, P1);
    assert_eq!(again.status(), 201, "what was deleted is not there");
    let gone = client.request("PUT", "/fhir/Patient/p2", &[("if-match", "*")], P1);
    assert_eq!(gone.status(), 400, "another id");
    let p2 = P1.replace("p1", "p2");
    let gone = client.request("PUT", "/fhir/Patient/p2", &[("if-match", "*")], &p2);
    assert_eq!(gone.status(), 412);
    let by_criteria = "/fhir/Patient?_id=p1";
    let found = client.request("PUT", by_criteria, &only_new, P1);
    assert_eq!(found.status(), 412);
}

#[test]
fn entries_have_preconditions_as_well() {
    let mut client = Client::new();
    client.put("/fhir/Patient/p1", P1);
    let put = |id: &str, name: &str, tags: &str| {
        tree!({"resource": {"resourceType": "Patient", "id": id},
            "request": {"method": "PUT", "url": format!("Patient/{id}"), (name): tags}})
    };
    let entries = vec![
        put("p1", "ifNoneMatch", "*"),
        put("p2", "ifNoneMatch", "*"),
        put("p1", "ifMatch", "W/\"7\", W/\"1\""),
    ];
    let (status, answer) = post(&mut client, "batch", entries);
    assert_eq!(status, 200);
    assert_eq!(statuses(&answer), ["412", "201", "200"]);
    let entries = vec![
        put("p3", "ifNoneMatch", "*"),
        put("p1", "ifNoneMatch", "W/\"2\""),
    ];
    let (status, outcome) = post(&mut client, "transaction", entries);
    assert_eq!(status, 412, "{outcome}");
    assert_eq!(client.get("/fhir/Patient/p3").status(), 404);
}
