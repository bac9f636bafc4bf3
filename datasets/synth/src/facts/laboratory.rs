//! Laboratory orders and results.

use wardgate_expression::{Json, Object};

use super::{Scene, object, placeholder, text};
use crate::calendar::Moment;
use crate::choices::Choices;
use crate::money::decimal;

/// The code system of our local tests.
const SYSTEM: &str = "https://example.org/wardgate/laboratory";

/// A test with its reference range and the range values are drawn from, all in units of the last kept decimal.
#[derive(Clone, Copy)]
struct Test {
    code: &'static str,
    display: &'static str,
    specimen: &'static str,
    unit: &'static str,
    scale: u32,
    low: u32,
    high: u32,
    least: u32,
    most: u32,
}

/// The tests on offer. Units are written in UCUM; the scales run from whole numbers to three decimals.
const TESTS: &[Test] = &[
    test(
        "WG-GLU",
        "Glucose",
        "serum",
        "mg/dL",
        0,
        (70, 99),
        (30, 480),
    ),
    test(
        "WG-K",
        "Potassium",
        "serum",
        "mmol/L",
        1,
        (35, 51),
        (20, 80),
    ),
    test(
        "WG-CREA",
        "Creatinine",
        "serum",
        "mg/dL",
        2,
        (60, 120),
        (20, 900),
    ),
    test(
        "WG-TSH",
        "Thyrotropin",
        "serum",
        "m[IU]/L",
        3,
        (400, 4_000),
        (0, 60_000),
    ),
    test(
        "WG-HGB",
        "Haemoglobin",
        "blood",
        "g/dL",
        1,
        (120, 160),
        (50, 210),
    ),
    test(
        "WG-WBC",
        "Leucocytes",
        "blood",
        "10*9/L",
        1,
        (40, 110),
        (0, 900),
    ),
    test(
        "WG-A1C",
        "Haemoglobin A1c",
        "blood",
        "%",
        1,
        (40, 56),
        (35, 160),
    ),
    test(
        "WG-TRO",
        "Troponin T, high-sensitivity",
        "serum",
        "ng/mL",
        3,
        (0, 14),
        (0, 9_999),
    ),
    test(
        "WG-UPRO",
        "Protein & albumin",
        "urine",
        "mg/dL",
        0,
        (0, 15),
        (0, 2_000),
    ),
];

const fn test(
    code: &'static str,
    display: &'static str,
    specimen: &'static str,
    unit: &'static str,
    scale: u32,
    (low, high): (u32, u32),
    (least, most): (u32, u32),
) -> Test {
    Test {
        code,
        display,
        specimen,
        unit,
        scale,
        low,
        high,
        least,
        most,
    }
}

/// A laboratory order.
pub(super) fn order(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let patient = scene.patient(choices);
    let practitioner = scene.practitioner(choices);
    let test = choices.pick(TESTS);
    let ordered_at = scene.moment(choices, &patient);
    object([
        ("order_number", placeholder("", "order_number")),
        ("filler_number", placeholder("", "filler_number")),
        ("visit_number", scene.visit_number()),
        ("code", text(test.code)),
        ("display", text(test.display)),
        ("system", text(SYSTEM)),
        ("specimen", text(test.specimen)),
        (
            "priority",
            text(choices.pick(&["routine", "urgent", "stat"])),
        ),
        ("status", text("active")),
        ("ordered_at", text(ordered_at.text())),
        ("patient", patient),
        ("practitioner", practitioner),
    ])
}

/// A laboratory result; it answers the scene's order where there is one.
pub(super) fn result(choices: &mut Choices, scene: &Scene<'_>) -> Object {
    let patient = scene.patient(choices);
    let practitioner = scene.practitioner(choices);
    let (drawn, drawn_at) = (choices.pick(TESTS), scene.moment(choices, &patient));
    let asked = |field: &str| scene.order.and_then(|order| order.get(field));
    let code = asked("code").and_then(Json::as_str);
    let test = TESTS
        .iter()
        .copied()
        .find(|test| Some(test.code) == code)
        .unwrap_or(drawn);
    let ordered_at = asked("ordered_at")
        .and_then(Json::as_str)
        .and_then(Moment::parse)
        .unwrap_or(drawn_at);
    let linked = |field: &str| {
        asked(field)
            .cloned()
            .unwrap_or_else(|| placeholder("", field))
    };
    let unusual = choices.once_in(3);
    let within = test.low + choices.below(test.high - test.low + 1);
    let anywhere = test.least + choices.below(test.most - test.least + 1);
    let value = if unusual { anywhere } else { within };
    let observed_at = ordered_at.later(60 + choices.below(240));
    let number = |units: u32| decimal(u64::from(units), test.scale);
    object([
        ("result_number", placeholder("", "result_number")),
        ("order_number", linked("order_number")),
        ("filler_number", linked("filler_number")),
        ("visit_number", scene.visit_number()),
        ("code", text(test.code)),
        ("display", text(test.display)),
        ("system", text(SYSTEM)),
        ("specimen", text(test.specimen)),
        ("value", number(value)),
        ("unit", text(test.unit)),
        ("low", number(test.low)),
        ("high", number(test.high)),
        ("flag", text(flag(value, test.low, test.high))),
        (
            "status",
            text(choices.pick(&["final", "final", "preliminary", "corrected"])),
        ),
        ("ordered_at", text(ordered_at.text())),
        ("observed_at", text(observed_at.text())),
        ("patient", patient),
        ("practitioner", practitioner),
    ])
}

/// How a value stands to its reference range: `N` within, `L` below, `H` above; doubled below half of the lower or
/// above twice the upper limit.
fn flag(value: u32, low: u32, high: u32) -> &'static str {
    match value {
        value if value * 2 < low => "LL",
        value if value < low => "L",
        value if value > high * 2 => "HH",
        value if value > high => "H",
        _ => "N",
    }
}

#[cfg(test)]
mod tests {
    use super::flag;

    #[test]
    fn flags_follow_the_reference_range() {
        for (value, expected) in [
            (34, "LL"),
            (35, "L"),
            (69, "L"),
            (70, "N"),
            (99, "N"),
            (100, "H"),
            (198, "H"),
            (199, "HH"),
        ] {
            assert_eq!(flag(value, 70, 99), expected, "{value}");
        }
    }
}
