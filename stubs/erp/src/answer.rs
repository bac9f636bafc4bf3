//! Answers of the API: one record, a list of them, or nothing.

use std::fmt::Write as _;

use bytes::Bytes;
use wardgate_core::wire::HttpResponse;
use wardgate_expression::Json;

use crate::{
    books::Company,
    odata::Options,
    schema::{ETAG, HIDDEN, SALES_INVOICE_LINE, text},
};

/// The media type of every answer with a body.
const MEDIA_TYPE: &str = "application/json; odata.metadata=minimal; odata.streaming=true";

/// An answer that is no refusal.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// Where a new record is.
    pub(crate) location: Option<String>,
    /// The version of the one record.
    pub(crate) etag: Option<String>,
    /// The preference that was applied.
    pub(crate) preference: Option<String>,
}

impl Answer {
    /// An answer without a body.
    pub(crate) fn nothing() -> Self {
        Self::new(204, String::new())
    }

    /// An answer with a body.
    pub(crate) fn new(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            location: None,
            etag: None,
            preference: None,
        }
    }

    /// The answer as it goes over the wire.
    pub(crate) fn response(self) -> HttpResponse {
        let mut headers: Vec<(&str, &str)> = vec![("odata-version", "4.0")];
        if !self.body.is_empty() {
            headers.push(("content-type", MEDIA_TYPE));
        }
        for (name, value) in [
            ("location", &self.location),
            ("etag", &self.etag),
            ("preference-applied", &self.preference),
        ] {
            if let Some(value) = value {
                headers.push((name, value));
            }
        }
        HttpResponse::new(self.status, &headers, Bytes::from(self.body))
    }
}

/// What is written of records: which properties, and what is written out with them.
#[derive(Clone, Copy)]
pub(crate) struct Shape<'s> {
    pub(crate) options: &'s Options,
    /// The books that what is expanded comes from.
    pub(crate) company: Option<&'s Company>,
}

impl Shape<'_> {
    /// Writes one record; `context` is the address of its description, on the outermost record alone.
    pub(crate) fn write(&self, context: Option<&str>, record: &Json, out: &mut String) {
        let Some(members) = record.as_object() else {
            return;
        };
        out.push('{');
        let mut separator = "";
        if let Some(context) = context {
            member("@odata.context", &Json::from(context), &mut separator, out);
        }
        for (name, value) in members {
            let is_wanted = match &self.options.select {
                Some(selected) => name == ETAG || selected.contains(&name),
                None => !HIDDEN.contains(&name),
            };
            if is_wanted {
                member(name, value, &mut separator, out);
            }
        }
        for name in &self.options.expand {
            self.expand(name, record, &mut separator, out);
        }
        out.push('}');
    }

    fn expand(&self, name: &str, record: &Json, separator: &mut &'static str, out: &mut String) {
        let plain = Shape {
            options: &PLAIN,
            company: None,
        };
        let _ = write!(out, "{separator}\"{name}\":");
        *separator = ",";
        if name == SALES_INVOICE_LINE.set {
            let lines = record.get(name).and_then(Json::as_array).unwrap_or(&[]);
            plain.write_all(lines.iter(), out);
        } else {
            let customer = self
                .company
                .zip(record.as_object())
                .and_then(|(company, invoice)| company.customers.get(text(invoice, "customerId")));
            match customer {
                Some(row) => plain.write(None, &row.json, out),
                None => out.push_str("null"),
            }
        }
    }

    /// Writes a list of records.
    pub(crate) fn write_all<'j>(&self, records: impl Iterator<Item = &'j Json>, out: &mut String) {
        out.push('[');
        for (index, record) in records.enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.write(None, record, out);
        }
        out.push(']');
    }
}

/// No options at all.
static PLAIN: Options = Options {
    filter: None,
    order: None,
    select: None,
    expand: Vec::new(),
    top: None,
    skip: 0,
    count: false,
    delivered: 0,
};

fn member(name: &str, value: &Json, separator: &mut &'static str, out: &mut String) {
    out.push_str(separator);
    *separator = ",";
    Json::from(name).write_to(out);
    out.push(':');
    value.write_to(out);
}
