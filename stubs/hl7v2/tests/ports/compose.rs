//! Messages composed from YAML, linted, read back and judged.

use std::sync::Arc;

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use wardgate_contract::{Node, Severity, Source, yaml};
use wardgate_core::{
    bindings::Bindings,
    port::{Catalog, Guide, Names, Protocol, Typing},
    wire::{Direction, Message, Transport},
};
use wardgate_expression::{Json, json};
use wardgate_stub_hl7v2::Hl7v2;
use wardgate_synth::{Identifiers, Kind, REFERENCE_DATE, Seed};

struct Known;

impl Names for Known {
    fn knows(&self, name: &str) -> bool {
        matches!(name, "patient" | "control_id" | "now" | "whole")
    }
}

fn node(text: &str) -> Node {
    let (node, findings) = yaml::read(&Source::new("test.yaml", text));
    assert_eq!(findings, []);
    node.expect("it is YAML")
}

fn bindings() -> Bindings {
    let catalog = Catalog::new(vec![Arc::new(Hl7v2)]);
    let mut bindings = Bindings::new(Arc::new(catalog), 1_795_473_590_123);
    let patient = json!({"mrn": "MZ1", "family": "O'Brien & Sons|x", "sex": "female", "birth_date": "1980-02-03"});
    bindings.bind("patient", patient, None);
    bindings.bind("control_id", json!("CZ00000000001"), None);
    bindings.bind("mrn", json!("MZ00000000001"), None);
    bindings
}

fn composed(yaml: &str, bindings: &Bindings) -> Vec<u8> {
    let message = Hl7v2
        .compose(&node(yaml), bindings)
        .unwrap_or_else(|reason| panic!("{reason} in {yaml}"));
    message.content().to_vec()
}

const HEADER: &str =
    "MSH|^~\\&|PAS|HOSP|HUB|HOSP|${now|hl7}||ADT^A04^ADT_A01|${control_id}|P|2.5.1";

#[test]
fn templates_are_filled_and_escaped_for_the_delimiters_of_the_message() {
    let yaml = format!(
        "message: |\n  {HEADER}\n  PID|1||${{patient.mrn}}||${{patient.family}}||${{patient.birth_date|hl7}}|${{patient.sex|hl7}}\n"
    );
    assert_eq!(
        String::from_utf8(composed(&yaml, &bindings())).unwrap(),
        "MSH|^~\\&|PAS|HOSP|HUB|HOSP|20261123223950+0000||ADT^A04^ADT_A01|CZ00000000001|P|2.5.1\r\
         PID|1||MZ1||O'Brien \\T\\ Sons\\F\\x||19800203|F\r"
    );
    let odd = "message: \"MSH#*~!&#A\\r\\nPID#1#${patient.family}\"";
    assert_eq!(
        composed(odd, &bindings()),
        b"MSH#*~!&#A\rPID#1#O'Brien !T! Sons|x\r"
    );
}

#[test]
fn the_bytes_are_in_the_character_set_of_msh_18_or_in_the_one_that_is_asked_for() {
    let yaml = |declared: &str, more: &str| {
        format!("message: |\n  {HEADER}||||||{declared}\n  PID|1||é\n{more}")
    };
    for (yaml, expected) in [
        (yaml("8859/1", ""), &b"PID|1||\xE9\r"[..]),
        (yaml("", ""), "PID|1||é\r".as_bytes()),
        (yaml("UNICODE UTF-8", ""), "PID|1||é\r".as_bytes()),
        (yaml("UNICODE UTF-8", "charset: 8859/1"), b"PID|1||\xE9\r"),
        (yaml("BIG-5", ""), "PID|1||é\r".as_bytes()),
    ] {
        let bytes = composed(&yaml, &bindings());
        assert!(
            bytes.ends_with(expected),
            "{yaml}: {}",
            bytes.escape_ascii()
        );
    }
    let wide = composed(&yaml("UNICODE UTF-16", ""), &bindings());
    assert_eq!(&wide[..4], b"\0M\0S");
    let reason = Hl7v2
        .compose(&node(&yaml("ASCII", "")), &bindings())
        .expect_err("é is not ASCII");
    assert!(reason.contains("'é'"), "{reason}");
}

#[test]
fn a_single_value_is_a_whole_message_and_is_not_filled_again() {
    let mut bindings = bindings();
    let text = "MSH|^~\\&|PAS|HOSP|HUB|HOSP|20260704||ADT^A01^ADT_A01|C1|P|2.5.1\rPID|1||${mrn} ${nope}||a\\T\\b\r";
    bindings.bind("whole", json!(text), None);
    assert_eq!(
        String::from_utf8(composed("message: ${whole}", &bindings)).unwrap(),
        text
    );
    bindings.bind("whole", json!({"base64": "CwD/HA=="}), None);
    assert_eq!(
        composed("message: ${whole}", &bindings),
        b"\x0B\x00\xFF\x1C"
    );
    bindings.bind("whole", json!({"base64": "?"}), None);
    assert!(
        Hl7v2
            .compose(&node("message: ${whole}"), &bindings)
            .is_err()
    );
    bindings.bind("whole", json!(7), None);
    assert!(
        Hl7v2
            .compose(&node("message: ${whole}"), &bindings)
            .is_err()
    );
}

