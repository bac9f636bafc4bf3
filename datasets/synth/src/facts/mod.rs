//! How each kind of fact is made from choices.
//!
//! Identifiers are written as placeholders (`${patient.mrn}`), which [`Identifiers::stamp`](crate::Identifiers::stamp)
//! replaces, so that one fact serves many attempts. A function consumes the same number of choices whatever it
//! decides, and lists come last; a choice made smaller then leaves the meaning of the others alone.

mod appointment;
mod charge;
mod encounter;
mod laboratory;
mod medication;
mod names;
mod person;
mod places;

use jiff::civil::Date;
use wardgate_expression::{Json, Object};

use crate::Kind;
use crate::calendar::Moment;
use crate::choices::Choices;

/// What is known before a fact is made. What is missing is made with it.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The logical date.
    pub(crate) today: Date,
    /// The patient the fact is about.
    pub(crate) patient: Option<&'a Json>,
    /// The practitioner who takes part.
    pub(crate) practitioner: Option<&'a Json>,
    /// The visit during which it happens; its patient and practitioner count where none is given.
    pub(crate) encounter: Option<&'a Json>,
    /// The order that a result answers.
    pub(crate) order: Option<&'a Json>,
    /// Which of several that must not overlap: visits of one patient, appointments of one practitioner.
    pub(crate) slot: Option<u32>,
}

/// How many days back a visit of slot 0 may end, and how far apart slots are. The longest stay fits between.
pub(crate) const VISIT_SLOT_DAYS: u32 = 230;

/// How many days ahead appointments are booked, one slot a day.
pub(crate) const APPOINTMENT_DAYS: u32 = 60;

/// Makes the fields of one fact.
pub(crate) fn make(kind: Kind, choices: &mut Choices, scene: &Scene<'_>) -> Json {
    Json::Object(match kind {
        Kind::Patient => person::patient(choices, scene.today, ""),
        Kind::Practitioner => person::practitioner(choices, ""),
        Kind::Encounter => encounter::encounter(choices, scene),
        Kind::Appointment => appointment::appointment(choices, scene),
        Kind::Order => laboratory::order(choices, scene),
        Kind::Result => laboratory::result(choices, scene),
        Kind::MedicationOrder => medication::medication_order(choices, scene),
        Kind::Charge => charge::charge(choices, scene),
        Kind::ChargeLine => charge::charge_line(choices, scene),
        Kind::Stay => charge::stay(choices, scene),
    })
}

impl Scene<'_> {
    /// A logical date and nothing else.
    pub(crate) fn on(today: Date) -> Self {
        Self {
            today,
            patient: None,
            practitioner: None,
            encounter: None,
            order: None,
            slot: None,
        }
    }

    /// The patient given, or the visit's, or a new one.
    fn patient(&self, choices: &mut Choices) -> Json {
        self.patient
            .or_else(|| self.encounter?.get("patient"))
            .cloned()
            .unwrap_or_else(|| Json::Object(person::patient(choices, self.today, "patient.")))
    }

    /// The practitioner given, or the visit's, or a new one.
    fn practitioner(&self, choices: &mut Choices) -> Json {
        self.practitioner
            .or_else(|| self.encounter?.get("practitioner"))
            .cloned()
            .unwrap_or_else(|| Json::Object(person::practitioner(choices, "practitioner.")))
    }

    /// The visit number given, or the placeholder of one.
    fn visit_number(&self) -> Json {
        self.encounter
            .and_then(|encounter| encounter.get("visit_number"))
            .cloned()
            .unwrap_or_else(|| placeholder("", "visit_number"))
    }

    /// A moment within the first half hour of the visit, or in the last month of the patient's life up to yesterday.
    fn moment(&self, choices: &mut Choices, patient: &Json) -> Moment {
        let (days, minute) = (choices.below(30), choices.below(30));
        let start = self
            .encounter
            .and_then(|encounter| encounter.get("start"))
            .and_then(Json::as_str)
            .and_then(Moment::parse);
        if let Some(start) = start {
            return start.later(minute);
        }
        let day = encounter::day_in_life(self.today, days, patient);
        Moment::new(day, 9 * 60 + minute, offset_of(patient))
    }
}

/// The offset from UTC where the patient lives, which is where the hospital stands.
fn offset_of(patient: &Json) -> &'static str {
    places::offset(
        patient
            .get("state")
            .and_then(Json::as_str)
            .unwrap_or_default(),
    )
}

/// The placeholder of an identifier: `${patient.mrn}` for the prefix `patient.` and the field `mrn`.
fn placeholder(prefix: &str, field: &str) -> Json {
    Json::String(format!("${{{prefix}{field}}}"))
}

/// An object of fields in the order given; names are known to differ.
fn object<const N: usize>(fields: [(&str, Json); N]) -> Object {
    fields.into_iter().collect()
}

/// A JSON string.
fn text(value: impl Into<String>) -> Json {
    Json::String(value.into())
}
