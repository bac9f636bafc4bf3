//! Implementation guides as data: which loops, segments and elements a transaction set of health care has, how often,
//! and what tells those of one identifier apart.
//!
//! The tables hold facts only (identifiers, usage, counts, lengths, codes), one file a guide, and nothing of the text
//! of any standard. They are derived from the maps of pyx12 4.0.0 (copyright John Holland, BSD 3-clause licence),
//! which follow the HIPAA implementation guides (TR3) of ASC X12N; those of 270, 271, 276, 278 and the dental 837, which
//! pyx12 has in an older version only, were brought up to 5010 by hand, beside the models of LinuxForHealth x12 (Apache
//! 2.0 licence), and are the more lenient where these leave a doubt: that of 278 holds loops and segments, few codes,
//! and both request and answer. Code lists that others keep (diagnoses,
//! procedures, reasons, countries) are not in them.
//!
//! ```text
//! L  depth  loop     usage  repeat   position
//! S  depth  segment  usage  max use  position  relational conditions  elements
//! ```
//!
//! Columns are separated by tabs, elements by `|`. `>` is any number. What has the same position may come in any
//! order. An element is its usage (`R` required, `S` situational, `N` not used), the number of its repetitions and an
//! `x` where it may repeat, the number of its data element, and its codes: `R98=85`, `S9x1365=1,35`; a composite has
//! components: `RC003(R235=HC,ER;R234)`. Types and lengths of data elements stand in `elements.tsv`: number, type,
//! least and greatest length.

mod table;

use std::collections::HashSet;
use std::sync::OnceLock;

/// Whether something has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// It must be there.
    Required,
    /// It may be there, as the situation asks.
    Situational,
    /// It must not be there.
    NotUsed,
}

/// The data types of elements (ASC X12.6; TR3 appendix B.1.1.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataType {
    /// Digits with this many of them behind an implied decimal point, perhaps a minus sign before.
    Numeric(u8),
    /// Digits with a decimal point where one is needed, perhaps a minus sign before.
    Decimal,
    /// A code.
    Identifier,
    /// Text.
    Text,
    /// A date, YYMMDD or CCYYMMDD.
    Date,
    /// A time, HHMM to HHMMSSDD.
    Time,
}

/// One simple data element as a guide uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simple {
    /// The number of the data element, such as `1028`; empty where the guide says nothing of it.
    pub number: &'static str,
    /// What it holds.
    pub data_type: DataType,
    /// The fewest characters; digits only, for numbers.
    pub length_min: usize,
    /// The most characters; digits only, for numbers.
    pub length_max: usize,
    /// The codes that the guide allows; empty where it names none.
    pub codes: Vec<&'static str>,
}

/// What an element or a component is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// One value.
    Simple(Simple),
    /// Components, in order; empty where the guide names none.
    Composite(Vec<ElementSpec>),
}

/// An element of a segment, or a component of a composite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementSpec {
    /// Whether it has to be there.
    pub usage: Usage,
    /// How often it may be repeated; None for any number.
    pub repeat: Option<usize>,
    /// What it is made of.
    pub content: Content,
}

/// Conditions between the elements of a segment (ASC X12.6; TR3 appendix B.1.1.3.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which kind it is.
    pub kind: ConditionKind,
    /// The elements, counted from 1.
    pub elements: Vec<usize>,
}

/// The kinds of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConditionKind {
    /// P: all of them or none.
    Paired,
    /// R: at least one.
    Required,
    /// E: at most one.
    Exclusive,
    /// C: if the first, then all others.
    Conditional,
    /// L: if the first, then at least one of the others.
    ListConditional,
}

/// A segment at one place of a guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSpec {
    /// Its identifier.
    pub id: &'static str,
    /// Whether it has to be there.
    pub usage: Usage,
    /// How often it may stand there; None for any number.
    pub max_use: Option<usize>,
    /// Its position among what its loop holds.
    pub position: usize,
    /// Conditions between its elements.
    pub conditions: Vec<Condition>,
    /// Its elements, in order.
    pub elements: Vec<ElementSpec>,
}

/// A loop at one place of a guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// Its identifier, such as `2300`; `ST` for the whole transaction set.
    pub id: &'static str,
    /// Whether it has to be there.
    pub usage: Usage,
    /// How often it may stand there; None for any number.
    pub repeat: Option<usize>,
    /// Its position among what the loop around it holds.
    pub position: usize,
    /// What it holds, in order. The first is what it is known by.
    pub children: Vec<Node>,
}

/// What a loop holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A segment.
    Segment(SegmentSpec),
    /// A loop.
    Loop(Loop),
}

impl Node {
    /// Its position among its siblings.
    pub fn position(&self) -> usize {
        match self {
            Self::Segment(segment) => segment.position,
            Self::Loop(inner) => inner.position,
        }
    }

    /// Whether it has to be there.
    pub fn usage(&self) -> Usage {
        match self {
            Self::Segment(segment) => segment.usage,
            Self::Loop(inner) => inner.usage,
        }
    }

    /// How often it may stand there; None for any number.
    pub fn repeat(&self) -> Option<usize> {
        match self {
            Self::Segment(segment) => segment.max_use,
            Self::Loop(inner) => inner.repeat,
        }
    }

    /// The segment that it is, or begins with.
    pub fn first(&self) -> Option<&SegmentSpec> {
        match self {
            Self::Segment(segment) => Some(segment),
            Self::Loop(inner) => inner.children.first().and_then(Self::first),
        }
    }
}

