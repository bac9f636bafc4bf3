//! Patients and practitioners.

use jiff::civil::Date;
use wardgate_expression::{Json, Object};

use super::{names, object, placeholder, places, text};
use crate::calendar;
use crate::choices::Choices;

/// Clinical departments, plainest first.
const SPECIALTIES: &[&str] = &[
    "General medicine",
    "Cardiology",
    "Obstetrics & gynaecology",
    "Oncology",
    "Radiology",
];

/// A patient; `prefix` is where in the record it stands, as its placeholders name it.
pub(super) fn patient(choices: &mut Choices, today: Date, prefix: &str) -> Object {
    let origin = names::origin(choices);
    let (given, family) = (
        names::given(choices, origin),
        names::family(choices, origin),
    );
    let has_middle = choices.below(2) == 1;
    let middle = names::given(choices, origin);
    let birth_date = calendar::birth_date(choices, today);
    let sex = match choices.below(40) {
        0..=18 => "female",
        19..=37 => "male",
        38 => "other",
        _ => "unknown",
    };
    let place = places::place(choices);
    let email = places::email(choices, given, family);
    object([
        ("mrn", placeholder(prefix, "mrn")),
        ("account", placeholder(prefix, "account")),
        ("family", text(family)),
        ("given", text(given)),
        ("middle", text(if has_middle { middle } else { "" })),
        ("birth_date", text(birth_date.to_string())),
        ("age", Json::from(calendar::age_at(birth_date, today))),
        ("sex", text(sex)),
        ("street", text(place.street)),
        ("city", text(place.city)),
        ("state", text(place.state)),
        ("postal_code", text(place.postal_code)),
        ("country", text("US")),
        ("phone", text(place.phone)),
        ("email", text(email)),
        ("national_id", text(places::national_id(choices))),
    ])
}

/// A practitioner; `prefix` as for a patient.
pub(super) fn practitioner(choices: &mut Choices, prefix: &str) -> Object {
    let origin = names::origin(choices);
    let (given, family) = (
        names::given(choices, origin),
        names::family(choices, origin),
    );
    object([
        ("id", placeholder(prefix, "id")),
        ("identifier", placeholder(prefix, "identifier")),
        ("family", text(family)),
        ("given", text(given)),
        ("specialty", text(choices.pick(SPECIALTIES))),
    ])
}
