//! References between the entries of a transaction (FHIR R4, http, "transaction").

use wardgate_expression::Json;

use crate::search::ResourceType;

/// Replaces every reference that `resolve` knows: `reference` members and URL-typed members that are the text as a
/// whole, and links inside a narrative. Identifiers whose value happens to look the same are left alone. A fragment
/// behind a reference stays.
pub(super) fn references(resource: &mut Json, resolve: &dyn Fn(&str) -> Option<String>) {
    match resource {
        Json::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value {
                    Json::String(text) if name == "div" => links(text, resolve),
                    Json::String(text) if names_a_url(name) => {
                        let (stem, fragment) = match text.split_once('#') {
                            None => (text.as_str(), None),
                            Some((stem, fragment)) => (stem, Some(fragment)),
                        };
                        if let Some(resolved) = resolve(stem) {
                            *text = match fragment {
                                None => resolved,
                                Some(fragment) => format!("{resolved}#{fragment}"),
                            };
                        }
                    }
                    Json::Object(_) | Json::Array(_) => references(value, resolve),
                    _ => {}
                }
            }
        }
        Json::Array(items) => {
            for item in items {
                references(item, resolve);
            }
        }
        _ => {}
    }
}

/// The elements of type Reference.reference, uri and url in which an entry's `fullUrl` may stand.
fn names_a_url(member: &str) -> bool {
    matches!(
        member,
        "reference" | "url" | "uri" | "valueUri" | "valueUrl"
    )
}

/// Replaces the links of a narrative: `href="urn:uuid:…"` and `src="…"`.
fn links(html: &mut String, resolve: &dyn Fn(&str) -> Option<String>) {
    for attribute in ["href=\"", "src=\""] {
        let mut from = 0;
        while let Some(found) = html[from..].find(attribute) {
            let start = from + found + attribute.len();
            let Some(length) = html[start..].find('"') else {
                return;
            };
            from = start;
            if let Some(resolved) = resolve(&html[start..start + length]) {
                html.replace_range(start..start + length, &resolved);
            }
        }
    }
}

/// The conditional references of a resource: `Patient?identifier=…` (FHIR R4, http, "conditional references").
pub(super) fn conditional(resource: &Json, found: &mut Vec<String>) {
    match resource {
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    Json::String(text) if name == "reference" => {
                        if split_conditional(text).is_some() && !found.contains(text) {
                            found.push(text.clone());
                        }
                    }
                    _ => conditional(value, found),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| conditional(item, found)),
        _ => {}
    }
}

/// The type and the criteria of a conditional reference, if the text is one.
pub(super) fn split_conditional(text: &str) -> Option<(&'static ResourceType, &str)> {
    let (kind, criteria) = text.split_once('?')?;
    Some((ResourceType::find(kind)?, criteria))
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn references_are_replaced_and_identifiers_are_not() {
        let mut resource = json!({
            "subject": {"reference": "urn:uuid:1"},
            "part": [{"reference": "urn:uuid:1#a"}, {"reference": "urn:uuid:2"}],
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
            "text": {"div": "<div><a href=\"urn:uuid:1\">it</a> urn:uuid:1</div>"},
        });
        references(&mut resource, &|text| {
            (text == "urn:uuid:1").then(|| "Patient/7".to_owned())
        });
        assert_eq!(
            resource,
            json!({
                "subject": {"reference": "Patient/7"},
                "part": [{"reference": "Patient/7#a"}, {"reference": "urn:uuid:2"}],
                "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
                "text": {"div": "<div><a href=\"Patient/7\">it</a> urn:uuid:1</div>"},
            })
        );
    }

    #[test]
    fn conditional_references_are_found_once() {
        let mut found = Vec::new();
        let resource = json!({
            "subject": {"reference": "Patient?identifier=1"},
            "performer": [{"reference": "Patient?identifier=1"}, {"reference": "http://h/x?y"}, {"reference": "Patient/1"}],
        });
        conditional(&resource, &mut found);
        assert_eq!(found, ["Patient?identifier=1"]);
    }
}
