//! Facts to `fhir-sdk` data types, and the few steps that every resource builder repeats.

use std::str::FromStr;

use fhir_sdk::r4b::types;
use serde::Serialize;

use crate::decimal::Decimals;
use crate::{Coding, Concept, FhirTypesError, Identifier, Quantity, Reference};

/// Reads a code or date that `fhir-sdk` knows; `element` is named when it does not.
pub(crate) fn parse<T: FromStr>(text: &str, element: &'static str) -> Result<T, FhirTypesError> {
    text.parse()
        .map_err(|_| FhirTypesError::Invalid { element })
}

/// [`parse`] for an element that may be absent.
pub(crate) fn parse_option<T: FromStr>(
    text: Option<&String>,
    element: &'static str,
) -> Result<Option<T>, FhirTypesError> {
    text.map(|text| parse(text, element)).transpose()
}

/// Writes the finished resource as JSON with the exact decimals in place.
pub(crate) fn render(
    resource: &impl Serialize,
    decimals: &Decimals,
) -> Result<String, FhirTypesError> {
    let json = serde_json::to_string(resource).map_err(|_| FhirTypesError::Invalid {
        element: "resource",
    })?;
    decimals.splice(json)
}

pub(crate) fn identifier(facts: &Identifier) -> types::Identifier {
    let mut identifier = types::Identifier::builder().value(facts.value.clone());
    if !facts.system.is_empty() {
        identifier = identifier.system(facts.system.clone());
    }
    identifier
        .build()
        .expect("every element of Identifier is optional")
}

pub(crate) fn identifiers(facts: &[Identifier]) -> Vec<Option<types::Identifier>> {
    facts.iter().map(|facts| Some(identifier(facts))).collect()
}

pub(crate) fn concept(facts: &Concept) -> types::CodeableConcept {
    let codings = facts
        .codings
        .iter()
        .map(|coding| {
            let mut built = types::Coding::builder()
                .build()
                .expect("every element of Coding is optional");
            built.system.clone_from(&coding.system);
            built.code.clone_from(&coding.code);
            built.display.clone_from(&coding.display);
            Some(built)
        })
        .collect();
    let mut built = types::CodeableConcept::builder()
        .coding(codings)
        .build()
        .expect("every element of CodeableConcept is optional");
    built.text.clone_from(&facts.text);
    built
}

pub(crate) fn reference(facts: &Reference) -> types::Reference {
    let mut built = types::Reference::builder()
        .build()
        .expect("every element of Reference is optional");
    built.reference.clone_from(&facts.literal);
    built.r#type.clone_from(&facts.resource_type);
    built.identifier = facts.identifier.as_ref().map(identifier);
    built.display.clone_from(&facts.display);
    built
}

pub(crate) fn quantity(
    facts: &Quantity,
    decimals: &mut Decimals,
) -> Result<types::Quantity, FhirTypesError> {
    let mut built = types::Quantity::builder()
        .value(decimals.stand_in(&facts.value))
        .build()
        .expect("every element of Quantity is optional");
    built.comparator = parse_option(facts.comparator.as_ref(), "Quantity.comparator")?;
    built.unit.clone_from(&facts.unit);
    built.system.clone_from(&facts.system);
    built.code.clone_from(&facts.code);
    Ok(built)
}

pub(crate) fn identifier_facts(identifier: &types::Identifier) -> Identifier {
    Identifier {
        system: identifier.system.clone().unwrap_or_default(),
        value: identifier.value.clone().unwrap_or_default(),
    }
}

pub(crate) fn concept_facts(concept: &types::CodeableConcept) -> Concept {
    let codings = concept.coding.iter().flatten().map(|coding| Coding {
        system: coding.system.clone(),
        code: coding.code.clone(),
        display: coding.display.clone(),
    });
    Concept {
        codings: codings.collect(),
        text: concept.text.clone(),
    }
}

pub(crate) fn reference_facts(reference: &types::Reference) -> Reference {
    Reference {
        resource_type: reference.r#type.clone(),
        literal: reference.reference.clone(),
        identifier: reference.identifier.as_ref().map(identifier_facts),
        display: reference.display.clone(),
    }
}
