//! Booked times.

use wardgate_expression::{Json, Object};

use super::{APPOINTMENT_DAYS, Scene, encounter, object, offset_of, placeholder, text};
use crate::calendar::{self, Moment};
use crate::choices::Choices;

/// Bookable services: local code and name.
const SERVICES: &[(&str, &str)] = &[
    ("WG-CONSULT", "Consultation"),
    ("WG-ECHO", "Echocardiography"),
    ("WG-XRAY", "X-ray & reading"),
    ("WG-PHYSIO", "Physiotherapy"),
];

/// Lengths of a slot in minutes.
const DURATIONS: &[u32] = &[30, 15, 20, 45, 60, 90];

/// An appointment within the two months after the logical date, in working hours.
pub(super) fn appointment(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let patient = scene.patient(choices);
    let practitioner = scene.practitioner(choices);
    let any_day = choices.below(APPOINTMENT_DAYS);
    let days_ahead = 1 + scene.slot.unwrap_or(any_day);
    let day = calendar::days_after(scene.today, i32::try_from(days_ahead).unwrap_or(i32::MAX));
    let start = Moment::new(day, 8 * 60 + 15 * choices.below(32), offset_of(&patient));
    let minutes = choices.pick(DURATIONS);
    let (service, display) = choices.pick(SERVICES);
    object([
        ("placer", placeholder("", "placer")),
        ("filler", placeholder("", "filler")),
        ("status", text("booked")),
        ("start", text(start.text())),
        ("end", text(start.later(minutes).text())),
        ("duration_minutes", Json::from(minutes)),
        ("service", text(service)),
        ("service_display", text(display)),
        ("reason", text(choices.pick(encounter::REASONS))),
        ("location", text(choices.pick(&["OPC", "IMG", "DAY"]))),
        ("patient", patient),
        ("practitioner", practitioner),
    ])
}
