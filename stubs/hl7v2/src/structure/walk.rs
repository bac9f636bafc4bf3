//! Walking a message and its structure side by side.
//!
//! Each segment goes to the nearest place that the structure has for it: first further on in the group at hand, then in
//! a new repetition of that group, then one group up. A place that the segment leads into (the first of its group) is
//! preferred to one behind optional segments that are not there, so that in an OML an ORC begins the next ORDER and not
//! a prior result. What has no such place is noted and stays in the group at hand; nothing stops the walk.

use super::entry::Entry;
use super::groups::Group;
use super::notation::{Kind, Node};

/// The most faults that are noted of one message.
const FAULTS_MAX: usize = 1_000;

/// What does not follow the structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disorder {
    /// A required segment is not there; the group is named where all of it is missing.
    Missing {
        segment: &'static str,
        group: Option<&'static str>,
    },
    /// The structure has such a segment, but not here.
    OutOfOrder,
    /// The structure has it here once.
    TooOften,
    /// The structure has no such segment.
    NotInStructure,
}

/// A fault and where it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The number of the segment at fault; for one that is missing, of the segment before which it should stand.
    pub(crate) number: usize,
    pub(crate) what: Disorder,
}

/// A group that is open while the segments are walked.
struct Open {
    children: &'static [Node],
    /// The entry that took the last segment.
    at: usize,
    /// Which entries took one.
    taken: Vec<bool>,
    occurrence: Option<usize>,
    /// Entries that were noted as missing, with the place of the note.
    missing: Vec<(usize, usize)>,
}

impl Open {
    fn new(children: &'static [Node], occurrence: Option<usize>) -> Self {
        Self {
            children,
            at: 0,
            taken: vec![false; children.len()],
            occurrence,
            missing: Vec::new(),
        }
    }
}

/// What a walk finds.
pub(crate) struct Walked {
    /// Every occurrence of every group, in the order of the message.
    pub(crate) occurrences: Vec<Group>,
    /// The innermost occurrence of each segment.
    pub(crate) of_segment: Vec<Option<usize>>,
    /// What does not follow the structure, in the order in which it was seen.
    pub(crate) faults: Vec<Fault>,
}

/// Walks the segment names of a message through a structure.
pub(crate) fn walk<'m>(
    structure: &'static [Node],
    segments: impl Iterator<Item = &'m str>,
) -> Walked {
    let mut walk = Walk {
        open: vec![Open::new(structure, None)],
        occurrences: Vec::new(),
        faults: Vec::new(),
        number: 0,
    };
    let of_segment: Vec<_> = segments.map(|segment| walk.place(segment)).collect();
    walk.number += 1;
    walk.close_to(0);
    Walked {
        occurrences: walk.occurrences,
        of_segment,
        faults: walk.faults.into_iter().flatten().collect(),
    }
}

/// Segments that stand anywhere without being of the structure: those of a site, the envelope of a batch, and what is
/// left of a segment that was cut.
fn is_apart(segment: &str) -> bool {
    segment.starts_with('Z') || matches!(segment, "FHS" | "BHS" | "BTS" | "FTS" | "ADD")
}

struct Walk {
    open: Vec<Open>,
    occurrences: Vec<Group>,
    faults: Vec<Option<Fault>>,
    number: usize,
}

impl Walk {
    /// Finds the place of the next segment, and gives the occurrence that it stands in.
    fn place(&mut self, segment: &str) -> Option<usize> {
        self.number += 1;
        if !is_apart(segment) {
            self.find(segment);
        }
        for index in self.open.iter().filter_map(|open| open.occurrence) {
            self.occurrences[index].last_segment = self.number;
        }
        self.open.last().and_then(|open| open.occurrence)
    }

    fn find(&mut self, segment: &str) {
        if let Some((depth, index)) = self.ahead(segment, Entry::Late) {
            self.go(depth, index, segment);
        } else if self.is_behind(segment) {
            // Noted; it stays where it is.
        } else if let Some((depth, index)) = self.wildcard() {
            self.go(depth, index, segment);
        } else if let Some((depth, index)) = self.ahead(segment, Entry::Inside) {
            self.go(depth, index, segment);
        } else {
            let is_known = self.open[0]
                .children
                .iter()
                .any(|child| child.entry(segment).is_some());
            self.note(if is_known {
                Disorder::OutOfOrder
            } else {
                Disorder::NotInStructure
            });
        }
    }

