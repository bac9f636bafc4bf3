//! Texts. Positions count characters, not bytes.

use std::borrow::Cow;

use super::super::ast::Call;
use super::super::eval::{
    Evaluation, ITEMS_MAX, Items, Scope, TEXT_BYTES_MAX, integer, too_many_items,
};
use super::super::function::Function;
use super::super::{EvalError, Value, pattern};
use super::{boolean, single_integer, single_text};

pub(super) fn call<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let what = format!("the input of `{}()`", call.function.name());
    let Some(text) = single_text(input, &what)? else {
        return Ok(Vec::new());
    };
    evaluation.count(text.len() / 64)?;
    match call.function {
        Function::Upper => return text_item(text.to_uppercase()),
        Function::Lower => return text_item(text.to_lowercase()),
        Function::Trim => return text_item(text.trim().to_owned()),
        Function::Length => return Ok(vec![integer(text.chars().count())]),
        Function::ToChars => {
            return limited(text.chars().map(|c| Value::from(c.to_string())));
        }
        Function::Substring => return substring(evaluation, call, &text, scope),
        _ => {}
    }
    let first = evaluation.argument(call, 0, scope)?;
    let Some(first) = single_text(&first, "the argument")? else {
        return Ok(Vec::new());
    };
    match call.function {
        Function::IndexOf => Ok(vec![position(&text, text.find(first.as_ref()))]),
        Function::LastIndexOf => Ok(vec![position(&text, text.rfind(first.as_ref()))]),
        Function::StartsWith => Ok(boolean(text.starts_with(first.as_ref()))),
        Function::EndsWith => Ok(boolean(text.ends_with(first.as_ref()))),
        Function::Contains => Ok(boolean(text.contains(first.as_ref()))),
        Function::Split if first.is_empty() => {
            limited(text.chars().map(|c| Value::from(c.to_string())))
        }
        Function::Split => limited(
            text.split(first.as_ref())
                .map(|part| Value::from(part.to_owned())),
        ),
        Function::Matches | Function::MatchesFull => {
            let pattern = compiled(call, &first)?;
            Ok(boolean(pattern.is_match(&text)))
        }
        _ => {
            let second = evaluation.argument(call, 1, scope)?;
            let Some(second) = single_text(&second, "the replacement")? else {
                return Ok(Vec::new());
            };
            let grown = text
                .len()
                .saturating_add(1)
                .saturating_mul(second.len().saturating_add(1));
            if call.function == Function::Replace {
                // Only a replacement that might not fit is worth counting exactly.
                let matches = if grown > TEXT_BYTES_MAX {
                    text.matches(first.as_ref()).count()
                } else {
                    0
                };
                if matches.saturating_mul(second.len()) > TEXT_BYTES_MAX {
                    return Err(too_long());
                }
                return text_item(text.replace(first.as_ref(), &second));
            }
            if first.is_empty() {
                return text_item(text.into_owned());
            }
            let pattern = compiled(call, &first)?;
            let matches = if grown > TEXT_BYTES_MAX {
                pattern.find_iter(&text).count()
            } else {
                0
            };
            // A replacement may repeat groups as often as it has characters.
            if matches
                .saturating_mul(second.len())
                .saturating_mul(text.len())
                > TEXT_BYTES_MAX
            {
                return Err(too_long());
            }
            text_item(pattern.replace_all(&text, second.as_ref()).into_owned())
        }
    }
}

/// `join()`: the texts of the input, one after another.
pub(super) fn join<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    input: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let separator = evaluation.argument(call, 0, scope)?;
    let separator = single_text(&separator, "the separator")?.unwrap_or_default();
    let mut joined = String::new();
    for (index, item) in input.iter().enumerate() {
        if index > 0 {
            joined.push_str(&separator);
        }
        let text =
            super::text_of(item).ok_or_else(|| super::wrong_type("every item", "a text", item))?;
        joined.push_str(&text);
        if joined.len() > TEXT_BYTES_MAX {
            return Err(too_long());
        }
    }
    if input.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Value::from(joined)])
}

fn too_long() -> EvalError {
    EvalError::new("a text grows beyond 16 MiB")
}

fn text_item<'a>(text: String) -> Result<Items<'a>, EvalError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(too_long());
    }
    Ok(vec![Value::from(text)])
}

fn limited<'a>(items: impl Iterator<Item = Value<'a>>) -> Result<Items<'a>, EvalError> {
    let items = items.take(ITEMS_MAX + 1).collect::<Vec<_>>();
    if items.len() > ITEMS_MAX {
        return Err(too_many_items());
    }
    Ok(items)
}

/// A byte position as a number of characters; -1 when there is none.
fn position<'a>(text: &str, at: Option<usize>) -> Value<'a> {
    at.map_or(Value::Integer(-1), |at| integer(text[..at].chars().count()))
}

fn substring<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    text: &str,
    scope: Scope<'_, 'a>,
) -> Result<Items<'a>, EvalError> {
    let start = evaluation.argument(call, 0, scope)?;
    let Some(start) = single_integer(&start, "the start")? else {
        return Ok(Vec::new());
    };
    let length = evaluation.argument(call, 1, scope)?;
    let length = single_integer(&length, "the length")?;
    let Ok(start) = usize::try_from(start) else {
        return Ok(Vec::new());
    };
    let Some((from, _)) = text.char_indices().nth(start) else {
        return Ok(Vec::new());
    };
    let rest = &text[from..];
    let to = match length.map(|length| usize::try_from(length.max(0)).unwrap_or(usize::MAX)) {
        None => rest.len(),
        Some(length) => rest
            .char_indices()
            .nth(length)
            .map_or(rest.len(), |(to, _)| to),
    };
    Ok(vec![Value::from(rest[..to].to_owned())])
}

/// The pattern, compiled with the expression where it is a literal.
fn compiled<'c>(call: &'c Call, text: &str) -> Result<Cow<'c, regex::Regex>, EvalError> {
    match &call.pattern {
        Some(pattern) => Ok(Cow::Borrowed(pattern)),
        None => pattern::compile(text, call.function == Function::MatchesFull)
            .map(Cow::Owned)
            .map_err(EvalError::new),
    }
}
