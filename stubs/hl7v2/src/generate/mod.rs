//! Strategies that properties draw messages from.
//!
//! A message is drawn as text with carriage returns, in UTF-8, and is valid in its structure. What must be new for
//! every attempt is left as a template for the runner to fill: `${mrn}`, `${control_id}` and `${now|hl7}`
//! ([`PLACEHOLDERS`]). All other identifiers (visit, order, appointment, charge) are made from those, so a message
//! that is shrunk and sent again is never taken for a duplicate. No drawn value holds a dollar sign, so nothing else
//! reads as a template.
//!
//! Shrinking leads to the plainest message: short ASCII names, no optional segments, one result, one charge.

mod messages;
mod noise;
mod segments;
mod values;

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use wardgate_expression::Json;

/// The templates that a drawn message may hold; the runner fills each anew for every attempt.
pub const PLACEHOLDERS: [&str; 3] = ["${mrn}", "${control_id}", "${now|hl7}"];

/// The names of the strategies; contracts put `hl7v2.` before them.
pub const NAMES: [&str; 9] = [
    "ADT_A01", "ADT_A04", "ADT_A08", "SIU_S12", "ORU_R01", "DFT_P03", "RDE_O11", BYTES, STREAM,
];

/// The strategy of bytes that are one frame and need be no message.
const BYTES: &str = "bytes";

/// The strategy of bytes that need not even be one frame.
const STREAM: &str = "stream";

