//! ServiceRequest, Observation and MedicationRequest.

use wardgate_expression::{Json, json};

use super::{
    Fields, Resource, concept, identifier, logical, practitioner, quantity, subject, visit,
};

const CATEGORIES: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const INTERPRETATIONS: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
const TIMINGS: &str = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation";
const SNOMED: &str = "http://snomed.info/sct";

pub(super) fn service_request(fields: Fields<'_>) -> Json {
    Resource::new("ServiceRequest")
        .list(
            "identifier",
            [
                identifier("placer-order", fields.text("order_number")),
                identifier("filler", fields.text("filler_number")),
            ],
        )
        .with("status", fields.text("status"))
        .with("intent", Some("order"))
        .with("priority", fields.text("priority"))
        .with("code", coded(fields))
        .with("subject", subject(fields))
        .with("encounter", visit(fields))
        .with("authoredOn", fields.text("ordered_at"))
        .with("requester", practitioner(fields))
        .json()
}

pub(super) fn observation(fields: Fields<'_>) -> Json {
    let unit = fields.text("unit");
    let range = Resource::part()
        .with("low", quantity(fields.value("low"), unit))
        .with("high", quantity(fields.value("high"), unit))
        .json();
    Resource::new("Observation")
        .list(
            "identifier",
            [identifier("result", fields.text("result_number"))],
        )
        .list(
            "basedOn",
            [logical(
                "ServiceRequest",
                "placer-order",
                fields.text("order_number"),
                None,
            )],
        )
        .with("status", fields.text("status"))
        .list("category", [concept(CATEGORIES, Some("laboratory"), None)])
        .with("code", coded(fields))
        .with("subject", subject(fields))
        .with("encounter", visit(fields))
        .with("effectiveDateTime", fields.text("observed_at"))
        .list("performer", [practitioner(fields)])
        .with("valueQuantity", quantity(fields.value("value"), unit))
        .list(
            "interpretation",
            [concept(INTERPRETATIONS, fields.text("flag"), None)],
        )
        .list("referenceRange", [(range != json!({})).then_some(range)])
        .json()
}

pub(super) fn medication_request(fields: Fields<'_>) -> Json {
    let (frequency, route) = (fields.text("frequency"), fields.text("route"));
    let days = fields.value("duration_days");
    let bounds = days.map(|days| {
        json!({"boundsDuration": {"value": days, "unit": "days", "system": super::UCUM, "code": "d"}})
    });
    let timing = Resource::part()
        .with("repeat", bounds)
        .with(
            "code",
            frequency
                .filter(|frequency| *frequency != "PRN")
                .and_then(|frequency| concept(TIMINGS, Some(frequency), None)),
        )
        .json();
    let route_code = route.and_then(|route| match route {
        "oral" => Some("26643006"),
        "subcutaneous" => Some("34206005"),
        "intravenous" => Some("47625008"),
        "inhalation" => Some("447694001"),
        _ => None,
    });
    let words: Vec<&str> = [frequency, route].into_iter().flatten().collect();
    let dosage = Resource::part()
        .with("text", (!words.is_empty()).then(|| words.join(", ")))
        .with("timing", Some(timing))
        .with(
            "asNeededBoolean",
            (frequency == Some("PRN")).then_some(true),
        )
        .with("route", concept(SNOMED, route_code, route))
        .list(
            "doseAndRate",
            [quantity(fields.value("dose"), fields.text("unit"))
                .map(|dose| json!({"doseQuantity": dose}))],
        )
        .json();
    Resource::new("MedicationRequest")
        .list(
            "identifier",
            [identifier("placer-order", fields.text("order_number"))],
        )
        .with("status", fields.text("status"))
        .with("intent", Some("order"))
        .with("medicationCodeableConcept", coded(fields))
        .with("subject", subject(fields))
        .with("encounter", visit(fields))
        .with("authoredOn", fields.text("ordered_at"))
        .with("requester", practitioner(fields))
        .list(
            "dosageInstruction",
            [(dosage != json!({})).then_some(dosage)],
        )
        .json()
}

fn coded(fields: Fields<'_>) -> Option<Json> {
    concept(
        fields.text("system").unwrap_or(""),
        fields.text("code"),
        fields.text("display"),
    )
}
