//! Matching the values at a location of a message, such as `MSA-1` or `status`.

use wardgate_contract::ast::{Matcher, MatcherKind};
use wardgate_expression::Json;

use super::{Checked, Ground, text::short, value};
use crate::{
    bindings::plain,
    verdict::{Mismatch, MismatchKind},
};

/// Checks the values found at a location. A location's text is compared as text: `status: 201` and `MSA-1: AA`
/// mean what they say whatever their types.
pub fn check(
    locator: &str,
    matcher: &Matcher,
    values: &[Json],
    ground: &Ground<'_>,
    out: &mut Checked,
) {
    let shown = match values {
        [] => String::from("nothing"),
        [one] => plain(one),
        several => format!(
            "{} values: {}",
            several.len(),
            several.iter().map(plain).collect::<Vec<_>>().join(", ")
        ),
    };
    out.actual.push(format!("{locator} = {}", short(&shown)));
    let found = match &matcher.kind {
        MatcherKind::Equals { value, .. } if value.as_text().is_some() => {
            let text = value.as_text().unwrap_or_default();
            match ground.bindings.fill_text(text, &str::to_owned) {
                Err(reason) => Some((MismatchKind::Unjudged, text.to_owned(), reason)),
                Ok(expected) => match values {
                    [one] if plain(one) == expected => None,
                    [] => Some((MismatchKind::Missing, expected, shown)),
                    _ => Some((MismatchKind::Value, expected, shown)),
                },
            }
        }
        _ => {
            let joined = match values {
                [] => None,
                [one] => Some(one.clone()),
                several => Some(Json::Array(several.to_vec())),
            };
            value::check(
                locator,
                matcher,
                joined.as_ref(),
                ground,
                &mut out.mismatches,
            );
            None
        }
    };
    if let Some((kind, expected, actual)) = found {
        out.mismatches.push(Mismatch {
            kind,
            at: locator.to_owned(),
            expected,
            actual,
        });
    }
}
