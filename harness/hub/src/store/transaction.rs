//! What a job can read and write within its transaction.

use std::cell::{Cell, RefCell};

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tables::{
    APPOINTMENT_ALIASES, APPOINTMENTS, BATCHES, BOOKINGS, FAILED, INBOUND, Json, ORDER_IDENTIFIERS,
    ORDERS, OUTBOX, PATIENTS, RESULTS,
};
use super::{Answered, FailedDelivery, Queued, StoreError, StoredOrder, damaged, failed, key};
use crate::state::{
    AppointmentState, Booking, Change, Known, PatientState, ResultState, Unreadable,
};
use crate::work::WorkItem;

/// One write in the making.
pub struct Transaction {
    pub(super) inner: WriteTransaction,
    /// Work that was put into the outbox and must be handed out once this is on disk.
    pub(super) queued: RefCell<Vec<Queued>>,
    /// The next free outbox number.
    pub(super) next_id: Cell<u64>,
}

impl Transaction {
    fn put<T: Serialize>(
        &self,
        table: TableDefinition<&str, Json>,
        key: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_vec(value).map_err(|error| damaged(&error))?;
        self.inner
            .open_table(table)
            .map_err(failed)?
            .insert(key, json.as_slice())
            .map_err(failed)?;
        Ok(())
    }

    fn get<T: DeserializeOwned>(
        &self,
        table: TableDefinition<&str, Json>,
        key: &str,
    ) -> Result<Option<T>, StoreError> {
        let table = self.inner.open_table(table).map_err(failed)?;
        let Some(found) = table.get(key).map_err(failed)? else {
            return Ok(None);
        };
        serde_json::from_slice(found.value())
            .map(Some)
            .map_err(|error| damaged(&error))
    }

    /// What was answered to that sender's control ID.
    pub fn answered(&self, key: &str) -> Result<Option<Answered>, StoreError> {
        let table = self.inner.open_table(INBOUND).map_err(failed)?;
        let Some(found) = table.get(key).map_err(failed)? else {
            return Ok(None);
        };
        read_answered(found.value())
            .map(Some)
            .ok_or_else(|| StoreError("an answer cannot be read".to_owned()))
    }

    /// Remembers what is about to be answered.
    pub fn remember_answer(&self, key: &str, answered: &Answered) -> Result<(), StoreError> {
        let mut table = self.inner.open_table(INBOUND).map_err(failed)?;
        table
            .insert(key, write_answered(answered).as_slice())
            .map_err(failed)?;
        Ok(())
    }

    /// Applies what a workflow wants remembered.
    pub fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            match change {
                Change::Patient(patient) => {
                    self.put(PATIENTS, &key(&[&patient.facility, &patient.mrn]), patient)?;
                }
                Change::Appointment {
                    before,
                    after,
                    alias,
                } => {
                    self.apply_appointment(before.as_ref(), after, alias.as_ref())?;
                }
                Change::Result { key, state } => self.put(RESULTS, key, state)?,
            }
        }
        Ok(())
    }

    fn apply_appointment(
        &self,
        before: Option<&AppointmentState>,
        after: &AppointmentState,
        alias: Option<&String>,
    ) -> Result<(), StoreError> {
        let booking_key = |resource: &str| key(&[&after.facility, resource, &after.id]);
        if let Some(before) = before {
            let mut table = self.inner.open_table(BOOKINGS).map_err(failed)?;
            for resource in before.resources() {
                table
                    .remove(booking_key(&resource).as_str())
                    .map_err(failed)?;
            }
        }
        if after.live {
            let booking = Booking {
                appointment: after.id.clone(),
                start: after.start,
                end: after.end,
            };
            for resource in after.resources() {
                self.put(BOOKINGS, &booking_key(&resource), &booking)?;
            }
        }
        if let Some(alias) = alias {
            let mut table = self.inner.open_table(APPOINTMENT_ALIASES).map_err(failed)?;
            table
                .insert(key(&[&after.facility, alias]).as_str(), after.id.as_str())
                .map_err(failed)?;
        }
        self.put(APPOINTMENTS, &key(&[&after.facility, &after.id]), after)
    }

    /// Puts work into the outbox; it is handed to the deliverers once this transaction is on disk.
    pub fn enqueue(&self, items: &[WorkItem]) -> Result<Vec<u64>, StoreError> {
        let mut table = self.inner.open_table(OUTBOX).map_err(failed)?;
        let mut ids = Vec::with_capacity(items.len());
        for item in items {
            let id = self.next_id.get();
            self.next_id.set(id + 1);
            let json = serde_json::to_vec(item).map_err(|error| damaged(&error))?;
            table.insert(id, json.as_slice()).map_err(failed)?;
            self.queued.borrow_mut().push(Queued {
                id,
                lane: item.lane.clone(),
            });
            ids.push(id);
        }
        Ok(ids)
    }

    /// Takes delivered work out of the outbox.
    pub fn remove(&self, id: u64) -> Result<(), StoreError> {
        self.inner
            .open_table(OUTBOX)
            .map_err(failed)?
            .remove(id)
            .map_err(failed)?;
        Ok(())
    }

    /// Moves work that no try can deliver from the outbox to the failures.
    pub fn give_up(&self, delivery: &FailedDelivery) -> Result<(), StoreError> {
        self.remove(delivery.id)?;
        let json = serde_json::to_vec(delivery).map_err(|error| damaged(&error))?;
        self.inner
            .open_table(FAILED)
            .map_err(failed)?
            .insert(delivery.id, json.as_slice())
            .map_err(failed)?;
        Ok(())
    }

    /// The order that a business identifier of the facility names.
    pub fn order_by_identifier(
        &self,
        key: &str,
    ) -> Result<Option<(String, StoredOrder)>, StoreError> {
        let table = self.inner.open_table(ORDER_IDENTIFIERS).map_err(failed)?;
        let Some(id) = table
            .get(key)
            .map_err(failed)?
            .map(|found| found.value().to_owned())
        else {
            return Ok(None);
        };
        Ok(self.get(ORDERS, &id)?.map(|order| (id, order)))
    }

    /// Stores an order under its id and its identifiers.
    pub fn put_order(
        &self,
        id: &str,
        order: &StoredOrder,
        identifiers: impl IntoIterator<Item = String>,
    ) -> Result<(), StoreError> {
        let mut table = self.inner.open_table(ORDER_IDENTIFIERS).map_err(failed)?;
        for identifier in identifiers {
            table.insert(identifier.as_str(), id).map_err(failed)?;
        }
        drop(table);
        self.put(ORDERS, id, order)
    }

    /// Whether a batch file of that digest was booked.
    pub fn is_booked(&self, digest: &str) -> Result<bool, StoreError> {
        let table = self.inner.open_table(BATCHES).map_err(failed)?;
        Ok(table.get(digest).map_err(failed)?.is_some())
    }

    /// Remembers that a batch file was booked.
    pub fn book(&self, digest: &str, at: &str) -> Result<(), StoreError> {
        self.inner
            .open_table(BATCHES)
            .map_err(failed)?
            .insert(digest, at)
            .map_err(failed)?;
        Ok(())
    }
}

