//! The keys of a contract file, from the top.

use super::{
    Among, Key, Others, Rule, Shape, Table, Word,
    claims::EXPECT,
    syntax::{
        CAPTURE, CONTRACT_ID, EXPRESSION, FORMAT_VERSION, LINE, NAME, POSITIVE, SLUG, TEMPLATE,
        TEXT, VERSION,
    },
    variations::VARIATIONS,
};

/// The whole file.
pub static CONTRACT: Table = Table {
    name: "contract",
    what: "a contract: a mapping that begins with `wardgate: 1`",
    doc: "The top of the file. One file holds one contract.",
    keys: &[
        Key {
            name: "wardgate",
            shape: Shape::Text(&FORMAT_VERSION),
            required: true,
            doc: "The version of this format.",
            example: "1",
        },
        Key {
            name: "contract",
            shape: Shape::Text(&CONTRACT_ID),
            required: true,
            doc: "The contract's id, unique among the files of a run. By habit the workflow, a slash and the interface.",
            example: "registration/adt-a04",
        },
        Key {
            name: "version",
            shape: Shape::Text(&VERSION),
            required: true,
            doc: "The contract's own version (Semantic Versioning 2.0.0): a breaking change raises the first number.",
            example: "1.2.0",
        },
        Key {
            name: "title",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "One line for people, shown in reports.",
            example: "A registration reaches the record and the ledger, once",
        },
        Key {
            name: "consumer",
            shape: Shape::Text(&SLUG),
            required: true,
            doc: "Who relies on the promise.",
            example: "pas",
        },
        Key {
            name: "provider",
            shape: Shape::Text(&SLUG),
            required: true,
            doc: "Who makes the promise: the candidate under test.",
            example: "integration-hub",
        },
        Key {
            name: "workflow",
            shape: Shape::Text(&SLUG),
            required: true,
            doc: "The workflow it belongs to; `--workflow` selects by it.",
            example: "registration",
        },
        Key {
            name: "criticality",
            shape: Shape::Word(&[
                Word {
                    name: "required",
                    doc: "a failure stops the release (the default)",
                },
                Word {
                    name: "advisory",
                    doc: "a failure is reported",
                },
            ]),
            required: false,
            doc: "What a failure means for the release.",
            example: "required",
        },
        Key {
            name: "owner",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "Whom to ask when it fails.",
            example: "team-patient-access",
        },
        Key {
            name: "partners",
            shape: Shape::Named {
                name: &NAME,
                each: &Shape::Mapping(&PARTNER),
            },
            required: false,
            doc: "The systems around the candidate, each played by a stub. Expectations call them by these names.",
            example: "{ ehr: { stub: fhir, version: R4 }, ledger: { stub: erp } }",
        },
        Key {
            name: "data",
            shape: Shape::Named {
                name: &NAME,
                each: &Shape::Mapping(&DRAW),
            },
            required: false,
            doc: "Values that every case draws for itself, in this order. `${patient.mrn}` puts one into text, `%patient.mrn` is \
                  the same in an expression.",
            example: "{ patient: { draw: patient, where: \"age >= 18\" } }",
        },
        Key {
            name: "given",
            shape: Shape::List(&Shape::Mapping(&GIVEN)),
            required: false,
            doc: "What is already so before each case begins.",
            example: "[{ partner: ehr, holds: Patient, records: [\"${patient}\"] }]",
        },
        Key {
            name: "interactions",
            shape: Shape::List(&Shape::Mapping(&INTERACTION)),
            required: false,
            doc: "The exchanges to replay.",
            example: "[{ name: a read, send: { fhir: { method: GET, path: /Patient/1 } } }]",
        },
        Key {
            name: "properties",
            shape: Shape::List(&Shape::Mapping(&PROPERTY)),
            required: false,
            doc: "Claims about every legal value, tried with many generated ones.",
            example: "[{ name: it answers, forall: { m: hl7v2.ADT_A01 }, steps: [{ send: { hl7v2: { message: \"${m}\" } } }] }]",
        },
    ],
    others: None,
    rules: &[Rule::AtLeastOne(&["interactions", "properties"])],
};

