//! The arithmetic operators: exact, and an error rather than a wrong number.

use rust_decimal::Decimal;

use super::ast::Operator;
use super::eval::{Items, TEXT_BYTES_MAX};
use super::functions::text_of;
use super::number::overflow;
use super::temporal::Span;
use super::{DateTime, EvalError, Quantity, Time, Value, units};

/// A leading `+` or `-`.
pub(crate) fn signed<'a>(negative: bool, operand: &[Value<'a>]) -> Result<Items<'a>, EvalError> {
    let Some(value) = single(operand, if negative { "-" } else { "+" })? else {
        return Ok(Vec::new());
    };
    let signed = match value {
        Value::Integer(value) if negative => {
            Value::Integer(value.checked_neg().ok_or_else(overflow)?)
        }
        Value::Decimal(value) if negative => Value::Decimal(-value),
        Value::Quantity(quantity) if negative => {
            Value::Quantity(quantity.with_value(-quantity.value()))
        }
        Value::Integer(_) | Value::Decimal(_) | Value::Quantity(_) => value,
        other => {
            return Err(EvalError::new(format!(
                "{} has no sign: {}",
                other.kind(),
                other.display()
            )));
        }
    };
    Ok(vec![signed])
}

/// An arithmetic operator. Nothing on either side gives nothing, except that `&` takes it for an empty text.
pub(crate) fn operate<'a>(
    operator: Operator,
    left: &[Value<'a>],
    right: &[Value<'a>],
) -> Result<Items<'a>, EvalError> {
    if operator == Operator::Concatenate {
        return concatenate(left, right).map(|text| vec![Value::from(text)]);
    }
    let word = operator.text();
    let (Some(left_value), Some(right_value)) = (single(left, word)?, single(right, word)?) else {
        return Ok(Vec::new());
    };
    let answer = match (left_value, right_value) {
        (Value::Integer(left), Value::Integer(right)) if operator != Operator::Divide => {
            integers(operator, left, right)?
        }
        (Value::Quantity(left), Value::Quantity(right)) => quantities(operator, &left, &right)?,
        (Value::Quantity(left), right)
            if operator != Operator::Add && operator != Operator::Subtract =>
        {
            match number(&right) {
                Some(right) => quantities(operator, &left, &Quantity::of(right, "1"))?,
                None => return Err(undefined(operator, &Value::Quantity(left), &right)),
            }
        }
        (left_value, Value::Quantity(right)) => match number(&left_value) {
            Some(left) => quantities(operator, &Quantity::of(left, "1"), &right)?,
            None => return moved(operator, &left[0], &left_value, &right).map(|value| vec![value]),
        },
        (left_value, right_value) => match (number(&left_value), number(&right_value)) {
            (Some(left), Some(right)) => decimals(operator, left, right)?.map(Value::Decimal),
            _ => match (operator, text_of(&left[0]), text_of(&right[0])) {
                (Operator::Add, Some(left), Some(right)) => {
                    Some(Value::from(joined(&left, &right)?))
                }
                _ => return Err(undefined(operator, &left_value, &right_value)),
            },
        },
    };
    Ok(answer.into_iter().collect())
}

fn undefined(operator: Operator, left: &Value<'_>, right: &Value<'_>) -> EvalError {
    EvalError::new(format!(
        "`{}` is not defined for {} and {}: {} and {}",
        operator.text(),
        left.kind(),
        right.kind(),
        left.display(),
        right.display()
    ))
}

/// The one item of an operand as FHIRPath's own type; `None` for nothing.
fn single<'a>(operand: &[Value<'a>], operator: &str) -> Result<Option<Value<'a>>, EvalError> {
    match operand {
        [] => Ok(None),
        [item] => match item.system()? {
            Some(value) => Ok(Some(value)),
            None => Err(EvalError::new(format!(
                "`{operator}` is not defined for {}: {}",
                item.kind(),
                item.display()
            ))),
        },
        several => Err(EvalError::new(format!(
            "`{operator}` takes one item a side, not {}",
            several.len()
        ))),
    }
}

fn number(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Integer(value) => Some((*value).into()),
        Value::Decimal(value) => Some(*value),
        _ => None,
    }
}

fn integers<'a>(operator: Operator, left: i64, right: i64) -> Result<Option<Value<'a>>, EvalError> {
    if right == 0 && matches!(operator, Operator::Div | Operator::Mod) {
        return Ok(None);
    }
    match operator {
        Operator::Multiply => left.checked_mul(right),
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Div => left.checked_div(right),
        _ => left.checked_rem(right),
    }
    .map(|value| Some(Value::Integer(value)))
    .ok_or_else(overflow)
}

