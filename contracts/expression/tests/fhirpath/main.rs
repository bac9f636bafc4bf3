//! FHIRPath by topic: what contract authors write, and what they get.

mod accesses;
mod collections;
mod comparing;
mod context;
mod documents;
mod explaining;
mod faults;
mod functions;
mod limits;
mod operators;
mod quantities;
mod temporal;
mod types;

use wardgate_expression::fhirpath::{Context, Expression, Value};
use wardgate_expression::{Json, json};

/// The document most tests look at.
fn patient() -> Json {
    json!({
        "resourceType": "Patient",
        "id": "p1",
        "active": true,
        "identifier": [
            {"system": "urn:mrn", "value": "12345"},
            {"system": "urn:ssn", "value": "999-11-2222"},
        ],
        "name": [
            {"use": "official", "family": "Smith", "given": ["Anna", "Maria"]},
            {"use": "maiden", "family": "Jones", "given": ["Anna"]},
        ],
        "gender": "female",
        "birthDate": "1974-12-25",
        "_birthDate": {"extension": [{"url": "urn:time", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
        "multipleBirthInteger": 2,
    })
}

/// What an expression yields for a document, as the text of each item.
fn shown_for(document: &Json, text: &str) -> Vec<String> {
    let expression = Expression::parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error} {:?}", error.span()));
    let context = Context::new(document);
    let values = expression
        .evaluate(&context)
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    values.iter().map(Value::display).collect()
}

/// What an expression yields for the patient.
fn shown(text: &str) -> Vec<String> {
    shown_for(&patient(), text)
}

/// Asserts that an expression yields one true for the patient.
#[track_caller]
fn holds(text: &str) {
    assert_eq!(shown(text), ["true"], "{text}");
}

/// Asserts that an expression yields one false for the patient.
#[track_caller]
fn fails_to_hold(text: &str) {
    assert_eq!(shown(text), ["false"], "{text}");
}

/// Asserts that an expression yields nothing for the patient.
#[track_caller]
fn yields_nothing(text: &str) {
    assert_eq!(shown(text), Vec::<String>::new(), "{text}");
}

/// The message of an evaluation that fails, and the part of the text it is about.
#[track_caller]
fn failure(text: &str) -> (String, String) {
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let patient = patient();
    let context = Context::new(&patient);
    let error = expression.evaluate(&context).expect_err(text);
    (error.message().to_owned(), text[error.span()].to_owned())
}
