//! The one door to `fhir-sdk`: plain facts in, FHIR R4 JSON text out, and back.
//!
//! `fhir-sdk` gives typed FHIR resources, is dear to compile, and holds decimals as `f64`. So it is confined here,
//! behind concrete functions that exchange plain structs and text; nothing generic crosses the border, and whoever
//! depends on this crate rebuilds in a second. R4 data goes through the R4B types, which agree for the resources
//! built here.
//!
//! - [`patient`], [`appointment`], [`observation`], [`diagnostic_report`] and [`medication_request`] build resources;
//!   decimals keep the digits they were given ([`ExactDecimal`]), so 1.10 stays 1.10.
//! - [`parse_patient`] and [`parse_medication_request`] read them back, or say what is wrong as a [`FhirTypesError`].
//! - [`typed_check`] is a typed second opinion on any resource.
//!
//! This crate reaches no socket, file, clock or environment, and knows nothing of the harness or of the reference hub.

mod appointment;
mod build;
mod check;
mod decimal;
mod diagnostic_report;
mod error;
mod facts;
mod medication_request;
mod observation;
mod patient;

pub use appointment::{AppointmentFacts, appointment};
pub use check::typed_check;
pub use decimal::ExactDecimal;
pub use diagnostic_report::{DiagnosticReportFacts, diagnostic_report};
pub use error::FhirTypesError;
pub use facts::{Coding, Concept, Identifier, Quantity, Reference};
pub use medication_request::{
    DispenseFacts, MedicationRequestFacts, medication_request, parse_medication_request,
};
pub use observation::{ObservationFacts, ObservationValue, ReferenceRange, observation};
pub use patient::{Address, ContactPoint, PatientFacts, PatientLink, parse_patient, patient};
