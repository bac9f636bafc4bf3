//! MedicationRequest: an order for a medicine.

use fhir_sdk::r4b::resources;
use fhir_sdk::r4b::types;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::check::read;
use crate::decimal::Decimals;
use crate::{Concept, ExactDecimal, FhirTypesError, Identifier, Quantity, Reference, build};

/// How much the pharmacy hands out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DispenseFacts {
    /// Amount of one dispense.
    pub quantity: Option<Quantity>,
    /// Repeats beyond the first dispense.
    pub repeats: Option<u32>,
}

/// What is known of a medication order with one dosage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicationRequestFacts {
    /// Business identifiers.
    pub identifiers: Vec<Identifier>,
    /// FHIR code such as `active`.
    pub status: String,
    /// FHIR code such as `order`.
    pub intent: String,
    /// The medicine.
    pub medication: Concept,
    /// Who takes it.
    pub subject: Reference,
    /// When it was written: `YYYY[-MM[-DD]]` or an RFC 3339 instant.
    pub authored_on: Option<String>,
    /// The dose of one administration.
    pub dose: Quantity,
    /// The directions as people read them.
    pub dosage_text: Option<String>,
    /// How often, as code (such as `BID`) or text.
    pub timing: Option<Concept>,
    /// By mouth, into a vein and so on.
    pub route: Option<Concept>,
    /// What to dispense.
    pub dispense: Option<DispenseFacts>,
}

/// Builds a MedicationRequest resource (FHIR R4, MedicationRequest) as compact JSON, decimals digit for digit.
pub fn medication_request(facts: &MedicationRequestFacts) -> Result<String, FhirTypesError> {
    let mut decimals = Decimals::default();
    let dose = types::DosageDoseAndRate::builder()
        .dose(types::DosageDoseAndRateDose::Quantity(build::quantity(
            &facts.dose,
            &mut decimals,
        )?))
        .build()
        .expect("every element of Dosage.doseAndRate is optional");
    let mut dosage = types::Dosage::builder()
        .dose_and_rate(vec![Some(dose)])
        .build()
        .expect("every element of Dosage is optional");
    dosage.text.clone_from(&facts.dosage_text);
    dosage.route = facts.route.as_ref().map(build::concept);
    dosage.timing = facts.timing.as_ref().map(|timing| {
        types::Timing::builder()
            .code(build::concept(timing))
            .build()
            .expect("every element of Timing is optional")
    });
    let mut built = resources::MedicationRequest::builder()
        .identifier(build::identifiers(&facts.identifiers))
        .status(facts.status.clone())
        .intent(facts.intent.clone())
        .medication(resources::MedicationRequestMedication::CodeableConcept(
            build::concept(&facts.medication),
        ))
        .subject(build::reference(&facts.subject))
        .dosage_instruction(vec![Some(dosage)])
        .build()
        .map_err(|_| FhirTypesError::Missing {
            element: "MedicationRequest.status",
        })?;
    built.authored_on =
        build::parse_option(facts.authored_on.as_ref(), "MedicationRequest.authoredOn")?;
    if let Some(facts) = &facts.dispense {
        let mut dispense = resources::MedicationRequestDispenseRequest::builder()
            .build()
            .expect("every element of MedicationRequest.dispenseRequest is optional");
        dispense.quantity = facts
            .quantity
            .as_ref()
            .map(|quantity| build::quantity(quantity, &mut decimals))
            .transpose()?;
        dispense.number_of_repeats_allowed = facts.repeats;
        built.dispense_request = Some(dispense);
    }
    build::render(&built, &decimals)
}

/// The decimals of an order as written, which the typed resource has lost.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenOrder<'a> {
    #[serde(borrow, default)]
    dosage_instruction: Vec<WrittenDosage<'a>>,
    #[serde(borrow, default)]
    dispense_request: Option<WrittenDispense<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenDosage<'a> {
    #[serde(borrow, default)]
    dose_and_rate: Vec<WrittenDose<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenDose<'a> {
    #[serde(borrow, default)]
    dose_quantity: Option<WrittenQuantity<'a>>,
}

#[derive(Deserialize)]
struct WrittenDispense<'a> {
    #[serde(borrow, default)]
    quantity: Option<WrittenQuantity<'a>>,
}

#[derive(Deserialize)]
struct WrittenQuantity<'a> {
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

impl WrittenQuantity<'_> {
    fn exact(&self, element: &'static str) -> Result<ExactDecimal, FhirTypesError> {
        let written = self.value.ok_or(FhirTypesError::Missing { element })?;
        written
            .get()
            .parse()
            .map_err(|_| FhirTypesError::Invalid { element })
    }
}

const DOSE: &str = "MedicationRequest.dosageInstruction.doseAndRate.doseQuantity.value";
const DISPENSED: &str = "MedicationRequest.dispenseRequest.quantity.value";

