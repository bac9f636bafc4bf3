//! The ERP: customers and sales invoices in the shapes of Business Central API v2.0.

use std::collections::HashMap;

use hyper::Method;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use super::Trouble;
use super::http::{Call, HttpPartner, encode};
use crate::defect::{Defect, Defects};
use crate::work::{Customer, Invoice};

/// Client of the ERP.
pub struct Ledger {
    http: HttpPartner,
    defects: Defects,
    /// Facility to company id, looked up once. The lock is held while one is looked up, so that of many deliveries that
    /// begin together one asks and the others wait for its answer.
    companies: Mutex<HashMap<String, String>>,
}

/// Where a facility's books are.
struct Company {
    /// Path below the API root.
    path: String,
    /// Whether its id was known from an earlier look.
    was_kept: bool,
}

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
}

#[derive(Deserialize)]
struct Entity {
    id: String,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedInvoice {
    id: String,
    #[serde(default)]
    status: String,
    total_amount_excluding_tax: Option<Box<RawValue>>,
    total_tax_amount: Option<Box<RawValue>>,
    total_amount_including_tax: Option<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewInvoice<'a> {
    external_document_number: &'a str,
    customer_number: &'a str,
    invoice_date: &'a str,
    sales_invoice_lines: Vec<NewLine<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewLine<'a> {
    line_type: &'static str,
    line_object_number: &'a str,
    #[serde(serialize_with = "crate::work::one_line")]
    description: &'a str,
    quantity: Box<RawValue>,
    unit_price: Box<RawValue>,
    tax_percent: u32,
}

impl Ledger {
    /// A client over an HTTP partner whose base is the API root, the parent of `companies`.
    pub fn new(http: HttpPartner, defects: Defects) -> Self {
        Self {
            http,
            defects,
            companies: Mutex::default(),
        }
    }

    /// Creates the customer, or brings the one of that number up to date.
    pub async fn save_customer(&self, facility: &str, customer: &Customer) -> Result<(), Trouble> {
        let company = self.company(facility).await?;
        let outcome = self.save_customer_in(&company.path, customer).await;
        self.settled(facility, &company, outcome).await
    }

    async fn save_customer_in(&self, company: &str, customer: &Customer) -> Result<(), Trouble> {
        let body = json(customer)?;
        let found = if self.defects.has(Defect::SecondCustomer) {
            None
        } else {
            self.find_customer(company, &customer.number).await?
        };
        match found {
            None => self
                .post(format!("{company}/customers"), body)
                .await
                .map(drop),
            Some(found) => {
                self.patch(format!("{company}/customers({})", found.id), &found, body)
                    .await
            }
        }
    }

    /// Blocks the customer for all transactions; one that the ERP does not have needs no block.
    pub async fn block_customer(&self, facility: &str, number: &str) -> Result<(), Trouble> {
        let company = self.company(facility).await?;
        let outcome = self.block_customer_in(&company.path, number).await;
        self.settled(facility, &company, outcome).await
    }

    async fn block_customer_in(&self, company: &str, number: &str) -> Result<(), Trouble> {
        match self.find_customer(company, number).await? {
            None => Ok(()),
            Some(found) => {
                let body = "{\"blocked\":\"All\"}".to_owned();
                self.patch(format!("{company}/customers({})", found.id), &found, body)
                    .await
            }
        }
    }

    /// Creates the invoice with its lines, compares the ERP's totals with ours, and posts it.
    ///
    /// The external document number tells a repeated try what an earlier one has done, whose answer may be lost. An invoice
    /// of that number that is for somebody else or comes to something else is not the earlier try's.
    pub async fn post_invoice(
        &self,
        facility: &str,
        customer: &Customer,
        invoice: &Invoice,
        is_repeated: bool,
    ) -> Result<(), Trouble> {
        let company = self.company(facility).await?;
        let outcome = self
            .post_invoice_in(&company.path, customer, invoice, is_repeated)
            .await;
        self.settled(facility, &company, outcome).await
    }

