use proptest::prelude::*;

use super::*;

const SOUND: &str = "MSH|^~\\&|PAS|HOSP|HUB|HOSP|20260704120000+0200||ADT^A04^ADT_A01|1|P|2.5.1
EVN||20260704120000
PID|1||77^^^HOSP^MR~88^^^HOSP^AN||Doe^Ann||19800101|F
PV1|1|O
AL1|1||PEN^Penicillin^L
";

/// Each finding as severity, rule and place.
fn found(text: &str) -> Vec<(Severity, Rule, String)> {
    let raw = text.replace('\n', "\r");
    let message = Message::parse(raw.as_bytes()).unwrap();
    validate(&message)
        .into_iter()
        .map(|finding| (finding.severity, finding.rule, finding.place.to_string()))
        .collect()
}

fn in_sound(replace: &str, by: &str) -> Vec<(Severity, Rule, String)> {
    assert!(SOUND.contains(replace), "{replace}");
    found(&SOUND.replace(replace, by))
}

fn error(rule: Rule, place: &str) -> Vec<(Severity, Rule, String)> {
    vec![(Severity::Error, rule, place.to_owned())]
}

fn warning(rule: Rule, place: &str) -> Vec<(Severity, Rule, String)> {
    vec![(Severity::Warning, rule, place.to_owned())]
}

#[test]
fn a_sound_message_has_no_finding() {
    assert_eq!(found(SOUND), []);
    assert_eq!(in_sound("AL1|1", "ZAL|any~thing^at&all\nAL1|1"), []);
    assert_eq!(in_sound("|F\n", "|\"\"\n"), [], "null is a value");
}

#[test]
fn the_structure_follows_the_event() {
    assert_eq!(
        in_sound("^ADT_A01", "^ADT_A39"),
        warning(Rule::WrongStructureName, "MSH-9.3")
    );
    assert_eq!(in_sound("^ADT_A01", ""), []);
    let merge =
        "MSH|^~\\&|A|B|C|D|20260704||ADT^A40^ADT_A01|1|P|2.5.1\nEVN||2026\nPID|1||1||A\nMRG|2\n";
    assert_eq!(
        found(merge),
        warning(Rule::WrongStructureName, "MSH-9.3"),
        "the segments are those of ADT_A39"
    );
    assert_eq!(found(&merge.replace("^ADT_A01", "^ADT_A39")), []);
    assert_eq!(
        in_sound("ADT^A04^ADT_A01", "XYZ^X01"),
        warning(Rule::UnknownStructure, "MSH-9")
    );
    assert_eq!(in_sound("ADT^A04^ADT_A01", "ZDT^Z01^ZDT_Z01"), []);
}

#[test]
fn the_order_of_segments_is_judged() {
    assert_eq!(
        in_sound("PV1|1|O\n", ""),
        error(Rule::MissingSegment, "PV1")
    );
    assert_eq!(
        in_sound("AL1|1", "PV1|2|O\nAL1|1"),
        error(Rule::SegmentTooOften, "PV1[2]")
    );
    assert_eq!(
        in_sound("AL1|1", "NK1|1\nAL1|1"),
        error(Rule::SegmentOutOfOrder, "NK1")
    );
    assert_eq!(
        in_sound("AL1|1", "RGS|1\nAL1|1"),
        error(Rule::SegmentNotInStructure, "RGS")
    );
    assert_eq!(
        in_sound("EVN|", "UAC|KERB^Kerberos^L|x^AP^Octet-stream^A^y\nEVN|")[0],
        warning(Rule::SegmentNotInStructure, "UAC")[0],
        "2.6 has it there"
    );
    let appointment =
        "MSH|^~\\&|A|B|C|D|20260704||SIU^S12^SIU_S12|1|P|2.5.1\nSCH|1||||||X\nPID|1||1||A\n";
    let raw = appointment.replace('\n', "\r");
    let findings = validate(&Message::parse(raw.as_bytes()).unwrap());
    let missing = findings.last().unwrap();
    assert_eq!(
        missing.to_string(),
        "RGS: SIU_S12 needs the group RESOURCES here"
    );
    assert_eq!((missing.segment, missing.offset), (4, raw.len() - 1));
}

