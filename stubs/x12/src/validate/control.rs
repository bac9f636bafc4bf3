//! Whether the control segments themselves are sound: ISA, TA1, GS, GE, IEA (TR3 appendix C.1).

use super::elements;
use crate::element::Segment;
use crate::envelope::Envelope;
use crate::finding::{Findings, Kind, Place};
use crate::guide;

/// The functional group (GS01) of each transaction set.
const GROUPS: [(&str, &str); 12] = [
    ("270", "HS"),
    ("271", "HB"),
    ("276", "HR"),
    ("277", "HN"),
    ("278", "HI"),
    ("820", "RA"),
    ("834", "BE"),
    ("835", "HP"),
    ("837", "HC"),
    ("997", "FA"),
    ("999", "FA"),
    ("824", "AG"),
];

/// Judges the elements of all control segments, and that groups hold what they say.
pub(super) fn judge(envelope: &Envelope<'_>, findings: &mut Findings) {
    header(&envelope.header, findings);
    for segment in &envelope.acknowledgements {
        elements_of(segment, findings);
    }
    for group in &envelope.groups {
        for segment in group.header.iter().chain(&group.trailer) {
            elements_of(segment, findings);
        }
        for set in &group.transactions {
            let expected = GROUPS.iter().find(|(known, _)| *known == set.id());
            let Some((_, expected)) = expected else {
                continue;
            };
            if group.header.is_some() && group.functional_id() != *expected {
                let place = Place::element(&set.header(), 1);
                findings.add(Kind::Code, place, || {
                    format!("a {} stands in a group {expected}", set.id())
                });
            }
        }
    }
    if let Some(segment) = &envelope.trailer {
        elements_of(segment, findings);
    }
}

fn header(segment: &Segment<'_>, findings: &mut Findings) {
    let before = findings.list.len();
    elements_of(segment, findings);
    let mut place = 0;
    findings.list.retain(|finding| {
        place += 1;
        let length = matches!(finding.kind, Kind::TooShort | Kind::TooLong);
        // Authorization and security information may be blank; lengths are told once for the whole header.
        let blank = finding.kind == Kind::Character && matches!(finding.place.element, Some(2 | 4));
        place <= before || !(blank || length && segment.raw().len() != 105)
    });
}

fn elements_of(segment: &Segment<'_>, findings: &mut Findings) {
    if let Some(spec) = guide::control(segment.id()) {
        elements::judge(segment, spec, "", findings);
    }
}
