//! Which segment belongs to which occurrence of which group.

use std::sync::LazyLock;

use super::facts;
use super::notation::{Kind, Node};
use super::version::Version;
use super::walk::{self, Fault, Walked};
use super::{structure_of, structures};
use crate::message::Message;

/// One occurrence of a group in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Its name, such as `ORDER_OBSERVATION`.
    pub name: &'static str,
    /// The occurrence that it stands in, as an index into [`Groups::occurrences`].
    pub parent: Option<usize>,
    /// The number of its first segment.
    pub first_segment: usize,
    /// The number of its last segment; all between belong to it or to a group in it.
    pub last_segment: usize,
}

/// The groups of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    structure: &'static str,
    occurrences: Vec<Group>,
    of_segment: Vec<Option<usize>>,
}

impl Groups {
    /// Resolves the groups of a message; None where its structure is not one of [`structures()`].
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let structure = structure_of(message)?;
        Some(Self::walked(message, structure)?.0)
    }

    /// Resolves them by a structure, with what does not follow it.
    pub(crate) fn walked(
        message: &Message<'_>,
        structure: &'static str,
    ) -> Option<(Self, Vec<Fault>)> {
        let nodes = facts::structure(structure, Version::of(message))?;
        let Walked {
            occurrences,
            of_segment,
            faults,
        } = walk::walk(nodes, message.segments().map(|segment| segment.name()));
        let groups = Self {
            structure,
            occurrences,
            of_segment,
        };
        Some((groups, faults))
    }

    /// The structure that was walked, such as `ORU_R01`.
    pub fn structure(&self) -> &'static str {
        self.structure
    }

    /// Every occurrence of every group, in the order of the message.
    pub fn occurrences(&self) -> &[Group] {
        &self.occurrences
    }

    /// The innermost occurrence that a segment stands in, by the segment's number from 1; None at the top.
    pub fn of_segment(&self, number: usize) -> Option<usize> {
        self.of_segment
            .get(number.checked_sub(1)?)
            .copied()
            .flatten()
    }

    /// The occurrences of all groups within `outer`, at any depth; with None, all there are.
    ///
    /// Occurrences follow each other in the order of the message, so those within one come right after it.
    pub fn within(&self, outer: Option<usize>) -> impl Iterator<Item = usize> {
        let (start, last_segment) =
            match outer.and_then(|index| Some((index, self.occurrences.get(index)?))) {
                Some((index, group)) => (index + 1, group.last_segment),
                None => (0, usize::MAX),
            };
        let rest = self.occurrences.iter().enumerate().skip(start);
        rest.take_while(move |(_, group)| group.first_segment <= last_segment)
            .map(|(index, _)| index)
    }

    /// The first and last segment number of an occurrence; with None, of the message.
    pub fn segments_of(&self, occurrence: Option<usize>) -> (usize, usize) {
        occurrence
            .and_then(|index| self.occurrences.get(index))
            .map_or((1, self.of_segment.len()), |group| {
                (group.first_segment, group.last_segment)
            })
    }
}

/// The names of the groups of a structure in a version, outermost first; None where the structure is not known.
pub fn groups_of(structure: &str, version: Version) -> Option<Vec<&'static str>> {
    fn gather(nodes: &'static [Node], names: &mut Vec<&'static str>) {
        for node in nodes {
            if node.kind == Kind::Group && !names.contains(&node.name) {
                names.push(node.name);
            }
            gather(&node.children, names);
        }
    }
    let mut names = Vec::new();
    gather(facts::structure(structure, version)?, &mut names);
    Some(names)
}

