//! One record, of which something may be asked.

use jiff::civil::Date;
use wardgate_expression::Json;

use crate::choices::Choices;
use crate::facts::{Scene, make};
use crate::{Identifiers, Kind, Record, Seed};

/// How often a draw is repeated until its filter holds.
pub const TRIES_MAX: u32 = 1_000;

/// A question about the fields of a record, such as `age >= 18`.
pub type Filter<'a> = &'a dyn Fn(&Json) -> bool;

/// Why nothing was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// No try met the filter; it is probably too narrow or never true.
    #[error(
        "draw a {kind}: none of {tries} tries met the condition, which may be too narrow or never true"
    )]
    NoneFits {
        /// What was to be drawn.
        kind: Kind,
        /// How many were tried.
        tries: u32,
    },
}

/// A draw with what it depends on. [`draw`] is the short form.
///
/// Identifiers come from `identifiers` and the seed's path, so that two draws with different seeds never share one, and
/// the same draw has the same ones whatever its filter rejected.
#[derive(Clone, Copy)]
pub struct Draw<'a> {
    kind: Kind,
    seed: &'a Seed,
    identifiers: &'a Identifiers,
    scene: Scene<'a>,
    filter: Option<Filter<'a>>,
}

impl<'a> Draw<'a> {
    /// A draw of anything of that kind. Ages count at `logical_date`; visits and orders lie before it, appointments
    /// after it.
    pub fn new(
        kind: Kind,
        seed: &'a Seed,
        identifiers: &'a Identifiers,
        logical_date: Date,
    ) -> Self {
        Self {
            kind,
            seed,
            identifiers,
            scene: Scene::on(logical_date),
            filter: None,
        }
    }

    /// The patient the record is about, instead of a new one.
    pub fn patient(mut self, fields: &'a Json) -> Self {
        self.scene.patient = Some(fields);
        self
    }

    /// The practitioner who takes part, instead of a new one.
    pub fn practitioner(mut self, fields: &'a Json) -> Self {
        self.scene.practitioner = Some(fields);
        self
    }

    /// The visit during which it happens: its number, patient and practitioner are the record's, and times follow its
    /// start. A stay is that visit with charges.
    pub fn encounter(mut self, fields: &'a Json) -> Self {
        self.scene.encounter = Some(fields);
        self
    }

    /// The order that a result answers: its numbers, test and time are the result's.
    pub fn order(mut self, fields: &'a Json) -> Self {
        self.scene.order = Some(fields);
        self
    }

    /// What the record must meet; it sees the fields as they will be, age and identifiers included.
    pub fn filter(mut self, filter: Filter<'a>) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Draws, up to [`TRIES_MAX`] times.
    pub fn record(&self) -> Result<Record, DrawError> {
        let identifiers = self.identifiers.of_seed(self.seed);
        let attempt = |rng| {
            let fields = make(self.kind, &mut Choices::drawn(rng), &self.scene);
            Record::stamped(self.kind, fields, &identifiers, self.seed.path())
        };
        let first = attempt(self.seed.rng());
        let Some(filter) = self.filter else {
            return Ok(first);
        };
        if filter(&first.fields) {
            return Ok(first);
        }
        (1..TRIES_MAX)
            .map(|again| attempt(self.seed.child("try").child(again).rng()))
            .find(|record| filter(&record.fields))
            .ok_or(DrawError::NoneFits {
                kind: self.kind,
                tries: TRIES_MAX,
            })
    }
}

/// Draws one record of a kind, of which `filter` may ask something; see [`Draw`] for more.
pub fn draw(
    kind: Kind,
    seed: &Seed,
    identifiers: &Identifiers,
    logical_date: Date,
    filter: Option<Filter<'_>>,
) -> Result<Record, DrawError> {
    let mut drawing = Draw::new(kind, seed, identifiers, logical_date);
    drawing.filter = filter;
    drawing.record()
}
