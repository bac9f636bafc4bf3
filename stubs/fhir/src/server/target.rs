//! What a URL means: the base it stands under and what below it is addressed.

use std::borrow::Cow;

use wardgate_stub_kit::http::percent;

use super::outcome::Refusal;
use crate::search::ResourceType;

/// The segment under which the resources stand; whatever stands before it belongs to the base.
const ROOT: &str = "fhir";

/// What is addressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The base itself.
    System,
    /// `metadata`.
    Metadata,
    /// `Patient`.
    Type(Kind),
    /// `Patient/_search`.
    Search(Kind),
    /// `Patient/_history`.
    TypeHistory(Kind),
    /// `Patient/17`.
    Instance(Kind, String),
    /// `Patient/17/_history`.
    InstanceHistory(Kind, String),
    /// `Patient/17/_history/2`.
    Version(Kind, String, String),
}

/// A resource type, comparable by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(pub(crate) &'static ResourceType);

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Kind {}

/// A path cut into what it stands under and what it addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    /// The part before the resources, as sent, without a slash at its end: `/tenant/fhir`, or nothing.
    pub(crate) prefix: &'a str,
    /// The segments behind it, decoded.
    pub(crate) segments: Vec<Cow<'a, str>>,
}

impl<'a> Route<'a> {
    /// Cuts a path behind the first `fhir` that a resource type or system-level name follows, or before the first such
    /// name, or behind the last `fhir` where there is none. `Patient/fhir` is therefore a patient, as `fhir/Patient` is all.
    pub(crate) fn of(path: &'a str) -> Self {
        let (mut at, mut last_root, mut known_behind_root, mut first_known) = (0, None, None, None);
        for segment in path.split('/') {
            let end = at + segment.len();
            if is_known(segment) {
                let before = at.saturating_sub(1);
                first_known = first_known.or(Some(before));
                if last_root == Some(before) {
                    known_behind_root = known_behind_root.or(last_root);
                }
            }
            if segment == ROOT {
                last_root = Some(end);
            }
            at = end + 1;
        }
        let cut = known_behind_root.or(first_known).or(last_root).unwrap_or(0);
        let (prefix, rest) = path.split_at_checked(cut).unwrap_or(("", path));
        Self {
            prefix: prefix.trim_end_matches('/'),
            ..Self::below(rest)
        }
    }

    /// The route of a path that begins at the base.
    pub(crate) fn below(path: &'a str) -> Self {
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent::decode(segment).unwrap_or(Cow::Borrowed(segment)))
            .collect();
        Self {
            prefix: "",
            segments,
        }
    }

    /// What is addressed.
    pub(crate) fn target(&self) -> Result<Target, Refusal> {
        let segments: Vec<&str> = self.segments.iter().map(AsRef::as_ref).collect();
        let Some((first, rest)) = segments.split_first() else {
            return Ok(Target::System);
        };
        if segments == ["metadata"] {
            return Ok(Target::Metadata);
        }
        if let Some(operation) = segments.iter().find(|segment| segment.starts_with('$')) {
            return Err(Refusal::new(
                404,
                "not-supported",
                format!("the operation '{operation}' is not supported"),
            ));
        }
        let kind = ResourceType::find(first).map(Kind).ok_or_else(|| {
            Refusal::new(
                404,
                "not-supported",
                format!("'{first}' is not a resource type of FHIR R4"),
            )
        })?;
        Ok(match rest {
            [] => Target::Type(kind),
            ["_search"] => Target::Search(kind),
            ["_history"] => Target::TypeHistory(kind),
            [id] => Target::Instance(kind, (*id).to_owned()),
            [id, "_history"] => Target::InstanceHistory(kind, (*id).to_owned()),
            [id, "_history", version] => {
                Target::Version(kind, (*id).to_owned(), (*version).to_owned())
            }
            _ => {
                return Err(Refusal::new(
                    404,
                    "not-found",
                    "nothing is addressed by this path",
                ));
            }
        })
    }
}

fn is_known(segment: &str) -> bool {
    segment == "metadata" || ResourceType::find(segment).is_some()
}

/// Whether a text is a logical id (FHIR R4, datatypes, "id").
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Kind {
        Kind(ResourceType::find(name).expect("it is a type"))
    }

    #[test]
    fn any_prefix_stands_before_the_resources() {
        for (path, prefix, rest) in [
            ("/fhir/Patient/1", "/fhir", vec!["Patient", "1"]),
            ("/Patient/1", "", vec!["Patient", "1"]),
            ("/tenant/a/fhir/Patient", "/tenant/a/fhir", vec!["Patient"]),
            ("/r4/Patient", "/r4", vec!["Patient"]),
            ("/fhir", "/fhir", vec![]),
            ("/fhir/", "/fhir", vec![]),
            ("/", "", vec![]),
            ("", "", vec![]),
            ("/metadata", "", vec!["metadata"]),
            ("/Nonsense/1", "", vec!["Nonsense", "1"]),
            ("/fhir/Patient/a%2Fb", "/fhir", vec!["Patient", "a/b"]),
            ("/fhir/Patient/fhir", "/fhir", vec!["Patient", "fhir"]),
            ("/Patient/fhir", "", vec!["Patient", "fhir"]),
            (
                "/fhir/Patient/fhir/_history/1",
                "/fhir",
                vec!["Patient", "fhir", "_history", "1"],
            ),
            ("/fhir/r4/fhir", "/fhir/r4/fhir", vec![]),
            ("/fhir/fhir/Patient", "/fhir/fhir", vec!["Patient"]),
            ("/Group/fhir/Patient/1", "/Group/fhir", vec!["Patient", "1"]),
            ("/fhir/Nonsense/1", "/fhir", vec!["Nonsense", "1"]),
        ] {
            let route = Route::of(path);
            assert_eq!(
                (route.prefix, route.segments),
                (prefix, rest.into_iter().map(Cow::from).collect()),
                "{path}"
            );
        }
    }

    #[test]
    fn targets_are_told_apart() {
        let target = |path| Route::of(path).target();
        assert_eq!(target("/fhir"), Ok(Target::System));
        assert_eq!(target("/fhir/metadata"), Ok(Target::Metadata));
        assert_eq!(target("/fhir/Patient"), Ok(Target::Type(kind("Patient"))));
        assert_eq!(
            target("/fhir/Patient/_search"),
            Ok(Target::Search(kind("Patient")))
        );
        assert_eq!(
            target("/fhir/Patient/_history"),
            Ok(Target::TypeHistory(kind("Patient")))
        );
        assert_eq!(
            target("/fhir/Patient/1/_history"),
            Ok(Target::InstanceHistory(kind("Patient"), "1".into()))
        );
        assert_eq!(
            target("/fhir/Patient/1/_history/2"),
            Ok(Target::Version(kind("Patient"), "1".into(), "2".into()))
        );
        for unknown in [
            "/fhir/patient",
            "/fhir/Patient/1/2",
            "/fhir/Patient/$match",
            "/fhir/Patient/1/_history/2/3",
        ] {
            assert_eq!(
                target(unknown).map_err(|refusal| refusal.status),
                Err(404),
                "{unknown}"
            );
        }
    }

    #[test]
    fn ids_are_letters_digits_hyphens_and_dots() {
        assert!(is_id("a-B.9"));
        for bad in ["", "a b", "a/b", "é", "a_b", &"a".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
