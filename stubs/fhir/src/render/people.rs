//! Patient and Practitioner.

use wardgate_expression::{Json, json};

use super::{Fields, Resource, identifier};

/// The code system of identifier types (HL7 table 0203).
const IDENTIFIER_TYPES: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";

pub(super) fn patient(fields: Fields<'_>) -> Json {
    Resource::new("Patient")
        .list(
            "identifier",
            [
                identifier("mrn", fields.text("mrn")).map(|number| typed(&number, "MR")),
                identifier("account", fields.text("account")).map(|number| typed(&number, "AN")),
                fields.text("national_id").map(|number| {
                    typed(
                        &json!({"system": "http://hl7.org/fhir/sid/us-ssn", "value": number}),
                        "SS",
                    )
                }),
            ],
        )
        .with("active", Some(true))
        .list("name", [name(fields)])
        .list(
            "telecom",
            [
                fields
                    .text("phone")
                    .map(|number| json!({"system": "phone", "value": number, "use": "home"})),
                fields
                    .text("email")
                    .map(|address| json!({"system": "email", "value": address})),
            ],
        )
        .with("gender", fields.text("sex"))
        .with("birthDate", fields.text("birth_date"))
        .list("address", [address(fields)])
        .json()
}

pub(super) fn practitioner(fields: Fields<'_>) -> Json {
    Resource::new("Practitioner")
        .list(
            "identifier",
            [
                identifier("practitioner", fields.text("id")),
                identifier("registration", fields.text("identifier")),
            ],
        )
        .with("active", Some(true))
        .list("name", [name(fields)])
        .list(
            "qualification",
            [fields
                .text("specialty")
                .map(|specialty| json!({"code": {"text": specialty}}))],
        )
        .json()
}

fn typed(identifier: &Json, code: &str) -> Json {
    let mut whole = Resource::part().with(
        "type",
        Some(json!({"coding": [{"system": IDENTIFIER_TYPES, "code": code}]})),
    );
    for (name, value) in identifier.as_object().into_iter().flatten() {
        whole = whole.with(name, Some(value));
    }
    whole.json()
}

fn name(fields: Fields<'_>) -> Option<Json> {
    let given = [fields.text("given"), fields.text("middle")];
    if fields.text("family").is_none() && given == [None, None] {
        return None;
    }
    Some(
        Resource::part()
            .with("use", Some("official"))
            .with("family", fields.text("family"))
            .list("given", given.map(|part| part.map(Json::from)))
            .json(),
    )
}

fn address(fields: Fields<'_>) -> Option<Json> {
    fields.text("city")?;
    Some(
        Resource::part()
            .with("use", Some("home"))
            .list("line", [fields.text("street").map(Json::from)])
            .with("city", fields.text("city"))
            .with("state", fields.text("state"))
            .with("postalCode", fields.text("postal_code"))
            .with("country", fields.text("country"))
            .json(),
    )
}
