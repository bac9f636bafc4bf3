//! What is wrong with a file that can be read, and where.

use std::fmt;

use crate::element::{Element, Segment};

/// The most findings that are kept for one interchange. A file with more of them is of another format.
pub const FINDINGS_MAX: usize = 1_000;

/// What kind of rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Bytes stand where no segment can: before ISA or behind IEA.
    StrayBytes,
    /// The elements of ISA do not have their fixed lengths.
    HeaderLength,
    /// ISA11 declares no repetition separator in a version that needs one.
    NoRepetitionSeparator,
    /// The file ends within a segment.
    Unterminated,
    /// A segment identifier is not two or three capital letters and digits, or the segment is empty.
    SegmentId,
    /// A segment stands where only envelopes may stand, or an envelope where it cannot.
    OutsideEnvelope,
    /// An envelope is opened and not closed.
    MissingTrailer,
    /// An envelope is closed and was not opened.
    MissingHeader,
    /// A trailer repeats another control number than its header has.
    ControlNumber,
    /// A control number is used twice.
    DuplicateControlNumber,
    /// A trailer counts other than what is there.
    Count,
    /// The guide has no segment of this identifier.
    UnknownSegment,
    /// The guide has such a segment, but not here.
    UnexpectedSegment,
    /// A segment or loop stands behind what has to follow it.
    WrongOrder,
    /// A required segment is missing.
    MissingSegment,
    /// A required loop is missing.
    MissingLoop,
    /// A segment stands more often than allowed.
    SegmentRepeat,
    /// A loop stands more often than allowed.
    LoopRepeat,
    /// A segment or loop that the guide does not use.
    NotUsedSegment,
    /// A required element or component is missing.
    MissingElement,
    /// An element or component that the guide does not use.
    NotUsedElement,
    /// Element separators stand at the end of a segment, where nothing follows.
    TrailingSeparators,
    /// More elements than the segment has.
    TooManyElements,
    /// More components than the composite has.
    TooManyComponents,
    /// An element repeats more often than allowed.
    TooManyRepetitions,
    /// A value is too short.
    TooShort,
    /// A value is too long.
    TooLong,
    /// A value holds characters that its data type does not have.
    Character,
    /// A value is none of the guide's codes.
    Code,
    /// A value is no date, or not of the format that is named beside it.
    Date,
    /// A value is no time of day.
    Time,
    /// An element is missing that others ask for.
    Condition,
    /// An element is there that others exclude.
    Exclusion,
    /// A hierarchical level is counted or linked wrongly.
    Hierarchy,
    /// A sum is not what it has to be.
    Balance,
    /// Something is missing or there that the situation asks to be otherwise.
    Situation,
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::StrayBytes => "stray bytes",
            Self::HeaderLength => "length of the header",
            Self::NoRepetitionSeparator => "no repetition separator",
            Self::Unterminated => "no segment terminator",
            Self::SegmentId => "segment identifier",
            Self::OutsideEnvelope => "outside its envelope",
            Self::MissingTrailer => "missing trailer",
            Self::MissingHeader => "missing header",
            Self::ControlNumber => "control number",
            Self::DuplicateControlNumber => "duplicate control number",
            Self::Count => "count",
            Self::UnknownSegment => "unknown segment",
            Self::UnexpectedSegment => "unexpected segment",
            Self::WrongOrder => "wrong order",
            Self::MissingSegment => "missing segment",
            Self::MissingLoop => "missing loop",
            Self::SegmentRepeat => "segment too often",
            Self::LoopRepeat => "loop too often",
            Self::NotUsedSegment => "segment not used",
            Self::MissingElement => "missing element",
            Self::NotUsedElement => "element not used",
            Self::TrailingSeparators => "trailing separators",
            Self::TooManyElements => "too many elements",
            Self::TooManyComponents => "too many components",
            Self::TooManyRepetitions => "too many repetitions",
            Self::TooShort => "too short",
            Self::TooLong => "too long",
            Self::Character => "characters",
            Self::Code => "code",
            Self::Date => "date",
            Self::Time => "time",
            Self::Condition => "relational condition",
            Self::Exclusion => "exclusion",
            Self::Hierarchy => "hierarchy",
            Self::Balance => "balance",
            Self::Situation => "situation",
        }
    }

    /// The SNIP level that it is of: 1, syntax; 2, requirements of the guide; 3, balance; 4, situations.
    pub fn snip(self) -> u8 {
        match self {
            Self::UnexpectedSegment
            | Self::WrongOrder
            | Self::MissingSegment
            | Self::MissingLoop
            | Self::SegmentRepeat
            | Self::LoopRepeat
            | Self::NotUsedSegment
            | Self::MissingElement
            | Self::NotUsedElement
            | Self::Code
            | Self::Hierarchy => 2,
            Self::Balance => 3,
            Self::Situation => 4,
            _ => 1,
        }
    }
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// In bytes from the start of the file.
    pub offset: usize,
    /// The segment, counted from 1 within its interchange.
    pub segment: usize,
    /// The identifier of the segment as written, at most eight characters; empty for bytes that are no segment.
    pub id: String,
    /// The element, counted from 1; None for the whole segment.
    pub element: Option<usize>,
    /// The repetition of the element, counted from 1, where it is not the first.
    pub repetition: Option<usize>,
    /// The component, counted from 1; None for the whole element.
    pub component: Option<usize>,
    /// The loop of the guide that the segment stands in; empty where none is known.
    pub loop_id: &'static str,
    /// The segment that is missing before this one; empty where none is.
    pub expected: &'static str,
    /// The number of the data element, such as `1028`; empty where it is not known.
    pub data_element: &'static str,
}

