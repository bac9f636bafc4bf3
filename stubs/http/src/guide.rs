//! What authors are told of plain HTTP.

use wardgate_core::port::{Guide, KeyDoc, PlaceDoc};
use wardgate_stub_kit::http::{guide, send_keys};

/// The guide.
pub(crate) static GUIDE: Guide = Guide {
    name: "http",
    title: "Plain HTTP",
    about: "For services that are neither FHIR nor an ERP (RFC 9110). The stub answers what its routes say, else 404, and \
            holds what it received.",
    send: &send_keys(
        "/orders/${order_number}",
        "{ status: open }",
        "{ number: \"${order_number}\" }",
    ),
    options: &[KeyDoc {
        name: "routes",
        doc: "The answers: a list of mappings with `path` and, where they differ from `GET`, `200` and nothing, `method`, \
              `status`, `headers` and `body`.",
        required: false,
        example: "[{ method: POST, path: /orders, status: 201, body: { number: \"7\" } }]",
    }],
    places: &[
        PlaceDoc {
            place: "received",
            doc: "A method or `ANY`, and a path whose segments are compared one by one; `*` stands for any one segment.",
            examples: &["POST /orders", "ANY /orders/*"],
        },
        PlaceDoc {
            place: "http, fields, at(…)",
            doc: guide::LOCATION,
            examples: &["status", "header.Location", "items.first().price"],
        },
        PlaceDoc {
            place: "holds",
            doc: "`requests`: what it received, each with `method`, `path`, `query`, `headers` and `body`.",
            examples: &["requests"],
        },
        guide::REFUSAL,
    ],
    generators: &[],
    filters: &[],
    malformations: &guide::MALFORMATIONS,
};