#[test]
fn a_record_is_sent_as_its_usual_message() {
    let mut bindings = bindings();
    let seed = Seed::from_u64(9);
    let identifiers = Identifiers::new(&seed, "test");
    let mut patient =
        wardgate_synth::draw(Kind::Patient, &seed, &identifiers, REFERENCE_DATE, None).unwrap();
    if let Some(family) = patient.fields.get_mut("family") {
        *family = json!("${mrn}");
    }
    bindings.bind("whole", patient.fields.clone(), Some("patient"));
    let message = Hl7v2
        .compose(&node("message: ${whole}"), &bindings)
        .unwrap();
    assert_eq!(Hl7v2.label(&message), "ADT^A04");
    let reading = Hl7v2.read(&message).unwrap();
    assert_eq!(reading.locate("MSH-10"), Ok(vec![json!("CZ00000000001")]));
    // Everything is text: neither a location nor a held message has types.
    let typings = [
        reading.typing(Some("MSH-10")),
        reading.typing(None),
        Hl7v2.typing(),
    ];
    assert_eq!(typings, [Typing::Text; 3]);
    assert_eq!(
        reading.locate("PID-5.1").unwrap().first(),
        patient.fields.get("family")
    );
    assert!(matches!(
        Hl7v2.render("patient", &patient.fields),
        Some(Json::String(text)) if text.contains(&format!("|{}|P|", patient.fields.get("mrn").unwrap().as_str().unwrap()))
    ));
}

#[test]
fn every_generator_composes_in_its_frame() {
    let bindings = bindings();
    let Transport::Framed(framing) = Hl7v2.transport() else {
        panic!("it is framed")
    };
    let mut runner = TestRunner::deterministic();
    for name in Guide::names(Hl7v2.guide().generators) {
        let strategy = Hl7v2.generator(name).expect("it is known");
        for _ in 0..8 {
            let mut bindings = bindings.clone();
            let value = strategy.new_tree(&mut runner).unwrap().current();
            let filled = bindings.fill_json(value).unwrap();
            bindings.bind("whole", filled, None);
            let message = Hl7v2
                .compose(&node("message: ${whole}"), &bindings)
                .unwrap();
            let raw = message.encode(Hl7v2.transport());
            assert_eq!(
                framing.payload(&raw).as_ref(),
                Some(message.content()),
                "{name}"
            );
            let decoded = Message::decode(Hl7v2.transport(), false, None, &raw).unwrap();
            assert_eq!(decoded, message, "{:?}", Direction::FromCandidate);
        }
    }
}

#[test]
fn lint_finds_what_cannot_be_a_message() {
    let good = format!(
        "to: adt\nmessage: |\n  {HEADER}\n  EVN||${{now|hl7}}\n  PID|1||${{patient.mrn}}||${{patient.family}}\n  PV1|1|O\n"
    );
    assert_eq!(Hl7v2.check_send(&node(&good), &Known), []);
    assert_eq!(Hl7v2.check_send(&node("message: ${whole}"), &Known), []);
    for (yaml, rules) in [
        (String::from("to: adt"), &["missing-key"][..]),
        (format!("{good}body: x"), &["unknown-key"]),
        (String::from("[]"), &["wrong-type"]),
        (String::from("message: { a: 1 }"), &["wrong-type"]),
        (String::from("message: PID|1"), &["bad-message"]),
        (good.replace("  PID", "  PD"), &["bad-message"]),
        (good.replace("ADT^A04^ADT_A01", ""), &["missing-field"]),
        (good.replace("${control_id}", ""), &["missing-field"]),
        (good.replace("2.5.1", ""), &["missing-field"]),
        (
            good.replace("${patient.mrn}", "${patent.mrn}"),
            &["unknown-name"],
        ),
        (
            good.replace("${patient.mrn}", "${patient.mrn"),
            &["bad-template"],
        ),
        (format!("{good}charset: EBCDIC"), &["bad-charset"]),
        (format!("{good}charset: [a]"), &["bad-charset"]),
    ] {
        let findings = Hl7v2.check_send(&node(&yaml), &Known);
        let found: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(found, rules, "{yaml}");
    }
    assert_eq!(
        Hl7v2.check_send(&node(&format!("{good}charset: 8859/15")), &Known),
        []
    );
}

