//! What must be true for an interaction to be done (FHIR R4, http, "Managing Resource Contention"; RFC 9110, section 13).

use super::{headers::tag_version, outcome::Refusal};
use crate::store::Version;

/// The values of the `if-…` headers, or of the like members of an entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Preconditions<'a> {
    pub(super) matches: Option<&'a str>,
    pub(super) none_match: Option<&'a str>,
    pub(super) none_exist: Option<&'a str>,
    pub(super) modified_since: Option<&'a str>,
}

impl Preconditions<'_> {
    /// Refuses a write where the newest version of what it is about is not one that is asked for, or is one that there is
    /// not to be. A deletion is no version that could be named.
    pub(super) fn check(self, latest: Option<&Version>) -> Result<(), Refusal> {
        let live = latest.filter(|latest| latest.is_live());
        if let Some(tags) = self.matches {
            let Some(live) = live else {
                let what = format!("there is no version {tags}");
                return Err(Refusal::new(412, "conflict", what).at("http.if-match"));
            };
            if !names(tags, live) {
                let (reference, etag) = (live.reference(), live.etag());
                let what = format!("the newest version of {reference} is {etag}, not {tags}");
                return Err(Refusal::new(412, "conflict", what).at("http.if-match"));
            }
        }
        if let (Some(tags), Some(live)) = (self.none_match, live)
            && names(tags, live)
        {
            let (reference, etag) = (live.reference(), live.etag());
            let what = format!("{reference} is there already, in version {etag}");
            return Err(Refusal::new(412, "conflict", what).at("http.if-none-match"));
        }
        Ok(())
    }
}

/// Whether a list of tags names this version: `*` names any.
pub(super) fn names(tags: &str, version: &Version) -> bool {
    tags.split(',')
        .any(|tag| tag.trim() == "*" || tag_version(tag) == Some(version.number))
}
