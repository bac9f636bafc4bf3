//! What is made from the grammar and the protocols' guides and checked in: the schema and the reference. `WARDGATE_UPDATE=1` writes them anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wardgate_contract::{Source, reference, yaml};
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
    let made = catalog().schema().pretty() + "\n";
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

fn validator() -> jsonschema::Validator {
    let schema = serde_json::from_str(&catalog().schema().to_string()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn is_valid(validator: &jsonschema::Validator, text: &str) -> bool {
    let (node, findings) = yaml::read(&Source::new("contract.yaml", text));
    assert!(findings.is_empty(), "{findings:?}\n{text}");
    let value = serde_json::from_str(&node.unwrap().to_json().to_string()).unwrap();
    validator.is_valid(&value)
}

const HEAD: &str =
    "wardgate: 1\ncontract: a/b\nversion: 1.0.0\nconsumer: a\nprovider: b\nworkflow: w\n";
const INTERACTION: &str = "interactions:\n  - name: n\n";
const SEND: &str = "    send: { fhir: { path: /Patient } }\n";

#[test]
fn the_schema_admits_every_example_of_the_guide() {
    let validator = validator();
    let readme = fs::read_to_string(contracts().join("README.md")).unwrap();
    let blocks: Vec<_> = readme
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() >= 10, "the guide has its examples");
    for block in blocks {
        let first = block.split(':').next().unwrap_or_default();
        let indented = format!("    {}\n", block.trim_end().replace('\n', "\n    "));
        let text = match first {
            "wardgate" => block.to_owned(),
            "data" | "given" => format!("{HEAD}{block}{INTERACTION}{SEND}"),
            "properties" => format!("{HEAD}{block}"),
            "steps" => format!("{HEAD}{INTERACTION}{indented}"),
            _ => format!("{HEAD}{INTERACTION}{SEND}{indented}"),
        };
        assert!(is_valid(&validator, &text), "{text}");
    }
}

#[test]
fn the_schema_knows_every_word_that_can_be_named() {
    let validator = validator();
    let text = |draw: &str, generator: &str, key: &str| {
        format!(
            "{HEAD}data: {{ p: {{ draw: {draw} }} }}\nproperties:\n  - name: n\n    forall: {{ r: {generator} }}\n    steps: [{{ send: {{ hl7v2: {{ message: x }} }}, expect: {{ reply: {{ {key}: {{ MSA-1: AA }} }} }} }}]\n"
        )
    };
    for (draw, generator, key, expected) in [
        ("patient", "fhir.Patient", "hl7v2", true),
        ("visit", "stay", "fields", true),
        ("pateint", "fhir.Patient", "hl7v2", false),
        ("patient", "fhir.Patinet", "hl7v2", false),
        ("patient", "fhir.Patient", "hl7", false),
    ] {
        let text = text(draw, generator, key);
        assert_eq!(is_valid(&validator, &text), expected, "{text}");
    }
}

#[test]
fn the_schema_admits_every_shipped_contract_and_knows_the_protocols_words() {
    let validator = validator();
    let valid = |text: &str| is_valid(&validator, text);
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
        ("{ stub: fhri }", read, false),
        (fhir, "{ fhir: { pth: /Patient/1 } }", false),
        (fhir, "{ fhir: { method: GET } }", false),
        (fhir, "{ hl7v2: { message: x, charset: 8859/1 } }", true),
        (fhir, "{ other: { pth: /Patient/1 } }", false),
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
