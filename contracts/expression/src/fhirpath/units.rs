//! Converting between units of UCUM, the unified code for units of measure.
//!
//! The units that clinical data is made of are known with their exact factors; a unit that is not known is a dimension
//! of its own, so that `10 'foo'` still compares with `20 'foo'`, and `1 'foo/L'` with `1 'foo/mL'`. Units on scales
//! with an offset (Celsius and Fahrenheit) are not converted into one another.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::quantity::{Quantity, Unit};
use super::temporal::CalendarUnit;

/// A unit as a product of base dimensions and an exact factor, kept as a fraction because `1/60` has no end.
#[derive(Clone, Debug, PartialEq)]
struct Measure {
    numerator: Decimal,
    denominator: Decimal,
    dimensions: BTreeMap<String, i32>,
}

impl Measure {
    fn number(value: Decimal) -> Self {
        Self {
            numerator: value,
            denominator: Decimal::ONE,
            dimensions: BTreeMap::new(),
        }
    }

    /// Multiplies by the other measure raised to a power.
    fn times(mut self, other: &Self, power: i32) -> Option<Self> {
        for _ in 0..power.unsigned_abs() {
            let (up, down) = if power > 0 {
                (other.numerator, other.denominator)
            } else {
                (other.denominator, other.numerator)
            };
            self.numerator = self.numerator.checked_mul(up)?.normalize();
            self.denominator = self.denominator.checked_mul(down)?.normalize();
        }
        for (dimension, exponent) in &other.dimensions {
            let total = self.dimensions.entry(dimension.clone()).or_insert(0);
            *total = total.checked_add(exponent.checked_mul(power)?)?;
        }
        self.dimensions.retain(|_, exponent| *exponent != 0);
        Some(self)
    }
}

/// Prefixes with the power of ten they stand for.
const PREFIXES: [(&str, i32); 16] = [
    ("da", 1),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("P", 15),
    ("E", 18),
];

/// Units defined by others: code, whether prefixes go with it, factor, and the units it is made of.
const DERIVED: [(&str, bool, &str, &str); 45] = [
    ("L", true, "0.001", "m3"),
    ("l", true, "0.001", "m3"),
    ("min", false, "60", "s"),
    ("h", false, "3600", "s"),
    ("d", false, "86400", "s"),
    ("wk", false, "604800", "s"),
    ("mo", false, "2629800", "s"),
    ("a", false, "31557600", "s"),
    ("Hz", true, "1", "s-1"),
    ("N", true, "1000", "g.m.s-2"),
    ("Pa", true, "1000", "g.m-1.s-2"),
    ("bar", true, "100000000", "g.m-1.s-2"),
    ("mm[Hg]", false, "133322", "g.m-1.s-2"),
    ("m[Hg]", true, "133322000", "g.m-1.s-2"),
    ("cm[H2O]", false, "98066.5", "g.m-1.s-2"),
    ("J", true, "1000", "g.m2.s-2"),
    ("W", true, "1000", "g.m2.s-3"),
    ("cal", true, "4184", "g.m2.s-2"),
    ("kat", true, "1", "mol.s-1"),
    ("M", true, "1000", "mol.m-3"),
    ("osm", true, "1", "mol"),
    ("t", true, "1000000", "g"),
    ("u", true, "0.0000000000000000000000016605402", "g"),
    ("[lb_av]", false, "453.59237", "g"),
    ("[oz_av]", false, "28.349523125", "g"),
    ("[gr]", false, "0.06479891", "g"),
    ("[stone_av]", false, "6350.29318", "g"),
    ("[in_i]", false, "0.0254", "m"),
    ("[in_us]", false, "0.0254", "m"),
    ("[ft_i]", false, "0.3048", "m"),
    ("[yd_i]", false, "0.9144", "m"),
    ("[mi_i]", false, "1609.344", "m"),
    ("[gal_us]", false, "0.003785411784", "m3"),
    ("[qt_us]", false, "0.000946352946", "m3"),
    ("[pt_us]", false, "0.000473176473", "m3"),
    ("[foz_us]", false, "0.0000295735295625", "m3"),
    ("[cup_us]", false, "0.0002365882365", "m3"),
    ("[tsp_us]", false, "0.00000492892159375", "m3"),
    ("[tbs_us]", false, "0.00001478676478125", "m3"),
    ("[IU]", true, "1", "[iU]"),
    ("%", false, "0.01", ""),
    ("[ppth]", false, "0.001", ""),
    ("[ppm]", false, "0.000001", ""),
    ("[ppb]", false, "0.000000001", ""),
    ("deg", false, "0.01745329251994329576923691", "rad"),
];

