//! 277CA: what became of each claim of an 837 (TR3 X214).

use rust_decimal::Decimal;

use super::claim::Claim;
use super::judgement::Judgement;
use super::letter::{Heading, Stamp, money, period, put, put_composite};
use crate::write::{WriteError, Writer};

/// GS01 and GS08 of a 277CA.
pub(crate) const FUNCTIONAL_ID: &str = "HN";
pub(crate) const VERSION: &str = "005010X214";

/// A claim and what is said of it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) claim: std::sync::Arc<Claim>,
    pub(crate) judgement: Judgement,
    /// The number that the claim was given; empty where it is not accepted.
    pub(crate) payer_claim: String,
}

/// One 837 that is acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// BHT03 of the 837.
    pub(crate) reference: String,
    /// NM103 and NM109 of 1000A.
    pub(crate) submitter: (String, String),
    /// NM103 and NM109 of 1000B.
    pub(crate) receiver: (String, String),
    /// NM102 of 1000A.
    pub(crate) submitter_type: String,
    pub(crate) entries: Vec<Entry>,
}

/// Writes the 277CA of one batch or several, each a transaction set.
pub(crate) fn write(heading: &Heading<'_>, batches: &[Batch]) -> Result<Vec<u8>, WriteError> {
    heading.write(|writer| {
        for (index, batch) in batches.iter().enumerate() {
            writer.transaction("277", &format!("{:04}", index + 1), Some(VERSION))?;
            one(writer, batch, heading.stamp, heading.control_number)?;
        }
        Ok(())
    })
}

fn one(writer: &mut Writer, batch: &Batch, stamp: &Stamp, number: u32) -> Result<(), WriteError> {
    let (date, time) = (stamp.date.as_str(), stamp.time.as_str());
    let number = format!("{number:09}");
    put(writer, "BHT", &["0085", "08", &number, date, time, "TH"])?;
    put(writer, "HL", &["1", "", "20", "1"])?;
    let (name, id) = (&batch.receiver.0, &batch.receiver.1);
    put(writer, "NM1", &["AY", "2", name, "", "", "", "", "46", id])?;
    put(writer, "TRN", &["1", &number])?;
    put(writer, "DTP", &["050", "D8", date])?;
    put(writer, "DTP", &["009", "D8", date])?;
    let has_claims = if batch.entries.is_empty() { "0" } else { "1" };
    put(writer, "HL", &["2", "1", "21", has_claims])?;
    let (name, id) = (&batch.submitter.0, &batch.submitter.1);
    put(
        writer,
        "NM1",
        &["41", &batch.submitter_type, name, "", "", "", "", "46", id],
    )?;
    put(writer, "TRN", &["2", &batch.reference])?;
    let (accepted, rejected): (Vec<&Entry>, Vec<&Entry>) = batch
        .entries
        .iter()
        .partition(|entry| entry.judgement.is_accepted());
    let total =
        |entries: &[&Entry]| -> Decimal { entries.iter().map(|entry| entry.claim.charge).sum() };
    let all = money(total(&accepted) + total(&rejected));
    put_composite(writer, "STC", &["A1", "19", "PR"], &[date, "WQ", &all])?;
    for (code, entries) in [("90", &accepted), ("AA", &rejected)] {
        if !entries.is_empty() {
            put(writer, "QTY", &[code, &entries.len().to_string()])?;
        }
    }
    for (amount, entries) in [("YU", &accepted), ("YY", &rejected)] {
        if !entries.is_empty() {
            put(writer, "AMT", &[amount, &money(total(entries))])?;
        }
    }
    let mut level = 2;
    let mut provider = (0, String::new());
    for entry in &batch.entries {
        let billing = &entry.claim.provider;
        if provider.0 == 0 || provider.1 != billing.key() {
            level += 1;
            provider = (level, billing.key().to_owned());
            put(writer, "HL", &[&level.to_string(), "2", "19", "1"])?;
            let (qualifier, id) = identified(&billing.qualifier, &billing.id, &billing.tax_id);
            let names = [
                "85",
                &billing.entity_type,
                &billing.name,
                &billing.given,
                &billing.middle,
            ];
            put(
                writer,
                "NM1",
                &[&names[..], &["", &billing.suffix, qualifier, id]].concat(),
            )?;
        }
        level += 1;
        put(
            writer,
            "HL",
            &[&level.to_string(), &provider.0.to_string(), "PT"],
        )?;
        claim(writer, entry, date)?;
    }
    Ok(())
}

/// NM108 and NM109 of a provider: what it has, or else its taxpayer number.
pub(crate) fn identified<'t>(
    qualifier: &'t str,
    id: &'t str,
    tax_id: &'t str,
) -> (&'t str, &'t str) {
    if id.is_empty() && tax_id.is_empty() {
        ("FI", "999999999")
    } else if id.is_empty() {
        ("FI", tax_id)
    } else {
        (qualifier, id)
    }
}

fn claim(writer: &mut Writer, entry: &Entry, date: &str) -> Result<(), WriteError> {
    let claim = &entry.claim;
    let patient = &claim.patient;
    let member = if patient.id.is_empty() {
        claim.member()
    } else {
        &patient.id
    };
    let names = ["QC", "1", &patient.name, &patient.given, &patient.middle];
    put(
        writer,
        "NM1",
        &[&names[..], &["", &patient.suffix, "MI", member]].concat(),
    )?;
    put(writer, "TRN", &["2", &claim.number])?;
    let judgement = &entry.judgement;
    put_composite(
        writer,
        "STC",
        &[judgement.category, judgement.status, judgement.entity],
        &[date, judgement.action(), &money(claim.charge)],
    )?;
    if !entry.payer_claim.is_empty() {
        put(writer, "REF", &["1K", &entry.payer_claim])?;
    }
    let today = (date.to_owned(), date.to_owned());
    let days = if claim.days.0.is_empty() {
        &today
    } else {
        &claim.days
    };
    let (format, days) = period(days);
    put(writer, "DTP", &["472", format, &days])
}
