//! What the hub remembers, and how workflows ask for it and change it.

use serde::{Deserialize, Serialize};

use crate::rejection::{ErrorCode, Rejection};
use crate::work::WorkItem;

/// A patient of one facility, as the last applied message left it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PatientState {
    /// The facility, which is the tenant.
    pub facility: String,
    /// Medical record number within the facility.
    pub mrn: String,
    /// Family name.
    pub family: Option<String>,
    /// Given names, first name first.
    pub given: Vec<String>,
    /// FHIR form, with the precision that was sent.
    pub birth_date: Option<String>,
    /// FHIR administrative gender.
    pub gender: Option<String>,
    /// Home address.
    pub address: Option<AddressState>,
    /// What PID-13 said.
    pub home_telecom: Vec<Telecom>,
    /// What PID-14 said.
    pub work_telecom: Vec<Telecom>,
    /// MSH-7 of the last message that was applied, in microseconds since 1970.
    pub changed_at: i64,
    /// The survivor, once this record was retired by a merge.
    pub merged_into: Option<String>,
    /// Records that were merged into this one.
    pub replaces: Vec<String>,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AddressState {
    /// Street lines.
    pub lines: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
}

/// A telephone number or mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telecom {
    /// FHIR contact point system: `phone` or `email`.
    pub system: String,
    /// The number or address.
    pub value: String,
    /// FHIR contact point use: `home`, `work` or `mobile`.
    pub purpose: String,
}

/// An appointment of one facility.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppointmentState {
    /// The facility, which is the tenant.
    pub facility: String,
    /// Filler appointment ID, or the placer's where there is none.
    pub id: String,
    /// The patient.
    pub mrn: String,
    /// Practitioner and its name, where booked.
    pub practitioner: Option<(String, Option<String>)>,
    /// Room, where booked.
    pub location: Option<String>,
    /// Microseconds since 1970.
    pub start: i64,
    /// Microseconds since 1970; after the start.
    pub end: i64,
    /// Whether it still stands.
    pub live: bool,
    /// Why it takes place.
    pub reason: Option<String>,
    /// Why it was cancelled.
    pub cancellation: Option<String>,
    /// MSH-7 of the last message that was applied, in microseconds since 1970.
    pub changed_at: i64,
}

impl AppointmentState {
    /// What must not be booked twice at a time.
    pub fn resources(&self) -> impl Iterator<Item = String> {
        let practitioner = self
            .practitioner
            .as_ref()
            .map(|(id, _)| format!("practitioner {id}"));
        let location = self.location.as_ref().map(|id| format!("location {id}"));
        practitioner.into_iter().chain(location)
    }
}

/// A live appointment of a practitioner or room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The appointment.
    pub appointment: String,
    /// Microseconds since 1970.
    pub start: i64,
    /// Microseconds since 1970.
    pub end: i64,
}

/// How far a result or report has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ResultState {
    /// Order of finality; see the lab workflow.
    pub rank: u8,
    /// MSH-7 of the last message that was applied, in microseconds since 1970.
    pub changed_at: i64,
}

/// A change to what the hub remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Stores a patient.
    Patient(PatientState),
    /// Stores an appointment and its bookings, and another name by which later messages may call it.
    Appointment {
        /// As it was, so that its bookings can be taken back.
        before: Option<AppointmentState>,
        /// As it is.
        after: AppointmentState,
        /// The placer's ID where the filler's leads.
        alias: Option<String>,
    },
    /// Stores how far a result or report has come.
    Result {
        /// Facility and identifier.
        key: String,
        /// The new state.
        state: ResultState,
    },
}

/// What a message brings about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// To remember.
    pub changes: Vec<Change>,
    /// To deliver.
    pub work: Vec<WorkItem>,
}

/// What a workflow makes of a message.
pub type Decision = Result<Effects, Rejection>;

/// The memory could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl From<Unreadable> for Rejection {
    fn from(_: Unreadable) -> Self {
        Self::error(
            "",
            0,
            ErrorCode::ApplicationInternalError,
            "the message could not be processed now",
        )
    }
}

/// What the hub remembers, for workflows to ask.
pub trait Known {
    /// A patient by facility and MRN.
    fn patient(&self, facility: &str, mrn: &str) -> Result<Option<PatientState>, Unreadable>;
    /// An appointment by facility and filler ID or alias.
    fn appointment(&self, facility: &str, id: &str)
    -> Result<Option<AppointmentState>, Unreadable>;
    /// Live appointments of a practitioner or room.
    fn bookings(&self, facility: &str, resource: &str) -> Result<Vec<Booking>, Unreadable>;
    /// How far a result or report has come.
    fn result(&self, key: &str) -> Result<Option<ResultState>, Unreadable>;
}

/// The record that `mrn` leads to after merges: itself, or the survivor.
pub fn resolve(
    known: &dyn Known,
    facility: &str,
    mrn: &str,
) -> Result<(String, Option<PatientState>), Unreadable> {
    // Merges are acyclic; the bound only keeps a damaged database from looping.
    const HOPS_MAX: usize = 64;
    let mut mrn = mrn.to_owned();
    for _ in 0..HOPS_MAX {
        match known.patient(facility, &mrn)? {
            Some(PatientState {
                merged_into: Some(survivor),
                ..
            }) => mrn = survivor,
            other => return Ok((mrn, other)),
        }
    }
    Err(Unreadable)
}
