//! Paying the claims of one interchange: one remittance for each payer and provider.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use wardgate_core::port::{Effect, Moment, Verb};

use super::adjudicate::{Adjudication, LineDecision, reversed};
use super::letter::{Correspondents, Heading, Stamp};
use super::outbox::Issue;
use super::remittance::{Entry, FUNCTIONAL_ID, Remittance, VERSION};
use super::server::Clearinghouse;
use super::settings::Defect;
use super::store::Row;

/// How late a remittance is where it is to be late.
const LATE: Duration = Duration::from_secs(2);

/// How many payers and providers something is carried forward for.
const OWED_MAX: usize = 10_000;

/// A claim that goes into a remittance, by its number in the store.
#[derive(Clone, Debug)]
pub(super) struct Due {
    number: u64,
    row: Arc<Row>,
    lines: Vec<LineDecision>,
    is_reversal: bool,
}

impl Due {
    /// What was decided of a claim; None where nothing is decided yet.
    pub(super) fn payment(number: u64, row: &Arc<Row>) -> Option<Self> {
        let Some(Adjudication::Decided(lines)) = &row.adjudication else {
            return None;
        };
        Some(Self {
            number,
            row: row.clone(),
            lines: lines.clone(),
            is_reversal: false,
        })
    }

    /// What takes back what was decided of a claim; None where nothing was.
    pub(super) fn reversal(number: u64, row: &Arc<Row>) -> Option<Self> {
        let payment = Self::payment(number, row)?;
        Some(Self {
            lines: reversed(&payment.lines),
            is_reversal: true,
            ..payment
        })
    }

    fn group(&self) -> (String, String) {
        let claim = &self.row.claim;
        (
            claim.payer.key().to_owned(),
            claim.provider.key().to_owned(),
        )
    }
}

impl Clearinghouse {
    /// Issues the remittances for what is due, and puts them into the submitter's outbox.
    pub(super) fn settle(
        &mut self,
        at: Moment,
        to: &Correspondents,
        stamp: &Stamp,
        due: Vec<Due>,
    ) -> Vec<Effect> {
        // In the order of their first claims.
        let mut groups: Vec<((String, String), Vec<Due>)> = Vec::new();
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        for due in due {
            let group = due.group();
            let place = *places.entry(group.clone()).or_insert(groups.len());
            match groups.get_mut(place) {
                Some((_, all)) => all.push(due),
                None => groups.push((group, vec![due])),
            }
        }
        groups
            .into_iter()
            .filter_map(|(group, due)| self.issue(at, to, stamp, &group, &due))
            .collect()
    }

    fn issue(
        &mut self,
        at: Moment,
        to: &Correspondents,
        stamp: &Stamp,
        group: &(String, String),
        due: &[Due],
    ) -> Option<Effect> {
        let first = due.first()?;
        let remittance = Remittance {
            trace: self.trace(),
            payer: first.row.claim.payer.clone(),
            payee: first.row.claim.provider.clone(),
            entries: self.entries(due),
            before: self.owed.get(group).cloned(),
        };
        let trace = remittance.trace.clone();
        let said = if self.settings.has(Defect::WrongTrace) {
            self.trace()
        } else {
            trace.clone()
        };
        let count = if self.settings.has(Defect::DuplicateRemittance) {
            2
        } else {
            1
        };
        let late = if self.settings.has(Defect::LateRemittance) {
            LATE
        } else {
            Duration::ZERO
        };
        let mut text = Bytes::new();
        for _ in 0..count {
            let heading = Heading {
                to,
                stamp,
                control_number: self.control_number(),
                functional_id: FUNCTIONAL_ID,
                version: VERSION,
            };
            text = Bytes::from(remittance.write(&heading, &said).ok()?);
            self.outbox
                .put(&to.sender.1, "835", text.clone(), at.elapsed + late);
        }
        if remittance.owed().is_zero() {
            self.owed.remove(group);
        } else {
            self.owed
                .insert(group.clone(), (remittance.owed(), trace.clone()));
            if self.owed.len() > OWED_MAX {
                self.owed.pop_first();
            }
        }
        for due in due.iter().filter(|due| !due.is_reversal) {
            self.claims
                .change(due.number, at, |row| row.trace.clone_from(&trace));
        }
        self.remittances.keep(
            at,
            Issue {
                trace: &trace,
                submitter: &to.sender.1,
                payer: &group.0,
                payee: &group.1,
                paid: remittance.paid(),
                owed: remittance.owed(),
                claims: due.iter().map(|due| due.row.claim.number.clone()).collect(),
                text: &text,
            },
        );
        Some(Effect {
            verb: Verb::Created,
            subject: format!("remittances/{trace}"),
            keys: vec![trace],
        })
    }

    fn entries(&self, due: &[Due]) -> Vec<Entry> {
        let mut is_mismatched = self.settings.has(Defect::MismatchedClaim);
        due.iter()
            .map(|due| {
                let number = &due.row.claim.number;
                let number = if std::mem::take(&mut is_mismatched) {
                    let other = if number.starts_with('X') { 'Y' } else { 'X' };
                    number
                        .chars()
                        .skip(1)
                        .fold(String::from(other), |mut text, letter| {
                            text.push(letter);
                            text
                        })
                } else {
                    number.clone()
                };
                Entry {
                    claim: due.row.claim.clone(),
                    payer_claim: due.row.payer_claim.clone(),
                    lines: due.lines.clone(),
                    is_reversal: due.is_reversal,
                    number,
                }
            })
            .collect()
    }

    /// A trace number: TRN02, which STC09 repeats in at most sixteen characters.
    fn trace(&mut self) -> String {
        let mut token = self.identifiers.token().to_ascii_uppercase();
        token.truncate(15);
        token
    }
}
