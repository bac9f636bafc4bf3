//! Answering locations: from a [`Location`] and a message to texts and the places where they stand.

use thiserror::Error;

use crate::element::{Element, Segment};
use crate::location::{FieldPath, Index, Location};
use crate::message::Message;
use crate::structure::{self, Groups, Version};

/// A value that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its text as [`Element::text`] gives it: decoded for a single value, with its delimiters for a composite, and
    /// `""` for null.
    pub text: String,
    /// The number of its segment in the message, from 1.
    pub segment: usize,
    /// Where it begins, in bytes from the start of the message.
    pub offset: usize,
}

/// Why a location with groups cannot be answered for a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unresolvable {
    /// Nothing is known of the groups of this message's structure.
    #[error(
        "the groups of {message} are not known, so {group} cannot be found; name the segment alone, such as OBX[2]-5"
    )]
    UnknownStructure {
        /// MSH-9 of the message.
        message: String,
        /// The first group of the location.
        group: String,
    },
    /// The structure of this message has no such group.
    #[error("{structure} has no group {group}; its groups are {}", known.join(", "))]
    NoSuchGroup {
        /// The structure of the message.
        structure: &'static str,
        /// The group of the location.
        group: String,
        /// The groups that it has.
        known: Vec<&'static str>,
    },
    /// The groups of this structure are nested otherwise.
    #[error("no {structure} has {what} within {within}")]
    Misplaced {
        /// The structure of the message.
        structure: &'static str,
        /// The group or segment that is not there.
        what: String,
        /// The groups in which the location looks for it.
        within: String,
    },
}

/// The texts at a location. What is absent gives nothing, null gives `""` (two quotes), and so does a location whose
/// groups the message does not have give nothing; [`find`] tells the two apart.
pub fn locate(message: &Message<'_>, location: &Location) -> Vec<String> {
    find(message, location)
        .map(|found| found.into_iter().map(|found| found.text).collect())
        .unwrap_or_default()
}

/// The values at a location with their places. Absent ones are left out, also from `[*]`.
pub fn find(message: &Message<'_>, location: &Location) -> Result<Vec<Found>, Unresolvable> {
    let mut found = Vec::new();
    for segment in segments(message, location)? {
        match &location.field {
            None => found.push(Found {
                text: segment.text().into_owned(),
                segment: segment.number(),
                offset: segment.offset(),
            }),
            Some(path) => find_in(segment, path, &mut found),
        }
    }
    Ok(found)
}

fn find_in(segment: Segment<'_>, path: &FieldPath, found: &mut Vec<Found>) {
    let Some(field) = segment.field(path.field) else {
        return;
    };
    let narrowed = |repetition: Element<'_>| {
        let Some(component) = path.component else {
            return repetition.found(segment);
        };
        let component = repetition.component(component)?;
        match path.subcomponent {
            Some(number) => component.subcomponent(number)?.found(segment),
            None => component.found(segment),
        }
    };
    match path.repetition {
        Index::All => found.extend(field.repetitions().filter_map(narrowed)),
        Index::Nth(number) => found.extend(field.repetition(number).and_then(narrowed)),
    }
}

impl Element<'_> {
    fn found(&self, segment: Segment<'_>) -> Option<Found> {
        if self.is_absent() {
            return None;
        }
        Some(Found {
            text: self.text().into_owned(),
            segment: segment.number(),
            offset: self.offset(),
        })
    }
}

/// The segments that a location names, in the order of the message.
fn segments<'m>(
    message: &'m Message<'_>,
    location: &Location,
) -> Result<Vec<Segment<'m>>, Unresolvable> {
    let named = message
        .segments()
        .filter(|segment| segment.has_name(&location.segment));
    let Some((first, _)) = location.groups.first() else {
        return Ok(match location.occurrence {
            Index::All => named.collect(),
            Index::Nth(number) => named.skip(number - 1).take(1).collect(),
        });
    };
    let groups = Groups::of(message).ok_or_else(|| Unresolvable::UnknownStructure {
        message: message
            .header()
            .segment()
            .field(9)
            .map(|field| field.text().into_owned())
            .unwrap_or_default(),
        group: first.clone(),
    })?;
    let known = structure::groups_of(groups.structure(), Version::of(message)).unwrap_or_default();
    if let Some((group, _)) = location
        .groups
        .iter()
        .find(|(group, _)| !known.contains(&group.as_str()))
    {
        return Err(Unresolvable::NoSuchGroup {
            structure: groups.structure(),
            group: group.clone(),
            known,
        });
    }
    let path = || location.groups.iter().map(|(group, _)| group.as_str());
    let version = Version::of(message);
    if let Some(what) = structure::misplaced(groups.structure(), version, path(), &location.segment)
    {
        return Err(Unresolvable::Misplaced {
            structure: groups.structure(),
            what: what.to_owned(),
            within: path()
                .take_while(|name| *name != what)
                .collect::<Vec<_>>()
                .join("."),
        });
    }
    let mut within = vec![None];
    for (name, index) in &location.groups {
        let inner = |outer| {
            let named = groups
                .within(outer)
                .filter(|&inner| groups.occurrences()[inner].name == name);
            nth(named.map(Some), *index)
        };
        within = within.into_iter().flat_map(inner).collect();
    }
    // An occurrence holds a stretch of the message, so its segments need not be looked for from the start.
    let named: Vec<_> = named.collect();
    let inner = |outer| {
        let (first, last) = groups.segments_of(outer);
        let start = named.partition_point(|segment| segment.number() < first);
        let end = named.partition_point(|segment| segment.number() <= last);
        nth(named[start..end].iter().copied(), location.occurrence)
    };
    Ok(within.into_iter().flat_map(inner).collect())
}

