//! Lines of invoices.

use rust_decimal::Decimal;
use wardgate_expression::{Json, Object};

use super::Company;
use crate::{
    money::{self, LineAmounts, LineTerms, cents, cents_of, decimal_of, money},
    refusal::{Outcome, Refusal},
    schema::{NO_GUID, SALES_INVOICE_LINE, apply, text},
};

/// The step between the sequence numbers of lines.
const SEQUENCE_STEP: i64 = 10_000;

impl Company {
    /// A new line of an invoice out of a checked payload; `lines` are those that are there already.
    pub(super) fn new_line(
        &mut self,
        invoice_id: &str,
        lines: &[Object],
        payload: Object,
        strict_items: bool,
    ) -> Outcome<Object> {
        let document = text(&payload, "documentId");
        if !document.is_empty() && document != invoice_id {
            return Err(Refusal::field(
                "documentId",
                "does not agree with the invoice that the line is written to",
            ));
        }
        let mut line = SALES_INVOICE_LINE.blank();
        line.insert("lineType", "Item");
        let id = self.id_for(&payload);
        if self.invoice_of_line.contains_key(&id) {
            return Err(Refusal::same_key(SALES_INVOICE_LINE.name, "id"));
        }
        if payload.get("sequence").is_none() {
            let last = lines.iter().filter_map(sequence).max().unwrap_or(0);
            line.insert("sequence", last.saturating_add(SEQUENCE_STEP));
        }
        line.insert("documentId", invoice_id);
        self.write_line(&mut line, lines, payload, strict_items)?;
        line.insert("id", &id);
        line.insert("discountAppliedBeforeTax", true);
        line.insert("companyName", self.name());
        Ok(line)
    }

    /// Writes a checked payload into a line. `others` are the other lines of its invoice.
    pub(super) fn write_line(
        &self,
        line: &mut Object,
        others: &[Object],
        payload: Object,
        strict_items: bool,
    ) -> Outcome<()> {
        let gives = |name: &str| payload.contains_key(name);
        let gives_discount = gives("discountAmount");
        let changes_share = gives("discountPercent") || gives("quantity") || gives("unitPrice");
        let names_item = gives("itemId") || gives("lineObjectNumber") || gives("lineType");
        let (gives_price, gives_description) = (gives("unitPrice"), gives("description"));
        if text(&payload, "documentId") == NO_GUID {
            return Err(Refusal::field("documentId", "cannot be empty"));
        }
        let item_id_given = payload
            .get("itemId")
            .and_then(Json::as_str)
            .map(str::to_owned);
        let number_given = payload
            .get("lineObjectNumber")
            .and_then(Json::as_str)
            .map(str::to_owned);
        apply(line, payload);
        if others.iter().any(|other| sequence(other) == sequence(line)) {
            return Err(Refusal::same_key(SALES_INVOICE_LINE.name, "sequence"));
        }
        if names_item {
            let item = self.item_of(
                line,
                item_id_given.as_deref(),
                number_given.as_deref(),
                strict_items,
            )?;
            if let Some(item) = item {
                for (to, from, is_given) in [
                    ("itemId", "id", false),
                    ("lineObjectNumber", "number", false),
                    ("description", "displayName", gives_description),
                    ("unitPrice", "unitPrice", gives_price),
                ] {
                    if let Some(value) = item.get(from).filter(|_| !is_given) {
                        line.insert(to, value);
                    }
                }
            } else {
                line.insert("itemId", NO_GUID);
            }
        }
        check_percent(line, "taxPercent")?;
        check_percent(line, "discountPercent")?;
        if gives_discount {
            settle_percent(line)
        } else if changes_share || names_item {
            settle_discount(line)
        } else {
            Ok(())
        }
    }

