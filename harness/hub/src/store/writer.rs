//! The thread that commits.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use redb::{Database, ReadableTable};
use tokio::sync::mpsc as async_mpsc;

use super::tables::{
    APPOINTMENT_ALIASES, APPOINTMENTS, BATCHES, BOOKINGS, FAILED, INBOUND, ORDER_IDENTIFIERS,
    ORDERS, OUTBOX, PATIENTS, RESULTS,
};
use super::transaction::Transaction;
use super::{Queued, StoreError, damaged, failed};
use crate::log::note;
use crate::work::WorkItem;

/// Tells the caller how the commit went.
pub(super) type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Runs in the transaction; says whether the transaction may be committed, and whom to tell afterwards.
pub(super) type Job = Box<dyn FnOnce(&Transaction) -> (bool, Done) + Send>;

/// Most jobs of one commit, so that the first of a rush does not wait for the last.
pub(super) const JOBS_MAX: usize = 256;

/// Makes every table and hands out what an earlier run left; gives the next free outbox number.
pub(super) fn prepare(
    database: &Database,
    forget_outbox: bool,
    mut hand_out: impl FnMut(Queued),
) -> Result<u64, StoreError> {
    let write = database.begin_write().map_err(failed)?;
    for table in [PATIENTS, APPOINTMENTS, BOOKINGS, RESULTS, ORDERS] {
        write.open_table(table).map_err(failed)?;
    }
    for table in [APPOINTMENT_ALIASES, ORDER_IDENTIFIERS, BATCHES] {
        write.open_table(table).map_err(failed)?;
    }
    write.open_table(INBOUND).map_err(failed)?;
    let mut next_id = 0;
    {
        let given_up = write.open_table(FAILED).map_err(failed)?;
        if let Some((id, _)) = given_up.last().map_err(failed)? {
            next_id = id.value() + 1;
        }
        let mut outbox = write.open_table(OUTBOX).map_err(failed)?;
        if forget_outbox {
            outbox.retain(|_, _| false).map_err(failed)?;
        }
        for entry in outbox.iter().map_err(failed)? {
            let (id, item) = entry.map_err(failed)?;
            let item: WorkItem =
                serde_json::from_slice(item.value()).map_err(|error| damaged(&error))?;
            next_id = next_id.max(id.value() + 1);
            hand_out(Queued {
                id: id.value(),
                lane: item.lane,
            });
        }
    }
    write.commit().map_err(failed)?;
    Ok(next_id)
}

/// The writer thread's own.
pub(super) struct Writer {
    pub(super) database: Arc<Database>,
    pub(super) queue: async_mpsc::UnboundedSender<Queued>,
    pub(super) outstanding: Arc<AtomicU64>,
    pub(super) next_id: u64,
}

impl Writer {
    /// Commits jobs until nobody can hand in any more.
    pub(super) fn run(mut self, waiting: &mpsc::Receiver<Job>) {
        while let Ok(first) = waiting.recv() {
            let jobs = std::iter::once(first)
                .chain(waiting.try_iter().take(JOBS_MAX - 1))
                .collect();
            self.commit(jobs);
        }
    }

    fn commit(&mut self, jobs: Vec<Job>) {
        let inner = match self.database.begin_write() {
            Ok(inner) => inner,
            // Dropping the jobs drops their reply channels, which tells the callers.
            Err(error) => return note!("{}", failed(error)),
        };
        let transaction = Transaction {
            inner,
            queued: RefCell::new(Vec::new()),
            next_id: Cell::new(self.next_id),
        };
        let mut all_sound = true;
        let mut told = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (sound, done) = job(&transaction);
            all_sound &= sound;
            told.push(done);
        }
        let Transaction {
            inner,
            queued,
            next_id,
        } = transaction;
        let committed = if all_sound {
            inner.commit().map_err(failed)
        } else {
            // One damaged record must not commit half of its message; those beside it are told to come again.
            inner
                .abort()
                .map_err(failed)
                .and(Err(StoreError("a write beside this one failed".to_owned())))
        };
        match &committed {
            Ok(()) => {
                self.next_id = next_id.get();
                for item in queued.into_inner() {
                    self.outstanding.fetch_add(1, Ordering::SeqCst);
                    // Nobody receives any more when the hub is stopping; the outbox keeps the item.
                    let _ = self.queue.send(item);
                }
            }
            Err(error) => note!("{error}"),
        }
        for done in told {
            done(committed.clone());
        }
    }
}
