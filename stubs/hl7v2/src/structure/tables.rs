//! The structures themselves (HL7 v2.5.1, chapters 3, 4, 6, 7 and 10), with the segments that other 2.x versions have
//! in the same places.

use super::Node;

const fn segment(name: &'static str, required: bool, repeats: bool) -> Node {
    Node::Segment {
        name,
        required,
        repeats,
    }
}

/// A segment that must be there once.
const fn one(name: &'static str) -> Node {
    segment(name, true, false)
}

/// A segment that may be there once.
const fn opt(name: &'static str) -> Node {
    segment(name, false, false)
}

/// A segment that may be there any number of times.
const fn any(name: &'static str) -> Node {
    segment(name, false, true)
}

/// A group that may be there once.
const fn opt_group(name: &'static str, children: &'static [Node]) -> Node {
    Node::Group {
        name,
        required: false,
        repeats: false,
        children,
    }
}

/// A group that may be there any number of times.
const fn any_group(name: &'static str, children: &'static [Node]) -> Node {
    Node::Group {
        name,
        required: false,
        repeats: true,
        children,
    }
}

/// A group that must be there and may repeat.
const fn many_group(name: &'static str, children: &'static [Node]) -> Node {
    Node::Group {
        name,
        required: true,
        repeats: true,
        children,
    }
}

const INSURANCE: Node = any_group(
    "INSURANCE",
    &[one("IN1"), opt("IN2"), any("IN3"), any("ROL")],
);

const ADT_A01: &[Node] = &[
    one("MSH"),
    any("SFT"),
    one("EVN"),
    one("PID"),
    opt("PD1"),
    any("ROL"),
    any("NK1"),
    one("PV1"),
    opt("PV2"),
    any("ROL"),
    any("DB1"),
    any("OBX"),
    any("AL1"),
    any("DG1"),
    opt("DRG"),
    any_group("PROCEDURE", &[one("PR1"), any("ROL")]),
    any("GT1"),
    INSURANCE,
    opt("ACC"),
    opt("UB1"),
    opt("UB2"),
    opt("PDA"),
];

const ADT_A39: &[Node] = &[
    one("MSH"),
    any("SFT"),
    one("EVN"),
    many_group("PATIENT", &[one("PID"), opt("PD1"), one("MRG"), opt("PV1")]),
];

const ORU_R01: &[Node] = &[
    one("MSH"),
    any("SFT"),
    many_group(
        "PATIENT_RESULT",
        &[
            opt_group(
                "PATIENT",
                &[
                    one("PID"),
                    opt("PD1"),
                    any("NTE"),
                    any("NK1"),
                    opt_group("VISIT", &[one("PV1"), opt("PV2")]),
                ],
            ),
            many_group(
                "ORDER_OBSERVATION",
                &[
                    opt("ORC"),
                    one("OBR"),
                    any("NTE"),
                    any_group("TIMING_QTY", &[one("TQ1"), any("TQ2")]),
                    opt("CTD"),
                    any_group("OBSERVATION", &[one("OBX"), any("NTE")]),
                    any("FT1"),
                    any("CTI"),
                    any_group("SPECIMEN", &[one("SPM"), any("OBX")]),
                ],
            ),
        ],
    ),
    opt("DSC"),
];

const SIU_S12: &[Node] = &[
    one("MSH"),
    one("SCH"),
    any("TQ1"),
    any("NTE"),
    any_group(
        "PATIENT",
        &[
            one("PID"),
            opt("PD1"),
            opt("PV1"),
            opt("PV2"),
            any("OBX"),
            any("DG1"),
        ],
    ),
    many_group(
        "RESOURCES",
        &[
            one("RGS"),
            any_group("SERVICE", &[one("AIS"), any("NTE")]),
            any_group("GENERAL_RESOURCE", &[one("AIG"), any("NTE")]),
            any_group("LOCATION_RESOURCE", &[one("AIL"), any("NTE")]),
            any_group("PERSONNEL_RESOURCE", &[one("AIP"), any("NTE")]),
        ],
    ),
];

