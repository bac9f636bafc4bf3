//! Observation: one measured or stated result.

use fhir_sdk::r4b::resources;
use fhir_sdk::r4b::types;

use crate::decimal::Decimals;
use crate::{Concept, FhirTypesError, Identifier, Quantity, Reference, build};

/// The value of an observation, one variant for each FHIR type that HL7 v2 results map to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObservationValue {
    /// A number with its unit.
    Quantity(Quantity),
    /// A coded answer.
    Concept(Concept),
    /// Text.
    Text(String),
    /// An interval.
    Range {
        /// Lower bound.
        low: Quantity,
        /// Upper bound.
        high: Quantity,
    },
    /// A ratio, such as a titre of 1:128.
    Ratio {
        /// What stands before the colon.
        numerator: Quantity,
        /// What stands after the colon.
        denominator: Quantity,
    },
    /// `YYYY[-MM[-DD]]` or an RFC 3339 instant.
    DateTime(String),
    /// `hh:mm:ss`.
    Time(String),
}

/// What is normal for this patient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReferenceRange {
    /// Lower bound.
    pub low: Option<Quantity>,
    /// Upper bound.
    pub high: Option<Quantity>,
    /// The range as the laboratory wrote it.
    pub text: Option<String>,
}

/// What is known of one result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObservationFacts {
    /// Business identifiers.
    pub identifiers: Vec<Identifier>,
    /// FHIR code such as `preliminary`, `final` or `corrected`.
    pub status: String,
    /// What was observed.
    pub code: Concept,
    /// Whom it is about.
    pub subject: Option<Reference>,
    /// The orders that it fulfils.
    pub based_on: Vec<Reference>,
    /// When the specimen was taken: `YYYY[-MM[-DD]]` or an RFC 3339 instant.
    pub effective: Option<String>,
    /// The result itself; absent while pending or cancelled.
    pub value: Option<ObservationValue>,
    /// High, low, normal and the like.
    pub interpretation: Vec<Concept>,
    /// What is normal.
    pub reference_range: Option<ReferenceRange>,
    /// Comments of the laboratory.
    pub notes: Vec<String>,
}

/// Builds an Observation resource (FHIR R4, Observation) as compact JSON, decimals digit for digit.
pub fn observation(facts: &ObservationFacts) -> Result<String, FhirTypesError> {
    let mut decimals = Decimals::default();
    let mut built = resources::Observation::builder()
        .identifier(build::identifiers(&facts.identifiers))
        .status(build::parse(&facts.status, "Observation.status")?)
        .code(build::concept(&facts.code))
        .build()
        .map_err(|_| FhirTypesError::Missing {
            element: "Observation.status",
        })?;
    built.subject = facts.subject.as_ref().map(build::reference);
    built.based_on = facts
        .based_on
        .iter()
        .map(|order| Some(build::reference(order)))
        .collect();
    built.effective = build::parse_option(facts.effective.as_ref(), "Observation.effective")?
        .map(resources::ObservationEffective::DateTime);
    built.value = facts
        .value
        .as_ref()
        .map(|facts| value(facts, &mut decimals))
        .transpose()?;
    built.interpretation = facts
        .interpretation
        .iter()
        .map(|concept| Some(build::concept(concept)))
        .collect();
    for note in &facts.notes {
        let note = types::Annotation::builder()
            .text(note.clone())
            .build()
            .map_err(|_| FhirTypesError::Missing {
                element: "Observation.note.text",
            })?;
        built.note.push(Some(note));
    }
    if let Some(facts) = &facts.reference_range {
        let mut range = resources::ObservationReferenceRange::builder()
            .build()
            .expect("every element of Observation.referenceRange is optional");
        range.low = facts
            .low
            .as_ref()
            .map(|low| build::quantity(low, &mut decimals))
            .transpose()?;
        range.high = facts
            .high
            .as_ref()
            .map(|high| build::quantity(high, &mut decimals))
            .transpose()?;
        range.text.clone_from(&facts.text);
        built.reference_range = vec![Some(range)];
    }
    build::render(&built, &decimals)
}

fn value(
    facts: &ObservationValue,
    decimals: &mut Decimals,
) -> Result<resources::ObservationValue, FhirTypesError> {
    use resources::ObservationValue as Built;
    Ok(match facts {
        ObservationValue::Quantity(quantity) => {
            Built::Quantity(build::quantity(quantity, decimals)?)
        }
        ObservationValue::Concept(concept) => Built::CodeableConcept(build::concept(concept)),
        ObservationValue::Text(text) => Built::String(text.clone()),
        ObservationValue::Range { low, high } => Built::Range(
            types::Range::builder()
                .low(build::quantity(low, decimals)?)
                .high(build::quantity(high, decimals)?)
                .build()
                .expect("every element of Range is optional"),
        ),
        ObservationValue::Ratio {
            numerator,
            denominator,
        } => Built::Ratio(
            types::Ratio::builder()
                .numerator(build::quantity(numerator, decimals)?)
                .denominator(build::quantity(denominator, decimals)?)
                .build()
                .expect("every element of Ratio is optional"),
        ),
        ObservationValue::DateTime(text) => {
            Built::DateTime(build::parse(text, "Observation.valueDateTime")?)
        }
        ObservationValue::Time(text) => Built::Time(
            serde_json::from_value(serde_json::Value::String(text.clone())).map_err(|_| {
                FhirTypesError::Invalid {
                    element: "Observation.valueTime",
                }
            })?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Quantity {
        Quantity {
            unit: Some("mmol/L".into()),
            ..Quantity::new(digits.parse().unwrap())
        }
    }

    fn facts(value: ObservationValue) -> ObservationFacts {
        ObservationFacts {
            status: "final".into(),
            code: Concept {
                text: Some("Potassium".into()),
                ..Concept::default()
            },
            value: Some(value),
            ..ObservationFacts::default()
        }
    }

    #[test]
    fn every_decimal_keeps_its_digits_in_its_place() {
        let mut facts = facts(ObservationValue::Quantity(number("4.10")));
        facts.reference_range = Some(ReferenceRange {
            low: Some(number("3.50")),
            high: Some(number("5.0")),
            text: Some("3.50-5.0".into()),
        });
        let json = observation(&facts).unwrap();
        assert!(
            json.contains("\"valueQuantity\":{\"value\":4.10,"),
            "{json}"
        );
        assert!(json.contains("\"low\":{\"value\":3.50,"), "{json}");
        assert!(json.contains("\"high\":{\"value\":5.0,"), "{json}");
    }

    #[test]
    fn each_kind_of_value_passes_the_typed_check() {
        let values = [
            ObservationValue::Text("clear\nstraw".into()),
            ObservationValue::Concept(Concept {
                text: Some("negative".into()),
                ..Concept::default()
            }),
            ObservationValue::Range {
                low: number("100"),
                high: number("200"),
            },
            ObservationValue::Ratio {
                numerator: number("1"),
                denominator: number("128"),
            },
            ObservationValue::DateTime("2026-07".into()),
            ObservationValue::Time("07:30:00".into()),
        ];
        for value in values {
            let json = observation(&facts(value.clone())).unwrap();
            assert!(json.contains("\"value"), "{value:?}: {json}");
            crate::typed_check(&json).unwrap();
        }
    }
}
