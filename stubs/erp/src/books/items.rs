//! Items.

use wardgate_core::port::{Effect, Moment, Verb};
use wardgate_expression::Json;

use super::{Company, Row, company::Series, effect};
use crate::{
    refusal::{Outcome, Refusal},
    schema::{ITEM, Writer, apply, text},
};

impl Company {
    /// Creates an item; without a number it gets the next one.
    pub(crate) fn create_item(
        &mut self,
        body: &Json,
        writer: Writer<'_>,
        at: Moment,
    ) -> Outcome<(String, Vec<Effect>)> {
        let payload = ITEM.payload(body, writer)?;
        let number = text(&payload, "number").to_owned();
        if !number.is_empty() && self.items.has_other("number", &number, "") {
            return Err(Refusal::same_key(ITEM.name, "number"));
        }
        let id = self.id_for(&payload);
        if self.items.get(&id).is_some() {
            return Err(Refusal::same_key(ITEM.name, "id"));
        }
        let mut record = ITEM.blank();
        apply(&mut record, payload);
        record.insert("id", &id);
        if number.is_empty() {
            record.insert("number", self.number(Series::Item));
        }
        record.insert("companyName", self.name());
        self.stamp(&mut record, at);
        self.items.put(Row {
            id: id.clone(),
            changed: at,
            json: Json::Object(record),
        });
        let effects = vec![effect(Verb::Created, ITEM.set, &id, vec![id.clone()])];
        Ok((id, effects))
    }

    /// Changes an item. Lines that name it keep what they were given.
    pub(crate) fn change_item(
        &mut self,
        id: &str,
        body: &Json,
        at: Moment,
    ) -> Outcome<Vec<Effect>> {
        let row = self.items.get(id).ok_or_else(Refusal::not_found)?;
        let payload = ITEM.payload(body, Writer::Editor(&row.json))?;
        let mut record = row.json.as_object().cloned().unwrap_or_default();
        if let Some(number) = payload.get("number").and_then(Json::as_str) {
            if number.is_empty() {
                return Err(Refusal::field("number", "cannot be empty"));
            }
            if self.items.has_other("number", number, id) {
                return Err(Refusal::same_key(ITEM.name, "number"));
            }
        }
        apply(&mut record, payload);
        self.stamp(&mut record, at);
        self.items.put(Row {
            id: id.to_owned(),
            changed: at,
            json: Json::Object(record),
        });
        Ok(vec![effect(Verb::Updated, ITEM.set, id, Vec::new())])
    }

    /// Deletes an item.
    pub(crate) fn delete_item(&mut self, id: &str) -> Outcome<Vec<Effect>> {
        self.items.get(id).ok_or_else(Refusal::not_found)?;
        self.items.remove(id);
        Ok(vec![effect(Verb::Deleted, ITEM.set, id, Vec::new())])
    }
}
