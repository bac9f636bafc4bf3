//! Values, units, ranges and codes of OBX, each to its FHIR data type.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use wardgate_fhir_types as fhir;

use super::super::{Context, system};
use crate::defect::Defect;
use crate::hl7_time::Moment;
use crate::message::{Repetition, Segment};
use crate::rejection::{ErrorCode, Rejection};

/// OBX-5 as OBX-2 says that it is to be read.
pub(super) fn value(
    obx: Segment<'_>,
    unit: &Unit,
    context: &Context<'_>,
) -> Result<Option<fhir::ObservationValue>, Rejection> {
    use fhir::ObservationValue as Value;
    let bad = |text| Rejection::error("OBX", 5, ErrorCode::DataTypeError, text);
    let Some(first) = obx
        .repetitions(5)
        .next()
        .filter(|first| first.text().is_some())
    else {
        return Ok(None);
    };
    let kind = obx.value(2, 1).ok_or(Rejection::error(
        "OBX",
        2,
        ErrorCode::RequiredFieldMissing,
        "value type is missing although there is a value",
    ))?;
    let number = |part| -> Result<fhir::Quantity, Rejection> {
        let written = first
            .value(part)
            .ok_or(bad("numeric result has no number"))?;
        unit.quantity(&written, context)
            .ok_or(bad("numeric result is not a number"))
    };
    Ok(Some(match kind.as_str() {
        "NM" => Value::Quantity(number(1)?),
        "ST" | "TX" | "FT" => {
            let lines: Vec<String> = obx.repetitions(5).filter_map(Repetition::text).collect();
            Value::Text(lines.join("\n").replace("\\.br\\", "\n"))
        }
        "CE" | "CWE" | "CNE" | "IS" | "ID" => Value::Concept(
            concept(obx, 5, context).ok_or(bad("coded result has neither code nor text"))?,
        ),
        "SN" => match (
            first.value(1).unwrap_or_default().as_str(),
            first.value(3).as_deref(),
        ) {
            (comparator @ ("<" | "<=" | ">" | ">="), None) => Value::Quantity(fhir::Quantity {
                comparator: Some(comparator.to_owned()),
                ..number(2)?
            }),
            ("" | "=", None) => Value::Quantity(number(2)?),
            ("" | "=", Some("-")) => Value::Range {
                low: number(2)?,
                high: number(4)?,
            },
            ("" | "=", Some(":" | "/")) => Value::Ratio {
                numerator: number(2)?,
                denominator: number(4)?,
            },
            _ => {
                let parts: Vec<String> = (1..=4).filter_map(|part| first.value(part)).collect();
                Value::Text(parts.concat())
            }
        },
        "DT" | "TS" | "DTM" => {
            let written = first.value(1).ok_or(bad("result is not a date"))?;
            let moment = Moment::parse(&written).map_err(|_| bad("result is not a date"))?;
            Value::DateTime(
                moment
                    .fhir_date_time(context.zone)
                    .map_err(|_| bad("result is not a date"))?,
            )
        }
        "TM" => Value::Time(
            time_of_day(&first.value(1).unwrap_or_default()).ok_or(bad("result is not a time"))?,
        ),
        _ => {
            let text = "this value type is not served";
            return Err(Rejection::error(
                "OBX",
                2,
                ErrorCode::TableValueNotFound,
                text,
            ));
        }
    }))
}

/// `HHMM[SS]` to `hh:mm:ss`.
pub(super) fn time_of_day(written: &str) -> Option<String> {
    let digits = written.get(..4)?;
    let seconds = written.get(4..6).unwrap_or("00");
    let is_time = written.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(written.len(), 4 | 6)
        && &digits[..2] < "24"
        && &digits[2..] < "60"
        && seconds < "60";
    is_time.then(|| format!("{}:{}:{seconds}", &digits[..2], &digits[2..]))
}

/// OBX-6.
#[derive(Default)]
pub(super) struct Unit {
    text: Option<String>,
    system: Option<String>,
    code: Option<String>,
}

pub(super) fn unit(obx: Segment<'_>, context: &Context<'_>) -> Unit {
    if context.defects.has(Defect::UnitLost) {
        return Unit::default();
    }
    let (code, text) = (obx.value(6, 1), obx.value(6, 2));
    match obx.value(6, 3) {
        Some(name) => Unit {
            text: text.or_else(|| code.clone()),
            system: Some(code_system(&name, context)),
            code,
        },
        None => Unit {
            text: text.or(code),
            system: None,
            code: None,
        },
    }
}

impl Unit {
    /// A number as written with this unit.
    fn quantity(&self, written: &str, context: &Context<'_>) -> Option<fhir::Quantity> {
        let mut digits = json_number(written)?;
        if context.defects.has(Defect::DecimalRounded) {
            digits = digits.parse::<f64>().ok()?.to_string();
        }
        Some(self.label(digits.parse().ok()?))
    }

