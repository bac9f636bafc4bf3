//! Synthetic records in the ERP's own form, and generators of them.

use proptest::strategy::{BoxedStrategy, Strategy};
use wardgate_expression::{Json, Object, json};
use wardgate_synth::{Kind, strategy};

/// The ERP's form of a synthetic record: of a patient the customer, of a charge or a stay the invoice, of a charge
/// inside a stay the line.
pub(crate) fn render(kind: &str, record: &Json) -> Option<Json> {
    match Kind::parse(kind)? {
        Kind::Patient => Some(customer(record)),
        Kind::Charge => Some(invoice(record, std::slice::from_ref(record))),
        Kind::Stay => Some(invoice(
            record,
            record
                .get("charges")
                .and_then(Json::as_array)
                .unwrap_or(&[]),
        )),
        Kind::ChargeLine => Some(line(record)),
        _ => None,
    }
}

/// The collection of what [`render`] makes of this kind; a line stands within its invoice.
pub(crate) fn collection(kind: &str) -> Option<&'static str> {
    match Kind::parse(kind)? {
        Kind::Patient => Some("customers"),
        Kind::Charge | Kind::Stay => Some("salesInvoices"),
        _ => None,
    }
}

/// The generator of this name. Identifiers in what it yields are templates, as in the records that it renders.
pub(crate) fn generator(name: &str) -> Option<BoxedStrategy<Json>> {
    let kind = match name {
        "customer" => Kind::Patient,
        "salesInvoice" => Kind::Stay,
        _ => return None,
    };
    Some(
        strategy(kind)
            .prop_map(move |record| render(kind.name(), &record).unwrap_or_default())
            .boxed(),
    )
}

fn customer(patient: &Json) -> Json {
    let text = |name: &str| patient.get(name).and_then(Json::as_str).unwrap_or("");
    let name = [text("given"), text("family")].join(" ");
    json!({
        "number": text("mrn"),
        "displayName": shortened(name.trim(), 100),
        "type": "Person",
        "addressLine1": shortened(text("street"), 100),
        "city": shortened(text("city"), 30),
        "state": shortened(text("state"), 30),
        "country": shortened(text("country"), 10),
        "postalCode": shortened(text("postal_code"), 20),
        "phoneNumber": shortened(text("phone"), 30),
        "email": shortened(text("email"), 80),
    })
}

fn invoice(record: &Json, charges: &[Json]) -> Json {
    let date = ["date", "end", "start"]
        .iter()
        .find_map(|name| record.get(name).and_then(Json::as_str))
        .map(crate::dates::date);
    let mut invoice = Object::new();
    if let Some(number) = record.get("visit_number") {
        invoice.push("externalDocumentNumber", number);
    }
    if let Some(number) = record.pointer("/patient/mrn") {
        invoice.push("customerNumber", number);
    }
    if let Some(date) = date {
        invoice.push("invoiceDate", &date);
        invoice.push("postingDate", date);
    }
    invoice.push(
        "salesInvoiceLines",
        charges.iter().map(line).collect::<Json>(),
    );
    Json::Object(invoice)
}

fn line(charge: &Json) -> Json {
    let mut line = Object::new();
    line.push("lineType", "Item");
    for (to, from) in [
        ("lineObjectNumber", "code"),
        ("description", "description"),
        ("quantity", "quantity"),
        ("unitPrice", "unit_price"),
        ("taxPercent", "tax_percent"),
    ] {
        if let Some(value) = charge.get(from) {
            line.push(to, value);
        }
    }
    Json::Object(line)
}

/// The start of a text that is too long for its field.
fn shortened(text: &str, characters_max: usize) -> String {
    text.chars().take(characters_max).collect()
}
