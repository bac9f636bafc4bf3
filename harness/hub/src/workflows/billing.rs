//! Charges: DFT^P03 becomes a posted invoice, exact to the cent.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use sha2::{Digest, Sha256};

use super::registration::{display_name, name};
use super::{Context, mrn, required};
use crate::defect::{Defect, Defects};
use crate::hl7_time::{Moment, Precision};
use crate::message::{Message, Segment};
use crate::rejection::{ErrorCode, Rejection};
use crate::state::{Decision, Effects, Known, resolve};
use crate::store::key;
use crate::work::{Customer, Invoice, InvoiceLine, Work, WorkItem};

/// Digits behind the point that the ledger keeps of a quantity or price.
const LEDGER_PLACES_MAX: u32 = 5;
/// Most lines that the ledger takes in one invoice; one is left for a levelling line.
const LINES_MAX: usize = 999;

/// Longest external document number that the ledger takes.
const NUMBER_CHARACTERS_MAX: usize = 35;

/// One charge or credit before it is priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Code of the service.
    pub code: String,
    /// What people read.
    pub description: String,
    /// How many; negative for a credit.
    pub quantity: Decimal,
    /// Price of one, not negative.
    pub unit_price: Decimal,
}

/// DFT^P03.
pub fn charges(message: &Message, context: &Context<'_>, known: &dyn Known) -> Decision {
    let pid = required(message, "PID", "patient identification is missing")?;
    let (mrn, patient) = resolve(known, context.tenant, &mrn(pid, 3, "PID", context)?)?;
    let visit = message.segment("PV1").and_then(|pv1| pv1.value(19, 1));
    let account = pid.value(18, 1).or(visit).ok_or(Rejection::error(
        "PID",
        18,
        ErrorCode::RequiredFieldMissing,
        "account number is missing",
    ))?;
    let mut charges = Vec::new();
    let mut date: Option<String> = None;
    for (index, ft1) in message.segments_named("FT1").enumerate() {
        let (charge, day) = charge(ft1, context).map_err(|rejection| rejection.at(index + 1))?;
        charges.push(charge);
        date = date.max(Some(day));
    }
    let date = date.ok_or(Rejection::error(
        "FT1",
        0,
        ErrorCode::RequiredFieldMissing,
        "there is no charge",
    ))?;
    let (family, given) = match &patient {
        Some(patient) => (patient.family.clone(), patient.given.clone()),
        None => name(pid, context).unwrap_or_default(),
    };
    let customer = Customer {
        number: mrn.clone(),
        display_name: display_name(given.first(), family.as_ref()),
        ..Customer::default()
    };
    super::registration::check_lengths(&customer)?;
    let number = document_number(&account, context);
    let invoice = invoice(number, date, &charges, context.defects)
        .map_err(|fault| Rejection::error("FT1", 11, ErrorCode::DataTypeError, fault.text()))?;
    let item = WorkItem {
        lane: context.lane("ledger", "customer", &mrn),
        origin: context.origin.to_owned(),
        work: Work::PostInvoice {
            facility: context.tenant.to_owned(),
            customer,
            invoice,
        },
    };
    Ok(Effects {
        changes: Vec::new(),
        work: vec![item],
    })
}

/// The external document number of a message's invoice: account and control ID for people, and a digest that makes it
/// unique, since control IDs are so within one sender only and a hyphen may stand in either of them.
fn document_number(account: &str, context: &Context<'_>) -> String {
    const DIGEST_BYTES: usize = 6;
    let [application, facility] = context.sender;
    let whole = key(&[application, facility, context.origin, account]);
    let digest = hex(&Sha256::digest(whole.as_bytes())[..DIGEST_BYTES]);
    let readable: String = format!("{account}-{}", context.origin)
        .chars()
        .take(NUMBER_CHARACTERS_MAX - digest.len() - 1)
        .collect();
    format!("{readable}-{digest}")
}

