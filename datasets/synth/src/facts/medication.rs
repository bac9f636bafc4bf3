//! Prescribed medications.

use wardgate_expression::{Json, Object};

use super::{Scene, object, placeholder, text};
use crate::choices::Choices;
use crate::money::decimal;

/// The code system of our local formulary.
const SYSTEM: &str = "https://example.org/wardgate/formulary";

/// Code, name, dose units, their scale, UCUM unit and route. Doses run from four decimals to thousands, because a
/// dropped decimal is the classic dosing error.
const MEDICATIONS: &[(&str, &str, u64, u32, &str, &str)] = &[
    (
        "WG-AMOX-500",
        "Amoxicillin 500 mg capsule",
        500,
        0,
        "mg",
        "oral",
    ),
    (
        "WG-LEVO-125",
        "Levothyroxine 0.125 mg tablet",
        125,
        3,
        "mg",
        "oral",
    ),
    ("WG-WARF-25", "Warfarin 2.5 mg tablet", 25, 1, "mg", "oral"),
    (
        "WG-DIGO-0625",
        "Digoxin 0.0625 mg tablet",
        625,
        4,
        "mg",
        "oral",
    ),
    (
        "WG-INSU",
        "Insulin, human & regular",
        4,
        0,
        "[iU]",
        "subcutaneous",
    ),
    (
        "WG-PARA-IV",
        "Paracetamol 1000 mg infusion",
        1000,
        0,
        "mg",
        "intravenous",
    ),
    (
        "WG-MORP",
        "Morphine 0.10 mg/kg",
        10,
        2,
        "mg/kg",
        "intravenous",
    ),
    (
        "WG-SALB",
        "Salbutamol nebuliser",
        250,
        2,
        "mg",
        "inhalation",
    ),
];

/// A medication order.
pub(super) fn medication_order(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let patient = scene.patient(choices);
    let practitioner = scene.practitioner(choices);
    let (code, display, dose, scale, unit, route) = choices.pick(MEDICATIONS);
    let times = 1 + choices.below(2);
    let ordered_at = scene.moment(choices, &patient);
    object([
        ("order_number", placeholder("", "order_number")),
        ("visit_number", scene.visit_number()),
        ("code", text(code)),
        ("display", text(display)),
        ("system", text(SYSTEM)),
        ("dose", decimal(dose * u64::from(times), scale)),
        ("unit", text(unit)),
        ("route", text(route)),
        (
            "frequency",
            text(choices.pick(&["QD", "BID", "TID", "Q6H", "PRN"])),
        ),
        ("duration_days", Json::from(1 + choices.below(30))),
        ("status", text("active")),
        ("ordered_at", text(ordered_at.text())),
        ("patient", patient),
        ("practitioner", practitioner),
    ])
}
