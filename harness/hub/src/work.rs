//! What is left to do for partners: the items of the outbox.

use serde::{Deserialize, Serialize, Serializer};

/// One delivery to one partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItem {
    /// Items of one lane are delivered in order: partner, facility, and the thing that they are about.
    pub lane: String,
    /// Control ID, order id or file name that the work came from, for the operator.
    pub origin: String,
    /// What to deliver.
    pub work: Work,
}

/// A delivery, complete in itself, so that it can be made after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Work {
    /// Conditional update at the EHR: `PUT [type]?identifier=system|value`.
    PutResource {
        /// FHIR resource type.
        resource_type: String,
        /// Identifier system of the condition.
        system: String,
        /// Identifier value of the condition.
        value: String,
        /// The resource as JSON text.
        body: String,
    },
    /// Creates the customer in the ERP or brings it up to date.
    SaveCustomer {
        /// The company.
        facility: String,
        /// The customer.
        customer: Customer,
    },
    /// Blocks a customer for all transactions.
    BlockCustomer {
        /// The company.
        facility: String,
        /// The customer's number.
        number: String,
    },
    /// Creates and posts an invoice, and the customer first where the ERP has none.
    PostInvoice {
        /// The company.
        facility: String,
        /// Who is charged.
        customer: Customer,
        /// The charges.
        invoice: Invoice,
    },
    /// Sends an order to the pharmacy.
    SendOrder {
        /// The facility that ordered.
        facility: String,
        /// The order.
        order: Box<PharmacyOrder>,
    },
}

impl Work {
    /// What an operator reads: the kind of delivery, nothing of its content.
    pub fn title(&self) -> &'static str {
        match self {
            Self::PutResource { .. } => "ehr resource",
            Self::SaveCustomer { .. } => "ledger customer",
            Self::BlockCustomer { .. } => "ledger customer block",
            Self::PostInvoice { .. } => "ledger invoice",
            Self::SendOrder { .. } => "pharmacy order",
        }
    }
}

/// A customer as the ERP holds it (Business Central API v2.0, customer).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// The patient's MRN; at most 20 characters.
    pub number: String,
    /// Given and family name; at most 100 characters.
    #[serde(serialize_with = "one_line")]
    pub display_name: String,
    /// Street; at most 100 characters.
    #[serde(serialize_with = "one_line")]
    pub address_line1: String,
    /// At most 30 characters.
    #[serde(serialize_with = "one_line")]
    pub city: String,
    /// At most 20 characters.
    #[serde(serialize_with = "one_line")]
    pub postal_code: String,
    /// At most 30 characters.
    #[serde(serialize_with = "one_line")]
    pub phone_number: String,
}

/// An invoice with what the hub expects the ERP to make of it. Amounts are decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Unique number by which a lost answer is recognised; at most 35 characters.
    pub external_document_number: String,
    /// `YYYY-MM-DD`
    pub dated: String,
    /// The charges.
    pub lines: Vec<InvoiceLine>,
    /// Sum of the lines, rounded once to the cent.
    pub total_excluding_tax: String,
    /// Tax on the document, rounded once per rate to the cent.
    pub total_tax: String,
    /// Both together.
    pub total_including_tax: String,
}

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Code of the service; at most 20 characters.
    pub code: String,
    /// What people read; at most 100 characters.
    pub description: String,
    /// How many; negative for a credit.
    pub quantity: String,
    /// Price of one.
    pub unit_price: String,
    /// Percent.
    pub tax_percent: u32,
}

/// Writes a text as one line: the ledger refuses control characters, and HL7 v2 can carry them as escapes.
pub(crate) fn one_line<S: Serializer>(
    text: &(impl AsRef<str> + ?Sized),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let line: String = text
        .as_ref()
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    serializer.serialize_str(&line)
}

/// An order on its way to the pharmacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PharmacyOrder {
    /// MSH-10 of the order message, the same on every try.
    pub control_id: String,
    /// When it was placed, as MSH-7 and ORC-9 have it: the same on every try, or a retry would be another message
    /// under a used control ID.
    pub placed: String,
    /// ORC-2.
    pub placer: String,
    /// Whom it is for.
    pub subject: Subject,
    /// Family and given name, where known.
    pub family: String,
    /// Given name.
    pub given: String,
    /// RXE-2: code, text and coding system.
    pub medicine: [String; 3],
    /// RXE-3, digit for digit.
    pub amount: String,
    /// RXE-5: code, text and coding system.
    pub units: [String; 3],
    /// RXE-1: how often.
    pub timing: String,
    /// RXE-7: the directions as people read them.
    pub instructions: String,
    /// RXE-10 and RXE-11: how much is dispensed, and its unit.
    pub dispense: Option<[String; 2]>,
    /// RXE-12
    pub refills: Option<u32>,
    /// RXR-1: code, text and coding system.
    pub route: Option<[String; 3]>,
}

/// How an order names its patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// By medical record number.
    Mrn(String),
    /// By a reference to the EHR's Patient, whose MRN is read there before the order is sent.
    Reference(String),
}
