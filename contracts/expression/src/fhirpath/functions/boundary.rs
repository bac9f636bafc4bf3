//! How precise a value is, and the range of what it may stand for.

use rust_decimal::{Decimal, RoundingStrategy};

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::number::overflow;
use super::super::temporal::End;
use super::super::{Date, DateTime, EvalError, Time, Value, units};
use super::{boolean, number_of, single, single_integer, wrong_type};

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let what = format!("the input of `{}()`", call.function.name());
    let Some(item) = single(input, &what)? else {
        return Ok(Vec::new());
    };
    let Some(value) = as_temporal(item)? else {
        return Err(wrong_type(
            &what,
            "a number, a quantity, a date or a time",
            item,
        ));
    };
    let end = match call.function {
        Function::Precision => {
            return precision(&value)
                .map(|digits| vec![digits])
                .ok_or_else(|| wrong_type(&what, "a decimal, a date or a time", item));
        }
        Function::Comparable => {
            let other = evaluation.argument(call, 0, scope)?;
            let Some(other) = single(&other, "the argument")? else {
                return Ok(Vec::new());
            };
            return match (value, other.system()?) {
                (Value::Quantity(left), Some(Value::Quantity(right))) => {
                    Ok(boolean(units::comparable(left.code(), right.code())))
                }
                _ => Err(wrong_type(&what, "a quantity, as its argument,", item)),
            };
        }
        Function::LowBoundary => End::Low,
        _ => End::High,
    };
    let digits = evaluation.argument(call, 0, scope)?;
    let digits = single_integer(&digits, "the precision")?;
    let bound = match value {
        Value::Date(date) => date.boundary(end, digits.unwrap_or(8)).map(Value::Date),
        Value::DateTime(moment) => moment
            .boundary(end, digits.unwrap_or(17))
            .map(Value::DateTime),
        Value::Time(time) => time.boundary(end, digits.unwrap_or(9)).map(Value::Time),
        Value::Quantity(quantity) => number_bound(quantity.value(), end, digits)?
            .map(|value| Value::Quantity(quantity.with_value(value))),
        other => match number_of(&other) {
            Some(value) => number_bound(value, end, digits)?.map(Value::Decimal),
            None => {
                return Err(wrong_type(
                    &what,
                    "a number, a quantity, a date or a time",
                    item,
                ));
            }
        },
    };
    Ok(bound.into_iter().collect())
}

/// FHIRPath's own value, strings of the document that are dates or times as such.
fn as_temporal<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let system = item.system()?;
    if let (Value::Node(_), Some(Value::String(text))) = (item, &system) {
        return Ok(Date::parse(text)
            .map(Value::Date)
            .or_else(|| DateTime::parse(text).map(Value::DateTime))
            .or_else(|| Time::parse(text).map(Value::Time)));
    }
    Ok(system)
}

fn precision<'a>(value: &Value<'_>) -> Option<Value<'a>> {
    let digits = match value {
        Value::Integer(_) => 0,
        Value::Decimal(value) => i64::from(value.scale()),
        Value::Date(date) => date.digits().into(),
        Value::DateTime(moment) => moment.digits().into(),
        Value::Time(time) => time.digits().into(),
        _ => return None,
    };
    Some(Value::Integer(digits))
}

/// Half a unit of the last place down or up, to so many places; `None` for more places than a decimal has.
fn number_bound(
    value: Decimal,
    end: End,
    digits: Option<i64>,
) -> Result<Option<Decimal>, EvalError> {
    let places = match u32::try_from(digits.unwrap_or(8)) {
        Ok(places) if places <= Decimal::MAX_SCALE => places,
        _ => return Ok(None),
    };
    if value.scale() >= Decimal::MAX_SCALE {
        return Err(overflow());
    }
    let half = Decimal::new(5, value.scale() + 1);
    let (bound, strategy) = match end {
        End::Low => (
            value.checked_sub(half),
            RoundingStrategy::ToNegativeInfinity,
        ),
        End::High => (
            value.checked_add(half),
            RoundingStrategy::ToPositiveInfinity,
        ),
    };
    let mut bound = bound
        .ok_or_else(overflow)?
        .round_dp_with_strategy(places, strategy);
    bound.rescale(places);
    Ok((bound.scale() == places).then_some(bound))
}
