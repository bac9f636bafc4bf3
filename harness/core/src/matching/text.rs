//! Values as text for people.

use wardgate_expression::{
    Json,
    fhirpath::{Context, Expression},
};

use crate::bindings::plain;

/// The longest value that a message shows whole.
const SHOWN_MAX: usize = 2_000;

/// A text cut to what a message can show.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … ({} bytes in all)", &text[..end], text.len()),
    }
}

/// The values at a location.
pub fn joined(values: &[Json]) -> String {
    match values {
        [] => String::from("nothing"),
        [one] => plain(one),
        several => format!(
            "{} values: {}",
            several.len(),
            several.iter().map(plain).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Why an expression is not true.
pub struct Untrue {
    /// The part that decided.
    pub at: String,
    /// What it asked for: the right side of an equation, else `true`.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// The same in one line.
    pub explained: String,
}

/// Why an expression is not true: of an equation both sides, of anything else what it came to.
pub fn untrue(expression: &Expression, context: &Context<'_>) -> Untrue {
    let explanation = match expression.explain(context) {
        Ok(explanation) => explanation,
        Err(error) => {
            return Untrue {
                at: expression.source().to_owned(),
                expected: String::from("true"),
                actual: error.to_string(),
                explained: format!("{}: {error}", expression.source()),
            };
        }
    };
    let explained = short(&explanation.to_string());
    match &explanation.comparison {
        Some(comparison) if comparison.operator == "=" => Untrue {
            at: comparison.source.clone(),
            expected: side(&comparison.right),
            actual: side(&comparison.left),
            explained,
        },
        _ => Untrue {
            at: expression.source().to_owned(),
            expected: String::from("true"),
            actual: explained.clone(),
            explained,
        },
    }
}

fn side(values: &[Json]) -> String {
    match values {
        [] => String::from("nothing"),
        [one] => short(&one.to_string()),
        several => short(
            &several
                .iter()
                .map(Json::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        ),
    }
}