    /// The nearest place ahead that the segment enters at least this well; the best entry wins over the nearest.
    fn ahead(&self, segment: &str, least: Entry) -> Option<(usize, usize)> {
        let mut best: Option<(Entry, usize, usize)> = None;
        for (depth, open) in self.open.iter().enumerate().rev() {
            for (index, child) in open.children.iter().enumerate().skip(open.at) {
                // An entry that was used may be used again only if it repeats.
                if open.taken[index] && !child.repeats {
                    continue;
                }
                if let Some(entry) = child.entry(segment).filter(|entry| *entry >= least)
                    && best.is_none_or(|(known, ..)| entry > known)
                {
                    best = Some((entry, depth, index));
                    if entry == Entry::First {
                        return Some((depth, index));
                    }
                }
            }
        }
        best.map(|(_, depth, index)| (depth, index))
    }

    /// Whether an open group has had its place for this segment, which is then noted.
    fn is_behind(&mut self, segment: &str) -> bool {
        for depth in (0..self.open.len()).rev() {
            let open = &self.open[depth];
            let mut places = open.children.iter().enumerate().take(open.at + 1);
            // The last one, since some names stand twice.
            let Some((index, child)) = places.rfind(|(_, child)| child.is_directly(segment)) else {
                continue;
            };
            let what = if open.taken[index] && !child.repeats {
                Disorder::TooOften
            } else {
                Disorder::OutOfOrder
            };
            let open = &mut self.open[depth];
            open.taken[index] = true;
            if let Some(at) = open.missing.iter().position(|(child, _)| *child == index) {
                // It is there after all, too late.
                let (_, fault) = open.missing.swap_remove(at);
                self.faults[fault] = None;
            }
            self.note(what);
            return true;
        }
        false
    }

    /// The nearest place for any segment.
    fn wildcard(&self) -> Option<(usize, usize)> {
        self.open
            .iter()
            .enumerate()
            .rev()
            .find_map(|(depth, open)| {
                let mut ahead = open.children.iter().enumerate().skip(open.at);
                ahead
                    .find(|(_, child)| child.is_any())
                    .map(|(index, _)| (depth, index))
            })
    }

    /// Takes the segment at that entry, closing the groups below it and opening those on the way down to the segment.
    fn go(&mut self, depth: usize, index: usize, segment: &str) {
        self.close_to(depth + 1);
        self.advance(depth, index);
        let mut node = &self.open[depth].children[index];
        loop {
            match node.kind {
                Kind::Segment | Kind::Any => return,
                Kind::Choice => {
                    let chosen = node
                        .children
                        .iter()
                        .max_by_key(|child| child.entry(segment));
                    match chosen.filter(|child| child.entry(segment).is_some()) {
                        Some(chosen) => node = chosen,
                        None => return,
                    }
                }
                Kind::Group => {
                    let parent = self.open.last().and_then(|open| open.occurrence);
                    self.occurrences.push(Group {
                        name: node.name,
                        parent,
                        first_segment: self.number,
                        last_segment: self.number,
                    });
                    let occurrence = Some(self.occurrences.len() - 1);
                    self.open.push(Open::new(&node.children, occurrence));
                    let mut best = (None, 0);
                    for (index, child) in node.children.iter().enumerate() {
                        let entry = child.entry(segment);
                        if entry > best.0 {
                            best = (entry, index);
                        }
                        if entry.is_some() && child.is_needed() {
                            break;
                        }
                    }
                    self.advance(self.open.len() - 1, best.1);
                    node = &node.children[best.1];
                }
            }
        }
    }

    /// Moves on to an entry; what is required on the way there and was not taken is missing.
    fn advance(&mut self, depth: usize, index: usize) {
        self.note_missing(depth, index);
        let open = &mut self.open[depth];
        open.at = index;
        open.taken[index] = true;
    }

