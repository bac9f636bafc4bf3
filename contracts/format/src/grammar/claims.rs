//! The keys of expectations and matchers.

use super::{
    Among, Key, Others, Rule, Shape, Table,
    syntax::{BOUND, COUNT, DURATION, EXPRESSION, NAME, SLUG, TEXT},
};

/// `expect:`.
pub static EXPECT: Table = Table {
    name: "expect",
    what: "the expectations: a mapping of legs and what is expected there",
    doc: "What must come of a stimulus: the reply, and what reaches the partners.",
    keys: &[
        Key {
            name: "reply",
            shape: Shape::Mapping(&ANSWER),
            required: false,
            doc: "The application's answer to what was sent.",
            example: "{ within: 2s, status: 201 }",
        },
        Key {
            name: "accept",
            shape: Shape::Mapping(&ANSWER),
            required: false,
            doc: "The commit acknowledgement that comes before the answer in HL7's enhanced mode.",
            example: "{ hl7v2: { MSA-1: CA } }",
        },
    ],
    others: Some(Others {
        placeholder: "PARTNER",
        name: &NAME,
        among: Among::Partners,
        shape: Shape::Either(&[Shape::Mapping(&CLAIM), Shape::List(&Shape::Mapping(&CLAIM))]),
        doc: "What a partner received or holds: one claim or a list of them.",
        example: "ehr: [{ received: PUT Patient, times: 1 }]",
    }),
    rules: &[],
};

/// `reply:` and `accept:`.
pub static ANSWER: Table = Table {
    name: "reply",
    what: "the answer: a mapping of what must be true of it",
    doc: "What must be true of an answer. An empty mapping says that an answer must come.",
    keys: &[WITHIN, STATUS, HEADERS, BODY, FHIRPATH, JSONPATH, FIELDS],
    others: Some(PROTOCOL_FIELDS),
    rules: &[],
};

/// `PARTNER: [ … ]`.
pub static CLAIM: Table = Table {
    name: "claim",
    what: "a claim: a mapping with `received` or `holds`",
    doc: "What a partner received (`received`, `times`) or holds (`holds`, `where`, `count`). The other keys must be true of \
          each message or record for it to count.",
    keys: &[
        Key {
            name: "received",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "Which messages, in the words of the partner's protocol.",
            example: "PUT Patient",
        },
        Key {
            name: "times",
            shape: Shape::Either(&[Shape::Text(&BOUND), Shape::Mapping(&BOUNDS)]),
            required: false,
            doc: "How many such messages. At least one when left out.",
            example: "1",
        },
        Key {
            name: "holds",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "What the partner files the records under: a resource type or an entity set.",
            example: "customers",
        },
        Key {
            name: "where",
            shape: Shape::Either(&[
                Shape::Text(&EXPRESSION),
                Shape::Named {
                    name: &TEXT,
                    each: &Shape::Matcher,
                },
            ]),
            required: false,
            doc: "Which records: member paths and their values, or an expression. Left out, those that came since the case began.",
            example: "{ number: \"${patient.mrn}\" }",
        },
        Key {
            name: "count",
            shape: Shape::Either(&[Shape::Text(&BOUND), Shape::Mapping(&BOUNDS)]),
            required: false,
            doc: "How many such records. At least one when left out.",
            example: "1",
        },
        WITHIN,
        STATUS,
        HEADERS,
        BODY,
        FHIRPATH,
        JSONPATH,
        FIELDS,
    ],
    others: Some(PROTOCOL_FIELDS),
    rules: &[
        Rule::ExactlyOne(&["received", "holds"]),
        Rule::Excludes("received", &["where", "count"]),
        Rule::Excludes("holds", &["times", "status", "headers"]),
    ],
};

static BOUNDS: Table = Table {
    name: "bounds",
    what: "a bound: a mapping with `at least`, `at most` or both",
    doc: "The long form of how many.",
    keys: &[
        Key {
            name: "at least",
            shape: Shape::Text(&COUNT),
            required: false,
            doc: "The fewest (0 when left out).",
            example: "1",
        },
        Key {
            name: "at most",
            shape: Shape::Text(&COUNT),
            required: false,
            doc: "The most (any number when left out).",
            example: "2",
        },
    ],
    others: None,
    rules: &[Rule::AtLeastOne(&["at least", "at most"])],
};

const WITHIN: Key = Key {
    name: "within",
    shape: Shape::Text(&DURATION),
    required: false,
    doc: "By when, counted from the step's stimulus.",
    example: "2s",
};

const STATUS: Key = Key {
    name: "status",
    shape: Shape::Matcher,
    required: false,
    doc: "The status of an HTTP message.",
    example: "201",
};

const HEADERS: Key = Key {
    name: "headers",
    shape: Shape::Named {
        name: &TEXT,
        each: &Shape::Matcher,
    },
    required: false,
    doc: "Header fields and their values.",
    example: "{ Location: { regex: \".*/Patient/.+\" } }",
};

