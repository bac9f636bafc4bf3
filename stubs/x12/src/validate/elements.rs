//! Whether the elements of a segment are what its guide says of them.

use super::value;
use crate::element::{Element, Segment};
use crate::finding::{Findings, Kind, Place};
use crate::guide::{Condition, ConditionKind, Content, ElementSpec, SegmentSpec, Simple, Usage};

/// Judges every element of one segment, which stands in the loop of this name.
pub(super) fn judge(
    segment: &Segment<'_>,
    spec: &'static SegmentSpec,
    inside: &'static str,
    findings: &mut Findings,
) {
    let mut judge = Judge {
        segment,
        inside,
        findings,
    };
    let mut elements = segment.elements();
    let mut before: Option<Element<'_>> = None;
    for (index, expected) in spec.elements.iter().enumerate() {
        let found = elements.next();
        judge.element(index + 1, found, expected);
        if let (Some(qualifier), Some(found)) = (before, found) {
            judge.format(index + 1, None, (qualifier, found), expected);
        }
        before = found;
    }
    if elements.any(|found| !found.is_empty()) {
        let known = spec.elements.len();
        judge.add(Kind::TooManyElements, known + 1, None, None, "", || {
            format!("{} has {known} elements here at most", spec.id)
        });
    }
    if segment.raw().ends_with(&[segment.delimiters().element]) {
        let last = segment.elements().count();
        judge.add(Kind::TrailingSeparators, last, None, None, "", || {
            "separators at the end of a segment are left out".to_owned()
        });
    }
    for condition in &spec.conditions {
        judge.condition(condition);
    }
}

struct Judge<'j, 'a> {
    segment: &'j Segment<'a>,
    inside: &'static str,
    findings: &'j mut Findings,
}

impl Judge<'_, '_> {
    fn add(
        &mut self,
        kind: Kind,
        element: usize,
        repetition: Option<usize>,
        component: Option<(usize, usize)>,
        number: &'static str,
        detail: impl FnOnce() -> String,
    ) {
        let mut place = Place::element(self.segment, element).within(self.inside);
        place.repetition = repetition;
        if let Some((component, offset)) = component {
            place.component = Some(component);
            place.offset = offset;
        }
        place.data_element = number;
        self.findings.add(kind, place, detail);
    }

