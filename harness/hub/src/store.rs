//! The embedded database: one writer thread that commits many callers' work at once.
//!
//! Callers hand in closures; the thread takes all that are waiting, runs them in one redb transaction in the order in
//! which they came, commits it to disk, and answers. So a message costs one sync however many arrive together, every
//! decision sees the effects of all earlier ones, and nobody is told of a commit before it has happened.
mod tables;
mod transaction;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use redb::{Database, ReadableDatabase, ReadableTable};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc as async_mpsc, oneshot};

use tables::{FAILED, ORDERS, OUTBOX};
pub use transaction::Transaction;
use writer::{Done, Job, Writer, prepare};

use crate::state::Unreadable;
use crate::work::WorkItem;

/// redb's own default of one gigabyte is far beyond what a hub needs.
const CACHE_BYTES: usize = 4 << 20;

/// The database failed; the text is for the operator's log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the database failed: {0}")]
pub struct StoreError(String);

fn failed(error: impl Into<redb::Error>) -> StoreError {
    StoreError(error.into().to_string())
}

impl From<Unreadable> for StoreError {
    fn from(_: Unreadable) -> Self {
        Self("a record cannot be read".to_owned())
    }
}

fn damaged(error: &serde_json::Error) -> StoreError {
    StoreError(format!(
        "a record cannot be read (column {})",
        error.column()
    ))
}

/// What was answered to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// SHA-256 of the message.
    pub digest: [u8; 32],
    /// Whether the message took effect.
    pub accepted: bool,
    /// The payloads of the acknowledgements, in the order in which they were sent.
    pub replies: Vec<Vec<u8>>,
}

/// A delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedDelivery {
    /// Outbox number.
    pub id: u64,
    /// Kind of delivery.
    pub delivery: String,
    /// Control ID, order id or file name that the work came from.
    pub origin: String,
    /// Why, without patient data.
    pub reason: String,
}

/// An order as it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOrder {
    /// The facility that ordered.
    pub facility: String,
    /// The resource as JSON text.
    pub resource: String,
    /// When it was stored, microseconds since 1970.
    pub stored_at: i64,
}

/// A work item that has been committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Outbox number.
    pub id: u64,
    /// Its lane.
    pub lane: String,
}

/// Joins the parts of a key by the unit separator. One inside a part is written otherwise, so that no two lists of parts
/// make the same key.
pub fn key(parts: &[&str]) -> String {
    let part = |part: &&str| {
        part.replace('\u{1e}', "\u{1e}0")
            .replace('\u{1f}', "\u{1e}1")
    };
    parts.iter().map(part).collect::<Vec<_>>().join("\u{1f}")
}

/// The open database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    jobs: mpsc::Sender<Job>,
    outstanding: Arc<AtomicU64>,
}

/// What [`Store::open`] gives beside the store.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Every work item, those left from an earlier run first, then each as it is committed.
    pub queued: async_mpsc::UnboundedReceiver<Queued>,
    /// The writer, which ends when the last [`Store`] is dropped.
    pub writer: JoinHandle<()>,
}

impl Store {
    /// Opens or creates the database in a directory; `forget_outbox` drops undelivered work.
    pub fn open(directory: &Path, forget_outbox: bool) -> Result<Opened, StoreError> {
        std::fs::create_dir_all(directory).map_err(|error| StoreError(error.to_string()))?;
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(directory.join("hub.redb"))
            .map_err(failed)?;
        let database = Arc::new(database);
        let (queue, queued) = async_mpsc::unbounded_channel();
        let outstanding = Arc::new(AtomicU64::new(0));
        let next_id = prepare(&database, forget_outbox, |item| {
            outstanding.fetch_add(1, Ordering::SeqCst);
            let _ = queue.send(item);
        })?;
        let (jobs, waiting) = mpsc::channel::<Job>();
        let writer = Writer {
            database: Arc::clone(&database),
            queue,
            outstanding: Arc::clone(&outstanding),
            next_id,
        };
        let writer = std::thread::Builder::new()
            .name("hub-store".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(|error| StoreError(error.to_string()))?;
        Ok(Opened {
            store: Self {
                database,
                jobs,
                outstanding,
            },
            queued,
            writer,
        })
    }

    /// Runs a job on the writer thread and gives its result once it is on disk.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let result = job(transaction);
            let sound = result.is_ok();
            // A caller that is gone needs no answer; the work is done all the same.
            let done: Done = Box::new(move |committed| {
                let _ = reply.send(result.and_then(|value| committed.map(|()| value)));
            });
            (sound, done)
        });
        let closed = || StoreError("the writer has ended".to_owned());
        self.jobs.send(job).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// A work item, unless it has been delivered.
    pub fn item(&self, id: u64) -> Result<Option<WorkItem>, StoreError> {
        let read = self.database.begin_read().map_err(failed)?;
        let table = read.open_table(OUTBOX).map_err(failed)?;
        let Some(found) = table.get(id).map_err(failed)? else {
            return Ok(None);
        };
        serde_json::from_slice(found.value())
            .map(Some)
            .map_err(|error| damaged(&error))
    }

    /// An order by its id.
    pub fn order(&self, id: &str) -> Result<Option<StoredOrder>, StoreError> {
        let read = self.database.begin_read().map_err(failed)?;
        let table = read.open_table(ORDERS).map_err(failed)?;
        let Some(found) = table.get(id).map_err(failed)? else {
            return Ok(None);
        };
        serde_json::from_slice(found.value())
            .map(Some)
            .map_err(|error| damaged(&error))
    }

    /// The latest deliveries that were given up, newest first, at most `count_max`.
    pub fn failures(&self, count_max: usize) -> Result<Vec<FailedDelivery>, StoreError> {
        let read = self.database.begin_read().map_err(failed)?;
        let table = read.open_table(FAILED).map_err(failed)?;
        let mut failures = Vec::new();
        for entry in table.iter().map_err(failed)?.rev().take(count_max) {
            let (_, found) = entry.map_err(failed)?;
            failures.push(serde_json::from_slice(found.value()).map_err(|error| damaged(&error))?);
        }
        Ok(failures)
    }

    /// How many work items are neither delivered nor given up.
    pub fn outstanding(&self) -> u64 {
        self.outstanding.load(Ordering::SeqCst)
    }

    /// Takes note that a work item has left the outbox.
    pub fn settle(&self) {
        self.outstanding.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
