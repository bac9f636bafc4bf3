//! Answering locations: what a [`Location`] names among segments.

use crate::element::{Element, Segment};
use crate::location::{ElementPath, Index, Location};
use crate::matching::Tree;

/// What a location found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// A whole segment.
    Segment(Segment<'a>),
    /// An element, a repetition or a component.
    Element(Element<'a>),
}

impl<'a> Found<'a> {
    /// Its bytes as they stand.
    pub fn raw(&self) -> &'a [u8] {
        match self {
            Self::Segment(segment) => segment.raw(),
            Self::Element(element) => element.raw(),
        }
    }

    /// Where it begins, in bytes from the start of the file.
    pub fn offset(&self) -> usize {
        match self {
            Self::Segment(segment) => segment.offset(),
            Self::Element(element) => element.offset(),
        }
    }
}

/// What a location names among these segments, in order; its loops are left out of account. Nothing where the segment
/// ends before the element, or the element before the component.
pub fn locate<'a>(
    segments: impl Iterator<Item = Segment<'a>>,
    location: &Location,
) -> Vec<Found<'a>> {
    let named = segments.filter(|segment| segment.has_id(location.segment.as_bytes()));
    let mut found = Vec::new();
    for segment in chosen(named, &location.occurrence) {
        match &location.element {
            None => found.push(Found::Segment(segment)),
            Some(path) => elements(&segment, path, &mut found),
        }
    }
    found
}

/// What a location names in a transaction set that is cut into loops, in order. With loops, the segments that stand in
/// the last loop itself are meant, not those of loops within it; without, all segments of the transaction set.
pub fn locate_in<'a>(tree: &Tree<'a>, location: &Location) -> Vec<Found<'a>> {
    let mut outer = vec![0];
    for (id, index) in &location.loops {
        let mut inner = Vec::new();
        for around in outer {
            let mut named = tree.within(around, id);
            match index {
                Index::All => inner.extend(named),
                Index::Nth(number) => inner.extend(named.nth(number.saturating_sub(1))),
                Index::Where(element, value) => inner.extend(named.find(|number| {
                    let first = tree.own(*number).next();
                    first.is_some_and(|first| holds(&first.segment, *element, value))
                })),
            }
        }
        outer = inner;
    }
    if location.loops.is_empty() {
        return locate(
            tree.segments().iter().map(|placed| placed.segment),
            location,
        );
    }
    outer
        .into_iter()
        .flat_map(|number| locate(tree.own(number).map(|placed| placed.segment), location))
        .collect()
}

/// Whether an element holds a value; a composite's first component counts.
pub(crate) fn holds(segment: &Segment<'_>, element: usize, value: &str) -> bool {
    segment.element(element).is_some_and(|element| {
        element.raw() == value.as_bytes()
            || element
                .component(1)
                .is_some_and(|first| first.raw() == value.as_bytes())
    })
}

fn chosen<'a>(
    mut segments: impl Iterator<Item = Segment<'a>>,
    index: &Index,
) -> impl Iterator<Item = Segment<'a>> {
    let one = match index {
        Index::Nth(number) => segments.nth(number.saturating_sub(1)),
        Index::Where(element, value) => segments.find(|segment| holds(segment, *element, value)),
        Index::All => None,
    };
    let rest = matches!(index, Index::All).then_some(segments);
    one.into_iter().chain(rest.into_iter().flatten())
}

fn elements<'a>(segment: &Segment<'a>, path: &ElementPath, found: &mut Vec<Found<'a>>) {
    let Some(element) = segment.element(path.element) else {
        return;
    };
    // The first repetition of what is not asked for in parts is the element itself where nothing repeats.
    let (skip, take) = match path.repetition {
        Index::Nth(number) => (number.saturating_sub(1), 1),
        Index::All | Index::Where(..) => (0, usize::MAX),
    };
    for repetition in element.repetitions().skip(skip).take(take) {
        let part = match path.component {
            None => Some(repetition),
            Some(number) => repetition.component(number),
        };
        found.extend(part.map(Found::Element));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delimiters::Delimiters;
    use crate::interchange::Segments;

    fn at(location: &str) -> Vec<String> {
        let text = b"CLM*A1*150***11:B:1~REF*F8*X~REF*G1*Y~SV1*HC:99213*100~SV1*HC:99214*50~DMG*D8*19800101*F**:RET:1^:RET:2~";
        let segments = Segments::new(text, 0, 1, Delimiters::default());
        locate(segments, &location.parse().unwrap())
            .iter()
            .map(|found| String::from_utf8_lossy(found.raw()).into_owned())
            .collect()
    }

    #[test]
    fn locations_are_answered() {
        assert_eq!(at("CLM02"), ["150"]);
        assert_eq!(at("CLM-05"), ["11:B:1"]);
        assert_eq!(at("CLM-05-3"), ["1"]);
        assert_eq!(at("REF[01=G1]-02"), ["Y"]);
        assert_eq!(at("SV1[2]-01-2"), ["99214"]);
        assert_eq!(at("SV1[*]-02"), ["100", "50"]);
        assert_eq!(at("SV1[01=HC]"), ["SV1*HC:99213*100"]);
        assert_eq!(at("DMG05[*]-3"), ["1", "2"]);
        assert_eq!(at("DMG05[2]-3"), ["2"]);
        assert_eq!(at("CLM03"), [""]);
        for nothing in ["CLM09", "CLM-05-4", "SV1[3]", "HL", "REF[01=ZZ]"] {
            assert!(at(nothing).is_empty(), "{nothing}");
        }
    }
}