    fn element(&mut self, number: usize, found: Option<Element<'_>>, spec: &'static ElementSpec) {
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            if spec.usage == Usage::Required {
                self.add(
                    Kind::MissingElement,
                    number,
                    None,
                    None,
                    data_element(spec),
                    || "the guide requires it".to_owned(),
                );
            }
            return;
        };
        if spec.usage == Usage::NotUsed {
            self.add(
                Kind::NotUsedElement,
                number,
                None,
                None,
                data_element(spec),
                || "the guide does not use it here".to_owned(),
            );
            return;
        }
        for (index, repetition) in found.repetitions().enumerate() {
            let place = (index > 0).then_some(index + 1);
            if spec.repeat.is_some_and(|most| index >= most) {
                self.add(
                    Kind::TooManyRepetitions,
                    number,
                    place,
                    None,
                    data_element(spec),
                    || "it repeats more often than the guide allows".to_owned(),
                );
                break;
            }
            match &spec.content {
                Content::Simple(simple) => self.simple(number, place, &repetition, simple),
                Content::Composite(parts) => self.composite(number, place, &repetition, parts),
            }
        }
    }

    fn simple(
        &mut self,
        number: usize,
        repetition: Option<usize>,
        found: &Element<'_>,
        spec: &'static Simple,
    ) {
        if found.is_empty() || spec.number.is_empty() {
            // Of an element without a number the guide says nothing.
            return;
        }
        // A component separator in a simple element is what partners get wrong first.
        if found.components().nth(1).is_some() {
            self.add(
                Kind::TooManyComponents,
                number,
                repetition,
                None,
                spec.number,
                || "it is no composite".to_owned(),
            );
        } else if let Some((kind, detail)) = value::fault(spec, found.raw()) {
            self.add(kind, number, repetition, None, spec.number, || detail);
        }
    }

    fn composite(
        &mut self,
        number: usize,
        repetition: Option<usize>,
        found: &Element<'_>,
        parts: &'static [ElementSpec],
    ) {
        if parts.is_empty() {
            return;
        }
        let mut components = found.components();
        let mut before: Option<Element<'_>> = None;
        let end = found.offset() + found.raw().len();
        for (index, spec) in parts.iter().enumerate() {
            let component = components.next();
            let offset = component.map_or(end, |component| component.offset());
            let place = Some((index + 1, offset));
            match component.filter(|component| !component.is_empty()) {
                None if spec.usage == Usage::Required => {
                    self.add(
                        Kind::MissingElement,
                        number,
                        repetition,
                        place,
                        data_element(spec),
                        || "the guide requires it".to_owned(),
                    );
                }
                Some(_) if spec.usage == Usage::NotUsed => {
                    self.add(
                        Kind::NotUsedElement,
                        number,
                        repetition,
                        place,
                        data_element(spec),
                        || "the guide does not use it here".to_owned(),
                    );
                }
                Some(component) => {
                    if let Content::Simple(simple) = &spec.content
                        && let Some((kind, detail)) = value::fault(simple, component.raw())
                    {
                        self.add(kind, number, repetition, place, simple.number, || detail);
                    }
                    if let Some(qualifier) = before {
                        self.format(number, place, (qualifier, component), spec);
                    }
                }
                None => {}
            }
            before = component;
        }
        if components.next().is_some() {
            let most = parts.len();
            self.add(
                Kind::TooManyComponents,
                number,
                repetition,
                Some((most + 1, end)),
                "",
                || format!("it has {most} components at most"),
            );
        }
    }

    /// Judges a date time period (data element 1251) by the qualifier (1250) right before it.
    fn format(
        &mut self,
        number: usize,
        component: Option<(usize, usize)>,
        pair: (Element<'_>, Element<'_>),
        spec: &'static ElementSpec,
    ) {
        let (qualifier, found) = pair;
        if data_element(spec) == "1251"
            && !found.is_empty()
            && !value::has_format(qualifier.raw(), found.raw())
        {
            self.add(Kind::Date, number, None, component, "1251", || {
                format!("it is not of the format {}", qualifier.text())
            });
        }
    }

    fn condition(&mut self, condition: &Condition) {
        let filled = |number: &usize| {
            self.segment
                .element(*number)
                .is_some_and(|element| !element.is_empty())
        };
        let places = &condition.elements;
        let Some((first, others)) = places.split_first() else {
            return;
        };
        let count = places.iter().filter(|place| filled(place)).count();
        let absent = |places: &[usize]| places.iter().copied().find(|place| !filled(place));
        let broken = match condition.kind {
            ConditionKind::Paired if count > 0 => absent(places),
            ConditionKind::Required if count == 0 => Some(*first),
            ConditionKind::Conditional if filled(first) => absent(others),
            ConditionKind::ListConditional if filled(first) && count == 1 => {
                others.first().copied()
            }
            ConditionKind::Exclusive if count > 1 => {
                places.iter().copied().rfind(|place| filled(place))
            }
            _ => None,
        };
        let Some(place) = broken else {
            return;
        };
        let kind = match condition.kind {
            ConditionKind::Exclusive => Kind::Exclusion,
            _ => Kind::Condition,
        };
        self.add(kind, place, None, None, "", || {
            let places: Vec<_> = places.iter().map(|place| format!("{place:02}")).collect();
            let rule = match condition.kind {
                ConditionKind::Paired => "all or none of these are there",
                ConditionKind::Required => "at least one of these is there",
                ConditionKind::Exclusive => "at most one of these is there",
                ConditionKind::Conditional => "with the first of these all others are there",
                ConditionKind::ListConditional => "with the first of these another one is there",
            };
            format!("{rule}: {}", places.join(", "))
        });
    }
}

fn data_element(spec: &'static ElementSpec) -> &'static str {
    match &spec.content {
        Content::Simple(simple) => simple.number,
        Content::Composite(_) => "",
    }
}