    async fn post_invoice_in(
        &self,
        company: &str,
        customer: &Customer,
        invoice: &Invoice,
        is_repeated: bool,
    ) -> Result<(), Trouble> {
        if self
            .find_customer(company, &customer.number)
            .await?
            .is_none()
        {
            self.post(format!("{company}/customers"), json(customer)?)
                .await?;
        }
        let looks = !(is_repeated && self.defects.has(Defect::Lost201Repeated));
        let found = if looks {
            let number = &invoice.external_document_number;
            self.find_invoice(company, number, &customer.number).await?
        } else {
            None
        };
        let drafted = if let Some(found) = found {
            if !totals_agree(&found, invoice) {
                return Err(Trouble::permanent(
                    "ledger: the number stands for another invoice; nothing posted",
                ));
            }
            found
        } else {
            let body = new_invoice(customer, invoice)?;
            let answer = self.post(format!("{company}/salesInvoices"), body).await?;
            serde_json::from_slice(&answer).map_err(|_| self.http.garbled())?
        };
        if !drafted.status.is_empty() && drafted.status != "Draft" {
            return Ok(());
        }
        if !totals_agree(&drafted, invoice) {
            return Err(Trouble::permanent(
                "ledger: the invoice's totals differ from the charges; left unposted",
            ));
        }
        if self.defects.has(Defect::InvoiceLeftUnposted) {
            return Ok(());
        }
        self.post(
            format!("{company}/salesInvoices({})/Microsoft.NAV.post", drafted.id),
            String::new(),
        )
        .await
        .map(drop)
    }

    /// The company of that name.
    async fn company(&self, facility: &str) -> Result<Company, Trouble> {
        let mut companies = self.companies.lock().await;
        if let Some(id) = companies.get(facility) {
            return Ok(Company {
                path: format!("companies({id})"),
                was_kept: true,
            });
        }
        let found: Option<Entity> = self.find("companies", &[("name", facility)]).await?;
        let Some(Entity { id, .. }) = found else {
            return Err(Trouble::permanent(
                "ledger: it has no company of the facility's name",
            ));
        };
        let path = format!("companies({id})");
        companies.insert(facility.to_owned(), id);
        Ok(Company {
            path,
            was_kept: false,
        })
    }

    /// What became of a delivery; a company's id under which the ERP knows nothing is forgotten, so that the next try
    /// looks the company up anew. Where the id was looked up just now another look would find the same.
    async fn settled(
        &self,
        facility: &str,
        company: &Company,
        outcome: Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        match outcome {
            Err(Trouble::Permanent { reason }) if company.was_kept && reason.ends_with("404") => {
                self.companies.lock().await.remove(facility);
                Err(Trouble::transient(reason))
            }
            other => other,
        }
    }

    async fn find_customer(&self, company: &str, number: &str) -> Result<Option<Entity>, Trouble> {
        self.find(&format!("{company}/customers"), &[("number", number)])
            .await
    }

    async fn find_invoice(
        &self,
        company: &str,
        number: &str,
        customer: &str,
    ) -> Result<Option<PostedInvoice>, Trouble> {
        let properties = [
            ("externalDocumentNumber", number),
            ("customerNumber", customer),
        ];
        self.find(&format!("{company}/salesInvoices"), &properties)
            .await
    }

    /// The first entity of a set whose properties have these values (OData 4.0, `$filter`; a quote is doubled).
    async fn find<T: DeserializeOwned>(
        &self,
        set: &str,
        properties: &[(&str, &str)],
    ) -> Result<Option<T>, Trouble> {
        let terms: Vec<String> = properties
            .iter()
            .map(|(property, value)| format!("{property} eq '{}'", value.replace('\'', "''")))
            .collect();
        let filter = encode(&terms.join(" and "));
        let headers = [("accept", "application/json")];
        let call = Call {
            headers: &headers,
            ..Call::get(format!("{set}?$filter={filter}"))
        };
        let answer = self.http.send(call).await?;
        let page: Page<T> =
            serde_json::from_slice(&answer.body).map_err(|_| self.http.garbled())?;
        Ok(page.value.into_iter().next())
    }

