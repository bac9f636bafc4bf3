//! The nightly batch of charges: a CSV file with a trailer, booked as a whole or not at all.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::billing::{Charge, bounded, cents, decimal, invoice};
use super::registration::display_name;
use super::tenant;
use crate::defect::{Defect, Defects};
use crate::state::{Known, Unreadable, resolve};
use crate::store::key;
use crate::work::{Customer, Work, WorkItem};

/// The columns, in the order of the file.
const HEADER: [&str; 10] = [
    "facility",
    "account",
    "mrn",
    "family",
    "given",
    "code",
    "description",
    "quantity",
    "unit_price",
    "date",
];
/// Most lines of a file.
const LINES_MAX: usize = 100_000;

/// Why a file is refused; the text carries a line number and nothing of the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// It is not text.
    #[error("the file is neither UTF-8 nor free of control characters")]
    NotText,
    /// It does not begin with the header.
    #[error("the header is not the one agreed on")]
    Header,
    /// A line cannot be booked.
    #[error("line {line}: {fault}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// It does not end with the trailer.
    #[error("the trailer is missing or cannot be read")]
    Trailer,
    /// The trailer counts other lines.
    #[error("the trailer's count is not the number of lines")]
    Count,
    /// The trailer sums up to something else.
    #[error("the trailer's sum is not the sum of the lines")]
    Sum,
}

/// One readable line.
struct Line {
    facility: &'static str,
    account: String,
    mrn: String,
    name: String,
    charge: Charge,
    date: String,
}

/// What becomes of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    /// One invoice for each account.
    pub work: Vec<WorkItem>,
    /// Why the file is refused, if it is.
    pub refusal: Option<BatchError>,
}

/// Reads a file. `mark` tells this file's invoices from those of others: the first digits of its digest.
pub fn read(bytes: &[u8], mark: &str, origin: &str, defects: Defects) -> Batch {
    let (lines, refusal) = lines(bytes, defects);
    let books = refusal.is_none() || defects.has(Defect::BatchPartial);
    match books.then(|| invoices(&lines, mark, origin, defects)) {
        None => Batch {
            work: Vec::new(),
            refusal,
        },
        Some(Ok(work)) => Batch { work, refusal },
        Some(Err(error)) => Batch {
            work: Vec::new(),
            refusal: Some(refusal.unwrap_or(error)),
        },
    }
}

/// The lines that can be read, and why the file as a whole cannot be booked.
fn lines(bytes: &[u8], defects: Defects) -> (Vec<Line>, Option<BatchError>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return (Vec::new(), Some(BatchError::NotText));
    };
    let text = if defects.has(Defect::LostAccents) {
        text.chars()
            .map(|character| if character.is_ascii() { character } else { '?' })
            .collect()
    } else {
        text.to_owned()
    };
    let Some(mut records) = records(&text) else {
        return (Vec::new(), Some(BatchError::NotText));
    };
    if records.is_empty() || records.remove(0) != HEADER {
        return (Vec::new(), Some(BatchError::Header));
    }
    let trailer = records.pop_if(|last| last.first().is_some_and(|first| first == "TRAILER"));
    let mut lines = Vec::with_capacity(records.len());
    let mut refusal = None;
    for (index, record) in records.iter().enumerate() {
        match line(record, defects) {
            Ok(line) => lines.push(line),
            Err(fault) => {
                refusal.get_or_insert(BatchError::Line {
                    line: index + 2,
                    fault,
                });
            }
        }
    }
    let refusal =
        refusal.or_else(|| check(&lines, records.len(), trailer.as_deref(), defects).err());
    (lines, refusal)
}

fn line(record: &[String], defects: Defects) -> Result<Line, &'static str> {
    let [
        facility,
        account,
        mrn,
        family,
        given,
        code,
        description,
        quantity,
        unit_price,
        date,
    ] = record
    else {
        return Err("it does not have ten columns");
    };
    let facility = tenant(facility, defects).ok_or("this facility is not served")?;
    for (text, characters_max, fault) in [
        (
            account,
            20,
            "the account is missing or longer than 20 characters",
        ),
        (mrn, 20, "the MRN is missing or longer than 20 characters"),
        (
            family,
            60,
            "the family name is missing or longer than 60 characters",
        ),
        (code, 20, "the code is missing or longer than 20 characters"),
    ] {
        if text.is_empty() || text.chars().count() > characters_max {
            return Err(fault);
        }
    }
    if given.chars().count() > 39 || description.chars().count() > 100 {
        return Err("the given name or the description is too long");
    }
    let (is_credit, digits) = quantity
        .strip_prefix('-')
        .map_or((false, quantity.as_str()), |digits| (true, digits));
    let quantity = decimal(digits)
        .filter(|quantity| !quantity.is_zero())
        .ok_or("the quantity is not a number")?;
    let unit_price = decimal(unit_price).ok_or("the unit price is not an amount")?;
    let is_credit = is_credit && !defects.has(Defect::CreditAsCharge);
    let charge = Charge {
        code: code.clone(),
        description: if description.is_empty() {
            code.clone()
        } else {
            description.clone()
        },
        quantity: if is_credit { -quantity } else { quantity },
        unit_price,
    };
    let date: Date = date.parse().map_err(|_| "the date is not a date")?;
    let given = Some(given).filter(|given| !given.is_empty());
    let cut = |name: &String| {
        if defects.has(Defect::SilentTruncation) {
            name.chars().take(20).collect()
        } else {
            name.clone()
        }
    };
    let name = display_name(given.map(cut).as_ref(), Some(&cut(family)));
    Ok(Line {
        facility,
        account: account.clone(),
        mrn: mrn.clone(),
        name,
        charge,
        date: date.to_string(),
    })
}

