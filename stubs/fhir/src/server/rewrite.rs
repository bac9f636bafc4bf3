//! Links between the entries of a transaction (FHIR R4, http, "transaction", and bundle, "Resolving references").

use std::collections::HashMap;

use wardgate_expression::Json;

use super::{is_id, narrative};
use crate::{
    search::ResourceType,
    structure::{Link, visit_links},
};

/// What stands between a reference and the version that it means.
const HISTORY: &str = "/_history/";

/// Where the resources of a transaction's entries come to stand, by the `fullUrl` of the entry.
#[derive(Debug, Default)]
pub(super) struct Places {
    by_url: HashMap<String, Place>,
}

#[derive(Debug)]
struct Place {
    /// `Patient/17`.
    reference: String,
    /// The number of the version that the transaction leaves there.
    version: u32,
}

impl Places {
    /// Notes where the resource of the entry with this `fullUrl` comes to stand, and in which version.
    pub(super) fn note(&mut self, full_url: String, reference: String, version: u32) {
        self.by_url.insert(full_url, Place { reference, version });
    }

    /// What a link is to say instead. A fragment behind it stays, and a link to a version stays one.
    fn resolve(&self, text: &str) -> Option<String> {
        let (stem, fragment) = match text.split_once('#') {
            None => (text, None),
            Some((stem, fragment)) => (stem, Some(fragment)),
        };
        let mut resolved = match (self.by_url.get(stem), stem.split_once(HISTORY)) {
            (Some(place), _) => place.reference.clone(),
            (None, Some((unversioned, _))) => {
                let place = self.by_url.get(unversioned)?;
                format!("{}{HISTORY}{}", place.reference, place.version)
            }
            (None, None) => return None,
        };
        if let Some(fragment) = fragment {
            resolved.push('#');
            resolved.push_str(fragment);
        }
        Some(resolved)
    }

    /// The same for a reference in the resource of an entry whose `fullUrl` stands below this root.
    fn resolve_reference(&self, text: &str, root: Option<&str>) -> Option<String> {
        self.resolve(text).or_else(|| match root {
            Some(root) if is_relative(text) => self.resolve(&format!("{root}/{text}")),
            _ => None,
        })
    }
}

/// Replaces every link in the resource of an entry that leads to another entry, wherever a link may stand; a relative
/// reference is read from the root of the entry's own `fullUrl`. Hands back the conditional references among them.
pub(super) fn entry(resource: &mut Json, full_url: Option<&str>, places: &Places) -> Vec<String> {
    let root = full_url.and_then(root);
    let mut conditional = Vec::new();
    visit_links(resource, &mut |link, text| {
        let resolved = match link {
            Link::Narrative => narrative::relinked(text, &|text| places.resolve(text)),
            Link::Uri => places.resolve(text),
            Link::Reference => places.resolve_reference(text, root),
        };
        match resolved {
            Some(resolved) => *text = resolved,
            None if link == Link::Reference && split_conditional(text).is_some() => {
                conditional.push(text.clone());
            }
            None => {}
        }
    });
    conditional
}

/// Replaces the conditional references of a resource by what they found.
pub(super) fn conditional(resource: &mut Json, found: &HashMap<String, String>) {
    visit_links(resource, &mut |link, text| {
        if link == Link::Reference
            && let Some(reference) = found.get(text)
        {
            text.clone_from(reference);
        }
    });
}

/// The type and the criteria of a conditional reference, if the text is one: `Patient?identifier=…` (FHIR R4, http,
/// "conditional references").
pub(super) fn split_conditional(text: &str) -> Option<(&'static ResourceType, &str)> {
    let (kind, criteria) = text.split_once('?')?;
    Some((ResourceType::find(kind)?, criteria))
}

/// What stands before `/Patient/17` in a RESTful URL; other URLs, such as a URN, have no root.
fn root(full_url: &str) -> Option<&str> {
    let (rest, id) = full_url.rsplit_once('/')?;
    let (root, kind) = rest.rsplit_once('/')?;
    let is_web = root.starts_with("http://") || root.starts_with("https://");
    (is_web && is_id(id) && ResourceType::find(kind).is_some()).then_some(root)
}

