//! `wardgate dataset generate`: the same bytes from the same seed, the same people in each format, nobody real.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
    sync::OnceLock,
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::common::{Folder, text, wardgate};

fn generate(out: &Path, words: &str) -> crate::common::Run {
    wardgate()
        .words("dataset generate")
        .words(words)
        .arg("--out")
        .arg(out)
        .run()
}

/// Every file under this folder, by its path within.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, within: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(within).expect("it can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(folder, &path, into);
                continue;
            }
            let name = path.strip_prefix(folder).expect("it lies within");
            let content = fs::read(&path).expect("it can be read");
            into.insert(name.display().to_string(), content);
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

/// A set of forty patients.
fn set() -> &'static BTreeMap<String, Vec<u8>> {
    static SET: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    SET.get_or_init(|| {
        let folder = Folder::new();
        let out = folder.path().join("data");
        let run = generate(&out, "--patients 40 --seed 7").expect(0);
        assert!(run.stdout.starts_with("40 patients of seed 7 in "), "{run}");
        files(&out)
    })
}

fn records(name: &str) -> Vec<Value> {
    let lines = std::str::from_utf8(&set()[name]).expect("it is text");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_others() {
    let folder = Folder::new();
    let (again, other) = (folder.path().join("again"), folder.path().join("other"));
    let quiet = generate(
        &again,
        "--patients 40 --seed 7 --format erp,fhir,hl7v2 --quiet",
    )
    .expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert!(
        files(&again) == *set(),
        "the order of formats or another moment changed something"
    );
    generate(&other, "--patients 40 --seed 8").expect(0);
    for (name, content) in files(&other) {
        assert!(
            set().get(&name) != Some(&content),
            "{name} is the same for another seed"
        );
    }
}

#[test]
fn the_manifest_names_every_file_with_its_digest() {
    let manifest: Value = serde_json::from_slice(&set()["manifest.json"]).expect("it is JSON");
    let listed: BTreeMap<String, String> =
        serde_json::from_value(manifest["files"].clone()).expect("it lists files");
    let digests = set().iter().filter(|(name, _)| *name != "manifest.json");
    let digests: BTreeMap<String, String> = digests
        .map(|(name, content)| {
            let digest = Sha256::digest(content);
            let digest = digest
                .iter()
                .fold(String::from("sha256:"), |mut text, byte| {
                    let _ = write!(text, "{byte:02x}");
                    text
                });
            (name.clone(), digest)
        })
        .collect();
    assert_eq!(listed, digests);
    assert_eq!(
        (&manifest["patients"], text(&manifest, "seed")),
        (&40.into(), "7".into())
    );
}

/// Number, name, telephone: what each format says of a person.
type People = BTreeMap<String, (String, String)>;

fn in_fhir() -> People {
    let patients = records("fhir/Patient.ndjson");
    patients
        .iter()
        .map(|patient| {
            let number = identifier(patient, "urn:wardgate:HOSP:mrn");
            let name = &patient["name"][0];
            let given = name["given"][0].as_str().expect("a given name");
            let name = format!("{given} {}", text(name, "family"));
            let telecom = patient["telecom"].as_array().expect("telecom");
            let phone = telecom.iter().find(|one| one["system"] == "phone");
            (number, (name, text(phone.expect("a telephone"), "value")))
        })
        .collect()
}

fn identifier(resource: &Value, system: &str) -> String {
    let all = resource["identifier"].as_array().expect("identifiers");
    let found = all.iter().find(|one| one["system"] == system);
    text(found.expect("an identifier of this system"), "value")
}

fn in_erp() -> People {
    let customers = records("erp/customers.ndjson");
    let facts = |customer: &Value| {
        let (name, phone) = (text(customer, "displayName"), text(customer, "phoneNumber"));
        (text(customer, "number"), (name, phone))
    };
    customers.iter().map(facts).collect()
}

/// Read by a codec that is not ours.
fn in_hl7() -> People {
    let text = std::str::from_utf8(&set()["hl7v2/messages.hl7"]).expect("it is text");
    let messages: Vec<&str> = text
        .split('\n')
        .filter(|message| !message.is_empty())
        .collect();
    messages
        .iter()
        .map(|message| {
            let message =
                er7::parse(message).unwrap_or_else(|error| panic!("{error:?}: {message}"));
            let at = |place: &str| {
                let found = message.query(place).expect("it is a place");
                found.unwrap_or_default()
            };
            let name = format!("{} {}", at("PID-5.2"), at("PID-5.1"));
            (at("PID-3[1].1"), (name, at("PID-13[1].1")))
        })
        .collect()
}

#[test]
fn the_same_people_stand_in_each_format() {
    let people = in_fhir();
    assert_eq!(people.len(), 40);
    assert_eq!(in_erp(), people);
    assert_eq!(in_hl7(), people);
}

/// References lead to what is in the set: a visit to its patient, an invoice to its customer.
#[test]
fn what_refers_to_a_person_refers_to_one_of_the_set() {
    let people: BTreeSet<String> = in_fhir().into_keys().collect();
    let mut referring = 0;
    for name in set().keys().filter(|name| name.starts_with("fhir/")) {
        for record in records(name) {
            // A second opinion on every resource, by types that are not ours.
            let typed = wardgate_fhir_types::typed_check(&record.to_string());
            typed.unwrap_or_else(|error| panic!("{name}: {error}: {record}"));
            let subject = &record["subject"]["identifier"]["value"];
            if let Some(number) = subject.as_str() {
                assert!(people.contains(number), "{name}: {record}");
                referring += 1;
            }
        }
    }
    for invoice in records("erp/salesInvoices.ndjson") {
        assert!(
            people.contains(&text(&invoice, "customerNumber")),
            "{invoice}"
        );
        referring += 1;
    }
    assert!(referring > 100, "only {referring}");
}

#[test]
fn identifiers_and_addresses_belong_to_nobody() {
    for patient in records("fhir/Patient.ndjson") {
        let national = identifier(&patient, "http://hl7.org/fhir/sid/us-ssn");
        assert!(national.starts_with('9'), "{national} may be somebody's");
        for telecom in patient["telecom"].as_array().expect("telecom") {
            let value = text(telecom, "value");
            let fictitious = match telecom["system"].as_str() {
                Some("phone") => value.get(3..9) == Some("-555-0"),
                _ => ["@example.com", "@example.org", "@example.net"]
                    .iter()
                    .any(|domain| value.ends_with(domain)),
            };
            assert!(fictitious, "{value} may be somebody's");
        }
    }
}

#[test]
fn a_set_takes_the_place_of_another_and_of_nothing_else() {
    let folder = Folder::new();
    let mine = folder.write("mine/notes.txt", "not a data set");
    let run = generate(&folder.path().join("mine"), "--patients 1").expect(2);
    assert!(
        run.stderr.contains("nothing of yours is overwritten"),
        "{run}"
    );
    assert!(mine.exists());
    let out = folder.path().join("data");
    generate(&out, "--patients 5").expect(0);
    folder.write("data/fhir/notes.txt", "mine");
    generate(&out, "--patients 2 --format fhir").expect(0);
    let left = files(&out);
    assert!(left.contains_key("fhir/notes.txt") && left.contains_key("fhir/Patient.ndjson"));
    let of_the_first = left
        .keys()
        .filter(|name| name.starts_with("erp/") || name.starts_with("hl7v2/"));
    assert_eq!(of_the_first.count(), 0, "{:?}", left.keys());
}
