//! The claims that are held, and how they are found again.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rust_decimal::Decimal;
use wardgate_core::port::{Held, MakeRecord, Moment, Record};
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::{View, Views};

use super::adjudicate::Adjudication;
use super::claim::Claim;
use super::judgement::Judgement;
use super::letter::money;
use super::status::Named;

/// How many claims are kept; the oldest go first.
const CLAIMS_MAX: usize = 100_000;

/// How many service lines the claims that are kept have.
const LINES_MAX: usize = 500_000;

/// A claim that is held.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// CLM01, with a count where it was there before.
    pub(crate) id: String,
    pub(crate) claim: Arc<Claim>,
    /// The number that the payer gave it; empty where it was rejected.
    pub(crate) payer_claim: String,
    pub(crate) judgement: Judgement,
    /// None where it was rejected, and of a void.
    pub(crate) adjudication: Option<Adjudication>,
    /// `rejected`, `paid`, `part paid`, `denied`, `pended`, `void` or `replaced`.
    pub(crate) status: &'static str,
    /// The trace number of the remittance that pays it; empty where there is none.
    pub(crate) trace: String,
    /// ISA06 of the interchange that it came in.
    pub(crate) submitter: String,
    pub(crate) changed: Moment,
}

impl Row {
    /// A claim that was just taken in.
    pub(crate) fn new(
        claim: Arc<Claim>,
        judgement: Judgement,
        adjudication: Option<Adjudication>,
        payer_claim: String,
        submitter: &str,
        changed: Moment,
    ) -> Self {
        let status = match &adjudication {
            Some(adjudication) => adjudication.status(claim.charge),
            None if judgement.is_accepted() => "void",
            None => "rejected",
        };
        Self {
            id: claim.number.clone(),
            claim,
            payer_claim,
            judgement,
            adjudication,
            status,
            trace: String::new(),
            submitter: submitter.to_owned(),
            changed,
        }
    }

    /// STC01-1 and STC01-2 of a claim status response: F1 paid, F2 denied, F3 revised, P2 in review, or what 277CA said
    /// of a claim that was rejected.
    pub(crate) fn status_code(&self) -> (&'static str, &'static str) {
        match self.status {
            "paid" | "part paid" => ("F1", "65"),
            "denied" => ("F2", "585"),
            "pended" => ("P2", "46"),
            "void" | "replaced" => ("F3", "101"),
            _ => (self.judgement.category, self.judgement.status),
        }
    }

    fn shown(&self) -> Json {
        let claim = &self.claim;
        let decided = self.adjudication.as_ref();
        let mut record = Object::new();
        record.push("claim", &claim.number);
        record.push("kind", &claim.kind);
        record.push("frequency", &claim.frequency);
        record.push("status", self.status);
        record.push("acknowledgement", self.judgement.code());
        record.push("reason", &self.judgement.reason);
        record.push("payer_claim", &self.payer_claim);
        record.push("trace", &self.trace);
        record.push("charge", amount(claim.charge));
        record.push(
            "paid",
            amount(decided.map_or(Decimal::ZERO, Adjudication::paid)),
        );
        let owes = decided.map_or(Decimal::ZERO, Adjudication::patient_owes);
        record.push("patient_owes", amount(owes));
        record.push("provider", claim.provider.key());
        record.push("payer", claim.payer.key());
        record.push("member", claim.member());
        record.push("family", &claim.patient.name);
        record.push("given", &claim.patient.given);
        record.push("from", &claim.days.0);
        record.push("to", &claim.days.1);
        let diagnoses: Json = claim
            .diagnoses
            .iter()
            .map(|code| Json::from(code.as_str()))
            .collect();
        record.push("diagnoses", diagnoses);
        record.push("submitter", &self.submitter);
        record.push("lines", self.lines());
        Json::Object(record)
    }

    fn lines(&self) -> Json {
        let decided = match &self.adjudication {
            Some(Adjudication::Decided(lines)) => lines.as_slice(),
            _ => &[],
        };
        let lines = self.claim.lines.iter().enumerate().map(|(index, line)| {
            let mut shown = Object::new();
            shown.push("procedure", line.code());
            shown.push("charge", amount(line.charge));
            shown.push("units", &line.units);
            if let Some(decision) = decided.get(index) {
                shown.push("paid", amount(decision.paid));
                if let Some(adjustment) = &decision.adjustment {
                    shown.push("adjusted", amount(adjustment.amount));
                    shown.push(
                        "adjustment",
                        format!("{}-{}", adjustment.group, adjustment.reason),
                    );
                }
                if !decision.remark.is_empty() {
                    shown.push("remark", &decision.remark);
                }
            }
            Json::Object(shown)
        });
        lines.collect()
    }
}

