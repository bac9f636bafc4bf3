//! The tables of the database. A value of type [`Json`] is a record of `state` or `work` as JSON.

use redb::TableDefinition;

/// A record as JSON.
pub(super) type Json = &'static [u8];

/// Sender and control ID to what was answered.
pub(super) const INBOUND: TableDefinition<&str, &[u8]> = TableDefinition::new("inbound");
/// Number to work item.
pub(super) const OUTBOX: TableDefinition<u64, Json> = TableDefinition::new("outbox");
/// Number to what is known of a delivery that was given up.
pub(super) const FAILED: TableDefinition<u64, Json> = TableDefinition::new("failed");
pub(super) const PATIENTS: TableDefinition<&str, Json> = TableDefinition::new("patients");
pub(super) const APPOINTMENTS: TableDefinition<&str, Json> = TableDefinition::new("appointments");
/// Placer's appointment ID to the ID under which the appointment is kept.
pub(super) const APPOINTMENT_ALIASES: TableDefinition<&str, &str> =
    TableDefinition::new("appointment-aliases");
pub(super) const BOOKINGS: TableDefinition<&str, Json> = TableDefinition::new("bookings");
pub(super) const RESULTS: TableDefinition<&str, Json> = TableDefinition::new("results");
/// Order id to the order.
pub(super) const ORDERS: TableDefinition<&str, Json> = TableDefinition::new("orders");
/// Facility and business identifier to order id.
pub(super) const ORDER_IDENTIFIERS: TableDefinition<&str, &str> =
    TableDefinition::new("order-identifiers");
/// Digest of a batch file to when it was booked.
pub(super) const BATCHES: TableDefinition<&str, &str> = TableDefinition::new("batches");
