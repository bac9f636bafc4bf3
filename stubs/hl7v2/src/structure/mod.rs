//! Groups of segments: which `OBX` belongs to which `OBSERVATION` of which `ORDER_OBSERVATION`.
//!
//! A message does not mark its groups. They follow from the order of its segments and the structure of its message
//! type, so [`Groups::of`] walks the two side by side: each segment goes to the nearest place that the structure has
//! for it, first further on in the group at hand, then in a new repetition of that group, then one group up. A
//! segment that the structure has no place for, such as a Z-segment, stays in the group at hand. Cardinalities are
//! not enforced: a missing required segment is for an expectation to find, not for the reader.

mod tables;

use crate::message::Message;

/// One entry of a structure.
#[derive(Debug)]
enum Node {
    Segment {
        name: &'static str,
        required: bool,
        repeats: bool,
    },
    Group {
        name: &'static str,
        required: bool,
        repeats: bool,
        children: &'static [Node],
    },
}

impl Node {
    /// Whether a segment of that name can begin this entry, so that what comes before it is all optional.
    fn begins_with(&self, segment: &str) -> bool {
        match self {
            Self::Segment { name, .. } => *name == segment,
            Self::Group { children, .. } => {
                for child in *children {
                    if child.begins_with(segment) {
                        return true;
                    }
                    if child.is_required() {
                        return false;
                    }
                }
                false
            }
        }
    }

    fn is_required(&self) -> bool {
        match self {
            Self::Segment { required, .. } | Self::Group { required, .. } => *required,
        }
    }

    fn repeats(&self) -> bool {
        match self {
            Self::Segment { repeats, .. } | Self::Group { repeats, .. } => *repeats,
        }
    }
}

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
    /// Resolves the groups of a message; None where its structure is not one of [`structures`].
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let structure = structure_of(message)?;
        let children = tables::structure(structure)?;
        let mut walk = Walk {
            open: vec![Open {
                children,
                at: 0,
                occurrence: None,
            }],
            occurrences: Vec::new(),
        };
        let of_segment = message
            .segments()
            .map(|segment| walk.place(segment.number(), segment.name()))
            .collect();
        Some(Self {
            structure,
            occurrences: walk.occurrences,
            of_segment,
        })
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

/// The message structures whose groups are known.
pub fn structures() -> impl Iterator<Item = &'static str> {
    tables::STRUCTURES.iter().map(|(name, _)| *name)
}

/// The names of the groups of a structure, outermost first; None where the structure is not known.
pub fn groups_of(structure: &str) -> Option<Vec<&'static str>> {
    fn gather(children: &'static [Node], names: &mut Vec<&'static str>) {
        for child in children {
            if let Node::Group { name, children, .. } = child {
                names.push(name);
                gather(children, names);
            }
        }
    }
    let mut names = Vec::new();
    gather(tables::structure(structure)?, &mut names);
    Some(names)
}

/// The structure of a message: what its trigger event says, and only where that is unknown what MSH-9.3 claims.
pub fn structure_of(message: &Message<'_>) -> Option<&'static str> {
    let header = message.header();
    tables::of_event(&header.message_type(), &header.trigger_event())
        .or_else(|| structures().find(|name| *name == header.message_structure()))
}

/// A group that is open while the segments are walked: the last entry that took a segment, and which occurrence the
/// group is.
struct Open {
    children: &'static [Node],
    at: usize,
    occurrence: Option<usize>,
}

struct Walk {
    open: Vec<Open>,
    occurrences: Vec<Group>,
}

impl Walk {
    /// Finds the place of segment `number`, and gives the occurrence that it stands in.
    fn place(&mut self, number: usize, segment: &str) -> Option<usize> {
        'search: for depth in (0..self.open.len()).rev() {
            let Open { children, at, .. } = self.open[depth];
            for (index, child) in children.iter().enumerate().skip(at) {
                // The entry that was used last may be used again only if it repeats. MSH, which comes first and once,
                // needs no place of its own.
                if child.begins_with(segment) && (index > at || child.repeats()) {
                    self.open.truncate(depth + 1);
                    self.open[depth].at = index;
                    self.descend(child, number, segment);
                    break 'search;
                }
            }
        }
        for index in self.open.iter().filter_map(|open| open.occurrence) {
            self.occurrences[index].last_segment = number;
        }
        self.open.last().and_then(|open| open.occurrence)
    }

    /// Opens the groups on the way from `node` down to the segment that it begins with.
    fn descend(&mut self, node: &'static Node, number: usize, segment: &str) {
        let Node::Group { name, children, .. } = node else {
            return;
        };
        let parent = self.open.last().and_then(|open| open.occurrence);
        self.occurrences.push(Group {
            name,
            parent,
            first_segment: number,
            last_segment: number,
        });
        let occurrence = Some(self.occurrences.len() - 1);
        let at = children
            .iter()
            .position(|child| child.begins_with(segment))
            .unwrap_or(0);
        self.open.push(Open {
            children,
            at,
            occurrence,
        });
        self.descend(&children[at], number, segment);
    }
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
    fn the_event_rules_the_structure() {
        let structure = |event: &str| {
            let raw = format!("MSH|^~\\&|||||||{event}\r");
            structure_of(&Message::parse(raw.as_bytes()).unwrap())
        };
        assert_eq!(
            structure("ADT^A40^ADT_A01"),
            Some("ADT_A39"),
            "MSH-9.3 is wrong"
        );
        assert_eq!(structure("ADT^A04"), Some("ADT_A01"));
        assert_eq!(structure("SIU^S15^SIU_S12"), Some("SIU_S12"));
        assert_eq!(structure("ZZZ^Z01^ORU_R01"), Some("ORU_R01"));
        assert_eq!(structure("VXU^V04^VXU_V04"), None);
    }

    #[test]
    fn the_groups_of_a_structure_are_listed() {
        assert_eq!(
            groups_of("ORU_R01").unwrap(),
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
        assert!(groups_of("VXU_V04").is_none());
        assert_eq!(structures().count(), 7);
    }
}