/// The names of all groups of all structures and versions, sorted.
pub fn group_names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let mut names: Vec<_> = structures()
            .flat_map(|structure| Version::ALL.map(|version| groups_of(structure, version)))
            .flatten()
            .flatten()
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each segment with the path of groups that it stands in, occurrences counted within the message.
    fn paths(event: &str, segments: &str) -> Vec<String> {
        let raw = format!("MSH|^~\\&|||||||{event}\r{}", segments.replace(' ', "|\r"));
        let message = Message::parse(raw.as_bytes()).unwrap();
        let groups = Groups::of(&message).unwrap();
        let label = |index: usize| {
            let name = groups.occurrences[index].name;
            let nth = groups.occurrences[..=index]
                .iter()
                .filter(|group| group.name == name)
                .count();
            format!("{name}{nth}")
        };
        let path = |number: usize| {
            let mut names = Vec::new();
            let mut at = groups.of_segment(number);
            while let Some(index) = at {
                names.insert(0, label(index));
                at = groups.occurrences[index].parent;
            }
            names.join(".")
        };
        message
            .segments()
            .skip(1)
            .map(|segment| format!("{}:{}", segment.name(), path(segment.number())))
            .collect()
    }

    #[test]
    fn results_belong_to_their_orders() {
        assert_eq!(
            paths(
                "ORU^R01",
                "PID PV1 ORC OBR NTE OBX NTE OBX ZXX OBR OBX SPM OBX PID OBR"
            ),
            [
                "PID:PATIENT_RESULT1.PATIENT1",
                "PV1:PATIENT_RESULT1.PATIENT1.VISIT1",
                "ORC:PATIENT_RESULT1.ORDER_OBSERVATION1",
                "OBR:PATIENT_RESULT1.ORDER_OBSERVATION1",
                "NTE:PATIENT_RESULT1.ORDER_OBSERVATION1",
                "OBX:PATIENT_RESULT1.ORDER_OBSERVATION1.OBSERVATION1",
                "NTE:PATIENT_RESULT1.ORDER_OBSERVATION1.OBSERVATION1",
                "OBX:PATIENT_RESULT1.ORDER_OBSERVATION1.OBSERVATION2",
                "ZXX:PATIENT_RESULT1.ORDER_OBSERVATION1.OBSERVATION2",
                "OBR:PATIENT_RESULT1.ORDER_OBSERVATION2",
                "OBX:PATIENT_RESULT1.ORDER_OBSERVATION2.OBSERVATION3",
                "SPM:PATIENT_RESULT1.ORDER_OBSERVATION2.SPECIMEN1",
                "OBX:PATIENT_RESULT1.ORDER_OBSERVATION2.SPECIMEN1",
                "PID:PATIENT_RESULT2.PATIENT2",
                "OBR:PATIENT_RESULT2.ORDER_OBSERVATION3",
            ]
        );
    }

    #[test]
    fn a_result_without_a_patient_has_its_groups() {
        assert_eq!(
            paths("ORU^R01^ORU_R01", "OBR OBX"),
            [
                "OBR:PATIENT_RESULT1.ORDER_OBSERVATION1",
                "OBX:PATIENT_RESULT1.ORDER_OBSERVATION1.OBSERVATION1"
            ]
        );
    }

    #[test]
    fn an_appointment_holds_its_resources() {
        assert_eq!(
            paths(
                "SIU^S12",
                "SCH NTE PID PV1 RGS AIS NTE AIG AIL AIP RGS AIP AIP"
            ),
            [
                "SCH:",
                "NTE:",
                "PID:PATIENT1",
                "PV1:PATIENT1",
                "RGS:RESOURCES1",
                "AIS:RESOURCES1.SERVICE1",
                "NTE:RESOURCES1.SERVICE1",
                "AIG:RESOURCES1.GENERAL_RESOURCE1",
                "AIL:RESOURCES1.LOCATION_RESOURCE1",
                "AIP:RESOURCES1.PERSONNEL_RESOURCE1",
                "RGS:RESOURCES2",
                "AIP:RESOURCES2.PERSONNEL_RESOURCE2",
                "AIP:RESOURCES2.PERSONNEL_RESOURCE3",
            ]
        );
    }

    #[test]
    fn charges_and_orders_have_theirs() {
        assert_eq!(
            paths("DFT^P03", "EVN PID PV1 FT1 PR1 FT1 DG1 IN1 IN2 IN1"),
            [
                "EVN:",
                "PID:",
                "PV1:",
                "FT1:FINANCIAL1",
                "PR1:FINANCIAL1.FINANCIAL_PROCEDURE1",
                "FT1:FINANCIAL2",
                "DG1:",
                "IN1:INSURANCE1",
                "IN2:INSURANCE1",
                "IN1:INSURANCE2",
            ]
        );
        assert_eq!(
            paths("RDE^O11", "PID PV1 AL1 ORC TQ1 RXE TQ1 RXR ORC RXE"),
            [
                "PID:PATIENT1",
                "PV1:PATIENT1.PATIENT_VISIT1",
                "AL1:PATIENT1",
                "ORC:ORDER1",
                "TQ1:ORDER1.TIMING1",
                "RXE:ORDER1",
                "TQ1:ORDER1.TIMING_ENCODED1",
                "RXR:ORDER1",
                "ORC:ORDER2",
                "RXE:ORDER2",
            ]
        );
        assert_eq!(
            paths("ADT^A40", "EVN PID MRG PID MRG")[2..],
            ["MRG:PATIENT1", "PID:PATIENT2", "MRG:PATIENT2"]
        );
    }

    #[test]
    fn an_occurrence_spans_its_segments() {
        let raw = "MSH|^~\\&|||||||ORU^R01\rPID|\rOBR|\rOBX|\rOBX|\rZZZ|\rOBR|\rOBX|\r";
        let groups = Groups::of(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        let named = |index: usize| groups.occurrences()[index].name;
        let first_order = groups
            .within(None)
            .find(|&index| named(index) == "ORDER_OBSERVATION")
            .unwrap();
        assert_eq!(groups.segments_of(Some(first_order)), (3, 6));
        assert_eq!(groups.segments_of(None), (1, 8));
        let inner: Vec<_> = groups.within(Some(first_order)).map(named).collect();
        assert_eq!(inner, ["OBSERVATION", "OBSERVATION"]);
        assert_eq!(groups.within(None).count(), groups.occurrences().len());
    }

    #[test]
    fn the_groups_of_a_structure_are_listed() {
        assert_eq!(
            groups_of("ORU_R01", Version::V2_5_1).unwrap(),
            [
                "PATIENT_RESULT",
                "PATIENT",
                "VISIT",
                "ORDER_OBSERVATION",
                "TIMING_QTY",
                "OBSERVATION",
                "SPECIMEN"
            ]
        );
        assert!(groups_of("ZZZ_Z01", Version::V2_5_1).is_none());
        assert!(group_names().contains(&"PERSON_OBSERVATION"));
        assert!(group_names().len() > 100);
    }

    /// Older versions have no names for their groups; those of later ones are lent to them.
    #[test]
    fn groups_have_one_name_through_the_versions() {
        for version in Version::ALL {
            let groups = groups_of("ORU_R01", version).unwrap();
            assert_eq!(groups[0], "PATIENT_RESULT", "{version:?}");
            assert!(groups.contains(&"OBSERVATION"), "{version:?}");
        }
    }
}
