//! Prints the committed small set: its records on standard output, its manifest on standard error.
//!
//! ```text
//! cargo run -q -p wardgate-synth --example small_set > records.jsonl 2> manifest.json
//! ```

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use wardgate_synth::{Population, Seed};

fn main() {
    let population = Population::generate(25, &Seed::from_u64(42));
    let mut manifest = population.manifest();
    let mut records = String::new();
    for practitioner in population.practitioners() {
        practitioner.write_line(&mut records);
        manifest.count(&practitioner);
    }
    for chart in population {
        chart.write_lines(&mut records);
        chart.records().for_each(|record| manifest.count(record));
    }
    let digest = Sha256::digest(records.as_bytes())
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes every write");
            text
        });
    print!("{records}");
    eprint!("{}", manifest.text(&[("records.jsonl", &digest)]));
}
