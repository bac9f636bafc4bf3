//! The schema admits what is sound, refuses what is plainly not, and is never stricter than the reader.

use std::sync::Arc;

use jsonschema::Validator;
use wardgate_contract::{
    Source, read,
    schema::{self, Known},
    yaml,
};

const EXAMPLES: [&str; 3] = [
    include_str!("examples/registration.yaml"),
    include_str!("examples/properties.yaml"),
    include_str!("examples/every-key.yaml"),
];

fn validator() -> Validator {
    let schema = serde_json::from_str(&schema::schema(Known::default()).to_string()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn admits(validator: &Validator, text: &str) -> bool {
    let (node, findings) = yaml::read(&Source::new("c.yaml", text));
    assert_eq!(findings, [], "{text}");
    let value: serde_json::Value =
        serde_json::from_str(&node.unwrap().to_json().to_string()).unwrap();
    validator.is_valid(&value)
}

#[test]
fn the_schema_is_one() {
    let schema = serde_json::from_str(&schema::schema(Known::default()).to_string()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
}

#[test]
fn sound_contracts_are_admitted() {
    let validator = validator();
    for example in EXAMPLES {
        let value = yaml::read(&Source::new("c.yaml", example))
            .0
            .unwrap()
            .to_json();
        let value = serde_json::from_str(&value.to_string()).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// Faults that an editor should mark: each is one replacement in the first example.
const REFUSED: [(&str, &str); 41] = [
    ("wardgate: 1 ", "wardgate: 2 "),
    (
        "contract: registration/adt-a04",
        "contract: Registration ADT",
    ),
    ("version: 1.2.0", "version: 1.2"),
    ("version: 1.2.0", "version: [1, 2, 0]"),
    ("version: 1.2.0\n", ""),
    ("consumer: pas ", "consumer: "),
    ("workflow: registration", "workflows: registration"),
    ("criticality: required", "criticality: optional"),
    ("ledger: { stub: erp }", "ledger: erp"),
    ("ledger: { stub: erp }", "the-ledger: { stub: erp }"),
    (
        "{ draw: patient, where: \"age >= 18\" }",
        "{ where: \"age >= 18\" }",
    ),
    (
        "{ draw: patient, where: \"age >= 18\" }",
        "{ draw: patient, were: \"age >= 18\" }",
    ),
    (
        "  - name: an A04 registers the patient\n    send",
        "  - send",
    ),
    ("within: 2s", "within: 2"),
    ("within: 2s", "within: 2 seconds"),
    ("received: PUT Patient", "receives: PUT Patient"),
    (
        "- received: PUT Patient",
        "- received: PUT Patient\n          holds: customers",
    ),
    (
        "- received: PUT Patient",
        "- received: PUT Patient\n          count: 1",
    ),
    ("times: 1", "times: once"),
    ("times: 1", "times: { at least: many }"),
    ("times: 1", "times: {}"),
    ("MSA-1: AA", "MSA-1: { decimal: ten }"),
    ("MSA-1: AA", "MSA-1: { decimal: true }"),
    ("MSA-1: AA", "MSA-1: { one_of: [] }"),
    ("MSA-1: AA", "MSA-1: { one_of: AA }"),
    ("MSA-1: AA", "MSA-1: { absent: false }"),
    ("MSA-1: AA", "MSA-1: { present: 1 }"),
    ("MSA-1: AA", "MSA-1: { regex: A., present: true }"),
    ("MSA-1: AA", "MSA-1: { regex: [A] }"),
    ("MSA-1: AA", "MSA-1: { range: { min: low } }"),
    ("MSA-1: AA", "MSA-1: { range: { low: 1 } }"),
    ("MSA-1: AA", "MSA-1: { range: {} }"),
    ("MSA-1: AA", "MSA-1: { date_within: soon }"),
    ("MSA-1: AA", "MSA-1: { date_within: { of: \"${today}\" } }"),
    ("MSA-1: AA", "MSA-1: { includes: AA }"),
    ("MSA-1: AA", "MSA-1: { a: [{ b: { absent: false } }] }"),
    ("- duplicate delivery", "- duplicate deliveries"),
    ("{ ack lost: inbound }", "{ ack lost: inbound, for: 2 }"),
    ("for: 2 attempts", "for: two attempts"),
    (
        "{ partner down: ledger, for: 2 attempts }",
        "{ partner slow: ledger }",
    ),
    (
        "    expect:\n",
        "    steps: [{ expect: { reply: {} } }]\n    expect:\n",
    ),
];

/// Values and matchers that are sound, though they come near to what is not.
const ADMITTED: [&str; 14] = [
    "{ decimal: 185.10 }",
    "{ decimal: \"1e3\" }",
    "{ decimal: \"${patient.age}\" }",
    "{ absent: \"true\" }",
    "{ equals: { absent: false, like: 1 }, ignoring: [id] }",
    "{ like: { one_of: [] } }",
    "{ each_like: { regex: A. }, min: 2 }",
    "{ range: { max: \"${patient.age}\" } }",
    "{ date_within: 5 s }",
    "{ date_within: { distance: 1d, of: \"${today}\" } }",
    "{ unordered: [] }",
    "{ one_of: [{ regex: A. }, ~] }",
    "{ regex: 5 }",
    "[{ absent: true }, { b: { present: true } }]",
];

#[test]
fn what_comes_near_is_admitted() {
    let validator = validator();
    for value in ADMITTED {
        let text = EXAMPLES[0].replacen("MSA-1: AA", &format!("MSA-1: {value}"), 1);
        assert!(admits(&validator, &text), "{value}");
        let reading = read(Arc::new(Source::new("c.yaml", text)));
        assert!(
            reading.contract.is_some(),
            "{value}: {:?}",
            reading.findings
        );
    }
}

#[test]
fn what_the_schema_refuses_the_reader_refuses() {
    let validator = validator();
    for (from, to) in REFUSED {
        assert!(EXAMPLES[0].contains(from), "{from}");
        let text = EXAMPLES[0].replacen(from, to, 1);
        assert!(
            !admits(&validator, &text),
            "the schema admits {to:?} in place of {from:?}"
        );
        let reading = read(Arc::new(Source::new("c.yaml", text)));
        assert!(
            reading.contract.is_none(),
            "the reader admits {to:?} in place of {from:?}"
        );
    }
}

/// The other way round, with every scalar of a sound file in turn replaced by values of other kinds.
#[test]
fn the_schema_is_never_stricter_than_the_reader() {
    let validator = validator();
    let mut refused = 0;
    for example in [EXAMPLES[1], EXAMPLES[2]] {
        let (node, _) = yaml::read(&Source::new("c.yaml", example));
        let mut places = Vec::new();
        collect(&node.unwrap(), &mut places);
        for (start, end) in places {
            for value in ["-1.5", "true", "~", "[]", "{ a: b }", "a b"] {
                let text = format!("{}{value}{}", &example[..start], &example[end..]);
                let (Some(node), findings) = yaml::read(&Source::new("c.yaml", text.as_str()))
                else {
                    continue;
                };
                if !findings.is_empty() {
                    continue;
                }
                let json = serde_json::from_str(&node.to_json().to_string()).unwrap();
                if !validator.is_valid(&json) {
                    refused += 1;
                    let reading = read(Arc::new(Source::new("c.yaml", text.as_str())));
                    assert!(
                        reading.contract.is_none(),
                        "{value:?} at {start}: only the schema refuses\n{text}"
                    );
                }
            }
        }
    }
    assert!(refused > 200, "only {refused} refused");
}

fn collect(node: &wardgate_contract::Node, places: &mut Vec<(usize, usize)>) {
    match &node.value {
        wardgate_contract::Value::Scalar(_) => places.push((node.span.start, node.span.end)),
        wardgate_contract::Value::Sequence(items) => {
            for item in items {
                collect(item, places);
            }
        }
        wardgate_contract::Value::Mapping(members) => {
            for (_, node) in members {
                collect(node, places);
            }
        }
    }
}
