//! What can be done with sets, with single records, and with what hangs on an invoice.

use wardgate_expression::Json;

use crate::{
    answer::{Answer, Shape},
    books::{Change, Company, check_tag},
    call::{Call, Done, created, guid, one, unchanged},
    collections::{find, records},
    list,
    odata::{Options, Segment},
    refusal::{Outcome, Refusal},
    schema::{CUSTOMER, Entity, GENERAL_LEDGER_ENTRY, SALES_INVOICE_LINE, Writer},
    server::Server,
};

impl Server {
    /// A whole set: list it, or create in it.
    pub(crate) fn set(&mut self, call: Call<'_>, index: usize, entity: &'static Entity) -> Done {
        match call.method() {
            "GET" => {
                let options = Options::read(call.request.query(), entity, true)?;
                let company = &self.companies[index];
                let shape = Shape {
                    options: &options,
                    company: Some(company),
                };
                let context = format!(
                    "{}/$metadata#companies({})/{}",
                    call.root, company.row.id, entity.set
                );
                let records = records(company, entity, &options);
                Ok(unchanged(list::page(
                    call.request,
                    call.root,
                    &context,
                    &shape,
                    records,
                )))
            }
            "POST" if entity.set != GENERAL_LEDGER_ENTRY.set => {
                let body = call.body()?;
                // A faulty option refuses the request before anything is written.
                Options::read(call.request.query(), entity, false)?;
                let company = &mut self.companies[index];
                let strict_items = self.settings.strict_items;
                let (id, effects) = match entity.set {
                    "customers" => company.create_customer(&body, Writer::Creator, call.at)?,
                    "items" => company.create_item(&body, Writer::Creator, call.at)?,
                    "salesInvoices" => {
                        company.create_invoice(&body, Writer::Creator, strict_items, call.at)?
                    }
                    _ => {
                        let document = body.get("documentId").and_then(Json::as_str).unwrap_or("");
                        let document = guid(document)?;
                        company.change_line(&document, Change::Add(&body), strict_items, call.at)?
                    }
                };
                let deep: &[&'static str] = if body.get("salesInvoiceLines").is_some() {
                    &["salesInvoiceLines"]
                } else {
                    &[]
                };
                created(call, company, entity, &id, deep, effects)
            }
            _ if entity.set == GENERAL_LEDGER_ENTRY.set => Err(Refusal::method("GET, HEAD")),
            _ => Err(Refusal::method("GET, HEAD, POST")),
        }
    }

    /// One record: read, change or delete it.
    pub(crate) fn record(
        &mut self,
        call: Call<'_>,
        index: usize,
        entity: &'static Entity,
        id: &str,
    ) -> Done {
        let strict_items = self.settings.strict_items;
        let stale_status = self.settings.stale_status;
        let company = &mut self.companies[index];
        let record = find(company, entity, id).ok_or_else(Refusal::not_found)?;
        let is_read_only = entity.set == GENERAL_LEDGER_ENTRY.set;
        match call.method() {
            "GET" => one(call, company, entity, record, 200, &[]).map(unchanged),
            "PATCH" if !is_read_only => {
                check_tag(record, call.request.header("if-match"), stale_status)?;
                let body = call.body()?;
                Options::read(call.request.query(), entity, false)?;
                let effects = match entity.set {
                    "customers" => company.change_customer(id, &body, call.at)?,
                    "items" => company.change_item(id, &body, call.at)?,
                    "salesInvoices" => company.change_invoice(id, &body, call.at)?,
                    _ => {
                        let invoice = owner(company, id)?;
                        let change = Change::Edit(id, &body);
                        company
                            .change_line(&invoice, change, strict_items, call.at)?
                            .1
                    }
                };
                let record = find(company, entity, id).ok_or_else(Refusal::not_found)?;
                Ok((one(call, company, entity, record, 200, &[])?, effects))
            }
            "DELETE" if !is_read_only => {
                check_tag(record, call.request.header("if-match"), stale_status)?;
                let effects = match entity.set {
                    "customers" => company.delete_customer(id)?,
                    "items" => company.delete_item(id)?,
                    "salesInvoices" => company.delete_invoice(id)?,
                    _ => {
                        let invoice = owner(company, id)?;
                        company
                            .change_line(&invoice, Change::Remove(id), strict_items, call.at)?
                            .1
                    }
                };
                Ok((Answer::nothing(), effects))
            }
            _ if is_read_only => Err(Refusal::method("GET, HEAD")),
            _ => Err(Refusal::method("GET, HEAD, PATCH, DELETE")),
        }
    }

    /// What hangs on an invoice: its lines, its customer and its actions.
    pub(crate) fn below_invoice(
        &mut self,
        call: Call<'_>,
        index: usize,
        id: &str,
        rest: &[Segment<'_>],
    ) -> Done {
        let company = &mut self.companies[index];
        let invoice = company
            .invoices
            .get(id)
            .ok_or_else(Refusal::not_found)?
            .clone();
        match rest {
            [lines] if lines.name == SALES_INVOICE_LINE.set => match &lines.key {
                Some(line_id) => {
                    let line_id = guid(line_id)?;
                    if company.invoice_of_line(&line_id) != Some(id) {
                        return Err(Refusal::not_found());
                    }
                    self.record(call, index, &SALES_INVOICE_LINE, &line_id)
                }
                None if call.method() == "POST" => {
                    let body = call.body()?;
                    Options::read(call.request.query(), &SALES_INVOICE_LINE, false)?;
                    let strict_items = self.settings.strict_items;
                    let (line_id, effects) =
                        company.change_line(id, Change::Add(&body), strict_items, call.at)?;
                    created(call, company, &SALES_INVOICE_LINE, &line_id, &[], effects)
                }
                None => {
                    call.only("GET, HEAD, POST")?;
                    let options = Options::read(call.request.query(), &SALES_INVOICE_LINE, true)?;
                    let shape = Shape {
                        options: &options,
                        company: None,
                    };
                    let context = format!(
                        "{}/$metadata#companies({})/salesInvoices({id})/salesInvoiceLines",
                        call.root, company.row.id
                    );
                    let lines = invoice
                        .json
                        .get("salesInvoiceLines")
                        .and_then(Json::as_array);
                    let lines = lines.unwrap_or(&[]).iter().collect();
                    Ok(unchanged(list::page(
                        call.request,
                        call.root,
                        &context,
                        &shape,
                        lines,
                    )))
                }
            },
            [customer] if customer.name == "customer" && customer.key.is_none() => {
                call.only("GET, HEAD")?;
                let customer_id = invoice
                    .json
                    .get("customerId")
                    .and_then(Json::as_str)
                    .unwrap_or("");
                let row = company
                    .customers
                    .get(customer_id)
                    .ok_or_else(Refusal::not_found)?;
                one(call, company, &CUSTOMER, &row.json, 200, &[]).map(unchanged)
            }
            [action] if action.name.starts_with("Microsoft.NAV.") && action.key.is_none() => {
                call.only("POST")?;
                let effects = match &action.name["Microsoft.NAV.".len()..] {
                    // Nothing is mailed from here, so the forms that also send are the same.
                    "post" | "postAndSend" => company.post(id, call.at)?,
                    "cancel" | "cancelAndSend" => company.cancel(id, call.at)?,
                    _ => return Err(Refusal::not_found()),
                };
                Ok((Answer::nothing(), effects))
            }
            _ => Err(Refusal::not_found()),
        }
    }
}

fn owner(company: &Company, line_id: &str) -> Outcome<String> {
    company
        .invoice_of_line(line_id)
        .map(str::to_owned)
        .ok_or_else(Refusal::not_found)
}