    /// The item that a line names, by id or by number, which have to agree.
    fn item_of(
        &self,
        line: &Object,
        id_given: Option<&str>,
        number_given: Option<&str>,
        strict_items: bool,
    ) -> Outcome<Option<&Json>> {
        if text(line, "lineType") != "Item" {
            return Ok(None);
        }
        if let Some(id) = id_given.filter(|id| *id != NO_GUID) {
            let row = self
                .items
                .get(id)
                .ok_or_else(|| Refusal::field("itemId", "names an item that does not exist"))?;
            let number = row.json.get("number").and_then(Json::as_str);
            if number_given.is_some_and(|given| !given.is_empty() && number != Some(given)) {
                return Err(Refusal::field(
                    "lineObjectNumber",
                    "does not agree with itemId",
                ));
            }
            return Ok(Some(&row.json));
        }
        let number = text(line, "lineObjectNumber");
        let found = self
            .items
            .with_text("number", number)
            .and_then(|rows| rows.first().map(|row| &row.json));
        if found.is_none() && strict_items {
            return Err(Refusal::field(
                "lineObjectNumber",
                "names an item that does not exist",
            ));
        }
        Ok(found)
    }
}

/// Computes the discount's percentage from its amount.
fn settle_percent(line: &mut Object) -> Outcome<()> {
    let gross = gross(line)?;
    let discount = cents_of(line.get("discountAmount"));
    let gross_cents = cents(gross).ok_or_else(|| too_large("quantity"))?;
    let is_part =
        discount == 0 || (discount < 0) == (gross_cents < 0) && discount.abs() <= gross_cents.abs();
    if !is_part {
        return Err(Refusal::field(
            "discountAmount",
            "is more than the line comes to",
        ));
    }
    let percent = Decimal::from_i128_with_scale(discount, 2)
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|share| share.checked_div(gross))
        .unwrap_or_default();
    line.insert("discountPercent", percent.round_dp(5).normalize());
    Ok(())
}

/// Computes the discount's amount from its percentage.
fn settle_discount(line: &mut Object) -> Outcome<()> {
    let percent = decimal_of(line.get("discountPercent")).unwrap_or_default();
    let discount = money::percent_of(gross(line)?, percent).ok_or_else(|| too_large("quantity"))?;
    line.insert("discountAmount", money(discount));
    Ok(())
}

/// Quantity times price, unrounded.
fn gross(line: &Object) -> Outcome<Decimal> {
    decimal_of(line.get("quantity"))
        .unwrap_or_default()
        .checked_mul(decimal_of(line.get("unitPrice")).unwrap_or_default())
        .ok_or_else(|| too_large("quantity"))
}

/// What a line says, for the computation of totals.
pub(super) fn terms(line: &Object) -> LineTerms {
    LineTerms {
        quantity: decimal_of(line.get("quantity")).unwrap_or_default(),
        unit_price: decimal_of(line.get("unitPrice")).unwrap_or_default(),
        discount: cents_of(line.get("discountAmount")),
        tax_percent: decimal_of(line.get("taxPercent")).unwrap_or_default(),
    }
}

/// Writes what was computed into a line. Its own tax is the tax on its net amount, since discounts come before tax.
pub(super) fn write_amounts(line: &mut Object, amounts: &LineAmounts) {
    for (name, amount) in [
        ("amountExcludingTax", amounts.amount),
        ("totalTaxAmount", amounts.tax),
        ("amountIncludingTax", amounts.amount + amounts.tax),
        ("invoiceDiscountAllocation", amounts.allocation),
        ("netAmount", amounts.net),
        ("netTaxAmount", amounts.tax),
        ("netAmountIncludingTax", amounts.net + amounts.tax),
    ] {
        line.insert(name, money(amount));
    }
}

/// A line's place among the others.
pub(super) fn sequence(line: &Object) -> Option<i64> {
    line.get("sequence").and_then(Json::as_i64)
}

/// An amount that cannot be held.
pub(super) fn too_large(name: &str) -> Refusal {
    Refusal::field(name, "makes the amount larger than can be held")
}

fn check_percent(line: &Object, name: &str) -> Outcome<()> {
    let percent = decimal_of(line.get(name)).unwrap_or_default();
    if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        return Err(Refusal::field(name, "has to be from 0 to 100"));
    }
    Ok(())
}
