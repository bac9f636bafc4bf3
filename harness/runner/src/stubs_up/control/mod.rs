//! The control API of stubs that are served without a plan: JSON over HTTP, for people and for tests in any language.
//!
//! | route | what it does |
//! |---|---|
//! | `GET /` | lists the routes |
//! | `GET /partners` | every partner: its name, protocol and address, what it holds and how much it received |
//! | `GET /partners/{name}` | one of them |
//! | `GET /partners/{name}/held` | its collections and how many records each holds |
//! | `GET /partners/{name}/held/{collection}` | the records: `?offset=N&limit=N` |
//! | `POST /partners/{name}/held/{collection}` | holds more: one record, an array of them or NDJSON; all of them or none |
//! | `GET /partners/{name}/received` | what it received: `?since=N&limit=N&wait=MS` |
//! | `POST /partners/{name}/faults` | makes it behave badly: `{"down": 2}`, `{"refuse": {"with": "503", "attempts": 2}}` |
//! | `DELETE /partners/{name}/faults` | makes it behave well again |
//! | `POST /partners/{name}/snapshot` | remembers what it holds |
//! | `POST /partners/{name}/reset` | back to the last snapshot, or to how it was started |
//! | `POST /snapshot`, `POST /reset` | the same for every partner |
//!
//! Whatever is refused is answered with `{"error": what is wrong, "expected": what would be right}`. Bodies, pages and
//! waits are bounded, and so is the time that a request may take to arrive.
//!
//! There are no credentials, so it is bound to loopback unless told otherwise, and keeps browsers out: a request that
//! another site's page makes is refused by its `Origin`, one that got here by a rebound DNS name by its `Host`.
//! `stubs/README.md` shows every route in use.

mod answer;
mod api;
mod faults;
mod guard;
mod held;
mod query;
mod received;
mod route;
mod server;

pub use route::{ROUTES, RouteInfo};
pub(super) use server::serve;
