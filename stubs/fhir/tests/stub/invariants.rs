//! Random interactions: whatever is done, what the stub says agrees with a plain model of it.

use std::collections::BTreeMap;

use proptest::{
    collection::vec,
    prelude::{Just, any, prop_oneof, proptest},
    strategy::Strategy,
    test_runner::Config,
};
use wardgate_core::port::Protocol as _;
use wardgate_expression::{Json, Number, Object};
use wardgate_stub_fhir::Fhir;

use crate::client::{Client, json, string, text};

/// What is done next. Identifiers and patients are picked from a few, so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Create { mrn: u8 },
    ConditionalCreate { mrn: u8 },
    ConditionalUpdate { mrn: u8 },
    Update { which: usize, mrn: u8, stale: bool },
    Delete { which: usize },
    Transaction { mrn: u8, fails: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let (mrn, which) = (0_u8..4, 0_usize..6);
    prop_oneof![
        mrn.clone().prop_map(|mrn| Step::Create { mrn }),
        mrn.clone().prop_map(|mrn| Step::ConditionalCreate { mrn }),
        mrn.clone().prop_map(|mrn| Step::ConditionalUpdate { mrn }),
        (which.clone(), mrn.clone(), any::<bool>()).prop_map(|(which, mrn, stale)| Step::Update {
            which,
            mrn,
            stale
        }),
        which.prop_map(|which| Step::Delete { which }),
        (mrn, any::<bool>()).prop_map(|(mrn, fails)| Step::Transaction { mrn, fails }),
    ]
}

fn patient(id: Option<&str>, mrn: u8) -> String {
    let id = id.map(|id| format!(r#""id":"{id}","#)).unwrap_or_default();
    format!(
        r#"{{"resourceType":"Patient",{id}"identifier":[{{"system":"urn:mrn","value":"{mrn}"}}]}}"#
    )
}

/// What is known of a patient: its version and, while it is there, its identifier.
type Model = BTreeMap<String, (u32, Option<u8>)>;

fn holders(model: &Model, mrn: u8) -> Vec<String> {
    model
        .iter()
        .filter(|(_, (_, held))| *held == Some(mrn))
        .map(|(id, _)| id.clone())
        .collect()
}

fn apply(client: &mut Client, model: &mut Model, step: &Step) {
    let pick = |model: &Model, which: usize| model.keys().nth(which % model.len().max(1)).cloned();
    match *step {
        Step::Create { mrn } => {
            let id = client.create("Patient", &patient(None, mrn));
            assert!(
                model.insert(id, (1, Some(mrn))).is_none(),
                "an id is given out once"
            );
        }
        Step::ConditionalCreate { mrn } => {
            let criteria = format!("identifier=urn:mrn|{mrn}");
            let headers = [("if-none-exist", criteria.as_str())];
            let response = client.request("POST", "/fhir/Patient", &headers, &patient(None, mrn));
            let expected = [201, 200, 412][holders(model, mrn).len().min(2)];
            assert_eq!(response.status(), expected);
            if expected == 201 {
                model.insert(string(&json(&response), "/id"), (1, Some(mrn)));
            }
        }
        Step::ConditionalUpdate { mrn } => {
            let response = client.put(
                &format!("/fhir/Patient?identifier=urn:mrn%7C{mrn}"),
                &patient(None, mrn),
            );
            let expected = [201, 200, 412][holders(model, mrn).len().min(2)];
            assert_eq!(response.status(), expected);
            if expected != 412 {
                model
                    .entry(string(&json(&response), "/id"))
                    .or_insert((0, None))
                    .0 += 1;
                model
                    .entry(string(&json(&response), "/id"))
                    .and_modify(|entry| entry.1 = Some(mrn));
            }
        }
        Step::Update { which, mrn, stale } => {
            let Some(id) = pick(model, which) else {
                return;
            };
            let (version, held) = model[&id];
            let tag = format!("W/\"{}\"", if stale { version + 1 } else { version });
            let target = format!("/fhir/Patient/{id}");
            let response = client.request(
                "PUT",
                &target,
                &[("if-match", &tag)],
                &patient(Some(&id), mrn),
            );
            if stale || held.is_none() {
                assert_eq!(response.status(), 412);
            } else {
                assert_eq!(response.status(), 200);
                model.insert(id, (version + 1, Some(mrn)));
            }
        }
        Step::Delete { which } => {
            let Some(id) = pick(model, which) else {
                return;
            };
            assert_eq!(client.delete(&format!("/fhir/Patient/{id}")).status(), 204);
            let entry = model.get_mut(&id).expect("it was picked from there");
            if entry.1.take().is_some() {
                entry.0 += 1;
            }
        }
        Step::Transaction { mrn, fails } => {
            let last = if fails {
                "Patient/none"
            } else {
                "Patient?_count=0"
            };
            let bundle = format!(
                r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{},"request":{{"method":"POST","url":"Patient"}}}},{{"request":{{"method":"GET","url":"{last}"}}}}]}}"#,
                patient(None, mrn)
            );
            let response = client.post("/fhir", &bundle);
            assert_eq!(response.status(), if fails { 404 } else { 200 });
            if !fails {
                let location = string(&json(&response), "/entry/0/response/location");
                let id = location
                    .split('/')
                    .nth(5)
                    .expect("a location has an id")
                    .to_owned();
                model.insert(id, (1, Some(mrn)));
            }
        }
    }
}

