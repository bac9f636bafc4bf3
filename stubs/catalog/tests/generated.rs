//! What is made from the grammar and the protocols' guides and checked in: the schema and the reference. `WARDGATE_UPDATE=1` writes them anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wardgate_contract::{Source, reference, schema, yaml};
use wardgate_core::port::{Names, StubOptions};
use wardgate_stub_catalog::catalog;
use wardgate_synth::Seed;

fn contracts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts")
}

fn keep(path: &Path, made: &str) {
    if std::env::var_os("WARDGATE_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, made).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "{} is not what is made; run the test with WARDGATE_UPDATE=1 and commit the file",
        path.display()
    );
}

#[test]
fn the_schema_is_what_is_made() {
    let made = schema::schema(&catalog().guides()).pretty() + "\n";
    keep(&contracts().join("schema/contract.schema.json"), &made);
}

#[test]
fn the_reference_is_what_is_made() {
    let path = contracts().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme
        .split_once(reference::BEGIN)
        .expect("the README has the mark of the beginning");
    let (_, after) = rest
        .split_once(reference::END)
        .expect("the README has the mark of the end");
    let made = format!(
        "{before}{}\n\n{}\n{}{after}",
        reference::BEGIN,
        reference::reference(&catalog().guides()) + &wardgate_synth::reference(),
        reference::END
    );
    keep(&path, &made);
}

#[test]
fn the_schema_admits_every_shipped_contract_and_knows_the_protocols_words() {
    let schema = schema::schema(&catalog().guides()).to_string();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |text: &str| {
        let (node, findings) = yaml::read(&Source::new("contract.yaml", text));
        assert!(findings.is_empty(), "{findings:?}");
        let value = serde_json::from_str(&node.unwrap().to_json().to_string()).unwrap();
        validator.is_valid(&value)
    };
    let mut count = 0;
    for workflow in fs::read_dir(contracts().join("suites")).unwrap() {
        for file in fs::read_dir(workflow.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                count += 1;
                assert!(
                    valid(&fs::read_to_string(&path).unwrap()),
                    "{}",
                    path.display()
                );
            }
        }
    }
    assert!(count >= 24, "{count} contracts were looked at");

    let with = |partner: &str, send: &str| {
        format!(
            "wardgate: 1\ncontract: a/b\nversion: 1.0.0\nconsumer: a\nprovider: b\nworkflow: w\n\
             partners: {{ p: {partner} }}\ninteractions: [{{ name: n, send: {send} }}]\n"
        )
    };
    let (fhir, read) = (
        "{ stub: fhir, version: R4 }",
        "{ fhir: { path: /Patient/1 } }",
    );
    for (partner, send, expected) in [
        (fhir, read, true),
        ("{ stub: fhir, verson: R4 }", read, false),
        ("{ stub: other, verson: R4 }", read, true),
        (fhir, "{ fhir: { pth: /Patient/1 } }", false),
        (fhir, "{ fhir: { method: GET } }", false),
        (fhir, "{ hl7v2: { message: x, charset: 8859/1 } }", true),
        (fhir, "{ other: { pth: /Patient/1 } }", true),
    ] {
        assert_eq!(valid(&with(partner, send)), expected, "{partner} {send}");
    }
}

#[test]
fn what_guides_show_is_sound() {
    for protocol in catalog().iter() {
        let guide = protocol.guide();
        for place in guide.places {
            assert!(!place.examples.is_empty(), "{} {}", guide.name, place.place);
            for example in place.examples {
                let checked = match place.place {
                    "received" => protocol.check_selector(example),
                    "holds" => protocol.check_collection(example),
                    "with" => protocol.check_refusal(example),
                    _ => protocol.check_locator(example),
                };
                assert_eq!(checked, Ok(()), "{} {} {example}", guide.name, place.place);
            }
        }
        let body: String = guide.send.iter().fold(String::new(), |body, key| {
            body + &format!("{}: {}\n", key.name, key.example)
        });
        let (body, findings) = yaml::read(&Source::new("body.yaml", body.as_str()));
        assert!(findings.is_empty(), "{} {findings:?}", guide.name);
        assert_eq!(
            protocol.check_send(&body.unwrap(), &AnyName).len(),
            0,
            "{}",
            guide.name
        );
        for option in guide.options {
            let text = format!("{}: {}", option.name, option.example);
            let (options, _) = yaml::read(&Source::new("options.yaml", text.as_str()));
            let options = StubOptions {
                partner: String::from("p"),
                options: options.unwrap().to_json(),
                seed: Seed::from_u64(1),
            };
            assert!(protocol.stub(&options).is_ok(), "{} {text}", guide.name);
        }
        for word in guide.filters {
            assert!(
                protocol.filter(word.name, "2026-03-01").is_some(),
                "{}",
                word.name
            );
        }
    }
}

/// Every name is known.
struct AnyName;

impl Names for AnyName {
    fn knows(&self, _name: &str) -> bool {
        true
    }
}
