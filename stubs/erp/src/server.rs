//! The stub: which request does what.

use std::{cell::RefCell, sync::Arc, time::Duration};

use wardgate_core::{
    port::{Effect, Held, Moment},
    wire::{HttpRequest, Message},
};
use wardgate_expression::{Json, json};
use wardgate_stub_kit::{Core, Handled, Identifiers, http::refusal_status};
use wardgate_synth::Seed;

use crate::{
    answer::{Answer, Shape},
    books::Company,
    call::{Call, Done, guid, one, unchanged},
    collections::{COLLECTIONS, check_collection, held, held_lines, records},
    list,
    odata::{Options, Segment, Target},
    refusal::{Outcome, Refusal},
    schema::{
        COMPANY, CUSTOMER, GENERAL_LEDGER_ENTRY, ITEM, SALES_INVOICE, SALES_INVOICE_LINE, is_guid,
    },
    settings::Settings,
};

/// The ERP.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) settings: Arc<Settings>,
    pub(crate) seed: Seed,
    pub(crate) companies: Vec<Company>,
    /// Refusing changes nothing but the row of identifiers, and is done behind a shared reference.
    correlation: RefCell<Identifiers>,
}

impl Server {
    /// An ERP whose companies hold nothing. They exist since the epoch of logical time, so that two stubs of one
    /// seed are the same whenever they are made.
    pub(crate) fn new(settings: Settings, seed: &Seed) -> Self {
        let epoch = Moment {
            elapsed: Duration::ZERO,
            unix_ms: 0,
        };
        Self {
            companies: settings
                .companies
                .iter()
                .map(|name| Company::new(seed, name, epoch))
                .collect(),
            correlation: RefCell::new(Identifiers::new(&seed.child("correlation"))),
            settings: Arc::new(settings),
            seed: seed.clone(),
        }
    }

    fn respond(&mut self, at: Moment, request: &HttpRequest) -> Done {
        let target = Target::read(request.path()).ok_or_else(Refusal::not_found)?;
        let root = match request.host() {
            Some(host) => format!("http://{host}{}", target.base),
            None => target.base.to_owned(),
        };
        let call = Call {
            at,
            request,
            root: &root,
        };
        match target.segments.as_slice() {
            [] => {
                call.only("GET, HEAD")?;
                Ok((service_document(call.root), Vec::new()))
            }
            [companies, rest @ ..] if companies.name == "companies" => match (&companies.key, rest)
            {
                (None, []) => self.list_companies(call),
                (None, _) => Err(Refusal::not_found()),
                (Some(id), rest) => {
                    let index = self.company(id)?;
                    self.in_company(call, index, rest)
                }
            },
            _ => Err(Refusal::not_found()),
        }
    }

    fn company(&self, id: &str) -> Outcome<usize> {
        if !is_guid(id) {
            return Err(Refusal::bad_request(
                "The id of a company has to be a GUID.",
            ));
        }
        self.companies
            .iter()
            .position(|company| company.row.id.eq_ignore_ascii_case(id))
            .ok_or_else(Refusal::no_company)
    }

    fn list_companies(&self, call: Call<'_>) -> Done {
        call.only("GET, HEAD")?;
        let options = Options::read(call.request.query(), &COMPANY, true)?;
        let shape = Shape {
            options: &options,
            company: None,
        };
        let records = self
            .companies
            .iter()
            .map(|company| &company.row.json)
            .collect();
        let context = format!("{}/$metadata#companies", call.root);
        Ok((
            list::page(call.request, call.root, &context, &shape, records),
            Vec::new(),
        ))
    }

