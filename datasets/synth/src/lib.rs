//! Seeded people, visits, orders, charges, appointments and results that belong to nobody.
//!
//! A [`Record`] is a protocol-neutral fact: an object of named fields that each protocol renders in its own way. This
//! room knows no protocol and reaches no socket, file, clock or ambient randomness: seeds, salts and the logical date
//! come in as arguments, and the same arguments give the same bytes.
//!
//! - [`Seed`]: one root, split by path, so that one more draw in one place changes nothing elsewhere.
//! - [`Kind`] and [`FieldDoc`]: which facts there are and which fields each has; the reference for contract authors.
//! - [`draw`] and [`Draw`]: one record, of which a filter may ask something ("an adult").
//! - [`Identifiers`]: numbers that no other case, attempt or run uses; [`stamp`](Identifiers::stamp) writes them.
//! - [`strategy`]: the same facts for property tests, shrinking to the plainest record.
//! - [`Population`]: a coherent set of patients with everything that happened to them, streamed.
//!
//! Everything that could reach a real person comes from ranges that belong to nobody: telephone numbers 555-0100 to
//! 555-0199, mail at the example domains of RFC 2606, postal codes 00100 to 00399 that are not in use, invented streets
//! and cities, national identifiers in a group that is never issued, and identifiers that start with a letter and `Z`.
//!
//! ```
//! use wardgate_synth::{Identifiers, Kind, Seed, draw};
//!
//! let seed = Seed::from_u64(42).child("registration/adt-a04");
//! let identifiers = Identifiers::new(&seed, "run 1").child("case 7");
//! let adult = |fields: &wardgate_synth::Json| fields.get("age").and_then(wardgate_synth::Json::as_i64) >= Some(18);
//! let today = jiff::civil::date(2026, 3, 1);
//! let patient = draw(Kind::Patient, &seed.child("patient"), &identifiers, today, Some(&adult))?;
//! assert!(patient.get("mrn").is_some());
//! # Ok::<(), wardgate_synth::DrawError>(())
//! ```

mod calendar;
mod choices;
mod draw;
mod facts;
mod fields;
mod identifiers;
mod kind;
mod manifest;
mod money;
mod population;
mod record;
mod reference;
mod seed;
mod strategy;

pub use calendar::REFERENCE_DATE;
pub use draw::{Draw, DrawError, Filter, TRIES_MAX, draw};
pub use fields::{FieldDoc, FieldType};
pub use identifiers::{IdentifierType, Identifiers};
pub use kind::Kind;
pub use manifest::{GENERATOR_VERSION, Manifest};
pub use population::{Chart, Population};
pub use record::{Record, RecordError};
pub use reference::reference;
pub use seed::{PathStep, Seed};
pub use strategy::{RecordStrategy, RecordTree, strategy, strategy_at};
pub use wardgate_expression::Json;
