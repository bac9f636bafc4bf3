//! The books: companies and what they hold.

mod company;
mod customers;
mod invoices;
mod items;
mod ledger;
mod lines;
mod table;

pub(crate) use company::{Company, check_tag};
pub(crate) use invoices::Change;
pub(crate) use table::{Row, Table};

use jiff::Timestamp;
use wardgate_core::port::{Effect, Moment, Verb};

/// The day of a moment, in UTC.
fn day(at: Moment) -> String {
    instant(at).get(..10).unwrap_or("0001-01-01").to_owned()
}

/// A moment as the API writes it.
fn instant(at: Moment) -> String {
    let moment = Timestamp::from_millisecond(at.unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{moment:.3}")
}

/// What was done to a record that has just been given these identifiers.
fn effect(verb: Verb, set: &str, id: &str, keys: Vec<String>) -> Effect {
    Effect {
        verb,
        subject: format!("{set}({id})"),
        keys,
    }
}
