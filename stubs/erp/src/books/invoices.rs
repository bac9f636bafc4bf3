//! Sales invoices until they are posted.

use std::sync::Arc;

use wardgate_core::port::{Effect, Moment, Verb};
use wardgate_expression::{Json, Object};

use super::{Company, Row, day, effect, lines};
use crate::{
    money::{self, LineTerms, MoneyFault, cents_of, money},
    refusal::{Outcome, Refusal},
    schema::{NO_DATE, NO_GUID, SALES_INVOICE, SALES_INVOICE_LINE, Writer, apply, text},
};

/// The most lines of one invoice.
const LINES_MAX: usize = 1_000;

/// The two customers of an invoice, each named by id and by number: who buys, and who is billed.
const CUSTOMER_NAMES: [(&str, &str); 2] = [
    ("customerId", "customerNumber"),
    ("billToCustomerId", "billToCustomerNumber"),
];

/// What is to become of one line of a draft.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change<'b> {
    /// A new one.
    Add(&'b Json),
    /// The line of this id changes.
    Edit(&'b str, &'b Json),
    /// The line of this id goes.
    Remove(&'b str),
}

impl Company {
    /// Creates a draft, with its lines if the body has some.
    pub(crate) fn create_invoice(
        &mut self,
        body: &Json,
        writer: Writer<'_>,
        strict_items: bool,
        at: Moment,
    ) -> Outcome<(String, Vec<Effect>)> {
        let payload = SALES_INVOICE.payload(body, writer)?;
        let given_lines = match body.get("salesInvoiceLines") {
            None => &[][..],
            Some(lines) => lines
                .as_array()
                .ok_or_else(|| Refusal::bad_request("salesInvoiceLines has to be a list."))?,
        };
        if given_lines.len() > LINES_MAX {
            return Err(Refusal::bad_request(format!(
                "An invoice can have {LINES_MAX} lines."
            )));
        }
        let id = self.id_for(&payload);
        if self.invoices.get(&id).is_some() {
            return Err(Refusal::same_key(SALES_INVOICE.name, "id"));
        }
        let mut invoice = SALES_INVOICE.blank();
        apply(&mut invoice, payload);
        invoice.insert("id", &id);
        invoice.insert("discountAppliedBeforeTax", true);
        let invoice_date = defaulted(&mut invoice, "invoiceDate", &day(at));
        defaulted(&mut invoice, "postingDate", &invoice_date);
        defaulted(&mut invoice, "dueDate", &invoice_date);
        self.check_header(&mut invoice, &id)?;
        let mut lines: Vec<Object> = Vec::with_capacity(given_lines.len());
        for given in given_lines {
            let payload = SALES_INVOICE_LINE.payload(given, writer)?;
            let line = self.new_line(&id, &lines, payload, strict_items)?;
            lines.push(line);
        }
        invoice.insert("companyName", self.name());
        let mut keys = vec![id.clone()];
        keys.extend(lines.iter().map(|line| text(line, "id").to_owned()));
        for line in &mut lines {
            self.version(line);
        }
        self.keep_draft(invoice, lines, at)?;
        for line in &keys[1..] {
            Arc::make_mut(&mut self.invoice_of_line).insert(line.clone(), id.clone());
        }
        let effects = vec![effect(Verb::Created, SALES_INVOICE.set, &id, keys)];
        Ok((id, effects))
    }

    /// Changes the head of a draft.
    pub(crate) fn change_invoice(
        &mut self,
        id: &str,
        body: &Json,
        at: Moment,
    ) -> Outcome<Vec<Effect>> {
        if body.get("salesInvoiceLines").is_some() {
            return Err(Refusal::bad_request(
                "Lines cannot be changed through their invoice; change them one by one.",
            ));
        }
        let (mut invoice, lines) = self.draft(id)?;
        let current = Json::Object(invoice.clone());
        let payload = SALES_INVOICE.payload(body, Writer::Editor(&current))?;
        // A customer that is given by one of its two names replaces the other as well, and is billed from then on.
        for (id_name, number_name) in CUSTOMER_NAMES {
            let (gives_id, gives_number) = (
                payload.contains_key(id_name),
                payload.contains_key(number_name),
            );
            let is_new_customer =
                payload.contains_key("customerId") || payload.contains_key("customerNumber");
            if gives_id != gives_number || is_new_customer && !gives_id {
                invoice.insert(id_name, NO_GUID);
                invoice.insert(number_name, "");
            }
        }
        apply(&mut invoice, payload);
        self.check_header(&mut invoice, id)?;
        self.keep_draft(invoice, lines, at)?;
        Ok(vec![effect(
            Verb::Updated,
            SALES_INVOICE.set,
            id,
            Vec::new(),
        )])
    }

    /// Deletes a draft with its lines.
    pub(crate) fn delete_invoice(&mut self, id: &str) -> Outcome<Vec<Effect>> {
        let (_, lines) = self.draft(id)?;
        for line in &lines {
            Arc::make_mut(&mut self.invoice_of_line).remove(text(line, "id"));
        }
        self.invoices.remove(id);
        Ok(vec![effect(
            Verb::Deleted,
            SALES_INVOICE.set,
            id,
            Vec::new(),
        )])
    }

    /// The invoice that a line belongs to.
    pub(crate) fn invoice_of_line(&self, line_id: &str) -> Option<&str> {
        self.invoice_of_line.get(line_id).map(String::as_str)
    }

    /// A line.
    pub(crate) fn line(&self, line_id: &str) -> Option<&Json> {
        let invoice = self.invoices.get(self.invoice_of_line(line_id)?)?;
        invoice
            .json
            .get("salesInvoiceLines")?
            .as_array()?
            .iter()
            .find(|line| line.get("id").and_then(Json::as_str) == Some(line_id))
    }

    /// Adds, changes or removes a line of a draft; the id of the line.
    pub(crate) fn change_line(
        &mut self,
        invoice_id: &str,
        change: Change<'_>,
        strict_items: bool,
        at: Moment,
    ) -> Outcome<(String, Vec<Effect>)> {
        let (invoice, mut lines) = self.draft(invoice_id)?;
        let position =
            |lines: &[Object], id: &str| lines.iter().position(|line| text(line, "id") == id);
        let (line_id, verb) = match change {
            Change::Add(body) => {
                if lines.len() >= LINES_MAX {
                    return Err(Refusal::bad_request(format!(
                        "An invoice can have {LINES_MAX} lines."
                    )));
                }
                let payload = SALES_INVOICE_LINE.payload(body, Writer::Creator)?;
                let mut line = self.new_line(invoice_id, &lines, payload, strict_items)?;
                self.version(&mut line);
                let id = text(&line, "id").to_owned();
                lines.push(line);
                (id, Verb::Created)
            }
            Change::Edit(id, body) => {
                let index = position(&lines, id).ok_or_else(Refusal::not_found)?;
                let mut line = lines.remove(index);
                let current = Json::Object(line.clone());
                let payload = SALES_INVOICE_LINE.payload(body, Writer::Editor(&current))?;
                if payload.contains_key("documentId") && text(&payload, "documentId") != invoice_id
                {
                    return Err(Refusal::field("documentId", "cannot be changed"));
                }
                self.write_line(&mut line, &lines, payload, strict_items)?;
                self.version(&mut line);
                lines.insert(index, line);
                (id.to_owned(), Verb::Updated)
            }
            Change::Remove(id) => {
                let index = position(&lines, id).ok_or_else(Refusal::not_found)?;
                lines.remove(index);
                (id.to_owned(), Verb::Deleted)
            }
        };
        self.keep_draft(invoice, lines, at)?;
        let mut keys = Vec::new();
        match change {
            Change::Add(_) => {
                Arc::make_mut(&mut self.invoice_of_line)
                    .insert(line_id.clone(), invoice_id.to_owned());
                keys.push(line_id.clone());
            }
            Change::Remove(_) => {
                Arc::make_mut(&mut self.invoice_of_line).remove(&line_id);
            }
            Change::Edit(..) => {}
        }
        let effects = vec![effect(verb, SALES_INVOICE_LINE.set, &line_id, keys)];
        Ok((line_id, effects))
    }

    /// A draft's head and lines; a posted document cannot be changed.
    pub(super) fn draft(&self, id: &str) -> Outcome<(Object, Vec<Object>)> {
        let row = self.invoices.get(id).ok_or_else(Refusal::not_found)?;
        let invoice = row.json.as_object().cloned().unwrap_or_default();
        if text(&invoice, "status") != "Draft" {
            return Err(Refusal::rule(
                "The document cannot be changed, because it is posted.",
            ));
        }
        Ok(split(invoice))
    }

    /// Computes a draft's amounts and keeps it.
    fn keep_draft(
        &mut self,
        mut invoice: Object,
        mut lines: Vec<Object>,
        at: Moment,
    ) -> Outcome<()> {
        lines.sort_by_key(lines::sequence);
        let terms: Vec<LineTerms> = lines.iter().map(lines::terms).collect();
        let totals =
            money::totals(&terms, cents_of(invoice.get("discountAmount"))).map_err(|fault| {
                match fault {
                    MoneyFault::TooLarge(_) => lines::too_large("quantity"),
                    MoneyFault::DiscountTooLarge => {
                        Refusal::field("discountAmount", "is more than the lines come to")
                    }
                }
            })?;
        for (line, amounts) in lines.iter_mut().zip(&totals.lines) {
            lines::write_amounts(line, amounts);
        }
        invoice.insert("totalAmountExcludingTax", money(totals.net));
        invoice.insert("totalTaxAmount", money(totals.tax));
        invoice.insert("totalAmountIncludingTax", money(totals.net + totals.tax));
        invoice.insert("remainingAmount", money(0));
        self.keep_invoice(invoice, lines, at);
        Ok(())
    }

    /// Keeps an invoice as it is, in a new version.
    pub(super) fn keep_invoice(&mut self, mut invoice: Object, lines: Vec<Object>, at: Moment) {
        self.stamp(&mut invoice, at);
        invoice.insert(
            "salesInvoiceLines",
            Json::Array(lines.into_iter().map(Json::Object).collect()),
        );
        self.invoices.put(Row {
            id: text(&invoice, "id").to_owned(),
            changed: at,
            json: Json::Object(invoice),
        });
    }

    /// Checks what a head says, and writes what follows from it.
    fn check_header(&self, invoice: &mut Object, id: &str) -> Outcome<()> {
        if invoice.get("pricesIncludeTax").and_then(Json::as_bool) == Some(true) {
            return Err(Refusal::field(
                "pricesIncludeTax",
                "has to be false, because prices with tax are not supported",
            ));
        }
        let number = text(invoice, "number");
        if !number.is_empty() && self.invoices.has_other("number", number, id) {
            return Err(Refusal::same_key(SALES_INVOICE.name, "number"));
        }
        for (id_name, number_name) in CUSTOMER_NAMES {
            // Who buys is billed, unless another is named.
            if id_name != "customerId"
                && text(invoice, id_name) == NO_GUID
                && text(invoice, number_name).is_empty()
            {
                let id = text(invoice, "customerId").to_owned();
                invoice.insert(id_name, id);
            }
            let customer = self.customer_of(
                text(invoice, id_name),
                text(invoice, number_name),
                id_name,
                number_name,
            )?;
            let member = |name: &str| customer.get(name).cloned().unwrap_or_default();
            if member("blocked").as_str() == Some("All") {
                return Err(Refusal::rule(
                    "A document cannot be created, because the customer is blocked.",
                ));
            }
            invoice.insert(id_name, member("id"));
            invoice.insert(number_name, member("number"));
            invoice.insert(
                if id_name == "customerId" {
                    "customerName"
                } else {
                    "billToName"
                },
                member("displayName"),
            );
        }
        Ok(())
    }

    /// The customer that an id and a number name; where both are given they have to agree.
    fn customer_of(
        &self,
        id: &str,
        number: &str,
        id_name: &str,
        number_name: &str,
    ) -> Outcome<&Json> {
        let by_number = self
            .customers
            .with_text("number", number)
            .and_then(|rows| rows.first().copied());
        if id == NO_GUID || id.is_empty() {
            if number.is_empty() {
                return Err(Refusal::field(number_name, "cannot be empty"));
            }
            return by_number.map(|row| &row.json).ok_or_else(|| {
                Refusal::field(number_name, "names a customer that does not exist")
            });
        }
        let row = self
            .customers
            .get(id)
            .ok_or_else(|| Refusal::field(id_name, "names a customer that does not exist"))?;
        if !number.is_empty() && by_number.is_none_or(|other| other.id != row.id) {
            return Err(Refusal::field(
                number_name,
                &format!("does not agree with {id_name}"),
            ));
        }
        Ok(&row.json)
    }
}

/// An invoice's head and its lines apart.
pub(super) fn split(mut invoice: Object) -> (Object, Vec<Object>) {
    let lines = match invoice.remove("salesInvoiceLines") {
        Some(Json::Array(lines)) => lines
            .into_iter()
            .filter_map(|line| match line {
                Json::Object(line) => Some(line),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    (invoice, lines)
}

/// Gives a date that is none a value; the date that stands there then.
fn defaulted(invoice: &mut Object, name: &str, value: &str) -> String {
    if text(invoice, name) == NO_DATE {
        invoice.insert(name, value);
    }
    text(invoice, name).to_owned()
}
