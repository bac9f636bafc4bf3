//! Comparing documents by meaning.

use super::{Json, Object};

/// Whether two documents mean the same: numbers by value (`10.0` is `10.00`), members in any order, items in order.
///
/// Repeated names are the same when each name has the same values in the same order on both sides.
pub fn same_value(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.same_value(right),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same_value(left, right))
        }
        (Json::Object(left), Json::Object(right)) => same_members(left, right),
        _ => left == right,
    }
}

fn same_members(left: &Object, right: &Object) -> bool {
    if left.len() != right.len() {
        return false;
    }
    // Most documents agree in order too; sorting is only for those that do not.
    if left.keys().eq(right.keys()) {
        return left
            .values()
            .zip(right.values())
            .all(|(left, right)| same_value(left, right));
    }
    let by_name = |object: &'_ Object| -> Vec<usize> {
        let names = object.keys().collect::<Vec<_>>();
        let mut order = (0..names.len()).collect::<Vec<_>>();
        order.sort_by_key(|&index| names[index]);
        order
    };
    let (left_members, right_members) = (
        left.iter().collect::<Vec<_>>(),
        right.iter().collect::<Vec<_>>(),
    );
    by_name(left)
        .into_iter()
        .zip(by_name(right))
        .all(|(left_index, right_index)| {
            let ((left_name, left_value), (right_name, right_value)) =
                (left_members[left_index], right_members[right_index]);
            left_name == right_name && same_value(left_value, right_value)
        })
}

#[cfg(test)]
mod tests {
    use super::same_value;
    use crate::Json;

    fn same(left: &str, right: &str) -> bool {
        same_value(&Json::parse(left).unwrap(), &Json::parse(right).unwrap())
    }

    #[test]
    fn numbers_by_value_and_members_in_any_order() {
        assert!(same(r#"{"a":10.0,"b":[1e1]}"#, r#"{"b":[10],"a":10.00}"#));
        assert!(!same("[1,2]", "[2,1]"));
        assert!(!same("[1]", "[1,1]"));
        assert!(!same(r#"{"a":1}"#, r#"{"b":1}"#));
        assert!(!same(r#"{"a":1,"b":2}"#, r#"{"b":1,"a":2}"#));
        assert!(!same("1", r#""1""#));
        assert!(!same("null", "false"));
    }

    #[test]
    fn repeated_names_count() {
        assert!(same(r#"{"a":1,"b":0,"a":2}"#, r#"{"b":0,"a":1,"a":2}"#));
        assert!(!same(r#"{"a":1,"b":0,"a":2}"#, r#"{"b":0,"a":2,"a":1}"#));
        assert!(!same(r#"{"a":1,"a":1,"b":1}"#, r#"{"a":1,"b":1,"b":1}"#));
    }
}