    fn label(&self, value: fhir::ExactDecimal) -> fhir::Quantity {
        fhir::Quantity {
            value,
            comparator: None,
            unit: self.text.clone(),
            system: self.system.clone(),
            code: self.code.clone(),
        }
    }
}

/// An HL7 NM (HL7 v2.5.1, 2.A.47) in the grammar of JSON: without plus sign and leading zeros, and with a digit on
/// either side of the point. No digit that carries precision changes.
pub(super) fn json_number(written: &str) -> Option<String> {
    let written = written.trim();
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", written.strip_prefix('+').unwrap_or(written)),
    };
    let (whole, fraction) = match digits.split_once('.') {
        None => (digits, None),
        Some((whole, fraction)) => (whole, Some(fraction)),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !fraction.is_none_or(are_digits) || digits.trim_matches('.').is_empty()
    {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some(match fraction {
        None | Some("") => format!("{sign}{whole}"),
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
    })
}

/// OBX-7: `low-high`, `<high`, `>low`, or any text. The text is always kept.
pub(super) fn range(text: &str, unit: &Unit) -> fhir::ReferenceRange {
    let quantity = |written: &str| {
        let digits = json_number(written)?;
        digits.parse::<Decimal>().ok()?;
        Some(unit.label(digits.parse().ok()?))
    };
    let trimmed = text.trim();
    let (low, high) = if let Some(high) = trimmed
        .strip_prefix("<=")
        .or_else(|| trimmed.strip_prefix('<'))
    {
        (None, quantity(high))
    } else if let Some(low) = trimmed
        .strip_prefix(">=")
        .or_else(|| trimmed.strip_prefix('>'))
    {
        (quantity(low), None)
    } else {
        // A minus may also lead the lower bound, so the separator is looked for behind the first character.
        let separator = trimmed
            .char_indices()
            .skip(1)
            .find(|(_, character)| *character == '-')
            .map(|(at, _)| at);
        match separator.map(|at| (quantity(&trimmed[..at]), quantity(&trimmed[at + 1..]))) {
            Some((Some(low), Some(high))) => (Some(low), Some(high)),
            _ => (None, None),
        }
    };
    fhir::ReferenceRange {
        low,
        high,
        text: Some(text.to_owned()),
    }
}

/// OBX-8 (HL7 table 0078, the codes of FHIR's v3 system).
pub(super) fn interpretation(repetition: Repetition<'_>) -> Option<fhir::Concept> {
    let coding = fhir::Coding {
        system: Some(
            "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation".to_owned(),
        ),
        code: Some(repetition.value(1)?),
        display: repetition.value(2),
    };
    Some(fhir::Concept {
        codings: vec![coding],
        text: None,
    })
}

/// A CE or CWE with its alternate coding; `None` when it is empty.
pub(super) fn concept(
    segment: Segment<'_>,
    field: usize,
    context: &Context<'_>,
) -> Option<fhir::Concept> {
    let first = segment.repetitions(field).next()?;
    let coding = |code, display, name| {
        Some(fhir::Coding {
            code: Some(first.value(code)?),
            display: first.value(display),
            system: first.value(name).map(|name| code_system(&name, context)),
        })
    };
    let codings: Vec<fhir::Coding> = [coding(1, 2, 3), coding(4, 5, 6)]
        .into_iter()
        .flatten()
        .collect();
    let text = first
        .value(9)
        .or_else(|| first.value(2))
        .or_else(|| first.value(5))
        .or_else(|| first.value(1));
    (text.is_some() || !codings.is_empty()).then_some(fhir::Concept { codings, text })
}

/// Names of HL7 table 0396 to code system URIs; local names become part of the tenant's namespace.
pub(super) fn code_system(name: &str, context: &Context<'_>) -> String {
    match name {
        "LN" => "http://loinc.org".to_owned(),
        "SCT" | "SNM" => "http://snomed.info/sct".to_owned(),
        "UCUM" => "http://unitsofmeasure.org".to_owned(),
        "I10" => "http://hl7.org/fhir/sid/icd-10".to_owned(),
        uri if uri.contains(':') => uri.to_owned(),
        local => system(context.tenant, &format!("code:{local}")),
    }
}

/// A time field as FHIR dateTime; `Err` when it is there and is none.
pub(super) fn fhir_time(
    segment: Segment<'_>,
    field: usize,
    zone: &TimeZone,
) -> Result<Option<String>, ()> {
    segment
        .value(field, 1)
        .map(|written| {
            Moment::parse(&written)
                .and_then(|moment| moment.fhir_date_time(zone))
                .map_err(|_| ())
        })
        .transpose()
}