/// `None` for a division by zero, as FHIRPath has it.
fn decimals(
    operator: Operator,
    left: Decimal,
    right: Decimal,
) -> Result<Option<Decimal>, EvalError> {
    if right.is_zero() && matches!(operator, Operator::Divide | Operator::Div | Operator::Mod) {
        return Ok(None);
    }
    match operator {
        Operator::Multiply => left.checked_mul(right),
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        // The division of the library leaves zeros that nobody wrote.
        Operator::Divide => left.checked_div(right).map(|value| value.normalize()),
        Operator::Div => left.checked_div(right).map(|value| value.trunc()),
        _ => left.checked_rem(right),
    }
    .map(Some)
    .ok_or_else(overflow)
}

fn quantities<'a>(
    operator: Operator,
    left: &Quantity<'a>,
    right: &Quantity<'a>,
) -> Result<Option<Value<'a>>, EvalError> {
    let unit = match operator {
        Operator::Multiply => units::product(left.code(), right.code()),
        Operator::Divide => units::quotient(left.code(), right.code()),
        Operator::Add | Operator::Subtract => {
            let converted = if left.unit == right.unit {
                Some(right.value())
            } else {
                units::common(left, right)
                    .and_then(|_| units::convert(right.value(), right.code(), left.code()))
            };
            let Some(converted) = converted else {
                return Ok(None);
            };
            let sum = decimals(operator, left.value(), converted)?;
            return Ok(sum.map(|sum| Value::Quantity(left.with_value(sum))));
        }
        _ => {
            return Err(undefined(
                operator,
                &Value::Quantity(left.clone()),
                &Value::Quantity(right.clone()),
            ));
        }
    };
    let value = decimals(operator, left.value(), right.value())?;
    Ok(value.map(|value| Value::Quantity(Quantity::of(value, unit))))
}

/// A date or time plus or minus a duration. Strings of the document that are dates or times move as such.
fn moved<'a>(
    operator: Operator,
    original: &Value<'a>,
    value: &Value<'a>,
    duration: &Quantity<'a>,
) -> Result<Value<'a>, EvalError> {
    let undefined = || undefined(operator, value, &Value::Quantity(duration.clone()));
    let amount = match operator {
        Operator::Add => duration.value(),
        Operator::Subtract => -duration.value(),
        _ => return Err(undefined()),
    };
    let start = match value {
        Value::String(text) if matches!(original, Value::Node(_)) => {
            let moment = DateTime::parse(text).map(|moment| match moment.time() {
                None => Value::Date(moment.date()),
                Some(_) => Value::DateTime(moment),
            });
            moment
                .or_else(|| Time::parse(text).map(Value::Time))
                .ok_or_else(undefined)?
        }
        Value::Date(_) | Value::DateTime(_) | Value::Time(_) => value.clone(),
        _ => return Err(undefined()),
    };
    let unit = duration.duration().ok_or_else(|| {
        EvalError::new(format!(
            "'{}' is not a calendar duration; write `{} years`, `months`, `days` …",
            duration.unit(),
            duration.value()
        ))
    })?;
    let too_far = || {
        EvalError::new(format!(
            "{} {} {duration} leaves the calendar",
            start.display(),
            operator.text()
        ))
    };
    let span = Span::of(amount, unit).ok_or_else(too_far)?;
    match start {
        Value::Date(date) => date.plus(span).map(Value::Date),
        Value::DateTime(moment) => moment.plus(span).map(Value::DateTime),
        Value::Time(time) => match span {
            Span::Nanoseconds(nanoseconds) => Some(Value::Time(time.plus(nanoseconds).1)),
            Span::Days(_) | Span::Months(_) => return Err(undefined()),
        },
        _ => None,
    }
    .ok_or_else(too_far)
}

fn concatenate(left: &[Value<'_>], right: &[Value<'_>]) -> Result<String, EvalError> {
    let text = |operand: &[Value<'_>]| match operand {
        [] => Ok(String::new()),
        [item] => text_of(item)
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| {
                EvalError::new(format!(
                    "`&` joins texts, not {}: {}; `toString()` makes a text of it",
                    item.kind(),
                    item.display()
                ))
            }),
        several => Err(EvalError::new(format!(
            "`&` takes one item a side, not {}",
            several.len()
        ))),
    };
    joined(&text(left)?, &text(right)?)
}

fn joined(left: &str, right: &str) -> Result<String, EvalError> {
    if left.len() + right.len() > TEXT_BYTES_MAX {
        return Err(EvalError::new("a text grows beyond 16 MiB"));
    }
    Ok(format!("{left}{right}"))
}
