//! Charges, and stays with exact totals.

use wardgate_expression::{Json, Object};

use super::{Scene, encounter, object, placeholder, text};
use crate::calendar::Moment;
use crate::choices::Choices;
use crate::money::{cents, share};

/// Services: code, description, least and most price of one in cents. Prices end in any cent, so that tax rounded line
/// by line often differs from tax rounded once.
const SERVICES: &[(&str, &str, u32, u32)] = &[
    ("WG-1001", "Consultation", 5_000, 19_999),
    ("WG-1002", "Room & board, per day", 20_000, 99_999),
    ("WG-2001", "X-ray, two views", 4_501, 15_007),
    ("WG-2002", "Laboratory panel", 799, 8_999),
    ("WG-3001", "Dressing, sterile", 1, 499),
    ("WG-3002", "Infusion \u{2013} 1 l", 133, 2_333),
    ("WG-4001", "Cardiac surgery", 1_000_000, 9_999_999),
];

/// Tax classes: name and hundredths of a percent.
const TAX_CLASSES: &[(&str, u64)] = &[("exempt", 0), ("standard", 825), ("reduced", 550)];

/// How many charges a stay has at most.
const CHARGES_MAX: u32 = 8;

/// A charge and what totals need of it.
struct Line {
    fields: Object,
    amount: u64,
    basis_points: u64,
}

/// A charge with the patient it was made for.
pub(super) fn charge(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let patient = scene.patient(choices);
    let known = Scene {
        patient: Some(&patient),
        ..*scene
    };
    let mut fields = line(choices, &known, "").fields;
    fields.push("patient", patient);
    fields
}

/// A charge by itself.
pub(super) fn charge_line(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    line(choices, scene, "").fields
}

/// A visit with one to eight charges and their totals. Tax is rounded once for each tax class, not line by line.
pub(super) fn stay(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let mut stay = match scene.encounter.and_then(Json::as_object) {
        Some(encounter) => encounter.clone(),
        None => encounter::encounter(choices, scene),
    };
    let encounter = Json::Object(stay.clone());
    let during = Scene {
        encounter: Some(&encounter),
        ..*scene
    };
    let count = 1 + choices.below(CHARGES_MAX);
    let lines: Vec<Line> = (0..count)
        .map(|index| line(choices, &during, &format!("charges[{index}].")))
        .collect();
    let net = lines.iter().map(|line| line.amount).sum::<u64>();
    let tax = TAX_CLASSES
        .iter()
        .map(|(_, basis_points)| {
            let of_class = lines
                .iter()
                .filter(|line| line.basis_points == *basis_points);
            share(of_class.map(|line| line.amount).sum(), *basis_points)
        })
        .sum::<u64>();
    let charges = lines
        .into_iter()
        .map(|line| Json::Object(line.fields))
        .collect();
    stay.push("charges", Json::Array(charges));
    stay.push("net_total", cents(net));
    stay.push("tax_total", cents(tax));
    stay.push("gross_total", cents(net + tax));
    stay
}

/// One charge; `prefix` is where in a stay it stands.
fn line(choices: &mut Choices, scene: &Scene<'_>, prefix: &str) -> Line {
    let (code, description, least, most) = choices.pick(SERVICES);
    let unit_price = u64::from(least + choices.below(most - least + 1));
    let quantity = u64::from(1 + choices.below(5));
    let (tax_class, basis_points) = choices.pick(TAX_CLASSES);
    let days = choices.below(30);
    let visit_start = scene
        .encounter
        .and_then(|encounter| encounter.get("start"))
        .and_then(Json::as_str)
        .and_then(Moment::parse);
    let date = match visit_start {
        Some(start) => start.date(),
        None => encounter::day_in_life(scene.today, days, scene.patient.unwrap_or(&Json::Null)),
    };
    let amount = unit_price * quantity;
    let fields = object([
        ("charge_number", placeholder(prefix, "charge_number")),
        ("visit_number", scene.visit_number()),
        ("code", text(code)),
        ("description", text(description)),
        ("quantity", Json::from(quantity)),
        ("unit_price", cents(unit_price)),
        ("amount", cents(amount)),
        ("tax_class", text(tax_class)),
        ("tax_percent", cents(basis_points)),
        ("date", text(date.to_string())),
    ]);
    Line {
        fields,
        amount,
        basis_points,
    }
}
