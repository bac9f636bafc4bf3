//! One version of one resource.

use std::sync::Arc;

use bytes::Bytes;
use wardgate_core::port::Moment;
use wardgate_expression::Json;

/// One version of one resource, as it was stored and as it is answered.
#[derive(Debug)]
pub(crate) struct Version {
    /// The resource type.
    pub(crate) kind: &'static str,
    /// The logical id.
    pub(crate) id: Arc<str>,
    /// `meta.versionId`, counted from one.
    pub(crate) number: u32,
    /// Its place among everything that the store ever wrote.
    pub(crate) sequence: u64,
    /// When it was written.
    pub(crate) at: Moment,
    /// How it came to be.
    pub(crate) change: Change,
    /// Whether there was nothing before it, or something that had been deleted.
    pub(crate) is_new: bool,
    /// The resource with `id` and `meta` as the server set them; null for a deletion.
    pub(crate) resource: Json,
    /// The same as text; empty for a deletion.
    pub(crate) text: Bytes,
}

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// By a create: the server chose the id.
    Created,
    /// By an update, be it of something that was not there before.
    Updated,
    /// By a delete.
    Deleted,
}

impl Version {
    /// Whether the resource is there in this version.
    pub(crate) fn is_live(&self) -> bool {
        self.change != Change::Deleted
    }

    /// The weak entity tag (FHIR R4, http, "Managing Resource Contention").
    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.number)
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>() + self.resource.memory() + self.text.len()
    }

    /// `Patient/17`.
    pub(crate) fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }
}

/// A resource through time, oldest version first; never without one.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    versions: Vec<Arc<Version>>,
    latest: Arc<Version>,
}

impl Record {
    /// A record of one version.
    pub(crate) fn new(first: Arc<Version>) -> Self {
        Self {
            versions: Vec::from([Arc::clone(&first)]),
            latest: first,
        }
    }

    /// The newest version, which may be a deletion.
    pub(crate) fn latest(&self) -> &Arc<Version> {
        &self.latest
    }

    /// All versions, oldest first.
    pub(crate) fn versions(&self) -> &[Arc<Version>] {
        &self.versions
    }

    /// Adds a version.
    pub(crate) fn push(&mut self, version: Arc<Version>) {
        self.versions.push(Arc::clone(&version));
        self.latest = version;
    }

    /// Puts another version in the newest one's place.
    pub(crate) fn amend(&mut self, version: Arc<Version>) {
        self.versions.pop();
        self.push(version);
    }
}
