//! Delivery: takes committed work to the partners, in order within a lane, lanes side by side, until it is settled.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};

use crate::config::Config;
use crate::defect::{Defect, Defects};
use crate::log::note;
use crate::partners::{Partners, Trouble};
use crate::store::{FailedDelivery, Queued, Store, StoreError};
use crate::work::{Work, WorkItem};

/// Most requests to partners at a time.
const IN_FLIGHT_MAX: usize = 32;

/// What every lane needs.
pub struct Outbox {
    store: Store,
    partners: Partners,
    defects: Defects,
    backoff_first: Duration,
    backoff_max: Duration,
    in_flight: Semaphore,
    /// Lanes with work, and the numbers of that work. A lane that has an entry has a task.
    lanes: Mutex<HashMap<String, VecDeque<u64>>>,
    /// Ticks whenever an item is settled.
    settled: watch::Sender<u64>,
}

impl Outbox {
    /// An outbox that has not begun to deliver.
    pub fn new(config: &Config, store: Store, partners: Partners) -> Arc<Self> {
        Arc::new(Self {
            store,
            partners,
            defects: config.defects,
            backoff_first: config.backoff_first,
            backoff_max: config.backoff_max,
            in_flight: Semaphore::new(IN_FLIGHT_MAX),
            lanes: Mutex::default(),
            settled: watch::Sender::new(0),
        })
    }

    /// Delivers whatever is queued. Ends with an error when the database fails, since the hub must not go on then.
    pub async fn run(self: Arc<Self>, mut queued: mpsc::UnboundedReceiver<Queued>) -> StoreError {
        let (broken, mut breakage) = mpsc::channel(1);
        loop {
            tokio::select! {
                Some(error) = breakage.recv() => return error,
                item = queued.recv() => match item {
                    Some(Queued { id, lane }) => self.start(id, lane, &broken),
                    // The writer has ended, so the hub is stopping; what is in flight stays in the outbox.
                    None => std::future::pending().await,
                },
            }
        }
    }

    fn start(self: &Arc<Self>, id: u64, lane: String, broken: &mpsc::Sender<StoreError>) {
        let mut lanes = self.lanes();
        if let Some(waiting) = lanes.get_mut(&lane) {
            waiting.push_back(id);
            return;
        }
        lanes.insert(lane.clone(), VecDeque::from([id]));
        drop(lanes);
        let outbox = Arc::clone(self);
        let broken = broken.clone();
        tokio::spawn(async move {
            if let Err(error) = outbox.work_off(&lane).await {
                // Only the first breakage matters.
                let _ = broken.try_send(error);
            }
        });
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<String, VecDeque<u64>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers the items of a lane one after another until none is left.
    async fn work_off(&self, lane: &str) -> Result<(), StoreError> {
        loop {
            let first = self
                .lanes()
                .get(lane)
                .and_then(|waiting| waiting.front().copied());
            if let Some(id) = first {
                if let Some(item) = self.store.item(id)? {
                    self.deliver(id, &item).await?;
                }
                self.store.settle();
                self.settled.send_modify(|tick| *tick += 1);
            }
            let mut lanes = self.lanes();
            let Some(waiting) = lanes.get_mut(lane) else {
                return Ok(());
            };
            waiting.pop_front();
            if waiting.is_empty() {
                lanes.remove(lane);
                return Ok(());
            }
        }
    }

    /// Tries until the item is delivered or refused, and records which.
    async fn deliver(&self, id: u64, item: &WorkItem) -> Result<(), StoreError> {
        let mut backoff = self.backoff_first;
        let mut tries = 0_u32;
        let refusal = loop {
            tries = tries.saturating_add(1);
            match self.attempt(&item.work, tries > 1).await {
                Ok(()) => break None,
                Err(Trouble::Permanent { reason }) => break Some(reason),
                Err(Trouble::Transient {
                    reason,
                    is_server_error: true,
                    ..
                }) if self.defects.has(Defect::ServerErrorNotRetried) => {
                    break Some(reason);
                }
                Err(Trouble::Transient { reason, pause, .. }) => {
                    // Ever more rarely, so that a long outage does not drown the log.
                    if tries.is_power_of_two() {
                        note!("item {id} ({}) try {tries}: {reason}", item.work.title());
                    }
                    tokio::time::sleep(pause.unwrap_or(backoff)).await;
                    backoff = (backoff * 2).min(self.backoff_max);
                }
            }
        };
        if refusal.is_none() && tries > 1 && self.defects.has(Defect::RetriedTwice) {
            // The outcome of the superfluous delivery changes nothing.
            let _ = self.attempt(&item.work, true).await;
        }
        let Some(reason) = refusal else {
            return self
                .store
                .write(move |transaction| transaction.remove(id))
                .await;
        };
        note!("item {id} ({}) given up: {reason}", item.work.title());
        let delivery = FailedDelivery {
            id,
            delivery: item.work.title().to_owned(),
            origin: item.origin.clone(),
            reason,
        };
        self.store
            .write(move |transaction| transaction.give_up(&delivery))
            .await
    }

    async fn attempt(&self, work: &Work, is_repeated: bool) -> Result<(), Trouble> {
        let _permit = self
            .in_flight
            .acquire()
            .await
            .map_err(|_| Trouble::transient("stopping"))?;
        self.partners.deliver(work, is_repeated).await
    }

    /// Waits until none of these items is in the outbox any more.
    pub async fn wait_for(&self, ids: &[u64]) -> Result<(), StoreError> {
        let mut settled = self.settled.subscribe();
        loop {
            let mut any_left = false;
            for id in ids {
                any_left |= self.store.item(*id)?.is_some();
            }
            if !any_left || settled.changed().await.is_err() {
                return Ok(());
            }
        }
    }
}
