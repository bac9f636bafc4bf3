//! What authors of contracts are told of X12.

use wardgate_core::port::{Guide, KeyDoc, PlaceDoc, Word};
use wardgate_stub_kit::http::guide;

use super::{dates, malform};

const fn key(name: &'static str, doc: &'static str, example: &'static str) -> KeyDoc {
    KeyDoc {
        name,
        doc,
        required: false,
        example,
    }
}

/// The keys under `send: { x12: … }`.
pub(crate) const SEND_KEYS: [KeyDoc; 5] = [
    key(
        "to",
        "The named endpoint of the candidate; may be left out where it has one of this protocol.",
        "edi",
    ),
    KeyDoc {
        name: "interchange",
        doc: "The interchange, one segment a line with its terminator. What its envelope leaves empty is filled in: the padding of \
              ISA, dates and times, ISA13 and IEA02 (other ones for each attempt), and the counts of SE, GE and IEA. A value that \
              holds a delimiter cannot be sent. A single `${…}` is a whole interchange.",
        required: true,
        example: "|\n  ISA*00**00**ZZ*CLINIC*ZZ*HUB***^*00501**0*T*:~\n  GS*HS*CLINIC*HUB***1*X*005010X279A1~\n  …\n  GE**1~\n  IEA**~",
    },
    key(
        "path",
        "The path below the endpoint's base; `/` if left out.",
        "/edi",
    ),
    key(
        "headers",
        "Headers as a mapping; an empty value leaves out a header that would be sent otherwise.",
        "{ X-Partner: CLINIC }",
    ),
    key(
        "core",
        "Fields of a CAQH CORE envelope (MIME multipart), around the interchange; those left out are filled in. Without it the \
         interchange is the body.",
        "{ PayloadType: X12_270_Request_005010X279A1, SenderID: CLINIC }",
    ),
];

/// The guide.
pub(crate) static GUIDE: Guide = Guide {
    name: "x12",
    title: "X12 clearinghouse",
    about: "Interchanges of ASC X12 005010 as health care uses them, over HTTP: posted as they are or in a CAQH CORE envelope. The \
            stub answers with TA1, 999 and 277CA as they deserve, adjudicates claims by rules, has balanced 835s to be picked up, \
            and answers 270 and 276 from what it holds.",
    send: &SEND_KEYS,
    options: &[
        key(
            "rules",
            "How claims are adjudicated: a list, of which the first rule that fits a service line decides about it; paid in full \
             where none does. Conditions: `payer`, `procedure`, `diagnosis`, `member`, `over` and `under` (the claim's total). \
             One outcome: `pay` (`full` or a share), `allowed` (an amount), `deny: { carc, rarc }`, or `pend: true`. `adjust` is \
             group and reason of what is not paid, `CO-45` if left out.",
            "[{ procedure: \"99213\", deny: { carc: \"50\", rarc: N115 } }, { pay: 0.8, adjust: PR-2 }]",
        ),
        key(
            "members",
            "Whether a claim has to be for a member that is held: `free` (if left out) or `strict`.",
            "strict",
        ),
        key(
            "replays",
            "What becomes of an interchange that comes again: `same-answer` (the answer of the first one, no second effect; if \
             left out) or `refuse` (TA1 with R and 025). Another interchange of the same ISA13 is always refused.",
            "refuse",
        ),
        key(
            "duplicates",
            "What becomes of a claim that was accepted before, of the same number, provider, total and days: `reject` (277CA with \
             A3:54; if left out) or `accept`.",
            "accept",
        ),
        key(
            "acknowledge",
            "Where the 277CA is: in the `reply`, behind the 999 (if left out), or in the `outbox`.",
            "outbox",
        ),
        key(
            "defects",
            "Ways in which it goes wrong: `lost-999` (the first answer to an 837 is empty), `late-835` (ready two seconds later), \
             `wrong-trace` (TRN02 is not that of the payment), `duplicate-remittance` (each 835 is issued twice), \
             `mismatched-claim` (the first CLP01 is another).",
            "[lost-999, duplicate-remittance]",
        ),
    ],
    places: &[
        PlaceDoc {
            place: "received",
            doc: "What an interchange holds: a transaction set such as `837P`, `837` (any of the three), `277CA`, `TA1`, or `ANY` \
                  (but acknowledgements); `pick-up`, a request for what is in the outbox; or a method and a path.",
            examples: &["837P", "270", "pick-up", "GET /outbox/*"],
        },
        PlaceDoc {
            place: "x12, fields, at(…)",
            doc: "Segment, element and component, counted from 1; `[2]`, `[*]` or `[01=G1]` behind a segment says which; loops may \
                  stand in front. Or `status`, `header.NAME`, `method`, `path`, `query.NAME`, `body`.",
            examples: &[
                "AK9-01",
                "CLM-02",
                "2300[2]/CLM-05-1",
                "REF[01=F8]-02",
                "status",
            ],
        },
        PlaceDoc {
            place: "holds",
            doc: "`interchanges`, `claims`, `remittances` or `members`. Members and interchanges (as text) can be given.",
            examples: &["claims", "remittances"],
        },
        guide::REFUSAL,
    ],
    generators: &[Word {
        name: "member",
        doc: "A member for a synthetic patient, covered without end.",
    }],
    filters: &[Word {
        name: dates::NAME,
        doc: "A date or time as CCYYMMDD, a sex as its code; anything else in capitals.",
    }],
    malformations: &[
        Word {
            name: malform::NAMES[0],
            doc: "The interchange ends in the middle.",
        },
        Word {
            name: malform::NAMES[1],
            doc: "IEA02 is not ISA13.",
        },
        Word {
            name: malform::NAMES[2],
            doc: "SE01 counts other than what is there.",
        },
        Word {
            name: malform::NAMES[3],
            doc: "A segment QQQ stands before SE.",
        },
    ],
};
