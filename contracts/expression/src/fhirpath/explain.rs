//! Why a condition does not hold: the values on both sides of the comparison that decided.

use std::fmt;

use super::ast::{Expr, ExprKind, Operator};
use super::eval::{self, Items};
use super::{Context, EvalError, Expression, Value, logic};
use crate::Json;

/// What an expression yielded and, when a comparison decided, what stood on both sides of it.
///
/// `Display` is one line for a report:
/// `name.first().family = %patient.family is false: left 'Smith', right 'Smyth'`.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The text of the expression.
    pub source: String,
    /// What it yielded; a single boolean for a condition, nothing where the answer is open.
    pub value: Vec<Json>,
    /// The comparison that decided: the expression itself, or the first part of a conjunction that does not hold.
    pub comparison: Option<Comparison>,
    shown: String,
}

/// Both sides of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The text of the comparison.
    pub source: String,
    /// The operator as written: `=`, `<=`, `in` …
    pub operator: &'static str,
    /// What the left side yielded.
    pub left: Vec<Json>,
    /// What the right side yielded.
    pub right: Vec<Json>,
    shown_left: String,
    shown_right: String,
    answer: String,
}

impl Expression {
    /// Evaluates, and keeps what a reader needs to see why the answer is what it is.
    pub fn explain(&self, context: &Context<'_>) -> Result<Explanation, EvalError> {
        let value = eval::evaluate(&self.root, context)?;
        let comparison = match deciding(&self.root, context)? {
            Some(part) => self.compare(part, context)?,
            None => None,
        };
        Ok(Explanation {
            source: self.source.clone(),
            shown: display_items(&value),
            value: value.iter().map(Value::to_json).collect(),
            comparison,
        })
    }

    fn compare(&self, part: &Expr, context: &Context<'_>) -> Result<Option<Comparison>, EvalError> {
        let ExprKind::Binary {
            operator,
            left,
            right,
        } = &part.kind
        else {
            return Ok(None);
        };
        if !operator.is_comparison() {
            return Ok(None);
        }
        let answer = eval::evaluate(part, context)?;
        let left = eval::evaluate(left, context)?;
        let right = eval::evaluate(right, context)?;
        Ok(Some(Comparison {
            source: self
                .source
                .get(part.span.clone())
                .unwrap_or_default()
                .to_owned(),
            operator: operator.text(),
            shown_left: display_items(&left),
            shown_right: display_items(&right),
            answer: display_items(&answer),
            left: to_json(&left),
            right: to_json(&right),
        }))
    }
}

/// The part whose answer is the answer of the whole: of `a and b`, the first side that does not hold.
fn deciding<'e>(root: &'e Expr, context: &Context<'_>) -> Result<Option<&'e Expr>, EvalError> {
    let mut part = root;
    while let ExprKind::Binary {
        operator: Operator::And,
        left,
        right,
    } = &part.kind
    {
        let holds = |side: &Expr| {
            let value = eval::evaluate(side, context)?;
            logic::truth(&value).map(|truth| truth == Some(true))
        };
        part = if !holds(left)? {
            left
        } else if !holds(right)? {
            right
        } else {
            return Ok(None);
        };
    }
    Ok(Some(part))
}

fn to_json(items: &Items<'_>) -> Vec<Json> {
    items.iter().map(Value::to_json).collect()
}

/// How many items of a collection, and how many characters of an element, are shown.
const ITEMS_SHOWN: usize = 8;
const CHARACTERS_SHOWN: usize = 400;

fn display_items(items: &[Value<'_>]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [item] => item.display(),
        several => {
            let mut shown = several
                .iter()
                .take(ITEMS_SHOWN)
                .map(Value::display)
                .collect::<Vec<_>>()
                .join(", ");
            if several.len() > ITEMS_SHOWN {
                shown.push_str(", …");
            }
            format!("({shown})")
        }
    }
}

/// An element of the document for a message: a text in quotes, anything else as JSON, cut where it grows long.
pub(crate) fn display_json(json: &Json) -> String {
    let text = match json {
        Json::String(text) => format!("'{text}'"),
        other => other.to_string(),
    };
    match text.char_indices().nth(CHARACTERS_SHOWN) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.comparison {
            Some(comparison) => {
                if comparison.source != self.source.trim() {
                    write!(f, "{} is {}: ", self.source.trim(), self.shown)?;
                }
                comparison.fmt(f)
            }
            None => write!(f, "{} is {}", self.source.trim(), self.shown),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is {}: left {}, right {}",
            self.source.trim(),
            self.answer,
            self.shown_left,
            self.shown_right
        )
    }
}