/// Units that are dimensions of their own and go with prefixes.
const BASES: [&str; 14] = [
    "m", "g", "s", "K", "mol", "cd", "C", "rad", "U", "eq", "[iU]", "Cel", "V", "Gy",
];

/// How deep parentheses may go, and how large a written exponent may be.
const DEPTH_MAX: usize = 8;
const EXPONENT_MAX: i32 = 28;

/// Reads a code such as `mg/dL`, `10*3/uL`, `mL/min/{1.73_m2}` or `kg.m-2`.
fn measure(code: &str, depth: usize) -> Option<Measure> {
    if depth > DEPTH_MAX || code.len() > 200 {
        return None;
    }
    let mut total = Measure::number(Decimal::ONE);
    let mut rest = code;
    let mut sign = 1;
    if let Some(after) = rest.strip_prefix('/') {
        (sign, rest) = (-1, after);
    }
    loop {
        let (component, after) = component(rest)?;
        total = total.times(&component_measure(component, depth)?, sign)?;
        let mut following = after.chars();
        match following.next() {
            None => return Some(total),
            Some('.') => sign = 1,
            Some('/') => sign = -1,
            _ => return None,
        }
        rest = following.as_str();
    }
}

/// The first component of a code, up to a `.` or `/` outside brackets, and what follows it.
fn component(code: &str) -> Option<(&str, &str)> {
    let mut open = Vec::new();
    for (index, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => {
                let opened = open.pop()?;
                if !matches!((opened, c), ('(', ')') | ('[', ']') | ('{', '}')) {
                    return None;
                }
            }
            '.' | '/' if open.is_empty() => return Some((&code[..index], &code[index..])),
            _ => {}
        }
    }
    open.is_empty().then_some((code, ""))
}

fn component_measure(component: &str, depth: usize) -> Option<Measure> {
    // An annotation in braces says what is counted, not how.
    let (plain, annotated) = match component.find('{') {
        Some(at) => (&component[..at], true),
        None => (component, false),
    };
    if plain.is_empty() {
        return annotated.then(|| Measure::number(Decimal::ONE));
    }
    if let Some(inner) = plain.strip_prefix('(') {
        return measure(inner.strip_suffix(')')?, depth + 1);
    }
    for ten in ["10*", "10^"] {
        if let Some(exponent) = plain.strip_prefix(ten) {
            return power_of_ten(if exponent.is_empty() {
                1
            } else {
                exponent.parse().ok()?
            });
        }
    }
    if plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain
            .parse()
            .ok()
            .filter(|value| *value != Decimal::ZERO)
            .map(Measure::number);
    }
    let exponent_at = plain
        .rfind(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-')))
        .map_or(0, |last| {
            last + plain[last..].chars().next().map_or(1, char::len_utf8)
        });
    let (symbol, exponent) = plain.split_at(exponent_at);
    let exponent = if exponent.is_empty() {
        1
    } else {
        exponent.parse::<i32>().ok()?
    };
    if symbol.is_empty() || exponent == 0 || exponent.abs() > EXPONENT_MAX {
        return None;
    }
    Measure::number(Decimal::ONE).times(&atom(symbol, depth)?, exponent)
}

fn power_of_ten(exponent: i32) -> Option<Measure> {
    if exponent.abs() > EXPONENT_MAX {
        return None;
    }
    let power = Decimal::try_from_i128_with_scale(10_i128.pow(exponent.unsigned_abs()), 0).ok()?;
    Measure::number(Decimal::ONE).times(&Measure::number(power), if exponent < 0 { -1 } else { 1 })
}

