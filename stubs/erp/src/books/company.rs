//! One company.

use std::{collections::HashMap, sync::Arc};

use wardgate_core::port::Moment;
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::Identifiers;
use wardgate_synth::Seed;

use super::{Row, Table, instant};
use crate::{
    refusal::{Outcome, Refusal},
    schema::{
        COMPANY, CUSTOMER, ETAG, GENERAL_LEDGER_ENTRY, ITEM, NO_GUID, SALES_INVOICE, is_guid,
    },
};

/// The books of one company. No number and no record is shared with another.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    /// The company itself.
    pub(crate) row: Row,
    pub(crate) customers: Table,
    pub(crate) items: Table,
    pub(crate) invoices: Table,
    pub(crate) entries: Table,
    /// Which invoice a line belongs to; shared, as tables are, until it is written to.
    pub(super) invoice_of_line: Arc<HashMap<String, String>>,
    pub(super) accounts: Accounts,
    identifiers: Identifiers,
    next: Numbers,
}

/// The accounts that posting books to: their GUIDs; their numbers are fixed.
#[derive(Clone, Debug)]
pub(super) struct Accounts {
    pub(super) receivable: String,
    pub(super) revenue: String,
    pub(super) tax: String,
}

/// The next number of each series.
#[derive(Clone, Debug)]
struct Numbers {
    customer: u32,
    item: u32,
    invoice: u32,
    credit_memo: u32,
    entry: u32,
}

/// A series of numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Series {
    Customer,
    Item,
    Invoice,
    CreditMemo,
}

impl Company {
    /// A company without any records. Its identifiers follow from the seed and its name alone.
    pub(crate) fn new(seed: &Seed, name: &str, at: Moment) -> Self {
        let mut identifiers = Identifiers::new(&seed.child("company").child(name));
        let id = identifiers.guid();
        let mut json = COMPANY.blank();
        json.insert(ETAG, tag(&mut identifiers));
        json.insert("id", &id);
        json.insert("name", name);
        json.insert("displayName", name);
        json.insert("systemCreatedAt", instant(at));
        json.insert("systemModifiedAt", instant(at));
        Self {
            row: Row {
                id,
                changed: at,
                json: Json::Object(json),
            },
            customers: Table::new(&["number"]),
            items: Table::new(&["number"]),
            invoices: Table::new(&[
                "number",
                "externalDocumentNumber",
                "customerId",
                "customerNumber",
            ]),
            entries: Table::new(&["documentNumber"]),
            invoice_of_line: Arc::default(),
            accounts: Accounts {
                receivable: identifiers.guid(),
                revenue: identifiers.guid(),
                tax: identifiers.guid(),
            },
            identifiers,
            next: Numbers {
                customer: 10,
                item: 1_000,
                invoice: 103_001,
                credit_memo: 104_001,
                entry: 1,
            },
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.row
            .json
            .get("name")
            .and_then(Json::as_str)
            .unwrap_or("")
    }

    /// The table of a set of the API, if the company has such a set of its own.
    pub(crate) fn table(&self, set: &str) -> Option<&Table> {
        Some(match set {
            _ if set == CUSTOMER.set => &self.customers,
            _ if set == ITEM.set => &self.items,
            _ if set == SALES_INVOICE.set => &self.invoices,
            _ if set == GENERAL_LEDGER_ENTRY.set => &self.entries,
            _ => return None,
        })
    }

    /// A GUID that nothing has yet.
    pub(crate) fn guid(&mut self) -> String {
        self.identifiers.guid()
    }

    /// The GUID of a new record: the one that the payload gives, which only a seeded one can, or a fresh one.
    pub(super) fn id_for(&mut self, payload: &Object) -> String {
        match payload.get("id").and_then(Json::as_str) {
            Some(id) if is_guid(id) && id != NO_GUID => id.to_owned(),
            _ => self.guid(),
        }
    }

    /// Marks a record as changed now: a new version and time.
    pub(super) fn stamp(&mut self, record: &mut Object, at: Moment) {
        self.version(record);
        record.insert("lastModifiedDateTime", instant(at));
    }

    /// Marks a record as another version.
    pub(super) fn version(&mut self, record: &mut Object) {
        record.insert(ETAG, tag(&mut self.identifiers));
    }

    /// The next number of a series that no record has yet.
    pub(super) fn number(&mut self, series: Series) -> String {
        loop {
            let (counter, prefix, table) = match series {
                Series::Customer => (&mut self.next.customer, "C", Some(&self.customers)),
                Series::Item => (&mut self.next.item, "ITEM", Some(&self.items)),
                Series::Invoice => (&mut self.next.invoice, "PS-INV", Some(&self.invoices)),
                Series::CreditMemo => (&mut self.next.credit_memo, "PS-CR", None),
            };
            let number = format!("{prefix}{:05}", *counter);
            *counter += 1;
            if !table.is_some_and(|table| table.has_other("number", &number, "")) {
                return number;
            }
        }
    }

    /// The next number of a ledger entry.
    pub(super) fn entry_number(&mut self) -> u32 {
        self.next.entry += 1;
        self.next.entry - 1
    }
}

/// A version of a record.
fn tag(identifiers: &mut Identifiers) -> String {
    format!("W/\"{}\"", identifiers.token())
}

/// Refuses a version that is not this record's; `*` is any.
pub(crate) fn check_tag(record: &Json, given: Option<&str>, stale_status: u16) -> Outcome<()> {
    let given = given
        .map(str::trim)
        .filter(|given| !given.is_empty())
        .ok_or_else(Refusal::no_tag)?;
    let own = record.get(ETAG).and_then(Json::as_str).unwrap_or("");
    let is_own = |tag: &str| tag == own || own.strip_prefix("W/") == Some(tag);
    if given == "*" || given.split(',').map(str::trim).any(is_own) {
        Ok(())
    } else {
        Err(Refusal::stale_tag(stale_status))
    }
}
