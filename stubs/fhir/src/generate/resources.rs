//! Patient, Observation, Appointment and MedicationRequest.

use proptest::{
    prelude::{Just, prop_oneof},
    sample::select,
    strategy::{BoxedStrategy, Strategy},
};
use wardgate_expression::{Json, Object, json};
use wardgate_synth::{Kind, strategy};

use super::values::{decimal, maybe, maybe_bool, precision, text};
use crate::render::render;

/// The FHIR form of records of a kind.
fn rendered(kind: Kind) -> impl Strategy<Value = Object> {
    strategy(kind).prop_map(move |record| match render(kind.name(), &record) {
        Some(Json::Object(resource)) => resource,
        _ => Object::new(),
    })
}

/// Sets a member, or takes it away.
fn set(resource: &mut Object, name: &str, value: Option<impl Into<Json>>) {
    match value {
        Some(value) => {
            resource.insert(name, value);
        }
        None => {
            resource.remove(name);
        }
    }
}

pub(super) fn patient() -> BoxedStrategy<Json> {
    (
        rendered(Kind::Patient),
        precision(),
        maybe_bool(),
        maybe(text()),
        maybe(select(vec!["de", "fr-CA", "pl"])),
        maybe(0_u8..4),
    )
        .prop_map(
            |(mut patient, precision, deceased, nickname, language, birth_order)| {
                if let Some(Json::String(date)) = patient.get_mut("birthDate") {
                    date.truncate(precision);
                }
                if let (Some(nickname), Some(Json::Array(names))) =
                    (nickname, patient.get_mut("name"))
                {
                    names.push(json!({"use": "nickname", "given": [nickname]}));
                }
                if let Some(deceased) = deceased {
                    patient.insert("deceasedBoolean", deceased);
                }
                if let Some(birth_order) = birth_order {
                    patient.insert("multipleBirthInteger", birth_order + 1);
                }
                if let Some(language) = language {
                    let coding = json!({"system": "urn:ietf:bcp:47", "code": language});
                    patient.insert(
                        "communication",
                        json!([{"language": {"coding": [coding]}, "preferred": true}]),
                    );
                }
                Json::Object(patient)
            },
        )
        .boxed()
}

pub(super) fn observation() -> BoxedStrategy<Json> {
    let value = prop_oneof![
        4 => decimal().prop_map(|value| ("valueQuantity", json!({
            "value": value, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL",
        }))),
        1 => text().prop_map(|value| ("valueString", Json::from(value))),
        1 => text().prop_map(|value| ("valueCodeableConcept", json!({"text": value}))),
        1 => Just(("dataAbsentReason", json!({"text": "not measured"}))),
    ];
    (
        rendered(Kind::Result),
        value,
        maybe(text()),
        select(vec!["final", "preliminary", "amended", "corrected"]),
        maybe(precision()),
    )
        .prop_map(|(mut observation, (name, value), note, status, partial)| {
            observation.remove("valueQuantity");
            observation.insert(name, value);
            observation.insert("status", status);
            if let (Some(precision), Some(Json::String(date))) =
                (partial, observation.get_mut("effectiveDateTime"))
            {
                date.truncate(precision);
            }
            if let Some(note) = note {
                observation.insert("note", json!([{"text": note}]));
            }
            Json::Object(observation)
        })
        .boxed()
}

pub(super) fn appointment() -> BoxedStrategy<Json> {
    (
        rendered(Kind::Appointment),
        select(vec![
            "booked",
            "proposed",
            "pending",
            "arrived",
            "cancelled",
        ]),
        maybe(text()),
        maybe(text()),
        maybe(0_u8..10),
    )
        .prop_map(
            |(mut appointment, status, comment, instruction, priority)| {
                appointment.insert("status", status);
                if status == "cancelled" {
                    appointment.insert("cancelationReason", json!({"text": "no longer needed"}));
                }
                set(&mut appointment, "comment", comment);
                set(&mut appointment, "patientInstruction", instruction);
                set(&mut appointment, "priority", priority);
                Json::Object(appointment)
            },
        )
        .boxed()
}

pub(super) fn medication_request() -> BoxedStrategy<Json> {
    let above_zero = decimal().prop_map(|dose| {
        // Nobody orders a dose of nothing.
        let is_zero = dose
            .as_str()
            .bytes()
            .all(|byte| matches!(byte, b'0' | b'.'));
        if is_zero {
            json!(1)
        } else {
            Json::Number(dose)
        }
    });
    (rendered(Kind::MedicationOrder), above_zero, maybe((1_u16..1_000, 0_u8..12)), maybe(text()))
        .prop_map(|(order, dose, dispense, note)| {
            let mut order = Json::Object(order);
            if let Some(value) = order.pointer_mut("/dosageInstruction/0/doseAndRate/0/doseQuantity/value") {
                *value = dose;
            }
            let Json::Object(mut order) = order else {
                return order;
            };
            let dispense = dispense.map(|(quantity, repeats)| {
                json!({"numberOfRepeatsAllowed": repeats, "quantity": {"value": quantity, "unit": "tablet"}})
            });
            set(&mut order, "dispenseRequest", dispense);
            set(&mut order, "note", note.map(|note| json!([{"text": note}])));
            Json::Object(order)
        })
        .boxed()
}
