//! Turning values of one type into another, and asking whether that works.

use rust_decimal::Decimal;

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::temporal::CalendarUnit;
use super::super::{Date, DateTime, EvalError, Quantity, Time, Value, number, units};
use super::{boolean, single, single_text, text_of};
use crate::Json;

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let Some(item) = single(input, &format!("the input of `{}()`", call.function.name()))? else {
        return Ok(Vec::new());
    };
    let asks = call.function.name().starts_with("converts");
    let converted = match call.function {
        Function::ToBoolean | Function::ConvertsToBoolean => to_boolean(item)?,
        Function::ToInteger | Function::ConvertsToInteger => to_integer(item)?,
        Function::ToDecimal | Function::ConvertsToDecimal => to_decimal(item)?,
        Function::ToDate | Function::ConvertsToDate => to_date(item)?,
        Function::ToDateTime | Function::ConvertsToDateTime => to_date_time(item)?,
        Function::ToTime | Function::ConvertsToTime => to_time(item)?,
        Function::ToQuantity | Function::ConvertsToQuantity => {
            let unit = evaluation.argument(call, 0, scope)?;
            let unit = single_text(&unit, "the unit")?;
            to_quantity(item, unit.as_deref())?
        }
        _ => to_text(item)?,
    };
    Ok(if asks {
        boolean(converted.is_some())
    } else {
        converted.into_iter().collect()
    })
}

fn to_boolean<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let truth = match item.system()? {
        Some(Value::Boolean(value)) => Some(value),
        Some(Value::Integer(value)) => zero_or_one(value.into()),
        Some(Value::Decimal(value)) => zero_or_one(value),
        Some(Value::String(text)) => match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    Ok(truth.map(Value::Boolean))
}

fn zero_or_one(value: Decimal) -> Option<bool> {
    match value {
        value if value == Decimal::ONE => Some(true),
        value if value == Decimal::ZERO => Some(false),
        _ => None,
    }
}

fn to_integer<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let integer = match item.system()? {
        Some(Value::Integer(value)) => Some(value),
        Some(Value::Boolean(value)) => Some(i64::from(value)),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    Ok(integer.map(Value::Integer))
}

fn to_decimal<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let decimal = match item.system()? {
        Some(Value::Integer(value)) => Some(value.into()),
        Some(Value::Decimal(value)) => Some(value),
        Some(Value::Boolean(value)) => Some(Decimal::from(u8::from(value))),
        Some(Value::String(text)) => number::decimal(&text),
        _ => None,
    };
    Ok(decimal.map(Value::Decimal))
}

fn to_date<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let date = match item.system()? {
        Some(Value::Date(date)) => Some(date),
        Some(Value::DateTime(moment)) => Some(moment.date()),
        Some(Value::String(text)) => {
            Date::parse(&text).or_else(|| DateTime::parse(&text).map(|moment| moment.date()))
        }
        _ => None,
    };
    Ok(date.map(Value::Date))
}

fn to_date_time<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let moment = match item.system()? {
        Some(Value::Date(date)) => Some(DateTime::from(date)),
        Some(Value::DateTime(moment)) => Some(moment),
        Some(Value::String(text)) => DateTime::parse(&text),
        _ => None,
    };
    Ok(moment.map(Value::DateTime))
}

fn to_time<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    let time = match item.system()? {
        Some(Value::Time(time)) => Some(time),
        Some(Value::String(text)) => Time::parse(text.strip_prefix('T').unwrap_or(&text)),
        _ => None,
    };
    Ok(time.map(Value::Time))
}

fn to_quantity<'a>(item: &Value<'a>, unit: Option<&str>) -> Result<Option<Value<'a>>, EvalError> {
    let quantity = match item.system()? {
        Some(Value::Integer(value)) => Some(Quantity::of(value.into(), "1")),
        Some(Value::Decimal(value)) => Some(Quantity::of(value, "1")),
        Some(Value::Boolean(value)) => {
            Some(Quantity::of(Decimal::new(i64::from(value) * 10, 1), "1"))
        }
        Some(Value::Quantity(quantity)) => Some(quantity),
        Some(Value::String(text)) => Quantity::parse(&text),
        _ => None,
    };
    let (Some(quantity), Some(unit)) = (quantity.clone(), unit) else {
        return Ok(quantity.map(Value::Quantity));
    };
    let calendar = CalendarUnit::from_word(unit);
    let code = match calendar {
        Some(calendar) => calendar.ucum(),
        None => unit,
    };
    Ok(
        units::convert(quantity.value(), quantity.code(), code).map(|value| {
            Value::Quantity(match calendar {
                Some(calendar) => Quantity::calendar(value, calendar, unit.to_owned()),
                None => Quantity::of(value, unit.to_owned()),
            })
        }),
    )
}

fn to_text<'a>(item: &Value<'a>) -> Result<Option<Value<'a>>, EvalError> {
    if let Some(text) = text_of(item) {
        return Ok(Some(Value::String(text)));
    }
    // A number of the document stays as it is written.
    if let Value::Node(node) = item
        && let Json::Number(number) = node.json()
    {
        return Ok(Some(Value::from(number.as_str())));
    }
    let text = match item.system()? {
        Some(Value::Boolean(value)) => value.to_string(),
        Some(Value::Integer(value)) => value.to_string(),
        Some(Value::Decimal(value)) => value.to_string(),
        Some(Value::Date(date)) => date.to_string(),
        Some(Value::DateTime(moment)) => moment.to_string(),
        Some(Value::Time(time)) => time.to_string(),
        Some(Value::Quantity(quantity)) => quantity.to_string(),
        _ => return Ok(None),
    };
    Ok(Some(Value::from(text)))
}