fn atom(symbol: &str, depth: usize) -> Option<Measure> {
    if let Some(definition) = definition(symbol, false) {
        return definition.measure(depth);
    }
    for (prefix, exponent) in PREFIXES {
        let prefixed = symbol
            .strip_prefix(prefix)
            .and_then(|unit| definition(unit, true));
        if let Some(definition) = prefixed {
            return definition
                .measure(depth)?
                .times(&power_of_ten(exponent)?, 1);
        }
    }
    Definition::Base(symbol).measure(depth)
}

/// How a symbol is defined.
enum Definition<'s> {
    /// A dimension of its own.
    Base(&'s str),
    /// A factor of other units.
    Derived(&'static str, &'static str),
}

/// A unit from the tables.
fn definition(symbol: &str, prefixed: bool) -> Option<Definition<'_>> {
    if BASES.contains(&symbol) {
        return Some(Definition::Base(symbol));
    }
    DERIVED
        .iter()
        .find(|&&(code, metric, ..)| code == symbol && (metric || !prefixed))
        .map(|&(_, _, factor, parts)| Definition::Derived(factor, parts))
}

impl Definition<'_> {
    fn measure(&self, depth: usize) -> Option<Measure> {
        match self {
            Self::Base(symbol) => {
                let mut base = Measure::number(Decimal::ONE);
                base.dimensions.insert((*symbol).to_owned(), 1);
                Some(base)
            }
            Self::Derived(factor, "") => factor.parse().ok().map(Measure::number),
            Self::Derived(factor, parts) => {
                measure(parts, depth + 1)?.times(&Measure::number(factor.parse().ok()?), 1)
            }
        }
    }
}

/// Both amounts in one unit, the coarser of the two; `None` when they measure different things.
pub(crate) fn common(left: &Quantity<'_>, right: &Quantity<'_>) -> Option<(Decimal, Decimal)> {
    let months = |quantity: &Quantity<'_>| match quantity.unit {
        Unit::Calendar(CalendarUnit::Year, _) => Some(Decimal::from(12)),
        Unit::Calendar(CalendarUnit::Month, _) => Some(Decimal::ONE),
        _ => None,
    };
    match (months(left), months(right)) {
        (Some(left_months), Some(right_months)) => Some((
            left.value().checked_mul(left_months)?,
            right.value().checked_mul(right_months)?,
        )),
        // A calendar month is as long as it happens to be; UCUM's is an average.
        (Some(_), None) | (None, Some(_)) => None,
        (None, None) => in_coarser(left.value(), left.code(), right.value(), right.code()),
    }
}

/// Both amounts in one unit, calendar durations taken for UCUM's; `None` when they measure different things.
pub(crate) fn roughly_common(
    left: &Quantity<'_>,
    right: &Quantity<'_>,
) -> Option<(Decimal, Decimal)> {
    common(left, right)
        .or_else(|| in_coarser(left.value(), left.code(), right.value(), right.code()))
}

fn in_coarser(
    left: Decimal,
    left_code: &str,
    right: Decimal,
    right_code: &str,
) -> Option<(Decimal, Decimal)> {
    if left_code == right_code {
        return Some((left, right));
    }
    let (up, down) = ratio(left_code, right_code)?;
    if up >= down {
        // The left unit is the coarser one.
        Some((left, divided(right.checked_mul(down)?, up)?))
    } else {
        Some((divided(left.checked_mul(up)?, down)?, right))
    }
}

/// How many of the right unit are in one of the left, as a fraction; `None` when they measure different things.
fn ratio(left: &str, right: &str) -> Option<(Decimal, Decimal)> {
    let (left, right) = (measure(left, 0)?, measure(right, 0)?);
    if left.dimensions != right.dimensions {
        return None;
    }
    Some((
        left.numerator.checked_mul(right.denominator)?,
        left.denominator.checked_mul(right.numerator)?,
    ))
}