#[test]
fn fields_are_there_and_are_not_too_many() {
    assert_eq!(in_sound("Doe^Ann", ""), error(Rule::MissingField, "PID-5"));
    assert_eq!(
        in_sound("PV1|1|O", "PV1|1"),
        error(Rule::MissingField, "PV1-2")
    );
    assert_eq!(
        in_sound("PV1|1|O", &format!("PV1|1|O{}x|y", "|".repeat(60))),
        warning(Rule::FieldBeyond, "PV1-62")
    );
    assert_eq!(
        in_sound(
            "PV1|1|O",
            "PV1|1|O||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||"
        ),
        []
    );
    assert_eq!(
        in_sound("PV1|1|O", "PV1|1|O~I"),
        error(Rule::FieldTooOften, "PV1-2[2]")
    );
    let older = SOUND
        .replace("^ADT_A01", "")
        .replace("2.5.1", "2.3")
        .replace("EVN|", "EVN|A04")
        .replace("Ann||", "Ann~Doe^Anna||");
    assert_eq!(
        found(&older),
        warning(Rule::FieldTooOften, "PID-5[2]"),
        "2.3.1 lets it repeat"
    );
    let later = SOUND
        .replace("2.5.1", "2.7")
        .replace("|F\n", "|F^Female^HL70001|Doe^Old\n");
    assert_eq!(
        found(&later)
            .into_iter()
            .filter(|(_, rule, _)| *rule == Rule::Withdrawn)
            .collect::<Vec<_>>(),
        warning(Rule::Withdrawn, "PID-9")
    );
}

#[test]
fn values_are_of_their_types() {
    assert_eq!(
        in_sound("19800101", "1980-01-01"),
        error(Rule::WrongType, "PID-7.1")
    );
    assert_eq!(
        in_sound("PID|1|", "PID|x|"),
        error(Rule::WrongType, "PID-1")
    );
    assert_eq!(
        in_sound("88^^^HOSP^AN", "88^^^HOSP^AN^^20260230"),
        error(Rule::WrongType, "PID-3[2].7")
    );
    assert_eq!(
        in_sound("|P|2.5.1", "|X|2.5.1"),
        error(Rule::WrongCode, "MSH-11.1")
    );
    assert_eq!(
        in_sound("|F\n", "|F^Female\n"),
        warning(Rule::ComponentBeyond, "PID-8")
    );
    assert_eq!(
        in_sound("|F\n", "|Female\n"),
        warning(Rule::TooLong, "PID-8")
    );
    assert_eq!(
        in_sound("88^^^HOSP^AN", "88^^^HOSP^AN^^^^^^x"),
        warning(Rule::ComponentBeyond, "PID-3[2].11")
    );
    assert_eq!(
        in_sound("88^^^HOSP^AN", "88^^^HOSP&1&ISO&x^AN"),
        warning(Rule::ComponentBeyond, "PID-3[2].4.4")
    );
}

#[test]
fn an_observation_is_of_the_type_that_it_names() {
    let observed = |fields: &str| {
        found(&format!(
            "MSH|^~\\&|A|B|C|D|20260704||ORU^R01^ORU_R01|1|P|2.5.1\nPID|1||1||A\nOBR|1|||X\n{fields}\n"
        ))
    };
    assert_eq!(observed("OBX|1|NM|X||7.5||||||F"), []);
    assert_eq!(observed("OBX|1|SN|X||>^5||||||F"), []);
    assert_eq!(observed("OBX|1|CWE|X||1^a^L~2^b^L||||||F"), []);
    assert_eq!(
        observed("OBX|1|NM|X||high||||||F"),
        error(Rule::WrongType, "OBX-5")
    );
    assert_eq!(
        observed("OBX|1|NM|X||1~2~x||||||F"),
        error(Rule::WrongType, "OBX-5[3]")
    );
    assert_eq!(
        observed("OBX|1|SN|X||>^five||||||F"),
        error(Rule::WrongType, "OBX-5.2")
    );
    assert_eq!(
        observed("OBX|1||X||7||||||F"),
        error(Rule::MissingField, "OBX-2")
    );
    assert_eq!(
        observed("OBX|1|QQ|X||7||||||F"),
        error(Rule::WrongCode, "OBX-2")
    );
    assert_eq!(observed("OBX|1||X||||||||X"), []);
}