/// Whether the end of a file holds a trailer line as the last one, with its line feed: nothing is to follow it.
pub fn ends_with_trailer(end: &[u8]) -> bool {
    let Some(lines) = end.strip_suffix(b"\n") else {
        return false;
    };
    let last = lines.rsplit(|byte| *byte == b'\n').next();
    last.is_some_and(|line| line.starts_with(b"TRAILER,"))
}

/// Compares the file with its trailer.
fn check(
    lines: &[Line],
    line_count: usize,
    trailer: Option<&[String]>,
    defects: Defects,
) -> Result<(), BatchError> {
    let Some([_, count, sum]) = trailer else {
        return Err(BatchError::Trailer);
    };
    let count: usize = count.parse().map_err(|_| BatchError::Trailer)?;
    let sum: Decimal = Decimal::from_str_exact(sum).map_err(|_| BatchError::Trailer)?;
    if defects.has(Defect::BatchCountUnchecked) {
        return Ok(());
    }
    if count != line_count {
        return Err(BatchError::Count);
    }
    let total = lines.iter().try_fold(Decimal::ZERO, |total, line| {
        total.checked_add(line.charge.quantity.checked_mul(line.charge.unit_price)?)
    });
    if total.map(cents) != Some(sum) {
        return Err(BatchError::Sum);
    }
    Ok(())
}

/// One invoice for each account, in the order of facility and account.
fn invoices(
    lines: &[Line],
    mark: &str,
    origin: &str,
    defects: Defects,
) -> Result<Vec<WorkItem>, BatchError> {
    let mut accounts: BTreeMap<(&str, &str), Vec<(usize, &Line)>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        accounts
            .entry((line.facility, &line.account))
            .or_default()
            .push((index, line));
    }
    let mut work = Vec::with_capacity(accounts.len());
    for ((facility, account), lines) in accounts {
        let Some(&(first_at, first)) = lines.first() else {
            continue;
        };
        if let Some((index, _)) = lines.iter().find(|(_, line)| line.mrn != first.mrn) {
            let fault = "the account belongs to another patient";
            return Err(BatchError::Line {
                line: index + 2,
                fault,
            });
        }
        let charges: Vec<Charge> = lines.iter().map(|(_, line)| line.charge.clone()).collect();
        let date = lines
            .iter()
            .map(|(_, line)| line.date.clone())
            .max()
            .unwrap_or_default();
        let number = bounded(&format!("{account}-{mark}"));
        let invoice =
            invoice(number, date, &charges, defects).map_err(|fault| BatchError::Line {
                line: first_at + 2,
                fault: fault.text(),
            })?;
        let customer = Customer {
            number: first.mrn.clone(),
            display_name: first.name.clone(),
            ..Customer::default()
        };
        work.push(WorkItem {
            lane: customer_lane(facility, &first.mrn),
            origin: origin.to_owned(),
            work: Work::PostInvoice {
                facility: facility.to_owned(),
                customer,
                invoice,
            },
        });
    }
    Ok(work)
}

/// Books what is charged to a patient that was merged away to the survivor, as [`billing`](super::billing) does.
pub fn follow_merges(work: &mut [WorkItem], known: &dyn Known) -> Result<(), Unreadable> {
    for item in work {
        let Work::PostInvoice {
            facility, customer, ..
        } = &mut item.work
        else {
            continue;
        };
        let (mrn, patient) = resolve(known, facility, &customer.number)?;
        if mrn == customer.number {
            continue;
        }
        if let Some(patient) = patient {
            customer.display_name = display_name(patient.given.first(), patient.family.as_ref());
        }
        item.lane = customer_lane(facility, &mrn);
        customer.number = mrn;
    }
    Ok(())
}

fn customer_lane(facility: &str, mrn: &str) -> String {
    key(&["ledger", facility, "customer", mrn])
}

/// Splits CSV (RFC 4180) into records; `None` when a quote is left open or the file has too many lines. Blank lines are
/// passed over.
fn records(text: &str) -> Option<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut field = String::new();
    let mut characters = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut field)),
            '\r' if !is_quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut field));
                let finished = std::mem::take(&mut record);
                if finished != [""] {
                    records.push(finished);
                }
                if records.len() > LINES_MAX {
                    return None;
                }
            }
            '\0' => return None,
            other => field.push(other),
        }
    }
    if is_quoted {
        return None;
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    Some(records)
}

#[cfg(test)]
mod tests;
