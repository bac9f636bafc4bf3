//! A population is coherent, repeatable, and the committed set is one.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use wardgate_synth::{Chart, Json, Population, Record, Seed};

fn lines(patients: usize, seed: u64) -> String {
    let mut out = String::new();
    Population::generate(patients, &Seed::from_u64(seed))
        .for_each(|chart| chart.write_lines(&mut out));
    out
}

fn text<'a>(record: &'a Record, path: &str) -> &'a str {
    record.get(path).and_then(Json::as_str).unwrap()
}

#[test]
fn the_committed_set_is_what_its_seed_gives() {
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
    let mut digest = String::new();
    for byte in Sha256::digest(records.as_bytes()) {
        write!(digest, "{byte:02x}").unwrap();
    }
    // Compared line by line first, since a whole file is no readable difference.
    let committed = include_str!("../../sets/small/records.jsonl");
    for (number, (made, kept)) in records.lines().zip(committed.lines()).enumerate() {
        assert_eq!(made, kept, "line {}", number + 1);
    }
    assert!(records == committed, "the committed set has another length");
    assert_eq!(
        manifest.text(&[("records.jsonl", &digest)]),
        include_str!("../../sets/small/manifest.json")
    );
}

#[test]
fn every_line_of_the_committed_set_reads_back() {
    for line in include_str!("../../sets/small/records.jsonl").lines() {
        let record = Record::from_json(&Json::parse(line).unwrap()).unwrap();
        let mut again = String::new();
        record.write_line(&mut again);
        assert_eq!(again.trim_end(), line);
    }
}

#[test]
fn a_smaller_population_is_the_beginning_of_a_larger_one() {
    let (small, large) = (lines(30, 9), lines(60, 9));
    assert!(large.starts_with(&small));
    assert_eq!(large, lines(60, 9));
    assert_ne!(lines(30, 10), small);
    assert_eq!(lines(0, 9), "");
}

#[test]
fn a_population_below_a_path_differs_from_that_of_the_root() {
    let root = Seed::from_u64(9);
    let below: Vec<Chart> = Population::generate(3, &root.child("left")).collect();
    assert_ne!(below, Population::generate(3, &root).collect::<Vec<_>>());
    assert!(below[0].patient.seed_path.starts_with("left/patient/0"));
    assert!(
        below[0].charges[0]
            .seed_path
            .starts_with("left/patient/0/encounter/0/charge/0")
    );
}

#[test]
fn everything_in_a_chart_is_about_the_same_person_and_visit() {
    let population = Population::generate(200, &Seed::from_u64(11));
    let practitioners: HashSet<String> =
        population.practitioners().map(|record| record.id).collect();
    let mut kinds = HashMap::new();
    for chart in population {
        let visits: HashSet<&str> = chart
            .encounters
            .iter()
            .map(|visit| visit.id.as_str())
            .collect();
        for record in chart.records() {
            *kinds.entry(record.kind).or_insert(0) += 1;
            if record.kind == wardgate_synth::Kind::Patient {
                continue;
            }
            assert_eq!(
                record.get("patient"),
                Some(&chart.patient.fields),
                "{}",
                record.seed_path
            );
            if record.kind != wardgate_synth::Kind::Charge {
                assert!(practitioners.contains(text(record, "practitioner.id")));
            }
            if let Some(visit) = record.get("visit_number").and_then(Json::as_str) {
                assert!(visits.contains(visit), "{}", record.seed_path);
            }
        }
        assert_eq!(chart.orders.len(), chart.results.len());
        for (order, result) in chart.orders.iter().zip(&chart.results) {
            assert_eq!(order.get("order_number"), result.get("order_number"));
            assert_eq!(order.get("code"), result.get("code"));
        }
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

#[test]
fn no_identifier_stands_for_two_things() {
    let mut seen = HashSet::new();
    let mut count = 0;
    for chart in Population::generate(2_000, &Seed::from_u64(12)) {
        for record in chart.records() {
            assert!(seen.insert(record.id.clone()), "{}", record.id);
            count += 1;
        }
    }
    assert!(count > 20_000, "{count}");
}

#[test]
fn nobody_is_in_two_places_at_once() {
    let mut booked: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for chart in Population::generate(300, &Seed::from_u64(13)) {
        let span = |record: &Record| {
            (
                text(record, "start").to_owned(),
                text(record, "end").to_owned(),
            )
        };
        no_overlap(&chart.encounters.iter().map(span).collect::<Vec<_>>());
        for appointment in &chart.appointments {
            booked
                .entry(text(appointment, "practitioner.id").to_owned())
                .or_default()
                .push(span(appointment));
        }
    }
    assert_eq!(booked.len(), 15);
    for spans in booked.values() {
        no_overlap(spans);
    }
}

fn no_overlap(spans: &[(String, String)]) {
    let mut spans: Vec<(jiff::Timestamp, jiff::Timestamp)> = spans
        .iter()
        .map(|(start, end)| (start.parse().unwrap(), end.parse().unwrap()))
        .collect();
    spans.sort_unstable();
    for pair in spans.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{pair:?}");
    }
}