static PARTNER: Table = Table {
    name: "partner",
    what: "a partner: a mapping with `stub`",
    doc: "An entry of `partners:`.",
    keys: &[Key {
        name: "stub",
        shape: Shape::Text(&SLUG),
        required: true,
        doc: "The protocol of the stub that plays it, such as `fhir`, `hl7v2` or `erp`.",
        example: "fhir",
    }],
    others: Some(Others {
        placeholder: "OPTION",
        name: &TEXT,
        among: Among::Anything,
        shape: Shape::Value,
        doc: "Any other key is an option of that stub.",
        example: "version: R4",
    }),
    rules: &[],
};

static DRAW: Table = Table {
    name: "draw",
    what: "a draw: a mapping with `draw`",
    doc: "An entry of `data:`: a synthetic record.",
    keys: &[
        Key {
            name: "draw",
            shape: Shape::Text(&TEXT),
            required: true,
            doc: "The kind of record, such as `patient`.",
            example: "patient",
        },
        Key {
            name: "where",
            shape: Shape::Text(&EXPRESSION),
            required: false,
            doc: "An expression over the record that must be true of it.",
            example: "\"age >= 18\"",
        },
        Key {
            name: "with",
            shape: Shape::Named {
                name: &TEXT,
                each: &Shape::Text(&TEMPLATE),
            },
            required: false,
            doc: "Members that are set after drawing.",
            example: "{ family: \"O'Brien\" }",
        },
    ],
    others: None,
    rules: &[],
};

static GIVEN: Table = Table {
    name: "given",
    what: "something given: records that a partner holds, or a state of the candidate",
    doc: "An entry of `given:`. Either a partner already holds records (`partner`, `holds`, `records`), or the candidate is \
          asked to bring itself into a state through its provider-state URL (`state`, `with`).",
    keys: &[
        Key {
            name: "partner",
            shape: Shape::Text(&NAME),
            required: false,
            doc: "The partner that holds the records.",
            example: "ehr",
        },
        Key {
            name: "holds",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "What the partner files them under: a resource type or an entity set.",
            example: "Patient",
        },
        Key {
            name: "records",
            shape: Shape::List(&Shape::Value),
            required: false,
            doc: "The records: mappings, or drawn values such as `\"${patient}\"`.",
            example: "[\"${patient}\"]",
        },
        Key {
            name: "state",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "The name of a state that the candidate knows how to reach.",
            example: "the clinic is open",
        },
        Key {
            name: "with",
            shape: Shape::Record,
            required: false,
            doc: "The state's parameters.",
            example: "{ clinic: A }",
        },
    ],
    others: None,
    rules: &[
        Rule::ExactlyOne(&["holds", "state"]),
        Rule::Needs("holds", &["partner", "records"]),
        Rule::Excludes("holds", &["with"]),
        Rule::Excludes("state", &["partner", "records"]),
    ],
};

static INTERACTION: Table = Table {
    name: "interaction",
    what: "an interaction: a mapping with `name` and either `send` or `steps`",
    doc: "An entry of `interactions:`. It has one `send` with its `expect`, or `steps` with several.",
    keys: &[
        Key {
            name: "name",
            shape: Shape::Text(&LINE),
            required: true,
            doc: "What happens, unique within the contract. Reports name the case by it.",
            example: "an A04 registers the patient",
        },
        Key {
            name: "given",
            shape: Shape::List(&Shape::Mapping(&GIVEN)),
            required: false,
            doc: "What is already so, after what the contract gives.",
            example: "[{ state: the clinic is open }]",
        },
        SEND_KEY,
        EXPECT_KEY,
        CAPTURE_KEY,
        STEPS_KEY,
        Key {
            name: "variations",
            shape: Shape::List(&VARIATIONS),
            required: false,
            doc: "What is done to the interaction to make more cases of it.",
            example: "[duplicate delivery, { ack lost: inbound }]",
        },
    ],
    others: None,
    rules: &[
        Rule::ExactlyOne(&["send", "steps"]),
        Rule::Excludes("steps", &["expect", "capture"]),
    ],
};

static STEP: Table = Table {
    name: "step",
    what: "a step: a mapping with `send`, `expect` or both",
    doc: "An entry of `steps:`. A step without `send` only expects.",
    keys: &[
        Key {
            name: "name",
            shape: Shape::Text(&LINE),
            required: false,
            doc: "What happens; `at:` of a variation refers to it.",
            example: "the slot is booked",
        },
        SEND_KEY,
        EXPECT_KEY,
        CAPTURE_KEY,
    ],
    others: None,
    rules: &[Rule::AtLeastOne(&["send", "expect"])],
};

