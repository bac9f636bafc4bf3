//! DiagnosticReport: the results of one laboratory order, taken together.

use fhir_sdk::r4b::resources;

use crate::decimal::Decimals;
use crate::{Concept, FhirTypesError, Identifier, Reference, build};

/// What is known of one report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiagnosticReportFacts {
    /// Business identifiers.
    pub identifiers: Vec<Identifier>,
    /// The orders that it answers.
    pub based_on: Vec<Reference>,
    /// FHIR code such as `preliminary`, `final` or `corrected`.
    pub status: String,
    /// What was ordered.
    pub code: Concept,
    /// Whom it is about.
    pub subject: Option<Reference>,
    /// When the specimen was taken: `YYYY[-MM[-DD]]` or an RFC 3339 instant.
    pub effective: Option<String>,
    /// When the report was released, an RFC 3339 instant.
    pub issued: Option<String>,
    /// The Observations of the report.
    pub results: Vec<Reference>,
}

/// Builds a DiagnosticReport resource (FHIR R4, DiagnosticReport) as compact JSON.
pub fn diagnostic_report(facts: &DiagnosticReportFacts) -> Result<String, FhirTypesError> {
    let mut built = resources::DiagnosticReport::builder()
        .identifier(build::identifiers(&facts.identifiers))
        .based_on(
            facts
                .based_on
                .iter()
                .map(|order| Some(build::reference(order)))
                .collect(),
        )
        .status(build::parse(&facts.status, "DiagnosticReport.status")?)
        .code(build::concept(&facts.code))
        .result(
            facts
                .results
                .iter()
                .map(|result| Some(build::reference(result)))
                .collect(),
        )
        .build()
        .map_err(|_| FhirTypesError::Missing {
            element: "DiagnosticReport.status",
        })?;
    built.subject = facts.subject.as_ref().map(build::reference);
    built.effective = build::parse_option(facts.effective.as_ref(), "DiagnosticReport.effective")?
        .map(resources::DiagnosticReportEffective::DateTime);
    built.issued = build::parse_option(facts.issued.as_ref(), "DiagnosticReport.issued")?;
    build::render(&built, &Decimals::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_its_results() {
        let result = Reference::logical(
            "Observation",
            Identifier {
                system: "urn:r".into(),
                value: "F1-1-K".into(),
            },
        );
        let json = diagnostic_report(&DiagnosticReportFacts {
            status: "final".into(),
            code: Concept {
                text: Some("Electrolytes".into()),
                ..Concept::default()
            },
            effective: Some("2026-07-10".into()),
            issued: Some("2026-07-10T07:30:00Z".into()),
            results: vec![result],
            ..DiagnosticReportFacts::default()
        })
        .unwrap();
        assert!(json.contains("\"value\":\"F1-1-K\""), "{json}");
        crate::typed_check(&json).unwrap();
    }
}
