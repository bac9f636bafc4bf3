//! A coherent set of patients with everything that happened to them.

use std::ops::Range;

use jiff::civil::Date;
use wardgate_expression::Json;

use crate::calendar::{REFERENCE_DATE, days_between};
use crate::choices::Choices;
use crate::facts::{APPOINTMENT_DAYS, Scene, VISIT_SLOT_DAYS, make};
use crate::{Identifiers, Kind, Manifest, Record, Seed};

/// How many patients share a practitioner.
const PATIENTS_PER_PRACTITIONER: usize = 20;

/// How many visits a patient has at most.
const VISITS_MAX: u32 = 3;

/// How many days of a practitioner's schedule each of their patients may use; one stays free.
const DAYS_PER_PATIENT: u32 = 3;

// The days of all patients of a practitioner fit into the days ahead.
const _: () = assert!(APPOINTMENT_DAYS == 20 * DAYS_PER_PATIENT && PATIENTS_PER_PRACTITIONER == 20);

/// Everything that happened to one patient. The same person stands in every record.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The person.
    pub patient: Record,
    /// One to three visits.
    pub encounters: Vec<Record>,
    /// Up to two appointments.
    pub appointments: Vec<Record>,
    /// Up to two laboratory orders a visit.
    pub orders: Vec<Record>,
    /// One result for each order.
    pub results: Vec<Record>,
    /// Up to one medication order a visit.
    pub medication_orders: Vec<Record>,
    /// One to four charges a visit.
    pub charges: Vec<Record>,
}

impl Chart {
    /// Every record, the patient first.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        std::iter::once(&self.patient)
            .chain(&self.encounters)
            .chain(&self.appointments)
            .chain(&self.orders)
            .chain(&self.results)
            .chain(&self.medication_orders)
            .chain(&self.charges)
    }

    /// Appends every record as a line of JSON.
    pub fn write_lines(&self, out: &mut String) {
        for record in self.records() {
            record.write_line(out);
        }
    }
}

/// A stream of [`Chart`]s. Patient `n` depends on the seed, the logical date and `n` alone, so a smaller population is
/// the beginning of a larger one. Visits of a patient do not overlap, nor do appointments of a practitioner.
#[derive(Clone, Debug)]
pub struct Population {
    seed: Seed,
    identifiers: Identifiers,
    logical_date: Date,
    patients: usize,
    next: usize,
    /// The practitioner of the patient drawn last; twenty in a row share one.
    practitioner: Option<(usize, Record)>,
}

impl Population {
    /// That many patients at [`REFERENCE_DATE`].
    pub fn generate(patients: usize, seed: &Seed) -> Self {
        Self::generate_at(patients, seed, REFERENCE_DATE)
    }

    /// That many patients at a logical date.
    pub fn generate_at(patients: usize, seed: &Seed, logical_date: Date) -> Self {
        Self {
            identifiers: Identifiers::new(seed, "population"),
            seed: seed.clone(),
            logical_date,
            patients,
            next: 0,
            practitioner: None,
        }
    }

    /// The practitioners whom the records of the charts name, each once.
    pub fn practitioners(&self) -> impl Iterator<Item = Record> {
        (0..self.patients.div_ceil(PATIENTS_PER_PRACTITIONER)).map(|index| self.practitioner(index))
    }

    /// A manifest of this population; the caller counts into it what it writes.
    pub fn manifest(&self) -> Manifest {
        Manifest::new(&self.seed, self.logical_date, self.patients)
    }

    fn record(&self, kind: Kind, seed: &Seed, scene: &Scene<'_>) -> Record {
        let fields = make(kind, &mut Choices::drawn(seed.rng()), scene);
        Record::stamped(kind, fields, &self.identifiers.of_seed(seed), seed.path())
    }

    fn practitioner(&self, index: usize) -> Record {
        let seed = self.seed.child("practitioner").child(index);
        self.record(Kind::Practitioner, &seed, &Scene::on(self.logical_date))
    }

