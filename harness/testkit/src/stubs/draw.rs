//! Synthetic records for tests.

use wardgate_core::bindings;
use wardgate_expression::Json;
use wardgate_synth::{Draw, Identifiers, Kind, REFERENCE_DATE, Record, Seed};

use crate::seed;

/// A synthetic record that belongs to nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    record: Record,
}

impl Drawn {
    /// Its kind, such as `patient`.
    pub fn kind(&self) -> &'static str {
        self.record.kind.name()
    }

    /// Its members as one object.
    pub fn json(&self) -> &Json {
        &self.record.fields
    }

    /// A member by its path, such as `family` or `charges[0].amount`, as text.
    ///
    /// # Panics
    ///
    /// When it has no such member.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        match self.record.get(path) {
            Some(value) => bindings::plain(value),
            None => panic!(
                "a {} has no '{path}'; this one is {}",
                self.kind(),
                self.record.fields
            ),
        }
    }
}

/// Draws one record after the other.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    source: Option<(Seed, Identifiers)>,
    drawn: Vec<Record>,
}

impl Drawing {
    pub(super) fn draw(&mut self, kind: &str) -> Result<Drawn, String> {
        let kind = Kind::parse(kind).ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            format!(
                "there is no kind of record '{kind}'; there are {}",
                known.join(", ")
            )
        })?;
        if self.source.is_none() {
            let seed = Seed::from_u64(seed::choose_and_say()?).child("testkit");
            let identifiers = Identifiers::new(&seed, "stubs");
            self.source = Some((seed, identifiers));
        }
        let Some((seed, identifiers)) = &self.source else {
            return Err(String::from("there is no seed"));
        };
        let step = self.drawn.len();
        let (seed, identifiers) = (seed.child(step), identifiers.child(step));
        let first = |wanted: Kind| {
            self.drawn
                .iter()
                .find(|record| record.kind == wanted && kind != wanted)
                .map(|record| &record.fields)
        };
        let mut draw = Draw::new(kind, &seed, &identifiers, REFERENCE_DATE);
        if let Some(patient) = first(Kind::Patient) {
            draw = draw.patient(patient);
        }
        if let Some(practitioner) = first(Kind::Practitioner) {
            draw = draw.practitioner(practitioner);
        }
        if let Some(encounter) = first(Kind::Encounter) {
            draw = draw.encounter(encounter);
        }
        if let Some(order) = first(Kind::Order) {
            draw = draw.order(order);
        }
        let record = draw.record().map_err(|error| error.to_string())?;
        self.drawn.push(record.clone());
        Ok(Drawn { record })
    }
}