fn nth<T>(items: impl Iterator<Item = T>, index: Index) -> Vec<T> {
    match index {
        Index::All => items.collect(),
        Index::Nth(number) => items.skip(number - 1).take(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: &str = "MSH|^~\\&|LAB|||||20260704|ORU^R01^ORU_R01|M1|P|2.5.1
PID|1||77^^^H&1.2&ISO^MR~88^^^X^AN||O\\T\\Brien^Zoë||\"\"
OBR|1|||CBC
OBX|1|NM|WBC||7.5
OBX|2|NM|HGB||13.1
OBR|2|||CHEM
OBX|1|ST|NOTE||a~b~~d
NTE|1||late";

    fn at(location: &str) -> Vec<String> {
        at_in(RESULT, location)
    }

    fn at_in(text: &str, location: &str) -> Vec<String> {
        let raw = text.replace('\n', "\r");
        locate(
            &Message::parse(raw.as_bytes()).unwrap(),
            &Location::parse(location).unwrap(),
        )
    }

    #[test]
    fn fields_and_their_parts_are_found() {
        for (location, texts) in [
            ("MSH-1", &["|"][..]),
            ("MSH-2", &["^~\\&"]),
            ("MSH-9", &["ORU^R01^ORU_R01"]),
            ("MSH-9.1", &["ORU"]),
            ("PID-3", &["77^^^H&1.2&ISO^MR"]),
            ("PID-3[2]", &["88^^^X^AN"]),
            ("PID-3[2].5", &["AN"]),
            ("PID-3[*].1", &["77", "88"]),
            ("PID-3.4", &["H&1.2&ISO"]),
            ("PID-3.4.2", &["1.2"]),
            ("PID-3[2].4.1", &["X"]),
            ("PID-5.1", &["O&Brien"]),
            ("PID-5.2", &["Zoë"]),
            ("PID-7", &["\"\""]),
            ("PID-7.1", &["\"\""]),
            ("OBX[3]-5[*]", &["a", "b", "d"]),
            ("OBX-5", &["7.5"]),
            ("OBX[*]-3", &["WBC", "HGB", "NOTE"]),
            ("NTE", &["NTE|1||late"]),
        ] {
            assert_eq!(at(location), texts, "{location}");
        }
    }

    #[test]
    fn what_is_absent_gives_nothing() {
        for location in [
            "PID-2",
            "PID-99",
            "PID-3[3]",
            "PID-3.9",
            "PID-3.1.2",
            "OBX[4]-5",
            "ZZZ-1",
            "PID-3.2",
            "OBX[3]-5[3]",
        ] {
            assert!(at(location).is_empty(), "{location}");
        }
    }

    #[test]
    fn groups_narrow_the_search() {
        for (location, texts) in [
            ("OBSERVATION[2].OBX-5", &["13.1"][..]),
            ("OBSERVATION[3].OBX-3", &["NOTE"]),
            ("ORDER_OBSERVATION[2].OBR-4", &["CHEM"]),
            ("ORDER_OBSERVATION[2].OBSERVATION.OBX-3", &["NOTE"]),
            ("ORDER_OBSERVATION[2].OBSERVATION[2].OBX-3", &[]),
            ("ORDER_OBSERVATION[1].OBX[*]-3", &["WBC", "HGB"]),
            ("ORDER_OBSERVATION[*].OBX-3", &["WBC", "NOTE"]),
            ("OBSERVATION[*].OBX-5", &["7.5", "13.1", "a"]),
            ("OBSERVATION[3].NTE-3", &["late"]),
            ("PATIENT.PID-5.2", &["Zoë"]),
            (
                "PATIENT_RESULT.ORDER_OBSERVATION[2].OBX-5[*]",
                &["a", "b", "d"],
            ),
            (
                "PATIENT_RESULT[*].ORDER_OBSERVATION[*].OBX[*]-3",
                &["WBC", "HGB", "NOTE"],
            ),
            ("PATIENT_RESULT[2].ORDER_OBSERVATION.OBX-5", &[]),
            ("OBSERVATION[9].OBX-5", &[]),
        ] {
            assert_eq!(at(location), texts, "{location}");
        }
    }

    #[test]
    fn groups_that_a_message_cannot_have_are_named() {
        let ask = |text: &str, location: &str| {
            find(
                &Message::parse(text.as_bytes()).unwrap(),
                &Location::parse(location).unwrap(),
            )
            .unwrap_err()
            .to_string()
        };
        let own = ask("MSH|^~\\&|||||||ZDS^Z01\r", "OBSERVATION.OBX-5");
        assert!(
            own.starts_with("the groups of ZDS^Z01 are not known"),
            "{own}"
        );
        let wrong = ask("MSH|^~\\&|||||||SIU^S12\r", "OBSERVATION.OBX-5");
        assert!(
            wrong
                .starts_with("SIU_S12 has no group OBSERVATION; its groups are PATIENT, RESOURCES"),
            "{wrong}"
        );
    }

    #[test]
    fn groups_that_are_nested_otherwise_are_named() {
        for (location, fault) in [
            (
                "ORDER_OBSERVATION[2].PATIENT_RESULT.OBX-5",
                "no ORU_R01 has PATIENT_RESULT within ORDER_OBSERVATION",
            ),
            (
                "ORDER_OBSERVATION.PID-5",
                "no ORU_R01 has PID within ORDER_OBSERVATION",
            ),
            (
                "PATIENT_RESULT.OBSERVATION.OBR-2",
                "no ORU_R01 has OBR within PATIENT_RESULT.OBSERVATION",
            ),
        ] {
            let raw = RESULT.replace('\n', "\r");
            let message = Message::parse(raw.as_bytes()).unwrap();
            let found = find(&message, &Location::parse(location).unwrap());
            assert_eq!(found.unwrap_err().to_string(), fault);
        }
        assert_eq!(at("PATIENT_RESULT.OBX-5"), ["7.5"]);
        assert_eq!(at("OBSERVATION.ZXX-1"), Vec::<String>::new());
    }

    /// The group names are those of the version that MSH-12 declares, and older ones have them lent.
    #[test]
    fn every_structure_and_version_has_its_groups() {
        let vaccines = "MSH|^~\\&|||||||VXU^V04^VXU_V04|1|P|2.5.1\nPID|1\nORC|RE\nRXA|0|1|||A\nOBX|1|ST|X||u\n\
            ORC|RE\nRXA|0|1|||B\nOBX|1|ST|X||v";
        for version in ["2.3", "2.3.1", "2.5.1", "2.8.2"] {
            let text = vaccines.replace("2.5.1", version);
            assert_eq!(at_in(&text, "ORDER[2].RXA-5"), ["B"], "{version}");
            assert_eq!(
                at_in(&text, "ORDER[*].OBSERVATION.OBX-5"),
                ["u", "v"],
                "{version}"
            );
        }
        let orders = "MSH|^~\\&|||||||OML^O21|1|P|2.5.1\nPID|1\nORC|NW|1\nOBR|1||||x\nORC|NW|2\nOBR|2||||x\nOBX|1";
        assert_eq!(
            at_in(orders, "ORDER[2].ORC-2"),
            ["2"],
            "the second is no prior result"
        );
        assert_eq!(
            at_in(orders, "ORDER[2].OBSERVATION_REQUEST.OBSERVATION.OBX-1"),
            ["1"]
        );
    }

    #[test]
    fn places_point_into_the_message() {
        let raw = RESULT.replace('\n', "\r");
        let message = Message::parse(raw.as_bytes()).unwrap();
        let found = find(&message, &Location::parse("OBX[2]-5").unwrap()).unwrap();
        assert_eq!(found[0].segment, 5);
        assert_eq!(&raw.as_bytes()[found[0].offset..][..4], b"13.1");
    }

    #[test]
    fn long_messages_are_searched_in_one_pass() {
        let mut raw = b"MSH|^~\\&|||||||ORU^R01\r".to_vec();
        raw.extend(b"OBR|1\rOBX|1||||7\r".repeat(20_000));
        let message = Message::parse(&raw).unwrap();
        let all = Location::parse("ORDER_OBSERVATION[*].OBSERVATION[*].OBX[*]-5").unwrap();
        assert_eq!(locate(&message, &all).len(), 20_000);
    }

    #[test]
    fn names_are_found_as_written() {
        assert!(at_in("MSH|^~\\&|A\npid|1", "PID-1").is_empty());
    }
}
