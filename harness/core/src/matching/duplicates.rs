//! Names that stand twice in one JSON object.
//!
//! Readers differ in which of the two they take, so two systems that both read such a document may read different
//! things. No check can hold of it.

use wardgate_expression::Json;

use super::{
    text::{joined, short},
    value::below,
};
use crate::verdict::{Mismatch, MismatchKind};

/// Says of every repeated name where it stands, and with which values.
pub fn report(json: &Json, at: &str, out: &mut Vec<Mismatch>) {
    match json {
        Json::Object(object) => {
            for name in object.duplicate_keys() {
                let values: Vec<Json> = object
                    .iter()
                    .filter(|(key, _)| *key == name)
                    .map(|(_, value)| value.clone())
                    .collect();
                out.push(Mismatch {
                    kind: MismatchKind::Malformed,
                    at: below(at, name),
                    expected: String::from("one member of this name"),
                    actual: short(&joined(&values)),
                });
            }
            for (name, member) in object.iter() {
                report(member, &below(at, name), out);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                report(item, &format!("{at}[{index}]"), out);
            }
        }
        _ => {}
    }
}