    /// The chart of patient `index`, from 0.
    fn chart(&self, index: usize, practitioner: &Record) -> Chart {
        let seed = self.seed.child("patient").child(index);
        let patient = self.record(Kind::Patient, &seed, &Scene::on(self.logical_date));
        let scene = Scene {
            patient: Some(&patient.fields),
            practitioner: Some(&practitioner.fields),
            ..Scene::on(self.logical_date)
        };
        // How much happens to a patient is a draw of its own.
        let mut choices = Choices::drawn(seed.child("course").rng());
        let visits = (1 + choices.below(VISITS_MAX)).min(self.slots_lived(&patient).max(1));
        let encounters: Vec<Record> = self
            .slots(Kind::Encounter, &seed, 0..visits, scene)
            .collect();
        // Every patient of a practitioner has days of their own.
        let rank = u32::try_from(index % PATIENTS_PER_PRACTITIONER).unwrap_or(0);
        let first = rank * DAYS_PER_PATIENT;
        let appointments = self
            .slots(
                Kind::Appointment,
                &seed,
                first..first + choices.below(DAYS_PER_PATIENT),
                scene,
            )
            .collect();
        let mut chart = Chart {
            encounters: Vec::new(),
            appointments,
            orders: Vec::new(),
            results: Vec::new(),
            medication_orders: Vec::new(),
            charges: Vec::new(),
            patient: patient.clone(),
        };
        for (number, encounter) in encounters.iter().enumerate() {
            let during = Scene {
                encounter: Some(&encounter.fields),
                ..scene
            };
            let seed = seed.child(Kind::Encounter.name()).child(number);
            self.course(&mut chart, &seed, &during, &mut choices);
        }
        chart.encounters = encounters;
        chart
    }

    /// What happens during one visit.
    fn course(&self, chart: &mut Chart, seed: &Seed, during: &Scene<'_>, choices: &mut Choices) {
        for index in 0..choices.below(3) {
            let seed = seed.child("order").child(index);
            let order = self.record(Kind::Order, &seed, during);
            let answering = Scene {
                order: Some(&order.fields),
                ..*during
            };
            chart
                .results
                .push(self.record(Kind::Result, &seed.child("result"), &answering));
            chart.orders.push(order);
        }
        if choices.below(2) == 1 {
            chart.medication_orders.push(self.record(
                Kind::MedicationOrder,
                &seed.child("medication-order"),
                during,
            ));
        }
        for index in 0..=choices.below(4) {
            chart.charges.push(self.record(
                Kind::Charge,
                &seed.child("charge").child(index),
                during,
            ));
        }
    }

    /// One record of a kind for each slot.
    fn slots<'a>(
        &'a self,
        kind: Kind,
        seed: &Seed,
        slots: Range<u32>,
        scene: Scene<'a>,
    ) -> impl Iterator<Item = Record> + 'a {
        let seeds = seed.child(kind.name());
        slots.enumerate().map(move |(index, slot)| {
            let scene = Scene {
                slot: Some(slot),
                ..scene
            };
            self.record(kind, &seeds.child(index), &scene)
        })
    }

    /// How many visit slots lie wholly within the patient's life.
    fn slots_lived(&self, patient: &Record) -> u32 {
        let birth = patient
            .get("birth_date")
            .and_then(Json::as_str)
            .and_then(|text| text.parse().ok());
        birth.map_or(0, |birth| {
            days_between(birth, self.logical_date) / VISIT_SLOT_DAYS
        })
    }
}

impl Iterator for Population {
    type Item = Chart;

    fn next(&mut self) -> Option<Chart> {
        if self.next >= self.patients {
            return None;
        }
        let index = self.next / PATIENTS_PER_PRACTITIONER;
        let practitioner = match self.practitioner.take() {
            Some((known, practitioner)) if known == index => practitioner,
            _ => self.practitioner(index),
        };
        let chart = self.chart(self.next, &practitioner);
        self.practitioner = Some((index, practitioner));
        self.next += 1;
        Some(chart)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.patients - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Population {}
