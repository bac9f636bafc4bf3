//! Fields and what is in them: usage, repetition, data types, lengths.

use super::order::occurrences;
use super::primitive::{PRIMITIVES, code_fault, fault};
use super::{Finding, Report, Rule, Severity};
use crate::element::{Element, Segment};
use crate::message::Message;
use crate::place::Place;
use crate::structure::facts;
use crate::structure::notation::Definition;

pub(super) fn check(message: &Message<'_>, report: &mut Report) {
    let occurrences = occurrences(message.segments().map(|segment| segment.name()));
    for (segment, occurrence) in message.segments().zip(occurrences) {
        if report.is_full() {
            return;
        }
        let Some(definitions) = facts::segment(segment.name(), report.version) else {
            continue;
        };
        let place = At {
            segment,
            place: Place::segment(segment.name(), occurrence),
        };
        check_segment(&place, definitions, report);
    }
}

/// A segment, and the place within it that is looked at.
#[derive(Clone)]
struct At<'m> {
    segment: Segment<'m>,
    place: Place,
}

impl At<'_> {
    fn field(&self, number: usize) -> Self {
        let mut at = self.clone();
        at.place.field = Some(number);
        at
    }

    fn repetition(&self, number: usize) -> Self {
        let mut at = self.clone();
        at.place.repetition = Some(number);
        at
    }

    /// The part `number` of what is looked at.
    fn part(&self, number: usize) -> Self {
        let mut at = self.clone();
        if at.place.component.is_none() {
            at.place.component = Some(number);
        } else {
            at.place.subcomponent = Some(number);
        }
        at
    }

    fn finding(
        &self,
        severity: Severity,
        rule: Rule,
        offset: usize,
        expected: impl Into<String>,
    ) -> Finding {
        Finding {
            severity,
            rule,
            place: self.place.clone(),
            segment: self.segment.number(),
            offset,
            expected: expected.into(),
        }
    }
}

fn check_segment(at: &At<'_>, definitions: &[Definition], report: &mut Report) {
    let segment = at.segment;
    for (number, definition) in (1..).zip(definitions) {
        let field = segment.field(number);
        if definition.required && field.is_none_or(|field| field.is_absent()) {
            let offset = field.map_or(segment.offset() + segment.raw().len(), |field| {
                field.offset()
            });
            report.push(at.field(number).finding(
                Severity::Error,
                Rule::MissingField,
                offset,
                "a value is required",
            ));
        }
    }
    let mut is_beyond = false;
    for (number, field) in segment.fields() {
        // The delimiters that a header declares are checked when it is read.
        if field.is_absent() || segment.is_header() && number <= 2 {
            continue;
        }
        let at = at.field(number);
        let Some(definition) = definitions.get(number - 1) else {
            if !is_beyond {
                is_beyond = true;
                let expected = format!(
                    "{} ends with field {} in {}",
                    segment.name(),
                    definitions.len(),
                    report.version.as_str()
                );
                let finding = at.finding(
                    Severity::Warning,
                    Rule::FieldBeyond,
                    field.offset(),
                    expected,
                );
                report.push(finding);
            }
            continue;
        };
        if definition.is_withdrawn {
            let expected = format!(
                "{} withdrew this field or reserves it",
                report.version.as_str()
            );
            report.push(at.finding(Severity::Warning, Rule::Withdrawn, field.offset(), expected));
            continue;
        }
        check_field(&at, field, definition, report);
    }
    check_value_type(at, report);
}

fn check_field(at: &At<'_>, field: Element<'_>, definition: &Definition, report: &mut Report) {
    let data_type = data_type_of(at, definition.data_type);
    for (number, repetition) in (1..).zip(field.repetitions()) {
        if report.is_full() {
            return;
        }
        let at = at.repetition(number);
        if definition
            .repetitions
            .is_some_and(|most| number == most + 1)
        {
            let name = at.place.segment.clone();
            let index = at.place.field.unwrap_or(1) - 1;
            let severity = report.severity(|version| {
                facts::segment(&name, version)
                    .and_then(|fields| fields.get(index))
                    .is_some_and(|later| later.repetitions.is_none_or(|most| number <= most))
            });
            let expected = match definition.repetitions {
                Some(1) | None => "one value; this field does not repeat".to_owned(),
                Some(most) => format!("at most {most} repetitions"),
            };
            report.push(at.finding(severity, Rule::FieldTooOften, repetition.offset(), expected));
        }
        let definition = Definition {
            data_type,
            ..*definition
        };
        check_part(&at, repetition, &definition, report);
    }
}

/// The data type of a field, also where another field names it; empty where nobody does.
fn data_type_of(at: &At<'_>, data_type: &'static str) -> &'static str {
    if data_type != "ANY" {
        return data_type;
    }
    let named_in = match (at.place.segment.as_str(), at.place.field) {
        ("OBX", Some(5)) => 2,
        ("MFE", Some(4)) => 5,
        _ => return "",
    };
    let named = at.segment.field(named_in);
    let named = named.and_then(|field| field.component(1));
    named
        .and_then(|name| type_name(&name.text()))
        .unwrap_or_default()
}

fn type_name(name: &str) -> Option<&'static str> {
    let primitive = PRIMITIVES.into_iter().find(|known| *known == name);
    primitive.or_else(|| facts::type_name(name))
}

