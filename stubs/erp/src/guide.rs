//! What authors are told of the ERP.

use wardgate_core::port::{Guide, KeyDoc, PlaceDoc, Word};
use wardgate_stub_kit::http::{guide, send_keys};

/// The broken form that is OData's own.
pub(crate) const NO_SUCH_PROPERTY: &str = "a property that does not exist";

/// The guide.
pub(crate) static GUIDE: Guide = Guide {
    name: "erp",
    title: "ERP billing",
    about: "Customers, items, sales invoices and the general ledger in the URLs and error bodies of Business Central's API \
            v2.0 (OData 4). Posting an invoice writes entries that balance to the cent. What of OData is not known is \
            refused, never ignored.",
    send: &send_keys(
        "/customers",
        "{ $filter: \"number eq '${mrn}'\" }",
        "{ number: \"${mrn}\", displayName: Ann }",
    ),
    options: &[
        KeyDoc {
            name: "companies",
            doc: "The companies, each with books of its own; HOSP and CLINIC if left out.",
            required: false,
            example: "[HOSP, CLINIC]",
        },
        KeyDoc {
            name: "items",
            doc: "`free` (a line may name any item; if left out) or `strict` (the item must exist).",
            required: false,
            example: "strict",
        },
        KeyDoc {
            name: "stale",
            doc: "The status that answers an outdated `If-Match`: 409 (if left out) or 412.",
            required: false,
            example: "412",
        },
    ],
    places: &[
        PlaceDoc {
            place: "received",
            doc: "A method or `ANY`, and what the request is about, without company and ids; an action stands behind its set.",
            examples: &["POST customers", "POST salesInvoices/Microsoft.NAV.post"],
        },
        PlaceDoc {
            place: "erp, fields, at(…)",
            doc: guide::LOCATION,
            examples: &["status", "header.ETag", "error.code"],
        },
        PlaceDoc {
            place: "holds",
            doc: "An entity set: `companies`, `customers`, `items`, `salesInvoices`, `salesInvoiceLines` or \
                  `generalLedgerEntries`, of all companies.",
            examples: &["customers", "generalLedgerEntries"],
        },
        guide::REFUSAL,
    ],
    generators: &[
        Word {
            name: "customer",
            doc: "A customer for a synthetic patient.",
        },
        Word {
            name: "salesInvoice",
            doc: "A draft invoice with lines for a synthetic stay.",
        },
    ],
    filters: &[Word {
        name: "erp",
        doc: "A date or time as the day that the ERP's date fields hold; anything else as it is.",
    }],
    malformations: &[
        guide::MALFORMATIONS[0],
        guide::MALFORMATIONS[1],
        guide::MALFORMATIONS[2],
        guide::MALFORMATIONS[3],
        Word {
            name: NO_SUCH_PROPERTY,
            doc: "The entity with one property more than its type has.",
        },
    ],
};
