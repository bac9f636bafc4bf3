//! Search over the port: parameters, modifiers, paging, links.

use crate::client::{Client, found, json, link, string};
use wardgate_expression::Json;

/// A stub with four patients, a to d, and two observations of a.
fn hospital() -> Client {
    let mut client = Client::new();
    for (id, body) in [
        (
            "pat-a",
            r#""identifier":[{"system":"urn:mrn","value":"1"}],"name":[{"family":"Müller","given":["Anna"]}],"gender":"female","birthDate":"1980-02-29""#,
        ),
        (
            "pat-b",
            r#""identifier":[{"system":"urn:mrn","value":"2"},{"system":"urn:ssn","value":"1"}],"name":[{"family":"O'Brien"}],"gender":"male","birthDate":"1980""#,
        ),
        (
            "pat-c",
            r#""identifier":[{"value":"3,4|5"}],"name":[{"text":"Smith, John"}],"birthDate":"1990-05-01","deceasedBoolean":true,"managingOrganization":{"reference":"Organization/o1"}"#,
        ),
        (
            "pat-d",
            r#""active":false,"telecom":[{"system":"phone","value":"555 0100"},{"system":"email","value":"d@example.org"}]"#,
        ),
    ] {
        client.seed(
            "Patient",
            &format!(r#"{{"resourceType":"Patient","id":"{id}",{body}}}"#),
        );
    }
    for (id, body) in [
        (
            "obs-1",
            r#""subject":{"reference":"Patient/pat-a"},"code":{"coding":[{"system":"http://loinc.org","code":"1-8"}]},"effectiveDateTime":"2026-01-05T10:00:00+01:00","valueQuantity":{"value":5.40,"code":"mg","system":"http://unitsofmeasure.org"}"#,
        ),
        (
            "obs-2",
            r#""subject":{"reference":"http://ehr.test:8080/fhir/Patient/pat-a"},"code":{"text":"x"},"effectivePeriod":{"start":"2026-02-01","end":"2026-02-10"}"#,
        ),
        (
            "obs-3",
            r#""subject":{"reference":"http://elsewhere/fhir/Patient/pat-a"},"code":{"coding":[{"code":"1-8"}]}"#,
        ),
    ] {
        client.seed(
            "Observation",
            &format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final",{body}}}"#),
        );
    }
    client
}

#[test]
fn each_kind_of_parameter_finds_what_it_means() {
    let mut client = hospital();
    for (query, expected) in [
        ("Patient?identifier=1", "pat-a pat-b"),
        ("Patient?identifier=urn:mrn%7C1", "pat-a"),
        ("Patient?identifier=urn:mrn|1,urn:mrn|2", "pat-a pat-b"),
        ("Patient?identifier=urn:mrn|", "pat-a pat-b"),
        ("Patient?identifier=|3%5C,4%5C|5", "pat-c"),
        ("Patient?identifier=1&gender=male", "pat-b"),
        ("Patient?identifier=1&identifier=2", "pat-b"),
        ("Patient?gender:not=male", "pat-a pat-c pat-d"),
        ("Patient?gender:missing=true", "pat-c pat-d"),
        ("Patient?gender:missing=false", "pat-a pat-b"),
        ("Patient?active=false", "pat-d"),
        ("Patient?deceased=true", "pat-c"),
        ("Patient?deceased=false", "pat-a pat-b pat-d"),
        ("Patient?name=muller", "pat-a"),
        ("Patient?name=ANN", "pat-a"),
        ("Patient?family=o%27b", "pat-b"),
        ("Patient?name:contains=john", "pat-c"),
        ("Patient?name:exact=Anna", "pat-a"),
        ("Patient?name:exact=anna", ""),
        ("Patient?birthdate=1980-02-29", "pat-a"),
        ("Patient?birthdate=1980", "pat-a pat-b"),
        (
            "Patient?birthdate=ge1980-06&birthdate=lt1991",
            "pat-b pat-c",
        ),
        ("Patient?birthdate=gt1980", "pat-c"),
        ("Patient?phone=555+0100", "pat-d"),
        ("Patient?phone=d@example.org", ""),
        ("Patient?telecom=d@example.org", "pat-d"),
        ("Patient?organization=Organization/o1", "pat-c"),
        ("Patient?organization=o1", "pat-c"),
        ("Patient?organization:Organization=o1", "pat-c"),
        ("Patient?_id=pat-b,pat-d,none", "pat-b pat-d"),
        ("Patient?_id:not=pat-b", "pat-a pat-c pat-d"),
        ("Patient?_lastUpdated=ge2026-11-23T22:39:53Z", "pat-c pat-d"),
        ("Patient?_lastUpdated=lt2020", ""),
        ("Observation?subject=Patient/pat-a", "obs-1 obs-2"),
        ("Observation?patient=pat-a", "obs-1 obs-2"),
        (
            "Observation?subject=http://ehr.test:8080/fhir/Patient/pat-a",
            "obs-1 obs-2",
        ),
        (
            "Observation?subject=http://elsewhere/fhir/Patient/pat-a",
            "obs-3",
        ),
        ("Observation?code=1-8", "obs-1 obs-3"),
        ("Observation?code=http://loinc.org|1-8", "obs-1"),
        ("Observation?code=|1-8", "obs-3"),
        ("Observation?patient=pat-a&code=1-8", "obs-1"),
        ("Observation?date=2026-01-05T09:00Z", "obs-1"),
        ("Observation?date=2026-02", "obs-2"),
        ("Observation?date=gt2026-02-05", "obs-2"),
        ("Observation?value-quantity=gt5.3||mg", "obs-1"),
        ("Observation?value-quantity=5.4", "obs-1"),
        ("Observation?value-quantity=5.41", ""),
        ("Encounter?status=finished", ""),
    ] {
        let (ids, total) = client.search(&format!("/fhir/{query}"));
        assert_eq!(ids.join(" "), expected, "{query}");
        assert_eq!(total, i64::try_from(ids.len()).expect("few"), "{query}");
    }
}

#[test]
fn an_index_follows_every_change() {
    let mut client = hospital();
    let query = "/fhir/Patient?identifier=urn:mrn|1";
    assert_eq!(client.search(query).0, ["pat-a"]);
    let b = r#"{"resourceType":"Patient","id":"pat-b","identifier":[{"system":"urn:mrn","value":"1"}]}"#;
    client.put("/fhir/Patient/pat-b", b);
    assert_eq!(client.search(query).0, ["pat-a", "pat-b"]);
    assert_eq!(client.search("/fhir/Patient?identifier=2").1, 0);
    client.delete("/fhir/Patient/pat-a");
    assert_eq!(client.search(query).0, ["pat-b"]);
    client.put("/fhir/Patient/pat-a", &b.replace("pat-b", "pat-a"));
    assert_eq!(client.search(query).0, ["pat-a", "pat-b"]);
    let created = client.create("Patient", &b.replace(r#""id":"pat-b","#, ""));
    assert_eq!(
        client.search(query).0,
        ["pat-a".to_owned(), "pat-b".to_owned(), created]
    );
}

#[test]
fn unknown_parameters_are_refused_or_said_to_be_ignored() {
    let mut client = hospital();
    for query in [
        "colour=red",
        "gender:exact=male",
        "name:not=x",
        "_include=Patient:organization",
        "identifier=",
        "_sort=colour",
        "_count=many",
        "_page=7",
    ] {
        let response = client.get(&format!("/fhir/Patient?{query}"));
        assert_eq!(response.status(), 400, "{query}");
        assert!(
            string(&json(&response), "/issue/0/expression/0").starts_with("http."),
            "{query}"
        );
    }
    let lenient = [("prefer", "handling=lenient")];
    let response = client.request("GET", "/fhir/Patient?colour=red&gender=male", &lenient, "");
    let bundle = json(&response);
    assert_eq!(found(&bundle).0, ["pat-b"]);
    assert_eq!(
        link(&bundle, "self").as_deref(),
        Some("http://ehr.test:8080/fhir/Patient?gender=male")
    );
    assert_eq!(string(&bundle, "/entry/1/search/mode"), "outcome");
    assert_eq!(
        client
            .request("GET", "/fhir/Patient?birthdate=soon", &lenient, "")
            .status(),
        400
    );
    let mut lax = Client::with_options(wardgate_expression::json!({"handling": "lenient"}));
    assert_eq!(lax.get("/fhir/Patient?colour=red").status(), 200);
    let strict = [("prefer", "handling=strict")];
    assert_eq!(
        lax.request("GET", "/fhir/Patient?colour=red", &strict, "")
            .status(),
        400
    );
}

/// Follows the `next` links from a first page; the ids of each page.
fn pages(
    client: &mut Client,
    target: &str,
    mut between: impl FnMut(&mut Client),
) -> Vec<Vec<String>> {
    let (mut pages, mut next) = (Vec::new(), Some(target.to_owned()));
    while let Some(target) = next {
        assert!(pages.len() < 100, "paging ends");
        let bundle = json(&client.get(&target));
        pages.push(found(&bundle).0);
        between(client);
        next = link(&bundle, "next").map(|url| {
            url.strip_prefix("http://ehr.test:8080")
                .expect("links are absolute")
                .to_owned()
        });
    }
    pages
}

#[test]
fn pages_keep_every_parameter_and_every_result() {
    let mut client = Client::new();
    for number in 0..25 {
        client.seed("Patient", &format!(r#"{{"resourceType":"Patient","id":"p{number:02}","gender":"male","birthDate":"19{:02}-01-01","name":[{{"family":"A, \"b\" & c|d"}}]}}"#, 99 - number));
    }
    let target =
        "/fhir/Patient?_count=10&gender=male&name=a%2C%20%22b%22%20%26&gender:not=other%2Cunknown"
            .replace("a%2C", "a%5C%2C");
    let all = pages(&mut client, &target, |_| {});
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(all.concat().len(), 25);
    assert_eq!(all.concat()[0], "p00");
    let sorted = pages(
        &mut client,
        "/fhir/Patient?_sort=birthdate&_count=7",
        |_| {},
    );
    assert_eq!(sorted.concat().first().map(String::as_str), Some("p24"));
    assert_eq!(sorted.concat().len(), 25);
    let descending = pages(
        &mut client,
        "/fhir/Patient?_sort=-birthdate&_count=24",
        |_| {},
    );
    assert_eq!(descending.concat().last().map(String::as_str), Some("p24"));
    let none = json(&client.get("/fhir/Patient?_count=0"));
    assert_eq!(found(&none), (vec![], 25));
    assert_eq!(
        found(&json(&client.get("/fhir/Patient?_summary=count"))),
        (vec![], 25)
    );
}

#[test]
fn what_happens_between_pages_shifts_nothing() {
    let mut client = Client::new();
    for number in 0..20 {
        client.seed(
            "Patient",
            &format!(r#"{{"resourceType":"Patient","id":"p{number:02}"}}"#),
        );
    }
    let mut deleted = 0;
    let all = pages(&mut client, "/fhir/Patient?_count=5", |client| {
        client.delete(&format!("/fhir/Patient/p{deleted:02}"));
        deleted += 1;
    });
    let mut ids = all.concat();
    ids.dedup();
    assert_eq!(ids.len(), 20, "each is seen once: {all:?}");
}

#[test]
fn a_posted_search_is_a_search() {
    let mut client = hospital();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let response = client.request(
        "POST",
        "/fhir/Patient/_search?gender=female",
        &form,
        "identifier=urn%3Amrn%7C1&_count=5",
    );
    let bundle = json(&response);
    assert_eq!(found(&bundle).0, ["pat-a"]);
    assert!(
        link(&bundle, "self")
            .expect("it has a link")
            .contains("gender=female")
    );
    assert_eq!(
        client
            .request("GET", "/fhir/Patient/_search", &[], "")
            .status(),
        405
    );
}

#[test]
fn entries_say_where_they_are_from() {
    let mut client = hospital();
    let bundle = json(&client.get("/fhir/Patient?_id=pat-a"));
    assert_eq!(string(&bundle, "/type"), "searchset");
    assert_eq!(
        string(&bundle, "/entry/0/fullUrl"),
        "http://ehr.test:8080/fhir/Patient/pat-a"
    );
    assert_eq!(
        link(&bundle, "self").as_deref(),
        Some("http://ehr.test:8080/fhir/Patient?_id=pat-a")
    );
    assert_eq!(link(&bundle, "next"), None);
    let empty = json(&client.get("/fhir/Patient?_id=none"));
    assert_eq!(
        empty.get("entry"),
        None,
        "an empty list has no place in FHIR's JSON"
    );
    assert_eq!(empty.get("total").and_then(Json::as_i64), Some(0));
    assert_eq!(
        wardgate_fhir_types::typed_check(&bundle.to_string()),
        Ok(())
    );
}

#[test]
fn quantities_are_compared_as_written() {
    let mut client = Client::new();
    let observation = |value: &str| {
        format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"text":"c"}},"valueQuantity":{{"value":{value}}}}}"#
        )
    };
    let ids: Vec<String> = [
        "1e-400",
        "0.0000000000000000000000000000000000000001",
        "0",
        "1e400",
    ]
    .iter()
    .map(|value| client.create("Observation", &observation(value)))
    .collect();
    for (query, found) in [
        ("value-quantity=gt0", vec![0, 1, 3]),
        ("value-quantity=gt1e-400", vec![1, 3]),
        ("value-quantity=lt1e-39", vec![0, 1, 2]),
        ("value-quantity=1e400", vec![3]),
        ("_sort=value-quantity", vec![2, 0, 1, 3]),
    ] {
        let expected: Vec<String> = found.iter().map(|at: &usize| ids[*at].clone()).collect();
        let (found, _) = client.search(&format!("/fhir/Observation?{query}"));
        assert_eq!(found, expected, "{query}");
    }
    for refused in ["value-quantity=1e99999999999999999999", "identifier=s|a|b"] {
        let response = client.get(&format!("/fhir/Observation?{refused}"));
        assert_eq!(response.status(), 400, "{refused}");
    }
}
