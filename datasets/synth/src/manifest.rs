//! What a data set says about itself.

use std::collections::BTreeMap;

use jiff::civil::Date;
use wardgate_expression::{Json, Object};

use crate::{Kind, Record, Seed};

/// The version of the generator. It changes when the same seed no longer gives the same bytes.
pub const GENERATOR_VERSION: u32 = 1;

/// The description that goes with a generated set, so that anyone can make it again and see that it is the same.
#[derive(Clone, Debug)]
pub struct Manifest {
    seed: String,
    logical_date: Date,
    patients: usize,
    counts: BTreeMap<Kind, u64>,
}

impl Manifest {
    /// The manifest of a set of that many patients, its records not yet counted.
    pub fn new(seed: &Seed, logical_date: Date, patients: usize) -> Self {
        Self {
            seed: seed.to_string(),
            logical_date,
            patients,
            counts: BTreeMap::new(),
        }
    }

    /// Counts a record that was written.
    pub fn count(&mut self, record: &Record) {
        *self.counts.entry(record.kind).or_default() += 1;
    }

    /// The manifest as JSON over several lines. `files` are the names of the files of the set with the SHA-256 of each
    /// in hexadecimal, which the caller, who writes them, computes.
    pub fn text(&self, files: &[(&str, &str)]) -> String {
        let mut generator = Object::new();
        generator.push("name", "wardgate-synth");
        generator.push("version", GENERATOR_VERSION);
        let counts: Object = self
            .counts
            .iter()
            .map(|(kind, count)| (kind.name(), *count))
            .collect();
        let files: Object = files
            .iter()
            .map(|(name, digest)| (*name, format!("sha256:{digest}")))
            .collect();
        let mut manifest = Object::new();
        manifest.push("wardgate_dataset", 1_u32);
        manifest.push("generator", Json::Object(generator));
        manifest.push("seed", self.seed.as_str());
        manifest.push("logical_date", self.logical_date.to_string());
        manifest.push("patients", self.patients);
        manifest.push("records", Json::Object(counts));
        manifest.push(
            "provenance",
            "Synthetic. Made from the seed alone; no record of a real person was read. Names are drawn at random from \
             lists; telephone numbers, mail domains, postal codes and national identifiers are from ranges set aside or \
             never issued.",
        );
        manifest.push("files", Json::Object(files));
        let mut text = Json::Object(manifest).pretty();
        text.push('\n');
        text
    }
}
