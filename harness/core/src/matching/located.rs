//! Matching the values at a location of a message, such as `MSA-1` or `status`.

use wardgate_contract::ast::Matcher;
use wardgate_expression::Json;

use super::{
    Checked, Ground,
    text::{joined, short},
    value,
};
use crate::port::Typing;

/// Checks the values found at a location; several are a list.
pub fn check(
    locator: &str,
    matcher: &Matcher,
    values: &[Json],
    typing: Typing,
    ground: &Ground<'_>,
    out: &mut Checked,
) {
    out.actual
        .push(format!("{locator} = {}", short(&joined(values))));
    let list;
    let actual = match values {
        [] => None,
        [one] => Some(one),
        several => {
            list = Json::Array(several.to_vec());
            Some(&list)
        }
    };
    value::check(
        locator,
        matcher,
        actual,
        typing,
        ground,
        &mut out.mismatches,
    );
}