/// An amount as a number of JSON, with all its digits.
pub(crate) fn amount(amount: Decimal) -> Json {
    let text = money(amount);
    Json::parse(&text).unwrap_or(Json::String(text))
}

/// A claim and the record that `holds` sees.
#[derive(Debug)]
struct Kept {
    row: Arc<Row>,
    view: View,
}

impl MakeRecord for Kept {
    fn make(&self) -> Cow<'_, Json> {
        self.view.get(|| self.row.shown())
    }
}

/// The claims in the order they came. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    rows: BTreeMap<u64, Arc<Kept>>,
    lines: usize,
    next: u64,
    views: Views,
    by_duplicate: HashMap<String, u64>,
    by_payer_claim: HashMap<String, u64>,
    by_number: HashMap<String, u64>,
}

impl Claims {
    /// Keeps a claim, and says under which number.
    pub(crate) fn keep(&mut self, mut row: Row) -> u64 {
        let number = self.next;
        self.next += 1;
        if self.by_number.contains_key(&row.claim.number) {
            row.id = format!("{} ({})", row.claim.number, number + 1);
        }
        if row.judgement.is_accepted() {
            self.by_duplicate
                .entry(row.claim.duplicate_key())
                .or_insert(number);
            self.by_payer_claim.insert(row.payer_claim.clone(), number);
        }
        self.by_number.insert(row.claim.number.clone(), number);
        self.lines += row.claim.lines.len();
        self.rows.insert(number, self.kept(row));
        while self.rows.len() > 1 && (self.rows.len() > CLAIMS_MAX || self.lines > LINES_MAX) {
            self.forget_oldest();
        }
        number
    }

    fn kept(&self, row: Row) -> Arc<Kept> {
        Arc::new(Kept {
            row: Arc::new(row),
            view: self.views.view(),
        })
    }

    fn forget_oldest(&mut self) {
        let Some((oldest, kept)) = self.rows.pop_first() else {
            return;
        };
        let row = &kept.row;
        self.lines -= row.claim.lines.len();
        for (index, key) in [
            (&mut self.by_duplicate, row.claim.duplicate_key()),
            (&mut self.by_payer_claim, row.payer_claim.clone()),
            (&mut self.by_number, row.claim.number.clone()),
        ] {
            if index.get(&key) == Some(&oldest) {
                index.remove(&key);
            }
        }
    }

    /// Changes a claim that is held.
    pub(crate) fn change(&mut self, number: u64, at: Moment, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(&number) {
            let mut changed = Row::clone(&row.row);
            change(&mut changed);
            changed.changed = at;
            *row = Arc::new(Kept {
                row: Arc::new(changed),
                view: self.views.view(),
            });
        }
    }

    /// The claim of this number.
    pub(crate) fn get(&self, number: u64) -> Option<&Arc<Row>> {
        self.rows.get(&number).map(|kept| &kept.row)
    }

    /// Whether a claim like this one was accepted before.
    pub(crate) fn has_duplicate(&self, claim: &Claim) -> bool {
        self.by_duplicate.contains_key(&claim.duplicate_key())
    }

    /// The claim that a replacement or void is about, where it is still to be replaced: of the same payer and provider.
    pub(crate) fn original(&self, claim: &Claim) -> Option<u64> {
        let number = *self.by_payer_claim.get(&claim.original)?;
        let row = self.get(number)?;
        let is_open = matches!(row.status, "paid" | "part paid" | "denied" | "pended");
        let is_same = row.claim.payer.key() == claim.payer.key()
            && row.claim.provider.key() == claim.provider.key();
        (is_open && is_same).then_some(number)
    }

    /// The claim that an inquiry names; the last one where several have its number.
    pub(crate) fn find(&self, named: Named<'_>) -> Option<&Row> {
        let number = match (named.payer_claim, named.number) {
            (Some(payer_claim), _) => self.by_payer_claim.get(payer_claim),
            (None, Some(number)) => self.by_number.get(number),
            (None, None) => None,
        };
        let row = self.get(*number?)?;
        let is_member = named
            .member
            .is_none_or(|member| member == row.claim.member());
        is_member.then_some(&**row)
    }

    /// Whether nothing is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All of them, oldest first.
    pub(crate) fn held(&self) -> Vec<Held<'_>> {
        self.rows
            .values()
            .map(|kept| Held {
                id: &kept.row.id,
                record: Record::Made(&**kept),
                changed: kept.row.changed,
            })
            .collect()
    }
}