impl Known for Transaction {
    fn patient(&self, facility: &str, mrn: &str) -> Result<Option<PatientState>, Unreadable> {
        self.get(PATIENTS, &key(&[facility, mrn]))
            .map_err(|_| Unreadable)
    }

    fn appointment(
        &self,
        facility: &str,
        id: &str,
    ) -> Result<Option<AppointmentState>, Unreadable> {
        let own = key(&[facility, id]);
        if let Some(found) = self.get(APPOINTMENTS, &own).map_err(|_| Unreadable)? {
            return Ok(Some(found));
        }
        let aliases = self
            .inner
            .open_table(APPOINTMENT_ALIASES)
            .map_err(|_| Unreadable)?;
        let Some(alias) = aliases.get(own.as_str()).map_err(|_| Unreadable)? else {
            return Ok(None);
        };
        self.get(APPOINTMENTS, &key(&[facility, alias.value()]))
            .map_err(|_| Unreadable)
    }

    fn bookings(&self, facility: &str, resource: &str) -> Result<Vec<Booking>, Unreadable> {
        let table = self.inner.open_table(BOOKINGS).map_err(|_| Unreadable)?;
        let first = key(&[facility, resource, ""]);
        let mut bookings = Vec::new();
        for entry in table.range(first.as_str()..).map_err(|_| Unreadable)? {
            let (name, booking) = entry.map_err(|_| Unreadable)?;
            if !name.value().starts_with(&first) {
                break;
            }
            bookings.push(serde_json::from_slice(booking.value()).map_err(|_| Unreadable)?);
        }
        Ok(bookings)
    }

    fn result(&self, key: &str) -> Result<Option<ResultState>, Unreadable> {
        self.get(RESULTS, key).map_err(|_| Unreadable)
    }
}

/// Accepted flag, digest, then each reply with its length before it (four bytes, big-endian).
fn write_answered(answered: &Answered) -> Vec<u8> {
    let mut bytes = vec![u8::from(answered.accepted)];
    bytes.extend_from_slice(&answered.digest);
    for reply in &answered.replies {
        let length = u32::try_from(reply.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(reply);
    }
    bytes
}

fn read_answered(bytes: &[u8]) -> Option<Answered> {
    let (accepted, rest) = bytes.split_first()?;
    let (digest, mut rest) = rest.split_first_chunk::<32>()?;
    let mut replies = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        replies.push(tail.get(..length)?.to_vec());
        rest = &tail[length..];
    }
    Some(Answered {
        digest: *digest,
        accepted: *accepted == 1,
        replies,
    })
}
