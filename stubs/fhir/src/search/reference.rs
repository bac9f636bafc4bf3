//! Reference search (FHIR R4, search, "reference").

use wardgate_expression::Json;

/// What a reference parameter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceQuery {
    /// A logical id, of a resource of this type where one is named.
    Id {
        /// The type, from `patient:Patient=7` or `patient=Patient/7`.
        kind: Option<String>,
        /// The id.
        id: String,
    },
    /// An absolute URL or a URN.
    Url(String),
}

impl ReferenceQuery {
    /// Reads one value; `kind` is the type that a modifier names.
    pub(crate) fn parse(text: &str, kind: Option<&str>, base: &str) -> Self {
        let local = local(text, base);
        match local.split_once('/') {
            _ if is_absolute(local) => Self::Url(local.to_owned()),
            Some((named, id)) => Self::Id {
                kind: Some(named.to_owned()),
                id: id.to_owned(),
            },
            None => Self::Id {
                kind: kind.map(str::to_owned),
                id: local.to_owned(),
            },
        }
    }

    /// The index key under which everything that matches is found.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Id { id, .. } => id,
            Self::Url(url) => key(url),
        }
    }

    /// Whether a value refers to what is asked for.
    pub(crate) fn matches(&self, value: &Json, base: &str) -> bool {
        let Some(found) = text(value) else {
            return false;
        };
        let local = local(found, base);
        match self {
            Self::Url(wanted) => local == wanted,
            Self::Id { .. } if is_absolute(local) => false,
            Self::Id { kind, id } => match local.split_once('/') {
                Some((named, found)) => {
                    found == id && kind.as_deref().is_none_or(|kind| kind == named)
                }
                None => false,
            },
        }
    }
}

/// The text of a Reference or of a canonical URL.
pub(crate) fn text(value: &Json) -> Option<&str> {
    value
        .as_str()
        .or_else(|| value.get("reference").and_then(Json::as_str))
}

/// The index key of a reference: its last segment, versions left out, which is the logical id.
pub(crate) fn key(reference: &str) -> &str {
    let unversioned = unversioned(reference);
    unversioned.rsplit('/').next().unwrap_or(unversioned)
}

fn unversioned(reference: &str) -> &str {
    reference
        .split_once("/_history/")
        .map_or(reference, |(path, _)| path)
}

/// A reference relative to our own base where it points below it, and without a version.
fn local<'a>(reference: &'a str, base: &str) -> &'a str {
    let reference = unversioned(reference);
    reference
        .strip_prefix(base)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(reference)
}

fn is_absolute(reference: &str) -> bool {
    reference.contains(':')
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    const BASE: &str = "http://here/fhir";

    fn matches(query: &str, kind: Option<&str>, reference: &str) -> bool {
        let query = ReferenceQuery::parse(query, kind, BASE);
        let value = json!({"reference": reference});
        let matches = query.matches(&value, BASE);
        assert!(
            !matches || query.key() == key(reference),
            "what matches is found by its key"
        );
        matches
    }

    #[test]
    fn ids_types_and_urls_are_compared_as_asked() {
        assert!(matches("7", None, "Patient/7"));
        assert!(matches("7", None, "http://here/fhir/Patient/7"));
        assert!(matches("Patient/7", None, "Patient/7/_history/2"));
        assert!(matches("http://here/fhir/Patient/7", None, "Patient/7"));
        assert!(matches("7", Some("Patient"), "Patient/7"));
        assert!(!matches("7", Some("Group"), "Patient/7"));
        assert!(!matches("Group/7", None, "Patient/7"));
        assert!(!matches("7", None, "http://elsewhere/Patient/7"));
        assert!(matches(
            "http://elsewhere/Patient/7",
            None,
            "http://elsewhere/Patient/7"
        ));
        assert!(matches("urn:uuid:1-2", None, "urn:uuid:1-2"));
    }
}
