//! A memory without a database, for tests of the workflows.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::defect::{Defect, Defects};
use crate::message::tests::message_with;
use crate::rejection::Rejection;
use crate::state::{
    AppointmentState, Booking, Change, Decision, Known, PatientState, ResultState, Unreadable,
};
use crate::work::{Work, WorkItem};

/// Remembers what workflows want remembered, and decides in Berlin's zone.
#[derive(Default)]
pub(crate) struct Memory {
    patients: HashMap<(String, String), PatientState>,
    appointments: HashMap<(String, String), AppointmentState>,
    results: HashMap<String, ResultState>,
    defects: Defects,
}

impl Memory {
    /// A memory of a hub with one defect.
    pub(crate) fn with(defect: Defect) -> Self {
        Self {
            defects: Defects::default().with(defect),
            ..Self::default()
        }
    }

    /// Decides about a message, written one segment a line and without its MSH, and remembers the changes.
    pub(crate) fn take(
        &mut self,
        kind: &str,
        sent: &str,
        segments: &str,
    ) -> Result<Vec<WorkItem>, Rejection> {
        self.take_from("HOSP", kind, sent, segments)
    }

    pub(crate) fn take_from(
        &mut self,
        facility: &str,
        kind: &str,
        sent: &str,
        segments: &str,
    ) -> Result<Vec<WorkItem>, Rejection> {
        let lines =
            format!("MSH|^~\\&|PAS|{facility}|HUB|ICE|{sent}||{kind}|C1|P|2.5.1\n{segments}");
        self.take_whole(&lines)
    }

    pub(crate) fn take_whole(&mut self, lines: &str) -> Result<Vec<WorkItem>, Rejection> {
        let message = message_with(lines, self.defects);
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let decision: Decision =
            super::decide(&message, Timestamp::UNIX_EPOCH, &zone, self.defects, self);
        let effects = decision?;
        for change in effects.changes {
            match change {
                Change::Patient(patient) => {
                    self.patients
                        .insert((patient.facility.clone(), patient.mrn.clone()), patient);
                }
                Change::Appointment { after, alias, .. } => {
                    for id in [Some(after.id.clone()), alias].into_iter().flatten() {
                        self.appointments
                            .insert((after.facility.clone(), id), after.clone());
                    }
                }
                Change::Result { key, state } => {
                    self.results.insert(key, state);
                }
            }
        }
        Ok(effects.work)
    }
}

impl Known for Memory {
    fn patient(&self, facility: &str, mrn: &str) -> Result<Option<PatientState>, Unreadable> {
        Ok(self
            .patients
            .get(&(facility.to_owned(), mrn.to_owned()))
            .cloned())
    }

    fn appointment(
        &self,
        facility: &str,
        id: &str,
    ) -> Result<Option<AppointmentState>, Unreadable> {
        Ok(self
            .appointments
            .get(&(facility.to_owned(), id.to_owned()))
            .cloned())
    }

    fn bookings(&self, facility: &str, resource: &str) -> Result<Vec<Booking>, Unreadable> {
        let of_resource = self.appointments.values().filter(|appointment| {
            appointment.facility == facility
                && appointment.live
                && appointment.resources().any(|other| other == resource)
        });
        Ok(of_resource
            .map(|found| Booking {
                appointment: found.id.clone(),
                start: found.start,
                end: found.end,
            })
            .collect())
    }

    fn result(&self, key: &str) -> Result<Option<ResultState>, Unreadable> {
        Ok(self.results.get(key).copied())
    }
}

/// The bodies of the resources of that type among the work.
pub(crate) fn bodies<'a>(work: &'a [WorkItem], wanted: &str) -> Vec<&'a str> {
    work.iter()
        .filter_map(|item| match &item.work {
            Work::PutResource {
                resource_type,
                body,
                ..
            } if resource_type == wanted => Some(body.as_str()),
            _ => None,
        })
        .collect()
}
