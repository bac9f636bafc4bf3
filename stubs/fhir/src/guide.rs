//! What authors are told of FHIR.

use wardgate_core::port::{Guide, KeyDoc, PlaceDoc, Word};
use wardgate_stub_kit::http::{guide, send_keys};

use crate::{filter, malform};

/// The guide.
pub(crate) static GUIDE: Guide = Guide {
    name: "fhir",
    title: "FHIR R4",
    about: "The RESTful API of FHIR 4.0.1 in JSON: read, vread, create, update, delete, history, conditional create and \
            update, search, batches and transactions. Numbers keep their digits and members their order.",
    send: &send_keys(
        "/Patient",
        "{ identifier: \"${mrn}\" }",
        "{ resourceType: Patient, active: true }",
    ),
    options: &[
        KeyDoc {
            name: "version",
            doc: "The release: `R4`, the only one so far.",
            required: false,
            example: "R4",
        },
        KeyDoc {
            name: "handling",
            doc: "Whether unknown search parameters are refused (`strict`, if left out) or ignored (`lenient`) where a \
                  request does not say with `Prefer`.",
            required: false,
            example: "lenient",
        },
        KeyDoc {
            name: "validation",
            doc: "What is asked of a resource before it is stored: `form` (JSON with a known type), `elements` (known elements \
                  of the right types; if left out) or `cardinality` (required ones are there too).",
            required: false,
            example: "cardinality",
        },
        KeyDoc {
            name: "body_bytes_max",
            doc: "The longest body that is taken, in bytes; 16777216, which is also the most, if left out.",
            required: false,
            example: "1048576",
        },
        KeyDoc {
            name: "memory_bytes_max",
            doc: "About how much memory all versions of all resources may take, in bytes; 1073741824 if left out. What comes \
                  beyond is answered 507.",
            required: false,
            example: "268435456",
        },
    ],
    places: &[
        PlaceDoc {
            place: "received",
            doc: "A method or `ANY`, and a resource type: by id, by criteria or the type as a whole. `/` means a batch or \
                  transaction; longer paths are compared segment by segment, `*` standing for any.",
            examples: &["PUT Patient", "POST /", "GET Patient/*/_history"],
        },
        PlaceDoc {
            place: "fhir, fields, at(…)",
            doc: guide::LOCATION,
            examples: &["status", "header.Location", "name.first().family"],
        },
        PlaceDoc {
            place: "holds",
            doc: "A resource type.",
            examples: &["Patient", "MedicationRequest"],
        },
        guide::REFUSAL,
    ],
    generators: &[
        Word {
            name: "Patient",
            doc: "Any legal Patient: several names, any script, partial dates, identifiers of its own.",
        },
        Word {
            name: "Observation",
            doc: "An Observation with a quantity of any scale, a code, a text, a range or a time.",
        },
        Word {
            name: "Appointment",
            doc: "An Appointment with its participants.",
        },
        Word {
            name: "MedicationRequest",
            doc: "A MedicationRequest with its dosage.",
        },
    ],
    filters: &[Word {
        name: filter::NAME,
        doc: "The code of administrative-gender for a word or an HL7 v2 code of sex; FHIR's dates stay as they are.",
    }],
    malformations: &[
        guide::MALFORMATIONS[0],
        guide::MALFORMATIONS[1],
        guide::MALFORMATIONS[2],
        guide::MALFORMATIONS[3],
        Word {
            name: malform::NOT_A_RESOURCE,
            doc: "JSON whose `resourceType` is none.",
        },
        Word {
            name: malform::WRONG_TYPE,
            doc: "The resource with one member of a type that it cannot have.",
        },
        Word {
            name: malform::NO_MEDIA_TYPE,
            doc: "The request without its `Content-Type`.",
        },
        Word {
            name: malform::NO_SUCH_TYPE,
            doc: "The request to a resource type that FHIR does not have.",
        },
    ],
};