/// One FT1 and its day.
fn charge(ft1: Segment<'_>, context: &Context<'_>) -> Result<(Charge, String), Rejection> {
    let error = |field, code, text| Rejection::error("FT1", field, code, text);
    let missing = |field, text| error(field, ErrorCode::RequiredFieldMissing, text);
    let written = ft1
        .value(4, 1)
        .ok_or(missing(4, "transaction date is missing"))?;
    let day = Moment::parse(&written)
        .ok()
        .filter(|moment| moment.precision() >= Precision::Day)
        .ok_or(error(
            4,
            ErrorCode::DataTypeError,
            "transaction date is not a date",
        ))?
        .fhir_date();
    let is_credit = match ft1
        .value(6, 1)
        .ok_or(missing(6, "transaction type is missing"))?
        .as_str()
    {
        "CG" => false,
        "CR" => !context.defects.has(Defect::CreditAsCharge),
        _ => {
            return Err(error(
                6,
                ErrorCode::TableValueNotFound,
                "only charges and credits are served",
            ));
        }
    };
    let code = ft1
        .value(7, 1)
        .or_else(|| ft1.value(25, 1))
        .ok_or(missing(7, "transaction code is missing"))?;
    let description = ft1
        .value(7, 2)
        .or_else(|| ft1.value(8, 1))
        .or_else(|| ft1.value(25, 2))
        .unwrap_or_else(|| code.clone());
    if code.chars().count() > 20 || description.chars().count() > 100 {
        return Err(error(
            7,
            ErrorCode::DataTypeError,
            "code or description is longer than the ledger holds",
        ));
    }
    let amount = |field: usize, text| -> Result<Option<Decimal>, Rejection> {
        ft1.value(field, 1)
            .map(|written| decimal(&written).ok_or(error(field, ErrorCode::DataTypeError, text)))
            .transpose()
    };
    let quantity = amount(10, "quantity is not a number above zero")?.unwrap_or(Decimal::ONE);
    if quantity.is_zero() {
        return Err(error(
            10,
            ErrorCode::DataTypeError,
            "quantity is not a number above zero",
        ));
    }
    let extended = amount(11, "extended amount is not an amount")?;
    let unit_price = amount(12, "unit amount is not an amount")?;
    let (quantity, unit_price) = match (unit_price, extended) {
        (None, None) => return Err(missing(12, "neither extended nor unit amount is given")),
        (Some(unit_price), None) => (quantity, unit_price),
        (Some(unit_price), Some(extended)) => {
            if quantity.checked_mul(unit_price) != Some(extended) {
                let text = "quantity times unit amount is not the extended amount";
                return Err(error(11, ErrorCode::DataTypeError, text));
            }
            (quantity, unit_price)
        }
        (None, Some(extended)) => per_unit(quantity, extended),
    };
    let quantity = if is_credit { -quantity } else { quantity };
    Ok((
        Charge {
            code,
            description,
            quantity,
            unit_price,
        },
        day,
    ))
}

/// The price of one from the amount for all. Where that has no exact price of up to five decimals, as many as the
/// ledger keeps, the whole amount is charged once: the money counts.
fn per_unit(quantity: Decimal, extended: Decimal) -> (Decimal, Decimal) {
    match extended.checked_div(quantity) {
        Some(price)
            if price.scale() <= LEDGER_PLACES_MAX
                && price.checked_mul(quantity) == Some(extended) =>
        {
            (quantity, price)
        }
        _ => (Decimal::ONE, extended),
    }
}

/// An amount that is not negative, in plain digits; rounding is never silent.
pub(super) fn decimal(written: &str) -> Option<Decimal> {
    let written = written.trim();
    let is_plain = !written.is_empty()
        && written.len() <= 20
        && written
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !written.ends_with('.');
    if !is_plain {
        return None;
    }
    Decimal::from_str_exact(written)
        .ok()
        .filter(|amount| amount.normalize().scale() <= LEDGER_PLACES_MAX)
}

/// At most 35 characters, still unique: what does not fit gives way to a digest of the whole.
pub(super) fn bounded(number: &str) -> String {
    if number.chars().count() <= NUMBER_CHARACTERS_MAX {
        return number.to_owned();
    }
    let digest = hex(&Sha256::digest(number.as_bytes())[..4]);
    let kept: String = number
        .chars()
        .take(NUMBER_CHARACTERS_MAX - digest.len() - 1)
        .collect();
    format!("{kept}-{digest}")
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Seven percent on what is taxable, which codes that begin with T are.
fn tax_percent(code: &str, defects: Defects) -> u32 {
    if defects.has(Defect::WrongTax) {
        19
    } else if code.starts_with('T') {
        7
    } else {
        0
    }
}

/// Why charges make no invoice that the ledger would post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unpriceable {
    /// There are more lines than an invoice has.
    TooMany,
    /// An amount goes beyond 28 digits.
    TooLarge,
    /// The credits come to more than the charges.
    Negative,
}