/// A message that breaks its structure is sent all the same, since a contract may mean it.
#[test]
fn lint_warns_of_a_wrong_structure() {
    let warned = |segments: &str| {
        let yaml = format!("message: |\n  {HEADER}\n{segments}");
        let findings = Hl7v2.check_send(&node(&yaml), &Known);
        assert!(findings.iter().all(|finding| {
            (finding.rule, finding.severity) == ("wrong-structure", Severity::Warning)
        }));
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect::<Vec<_>>()
    };
    let sound = "  EVN||${now|hl7}\n  PID|1||1||A||${patient.birth_date|hl7}\n  PV1|1|O\n";
    assert_eq!(warned(sound), Vec::<String>::new());
    assert_eq!(
        warned("  PID|1||1||A||1980-02-03\n"),
        Vec::<String>::new(),
        "a contract may be about what is missing or wrong"
    );
    assert_eq!(
        warned(&sound.replace("  PV1|1|O\n", "  PV1|1|O\n  NK1|1\n  OBR|1\n  PV1|2|I~O\n")),
        [
            "NK1: ADT_A01 has this segment, but not here",
            "OBR: ADT_A01 has no such segment in 2.5.1",
            "PV1[2]: ADT_A01 has this segment here once",
            "PV1[2]-2[2]: one value; this field does not repeat"
        ]
    );
    let many = warned(&"  OBR|1\n".repeat(9));
    assert_eq!(many.last().unwrap(), "4 more faults in its structure");
    let record = node("text: \"MSH|^~\\\\&|A|B|C|D|1||ADT^A08^ADT_A39|1|P|2.5.1\\nPID|1||1||A\"");
    let told = Hl7v2.check_record(&Json::Null, "messages", &record);
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn the_small_words_are_checked() {
    for (result, is_good) in [
        (Hl7v2.check_selector("ADT^A04"), true),
        (Hl7v2.check_selector("PUT Patient"), false),
        (Hl7v2.check_locator("PID-3[2].4.1"), true),
        (Hl7v2.check_locator("PID-3["), false),
        (Hl7v2.check_collection("messages"), true),
        (Hl7v2.check_collection("Patient"), false),
        (Hl7v2.check_refusal("AE"), true),
        (Hl7v2.check_refusal("CR"), true),
        (Hl7v2.check_refusal("AA"), false),
        (Hl7v2.check_refusal("503"), false),
    ] {
        assert_eq!(result.is_ok(), is_good, "{result:?}");
    }
    assert_eq!(Hl7v2.filter("hl7", "female"), Some(Ok(String::from("F"))));
    assert_eq!(Hl7v2.filter("fhir", "F"), None);
}

#[test]
fn a_message_is_read_where_it_is_asked() {
    let message = Message::Frame(
        composed(
            &format!("message: |\n  {HEADER}\n  PID|1||a~b\n"),
            &bindings(),
        )
        .into(),
    );
    let reading = Hl7v2.read(&message).unwrap();
    assert_eq!(reading.locate("PID-3[*]"), Ok(vec![json!("a"), json!("b")]));
    assert_eq!(reading.locate("PV1-2"), Ok(vec![]));
    assert!(reading.locate("nonsense").is_err());
    let view = reading.json().unwrap();
    assert_eq!(view.pointer("/PID/0/f3/1/c1"), Some(&json!("b")));
    assert!(Hl7v2.selects("ADT^A04", &message) && !Hl7v2.selects("ADT^A08", &message));
    let broken = Message::Frame(bytes::Bytes::from_static(b"PID|1\r"));
    let reason = Hl7v2.read(&broken).err().unwrap();
    assert!(reason.starts_with("segment 1 at byte 0"), "{reason}");
    assert!(!Hl7v2.selects("ANY", &broken));
}

#[test]
fn a_draft_is_a_send_that_composes_to_its_message() {
    let raw = "MSH|^~\\&|PAS|H|HUB|H|2020||ADT^A08^ADT_A01|1|P|2.5.1||||||8859/1\rEVN||2020\rPID|1||77||Réal^P||1980|F\rPV1|1|O\r";
    let latin: Vec<u8> = raw.chars().map(|character| character as u8).collect();
    let found = Message::File {
        name: String::from("a08.hl7"),
        content: latin.into(),
    };
    let draft = Hl7v2.draft(&found).expect("it is a message");
    let send = node(&draft.send);
    assert_eq!(Hl7v2.check_send(&send, &Known), []);
    let mut bindings = bindings();
    let patient = json!({"mrn": "MZ1", "family": "é", "given": "A", "sex": "male", "birth_date": "1980-02-03"});
    bindings.bind("patient", patient, None);
    let bytes = Hl7v2.compose(&send, &bindings).unwrap().content().to_vec();
    assert!(
        bytes.ends_with(b"\rPID|1||MZ1||\xE9^A||19800203|M\rPV1|1|O\r"),
        "{}",
        bytes.escape_ascii()
    );
    assert_eq!(Hl7v2.selector_of(&found).as_deref(), Some("ADT^A08"));
    let ack = Message::Frame(bytes::Bytes::from_static(
        b"MSH|^~\\&|||||||ACK^A08|1|P|2.5\rMSA|AA|1\r",
    ));
    assert_eq!(Hl7v2.selector_of(&ack).as_deref(), Some("ACK^A08"));
    assert!(Hl7v2.draft(&ack).is_none());
}
