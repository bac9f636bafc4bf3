//! The order of segments: what the walk through the structure notes, and what MSH-9 says of it.

use std::collections::HashMap;

use super::{Finding, Report, Rule, Severity};
use crate::element::Segment;
use crate::message::Message;
use crate::place::Place;
use crate::structure::notation::{Kind, Node};
use crate::structure::walk::Disorder;
use crate::structure::{Groups, facts, structure_of};

pub(super) fn check(message: &Message<'_>, report: &mut Report) {
    check_name(message, report);
    let Some(structure) = structure_of(message) else {
        return;
    };
    let Some((_, faults)) = Groups::walked(message, structure) else {
        return;
    };
    if faults.is_empty() {
        return;
    }
    let segments: Vec<_> = message.segments().collect();
    let mut numbers: HashMap<&str, Vec<usize>> = HashMap::new();
    for segment in &segments {
        numbers
            .entry(segment.name())
            .or_default()
            .push(segment.number());
    }
    for fault in faults {
        let at = segments.get(fault.number - 1);
        let offset = at.map_or(end(message), Segment::offset);
        let name = match (fault.what, at) {
            (Disorder::Missing { segment, .. }, _) => segment,
            (_, Some(segment)) => segment.name(),
            (_, None) => continue,
        };
        let before = numbers.get(name).map_or(0, |numbers| {
            numbers.partition_point(|number| *number < fault.number)
        });
        let occurrence = before + 1;
        let (rule, severity, expected) = match fault.what {
            Disorder::Missing { group, .. } => {
                let expected = match group {
                    Some(group) => format!("{structure} needs the group {group} here"),
                    None => format!("{structure} needs this segment here"),
                };
                (Rule::MissingSegment, Severity::Error, expected)
            }
            Disorder::OutOfOrder => (
                Rule::SegmentOutOfOrder,
                Severity::Error,
                format!("{structure} has this segment, but not here"),
            ),
            Disorder::TooOften => (
                Rule::SegmentTooOften,
                Severity::Error,
                format!("{structure} has this segment here once"),
            ),
            Disorder::NotInStructure => (
                Rule::SegmentNotInStructure,
                report.severity(|version| {
                    facts::structure(structure, version).is_some_and(|nodes| holds(nodes, name))
                }),
                format!(
                    "{structure} has no such segment in {}",
                    report.version.as_str()
                ),
            ),
        };
        report.push(Finding {
            severity,
            rule,
            place: Place::segment(name, occurrence),
            segment: fault.number,
            offset,
            expected,
        });
    }
}

/// Which segment of its name each one is, from 1.
pub(super) fn occurrences<'m>(names: impl Iterator<Item = &'m str>) -> Vec<usize> {
    let mut seen = HashMap::new();
    names
        .map(|name| {
            let count = seen.entry(name).or_insert(0);
            *count += 1;
            *count
        })
        .collect()
}

/// Where the last segment ends.
fn end(message: &Message<'_>) -> usize {
    let last = message.segments().next_back();
    last.map_or(0, |segment| segment.offset() + segment.raw().len())
}

fn holds(nodes: &[Node], segment: &str) -> bool {
    nodes.iter().any(|node| {
        node.kind == Kind::Segment && node.name == segment || holds(&node.children, segment)
    })
}

/// MSH-9: whether the structure is known, and whether MSH-9.3 names it.
fn check_name(message: &Message<'_>, report: &mut Report) {
    let header = message.header();
    let message_type = header.message_type();
    let claimed = header.message_structure();
    let possible = facts::of_event(&message_type, &header.trigger_event(), report.version);
    let (rule, component, expected) = if let Some(name) = possible.first() {
        if claimed.is_empty() || possible.contains(&&*claimed) {
            return;
        }
        let expected = format!("the structure of this trigger event is {name}");
        (Rule::WrongStructureName, Some(3), expected)
    } else {
        // A site names its own messages as it likes, and an empty field is told of elsewhere.
        let is_own = message_type.starts_with('Z') || header.trigger_event().starts_with('Z');
        if message_type.is_empty() || is_own || facts::structure_name(&claimed).is_some() {
            return;
        }
        let expected = "nothing is known of the structure of this trigger event, so the order of segments was not judged";
        (Rule::UnknownStructure, None, expected.to_owned())
    };
    let field = header.segment().field(9);
    let part = component.and_then(|number| field?.component(number));
    report.push(Finding {
        severity: Severity::Warning,
        rule,
        place: Place {
            component,
            ..Place::segment("MSH", 1).field(9)
        },
        segment: header.segment().number(),
        offset: part
            .or(field)
            .map_or(header.segment().offset(), |part| part.offset()),
        expected,
    });
}