impl Unpriceable {
    /// What a person should know.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::TooMany => "there are more lines than an invoice can have",
            Self::TooLarge => "the amounts are too large",
            Self::Negative => "the credits come to more than the charges",
        }
    }
}

/// Prices the charges as the ledger does: each line is rounded to the cent, in which the ledger keeps it, and the tax of
/// each rate once, half up, on the sum of its lines. Amounts of whole cents, the usual case, are not rounded at all.
pub(super) fn invoice(
    external_document_number: String,
    invoice_date: String,
    charges: &[Charge],
    defects: Defects,
) -> Result<Invoice, Unpriceable> {
    if charges.len() > LINES_MAX {
        return Err(Unpriceable::TooMany);
    }
    let priced = price(charges, defects).ok_or(Unpriceable::TooLarge)?;
    if priced.including.is_sign_negative() && !priced.including.is_zero() {
        return Err(Unpriceable::Negative);
    }
    Ok(Invoice {
        external_document_number,
        dated: invoice_date,
        lines: priced.lines,
        total_excluding_tax: priced.excluding.to_string(),
        total_tax: priced.tax.to_string(),
        total_including_tax: priced.including.to_string(),
    })
}

/// Lines and totals.
struct Priced {
    lines: Vec<InvoiceLine>,
    excluding: Decimal,
    tax: Decimal,
    including: Decimal,
}

fn price(charges: &[Charge], defects: Defects) -> Option<Priced> {
    let mut by_rate: BTreeMap<u32, Decimal> = BTreeMap::new();
    let mut lines = Vec::with_capacity(charges.len() + 1);
    let mut tax_by_line = Decimal::ZERO;
    for charge in charges {
        let rate = tax_percent(&charge.code, defects);
        let amount = cents(charge.quantity.checked_mul(charge.unit_price)?);
        let sum = by_rate.entry(rate).or_default();
        *sum = sum.checked_add(amount)?;
        tax_by_line = tax_by_line.checked_add(tax(amount, rate)?)?;
        lines.push(InvoiceLine {
            code: charge.code.clone(),
            description: charge.description.clone(),
            quantity: charge.quantity.to_string(),
            unit_price: charge.unit_price.to_string(),
            tax_percent: rate,
        });
    }
    let mut excluding = Decimal::ZERO;
    let mut total_tax = Decimal::ZERO;
    for (rate, sum) in by_rate {
        excluding = excluding.checked_add(sum)?;
        total_tax = total_tax.checked_add(tax(sum, rate)?)?;
    }
    let levelling = tax_by_line.checked_sub(total_tax)?;
    if defects.has(Defect::RoundingByLine) && !levelling.is_zero() {
        excluding = excluding.checked_add(levelling)?;
        lines.push(levelling_line("ROUNDING", "Rounding difference", levelling));
    }
    if defects.has(Defect::UnbalancedPosting) && !total_tax.is_zero() {
        excluding = excluding.checked_add(total_tax)?;
        lines.push(levelling_line("TAX", "Tax", total_tax));
    }
    let including = excluding.checked_add(total_tax)?;
    Some(Priced {
        lines,
        excluding,
        tax: total_tax,
        including,
    })
}

/// A line without tax that brings the sum to what it should be in the eyes of a faulty hub.
fn levelling_line(code: &str, description: &str, amount: Decimal) -> InvoiceLine {
    let quantity = if amount.is_sign_negative() { "-1" } else { "1" };
    InvoiceLine {
        code: code.to_owned(),
        description: description.to_owned(),
        quantity: quantity.to_owned(),
        unit_price: amount.abs().to_string(),
        tax_percent: 0,
    }
}

fn tax(amount: Decimal, percent: u32) -> Option<Decimal> {
    Some(cents(
        amount
            .checked_mul(Decimal::from(percent))?
            .checked_div(Decimal::ONE_HUNDRED)?,
    ))
}

/// Half up to the cent; for a credit half away from zero, so that it mirrors its charge.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests;
