//! Checks on the records that the ERP is to hold before a case begins.

use wardgate_contract::{Finding, Node, suggest};
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::lint;

use crate::{
    refusal::Refusal,
    schema::{COMPANY, CUSTOMER, Entity, ITEM, SALES_INVOICE, SALES_INVOICE_LINE, Writer},
};

/// What can be given: ledger entries and lines come of invoices alone.
const GIVEN: [&Entity; 4] = [&COMPANY, &CUSTOMER, &ITEM, &SALES_INVOICE];

/// Checks the name of a collection.
pub(crate) fn check_collection(name: &str) -> Result<(), String> {
    if GIVEN.iter().any(|entity| entity.set == name) {
        Ok(())
    } else {
        let sets: Vec<_> = GIVEN.iter().map(|entity| entity.set).collect();
        Err(format!("expected one of {}, not '{name}'", sets.join(", ")))
    }
}

/// Checks a record, member by member: what stands under a template is judged by its name alone.
pub(crate) fn check_record(collection: &str, record: &Node) -> Vec<Finding> {
    GIVEN
        .into_iter()
        .find(|entity| entity.set == collection)
        .map(|entity| check(entity, record))
        .unwrap_or_default()
}

fn check(entity: &'static Entity, record: &Node) -> Vec<Finding> {
    if lint::is_one_template(record) {
        return Vec::new();
    }
    let Some(members) = record.as_mapping() else {
        let reason = format!("a record is a mapping, not {}", record.describe());
        return vec![lint::refused_record(record, &reason)];
    };
    let mut findings = Vec::new();
    for (name, value) in members {
        if name.value == "salesInvoiceLines" && entity.set == SALES_INVOICE.set {
            let lines = value.as_sequence().unwrap_or_default();
            findings.extend(
                lines
                    .iter()
                    .flat_map(|line| check(&SALES_INVOICE_LINE, line)),
            );
            continue;
        }
        if name.contains("${") {
            continue;
        }
        let mut alone = Object::new();
        let is_open = lint::has_templates(value);
        // Null stands for a value that nobody knows yet.
        alone.push(
            name.as_str(),
            if is_open { Json::Null } else { value.to_json() },
        );
        let refused = entity.payload(&Json::Object(alone), Writer::Seeder);
        let is_known = entity.property(name).is_some();
        let Some(reason) = refused
            .err()
            .filter(|_| !(is_open && is_known))
            .map(Refusal::into_message)
        else {
            continue;
        };
        let span = if is_known { value.span } else { name.span };
        let mut finding = Finding::error(
            "refused-record",
            span,
            format!("the stub does not take this record: {reason}"),
        )
        .label(format!("expected a property of `{}`", entity.name));
        if !is_known {
            let names: Vec<_> = entity
                .properties
                .iter()
                .map(|property| property.name)
                .collect();
            finding.help = suggest::help(name, &names);
        }
        findings.push(finding);
    }
    findings
}
