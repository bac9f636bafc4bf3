//! Number and quantity search (FHIR R4, search, "number" and "quantity"), with exact decimals.

use rust_decimal::Decimal;
use wardgate_expression::{Json, Number};

use super::prefix::Prefix;

/// What a number or quantity parameter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberQuery {
    prefix: Prefix,
    value: Decimal,
    /// Half a unit in the last place written: 100 means 99.5 to 100.5.
    slack: Decimal,
    /// The unit's system and code; an empty system asks for units without one.
    system: Option<String>,
    unit: Option<String>,
}

impl NumberQuery {
    /// Reads one value: `gt5.40`, or for quantities also `5.4|http://unitsofmeasure.org|mg` and `5.4||mg`.
    pub(crate) fn parse(text: &str, is_quantity: bool) -> Option<Self> {
        let (prefix, rest) = Prefix::split(text);
        let mut parts = rest.split('|');
        let number = Number::from_text(parts.next()?)?;
        let value = number.decimal()?;
        let (mut system, mut unit) = (None, None);
        if is_quantity {
            system = parts
                .next()
                .filter(|system| !system.is_empty())
                .map(str::to_owned);
            unit = parts
                .next()
                .filter(|unit| !unit.is_empty())
                .map(str::to_owned);
        }
        if parts.next().is_some() {
            return None;
        }
        let mut slack = half_of_last_place(value.scale());
        if prefix == Prefix::About {
            slack = slack.max((value / Decimal::TEN).abs());
        }
        Some(Self {
            prefix,
            value,
            slack,
            system,
            unit,
        })
    }

    /// Whether a number, Quantity or Range is what is asked for.
    pub(crate) fn matches(&self, value: &Json) -> bool {
        let Some((low, high)) = self.bounds(value) else {
            return false;
        };
        // A value at the end of what a decimal holds has no neighbours.
        let (from, to) = (
            self.value.saturating_sub(self.slack),
            self.value.saturating_add(self.slack),
        );
        let equal = low.is_some_and(|low| from <= low)
            && high.is_some_and(|high| high < to || high == self.value);
        let above = high.is_none_or(|high| high > self.value);
        let below = low.is_none_or(|low| low < self.value);
        match self.prefix {
            Prefix::Equal => equal,
            Prefix::NotEqual => !equal,
            Prefix::Greater => above,
            Prefix::Less => below,
            Prefix::GreaterOrEqual => above || high == Some(self.value),
            Prefix::LessOrEqual => below || low == Some(self.value),
            Prefix::StartsAfter => low.is_some_and(|low| low > self.value),
            Prefix::EndsBefore => high.is_some_and(|high| high < self.value),
            Prefix::About => {
                low.is_none_or(|low| low <= to) && high.is_none_or(|high| high >= from)
            }
        }
    }

    /// The lowest and highest value that something means, where its unit is the one asked for.
    fn bounds(&self, value: &Json) -> Option<(Option<Decimal>, Option<Decimal>)> {
        match value {
            Json::Number(number) => {
                let exact = number.decimal()?;
                Some((Some(exact), Some(exact)))
            }
            Json::Object(members)
                if members.contains_key("low") || members.contains_key("high") =>
            {
                let bound = |name: &str| value.get(name).and_then(|bound| self.quantity(bound));
                let (low, high) = (bound("low"), bound("high"));
                (low.is_some() || high.is_some()).then_some((low, high))
            }
            Json::Object(_) => {
                let exact = self.quantity(value)?;
                Some((Some(exact), Some(exact)))
            }
            _ => None,
        }
    }

    fn quantity(&self, value: &Json) -> Option<Decimal> {
        let text = |name: &str| value.get(name).and_then(Json::as_str);
        if let Some(system) = &self.system
            && text("system") != Some(system)
        {
            return None;
        }
        if let Some(unit) = &self.unit
            && text("code") != Some(unit)
            && (self.system.is_some() || text("unit") != Some(unit))
        {
            return None;
        }
        value.get("value")?.as_number()?.decimal()
    }
}

fn half_of_last_place(scale: u32) -> Decimal {
    // 28 places are the most that a decimal holds.
    Decimal::new(5, (scale + 1).min(28))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, value: &str) -> bool {
        let value = Json::parse(value).expect("it is JSON");
        NumberQuery::parse(query, true)
            .expect("it is a number")
            .matches(&value)
    }

    #[test]
    fn precision_prefixes_and_units_decide() {
        assert!(found("100", "100.4"));
        // The largest that a decimal holds, and a tenth of it more.
        for largest in [
            "79228162514264337593543950335",
            "ap-79228162514264337593543950335",
        ] {
            assert!(!found(largest, "1"), "{largest}");
        }
        assert!(!found("100.0", "100.4"));
        assert!(found("gt5.4", r#"{"value": 5.41}"#));
        assert!(!found("gt5.4", r#"{"value": 5.40}"#));
        assert!(found("ge5.4", r#"{"value": 5.40}"#));
        assert!(found(
            "5.4|http://unitsofmeasure.org|mg",
            r#"{"value":5.4,"system":"http://unitsofmeasure.org","code":"mg"}"#
        ));
        assert!(!found(
            "5.4|http://unitsofmeasure.org|g",
            r#"{"value":5.4,"system":"http://unitsofmeasure.org","code":"mg"}"#
        ));
        assert!(found("5.4||mg", r#"{"value":5.4,"unit":"mg"}"#));
        assert!(found("lt10", r#"{"low":{"value":5},"high":{"value":20}}"#));
        assert!(found("ap100", "109"));
        assert!(!found("ap100", "111"));
        assert!(NumberQuery::parse("five", true).is_none());
        assert!(NumberQuery::parse("5|x", false).is_none());
    }
}
