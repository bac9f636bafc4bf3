//! What authors are told of HL7 v2.

use wardgate_core::port::{Guide, KeyDoc, PlaceDoc, Word};

use crate::{filter, generate, malform};

/// The keys under `send: { hl7v2: … }`.
pub(crate) const SEND_KEYS: &[KeyDoc] = &[
    KeyDoc {
        name: "to",
        doc: "The named endpoint of the candidate; may be left out where it has one of this protocol.",
        required: false,
        example: "adt",
    },
    KeyDoc {
        name: "message",
        doc: "The message, one segment a line. Values are escaped for its delimiters. A single `${…}` is a whole message: a \
              generated one, or a synthetic record as its usual message.",
        required: true,
        example: "|\n  MSH|^~\\&|PAS|WARD|HUB|HOSP|${now|hl7}||ADT^A04^ADT_A01|${control_id}|P|2.5.1",
    },
    KeyDoc {
        name: "charset",
        doc: "The character set of the bytes, as table 0211 names it; what MSH-18 declares, or else UTF-8, if left out. MSH-18 \
              itself stays as written.",
        required: false,
        example: "8859/1",
    },
    KeyDoc {
        name: "framing",
        doc: "What is unusual about the bytes around the message: `noise before` (a line that belongs to no frame comes first), \
              `line feed before`, `no carriage return` (behind the end block) or `unended segment` (the last segment has no \
              carriage return).",
        required: false,
        example: "noise before",
    },
    KeyDoc {
        name: "size",
        doc: "How long the message is: it is filled up with Z-segments to so many bytes, of 8 MiB at most.",
        required: false,
        example: "2 MiB",
    },
];

/// The guide.
pub(crate) static GUIDE: Guide = Guide {
    name: "hl7v2",
    title: "HL7 v2 over MLLP",
    about: "Messages of HL7 2.1 to 2.8 with any delimiters, framed by MLLP release 1, many on a connection. The stub \
            acknowledges as MSH-15 and MSH-16 ask (original or enhanced mode), and answers a message that comes again as it \
            did the first time.",
    send: SEND_KEYS,
    options: &[
        KeyDoc {
            name: "mode",
            doc: "Which acknowledgements are sent: `as-asked` (if left out), `original` (one) or `enhanced` (two).",
            required: false,
            example: "enhanced",
        },
        KeyDoc {
            name: "duplicates",
            doc: "What becomes of a message that came before: `same-ack` (the same acknowledgement, no second effect; if left \
                  out) or `accept` (it is taken in again).",
            required: false,
            example: "accept",
        },
        KeyDoc {
            name: "refuse",
            doc: "Messages that are rejected as not supported: selectors as under `received`.",
            required: false,
            example: "[\"ADT^A40\", SIU]",
        },
        KeyDoc {
            name: "types",
            doc: "Message types that are taken beside the standard's own.",
            required: false,
            example: "[ZDS]",
        },
        KeyDoc {
            name: "validate",
            doc: "How closely a message is looked at: `header` (what no receiver can do without; if left out) or `structure` (also \
                  segments, fields and data types of its version, 2.3 to 2.8; the first fault is refused with AE and named in ERR).",
            required: false,
            example: "structure",
        },
    ],
    places: &[
        PlaceDoc {
            place: "received",
            doc: "Message type and trigger event, a message type, or `ANY` (but acknowledgements).",
            examples: &["ADT^A04", "ORU", "ANY"],
        },
        PlaceDoc {
            place: "hl7v2, fields, at(…)",
            doc: "Segment, field, component and subcomponent, counted from 1; `[2]` or `[*]` behind a segment or field is a \
                  repetition; the groups of the message's structure may stand in front, outermost first, each with an \
                  index of its own that counts within the one before; levels between may be left out.",
            examples: &[
                "MSA-1",
                "PID-3[2].4.1",
                "OBX[*]-5",
                "OBSERVATION[2].OBX-5",
                "PATIENT_RESULT.ORDER_OBSERVATION[2].OBX[*]-5",
            ],
        },
        PlaceDoc {
            place: "holds",
            doc: "`messages`: what it took in.",
            examples: &["messages"],
        },
        PlaceDoc {
            place: "with",
            doc: "The acknowledgement code that refuses: `AE` (if left out), `AR`, `CE` or `CR`.",
            examples: &["AE", "AR"],
        },
    ],
    generators: &[
        Word {
            name: generate::NAMES[0],
            doc: "An admission.",
        },
        Word {
            name: generate::NAMES[1],
            doc: "A registration.",
        },
        Word {
            name: generate::NAMES[2],
            doc: "An update of a person's data.",
        },
        Word {
            name: generate::NAMES[3],
            doc: "A new appointment.",
        },
        Word {
            name: generate::NAMES[4],
            doc: "Results, with one to several observations.",
        },
        Word {
            name: generate::NAMES[5],
            doc: "Charges of a visit.",
        },
        Word {
            name: generate::NAMES[6],
            doc: "A pharmacy order.",
        },
        Word {
            name: generate::NAMES[7],
            doc: "Any bytes that are one frame; a receiver has to refuse them.",
        },
        Word {
            name: generate::NAMES[8],
            doc: "Any bytes, frame bytes among them; a receiver has to stay alive.",
        },
    ],
    filters: &[Word {
        name: filter::NAME,
        doc: "Dates and times in HL7's notation, and HL7's codes for sex, patient class, priority, status and route.",
    }],
    malformations: &[
        Word {
            name: malform::NAMES[0],
            doc: "Nothing in it is HL7.",
        },
        Word {
            name: malform::NAMES[1],
            doc: "The first segment is missing.",
        },
        Word {
            name: malform::NAMES[2],
            doc: "The message ends before MSH-7.",
        },
        Word {
            name: malform::NAMES[3],
            doc: "MSH-9 is empty.",
        },
        Word {
            name: malform::NAMES[4],
            doc: "MSH-9 is ZZZ^Z99^ZZZ_Z99.",
        },
        Word {
            name: malform::NAMES[5],
            doc: "MSH-10 is empty.",
        },
        Word {
            name: malform::NAMES[6],
            doc: "No line behind MSH begins with a segment name.",
        },
        Word {
            name: malform::NAMES[7],
            doc: "A segment name with a character that none has.",
        },
        Word {
            name: malform::NAMES[8],
            doc: "PID-3 is empty (MSH-9 and MSH-10 where there is no PID).",
        },
        Word {
            name: malform::NAMES[9],
            doc: "MSH-18 says UTF-8, and a value is not.",
        },
    ],
};
