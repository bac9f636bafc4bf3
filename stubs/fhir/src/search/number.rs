//! Number and quantity search (FHIR R4, search, "number" and "quantity"), exact as written.

use wardgate_expression::Json;

use super::{exact::Exact, prefix::Prefix};

/// What a number or quantity parameter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberQuery {
    prefix: Prefix,
    value: Exact,
    /// What counts as equal, or as about: 100 means 99.5 to 100.5.
    from: Exact,
    to: Exact,
    /// The unit's system and code; an empty system asks for units without one.
    system: Option<String>,
    unit: Option<String>,
}

impl NumberQuery {
    /// Reads one value: `gt5.40`, or for quantities also `5.4|http://unitsofmeasure.org|mg` and `5.4||mg`.
    pub(crate) fn parse(text: &str, is_quantity: bool) -> Option<Self> {
        let (prefix, rest) = Prefix::split(text);
        let mut parts = rest.split('|');
        let value = Exact::parse(parts.next()?)?;
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
        let (mut from, mut to) = value.rounded_from()?;
        if prefix == Prefix::About {
            let about = value.about()?;
            from = from.min(about.0);
            to = to.max(about.1);
        }
        Some(Self {
            prefix,
            value,
            from,
            to,
            system,
            unit,
        })
    }

    /// Whether a number, Quantity or Range is what is asked for.
    pub(crate) fn matches(&self, value: &Json) -> bool {
        let Some((low, high)) = self.bounds(value) else {
            return false;
        };
        let is_equal = || {
            low.as_ref().is_some_and(|low| self.from <= *low)
                && high.as_ref().is_some_and(|high| *high < self.to)
        };
        let above = || high.as_ref().is_none_or(|high| *high > self.value);
        let below = || low.as_ref().is_none_or(|low| *low < self.value);
        match self.prefix {
            Prefix::Equal => is_equal(),
            Prefix::NotEqual => !is_equal(),
            Prefix::Greater => above(),
            Prefix::Less => below(),
            Prefix::GreaterOrEqual => above() || high.as_ref() == Some(&self.value),
            Prefix::LessOrEqual => below() || low.as_ref() == Some(&self.value),
            Prefix::StartsAfter => low.is_some_and(|low| low > self.value),
            Prefix::EndsBefore => high.is_some_and(|high| high < self.value),
            Prefix::About => {
                low.is_none_or(|low| low <= self.to) && high.is_none_or(|high| high >= self.from)
            }
        }
    }

    /// The lowest and highest value that something means, where its unit is the one asked for.
    fn bounds(&self, value: &Json) -> Option<(Option<Exact>, Option<Exact>)> {
        match value {
            Json::Number(number) => {
                let exact = Exact::of(number)?;
                Some((Some(exact.clone()), Some(exact)))
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
                Some((Some(exact.clone()), Some(exact)))
            }
            _ => None,
        }
    }

    fn quantity(&self, value: &Json) -> Option<Exact> {
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
        Exact::of_json(value.get("value")?)
    }
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
        // Larger than what a decimal of 96 bits holds, and smaller, and with more places.
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
        for small in ["1e-400", "0.0000000000000000000000000000000000000001"] {
            assert!(found("gt0", small), "{small}");
            assert!(found(&format!("ge{small}"), small), "{small}");
            assert!(!found(&format!("gt{small}"), small), "{small}");
            assert!(found("lt1e400", small), "{small}");
        }
        assert!(found("gt1e400", "2e400"));
        // No exponent that 64 bits do not hold is written out, or taken.
        assert!(!found("gt0", "1e99999999999999999999"));
        assert!(NumberQuery::parse("1e99999999999999999999", true).is_none());
        assert!(NumberQuery::parse("five", true).is_none());
        assert!(NumberQuery::parse("5|x", false).is_none());
    }
}