/// Reads an order with exactly one dosage instruction and one dose; more than one is refused rather than guessed at.
pub fn parse_medication_request(json: &str) -> Result<MedicationRequestFacts, FhirTypesError> {
    const RESOURCE: &str = "MedicationRequest";
    let resources::Resource::MedicationRequest(order) = read(json, RESOURCE)? else {
        return Err(FhirTypesError::ResourceType { expected: RESOURCE });
    };
    let written: WrittenOrder =
        serde_json::from_str(json).map_err(|_| FhirTypesError::Shape { resource: RESOURCE })?;
    let resources::MedicationRequestMedication::CodeableConcept(medication) = &order.medication
    else {
        return Err(FhirTypesError::Missing {
            element: "MedicationRequest.medicationCodeableConcept",
        });
    };
    let dosage = match order.dosage_instruction.as_slice() {
        [Some(dosage)] => dosage,
        [] | [None] => {
            return Err(FhirTypesError::Missing {
                element: "MedicationRequest.dosageInstruction",
            });
        }
        _ => {
            return Err(FhirTypesError::Invalid {
                element: "MedicationRequest.dosageInstruction",
            });
        }
    };
    let dose = match dosage.dose_and_rate.as_slice() {
        [Some(dose)] => dose,
        [] | [None] => return Err(FhirTypesError::Missing { element: DOSE }),
        _ => {
            return Err(FhirTypesError::Invalid {
                element: "MedicationRequest.dosageInstruction.doseAndRate",
            });
        }
    };
    let Some(types::DosageDoseAndRateDose::Quantity(dose)) = &dose.dose else {
        return Err(FhirTypesError::Missing { element: DOSE });
    };
    let written_dose = written
        .dosage_instruction
        .first()
        .and_then(|dosage| dosage.dose_and_rate.first())
        .and_then(|dose| dose.dose_quantity.as_ref())
        .ok_or(FhirTypesError::Missing { element: DOSE })?;
    let dispense = match &order.dispense_request {
        None => None,
        Some(dispense) => {
            let quantity = match (
                &dispense.quantity,
                written
                    .dispense_request
                    .and_then(|written| written.quantity),
            ) {
                (Some(quantity), Some(written)) => {
                    Some(quantity_facts(quantity, written.exact(DISPENSED)?))
                }
                _ => None,
            };
            Some(DispenseFacts {
                quantity,
                repeats: dispense.number_of_repeats_allowed,
            })
        }
    };
    Ok(MedicationRequestFacts {
        identifiers: order
            .identifier
            .iter()
            .flatten()
            .map(build::identifier_facts)
            .collect(),
        status: order.status.clone(),
        intent: order.intent.clone(),
        medication: build::concept_facts(medication),
        subject: build::reference_facts(&order.subject),
        authored_on: order.authored_on.as_ref().and_then(|date| {
            let text = serde_json::to_value(date).ok()?;
            text.as_str().map(str::to_owned)
        }),
        dose: quantity_facts(dose, written_dose.exact(DOSE)?),
        dosage_text: dosage.text.clone(),
        timing: dosage
            .timing
            .as_ref()
            .and_then(|timing| timing.code.as_ref())
            .map(build::concept_facts),
        route: dosage.route.as_ref().map(build::concept_facts),
        dispense,
    })
}

fn quantity_facts(quantity: &types::Quantity, value: ExactDecimal) -> Quantity {
    Quantity {
        value,
        comparator: quantity.comparator.as_ref().map(ToString::to_string),
        unit: quantity.unit.clone(),
        system: quantity.system.clone(),
        code: quantity.code.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Coding;

    fn facts() -> MedicationRequestFacts {
        let coding = Coding {
            system: Some("urn:atc".into()),
            code: Some("N02BE01".into()),
            display: None,
        };
        MedicationRequestFacts {
            identifiers: vec![Identifier {
                system: "urn:o".into(),
                value: "RX1".into(),
            }],
            status: "active".into(),
            intent: "order".into(),
            medication: Concept {
                codings: vec![coding],
                text: Some("Paracetamol".into()),
            },
            subject: Reference::logical(
                "Patient",
                Identifier {
                    system: "urn:m".into(),
                    value: "M1".into(),
                },
            ),
            authored_on: Some("2026-07-10".into()),
            dose: Quantity {
                unit: Some("mg".into()),
                ..Quantity::new("2.50".parse().unwrap())
            },
            dosage_text: Some("twice a day".into()),
            timing: Some(Concept {
                text: Some("BID".into()),
                ..Concept::default()
            }),
            route: None,
            dispense: Some(DispenseFacts {
                quantity: Some(Quantity::new("30".parse().unwrap())),
                repeats: Some(2),
            }),
        }
    }

    #[test]
    fn an_order_reads_back_digit_for_digit() {
        let json = medication_request(&facts()).unwrap();
        assert!(json.contains("\"value\":2.50"), "{json}");
        assert_eq!(parse_medication_request(&json), Ok(facts()));
    }

    #[test]
    fn what_is_missing_is_named_without_values() {
        let json = medication_request(&facts())
            .unwrap()
            .replace("\"value\":2.50,", "");
        assert_eq!(
            parse_medication_request(&json),
            Err(FhirTypesError::Missing { element: DOSE })
        );
        let none =
            "{\"resourceType\":\"MedicationRequest\",\"status\":\"active\",\"intent\":\"order\"}";
        assert_eq!(
            parse_medication_request(none),
            Err(FhirTypesError::Shape {
                resource: "MedicationRequest"
            })
        );
        assert!(matches!(
            parse_medication_request("{"),
            Err(FhirTypesError::Json { line: 1, .. })
        ));
    }
}
