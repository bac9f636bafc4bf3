//! What the stub holds: every version of every resource, in the order in which they came.

mod sharded;
mod version;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use wardgate_core::port::Moment;
use wardgate_expression::{Json, Object};

pub(crate) use sharded::{SharedList, SharedMap};
pub(crate) use version::{Change, Record, Version};

use crate::{
    search::{Indexes, Parameter},
    time,
};

/// All resources, by type. A copy shares everything with the original until one of them changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    shelves: BTreeMap<&'static str, Shelf>,
    sequence: u64,
    /// About how many bytes all versions take.
    memory: usize,
}

/// All resources of one type, in the order in which they first came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    records: SharedList<Arc<Record>>,
    slots: SharedMap<u32>,
    live: usize,
    indexes: Indexes,
}

impl Store {
    /// The record of this type and id, deleted or not.
    pub(crate) fn record(&self, kind: &str, id: &str) -> Option<&Arc<Record>> {
        self.shelves.get(kind)?.find(id)
    }

    /// The resources of one type, if there ever was one.
    pub(crate) fn shelf(&self, kind: &str) -> Option<&Shelf> {
        self.shelves.get(kind)
    }

    /// The resources of one type with an index on each of these parameters.
    pub(crate) fn indexed_shelf<'a>(
        &mut self,
        kind: &str,
        parameters: impl Iterator<Item = &'a Parameter>,
    ) -> Option<&Shelf> {
        let found = self.shelves.get_mut(kind)?;
        for parameter in parameters {
            found.build_index(parameter);
        }
        Some(found)
    }

    /// The types that hold something now.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.shelves
            .iter()
            .filter(|(_, shelf)| shelf.live > 0)
            .map(|(kind, _)| *kind)
    }

    /// Writes the next version of a resource, with `id` and `meta` set as the server's; nothing of the rest changes.
    pub(crate) fn write(
        &mut self,
        kind: &'static str,
        id: &Arc<str>,
        at: Moment,
        change: Change,
        resource: Json,
    ) -> Arc<Version> {
        self.sequence += 1;
        let home = self.shelves.entry(kind).or_default();
        let latest = home.find(id).map(|record| record.latest());
        let number = latest.map_or(1, |latest| latest.number + 1);
        let is_new = latest.is_none_or(|latest| !latest.is_live());
        let resource = match change {
            Change::Deleted => Json::Null,
            _ => with_identity(resource, id, number, at),
        };
        let text = match change {
            Change::Deleted => Bytes::new(),
            _ => Bytes::from(resource.to_string()),
        };
        let version = Arc::new(Version {
            kind,
            id: Arc::clone(id),
            number,
            sequence: self.sequence,
            at,
            change,
            is_new,
            resource,
            text,
        });
        home.push(&version);
        self.memory = self.memory.saturating_add(version.memory());
        version
    }

    /// About how many bytes of memory all versions of all resources take.
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    /// Replaces what the newest version of a resource says, without making a version of it.
    pub(crate) fn amend(&mut self, old: &Version, resource: Json) -> Arc<Version> {
        let text = Bytes::from(resource.to_string());
        let version = Arc::new(Version {
            kind: old.kind,
            id: Arc::clone(&old.id),
            number: old.number,
            sequence: old.sequence,
            at: old.at,
            change: old.change,
            is_new: old.is_new,
            resource,
            text,
        });
        if let Some(home) = self.shelves.get_mut(old.kind) {
            home.amend(&version);
        }
        self.memory = (self.memory.saturating_add(version.memory())).saturating_sub(old.memory());
        version
    }
}

impl Shelf {
    /// The record of this id, deleted or not.
    pub(crate) fn find(&self, id: &str) -> Option<&Arc<Record>> {
        let slot = *self.slots.get(id)?;
        self.records.get(slot as usize)
    }

    /// The place of the record of this id.
    pub(crate) fn slot(&self, id: &str) -> Option<u32> {
        self.slots.get(id).copied()
    }

    /// The newest version of the record at a place, unless it is deleted.
    pub(crate) fn live_at(&self, slot: u32) -> Option<&Arc<Version>> {
        let latest = self.records.get(slot as usize)?.latest();
        latest.is_live().then_some(latest)
    }

    /// How many places there are, those of deleted records included.
    pub(crate) fn slots(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    /// Every record, deleted or not, in the order in which they first came.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.records.iter()
    }

    /// The places whose resources may have this key under an indexed parameter; none where there is no index.
    pub(crate) fn indexed(&self, parameter: &Parameter, key: &str) -> Option<&[u32]> {
        self.indexes.get(parameter, key)
    }

    fn build_index(&mut self, parameter: &Parameter) {
        let records = &self.records;
        self.indexes.build(parameter, || {
            records
                .iter()
                .zip(0..)
                .filter(|(record, _)| record.latest().is_live())
                .map(|(record, slot)| (slot, &record.latest().resource))
        });
    }

    fn push(&mut self, version: &Arc<Version>) {
        let known = self.slot(&version.id);
        let slot = known.unwrap_or_else(|| self.slots());
        if let Some(record) = known.and_then(|slot| self.records.get_mut(slot as usize)) {
            let old = Arc::clone(record.latest());
            Arc::make_mut(record).push(Arc::clone(version));
            if old.is_live() {
                self.live -= 1;
                self.indexes.remove(slot, version.kind, &old.resource);
            }
        } else {
            self.slots.insert(Arc::clone(&version.id), slot);
            self.records
                .push(Arc::new(Record::new(Arc::clone(version))));
        }
        if version.is_live() {
            self.live += 1;
            self.indexes.add(slot, version.kind, &version.resource);
        }
    }

    fn amend(&mut self, version: &Arc<Version>) {
        let Some(slot) = self.slot(&version.id) else {
            return;
        };
        let Some(record) = self.records.get_mut(slot as usize) else {
            return;
        };
        let old = Arc::clone(record.latest());
        Arc::make_mut(record).amend(Arc::clone(version));
        self.indexes.remove(slot, version.kind, &old.resource);
        self.indexes.add(slot, version.kind, &version.resource);
    }
}

/// The resource with the server's `id`, `meta.versionId` and `meta.lastUpdated`, everything else as it was, in the
/// order it was. What is new stands right behind `resourceType`.
fn with_identity(resource: Json, id: &str, number: u32, at: Moment) -> Json {
    let Json::Object(members) = resource else {
        return resource;
    };
    let mut meta = match members.get("meta") {
        Some(Json::Object(meta)) => meta.clone(),
        _ => Object::new(),
    };
    meta.insert("versionId", number.to_string());
    meta.insert("lastUpdated", time::instant(at.unix_ms));
    let (had_id, mut meta) = (members.contains_key("id"), Some(meta));
    let mut whole = Object::new();
    for (name, value) in members {
        match name.as_str() {
            "id" => {
                whole.push(name, id);
                continue;
            }
            "meta" => {
                if let Some(meta) = meta.take() {
                    whole.push(name, meta);
                }
                continue;
            }
            _ => {}
        }
        let is_type = name == "resourceType";
        whole.push(name, value);
        if is_type && !had_id {
            whole.push("id", id);
        }
    }
    if let Some(meta) = meta {
        whole = insert_behind_id(whole, meta);
    }
    Json::Object(whole)
}

fn insert_behind_id(members: Object, meta: Object) -> Object {
    let mut meta = Some(meta);
    let mut whole = Object::new();
    for (name, value) in members {
        let is_id = name == "id";
        whole.push(name, value);
        if is_id && let Some(meta) = meta.take() {
            whole.push("meta", meta);
        }
    }
    whole
}