/// Everything that can be asked about the patients agrees with the model.
fn agree(client: &mut Client, model: &Model) {
    for (id, (version, held)) in model {
        let read = client.get(&format!("/fhir/Patient/{id}"));
        assert_eq!(read.status(), if held.is_some() { 200 } else { 410 });
        assert_eq!(
            read.header("etag"),
            Some(format!("W/\"{version}\"").as_str())
        );
        let history = json(&client.get(&format!("/fhir/Patient/{id}/_history")));
        assert_eq!(
            history.get("total").and_then(Json::as_i64),
            Some(i64::from(*version))
        );
    }
    for mrn in 0..4 {
        let (mut found, total) = client.search(&format!("/fhir/Patient?identifier=urn:mrn|{mrn}"));
        found.sort();
        assert_eq!(found, holders(model, mrn));
        assert_eq!(total, i64::try_from(found.len()).expect("few"));
        // The same without an index.
        let (mut scanned, _) = client.search(&format!("/fhir/Patient?identifier:missing=false&_lastUpdated=gt2000&identifier=urn:mrn|,x&identifier={mrn}"));
        scanned.sort();
        assert_eq!(scanned, found);
    }
    let live = model.values().filter(|(_, held)| held.is_some()).count();
    assert_eq!(
        client.search("/fhir/Patient?_count=0").1,
        i64::try_from(live).expect("few")
    );
}

/// Any JSON that FHIR's form allows: no null, nothing empty.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?".prop_map(|text| {
            Json::Number(Number::from_text(&text).expect("the grammar is JSON's"))
        }),
        "[^\u{0}-\u{1f}]{1,12}".prop_map(Json::from),
        Just(Json::from("\"\\/\u{8}\u{c}\n\r\t\u{1}é😀")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Json::Array),
            vec(("[a-zA-Z_]{1,8}", inner), 1..4).prop_map(members),
        ]
    })
}

fn members(pairs: Vec<(String, Json)>) -> Json {
    let mut object = Object::new();
    for (name, value) in pairs {
        object.insert(name, value);
    }
    Json::Object(object)
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_stub_agrees_with_its_model(steps in vec(step(), 1..24)) {
        let (mut client, mut model) = (Client::new(), Model::new());
        for (at, step) in steps.iter().enumerate() {
            apply(&mut client, &mut model, step);
            if at % 4 == 0 {
                agree(&mut client, &model);
            }
        }
        agree(&mut client, &model);
    }

    #[test]
    fn any_json_comes_back_as_it_was_written(content in vec(("x[a-zA-Z]{1,6}", value()), 1..5)) {
        // Nothing of it is an element of Basic, so only the form is looked at.
        let mut client = Client::with_options(wardgate_expression::json!({"validation": "form"}));
        let content = members(content);
        let content = content.as_object().expect("members make an object");
        let pairs: Vec<String> = content
            .iter()
            .map(|(name, value)| format!("{}:{value}", Json::from(name)))
            .collect();
        let written = format!(r#"{{"resourceType":"Basic","language":"en",{}}}"#, pairs.join(","));
        let id = client.create("Basic", &written);
        let read = text(&client.get(&format!("/fhir/Basic/{id}")));
        let (_, rest) = written.split_once(r#""language""#).expect("it was written");
        assert!(read.ends_with(&format!(r#""language"{rest}"#)), "{read}\n{written}");
    }

    #[test]
    fn what_is_generated_comes_back(index in 0_usize..4, seed in any::<u64>()) {
        use proptest::{strategy::ValueTree as _, test_runner::{RngAlgorithm, TestRng, TestRunner}};
        let name = Fhir.guide().generators[index].name;
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_be_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let strategy = Fhir.generator(name).expect("a listed generator is there");
        let resource = strategy.new_tree(&mut runner).expect("it draws").current();
        let mut client = Client::new();
        let id = client.create(name, &resource.to_string());
        let mut read = json(&client.get(&format!("/fhir/{name}/{id}")));
        let members = read.as_object_mut().expect("a resource is an object");
        members.remove("id");
        members.remove("meta");
        assert_eq!(read, resource);
    }

    #[test]
    fn no_request_is_answered_with_a_panic(
        method in "GET|PUT|POST|DELETE|HEAD|PATCH|X",
        target in "/(fhir|Patient|[?&=%/$_:|,.a-z0-9]){0,6}",
        body in "[{}\\[\\]\",:a-zA-Z0-9]{0,24}",
    ) {
        let mut client = Client::new();
        client.seed("Patient", &patient(Some("p1"), 1));
        let response = client.request(&method, &target, &[], &body);
        assert!((200..500).contains(&response.status()), "{method} {target} {body}");
    }
}