    fn in_company(&mut self, call: Call<'_>, index: usize, rest: &[Segment<'_>]) -> Done {
        match rest {
            [] => {
                call.only("GET, HEAD")?;
                let company = &self.companies[index];
                one(call, company, &COMPANY, &company.row.json, 200, &[]).map(unchanged)
            }
            [set, rest @ ..] => {
                let entity = [
                    &CUSTOMER,
                    &ITEM,
                    &SALES_INVOICE,
                    &SALES_INVOICE_LINE,
                    &GENERAL_LEDGER_ENTRY,
                ]
                .into_iter()
                .find(|entity| entity.set == set.name)
                .ok_or_else(Refusal::not_found)?;
                let id = set.key.as_deref().map(guid).transpose()?;
                match (id, rest) {
                    (None, []) => self.set(call, index, entity),
                    (None, [count]) if count.name == "$count" && count.key.is_none() => {
                        call.only("GET, HEAD")?;
                        let options = Options::read(call.request.query(), entity, true)?;
                        let company = &self.companies[index];
                        Ok(unchanged(list::count(
                            &options,
                            records(company, entity, &options),
                        )))
                    }
                    (Some(id), []) => self.record(call, index, entity, &id),
                    (Some(id), rest) if entity.set == SALES_INVOICE.set => {
                        self.below_invoice(call, index, &id, rest)
                    }
                    _ => Err(Refusal::not_found()),
                }
            }
        }
    }
}

impl Core for Server {
    fn handle(&mut self, at: Moment, _channel: u32, message: &Message) -> Handled {
        let Message::Request(request) = message else {
            return Handled::reply(self.refuse(&Refusal::bad_request("This is not a request.")));
        };
        match self.respond(at, request) {
            Ok((answer, effects)) => Handled::write(Message::Response(answer.response()), effects),
            Err(refusal) => Handled::reply(self.refuse(&refusal)),
        }
    }

    fn refusal(&self, _at: Moment, _message: &Message, with: Option<&str>) -> Option<Message> {
        let status = with.and_then(refusal_status).unwrap_or(503);
        Some(self.refuse(&Refusal::ordered(status)))
    }

    fn garbage(&self, _at: Moment, reason: &str) -> Option<Message> {
        Some(self.refuse(&Refusal::garbage(reason)))
    }

    fn seed(&mut self, at: Moment, collection: &str, record: &Json) -> Result<Vec<Effect>, String> {
        self.seed_record(at, collection, record)
            .map_err(Refusal::into_message)
    }

    fn collection(&self, name: &str) -> Result<Vec<Held<'_>>, String> {
        if name == COMPANY.set {
            return Ok(self
                .companies
                .iter()
                .map(|company| held(&company.row))
                .collect());
        }
        if name == SALES_INVOICE_LINE.set {
            return Ok(self.companies.iter().flat_map(held_lines).collect());
        }
        self.companies
            .iter()
            .map(|company| company.table(name))
            .collect::<Option<Vec<_>>>()
            .map(|tables| {
                tables
                    .into_iter()
                    .flat_map(|table| table.rows().map(|row| held(row)))
                    .collect()
            })
            .ok_or_else(|| check_collection(name).err().unwrap_or_default())
    }

    fn collections(&self) -> Vec<String> {
        COLLECTIONS
            .iter()
            .filter(|name| {
                self.companies.iter().any(|company| match **name {
                    "companies" => true,
                    "salesInvoiceLines" => held_lines(company).next().is_some(),
                    name => company.table(name).is_some_and(|table| !table.is_empty()),
                })
            })
            .map(|name| (*name).to_owned())
            .collect()
    }
}

impl Server {
    fn refuse(&self, refusal: &Refusal) -> Message {
        Message::Response(refusal.response(&self.correlation.borrow_mut().guid()))
    }
}

/// The names of the sets, as the root of the API lists them.
fn service_document(root: &str) -> Answer {
    let sets: Json = [
        &COMPANY,
        &CUSTOMER,
        &ITEM,
        &SALES_INVOICE,
        &SALES_INVOICE_LINE,
        &GENERAL_LEDGER_ENTRY,
    ]
    .iter()
    .map(|entity| json!({"name": entity.set, "kind": "EntitySet", "url": entity.set}))
    .collect();
    let body = json!({
        "@odata.context": format!("{root}/$metadata"), "value": sets,
    });
    Answer::new(200, body.to_string())
}
