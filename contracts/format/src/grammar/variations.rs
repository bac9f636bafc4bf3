//! The words and keys of variations.

use super::{
    Key, Rule, Shape, Table, Word,
    claims::EXPECT,
    syntax::{ATTEMPTS, DURATION, TEXT},
};

/// An entry of `variations:`.
pub static VARIATIONS: Shape =
    Shape::Either(&[Shape::Word(VARIATION_WORDS), Shape::Mapping(&VARIATION)]);

/// The variations that a word names.
pub static VARIATION_WORDS: &[Word] = &[
    Word {
        name: "duplicate delivery",
        doc: "The same message comes again with the same control ID. The reply must be the same, or the one that `expect` names for the second delivery, and the effects must happen once.",
    },
    Word {
        name: "split frames",
        doc: "The message's bytes arrive in two pieces. The outcome must be the same.",
    },
    Word {
        name: "trickled frames",
        doc: "The message's bytes arrive a few at a time. The outcome must be the same.",
    },
    Word {
        name: "coalesced frames",
        doc: "Two messages arrive in one piece. The outcome must be the same for each.",
    },
    Word {
        name: "candidate restarted",
        doc: "The candidate is killed and started again after its ack. What was acknowledged must survive.",
    },
    Word {
        name: "malformed input",
        doc: "A broken message, one case for each broken form that the protocol knows. The reply must be negative, nothing may \
              happen, and the candidate must go on serving.",
    },
];

static VARIATION: Table = Table {
    name: "variation",
    what: "a variation: a word such as `duplicate delivery`, or a mapping such as `{ ack lost: inbound }`",
    doc: "An entry of `variations:` in its long form. `variation: WORD` is the long form of the words.",
    keys: &[
        Key {
            name: "variation",
            shape: Shape::Word(VARIATION_WORDS),
            required: false,
            doc: "One of the words, where `at` or `expect` go with it.",
            example: "duplicate delivery",
        },
        Key {
            name: "ack lost",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "`inbound`: the candidate's ack does not arrive, and the sender repeats; the ack must be the same, the effects \
                  once. A partner's name: the partner processed, but its reply is lost; the candidate must retry and the effects \
                  happen once. `outbound` says the same where there is one partner.",
            example: "inbound",
        },
        Key {
            name: "partner down",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "The partner takes no connection for some attempts. What was promised must be delivered after it is back.",
            example: "ledger",
        },
        Key {
            name: "partner slow",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "The partner's replies come late, `by` this much.",
            example: "ehr",
        },
        Key {
            name: "partner refusing",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "The partner answers with a refusal, `with` which one.",
            example: "ehr",
        },
        Key {
            name: "for",
            shape: Shape::Text(&ATTEMPTS),
            required: false,
            doc: "How many attempts or replies it lasts (1 when left out).",
            example: "2 attempts",
        },
        Key {
            name: "by",
            shape: Shape::Text(&DURATION),
            required: false,
            doc: "How late the replies of `partner slow` are.",
            example: "800ms",
        },
        Key {
            name: "with",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "The refusal in the words of the partner's protocol: `503`, `AE`. Left out, the protocol's usual one.",
            example: "503",
        },
        Key {
            name: "at",
            shape: Shape::Text(&TEXT),
            required: false,
            doc: "The name of the step it is done to (the last one that sends when left out).",
            example: "the slot is booked",
        },
        Key {
            name: "expect",
            shape: Shape::Mapping(&EXPECT),
            required: false,
            doc: "What must come of that step in place of its own expectations, where the variation changes them.",
            example: "{ reply: { hl7v2: { MSA-1: AE } } }",
        },
    ],
    others: None,
    rules: &[
        Rule::ExactlyOne(&[
            "variation",
            "ack lost",
            "partner down",
            "partner slow",
            "partner refusing",
        ]),
        Rule::Needs("partner slow", &["by"]),
        Rule::Excludes("variation", &["for", "by", "with"]),
        Rule::Excludes("ack lost", &["for", "by", "with"]),
        Rule::Excludes("partner down", &["by", "with"]),
        Rule::Excludes("partner slow", &["with"]),
        Rule::Excludes("partner refusing", &["by"]),
    ],
};
