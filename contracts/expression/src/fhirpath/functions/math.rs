//! Mathematics on single numbers. What is exact stays exact; roots, logarithms and powers with a fraction are
//! approximations to about twenty digits.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

use super::super::ast::Call;
use super::super::eval::{Evaluation, Items, Scope};
use super::super::function::Function;
use super::super::number::overflow;
use super::super::{EvalError, Value};
use super::{number_of, single, single_integer, wrong_type};

/// To how many places an approximation is rounded, so that the noise of the last digits does not show.
const PLACES: u32 = 20;

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
    let system = item.system()?;
    let result = match (call.function, system) {
        (Function::Abs, Some(Value::Integer(value))) => {
            Some(Value::Integer(value.checked_abs().ok_or_else(overflow)?))
        }
        (Function::Abs, Some(Value::Quantity(quantity))) => {
            Some(Value::Quantity(quantity.with_value(quantity.value().abs())))
        }
        (Function::Ceiling | Function::Floor | Function::Truncate, Some(Value::Integer(value))) => {
            Some(Value::Integer(value))
        }
        (Function::Round, Some(Value::Integer(value))) => Some(Value::Integer(value)),
        (Function::Power, Some(base)) => {
            let exponent = evaluation.argument(call, 0, scope)?;
            let Some(exponent) = single_number(&exponent, "the exponent")? else {
                return Ok(Vec::new());
            };
            power(&base, &exponent).ok_or_else(|| wrong_type(&what, "a number", item))??
        }
        (function, system) => {
            let value = system
                .as_ref()
                .and_then(number_of)
                .ok_or_else(|| wrong_type(&what, "a number", item))?;
            let decimal = match function {
                Function::Abs => Some(value.abs()),
                Function::Ceiling => return whole(value.ceil()),
                Function::Floor => return whole(value.floor()),
                Function::Truncate => return whole(value.trunc()),
                Function::Round => {
                    let places = evaluation.argument(call, 0, scope)?;
                    let places = single_integer(&places, "the number of places")?.unwrap_or(0);
                    let places = u32::try_from(places)
                        .map_err(|_| EvalError::new("the number of places must not be negative"))?;
                    Some(value.round_dp_with_strategy(
                        places.min(28),
                        RoundingStrategy::MidpointAwayFromZero,
                    ))
                }
                Function::Sqrt => value.sqrt().map(approximate),
                Function::Exp => Some(approximate(value.checked_exp().ok_or_else(overflow)?)),
                Function::Ln => value.checked_ln().map(approximate),
                _ => {
                    let base = evaluation.argument(call, 0, scope)?;
                    match single_number(&base, "the base")?
                        .as_ref()
                        .and_then(number_of)
                    {
                        Some(base) => logarithm(value, base),
                        None => None,
                    }
                }
            };
            decimal.map(Value::Decimal)
        }
    };
    Ok(result.into_iter().collect())
}

fn single_number<'a>(items: &[Value<'a>], what: &str) -> Result<Option<Value<'a>>, EvalError> {
    let Some(item) = single(items, what)? else {
        return Ok(None);
    };
    match item.system()? {
        Some(value @ (Value::Integer(_) | Value::Decimal(_))) => Ok(Some(value)),
        _ => Err(wrong_type(what, "a number", item)),
    }
}

fn whole<'a>(value: Decimal) -> Result<Items<'a>, EvalError> {
    value
        .to_i64()
        .map(|value| vec![Value::Integer(value)])
        .ok_or_else(overflow)
}

fn approximate(value: Decimal) -> Decimal {
    value.round_dp(PLACES).normalize()
}

/// `None` where there is no such logarithm.
fn logarithm(value: Decimal, base: Decimal) -> Option<Decimal> {
    let divisor = base.checked_ln().filter(|divisor| !divisor.is_zero())?;
    let quotient = value.checked_ln()?.checked_div(divisor)?;
    // Where the power is a whole one, the answer is exact.
    let nearest = quotient.round();
    match nearest.to_i64().and_then(|exponent| raise(base, exponent)) {
        Some(power) if power == value => Some(nearest),
        _ => Some(approximate(quotient)),
    }
}

/// The outer `None` is for a base that is no number, the inner one for a power that does not exist.
fn power<'a>(
    base: &Value<'a>,
    exponent: &Value<'a>,
) -> Option<Result<Option<Value<'a>>, EvalError>> {
    let value = number_of(base)?;
    Some(match (base, exponent) {
        (Value::Integer(base), Value::Integer(exponent)) if *exponent >= 0 => {
            let exact = u32::try_from(*exponent)
                .ok()
                .and_then(|exponent| base.checked_pow(exponent));
            match exact {
                Some(power) => Ok(Some(Value::Integer(power))),
                None => raise(value, *exponent)
                    .map(|power| Some(Value::Decimal(power)))
                    .ok_or_else(overflow),
            }
        }
        (_, Value::Integer(exponent)) if value.is_zero() && *exponent < 0 => Ok(None),
        (_, Value::Integer(exponent)) => raise(value, *exponent)
            .map(|power| Some(Value::Decimal(power)))
            .ok_or_else(overflow),
        (_, exponent) => {
            let exponent = number_of(exponent)?;
            if value.is_sign_negative() && !exponent.fract().is_zero() {
                Ok(None)
            } else if let Some(whole) = exponent.to_i64().filter(|_| exponent.fract().is_zero()) {
                raise(value, whole)
                    .map(|power| Some(Value::Decimal(power)))
                    .ok_or_else(overflow)
            } else {
                value
                    .checked_powd(exponent)
                    .map(|power| Some(Value::Decimal(approximate(power))))
                    .ok_or_else(overflow)
            }
        }
    })
}

/// A power with a whole exponent by repeated squaring; `None` when it does not fit.
fn raise(base: Decimal, exponent: i64) -> Option<Decimal> {
    let mut result = Decimal::ONE;
    let mut square = base;
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(square)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square)?;
        }
    }
    if exponent < 0 {
        Decimal::ONE
            .checked_div(result)
            .map(|value| value.normalize())
    } else {
        Some(result)
    }
}
