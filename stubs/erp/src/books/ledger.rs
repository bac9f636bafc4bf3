//! Posting and canceling: what makes an invoice final, and the general ledger.

use wardgate_core::port::{Effect, Moment, Verb};
use wardgate_expression::{Json, Object};

use super::{Company, Row, company::Series, effect, invoices::split};
use crate::{
    money::{Cents, cents_of, money},
    refusal::{Outcome, Refusal},
    schema::{GENERAL_LEDGER_ENTRY, SALES_INVOICE, text},
};

/// The numbers of the accounts that posting books to.
const RECEIVABLE: &str = "15110";
const REVENUE: &str = "40100";
const TAX: &str = "22300";

impl Company {
    /// Posts a draft: it gets a number if it has none, becomes open and immutable, and the ledger its entries.
    pub(crate) fn post(&mut self, id: &str, at: Moment) -> Outcome<Vec<Effect>> {
        let (mut invoice, lines) = self.draft(id)?;
        if lines.iter().all(|line| text(line, "lineType") == "Comment") {
            return Err(Refusal::rule("There is nothing to post."));
        }
        let total = cents_of(invoice.get("totalAmountIncludingTax"));
        if total < 0 {
            return Err(Refusal::rule(
                "The total amount of an invoice has to be zero or more.",
            ));
        }
        let customer_id = text(&invoice, "billToCustomerId").to_owned();
        let is_blocked = self.customers.get(&customer_id).is_some_and(|row| {
            matches!(
                row.json.get("blocked").and_then(Json::as_str),
                Some("Invoice" | "All")
            )
        });
        if is_blocked {
            return Err(Refusal::rule(
                "The document cannot be posted, because the customer is blocked.",
            ));
        }
        self.check_external_number(&invoice, id)?;
        if text(&invoice, "number").is_empty() {
            let number = self.number(Series::Invoice);
            invoice.insert("number", number);
        }
        invoice.insert("status", "Open");
        invoice.insert("remainingAmount", money(total));
        let document = Document {
            number: text(&invoice, "number").to_owned(),
            kind: "Invoice",
            description: format!("Invoice {}", text(&invoice, "number")),
            posting_date: text(&invoice, "postingDate").to_owned(),
            sign: 1,
        };
        let (net, tax) = (
            cents_of(invoice.get("totalAmountExcludingTax")),
            cents_of(invoice.get("totalTaxAmount")),
        );
        self.keep_invoice(invoice, lines, at);
        self.update_balance(&customer_id, total);
        let mut effects = vec![effect(Verb::Updated, SALES_INVOICE.set, id, Vec::new())];
        effects.extend(self.book(&document, net, tax, at));
        Ok(effects)
    }

    /// Cancels an open invoice by a corrective credit memo, which turns each of its entries round.
    pub(crate) fn cancel(&mut self, id: &str, at: Moment) -> Outcome<Vec<Effect>> {
        let row = self.invoices.get(id).ok_or_else(Refusal::not_found)?;
        let (mut invoice, lines) = split(row.json.as_object().cloned().unwrap_or_default());
        if text(&invoice, "status") != "Open" {
            return Err(Refusal::rule(
                "The invoice cannot be canceled, because it is not open.",
            ));
        }
        let number = self.number(Series::CreditMemo);
        let document = Document {
            description: format!("Credit Memo {number}"),
            number,
            kind: "Credit_x0020_Memo",
            posting_date: text(&invoice, "postingDate").to_owned(),
            sign: -1,
        };
        let (net, tax) = (
            cents_of(invoice.get("totalAmountExcludingTax")),
            cents_of(invoice.get("totalTaxAmount")),
        );
        let owed = cents_of(invoice.get("remainingAmount"));
        let customer_id = text(&invoice, "billToCustomerId").to_owned();
        invoice.insert("status", "Canceled");
        invoice.insert("remainingAmount", money(0));
        self.keep_invoice(invoice, lines, at);
        self.update_balance(&customer_id, -owed);
        let mut effects = vec![effect(Verb::Updated, SALES_INVOICE.set, id, Vec::new())];
        effects.extend(self.book(&document, net, tax, at));
        Ok(effects)
    }

    /// One customer cannot be invoiced twice under one external document number.
    fn check_external_number(&self, invoice: &Object, id: &str) -> Outcome<()> {
        let external = text(invoice, "externalDocumentNumber");
        if external.is_empty() {
            return Ok(());
        }
        let customer = text(invoice, "customerId");
        let is_taken = self
            .invoices
            .with_text("externalDocumentNumber", external)
            .into_iter()
            .flatten()
            .filter_map(|row| row.json.as_object().filter(|_| row.id != id))
            .any(|other| {
                text(other, "customerId") == customer
                    && matches!(text(other, "status"), "Open" | "Paid")
            });
        if is_taken {
            return Err(Refusal::same_key(
                SALES_INVOICE.name,
                "externalDocumentNumber for this customer",
            ));
        }
        Ok(())
    }

    /// Writes the entries of a document. The receivable is what the stored, rounded amounts add up to, so that debit
    /// equals credit to the cent.
    fn book(&mut self, document: &Document, net: Cents, tax: Cents, at: Moment) -> Vec<Effect> {
        let accounts = self.accounts.clone();
        [
            (RECEIVABLE, accounts.receivable, net + tax),
            (REVENUE, accounts.revenue, -net),
            (TAX, accounts.tax, -tax),
        ]
        .into_iter()
        .filter(|(_, _, amount)| *amount != 0)
        .map(|(number, account_id, amount)| {
            self.entry(document, number, &account_id, amount * document.sign, at)
        })
        .collect()
    }

    /// One entry; a positive amount is a debit, a negative one a credit.
    fn entry(
        &mut self,
        document: &Document,
        account: &str,
        account_id: &str,
        amount: Cents,
        at: Moment,
    ) -> Effect {
        let id = self.guid();
        let mut entry = GENERAL_LEDGER_ENTRY.blank();
        entry.insert("id", &id);
        entry.insert("entryNumber", self.entry_number());
        entry.insert("postingDate", &document.posting_date);
        entry.insert("documentNumber", &document.number);
        entry.insert("documentType", document.kind);
        entry.insert("accountId", account_id);
        entry.insert("accountNumber", account);
        entry.insert("description", &document.description);
        entry.insert("debitAmount", money(amount.max(0)));
        entry.insert("creditAmount", money((-amount).max(0)));
        entry.insert("companyName", self.name());
        self.stamp(&mut entry, at);
        self.entries.put(Row {
            id: id.clone(),
            changed: at,
            json: Json::Object(entry),
        });
        effect(
            Verb::Created,
            GENERAL_LEDGER_ENTRY.set,
            &id,
            vec![id.clone()],
        )
    }
}

/// What the entries of one booking have in common.
struct Document {
    number: String,
    kind: &'static str,
    description: String,
    posting_date: String,
    /// 1 for an invoice, -1 for a credit memo.
    sign: Cents,
}