const DFT_P03: &[Node] = &[
    one("MSH"),
    any("SFT"),
    one("EVN"),
    one("PID"),
    opt("PD1"),
    any("ROL"),
    opt("PV1"),
    opt("PV2"),
    any("ROL"),
    any("DB1"),
    any_group(
        "COMMON_ORDER",
        &[
            opt("ORC"),
            any_group("TIMING_QUANTITY", &[one("TQ1"), any("TQ2")]),
            opt_group("ORDER", &[one("OBR"), any("NTE")]),
            any_group("OBSERVATION", &[one("OBX"), any("NTE")]),
        ],
    ),
    many_group(
        "FINANCIAL",
        &[
            one("FT1"),
            any("NTE"),
            any_group("FINANCIAL_PROCEDURE", &[one("PR1"), any("ROL")]),
            any_group(
                "FINANCIAL_COMMON_ORDER",
                &[
                    opt("ORC"),
                    any_group("FINANCIAL_TIMING_QUANTITY", &[one("TQ1"), any("TQ2")]),
                    opt_group("FINANCIAL_ORDER", &[one("OBR"), any("NTE")]),
                    any_group("FINANCIAL_OBSERVATION", &[one("OBX"), any("NTE")]),
                ],
            ),
        ],
    ),
    any("DG1"),
    opt("DRG"),
    any("GT1"),
    INSURANCE,
    opt("ACC"),
];

const PATIENT_OF_ORDER: Node = opt_group(
    "PATIENT",
    &[
        one("PID"),
        opt("PD1"),
        any("NTE"),
        opt_group("PATIENT_VISIT", &[one("PV1"), opt("PV2")]),
        any_group("INSURANCE", &[one("IN1"), opt("IN2"), opt("IN3")]),
        opt("GT1"),
        any("AL1"),
    ],
);

const RDE_O11: &[Node] = &[
    one("MSH"),
    any("SFT"),
    any("NTE"),
    PATIENT_OF_ORDER,
    many_group(
        "ORDER",
        &[
            one("ORC"),
            any_group("TIMING", &[one("TQ1"), any("TQ2")]),
            opt_group(
                "ORDER_DETAIL",
                &[
                    one("RXO"),
                    any("NTE"),
                    any("RXR"),
                    any_group("COMPONENT", &[one("RXC"), any("NTE")]),
                ],
            ),
            one("RXE"),
            any("NTE"),
            any_group("TIMING_ENCODED", &[one("TQ1"), any("TQ2")]),
            any("RXR"),
            any("RXC"),
            any_group("OBSERVATION", &[one("OBX"), any("NTE")]),
            any("FT1"),
            opt("BLG"),
            any("CTI"),
        ],
    ),
];

const ORM_O01: &[Node] = &[
    one("MSH"),
    any("NTE"),
    PATIENT_OF_ORDER,
    many_group(
        "ORDER",
        &[
            one("ORC"),
            opt_group(
                "ORDER_DETAIL",
                &[
                    // One of these stands here; all may begin the group.
                    opt("OBR"),
                    opt("RQD"),
                    opt("RQ1"),
                    opt("RXO"),
                    opt("ODS"),
                    opt("ODT"),
                    any("NTE"),
                    opt("CTD"),
                    any("DG1"),
                    any_group("OBSERVATION", &[one("OBX"), any("NTE")]),
                ],
            ),
            any("FT1"),
            any("CTI"),
            opt("BLG"),
        ],
    ),
];

/// Every structure by its name.
pub(super) const STRUCTURES: &[(&str, &[Node])] = &[
    ("ADT_A01", ADT_A01),
    ("ADT_A39", ADT_A39),
    ("ORU_R01", ORU_R01),
    ("SIU_S12", SIU_S12),
    ("DFT_P03", DFT_P03),
    ("RDE_O11", RDE_O11),
    ("ORM_O01", ORM_O01),
];

pub(super) fn structure(name: &str) -> Option<&'static [Node]> {
    STRUCTURES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, children)| *children)
}

/// The structure that a message type and trigger event have (table 0354).
pub(super) fn of_event(message_type: &str, event: &str) -> Option<&'static str> {
    match (message_type, event) {
        ("ADT", "A01" | "A04" | "A08" | "A13") => Some("ADT_A01"),
        ("ADT", "A39" | "A40" | "A41" | "A42") => Some("ADT_A39"),
        ("ORU", "R01") => Some("ORU_R01"),
        ("SIU", event) => {
            let number: u8 = event.strip_prefix('S')?.parse().ok()?;
            (matches!(number, 12..=24 | 26)).then_some("SIU_S12")
        }
        ("DFT", "P03") => Some("DFT_P03"),
        ("RDE", "O11" | "O01" | "O25") => Some("RDE_O11"),
        ("ORM", "O01") => Some("ORM_O01"),
        _ => None,
    }
}
