//! transaction (FHIR R4, http): all of its entries or none, in the order that the specification sets.

use std::{collections::HashMap, sync::Arc};

use wardgate_core::port::Effect;
use wardgate_expression::Json;

use super::{
    Content, Done, Kind, Preconditions, Server, Setting, Target,
    entry::{Entry, located},
    is_id,
    outcome::Refusal,
    rewrite::{self, Places},
};
use crate::search::ResourceType;

/// What a transaction writes for an entry.
#[derive(Clone, Debug)]
struct Write {
    /// The entry's place in the Bundle.
    index: usize,
    kind: &'static ResourceType,
    task: Task,
}

/// How it is written.
#[derive(Clone, Debug)]
enum Task {
    /// Create under this id.
    Create(Arc<str>),
    /// Write to this id.
    Put(Arc<str>),
    /// Nothing: a conditional create found this, or an earlier entry creates it.
    Found(Arc<str>),
}

impl Write {
    fn reference(&self) -> String {
        let (Task::Create(id) | Task::Put(id) | Task::Found(id)) = &self.task;
        format!("{}/{id}", self.kind.name)
    }
}

impl Server {
    /// Performs all entries in the order that the specification sets: deletes, creates, updates, reads.
    pub(super) fn transaction(
        &mut self,
        setting: Setting<'_>,
        mut entries: Vec<Entry>,
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<Done>, Refusal> {
        let mut outcomes: Vec<Option<Done>> = vec![None; entries.len()];
        let mut touched: HashMap<String, usize> = HashMap::new();
        for (index, entry) in of_method(&entries, "DELETE") {
            let done = self
                .perform(setting, entry.interaction(), effects)
                .map_err(|refusal| located(refusal, index))?;
            // An identity is taken also where there is nothing to delete.
            let reference = match (&entry.target, &done.version) {
                (Target::Instance(Kind(kind), id), _) => Some(format!("{}/{id}", kind.name)),
                (_, version) => version.as_ref().map(|version| version.reference()),
            };
            if let Some(reference) = reference {
                touch(&mut touched, reference, index)?;
            }
            outcomes[index] = Some(done);
        }
        let writes = self.identities(setting, &entries, &mut touched)?;
        let mut places = Places::default();
        for write in &writes {
            if let Some(full_url) = &entries[write.index].full_url {
                let version = self.version_after(write);
                places.note(full_url.clone(), write.reference(), version);
            }
        }
        let mut written = Vec::new();
        for write in &writes {
            let entry = &mut entries[write.index];
            let Some(mut resource) = entry.resource.take() else {
                continue;
            };
            let conditional = rewrite::entry(&mut resource, entry.full_url.as_deref(), &places);
            let done = self
                .write_task(setting, write, resource, entry.preconditions(), effects)
                .map_err(|refusal| located(refusal, write.index))?;
            if let (Some(version), Task::Create(_) | Task::Put(_)) = (&done.version, &write.task)
                && !conditional.is_empty()
            {
                written.push((write.index, Arc::clone(version), conditional));
            }
            outcomes[write.index] = Some(done);
        }
        let mut found = HashMap::new();
        for (index, version, conditional) in written {
            self.find_referred(setting, conditional, &mut found)
                .map_err(|refusal| located(refusal, index))?;
            let mut resource = version.resource.clone();
            rewrite::conditional(&mut resource, &found);
            if let Some(done) = &mut outcomes[index] {
                done.version = Some(self.store.amend(&version, resource));
            }
        }
        for (index, entry) in of_method(&entries, "GET") {
            let done = self
                .perform(setting, entry.interaction(), effects)
                .map_err(|refusal| located(refusal, index))?;
            outcomes[index] = Some(done);
        }
        outcomes
            .into_iter()
            .enumerate()
            .map(|(index, done)| {
                done.ok_or_else(|| {
                    located(
                        Refusal::new(405, "not-supported", "this method is not supported here"),
                        index,
                    )
                })
            })
            .collect()
    }

    /// Which resource each create and update is about, creates first; two entries about the same one are refused.
    fn identities(
        &mut self,
        setting: Setting<'_>,
        entries: &[Entry],
        touched: &mut HashMap<String, usize>,
    ) -> Result<Vec<Write>, Refusal> {
        let mut writes = Vec::new();
        let mut wanted: HashMap<(&str, String), Arc<str>> = HashMap::new();
        for (index, entry) in of_method(entries, "POST") {
            let Target::Type(Kind(kind)) = entry.target else {
                return Err(located(
                    Refusal::new(405, "not-supported", "POST is not allowed here"),
                    index,
                ));
            };
            let task = match &entry.if_none_exist {
                None => Task::Create(self.identifiers.token().into()),
                Some(criteria) => {
                    let key = (kind.name, criteria.clone());
                    let found = match wanted.get(&key) {
                        Some(id) => Some(Arc::clone(id)),
                        None => self
                            .single_match(setting, kind, criteria)
                            .map_err(|refusal| located(refusal, index))?
                            .map(|version| Arc::clone(&version.id)),
                    };
                    if let Some(id) = found {
                        wanted.insert(key, Arc::clone(&id));
                        Task::Found(id)
                    } else {
                        let id: Arc<str> = self.identifiers.token().into();
                        wanted.insert(key, Arc::clone(&id));
                        Task::Create(id)
                    }
                }
            };
            let write = Write { index, kind, task };
            if matches!(write.task, Task::Create(_)) {
                touch(touched, write.reference(), index)?;
            }
            writes.push(write);
        }
        for (index, entry) in of_method(entries, "PUT") {
            let (kind, task) = self
                .put_task(setting, entry)
                .map_err(|refusal| located(refusal, index))?;
            let write = Write { index, kind, task };
            touch(touched, write.reference(), index)?;
            writes.push(write);
        }
        Ok(writes)
    }

    fn put_task(
        &mut self,
        setting: Setting<'_>,
        entry: &Entry,
    ) -> Result<(&'static ResourceType, Task), Refusal> {
        let own = entry
            .resource
            .as_ref()
            .and_then(|resource| resource.get("id")?.as_str());
        match &entry.target {
            Target::Instance(Kind(kind), id) => Ok((kind, Task::Put(id.as_str().into()))),
            Target::Type(Kind(kind)) => {
                let task = match (self.single_match(setting, kind, &entry.query)?, own) {
                    (Some(existing), Some(own)) if own != &*existing.id => {
                        return Err(Refusal::new(
                            400,
                            "invalid",
                            format!(
                                "the criteria find {}, the resource's id is '{own}'",
                                existing.reference()
                            ),
                        ));
                    }
                    (Some(existing), _) => Task::Put(Arc::clone(&existing.id)),
                    (None, Some(own)) if is_id(own) => Task::Put(own.into()),
                    (None, Some(own)) => {
                        return Err(Refusal::new(
                            400,
                            "value",
                            format!("'{own}' is not a logical id"),
                        ));
                    }
                    (None, None) => Task::Create(self.identifiers.token().into()),
                };
                Ok((kind, task))
            }
            _ => Err(Refusal::new(
                405,
                "not-supported",
                "PUT is not allowed here",
            )),
        }
    }

    fn write_task(
        &mut self,
        setting: Setting<'_>,
        write: &Write,
        mut resource: Json,
        preconditions: Preconditions<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Done, Refusal> {
        let kind = write.kind;
        match &write.task {
            Task::Create(id) => self.create_under(setting, kind, id, resource, effects),
            Task::Put(id) => {
                if let Some(members) = resource.as_object_mut()
                    && !members.contains_key("id")
                {
                    members.push("id", &**id);
                }
                self.update(setting, kind, id, resource, preconditions, effects)
            }
            Task::Found(id) => {
                let record = self.store.record(kind.name, id).ok_or_else(|| {
                    Refusal::new(
                        412,
                        "conflict",
                        format!("{}/{id} is not there any more", kind.name),
                    )
                })?;
                Ok(Done {
                    status: 200,
                    version: Some(Arc::clone(record.latest())),
                    located: true,
                    content: Content::Written,
                })
            }
        }
    }

    /// Finds what conditional references mean, each of them once in a transaction.
    fn find_referred(
        &mut self,
        setting: Setting<'_>,
        references: Vec<String>,
        known: &mut HashMap<String, String>,
    ) -> Result<(), Refusal> {
        for text in references {
            let Some((kind, criteria)) = rewrite::split_conditional(&text) else {
                continue;
            };
            if known.contains_key(&text) {
                continue;
            }
            let found = self.single_match(setting, kind, criteria)?.ok_or_else(|| {
                Refusal::new(
                    412,
                    "not-found",
                    format!("the reference to '{}' finds nothing", kind.name),
                )
            })?;
            known.insert(text, found.reference());
        }
        Ok(())
    }

    /// The number of the version that an entry leaves behind.
    fn version_after(&self, write: &Write) -> u32 {
        let (Task::Create(id) | Task::Put(id) | Task::Found(id)) = &write.task;
        let latest = self
            .store
            .record(write.kind.name, id)
            .map_or(0, |record| record.latest().number);
        match write.task {
            Task::Create(_) | Task::Put(_) => latest + 1,
            // What an earlier entry creates is not there yet.
            Task::Found(_) => latest.max(1),
        }
    }
}

fn of_method<'e>(
    entries: &'e [Entry],
    method: &'e str,
) -> impl Iterator<Item = (usize, &'e Entry)> {
    entries
        .iter()
        .enumerate()
        .filter(move |(_, entry)| entry.method == method)
}

fn touch(
    touched: &mut HashMap<String, usize>,
    reference: String,
    index: usize,
) -> Result<(), Refusal> {
    if let Some(earlier) = touched.get(&reference) {
        let what = format!("entry {earlier} and this one are both about {reference}");
        return Err(located(Refusal::new(400, "invalid", what), index));
    }
    touched.insert(reference, index);
    Ok(())
}