const BODY: Key = Key {
    name: "body",
    shape: Shape::Matcher,
    required: false,
    doc: "The whole body, or the whole record. A bare mapping must match entirely; `includes` leaves room for more.",
    example: "{ includes: { resourceType: Patient } }",
};

const FHIRPATH: Key = Key {
    name: "fhirpath",
    shape: Shape::Either(&[
        Shape::Text(&EXPRESSION),
        Shape::List(&Shape::Text(&EXPRESSION)),
    ]),
    required: false,
    doc: "Expressions that must be true of the message or record.",
    example: "[\"name.first().family = %patient.family\"]",
};

const JSONPATH: Key = Key {
    name: "jsonpath",
    shape: Shape::Named {
        name: &TEXT,
        each: &Shape::Matcher,
    },
    required: false,
    doc: "Paths of JSONPath (RFC 9535) and what they lead to: one value as it is, several as a list.",
    example: "{ \"$.name[0].family\": Smith, \"$..id\": { present: true } }",
};

const FIELDS: Key = Key {
    name: "fields",
    shape: Shape::Named {
        name: &TEXT,
        each: &Shape::Matcher,
    },
    required: false,
    doc: "Locations of the protocol and their values; the protocol's own name says the same.",
    example: "{ MSA-1: AA }",
};

const PROTOCOL_FIELDS: Others = Others {
    placeholder: "PROTOCOL",
    name: &SLUG,
    among: Among::Protocol,
    shape: Shape::Named {
        name: &TEXT,
        each: &Shape::Matcher,
    },
    doc: "The name of the message's protocol: locations and their values, as under `fields`.",
    example: "hl7v2: { MSA-1: AA, MSA-2: \"${control_id}\" }",
};

/// A key that makes a mapping a matcher.
#[derive(Debug)]
pub struct MatcherKey {
    /// The key.
    pub name: &'static str,
    /// Keys that may stand beside it.
    pub beside: &'static [&'static str],
    /// What its value is.
    pub value: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// A whole example.
    pub example: &'static str,
}

/// Every key that makes a mapping a matcher, in the order of the reference.
pub static MATCHER_KEYS: &[MatcherKey] = &[
    MatcherKey {
        name: "equals",
        beside: &["ignoring"],
        value: "any value",
        doc: "The same value, which a bare value says too. `ignoring` lists member paths to leave out.",
        example: "{ equals: \"${patient}\", ignoring: [id, meta, text] }",
    },
    MatcherKey {
        name: "includes",
        beside: &["ignoring"],
        value: "a mapping or a list",
        doc: "At least these members, and in lists at least these items; others may stand beside them, at every depth.",
        example: "{ includes: { resourceType: Patient, active: true } }",
    },
    MatcherKey {
        name: "like",
        beside: &[],
        value: "any value",
        doc: "The same shape and types; the values may differ. A list has at least one item, each like one of those written.",
        example: "{ like: { id: abc, active: true } }",
    },
    MatcherKey {
        name: "each_like",
        beside: &["min"],
        value: "any value",
        doc: "A list of items, each of this shape; at least `min` of them (1 when left out).",
        example: "{ each_like: { system: MR, value: \"1\" }, min: 1 }",
    },
    MatcherKey {
        name: "regex",
        beside: &[],
        value: "a regular expression",
        doc: "The whole text of a single value matches.",
        example: "{ regex: \"[A-Z]{2}[0-9]+\" }",
    },
    MatcherKey {
        name: "one_of",
        beside: &[],
        value: "a list",
        doc: "One of these values.",
        example: "{ one_of: [AA, CA] }",
    },
    MatcherKey {
        name: "range",
        beside: &[],
        value: "a mapping with `min`, `max` or both",
        doc: "A number between the two, both included.",
        example: "{ range: { min: 0, max: 250.00 } }",
    },
    MatcherKey {
        name: "date_within",
        beside: &[],
        value: "a length of time, or a mapping with `of` and `distance`",
        doc: "A date or time no further than this from `of` (from now when left out).",
        example: "{ date_within: { of: \"${patient.birth_date}\", distance: 1d } }",
    },
    MatcherKey {
        name: "decimal",
        beside: &[],
        value: "a number",
        doc: "The same number however it is written: 10.0 is 10.00.",
        example: "{ decimal: 185.10 }",
    },
    MatcherKey {
        name: "absent",
        beside: &[],
        value: "`true`",
        doc: "Nothing stands there.",
        example: "{ absent: true }",
    },
    MatcherKey {
        name: "present",
        beside: &[],
        value: "`true`",
        doc: "Something stands there, whatever it is.",
        example: "{ present: true }",
    },
    MatcherKey {
        name: "unordered",
        beside: &[],
        value: "a list",
        doc: "The same items in any order.",
        example: "{ unordered: [a, b] }",
    },
];
