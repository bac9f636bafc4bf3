//! Customers.

use wardgate_core::port::{Effect, Moment, Verb};
use wardgate_expression::Json;

use super::{Company, Row, company::Series, effect};
use crate::{
    refusal::{Outcome, Refusal},
    schema::{CUSTOMER, Writer, apply, text},
};

impl Company {
    /// Creates a customer; without a number it gets the next one.
    pub(crate) fn create_customer(
        &mut self,
        body: &Json,
        writer: Writer<'_>,
        at: Moment,
    ) -> Outcome<(String, Vec<Effect>)> {
        let payload = CUSTOMER.payload(body, writer)?;
        let number = text(&payload, "number").to_owned();
        if !number.is_empty() && self.customers.has_other("number", &number, "") {
            return Err(Refusal::same_key(CUSTOMER.name, "number"));
        }
        let id = self.id_for(&payload);
        if self.customers.get(&id).is_some() {
            return Err(Refusal::same_key(CUSTOMER.name, "id"));
        }
        let mut record = CUSTOMER.blank();
        apply(&mut record, payload);
        record.insert("id", &id);
        if number.is_empty() {
            record.insert("number", self.number(Series::Customer));
        }
        record.insert("companyName", self.name());
        self.stamp(&mut record, at);
        self.customers.put(Row {
            id: id.clone(),
            changed: at,
            json: Json::Object(record),
        });
        let effects = vec![effect(Verb::Created, CUSTOMER.set, &id, vec![id.clone()])];
        Ok((id, effects))
    }

    /// Changes a customer.
    pub(crate) fn change_customer(
        &mut self,
        id: &str,
        body: &Json,
        at: Moment,
    ) -> Outcome<Vec<Effect>> {
        let row = self.customers.get(id).ok_or_else(Refusal::not_found)?;
        let payload = CUSTOMER.payload(body, Writer::Editor(&row.json))?;
        let mut record = row.json.as_object().cloned().unwrap_or_default();
        if payload.contains_key("number") && text(&payload, "number") != text(&record, "number") {
            let number = text(&payload, "number");
            if number.is_empty() {
                return Err(Refusal::field("number", "cannot be empty"));
            }
            if self.customers.has_other("number", number, id) {
                return Err(Refusal::same_key(CUSTOMER.name, "number"));
            }
            if self.has_invoices(id) {
                return Err(Refusal::rule(
                    "The number cannot be changed, because there are documents for the customer.",
                ));
            }
        }
        apply(&mut record, payload);
        self.stamp(&mut record, at);
        self.customers.put(Row {
            id: id.to_owned(),
            changed: at,
            json: Json::Object(record),
        });
        Ok(vec![effect(Verb::Updated, CUSTOMER.set, id, Vec::new())])
    }

    /// Deletes a customer that no document names.
    pub(crate) fn delete_customer(&mut self, id: &str) -> Outcome<Vec<Effect>> {
        self.customers.get(id).ok_or_else(Refusal::not_found)?;
        if self.has_invoices(id) {
            return Err(Refusal::rule(
                "The customer cannot be deleted, because there are documents for it.",
            ));
        }
        self.customers.remove(id);
        Ok(vec![effect(Verb::Deleted, CUSTOMER.set, id, Vec::new())])
    }

    /// Holds what a customer owes, after its invoices changed.
    pub(super) fn update_balance(&mut self, id: &str, change: crate::money::Cents) {
        let Some(row) = self.customers.get(id) else {
            return;
        };
        let mut row = Row::clone(row);
        if let Some(record) = row.json.as_object_mut() {
            let balance = crate::money::cents_of(record.get("balanceDue"));
            record.insert("balanceDue", crate::money::money(balance + change));
        }
        self.customers.put(row);
    }

    fn has_invoices(&self, id: &str) -> bool {
        self.invoices.has_other("customerId", id, "")
    }
}