    async fn post(&self, target: String, body: String) -> Result<bytes::Bytes, Trouble> {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json"),
        ];
        let call = Call {
            method: Method::POST,
            target,
            headers: &headers,
            body,
        };
        Ok(self.http.send(call).await?.body)
    }

    /// PATCH of the version that was read. When another writer was faster the delivery starts anew with a fresh read.
    async fn patch(&self, target: String, found: &Entity, body: String) -> Result<(), Trouble> {
        let etag = found.etag.as_deref().unwrap_or("*");
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("if-match", etag),
        ];
        let call = Call {
            method: Method::PATCH,
            target,
            headers: &headers,
            body,
        };
        match self.http.send(call).await {
            Err(Trouble::Permanent { reason })
                if reason.ends_with("409") || reason.ends_with("412") =>
            {
                Err(Trouble::transient(reason))
            }
            other => other.map(drop),
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value)
        .map_err(|_| Trouble::permanent("ledger: the request cannot be written"))
}

fn new_invoice(customer: &Customer, invoice: &Invoice) -> Result<String, Trouble> {
    let number = |text: &String| {
        RawValue::from_string(text.clone())
            .map_err(|_| Trouble::permanent("ledger: the request cannot be written"))
    };
    let mut sales_invoice_lines = Vec::with_capacity(invoice.lines.len());
    for line in &invoice.lines {
        sales_invoice_lines.push(NewLine {
            line_type: "Item",
            line_object_number: &line.code,
            description: &line.description,
            quantity: number(&line.quantity)?,
            unit_price: number(&line.unit_price)?,
            tax_percent: line.tax_percent,
        });
    }
    json(&NewInvoice {
        external_document_number: &invoice.external_document_number,
        customer_number: &customer.number,
        invoice_date: &invoice.dated,
        sales_invoice_lines,
    })
}

fn totals_agree(drafted: &PostedInvoice, invoice: &Invoice) -> bool {
    let same = |theirs: Option<&RawValue>, ours: &str| {
        theirs
            .and_then(|theirs| decimal(theirs.get()))
            .is_some_and(|theirs| Some(theirs) == decimal(ours))
    };
    same(
        drafted.total_amount_excluding_tax.as_deref(),
        &invoice.total_excluding_tax,
    ) && same(drafted.total_tax_amount.as_deref(), &invoice.total_tax)
        && same(
            drafted.total_amount_including_tax.as_deref(),
            &invoice.total_including_tax,
        )
}

fn decimal(text: &str) -> Option<Decimal> {
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::InvoiceLine;

    fn invoice() -> Invoice {
        Invoice {
            external_document_number: "A1-C1".into(),
            dated: "2026-07-10".into(),
            lines: vec![InvoiceLine {
                code: "T1".into(),
                description: "Bandage".into(),
                quantity: "3".into(),
                unit_price: "1.10".into(),
                tax_percent: 7,
            }],
            total_excluding_tax: "3.30".into(),
            total_tax: "0.23".into(),
            total_including_tax: "3.53".into(),
        }
    }

    #[test]
    fn amounts_are_written_digit_for_digit() {
        let customer = Customer {
            number: "M1".into(),
            ..Customer::default()
        };
        let body = new_invoice(&customer, &invoice()).unwrap();
        assert!(
            body.contains(r#""quantity":3,"unitPrice":1.10,"taxPercent":7"#),
            "{body}"
        );
    }

    #[test]
    fn totals_are_compared_by_value() {
        let drafted = |including: &str| -> PostedInvoice {
            serde_json::from_str(&format!(
                r#"{{"id":"1","status":"Draft","totalAmountExcludingTax":3.3,"totalTaxAmount":0.230,
                    "totalAmountIncludingTax":{including}}}"#
            ))
            .unwrap()
        };
        assert!(totals_agree(&drafted("3.53"), &invoice()));
        assert!(!totals_agree(&drafted("3.54"), &invoice()));
        assert!(!totals_agree(&drafted("null"), &invoice()));
    }
}