/// OBX-2: a data type, there where OBX-5 has a value (HL7 v2.5.1, chapter 7, section 7.4.2.2).
fn check_value_type(at: &At<'_>, report: &mut Report) {
    let segment = at.segment;
    if segment.name() != "OBX" {
        return;
    }
    let value = segment
        .field(5)
        .filter(|field| !field.is_absent() && !field.is_null());
    let value_type = segment.field(2).filter(|field| !field.is_absent());
    let at = at.field(2);
    match (value_type, value) {
        (None, Some(value)) => {
            let offset = segment
                .field(2)
                .map_or(value.offset(), |field| field.offset());
            let is_told = report
                .findings
                .last()
                .is_some_and(|last| last.place == at.place && last.rule == Rule::MissingField);
            if !is_told {
                let expected = "the data type of OBX-5";
                report.push(at.finding(Severity::Error, Rule::MissingField, offset, expected));
            }
        }
        (Some(value_type), _) => {
            let first = value_type.component(1).unwrap_or(value_type);
            let text = first.text();
            if type_name(&text).is_none() && !value_type.is_null() {
                let expected = "a data type of table 0125, such as NM or CWE";
                report.push(at.finding(
                    Severity::Error,
                    Rule::WrongCode,
                    value_type.offset(),
                    expected,
                ));
            }
        }
        (None, None) => {}
    }
}

/// Checks one repetition, component or subcomponent.
fn check_part(at: &At<'_>, part: Element<'_>, definition: &Definition, report: &mut Report) {
    if part.is_absent() || part.is_null() || report.is_full() {
        return;
    }
    let data_type = definition.data_type;
    let is_deepest = at.place.subcomponent.is_some();
    let components = facts::data_type(data_type, report.version).filter(|_| !is_deepest);
    if let Some(components) = components {
        check_length(at, part, definition, report);
        check_components(at, part, data_type, components, report);
        return;
    }
    if !PRIMITIVES.contains(&data_type) && data_type != "TS" {
        check_length(at, part, definition, report);
        return;
    }
    let mut parts = parts_of(at, part);
    let first = parts.next().unwrap_or(part);
    if let Some(second) = parts.find(|part| !part.is_absent()) {
        let expected = format!("a single value ({data_type})");
        report.push(at.finding(
            Severity::Warning,
            Rule::ComponentBeyond,
            second.offset(),
            expected,
        ));
    }
    // What stands below a first component is its first subcomponent.
    let first = first.subcomponent(1).unwrap_or(first);
    let text = first.text();
    if first.is_absent() || first.is_null() {
        return;
    }
    check_length(at, first, definition, report);
    if let Some(expected) = fault(data_type, &text) {
        report.push(at.finding(Severity::Error, Rule::WrongType, first.offset(), expected));
    } else if let Some(expected) = code_fault(definition.table, &text) {
        report.push(at.finding(Severity::Error, Rule::WrongCode, first.offset(), expected));
    }
}

/// The parts of the next level down.
fn parts_of<'m>(at: &At<'_>, part: Element<'m>) -> Box<dyn Iterator<Item = Element<'m>> + 'm> {
    match (at.place.component, at.place.subcomponent) {
        (None, _) => Box::new(part.components()),
        (Some(_), None) => Box::new(part.subcomponents()),
        (Some(_), Some(_)) => Box::new(std::iter::once(part)),
    }
}

fn check_components(
    at: &At<'_>,
    whole: Element<'_>,
    data_type: &str,
    definitions: &[Definition],
    report: &mut Report,
) {
    let parts: Vec<_> = parts_of(at, whole).take(definitions.len() + 1).collect();
    for (number, definition) in (1..).zip(definitions) {
        let part = parts.get(number - 1).filter(|part| !part.is_absent());
        let at = at.part(number);
        let Some(part) = part else {
            if definition.required {
                let offset = parts
                    .get(number - 1)
                    .map_or(whole.offset(), Element::offset);
                let expected = format!("{data_type} requires a value here");
                report.push(at.finding(
                    Severity::Warning,
                    Rule::MissingComponent,
                    offset,
                    expected,
                ));
            }
            continue;
        };
        if definition.is_withdrawn {
            let expected = format!("{data_type} withdrew this part");
            report.push(at.finding(Severity::Warning, Rule::Withdrawn, part.offset(), expected));
            continue;
        }
        // Versions before 2.5 call the time in a time stamp a text.
        let is_time = data_type == "TS" && number == 1;
        let definition = Definition {
            data_type: if is_time { "DTM" } else { definition.data_type },
            ..*definition
        };
        check_part(&at, *part, &definition, report);
    }
    let mut beyond = parts_of(at, whole).zip(1..).skip(definitions.len());
    if let Some((part, number)) = beyond.find(|(part, _)| !part.is_absent()) {
        let expected = format!(
            "{data_type} ends with part {} in {}",
            definitions.len(),
            report.version.as_str()
        );
        report.push(at.part(number).finding(
            Severity::Warning,
            Rule::ComponentBeyond,
            part.offset(),
            expected,
        ));
    }
}

fn check_length(at: &At<'_>, part: Element<'_>, definition: &Definition, report: &mut Report) {
    let Some(length) = definition.length else {
        return;
    };
    // A character takes one byte at least.
    if part.raw().len() > length && part.text().chars().count() > length {
        let expected = format!("at most {length} characters");
        report.push(at.finding(Severity::Warning, Rule::TooLong, part.offset(), expected));
    }
}
