//! Visits.

use jiff::civil::Date;
use wardgate_expression::{Json, Object};

use super::{Scene, VISIT_SLOT_DAYS, object, offset_of, placeholder, places, text};
use crate::calendar::{self, Moment};
use crate::choices::Choices;

/// Reasons for a visit, plainest first.
pub(super) const REASONS: &[&str] = &[
    "Follow-up",
    "Chest pain",
    "Fever & cough",
    "Fall at home",
    "Pre-operative assessment",
    "Déjà vu, recurrent",
];

/// The longest stay.
const NIGHTS_MAX: u32 = 10;

/// A visit that has ended by the logical date and lies within the patient's life.
pub(super) fn encounter(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let patient = scene.patient(choices);
    let practitioner = scene.practitioner(choices);
    let (class, ward) = match choices.below(10) {
        0..=5 => ("outpatient", "OPC"),
        6..=8 => ("inpatient", "W3E"),
        _ => ("emergency", "ED"),
    };
    let nights = i32::try_from(1 + choices.below(NIGHTS_MAX)).unwrap_or(1);
    let days_back = match scene.slot {
        Some(slot) => slot * VISIT_SLOT_DAYS + choices.below(VISIT_SLOT_DAYS - NIGHTS_MAX - 1),
        None => choices.below(700),
    };
    let last_day = day_in_life(scene.today, days_back, &patient);
    let minute = 8 * 60 + 5 * choices.below(106);
    let stay_minutes = 15 * (1 + choices.below(12));
    let first_day = if class == "inpatient" {
        calendar::days_after(last_day, -nights).max(born(&patient).unwrap_or(Date::MIN))
    } else {
        last_day
    };
    let offset = offset_of(&patient);
    let start = Moment::new(first_day, minute, offset);
    let end = if first_day == last_day {
        start.later(stay_minutes)
    } else {
        Moment::new(last_day, 10 * 60, offset).later(stay_minutes)
    };
    object([
        ("visit_number", placeholder("", "visit_number")),
        ("class", text(class)),
        ("status", text("finished")),
        ("start", text(start.text())),
        ("end", text(end.text())),
        ("location", text(ward)),
        ("room", text(places::room(choices))),
        ("bed", text(choices.pick(&["A", "B", "C"]))),
        ("reason", text(choices.pick(REASONS))),
        ("patient", patient),
        ("practitioner", practitioner),
    ])
}

/// The day `days` before yesterday, but not before the patient's birth.
pub(super) fn day_in_life(today: Date, days: u32, patient: &Json) -> Date {
    let back = i32::try_from(days).unwrap_or(i32::MAX - 1) + 1;
    let day = calendar::days_after(today, -back);
    born(patient).map_or(day, |birth| day.max(birth))
}

/// The patient's birth date.
fn born(patient: &Json) -> Option<Date> {
    patient.get("birth_date")?.as_str()?.parse().ok()
}
