//! 277: what became of a claim, in answer to a 276 (TR3 X212).

use super::claim::{around, coded, days, own};
use super::letter::{Heading, echo, money, period, put, put_composite};
use super::store::Row;
use crate::matching::Tree;
use crate::write::{WriteError, Writer};

/// GS01 and GS08 of a 277.
pub(crate) const FUNCTIONAL_ID: &str = "HN";
pub(crate) const VERSION: &str = "005010X212";

/// How an inquiry names a claim.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Named<'n> {
    /// REF02 of 1K: the number that the payer gave it.
    pub(crate) payer_claim: Option<&'n str>,
    /// REF02 of EJ: CLM01.
    pub(crate) number: Option<&'n str>,
    /// NM109 of the subscriber.
    pub(crate) member: Option<&'n str>,
}

/// Writes the answer to each inquiry, one transaction set each.
pub(crate) fn write<'m>(
    heading: &Heading<'_>,
    inquiries: &[Tree<'_>],
    find: &dyn Fn(Named<'_>) -> Option<&'m Row>,
) -> Result<Vec<u8>, WriteError> {
    heading.answer_each("277", VERSION, inquiries, |writer, tree| {
        one(writer, tree, heading, find)
    })
}

fn one<'m>(
    writer: &mut Writer,
    tree: &Tree<'_>,
    heading: &Heading<'_>,
    find: &dyn Fn(Named<'_>) -> Option<&'m Row>,
) -> Result<(), WriteError> {
    heading.begin(writer, tree, &["0010", "08"], &["DG"])?;
    for (number, found) in tree.loops().iter().enumerate() {
        let id = found.spec.id;
        match id {
            "2000A" | "2000B" | "2000C" | "2000D" | "2000E" => {
                if let Some(level) = own(tree, number, "HL") {
                    let text = |place: usize| level.text(place).unwrap_or_default();
                    // HL04 is not used of a dependent.
                    let below = if id == "2000E" { "" } else { text(4) };
                    put(writer, "HL", &[text(1), text(2), text(3), below])?;
                }
            }
            "2100A" | "2100B" | "2100C" | "2100D" | "2100E" => {
                if let Some(name) = own(tree, number, "NM1") {
                    let places: &[usize] = match id {
                        "2100A" => &[1, 2, 3, 8, 9],
                        "2100B" => &[1, 2, 3, 4, 5, 8, 9],
                        "2100E" => &[1, 2, 3, 4, 5, 7],
                        _ => &[1, 2, 3, 4, 5, 7, 8, 9],
                    };
                    echo(writer, &name, places)?;
                }
            }
            "2200D" | "2200E" => claim(writer, tree, number, heading, find)?,
            _ => {}
        }
    }
    Ok(())
}

fn claim<'m>(
    writer: &mut Writer,
    tree: &Tree<'_>,
    number: usize,
    heading: &Heading<'_>,
    find: &dyn Fn(Named<'_>) -> Option<&'m Row>,
) -> Result<(), WriteError> {
    let text = |code: &str| coded(tree, number, "REF", code).and_then(|found| found.text(2));
    let member = around(tree, number)
        .find(|outer| tree.loops()[*outer].spec.id == "2000D")
        .and_then(|outer| tree.within(outer, "2100D").next())
        .and_then(|at| own(tree, at, "NM1")?.text(9));
    let named = Named {
        payer_claim: text("1K"),
        number: text("EJ"),
        member,
    };
    let trace = own(tree, number, "TRN")
        .and_then(|found| found.text(2))
        .unwrap_or_default();
    put(writer, "TRN", &["2", trace])?;
    let date = heading.stamp.date.as_str();
    let row = find(named);
    match row {
        None => put_composite(writer, "STC", &["A4", "35"], &[date])?,
        Some(row) => {
            let (category, status) = row.status_code();
            let charge = money(row.claim.charge);
            let paid = row
                .adjudication
                .as_ref()
                .map(|decided| money(decided.paid()));
            let paid = paid.unwrap_or_default();
            let (day, trace) = if row.trace.is_empty() {
                ("", "")
            } else {
                (date, row.trace.as_str())
            };
            put_composite(
                writer,
                "STC",
                &[category, status],
                &[date, "", &charge, &paid, "", "", day, trace],
            )?;
        }
    }
    let payer_claim = row.map_or("", |row| &row.payer_claim);
    if !payer_claim.is_empty() {
        put(writer, "REF", &["1K", payer_claim])?;
    }
    if let Some(number) = named.number {
        put(writer, "REF", &["EJ", number])?;
    }
    let asked = coded(tree, number, "DTP", "472").and_then(|found| days(&found));
    let held = row
        .map(|row| row.claim.days.clone())
        .filter(|days| !days.0.is_empty());
    let days = held
        .or(asked)
        .unwrap_or_else(|| (date.to_owned(), date.to_owned()));
    let (format, days) = period(&days);
    put(writer, "DTP", &["472", format, &days])
}