    fn note_missing(&mut self, depth: usize, before: usize) {
        for index in self.open[depth].at..before {
            let open = &self.open[depth];
            let node = &open.children[index];
            let is_noted = open.missing.iter().any(|(noted, _)| *noted == index);
            if open.taken[index] || is_noted || !node.is_needed() {
                continue;
            }
            let fault = self.faults.len();
            self.note(Disorder::Missing {
                segment: node.first_needed(),
                group: (node.kind == Kind::Group).then_some(node.name),
            });
            if self.faults.len() > fault {
                self.open[depth].missing.push((index, fault));
            }
        }
    }

    /// Closes the groups from that depth on, the innermost first.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let innermost = self.open.len() - 1;
            self.note_missing(innermost, self.open[innermost].children.len());
            self.open.pop();
        }
    }

    fn note(&mut self, what: Disorder) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Some(Fault {
                number: self.number,
                what,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{facts, version::Version};
    use super::*;

    fn faults(structure: &str, segments: &str) -> Vec<(usize, Disorder)> {
        let structure = facts::structure(structure, Version::V2_5_1).unwrap();
        walk(structure, segments.split(' '))
            .faults
            .into_iter()
            .map(|fault| (fault.number, fault.what))
            .collect()
    }

    fn missing(segment: &'static str) -> Disorder {
        Disorder::Missing {
            segment,
            group: None,
        }
    }

    #[test]
    fn what_follows_the_structure_has_no_fault() {
        for (structure, segments) in [
            (
                "ADT_A01",
                "MSH SFT SFT EVN PID PD1 NK1 NK1 PV1 PV2 ROL OBX AL1 DG1 PR1 GT1 IN1 IN2 IN1",
            ),
            ("ADT_A39", "MSH EVN PID MRG PID PD1 MRG PV1"),
            (
                "ORU_R01",
                "MSH PID NTE PV1 ORC OBR NTE OBX NTE OBX OBR OBX SPM OBX PID OBR DSC",
            ),
            (
                "OML_O21",
                "MSH PID ORC TQ1 OBR OBX SPM ORC OBR OBX ORC OBR PID ORC OBR OBX",
            ),
            ("ORM_O01", "MSH PID PV1 ORC OBR NTE OBX ORC RXO ORC"),
            ("MFN_M02", "MSH MFI MFE STF PRA MFE STF"),
            ("MFN_Znn", "MSH MFI MFE LOC MFE STF"),
            ("ADT_A01", "FHS BHS MSH ZAA EVN PID ZPD PV1 ZZZ BTS FTS"),
        ] {
            assert_eq!(faults(structure, segments), [], "{structure} {segments}");
        }
    }

    #[test]
    fn a_missing_segment_is_noted_where_it_should_stand() {
        assert_eq!(faults("ADT_A01", "MSH EVN PV1"), [(3, missing("PID"))]);
        assert_eq!(faults("ADT_A01", "MSH EVN PID"), [(4, missing("PV1"))]);
        assert_eq!(faults("ORU_R01", "MSH PID OBX OBX"), [(3, missing("OBR"))]);
        assert_eq!(
            faults("ADT_A39", "MSH EVN PID PID MRG"),
            [(4, missing("MRG"))]
        );
        let group = Disorder::Missing {
            segment: "RGS",
            group: Some("RESOURCES"),
        };
        assert_eq!(faults("SIU_S12", "MSH SCH PID"), [(4, group)]);
        assert_eq!(faults("MFN_M02", "MSH MFI MFE PRA"), [(4, missing("STF"))]);
    }

    #[test]
    fn disorder_is_one_fault() {
        assert_eq!(
            faults("ADT_A01", "MSH PID EVN PV1"),
            [(3, Disorder::OutOfOrder)]
        );
        assert_eq!(
            faults("ORU_R01", "MSH PID NK1 PD1 OBR OBX"),
            [(4, Disorder::OutOfOrder)]
        );
        assert_eq!(
            faults("ADT_A01", "MSH EVN PID PID PV1"),
            [(4, Disorder::TooOften)]
        );
        assert_eq!(
            faults("ADT_A01", "MSH EVN PID RXA PV1 OBR"),
            [(4, Disorder::NotInStructure), (6, Disorder::NotInStructure)]
        );
    }

    #[test]
    fn what_is_noted_is_bounded() {
        let segments = format!("MSH EVN PID PV1{}", " RXA".repeat(3_000));
        assert_eq!(faults("ADT_A01", &segments).len(), FAULTS_MAX);
    }
}
