//! The official R4 examples, read from the folder that `WARDGATE_CORPORA` names.

use std::{fs, path::PathBuf};

use wardgate_expression::{Json, json};

use crate::client::{self, Client, string, text};

/// Every file of a folder of the corpora with its name, in order; none where the variable is not set.
fn files(folder: &str) -> Option<Vec<(String, String)>> {
    let Some(corpora) = std::env::var_os("WARDGATE_CORPORA") else {
        println!("skipped: WARDGATE_CORPORA is not set");
        return None;
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(PathBuf::from(corpora).join(folder))
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder} holds examples");
    Some(
        paths
            .into_iter()
            .map(|path| {
                let name = path
                    .file_name()
                    .expect("it is a file")
                    .to_string_lossy()
                    .into_owned();
                (
                    name,
                    fs::read_to_string(path).expect("the file can be read"),
                )
            })
            .collect(),
    )
}

/// A resource without what the server sets.
fn bare(mut resource: Json) -> Json {
    let members = resource.as_object_mut().expect("a resource is an object");
    members.remove("id");
    if let Some(Json::Object(mut meta)) = members.remove("meta") {
        meta.remove("versionId");
        meta.remove("lastUpdated");
        if !meta.is_empty() {
            members.push("meta", meta);
        }
    }
    resource
}

fn each_comes_back(folder: &str, options: Json, invalid: &[&str]) {
    let Some(files) = files(folder) else {
        return;
    };
    let mut client = Client::with_options(options);
    let mut refused = Vec::new();
    for (name, written) in files {
        let sent = Json::parse(&written).unwrap_or_else(|error| panic!("{name}: {error}"));
        // A package's own description is among the examples.
        if sent.get("resourceType").is_none() {
            continue;
        }
        let kind = string(&sent, "/resourceType");
        let created = client.post(&format!("/fhir/{kind}"), &written);
        if created.status() == 422 {
            refused.push(name);
            continue;
        }
        assert_eq!(created.status(), 201, "{name}: {}", text(&created));
        let id = string(&client::json(&created), "/id");
        let read = client.get(&format!("/fhir/{kind}/{id}"));
        // Equal as written: every digit and the order of members count.
        assert_eq!(bare(client::json(&read)), bare(sent), "{name}");
    }
    assert_eq!(refused, invalid);
}

#[test]
fn every_example_of_the_specification_comes_back_as_it_was_sent() {
    each_comes_back("fhir/r4-examples", Json::Null, &[]);
}

#[test]
fn every_us_core_example_comes_back_as_it_was_sent() {
    each_comes_back("fhir/us-core-examples", Json::Null, &[]);
}

#[test]
fn hardly_an_example_lacks_a_required_element() {
    // Its items have no linkId, which R4 requires.
    let invalid = ["Questionnaire-qs1.json"];
    let strict = json!({"validation": "cardinality"});
    each_comes_back("fhir/r4-examples", strict.clone(), &invalid);
    each_comes_back("fhir/us-core-examples", strict, &[]);
}