/// The strategy of that name.
///
/// Messages are a string. `bytes` is an object with one member, `base64`: bytes that need be no message at all, in one
/// frame, which a receiver has to refuse. `stream` is the same with frame bytes among them, for properties that ask a
/// receiver only to stay alive.
pub fn strategy(name: &str) -> Option<BoxedStrategy<Json>> {
    match name {
        BYTES => return Some(noise::bytes()),
        STREAM => return Some(noise::stream()),
        _ => {}
    }
    let (_, message) = messages::EVENTS.iter().find(|(known, _)| *known == name)?;
    Some(message().prop_map(Json::String).boxed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use crate::structure::{self, Groups};
    use base64::Engine as _;
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    /// What the runner does before it sends.
    fn filled(template: &str) -> String {
        template
            .replace("${mrn}", "900001")
            .replace("${control_id}", "C1")
            .replace("${now|hl7}", "20260704120000")
    }

    fn drawn(name: &str, count: usize) -> Vec<Json> {
        let mut runner = TestRunner::deterministic();
        let strategy = strategy(name).unwrap();
        (0..count)
            .map(|_| strategy.new_tree(&mut runner).unwrap().current())
            .collect()
    }

    fn messages(name: &str, count: usize) -> Vec<String> {
        drawn(name, count)
            .iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn every_message_is_of_its_kind() {
        for name in messages::EVENTS.map(|(name, _)| name) {
            let (message_type, event) = name.split_once('_').unwrap();
            for template in messages(name, 40) {
                let text = filled(&template);
                assert!(!text.contains("${"), "an unknown placeholder in {text}");
                let message = Message::parse(text.as_bytes()).unwrap();
                let header = message.header();
                assert_eq!(
                    (header.message_type(), header.trigger_event()),
                    (message_type.into(), event.into())
                );
                assert_eq!(
                    header.message_structure(),
                    structure::structure_of(&message).unwrap()
                );
                assert_eq!(header.control_id(), "C1");
                let patient = message.segment("PID").unwrap();
                assert_eq!(
                    patient.field(3).unwrap().component(1).unwrap().text(),
                    "900001"
                );
                assert!(!patient.field(5).unwrap().component(1).unwrap().is_absent());
                assert!(message.first_undecodable().is_none());
                assert_eq!(
                    er7::parse(&text)
                        .unwrap()
                        .query("PID-3.1")
                        .unwrap()
                        .as_deref(),
                    Some("900001")
                );
            }
        }
    }

    /// The segments of a generated message all have a place in its structure, in its order.
    #[test]
    fn segments_stand_where_the_structure_has_them() {
        for (name, inner, group) in [
            ("ORU_R01", "OBX", "OBSERVATION"),
            ("SIU_S12", "AIP", "PERSONNEL_RESOURCE"),
            ("DFT_P03", "FT1", "FINANCIAL"),
            ("RDE_O11", "RXR", "ORDER"),
            ("ADT_A01", "IN1", "INSURANCE"),
        ] {
            let mut seen = 0;
            for template in messages(name, 60) {
                let text = filled(&template);
                let message = Message::parse(text.as_bytes()).unwrap();
                let groups = Groups::of(&message).unwrap();
                for segment in message.segments_named(inner) {
                    let occurrence = groups.of_segment(segment.number()).unwrap();
                    assert_eq!(groups.occurrences()[occurrence].name, group, "{text}");
                    seen += 1;
                }
            }
            assert!(seen > 10, "{name}: {seen}");
        }
    }

    /// Long texts are among them on purpose, so that they are too long for some fields; nothing else is found.
    #[test]
    fn every_message_is_valid() {
        use crate::validate::{Rule, validate};
        for name in messages::EVENTS.map(|(name, _)| name) {
            for template in messages(name, 60) {
                let text = filled(&template);
                let mut findings = validate(&Message::parse(text.as_bytes()).unwrap());
                findings.retain(|finding| finding.rule != Rule::TooLong);
                assert_eq!(findings, [], "{text}");
            }
        }
    }

    #[test]
    fn hard_values_are_among_them() {
        let texts = messages("ADT_A08", 300).concat();
        assert!(!texts.is_ascii(), "accents");
        assert!(texts.contains('\''), "apostrophes");
        assert!(
            texts.contains("\\T\\") && texts.contains("\\F\\"),
            "escapes"
        );
        assert!(texts.contains("|\"\"|"), "null");
        assert!(
            texts
                .split(['|', '^'])
                .any(|value| value.chars().count() > 40),
            "long values"
        );
        assert!(
            !texts.replace("${", "").contains('$'),
            "nothing else that reads as a template"
        );
    }

    #[test]
    fn charges_add_up() {
        let mut charges = 0;
        for template in messages("DFT_P03", 60) {
            let text = filled(&template);
            let message = Message::parse(text.as_bytes()).unwrap();
            for charge in message.segments_named("FT1") {
                let amount = |field: usize| -> i64 {
                    let text = charge
                        .field(field)
                        .unwrap()
                        .subcomponent(1)
                        .unwrap()
                        .text()
                        .into_owned();
                    assert_eq!(text.split_once('.').unwrap().1.len(), 2, "cents in {text}");
                    text.replace('.', "").parse().unwrap()
                };
                let quantity: i64 = charge.field(10).unwrap().text().parse().unwrap();
                assert_eq!(amount(11), quantity * amount(12), "{text}");
                charges += 1;
            }
        }
        assert!(charges >= 60);
    }

    #[test]
    fn failures_shrink_to_the_plainest_message() {
        let mut runner = TestRunner::deterministic();
        for name in messages::EVENTS.map(|(name, _)| name) {
            let mut tree = strategy(name).unwrap().new_tree(&mut runner).unwrap();
            let mut steps = 0;
            while tree.simplify() && steps < 20_000 {
                steps += 1;
            }
            let Json::String(text) = tree.current() else {
                panic!("a message is a string")
            };
            assert!(text.is_ascii() && text.len() < 900, "{name}: {text}");
        }
    }

    fn noise(name: &str, count: usize) -> Vec<Vec<u8>> {
        drawn(name, count)
            .iter()
            .map(|value| {
                let text = value.get("base64").and_then(Json::as_str).unwrap();
                base64::engine::general_purpose::STANDARD
                    .decode(text)
                    .unwrap()
            })
            .collect()
    }

    #[test]
    fn a_stream_holds_frame_bytes_and_parts_of_messages() {
        let mut seen = [0_usize; 3];
        for bytes in noise(STREAM, 300) {
            seen[0] += usize::from(bytes.contains(&0x0B));
            seen[1] += usize::from(bytes.contains(&0x1C));
            seen[2] += usize::from(bytes.windows(4).any(|window| window == b"MSH|"));
        }
        assert!(seen.iter().all(|count| *count > 20), "{seen:?}");
    }

    #[test]
    fn bytes_are_one_frame_and_parts_of_messages() {
        let drawn = noise(BYTES, 300);
        for bytes in &drawn {
            assert!(!bytes.is_empty() && !bytes.contains(&0x0B) && !bytes.contains(&0x1C));
        }
        let readable = drawn
            .iter()
            .filter(|bytes| Message::parse(bytes).is_ok())
            .count();
        assert!(readable > 5, "{readable}");
    }

    #[test]
    fn an_unknown_name_has_no_strategy() {
        assert!(strategy("ADT_A99").is_none());
        assert!(NAMES.into_iter().all(|name| strategy(name).is_some()));
    }
}