/// Whether a reference is `Patient/17`, whatever stands behind it.
fn is_relative(reference: &str) -> bool {
    reference
        .split_once('/')
        .is_some_and(|(kind, _)| ResourceType::find(kind).is_some())
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    fn places(of: &[(&str, &str)]) -> Places {
        let mut places = Places::default();
        for (full_url, reference) in of {
            places.note((*full_url).to_owned(), (*reference).to_owned(), 3);
        }
        places
    }

    #[test]
    fn links_are_replaced_and_the_values_of_identifiers_are_not() {
        let mut resource = json!({
            "resourceType": "Encounter",
            "meta": {"profile": ["urn:uuid:1"], "source": "urn:uuid:1"},
            "subject": {"reference": "urn:uuid:1"},
            "reasonReference": [{"reference": "urn:uuid:1#a"}, {"reference": "urn:uuid:2"}, {"reference": "urn:uuid:1/_history/9"}],
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
            "text": {"status": "generated", "div": "<div><a href=\"urn:uuid:1\">it</a> <img src='urn:uuid:1'/> urn:uuid:1</div>"},
        });
        let conditional = entry(&mut resource, None, &places(&[("urn:uuid:1", "Patient/7")]));
        assert!(conditional.is_empty());
        assert_eq!(
            resource,
            json!({
                "resourceType": "Encounter",
                "meta": {"profile": ["urn:uuid:1"], "source": "Patient/7"},
                "subject": {"reference": "Patient/7"},
                "reasonReference": [{"reference": "Patient/7#a"}, {"reference": "urn:uuid:2"}, {"reference": "Patient/7/_history/3"}],
                "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
                "text": {"status": "generated", "div": "<div><a href=\"Patient/7\">it</a> <img src='Patient/7'/> urn:uuid:1</div>"},
            })
        );
    }

    #[test]
    fn relative_references_are_read_from_the_root_of_their_entry() {
        let places = places(&[("http://x/fhir/Patient/1", "Patient/7")]);
        for (full_url, reference, expected) in [
            (
                Some("http://x/fhir/Observation/9"),
                "Patient/1",
                "Patient/7",
            ),
            (
                Some("http://x/fhir/Observation/9"),
                "Patient/1#a",
                "Patient/7#a",
            ),
            (
                Some("http://x/fhir/Observation/9"),
                "Patient/2",
                "Patient/2",
            ),
            (
                Some("http://y/fhir/Observation/9"),
                "Patient/1",
                "Patient/1",
            ),
            (
                Some("http://y/fhir/Observation/9"),
                "http://x/fhir/Patient/1",
                "Patient/7",
            ),
            (Some("http://x/fhir/9"), "Patient/1", "Patient/1"),
            (Some("urn:uuid:9"), "Patient/1", "Patient/1"),
            (None, "Patient/1", "Patient/1"),
        ] {
            let mut resource =
                json!({"resourceType": "Observation", "subject": {"reference": reference}});
            entry(&mut resource, full_url, &places);
            let found = resource
                .pointer("/subject/reference")
                .and_then(Json::as_str);
            assert_eq!(found, Some(expected), "{full_url:?} {reference}");
        }
    }

    #[test]
    fn conditional_references_are_found_and_replaced() {
        let mut resource = json!({
            "resourceType": "Observation",
            "subject": {"reference": "Patient?identifier=1"},
            "performer": [{"reference": "Patient?identifier=2"}, {"reference": "http://h/x?y"}, {"reference": "Patient/1"}],
        });
        let texts = entry(&mut resource, None, &Places::default());
        assert_eq!(texts, ["Patient?identifier=1", "Patient?identifier=2"]);
        let found = HashMap::from([(texts[0].clone(), "Patient/7".to_owned())]);
        conditional(&mut resource, &found);
        let reference = |pointer| resource.pointer(pointer).and_then(Json::as_str);
        assert_eq!(reference("/subject/reference"), Some("Patient/7"));
        assert_eq!(
            reference("/performer/0/reference"),
            Some("Patient?identifier=2")
        );
    }
}
