//! Whether the hierarchical levels of a transaction set say where they stand (TR3 section 1.4 of each guide, HL).

use crate::element::Segment;
use crate::finding::{Findings, Kind, Place, shown};
use crate::matching::{Occurrence, Tree};

/// The HL that a loop begins with.
pub(super) fn level<'a>(tree: &Tree<'a>, found: &Occurrence) -> Option<Segment<'a>> {
    let first = tree.segments().get(found.first)?;
    (first.segment.id() == "HL" && found.spec.id != "ST").then_some(first.segment)
}

/// Judges HL01, which counts from 1, and HL02, which names the level around.
pub(super) fn judge(tree: &Tree<'_>, findings: &mut Findings) {
    let mut count = 0usize;
    for found in tree.loops() {
        let Some(segment) = level(tree, found) else {
            continue;
        };
        count += 1;
        let place = |number| Place::element(&segment, number).within(found.spec.id);
        let number = segment.text(1).filter(|text| text.len() <= 12);
        if number.and_then(|text| text.parse().ok()) != Some(count) {
            findings.add(Kind::Hierarchy, place(1), || {
                format!(
                    "HL01 is {}, and it is level {count} of the transaction set",
                    shown(segment.element(1))
                )
            });
        }
        let mut around = found.parent;
        let mut parent = None;
        while let Some(outer) = around.and_then(|outer| tree.loops().get(outer)) {
            parent = level(tree, outer);
            if parent.is_some() {
                break;
            }
            around = outer.parent;
        }
        let expected = parent.and_then(|parent| parent.text(1));
        if segment.text(2) != expected {
            findings.add(Kind::Hierarchy, place(2), || {
                format!(
                    "HL02 is {}, and the level around is {}",
                    shown(segment.element(2)),
                    shown(parent.and_then(|parent| parent.element(1)))
                )
            });
        }
    }
}
