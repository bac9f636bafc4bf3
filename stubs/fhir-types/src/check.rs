//! A typed second opinion on resources that others wrote.

use fhir_sdk::r4b::resources::Resource;
use serde::Deserialize;
use serde_json::error::Category;

use crate::FhirTypesError;

/// Resource types of R4 that R4B withdrew or replaced (R4B change list); the types here have no opinion on them.
const R4_ONLY: [&str; 13] = [
    "EffectEvidenceSynthesis",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "RiskEvidenceSynthesis",
    "SubstanceSpecification",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    resource_type: Option<String>,
}

/// Whether `resource_json` reads as a typed FHIR resource; the error says in the words of the reader where it stopped.
///
/// It catches wrong shapes, missing required elements, unknown codes of required bindings and malformed dates. It is
/// no validator: unknown elements and some wrong-typed choices pass, and resources that only R4 has are not judged.
/// The error text may quote values from the resource, so show it to the author and not to a peer.
pub fn typed_check(resource_json: &str) -> Result<(), String> {
    let named: Named = serde_json::from_str(resource_json).map_err(|error| error.to_string())?;
    let Some(resource_type) = named.resource_type else {
        return Err("resourceType is missing".to_owned());
    };
    if R4_ONLY.contains(&resource_type.as_str()) {
        return Ok(());
    }
    serde_json::from_str::<Resource>(resource_json)
        .map(drop)
        .map_err(|error| format!("{resource_type}: {error}"))
}

/// Reads a resource for the parse functions, with errors free of values.
pub(crate) fn read(json: &str, resource: &'static str) -> Result<Resource, FhirTypesError> {
    let syntax = |error: &serde_json::Error| match error.classify() {
        Category::Data => FhirTypesError::ResourceType { expected: resource },
        Category::Io | Category::Syntax | Category::Eof => FhirTypesError::Json {
            line: error.line(),
            column: error.column(),
        },
    };
    let named: Named = serde_json::from_str(json).map_err(|error| syntax(&error))?;
    if named.resource_type.as_deref() != Some(resource) {
        return Err(FhirTypesError::ResourceType { expected: resource });
    }
    serde_json::from_str(json).map_err(|_| FhirTypesError::Shape { resource })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_resource_passes() {
        typed_check(r#"{"resourceType":"Patient","gender":"male","birthDate":"1980-01-01"}"#)
            .unwrap();
        typed_check(r#"{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","code":{}}}]}"#)
            .unwrap();
    }

    #[test]
    fn wrong_shapes_codes_and_dates_are_found() {
        for wrong in [
            r#"{"resourceType":"Patient","name":"Smith"}"#,
            r#"{"resourceType":"Patient","gender":"M"}"#,
            r#"{"resourceType":"Patient","birthDate":"1980-02-30"}"#,
            r#"{"resourceType":"Observation","code":{}}"#,
            r#"{"resourceType":"Nonsense"}"#,
            r#"{"id":"1"}"#,
            r#"{"resourceType":"Patient""#,
            "[]",
        ] {
            assert!(typed_check(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn resources_that_only_r4_has_are_not_judged() {
        typed_check(r#"{"resourceType":"MedicinalProduct"}"#).unwrap();
    }
}
