//! Records that are put into the books from outside the API.

use wardgate_core::port::{Effect, Moment};
use wardgate_expression::Json;

use crate::{
    books::{Company, Table},
    refusal::{Outcome, Refusal},
    schema::{COMPANY, Writer},
    server::Server,
};

impl Server {
    /// Holds a record: a customer or item whose number is known already is changed, an invoice is posted if its
    /// status says so.
    pub(crate) fn seed_record(
        &mut self,
        at: Moment,
        collection: &str,
        record: &Json,
    ) -> Outcome<Vec<Effect>> {
        if collection == COMPANY.set {
            let name = record
                .get("name")
                .and_then(Json::as_str)
                .ok_or_else(|| Refusal::field("name", "is missing"))?;
            if !self.companies.iter().any(|company| company.name() == name) {
                self.companies.push(Company::new(&self.seed, name, at));
            }
            return Ok(Vec::new());
        }
        let strict_items = self.settings.strict_items;
        let company = self.company_of(record)?;
        let number = record.get("number").and_then(Json::as_str).unwrap_or("");
        let known = |table: &Table| {
            table
                .with_text("number", number)
                .and_then(|rows| rows.first().map(|row| row.id.clone()))
                .filter(|_| !number.is_empty())
        };
        match collection {
            "customers" => match known(&company.customers) {
                // A customer that is there already is brought into the state that is wanted.
                Some(id) => company.change_customer(&id, &without_place(record), at),
                None => Ok(company.create_customer(record, Writer::Seeder, at)?.1),
            },
            "items" => match known(&company.items) {
                Some(id) => company.change_item(&id, &without_place(record), at),
                None => Ok(company.create_item(record, Writer::Seeder, at)?.1),
            },
            "salesInvoices" => {
                let (id, mut effects) =
                    company.create_invoice(record, Writer::Seeder, strict_items, at)?;
                if record.get("status").and_then(Json::as_str) == Some("Open") {
                    effects.extend(company.post(&id, at)?);
                }
                Ok(effects)
            }
            _ => Err(Refusal::bad_request(format!(
                "'{collection}' cannot be given; companies, customers, items and salesInvoices can."
            ))),
        }
    }

    /// The company that a record to be held names, by name or id; the first where it names none.
    fn company_of(&mut self, record: &Json) -> Outcome<&mut Company> {
        let name = record.get("companyName").and_then(Json::as_str);
        let id = record.get("companyId").and_then(Json::as_str);
        self.companies
            .iter_mut()
            .find(|company| {
                name.is_none_or(|name| company.name() == name)
                    && id.is_none_or(|id| company.row.id.eq_ignore_ascii_case(id))
            })
            .ok_or_else(Refusal::no_company)
    }
}

/// A record to be held, without the members that say where.
fn without_place(record: &Json) -> Json {
    let mut record = record.clone();
    if let Some(members) = record.as_object_mut() {
        for name in ["id", "companyName", "companyId"] {
            members.remove(name);
        }
    }
    record
}