impl Place {
    /// A whole segment.
    pub fn of(segment: &Segment<'_>) -> Self {
        let id = segment.id_bytes();
        Self {
            offset: segment.offset(),
            segment: segment.number(),
            id: id[..id.len().min(8)].escape_ascii().to_string(),
            element: None,
            repetition: None,
            component: None,
            loop_id: "",
            expected: "",
            data_element: "",
        }
    }

    /// The same place, in this loop of the guide.
    pub(crate) fn within(self, loop_id: &'static str) -> Self {
        Self { loop_id, ..self }
    }

    /// An element of a segment, also one that is absent; then the offset is that of the segment's end.
    pub fn element(segment: &Segment<'_>, number: usize) -> Self {
        let end = segment.offset() + segment.raw().len();
        Self {
            offset: segment.element(number).map_or(end, |found| found.offset()),
            element: Some(number),
            ..Self::of(segment)
        }
    }
}

impl fmt::Display for Place {
    /// As in `segment 12, 2400/SV1-01-2, byte 420`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {}, ", self.segment)?;
        if !matches!(self.loop_id, "" | "ST") {
            write!(f, "{}/", self.loop_id)?;
        }
        f.write_str(&self.id)?;
        if let Some(element) = self.element {
            write!(f, "-{element:02}")?;
        }
        if let Some(repetition) = self.repetition {
            write!(f, "[{repetition}]")?;
        }
        if let Some(component) = self.component {
            write!(f, "-{component}")?;
        }
        write!(f, ", byte {}", self.offset)
    }
}

/// One fault of a file that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What kind of rule is broken.
    pub kind: Kind,
    /// Where.
    pub place: Place,
    /// What is wrong, in a few words; no value of a person, only codes, counts and lengths.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.kind.name(), self.detail)
    }
}

/// Findings in the order in which they were made, at most [`FINDINGS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) list: Vec<Finding>,
}

impl Findings {
    pub(crate) fn add(&mut self, kind: Kind, place: Place, detail: impl FnOnce() -> String) {
        if self.list.len() < FINDINGS_MAX {
            self.list.push(Finding {
                kind,
                place,
                detail: detail(),
            });
        }
    }
}

/// A short excerpt of a control value for a finding: at most fifteen characters, control characters made visible.
pub(crate) fn shown(element: Option<Element<'_>>) -> String {
    match element {
        None => "nothing".to_owned(),
        Some(element) if element.is_empty() => "nothing".to_owned(),
        Some(element) => {
            let raw = element.raw();
            raw[..raw.len().min(15)].escape_ascii().to_string()
        }
    }
}
