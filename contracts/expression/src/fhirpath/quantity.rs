//! Amounts with a unit.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;

use super::temporal::CalendarUnit;
use crate::Json;

/// An exact amount of a unit: a UCUM code (`5.4 'mmol/L'`) or a calendar duration (`3 days`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity<'a> {
    pub(crate) value: Decimal,
    pub(crate) unit: Unit<'a>,
}

/// What a quantity counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit<'a> {
    /// A calendar duration by its word, as written.
    Calendar(CalendarUnit, Cow<'a, str>),
    /// A UCUM code, `1` where there is no unit.
    Code(Cow<'a, str>),
}

impl<'a> Quantity<'a> {
    pub(crate) fn of(value: Decimal, code: impl Into<Cow<'a, str>>) -> Self {
        Self {
            value,
            unit: Unit::Code(code.into()),
        }
    }

    pub(crate) fn calendar(
        value: Decimal,
        unit: CalendarUnit,
        word: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            value,
            unit: Unit::Calendar(unit, word.into()),
        }
    }

    pub(crate) fn with_value(&self, value: Decimal) -> Self {
        Self {
            value,
            unit: self.unit.clone(),
        }
    }

    /// The amount.
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// The unit: a UCUM code, or the word of a calendar duration.
    pub fn unit(&self) -> &str {
        match &self.unit {
            Unit::Calendar(_, word) => word,
            Unit::Code(code) => code,
        }
    }

    /// The UCUM code, the nearest one for a calendar duration.
    pub(crate) fn code(&self) -> &str {
        match &self.unit {
            Unit::Calendar(unit, _) => unit.ucum(),
            Unit::Code(code) => code,
        }
    }

    /// The duration it measures, when it can be added to a date: any calendar word, also one in quotes, and UCUM codes
    /// of definite length.
    pub(crate) fn duration(&self) -> Option<CalendarUnit> {
        match &self.unit {
            Unit::Calendar(unit, _) => Some(*unit),
            Unit::Code(code) => {
                CalendarUnit::from_ucum(code).or_else(|| CalendarUnit::from_word(code))
            }
        }
    }

    /// The quantity of a FHIR Quantity element; `None` when it has no number, a comparator that leaves the number open,
    /// or parts that a Quantity does not have.
    pub(crate) fn from_element(element: &'a Json) -> Option<Self> {
        let object = element.as_object()?;
        let of_quantity = |key| {
            matches!(
                key,
                "id" | "extension" | "value" | "_value" | "unit" | "system" | "code"
            )
        };
        let value = object.get("value")?.as_number()?.decimal()?;
        if !object.keys().all(of_quantity) {
            return None;
        }
        let text = |key: &str| object.get(key).and_then(Json::as_str);
        let unit = text("code").or_else(|| text("unit")).unwrap_or("1");
        Some(Self::of(value, unit))
    }

    /// The quantity in the language's notation: a number, perhaps followed by a quoted code or a calendar word.
    pub(crate) fn parse(text: &str) -> Option<Quantity<'static>> {
        let text = text.trim();
        let number_end = text
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-')))
            .unwrap_or(text.len());
        let value = super::number::decimal(&text[..number_end])?;
        let rest = text[number_end..].trim_start();
        if rest.is_empty() {
            return Some(Quantity::of(value, "1"));
        }
        if let Some(code) = rest.strip_prefix('\'') {
            let code = code.strip_suffix('\'')?;
            return (!code.is_empty() && !code.contains(['\'', '\\']))
                .then(|| Quantity::of(value, code.to_owned()));
        }
        let unit = CalendarUnit::from_word(rest)?;
        Some(Quantity::calendar(value, unit, rest.to_owned()))
    }
}

impl fmt::Display for Quantity<'_> {
    /// As in an expression: `5.4 'mmol/L'`, `3 days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Unit::Calendar(_, word) => write!(f, "{} {word}", self.value),
            Unit::Code(code) => write!(f, "{} '{code}'", self.value),
        }
    }
}