/// An amount of one unit in another; `None` when they measure different things.
pub(crate) fn convert(value: Decimal, from: &str, to: &str) -> Option<Decimal> {
    if from == to {
        return Some(value);
    }
    let (up, down) = ratio(from, to)?;
    divided(value.checked_mul(up)?, down)
}

/// A quotient without the zeros that the division leaves at its end.
fn divided(value: Decimal, by: Decimal) -> Option<Decimal> {
    value.checked_div(by).map(|quotient| quotient.normalize())
}

/// Whether two units measure the same thing.
pub(crate) fn comparable(left: &str, right: &str) -> bool {
    left == right || ratio(left, right).is_some()
}

/// The code of a product.
pub(crate) fn product(left: &str, right: &str) -> String {
    match (left, right) {
        ("1", unit) | (unit, "1") => unit.to_owned(),
        _ => format!("{}.{}", grouped(left), grouped(right)),
    }
}

/// The code of a quotient.
pub(crate) fn quotient(left: &str, right: &str) -> String {
    match (left, right) {
        (unit, "1") => unit.to_owned(),
        (left, right) if left == right => "1".to_owned(),
        ("1", right) => format!("/{}", grouped(right)),
        _ => format!("{left}/{}", grouped(right)),
    }
}

fn grouped(code: &str) -> String {
    if code.contains(['.', '/']) {
        format!("({code})")
    } else {
        code.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert_text(value: &str, from: &str, to: &str) -> Option<String> {
        convert(value.parse().unwrap(), from, to).map(|value| value.normalize().to_string())
    }

    #[test]
    fn clinical_units_convert_exactly() {
        for (value, from, to, expected) in [
            ("4", "g", "mg", "4000"),
            ("90", "mg/dL", "g/L", "0.9"),
            ("5.4", "10*3/uL", "10*9/L", "5.4"),
            ("120", "mL/min", "L/h", "7.2"),
            ("1", "wk", "d", "7"),
            ("185", "[lb_av]", "kg", "83.91458845"),
            ("1", "[in_i]", "cm", "2.54"),
            ("0.040", "m2", "cm.m", "4"),
            ("50", "%", "1", "0.5"),
            ("1", "m[IU]/mL", "[IU]/L", "1"),
            ("1", "mL/min/{1.73_m2}", "mL/min", "1"),
            ("120", "mm[Hg]", "kPa", "15.99864"),
            ("1", "kg/(m.s2)", "Pa", "1"),
            ("1", "umol/L", "nmol/mL", "1"),
            ("3", "foo/L", "foo/dL", "0.3"),
            ("1", "/min", "Hz", "0.0166666666666666666666666667"),
        ] {
            assert_eq!(
                convert_text(value, from, to).as_deref(),
                Some(expected),
                "{value} {from} in {to}"
            );
        }
    }

    #[test]
    fn what_measures_something_else_does_not_convert() {
        for (from, to) in [
            ("kg", "m"),
            ("Cel", "K"),
            ("mmol/L", "mg/dL"),
            ("s", "[s]"),
            ("m", "m2"),
            ("a)", "a"),
        ] {
            assert_eq!(convert_text("1", from, to), None, "{from} {to}");
        }
        assert!(comparable("cm", "[in_i]"));
        assert!(!comparable("cm", "s"));
    }

    #[test]
    fn hostile_codes_end() {
        let nested = format!("{}m{}", "(".repeat(90), ")".repeat(90));
        for code in [
            nested.as_str(),
            "m999999999",
            "10*99999",
            "10*-99",
            "1e400",
            "((",
            "m/",
            "",
            "é",
            "m2147483648",
            "0",
        ] {
            assert_eq!(convert_text("1", code, "m"), None, "{code}");
        }
        assert!(measure(&"/".repeat(10_000), 0).is_none());
    }

    #[test]
    fn products_and_quotients_are_codes_again() {
        assert_eq!(product("cm", "m"), "cm.m");
        assert_eq!(product("1", "m"), "m");
        assert_eq!(quotient("g", "m.s"), "g/(m.s)");
        assert_eq!(quotient("m", "m"), "1");
        assert_eq!(quotient("1", "s"), "/s");
    }
}
