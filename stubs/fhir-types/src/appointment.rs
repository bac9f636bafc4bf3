//! Appointment: who meets where, and when.

use fhir_sdk::r4b::resources;

use crate::decimal::Decimals;
use crate::{Concept, FhirTypesError, Identifier, Reference, build};

/// What is known of an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppointmentFacts {
    /// Business identifiers.
    pub identifiers: Vec<Identifier>,
    /// FHIR code such as `booked` or `cancelled`.
    pub status: String,
    /// Why it was cancelled.
    pub cancellation_reason: Option<Concept>,
    /// Why it takes place.
    pub reason: Option<Concept>,
    /// Start, an RFC 3339 instant.
    pub start: Option<String>,
    /// End, an RFC 3339 instant.
    pub end: Option<String>,
    /// Participants; each has accepted.
    pub participants: Vec<Reference>,
}

/// Builds an Appointment resource (FHIR R4, Appointment) as compact JSON.
pub fn appointment(facts: &AppointmentFacts) -> Result<String, FhirTypesError> {
    let mut participants = Vec::with_capacity(facts.participants.len());
    for facts in &facts.participants {
        let participant = resources::AppointmentParticipant::builder()
            .actor(build::reference(facts))
            .status(build::parse("accepted", "Appointment.participant.status")?)
            .build()
            .map_err(|_| FhirTypesError::Missing {
                element: "Appointment.participant",
            })?;
        participants.push(Some(participant));
    }
    let mut built = resources::Appointment::builder()
        .identifier(build::identifiers(&facts.identifiers))
        .status(build::parse(&facts.status, "Appointment.status")?)
        .participant(participants)
        .build()
        .map_err(|_| FhirTypesError::Missing {
            element: "Appointment.status",
        })?;
    built.cancelation_reason = facts.cancellation_reason.as_ref().map(build::concept);
    built.reason_code = facts
        .reason
        .iter()
        .map(|reason| Some(build::concept(reason)))
        .collect();
    built.start = build::parse_option(facts.start.as_ref(), "Appointment.start")?;
    built.end = build::parse_option(facts.end.as_ref(), "Appointment.end")?;
    build::render(&built, &Decimals::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_participants_are_written() {
        let json = appointment(&AppointmentFacts {
            identifiers: vec![Identifier {
                system: "urn:a".into(),
                value: "F1".into(),
            }],
            status: "booked".into(),
            start: Some("2026-07-10T07:30:00Z".into()),
            end: Some("2026-07-10T08:00:00Z".into()),
            participants: vec![Reference::logical(
                "Patient",
                Identifier {
                    system: "urn:m".into(),
                    value: "M1".into(),
                },
            )],
            ..AppointmentFacts::default()
        })
        .unwrap();
        assert!(
            json.contains("\"start\":\"2026-07-10T07:30:00Z\""),
            "{json}"
        );
        assert!(json.contains("\"status\":\"accepted\""), "{json}");
        crate::typed_check(&json).unwrap();
    }

    #[test]
    fn an_unknown_status_is_refused() {
        let facts = AppointmentFacts {
            status: "done".into(),
            ..AppointmentFacts::default()
        };
        assert_eq!(
            appointment(&facts),
            Err(FhirTypesError::Invalid {
                element: "Appointment.status"
            })
        );
    }
}
