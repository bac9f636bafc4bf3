//! What the entries of a transaction are about, and how they refer to each other.

use std::fmt::Write as _;

use crate::{
    bundles::{post, request, statuses},
    client::{Client, json, string},
};
use wardgate_expression::{Json, json as tree};

#[test]
fn relative_references_follow_the_root_of_their_entry() {
    let mut client = Client::new();
    let observation = |full_url: &str| {
        tree!({"fullUrl": full_url,
            "resource": {"resourceType": "Observation", "status": "final", "code": {"text": full_url},
                "subject": {"reference": "Patient/1"}},
            "request": request("POST", "Observation")})
    };
    let (status, _) = post(
        &mut client,
        "transaction",
        vec![
            tree!({"fullUrl": "http://x/fhir/Patient/1", "resource": {"resourceType": "Patient"},
                "request": request("POST", "Patient")}),
            observation("http://x/fhir/Observation/9"),
            observation("http://y/fhir/Observation/9"),
            observation("urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000b1"),
        ],
    );
    assert_eq!(status, 200);
    let (patients, _) = client.search("/fhir/Patient");
    let (observations, _) = client.search("/fhir/Observation");
    let mut subjects = observations.iter().map(|id| {
        string(
            &json(&client.get(&format!("/fhir/Observation/{id}"))),
            "/subject/reference",
        )
    });
    assert_eq!(subjects.next(), Some(format!("Patient/{}", patients[0])));
    assert!(subjects.all(|subject| subject == "Patient/1"));
}

#[test]
fn a_link_is_one_by_the_type_of_its_element() {
    let mut client = Client::new();
    let url = "urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000a1";
    let (status, _) = post(
        &mut client,
        "transaction",
        vec![
            tree!({"fullUrl": url, "resource": {"resourceType": "Patient"}, "request": request("POST", "Patient")}),
            tree!({
                "resource": {"resourceType": "CarePlan", "id": "c1", "status": "active", "intent": "plan",
                    "text": {"status": "generated", "div": format!("<div><img src='{url}'/></div>")},
                    "identifier": [{"system": url, "value": url}],
                    "instantiatesUri": [url], "instantiatesCanonical": [url],
                    "subject": {"reference": format!("{url}/_history/4")}},
                "request": request("PUT", "CarePlan/c1"),
            }),
        ],
    );
    assert_eq!(status, 200);
    let (patients, _) = client.search("/fhir/Patient");
    let patient = format!("Patient/{}", patients[0]);
    let plan = json(&client.get("/fhir/CarePlan/c1"));
    assert_eq!(
        string(&plan, "/text/div"),
        format!("<div><img src='{patient}'/></div>")
    );
    assert_eq!(string(&plan, "/identifier/0/system"), patient);
    assert_eq!(string(&plan, "/identifier/0/value"), url);
    assert_eq!(string(&plan, "/instantiatesUri/0"), patient);
    assert_eq!(string(&plan, "/instantiatesCanonical/0"), url);
    assert_eq!(
        string(&plan, "/subject/reference"),
        format!("{patient}/_history/1")
    );
}

#[test]
fn two_entries_are_not_about_the_same_resource() {
    let delete = |id: &str| tree!({"request": request("DELETE", &format!("Patient/{id}"))});
    let put = |id: &str| tree!({"resource": {"resourceType": "Patient", "id": id}, "request": request("PUT", &format!("Patient/{id}"))});
    let mut client = Client::new();
    client.put(
        "/fhir/Patient/gone",
        r#"{"resourceType":"Patient","id":"gone"}"#,
    );
    client.delete("/fhir/Patient/gone");
    for id in ["none", "gone"] {
        let (status, outcome) = post(&mut client, "transaction", vec![put(id), delete(id)]);
        assert_eq!(status, 400, "{id}: {outcome}");
        let (status, answer) = post(&mut client, "transaction", vec![delete(id), put("other")]);
        assert_eq!(status, 200);
        assert_eq!(
            statuses(&answer)[0],
            "204",
            "deleting what is not there is no fault"
        );
    }
}

#[test]
fn a_request_is_about_this_server() {
    let mut client = Client::new();
    client.put(
        "/fhir/Patient/p1",
        r#"{"resourceType":"Patient","id":"p1"}"#,
    );
    for (url, status) in [
        ("Patient/p1", "200"),
        ("http://ehr.test:8080/fhir/Patient/p1", "200"),
        ("http://elsewhere/fhir/Patient/p1", "400"),
        ("http://ehr.test:8080/other/Patient/p1", "400"),
        ("urn:uuid:0b5ba2d3-1f1b-4c3f-8a55-0000000000a1", "400"),
        ("fhir/Patient/p1", "404"),
    ] {
        let entry = tree!({"request": request("GET", url)});
        let (_, answer) = post(&mut client, "batch", vec![entry.clone()]);
        assert_eq!(statuses(&answer), [status], "{url}");
        let (whole, _) = post(&mut client, "transaction", vec![entry]);
        assert_eq!(whole.to_string(), status, "{url}");
    }
    let foreign = tree!({"fullUrl": "http://elsewhere/fhir/Patient/p1",
        "resource": {"resourceType": "Patient", "id": "p1"}, "request": request("PUT", "Patient/p1")});
    assert_eq!(
        post(&mut client, "transaction", vec![foreign]).0,
        200,
        "where it is from is not where it goes"
    );
}

/// It takes a moment where each entry is looked at once, and many times as long where each looks at all others.
#[test]
fn a_large_transaction_takes_no_longer_than_its_size() {
    let mut client = Client::new();
    let count = 3_000;
    let entries = (0..count).map(|number| {
        tree!({
            "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "c"},
                "identifier": [{"system": "urn:o", "value": number.to_string()}],
                "subject": {"reference": format!("Patient?identifier=urn:p|{number}")}},
            "request": {"method": "POST", "url": "Observation", "ifNoneExist": format!("identifier=urn:o%7C{number}")},
        })
    });
    let patients = (0..count).map(|number| {
        tree!({
            "resource": {"resourceType": "Patient", "identifier": [{"system": "urn:p", "value": number.to_string()}]},
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": format!("identifier=urn:p%7C{number}")},
        })
    });
    let members: Vec<Json> = (0..100_000)
        .map(|number| tree!({"entity": {"reference": format!("Patient?identifier={}&_count={number}", number % count)}}))
        .collect();
    let mut links = String::from("<div>");
    for _ in 0..200_000 {
        let _ = write!(links, "<a href=\"urn:uuid:1\">x</a>");
    }
    links.push_str("</div>");
    let group = tree!({"fullUrl": "urn:uuid:1",
        "resource": {"resourceType": "Group", "id": "g", "type": "person", "actual": true,
            "text": {"status": "generated", "div": links}, "member": members},
        "request": request("PUT", "Group/g")});
    let bundle = tree!({"resourceType": "Bundle", "type": "transaction",
        "entry": entries.chain(patients).chain([group]).collect::<Json>()});
    let response = client.post("/fhir", &bundle.to_string());
    assert_eq!(response.status(), 200);
    let group = json(&client.get("/fhir/Group/g"));
    let (patients, _) = client.search("/fhir/Patient?identifier=2999");
    assert_eq!(
        string(&group, "/member/99999/entity/reference")
            .split_once('/')
            .map(|(kind, _)| kind),
        Some("Patient")
    );
    assert_eq!(
        string(&group, "/member/2999/entity/reference"),
        format!("Patient/{}", patients[0])
    );
    assert!(!string(&group, "/text/div").contains("urn:uuid:1"));
}
