//! What the ERP holds, for contracts and for lists.

use wardgate_core::port::{Held, Record};
use wardgate_expression::Json;

use crate::{
    books::{Company, Row},
    list,
    odata::Options,
    schema::Entity,
};

/// The collections that `holds` can name.
pub(crate) const COLLECTIONS: [&str; 6] = [
    "companies",
    "customers",
    "items",
    "salesInvoices",
    "salesInvoiceLines",
    "generalLedgerEntries",
];

/// Checks the name of a collection.
pub(crate) fn check_collection(name: &str) -> Result<(), String> {
    if COLLECTIONS.contains(&name) {
        Ok(())
    } else {
        Err(format!(
            "expected one of {}, not '{name}'",
            COLLECTIONS.join(", ")
        ))
    }
}

/// A record.
pub(crate) fn held(row: &Row) -> Held<'_> {
    Held {
        id: &row.id,
        record: Record::Stored(&row.json),
        changed: row.changed,
    }
}

/// The lines of a company's invoices, each changed when its invoice was.
pub(crate) fn held_lines(company: &Company) -> impl Iterator<Item = Held<'_>> {
    invoice_lines(company).map(|(row, line)| Held {
        id: line.get("id").and_then(Json::as_str).unwrap_or(""),
        record: Record::Stored(line),
        changed: row.changed,
    })
}

fn invoice_lines(company: &Company) -> impl Iterator<Item = (&Row, &Json)> {
    company.invoices.rows().flat_map(|row| {
        let lines = row.json.get("salesInvoiceLines").and_then(Json::as_array);
        lines.unwrap_or(&[]).iter().map(move |line| (&**row, line))
    })
}

/// The records that a filter may be true of.
pub(crate) fn records<'c>(
    company: &'c Company,
    entity: &Entity,
    options: &Options,
) -> Vec<&'c Json> {
    match company.table(entity.set) {
        Some(table) => list::candidates(table, options),
        None => invoice_lines(company).map(|(_, line)| line).collect(),
    }
}

/// The record of this id.
pub(crate) fn find<'c>(company: &'c Company, entity: &Entity, id: &str) -> Option<&'c Json> {
    match company.table(entity.set) {
        Some(table) => table.get(id).map(|row| &row.json),
        None => company.line(id),
    }
}
