//! Where in a resource the values of a search parameter stand.
//!
//! The expressions of R4's search parameters come in eight forms. A path of steps says all of them and borrows what
//! it finds from the resource, which keeps indexing cheap; FHIRPath proper is for what contract authors write.

use wardgate_expression::Json;

/// A path from a resource to the values of a search parameter.
#[derive(Debug)]
pub(crate) struct ElementPath {
    steps: Vec<Step>,
    /// Whether the value is "something is there and it is not false" (`Patient.deceased`).
    present: bool,
}

#[derive(Debug)]
struct Step {
    /// The element's name.
    name: &'static str,
    /// The member's name where a cast says which type of a choice is meant: `valueQuantity`.
    cast: Option<String>,
    /// What the element must say of itself.
    filter: Option<Filter>,
}

#[derive(Debug)]
enum Filter {
    /// A member has this value.
    Member(&'static str, &'static str),
    /// It is a reference to a resource of this type.
    Target(&'static str),
}

/// The truth values that "is there and not false" yields.
static TRUE: Json = Json::Bool(true);
static FALSE: Json = Json::Bool(false);

impl ElementPath {
    /// Reads the table's notation: steps with dots between, `:Type` for a cast, `[member=value]` or `[>Type]` for a
    /// filter, `?` at the end for "is there and not false".
    pub(crate) fn parse(text: &'static str) -> Self {
        let (text, present) = match text.strip_suffix('?') {
            Some(path) => (path, true),
            None => (text, false),
        };
        Self {
            steps: text.split('.').map(Step::parse).collect(),
            present,
        }
    }

    /// Hands every value that the path finds in a resource to `found`, in document order.
    pub(crate) fn visit<'a>(&self, resource: &'a Json, found: &mut dyn FnMut(&'a Json)) {
        if self.present {
            let mut there = false;
            walk(&self.steps, resource, &mut |value| there |= *value != FALSE);
            found(if there { &TRUE } else { &FALSE });
        } else {
            walk(&self.steps, resource, found);
        }
    }
}

fn walk<'a>(steps: &[Step], value: &'a Json, found: &mut dyn FnMut(&'a Json)) {
    match (value, steps.split_first()) {
        (Json::Array(items), _) => {
            for item in items {
                walk(steps, item, found);
            }
        }
        (Json::Null, _) => {}
        (_, None) => found(value),
        (Json::Object(members), Some((step, rest))) => {
            let mut admit = |child: &'a Json| match (child, &step.filter) {
                // Each item of a list is filtered by itself.
                (Json::Array(items), Some(filter)) => {
                    for item in items.iter().filter(|item| filter.admits(item)) {
                        walk(rest, item, found);
                    }
                }
                (_, Some(filter)) if !filter.admits(child) => {}
                _ => walk(rest, child, found),
            };
            if let Some(cast) = &step.cast {
                if let Some(child) = members.get(cast) {
                    admit(child);
                }
            } else if let Some(child) = members.get(step.name) {
                admit(child);
            } else {
                for (_, child) in members
                    .iter()
                    .filter(|(name, _)| is_choice(name, step.name))
                {
                    admit(child);
                }
            }
        }
        _ => {}
    }
}

/// Whether a member is the element of this name with its type behind: `effectivePeriod` of `effective`.
fn is_choice(member: &str, element: &str) -> bool {
    member.strip_prefix(element).is_some_and(|kind| {
        kind.starts_with(|first: char| first.is_ascii_uppercase()) && CHOICE_TYPES.contains(&kind)
    })
}

/// The types that R4's choices carry in the elements that search parameters name without a cast.
const CHOICE_TYPES: [&str; 22] = [
    "Age",
    "Annotation",
    "Boolean",
    "Canonical",
    "Code",
    "CodeableConcept",
    "Coding",
    "Date",
    "DateTime",
    "Decimal",
    "Identifier",
    "Instant",
    "Integer",
    "Period",
    "Quantity",
    "Range",
    "Reference",
    "SampledData",
    "String",
    "Time",
    "Timing",
    "Uri",
];

impl Step {
    fn parse(text: &'static str) -> Self {
        let (text, filter) = match text.split_once('[') {
            None => (text, None),
            Some((name, filter)) => (name, Filter::parse(filter.trim_end_matches(']'))),
        };
        let (name, cast) = match text.split_once(':') {
            None => (text, None),
            Some((name, kind)) => {
                let mut member = String::from(name);
                let mut letters = kind.chars();
                member.extend(letters.next().map(|first| first.to_ascii_uppercase()));
                member.push_str(letters.as_str());
                (name, Some(member))
            }
        };
        Self { name, cast, filter }
    }
}

impl Filter {
    fn parse(text: &'static str) -> Option<Self> {
        match text.strip_prefix('>') {
            Some(target) => Some(Self::Target(target)),
            None => text
                .split_once('=')
                .map(|(member, value)| Self::Member(member, value)),
        }
    }

    fn admits(&self, value: &Json) -> bool {
        match self {
            Self::Member(member, wanted) => {
                value.get(member).and_then(Json::as_str) == Some(wanted)
            }
            Self::Target(wanted) => {
                if let Some(named) = value.get("type").and_then(Json::as_str) {
                    return named == *wanted;
                }
                let reference = value.get("reference").and_then(Json::as_str).unwrap_or("");
                let path = reference.split("/_history/").next().unwrap_or("");
                path.rsplit('/').nth(1) == Some(wanted)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    fn values(path: &'static str, resource: &Json) -> String {
        let mut found = Vec::new();
        ElementPath::parse(path).visit(resource, &mut |value| found.push(value.clone()));
        Json::Array(found).to_string()
    }

    #[test]
    fn paths_go_through_lists_casts_and_filters() {
        let resource = json!({
            "name": [{"given": ["Ann", "B"]}, {"given": ["C"]}],
            "valueQuantity": {"value": 1}, "valueSet": "x", "effectivePeriod": {"start": "2020"},
            "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
            "participant": [{"actor": {"reference": "Patient/1"}}, {"actor": {"reference": "http://h/fhir/Location/2"}},
                {"actor": {"type": "Patient", "reference": "urn:uuid:3"}}],
        });
        assert_eq!(values("name.given", &resource), r#"["Ann","B","C"]"#);
        assert_eq!(values("value:Quantity", &resource), r#"[{"value":1}]"#);
        assert_eq!(values("value", &resource), r#"[{"value":1}]"#);
        assert_eq!(values("effective", &resource), r#"[{"start":"2020"}]"#);
        assert_eq!(values("telecom[system=email].value", &resource), r#"["2"]"#);
        assert_eq!(
            values("participant.actor[>Patient].reference", &resource),
            r#"["Patient/1","urn:uuid:3"]"#
        );
        assert_eq!(
            values("participant.actor[>Location].reference", &resource),
            r#"["http://h/fhir/Location/2"]"#
        );
    }

    #[test]
    fn a_question_is_whether_something_is_there_and_not_false() {
        assert_eq!(values("deceased?", &json!({})), "[false]");
        assert_eq!(
            values("deceased?", &json!({"deceasedBoolean": false})),
            "[false]"
        );
        assert_eq!(
            values("deceased?", &json!({"deceasedBoolean": true})),
            "[true]"
        );
        assert_eq!(
            values("deceased?", &json!({"deceasedDateTime": "2020"})),
            "[true]"
        );
    }
}