impl SegmentSpec {
    /// The element, and the component of it, that tells segments of this identifier apart, and the codes that it may
    /// have here. None where only the identifier counts.
    ///
    /// It is the first element or its first component where that is a required code; HL03 for hierarchical levels,
    /// and ENT02 for the entities of a payment order.
    pub fn qualifier(&self) -> Option<(usize, Option<usize>, &[&'static str])> {
        let place = match self.id {
            "HL" => 3,
            "ENT" => 2,
            _ => 1,
        };
        let element = self.elements.get(place - 1)?;
        let (component, simple) = match &element.content {
            Content::Simple(simple) if element.usage == Usage::Required => (None, simple),
            Content::Composite(parts) => match parts.first().map(|part| &part.content) {
                Some(Content::Simple(simple)) => (Some(1), simple),
                _ => return None,
            },
            Content::Simple(_) => return None,
        };
        let codes = matches!(simple.data_type, DataType::Identifier) || self.id == "CTX";
        (codes && !simple.codes.is_empty()).then_some((place, component, &simple.codes[..]))
    }
}

/// The implementation guide of one transaction set.
#[derive(Debug)]
pub struct Guide {
    /// The transaction set, such as `837`.
    pub set: &'static str,
    /// The version that GS08 and ST03 name, such as `005010X222A1`.
    pub version: &'static str,
    /// The whole transaction set as a loop, ST and SE among it.
    pub root: Loop,
    ids: HashSet<&'static str>,
}

impl Guide {
    /// The guide of a transaction set in this version; errata that change no rule count as the same version.
    pub fn find(set: &str, version: &str) -> Option<&'static Self> {
        static READ: [OnceLock<Guide>; GUIDES.len()] = [const { OnceLock::new() }; GUIDES.len()];
        let entry = GUIDES
            .iter()
            .position(|entry| entry.set == set && entry.versions.contains(&version))?;
        Some(READ[entry].get_or_init(|| {
            let entry = &GUIDES[entry];
            let root = table::read(entry.table);
            let mut ids = HashSet::new();
            collect(&root, &mut ids);
            Self {
                set: entry.set,
                version: entry.versions[0],
                root,
                ids,
            }
        }))
    }

    /// The transaction sets and versions that there are guides of.
    pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
        GUIDES.iter().map(|entry| (entry.set, entry.versions[0]))
    }

    /// Whether the guide has a segment of this identifier anywhere.
    pub fn has_segment(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

/// What the control segments are like: ISA, TA1, GS, GE and IEA.
pub fn control(id: &str) -> Option<&'static SegmentSpec> {
    static READ: OnceLock<Loop> = OnceLock::new();
    let control = READ.get_or_init(|| table::read(include_str!("tables/control.tsv")));
    let mut segments = control.children.iter().filter_map(Node::first);
    segments.find(|spec| spec.id == id)
}

fn collect(inner: &Loop, ids: &mut HashSet<&'static str>) {
    for node in &inner.children {
        match node {
            Node::Segment(segment) => {
                ids.insert(segment.id);
            }
            Node::Loop(inner) => collect(inner, ids),
        }
    }
}

struct Entry {
    set: &'static str,
    /// The version first, then errata that read the same.
    versions: &'static [&'static str],
    table: &'static str,
}

macro_rules! guides {
    ($($set:literal $version:literal $(or $same:literal)*),* $(,)?) => {
        const GUIDES: &[Entry] = &[$(Entry {
            set: $set,
            versions: &[$version, $($same),*],
            table: include_str!(concat!("tables/", $set, "-", $version, ".tsv")),
        }),*];
    };
}

guides!(
    "270" "005010X279A1" or "005010X279",
    "271" "005010X279A1" or "005010X279",
    "276" "005010X212" or "005010X212E1" or "005010X212E2",
    "277" "005010X212" or "005010X212E1" or "005010X212E2",
    "277" "005010X214" or "005010X214E1" or "005010X214E2",
    "278" "005010X217",
    "820" "005010X218",
    "834" "005010X220A1" or "005010X220",
    "835" "005010X221A1" or "005010X221",
    "837" "005010X222A1" or "005010X222" or "005010X222A2",
    "837" "005010X223A2" or "005010X223" or "005010X223A1" or "005010X223A3",
    "837" "005010X224A2" or "005010X224" or "005010X224A1" or "005010X224A3",
    "999" "005010X231A1" or "005010X231",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn count(inner: &Loop) -> usize {
        let mut segments = 0;
        let mut position = 0;
        for node in &inner.children {
            assert!(node.position() >= position, "{}", inner.id);
            assert!(node.first().is_some(), "{}", inner.id);
            position = node.position();
            segments += match node {
                Node::Segment(_) => 1,
                Node::Loop(inner) => count(inner),
            };
        }
        segments
    }

    #[test]
    fn every_table_is_read_whole() {
        for (entry, known) in GUIDES.iter().zip(Guide::known()) {
            let guide = Guide::find(known.0, known.1).unwrap();
            let lines = entry.table.lines().filter(|line| line.starts_with("S\t"));
            assert_eq!(count(&guide.root), lines.count(), "{known:?}");
            assert!(guide.has_segment("ST") && guide.has_segment("SE"));
            assert!(!guide.has_segment("ISA"));
        }
        assert!(Guide::find("837", "004010X098A1").is_none());
    }

    #[test]
    fn a_claim_reads_as_its_guide_says() {
        let guide = Guide::find("837", "005010X222A2").unwrap();
        assert_eq!(guide.version, "005010X222A1");
        let Some(Node::Loop(provider)) = guide
            .root
            .children
            .iter()
            .find(|node| matches!(node, Node::Loop(inner) if inner.id == "2000A"))
        else {
            panic!("there is a loop 2000A");
        };
        assert_eq!((provider.usage, provider.repeat), (Usage::Required, None));
        let first = provider.children[0].first().unwrap();
        assert_eq!(first.qualifier(), Some((3, None, &["20"][..])));
    }
}
