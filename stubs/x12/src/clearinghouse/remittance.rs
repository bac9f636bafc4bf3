//! 835: what is paid, claim by claim, and how it adds up (TR3 X221).
//!
//! What a reversal takes back may be more than what is paid. Then nothing is paid, the rest is carried forward (PLB of
//! reason FB, TR3 X221 section 1.10.2.12), and the next remittance to that provider begins with it.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::adjudicate::LineDecision;
use super::claim::{Claim, Line, Party};
use super::claim_acknowledgement::identified;
use super::letter::{Heading, money, put, put_composite};
use crate::write::{Value, WriteError, Writer};

/// GS01 and GS08 of an 835.
pub(crate) const FUNCTIONAL_ID: &str = "HP";
pub(crate) const VERSION: &str = "005010X221A1";

/// TRN03 and BPR10: who pays, as a taxpayer with a 1 in front.
const ORIGIN: &str = "1999999999";

/// The claim filing codes that CLP06 takes; another one is sent as ZZ.
const FILING: [&str; 18] = [
    "12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV",
    "VA", "WC",
];

/// A claim in a remittance: CLP.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) claim: Arc<Claim>,
    /// CLP07.
    pub(crate) payer_claim: String,
    /// What was decided of each line, negated where it is taken back.
    pub(crate) lines: Vec<LineDecision>,
    /// Whether what was paid before is taken back: CLP02 of 22.
    pub(crate) is_reversal: bool,
    /// What CLP01 says: the claim's number, but for a defect.
    pub(crate) number: String,
}

impl Entry {
    /// CLP04.
    pub(crate) fn paid(&self) -> Decimal {
        self.lines.iter().map(|line| line.paid).sum()
    }

    fn sign(&self) -> Decimal {
        if self.is_reversal {
            Decimal::NEGATIVE_ONE
        } else {
            Decimal::ONE
        }
    }
}

/// A remittance: one payer, one payee.
#[derive(Clone, Debug)]
pub(crate) struct Remittance {
    /// TRN02.
    pub(crate) trace: String,
    pub(crate) payer: Party,
    pub(crate) payee: Party,
    pub(crate) entries: Vec<Entry>,
    /// What an earlier remittance carried forward, and its trace number.
    pub(crate) before: Option<(Decimal, String)>,
}

impl Remittance {
    /// What all claims come to, less what was carried forward.
    fn net(&self) -> Decimal {
        let paid: Decimal = self.entries.iter().map(Entry::paid).sum();
        paid - self
            .before
            .as_ref()
            .map_or(Decimal::ZERO, |(owed, _)| *owed)
    }

    /// BPR02.
    pub(crate) fn paid(&self) -> Decimal {
        self.net().max(Decimal::ZERO)
    }

    /// What is carried forward to the next one.
    pub(crate) fn owed(&self) -> Decimal {
        (-self.net()).max(Decimal::ZERO)
    }

    /// PLB: reason, reference and amount, positive where it lessens the payment.
    fn provider_adjustments(&self) -> Vec<(&str, Decimal)> {
        let before = self.before.as_ref();
        let before = before.map(|(owed, trace)| (trace.as_str(), *owed));
        let after = (self.trace.as_str(), -self.owed());
        before
            .into_iter()
            .chain([after])
            .filter(|(_, amount)| !amount.is_zero())
            .collect()
    }

    /// Writes the interchange. `trace` is what TRN02 says: the trace number, but for a defect.
    pub(crate) fn write(&self, heading: &Heading<'_>, trace: &str) -> Result<Vec<u8>, WriteError> {
        heading.write(|writer| {
            writer.transaction("835", "0001", None)?;
            self.head(writer, heading, trace)?;
            if !self.entries.is_empty() {
                put(writer, "LX", &["1"])?;
            }
            for entry in &self.entries {
                claim(writer, entry)?;
            }
            self.balance(writer, heading)
        })
    }

    fn head(
        &self,
        writer: &mut Writer,
        heading: &Heading<'_>,
        trace: &str,
    ) -> Result<(), WriteError> {
        let date = heading.stamp.date.as_str();
        let paid = self.paid();
        let (handling, method) = if paid.is_zero() {
            ("H", "NON")
        } else {
            ("I", "CHK")
        };
        let amount = money(paid);
        let mut payment = vec![handling, &amount, "C", method];
        payment.resize(15, "");
        payment.push(date);
        put(writer, "BPR", &payment)?;
        put(writer, "TRN", &["1", trace, ORIGIN])?;
        put(writer, "DTM", &["405", date])?;
        let payer = &self.payer;
        put(writer, "N1", &["PR", &payer.name])?;
        let street = if payer.street.is_empty() {
            "1 MAIN STREET"
        } else {
            &payer.street
        };
        put(writer, "N3", &[street])?;
        if payer.city[0].is_empty() {
            put(writer, "N4", &["ALBANY", "NY", "12207"])?;
        } else {
            put(
                writer,
                "N4",
                &[&payer.city[0], &payer.city[1], &payer.city[2]],
            )?;
        }
        if !payer.id.is_empty() {
            put(writer, "REF", &["2U", &payer.id])?;
        }
        put(writer, "PER", &["BL", "CLAIMS DESK", "TE", "5185550100"])?;
        let provider = &self.payee;
        let (qualifier, id) = identified(&provider.qualifier, &provider.id, &provider.tax_id);
        put(writer, "N1", &["PE", &provider.name, qualifier, id])?;
        if qualifier == "XX" && !provider.tax_id.is_empty() {
            put(writer, "REF", &["TJ", &provider.tax_id])?;
        }
        Ok(())
    }

