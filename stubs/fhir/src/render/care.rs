//! Encounter, Appointment and ChargeItem.

use wardgate_expression::{Json, json};

use super::{Fields, Resource, concept, identifier, practitioner, subject, visit};

/// The code system of encounter classes (HL7 v3 ActCode).
const ACT_CODES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// The code systems of what the synthetic hospital offers and charges.
const SERVICES: &str = "https://example.org/wardgate/services";
const CHARGES: &str = "https://example.org/wardgate/charges";

pub(super) fn encounter(fields: Fields<'_>) -> Json {
    let class = match fields.text("class") {
        Some("inpatient") => "IMP",
        Some("emergency") => "EMER",
        _ => "AMB",
    };
    let place: Vec<&str> = ["location", "room", "bed"]
        .into_iter()
        .filter_map(|name| fields.text(name))
        .collect();
    Resource::new("Encounter")
        .list(
            "identifier",
            [identifier("visit", fields.text("visit_number"))],
        )
        .with("status", fields.text("status"))
        .with("class", Some(json!({"system": ACT_CODES, "code": class})))
        .with("subject", subject(fields))
        .list(
            "participant",
            [practitioner(fields).map(|actor| json!({"individual": actor}))],
        )
        .with("period", period(fields))
        .list("reasonCode", [text_only(fields.text("reason"))])
        .list(
            "location",
            [(!place.is_empty()).then(|| json!({"location": {"display": place.join(" ")}}))],
        )
        .json()
}

pub(super) fn appointment(fields: Fields<'_>) -> Json {
    let participant =
        |actor: Option<Json>| actor.map(|actor| json!({"actor": actor, "status": "accepted"}));
    Resource::new("Appointment")
        .list(
            "identifier",
            [
                identifier("appointment", fields.text("filler")),
                identifier("appointment-placer", fields.text("placer")),
            ],
        )
        .with("status", fields.text("status"))
        .list(
            "serviceType",
            [concept(
                SERVICES,
                fields.text("service"),
                fields.text("service_display"),
            )],
        )
        .list("reasonCode", [text_only(fields.text("reason"))])
        .with("start", fields.text("start"))
        .with("end", fields.text("end"))
        .with("minutesDuration", fields.value("duration_minutes"))
        .list(
            "participant",
            [
                participant(subject(fields)),
                participant(practitioner(fields)),
                participant(
                    fields
                        .text("location")
                        .map(|place| json!({"type": "Location", "display": place})),
                ),
            ],
        )
        .json()
}

pub(super) fn charge_item(fields: Fields<'_>) -> Json {
    Resource::new("ChargeItem")
        .list(
            "identifier",
            [identifier("charge", fields.text("charge_number"))],
        )
        .with("status", Some("billable"))
        .with(
            "code",
            concept(CHARGES, fields.text("code"), fields.text("description")),
        )
        .with("subject", subject(fields))
        .with("context", visit(fields))
        .with("occurrenceDateTime", fields.text("date"))
        .with(
            "quantity",
            fields
                .value("quantity")
                .map(|count| json!({"value": count})),
        )
        .with(
            "priceOverride",
            fields
                .value("amount")
                .map(|amount| json!({"value": amount, "currency": "USD"})),
        )
        .json()
}

fn period(fields: Fields<'_>) -> Option<Json> {
    fields.text("start")?;
    Some(
        Resource::part()
            .with("start", fields.text("start"))
            .with("end", fields.text("end"))
            .json(),
    )
}

fn text_only(text: Option<&str>) -> Option<Json> {
    text.map(|text| json!({"text": text}))
}
