//! What authors are told of files.

use wardgate_core::port::{Guide, KeyDoc, PlaceDoc, Word};

use crate::malform;

/// The keys under `send: { file: … }`.
pub(crate) const SEND_KEYS: &[KeyDoc] = &[
    KeyDoc {
        name: "to",
        doc: "The folder of the candidate, by the name of its endpoint.",
        required: false,
        example: "charges",
    },
    KeyDoc {
        name: "name",
        doc: "The file's name, without a folder.",
        required: true,
        example: "charges-${case}.csv",
    },
    KeyDoc {
        name: "content",
        doc: "The file's text.",
        required: true,
        example: "facility,account,amount",
    },
    KeyDoc {
        name: "encoding",
        doc: "The character encoding of the text; UTF-8 if left out.",
        required: false,
        example: "iso-8859-1",
    },
];

/// The guide.
pub(crate) static GUIDE: Guide = Guide {
    name: "file",
    title: "Files in a watched folder",
    about: "A file appears in the folder under its own name at once (written beside it and renamed), as careful senders do. \
            Nothing answers a file, and no partner is played: files only go to the candidate.",
    send: SEND_KEYS,
    options: &[],
    places: &[PlaceDoc {
        place: "at(…)",
        doc: "`name`, `content`, or an expression over `{ name, lines }`.",
        examples: &["content", "lines.first()"],
    }],
    generators: &[],
    filters: &[],
    malformations: &[
        Word {
            name: malform::NAMES[0],
            doc: "A quarter is missing at the end, as after a transfer that broke off.",
        },
        Word {
            name: malform::NAMES[1],
            doc: "No bytes at all.",
        },
        Word {
            name: malform::NAMES[2],
            doc: "Bytes that are text in no encoding.",
        },
    ],
};