static PROPERTY: Table = Table {
    name: "property",
    what: "a property: a mapping with `name`, `forall` and `steps`",
    doc: "An entry of `properties:`: steps that are tried with many generated values. A failure is made as small as it can be.",
    keys: &[
        Key {
            name: "name",
            shape: Shape::Text(&LINE),
            required: true,
            doc: "The claim, unique within the contract.",
            example: "any legal patient reads back as it was written",
        },
        Key {
            name: "forall",
            shape: Shape::Named {
                name: &NAME,
                each: &Shape::Text(&TEXT),
            },
            required: true,
            doc: "The values and the generators that they come from.",
            example: "{ patient: fhir.Patient }",
        },
        Key {
            name: "cases",
            shape: Shape::Text(&POSITIVE),
            required: false,
            doc: "How many values are tried (100 when left out).",
            example: "200",
        },
        Key {
            name: "given",
            shape: Shape::List(&Shape::Mapping(&GIVEN)),
            required: false,
            doc: "What is already so before each attempt.",
            example: "[{ state: the clinic is open }]",
        },
        STEPS_KEY,
        Key {
            name: "after",
            shape: Shape::List(&Shape::Mapping(&STEP)),
            required: false,
            doc: "Another word for `steps`, which reads well before `holds`.",
            example: "[{ send: { hl7v2: { message: \"${stay}\" } } }]",
        },
        Key {
            name: "holds",
            shape: Shape::Text(&EXPRESSION),
            required: false,
            doc: "An expression that must be true after the steps, over what the partners hold: `PARTNER.COLLECTION`.",
            example: "\"sum(ledger.generalLedgerEntries.debitAmount) = sum(ledger.generalLedgerEntries.creditAmount)\"",
        },
    ],
    others: None,
    rules: &[Rule::ExactlyOne(&["steps", "after"])],
};

static SEND: Table = Table {
    name: "send",
    what: "one key, the protocol, with the message under it",
    doc: "What is sent to the candidate. The one key is the protocol; what stands under it is the protocol's own.",
    keys: &[],
    others: Some(Others {
        placeholder: "PROTOCOL",
        name: &SLUG,
        among: Among::Anything,
        shape: Shape::Mapping(&MESSAGE),
        doc: "The message in the words of the protocol.",
        example: "hl7v2: { to: adt, message: \"MSH|…\" }",
    }),
    rules: &[Rule::Single],
};

static MESSAGE: Table = Table {
    name: "message",
    what: "a message: a mapping that the protocol reads",
    doc: "What stands under the protocol's name in `send:`.",
    keys: &[Key {
        name: "to",
        shape: Shape::Text(&SLUG),
        required: false,
        doc: "The endpoint of the candidate, by its name in `candidate.toml`. It may be left out where the candidate has one \
              of this protocol.",
        example: "adt",
    }],
    others: Some(Others {
        placeholder: "KEY",
        name: &TEXT,
        among: Among::Anything,
        shape: Shape::Value,
        doc: "The protocol's own keys.",
        example: "message: \"MSH|…\"",
    }),
    rules: &[],
};

const SEND_KEY: Key = Key {
    name: "send",
    shape: Shape::Mapping(&SEND),
    required: false,
    doc: "What is sent to the candidate: one protocol and its message.",
    example: "{ fhir: { method: GET, path: /Patient/1 } }",
};

const EXPECT_KEY: Key = Key {
    name: "expect",
    shape: Shape::Mapping(&EXPECT),
    required: false,
    doc: "What must come of it, at the sender and at the partners.",
    example: "{ reply: { status: 200 } }",
};

const CAPTURE_KEY: Key = Key {
    name: "capture",
    shape: Shape::Named {
        name: &NAME,
        each: &Shape::Text(&CAPTURE),
    },
    required: false,
    doc: "Values to keep for later steps: `reply.fhirpath(\"…\")`, `reply.at(\"…\")` with a location of the protocol, or the \
          same after `PARTNER.received`.",
    example: "{ id: reply.fhirpath(\"id\") }",
};

const STEPS_KEY: Key = Key {
    name: "steps",
    shape: Shape::List(&Shape::Mapping(&STEP)),
    required: false,
    doc: "Several sends and expectations in order.",
    example: "[{ send: { fhir: { method: GET, path: /Patient/1 } }, expect: { reply: { status: 200 } } }]",
};
