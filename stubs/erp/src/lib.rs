//! The ERP: customers, items, sales invoices and the general ledger in the shapes of Business Central's API v2.0.
//!
//! What it does, with what codes it refuses, and what differs from the real one:
//!
//! - Companies (`HOSP` and `CLINIC` unless `companies:` says otherwise) keep separate books; another company's record
//!   is 404. The API answers at `/api/v2.0` and at `/v2.0/…/api/v2.0`.
//! - Customers, items, drafts of invoices and their lines are created, read, listed, changed and deleted. A change
//!   needs `If-Match`: without it the answer is 400 `BadRequest_InvalidToken`, with an older tag 409
//!   `Request_EntityChanged` (412 with `stale: 412`).
//! - `Microsoft.NAV.post` (or `postAndSend`) makes a draft final: it gets a number if it has none, becomes open and
//!   immutable, and the ledger gets its entries, which balance to the cent. `Microsoft.NAV.cancel` turns them round.
//!   A customer has one open invoice for an external document number.
//! - Amounts are exact: a line is rounded to the cent, tax once for each rate on the sum of its lines, half up.
//! - Lists know `$filter`, `$select`, `$expand`, `$orderby`, `$top`, `$skip`, `$count` and pages. What of OData is not
//!   known is refused and never ignored; so is a property that an entity does not have.
//! - Clients send a line's `taxPercent`, which the real one derives from posting groups. Items need not exist, unless
//!   `items: strict`.
//!
//! The stub is a function of its inputs: GUIDs, entity tags and correlation ids follow from the seed, times from the
//! moments it is told.

mod answer;
mod books;
mod call;
mod collections;
mod dates;
mod given;
mod guide;
mod list;
mod money;
mod odata;
mod protocol;
mod records;
mod refusal;
mod render;
mod schema;
mod seeding;
mod selector;
mod server;
mod settings;

pub use protocol::Erp;
