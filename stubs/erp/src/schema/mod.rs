//! The entities of the API and their properties.
//!
//! Names, types and lengths are those of Business Central's API v2.0. One property differs: `taxPercent` of an invoice
//! line is read-only there, since it follows from posting groups; here clients send it, because this model has no
//! posting groups.

mod tables;
mod value;

pub(crate) use tables::{
    COMPANY, CUSTOMER, GENERAL_LEDGER_ENTRY, ITEM, SALES_INVOICE, SALES_INVOICE_LINE,
};
pub(crate) use value::{NO_DATE, NO_GUID, instant_text, is_guid, plain_choice};

use wardgate_expression::{Json, Object, same_value};

use crate::refusal::{Outcome, Refusal};

/// The member that carries an entity's version.
pub(crate) const ETAG: &str = "@odata.etag";

/// Members that a held record has for the sake of contracts, and that the API does not show of itself.
pub(crate) const HIDDEN: [&str; 2] = ["companyName", "salesInvoiceLines"];

/// A kind of record.
#[derive(Debug)]
pub(crate) struct Entity {
    /// The name of its set in URLs, such as `customers`.
    pub(crate) set: &'static str,
    /// The name of one, such as `customer`.
    pub(crate) name: &'static str,
    /// Its properties in the order written.
    pub(crate) properties: &'static [Property],
    /// What `$expand` may name.
    pub(crate) navigation: &'static [&'static str],
}

/// A property of an entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property {
    /// Its name.
    pub(crate) name: &'static str,
    /// The type of its value.
    pub(crate) kind: Kind,
    /// Whether only the ERP writes it.
    pub(crate) computed: bool,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A GUID.
    Guid,
    /// Text of at most so many characters.
    Text(usize),
    /// A calendar day.
    Date,
    /// A point in time, in UTC.
    Instant,
    /// A decimal with at most so many places after the point.
    Decimal(u32),
    /// A whole number.
    Integer,
    /// True or false.
    Bool,
    /// One of these; the first is the default.
    Choice(&'static [&'static str]),
}

/// Who wrote a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writer<'a> {
    /// A client that creates something.
    Creator,
    /// A client that changes this record; a computed property may be repeated as it is.
    Editor(&'a Json),
    /// The harness, which may give an `id` and whose computed properties are passed over.
    Seeder,
}

impl Entity {
    /// The property of this name.
    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// A record in which every property has its default.
    pub(crate) fn blank(&self) -> Object {
        let mut object = Object::new();
        object.push(ETAG, "");
        for property in self.properties {
            object.push(property.name, value::blank(property.kind));
        }
        object
    }

    /// Checks a payload and brings its values into the form they are held in. Navigation properties and annotations
    /// are passed over; so is the company's name where the harness gives it.
    pub(crate) fn payload(&self, body: &Json, writer: Writer<'_>) -> Outcome<Object> {
        let members = body.as_object().ok_or_else(|| {
            Refusal::bad_request(format!(
                "The body has to be an object, not {}.",
                body.kind()
            ))
        })?;
        if let Some(name) = members.duplicate_keys().first() {
            let name = self
                .property(name)
                .map_or("A property", |property| property.name);
            return Err(Refusal::bad_request(format!(
                "{name} is given more than once."
            )));
        }
        let mut payload = Object::new();
        for (name, given) in members {
            if name.contains('@') || self.navigation.contains(&name) {
                continue;
            }
            if matches!(writer, Writer::Seeder) && matches!(name, "companyName" | "companyId") {
                continue;
            }
            let Some(property) = self.property(name) else {
                return Err(Refusal::bad_request(format!(
                    "A property in the body does not exist on the type Microsoft.NAV.{}: {}.",
                    self.name,
                    name.chars().take(40).collect::<String>()
                )));
            };
            if property.computed {
                match writer {
                    Writer::Seeder if name == "id" => {}
                    Writer::Seeder => continue,
                    Writer::Editor(current)
                        if current
                            .get(name)
                            .is_some_and(|value| same_value(value, given)) =>
                    {
                        continue;
                    }
                    Writer::Editor(_) | Writer::Creator => {
                        return Err(Refusal::field(
                            name,
                            "cannot be set, because it is read-only",
                        ));
                    }
                }
            }
            payload.push(property.name, value::accept(property, given)?);
        }
        Ok(payload)
    }
}

/// Writes the members of a checked payload into a record.
pub(crate) fn apply(record: &mut Object, payload: Object) {
    for (name, value) in payload {
        record.insert(name, value);
    }
}

/// The text of a member; empty where there is none.
pub(crate) fn text<'r>(record: &'r Object, name: &str) -> &'r str {
    record.get(name).and_then(Json::as_str).unwrap_or("")
}