#[test]
fn findings_point_into_the_message() {
    let raw = SOUND.replace('\n', "\r").replace("19800101", "1980-01-01");
    let findings = validate(&Message::parse(raw.as_bytes()).unwrap());
    assert_eq!(&raw[findings[0].offset..][..10], "1980-01-01");
    assert_eq!(findings[0].segment, 3);
    assert!(!findings[0].to_string().contains("1980-01"), "no values");
}

#[test]
fn findings_are_bounded() {
    let raw = format!("{}{}", SOUND, "OBX|x\n".repeat(5_000)).replace('\n', "\r");
    let findings = validate(&Message::parse(raw.as_bytes()).unwrap());
    assert_eq!(findings.len(), FINDINGS_MAX);
}

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let header = prop::sample::select(vec![
        "ADT^A01^ADT_A01|1|P|2.5.1",
        "ORU^R01|1|P|2.3",
        "OML^O21|1|P|2.8",
        "MFN^Z01^MFN_Znn|1|P|2.6",
        "ORM^O01||P|2.4",
        "|||",
    ]);
    let line = (
        prop::sample::select(vec![
            "PID", "OBX", "OBR", "ORC", "PV1", "ZZZ", "NTE", "MFE", "QPD", "FT1", "BTS", "XXX",
        ]),
        prop::collection::vec(
            prop_oneof![
                "[0-9A-Z^&~\\\\.+\"|]{0,12}",
                any::<String>(),
                Just("20260704".to_owned())
            ],
            0..12,
        ),
    )
        .prop_map(|(name, fields)| {
            format!("{name}|{}\r", fields.join("|").replace(['\r', '\n'], " "))
        });
    (header, prop::collection::vec(line, 0..12), any::<Vec<u8>>()).prop_map(
        |(header, lines, noise)| {
            let text = format!("MSH|^~\\&|A|B|C|D|2026||{header}\r{}", lines.concat());
            [text.as_bytes(), &noise].concat()
        },
    )
}

proptest! {
    #[test]
    fn whatever_reads_is_judged(raw in any_message()) {
        if let Ok(message) = Message::parse(&raw) {
            for finding in validate(&message) {
                prop_assert!(finding.offset <= raw.len());
                prop_assert!(finding.segment >= 1 && finding.segment <= message.segments().len() + 1);
                prop_assert!(crate::Location::parse(&finding.place.to_string()).is_ok(), "{}", finding.place);
            }
        }
    }
}

/// A receiver that looks for the first error must find it behind any number of warnings.
#[test]
fn no_number_of_warnings_keeps_an_error_out() {
    let mut text = String::from(
        "MSH|^~\\&|LAB|H|HUB|H|20260704||ORU^R01^ORU_R01|M1|P|2.5.1\rPID|1||7^^^H^MR||Doe^Jane\rOBR|1|||CBC^Count^L\r",
    );
    let more = "|".repeat(40);
    let warned = (1..=1_200).map(|number| format!("OBX|{number}|ST|A^B^L||x||||||F{more}y\r"));
    text.extend(warned);
    text.push_str("OBX|1201|NM|||high||||||F\r");
    let message = Message::parse(text.as_bytes()).unwrap();
    let findings = validate(&message);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    assert!(errors >= 1, "{errors} of {}", findings.len());
    assert!(findings.len() > FINDINGS_MAX);
}