    fn balance(&self, writer: &mut Writer, heading: &Heading<'_>) -> Result<(), WriteError> {
        let adjustments = self.provider_adjustments();
        if adjustments.is_empty() {
            return Ok(());
        }
        // The provider's fiscal year ends with the calendar year.
        let year = heading.stamp.date.get(..4).unwrap_or("2000");
        let year_end = format!("{year}1231");
        let (_, id) = identified(&self.payee.qualifier, &self.payee.id, &self.payee.tax_id);
        let amounts: Vec<String> = adjustments
            .iter()
            .map(|(_, amount)| money(*amount))
            .collect();
        let reasons: Vec<[&str; 2]> = adjustments
            .iter()
            .map(|(reference, _)| ["FB", *reference])
            .collect();
        let mut values = vec![Value::Text(id), Value::Text(&year_end)];
        for (reason, amount) in reasons.iter().zip(&amounts) {
            values.push(Value::Composite(reason));
            values.push(Value::Text(amount));
        }
        writer.segment("PLB", &values)?;
        Ok(())
    }
}

fn claim(writer: &mut Writer, entry: &Entry) -> Result<(), WriteError> {
    let claim = &entry.claim;
    let (charge, paid) = (claim.charge * entry.sign(), entry.paid());
    let owes: Decimal = entry
        .lines
        .iter()
        .filter_map(|line| line.adjustment.as_ref())
        .filter(|adjustment| adjustment.group == "PR")
        .map(|adjustment| adjustment.amount)
        .sum();
    let status = if entry.is_reversal {
        "22"
    } else if paid.is_zero() && !charge.is_zero() {
        "4"
    } else {
        "1"
    };
    let filing = if FILING.contains(&claim.filing.as_str()) {
        &claim.filing
    } else {
        "ZZ"
    };
    let owes = if owes.is_zero() {
        String::new()
    } else {
        money(owes)
    };
    let (charge, paid) = (money(charge), money(paid));
    put(
        writer,
        "CLP",
        &[
            &entry.number,
            status,
            &charge,
            &paid,
            &owes,
            filing,
            &entry.payer_claim,
            &claim.facility,
            &claim.frequency,
        ],
    )?;
    let patient = &claim.patient;
    let names = [
        "QC",
        "1",
        &patient.name,
        &patient.given,
        &patient.middle,
        "",
        &patient.suffix,
    ];
    put(
        writer,
        "NM1",
        &[&names[..], &["MI", claim.member()]].concat(),
    )?;
    if !claim.original.is_empty() {
        put(writer, "REF", &["F8", &claim.original])?;
    }
    if !claim.days.0.is_empty() {
        put(writer, "DTM", &["232", &claim.days.0])?;
        put(writer, "DTM", &["233", &claim.days.1])?;
    }
    for (line, decision) in claim.lines.iter().zip(&entry.lines) {
        service(writer, line, decision, entry.sign())?;
    }
    Ok(())
}

fn service(
    writer: &mut Writer,
    line: &Line,
    decision: &LineDecision,
    sign: Decimal,
) -> Result<(), WriteError> {
    let procedure: Vec<&str> = line.procedure.iter().map(String::as_str).collect();
    let (charge, paid) = (money(line.charge * sign), money(decision.paid));
    let rest = [charge.as_str(), &paid, &line.revenue, &line.units];
    put_composite(writer, "SVC", &procedure, &rest)?;
    if !line.days.0.is_empty() {
        if line.days.0 == line.days.1 {
            put(writer, "DTM", &["472", &line.days.0])?;
        } else {
            put(writer, "DTM", &["150", &line.days.0])?;
            put(writer, "DTM", &["151", &line.days.1])?;
        }
    }
    if let Some(adjustment) = &decision.adjustment {
        let amount = money(adjustment.amount);
        put(
            writer,
            "CAS",
            &[&adjustment.group, &adjustment.reason, &amount],
        )?;
    }
    if !line.control.is_empty() {
        put(writer, "REF", &["6R", &line.control])?;
    }
    if !decision.remark.is_empty() {
        put(writer, "LQ", &["HE", &decision.remark])?;
    }
    Ok(())
}
