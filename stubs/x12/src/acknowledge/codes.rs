//! Which code of TA1 and 999 says what a finding is (ASC X12 TA1; TR3 X231: IK3, IK4, IK5, AK9).

use crate::finding::{Finding, Kind};

/// TA105 for a finding of an interchange, and whether it is fatal; None for a finding of anything below.
pub(super) fn interchange(finding: &Finding) -> Option<(u16, bool)> {
    let element = finding.place.element;
    let found = match (finding.kind, finding.place.id.as_str()) {
        (Kind::ControlNumber, "IEA") => (1, true),
        (Kind::Count, "IEA") => (21, true),
        (Kind::MissingTrailer, "ISA") => (23, true),
        (Kind::NoRepetitionSeparator, _) => (16, false),
        (Kind::HeaderLength | Kind::StrayBytes, _) => (22, false),
        (Kind::OutsideEnvelope, _) | (Kind::MissingHeader, "ST" | "SE" | "GE") => (22, true),
        (_, "ISA") => (header(element?)?, true),
        (_, "IEA") => (if element == Some(1) { 21 } else { 18 }, true),
        _ => return None,
    };
    Some(found)
}

fn header(element: usize) -> Option<u16> {
    let code = match element {
        1 => 10,
        2 => 11,
        3 => 12,
        4 => 13,
        5 => 5,
        6 => 6,
        7 => 7,
        8 => 8,
        9 => 14,
        10 => 15,
        11 => 16,
        12 => 17,
        13 => 18,
        14 => 19,
        15 => 20,
        16 => 27,
        _ => return None,
    };
    Some(code)
}

/// AK905 for a finding of a functional group's own segments.
pub(super) fn group(finding: &Finding) -> Option<&'static str> {
    let code = match (finding.kind, finding.place.id.as_str()) {
        (Kind::MissingTrailer, "GS") => "3",
        (Kind::ControlNumber, "GE") => "4",
        (Kind::Count, "GE") => "5",
        (Kind::DuplicateControlNumber, "GS") => "19",
        (_, "GS") => match finding.place.element? {
            1 => "1",
            6 => "6",
            7 | 8 => "2",
            _ => return None,
        },
        (_, "GE") => "6",
        _ => return None,
    };
    Some(code)
}

/// IK502 for a finding of a transaction set's own envelope.
pub(super) fn envelope(finding: &Finding) -> Option<&'static str> {
    let code = match (finding.kind, finding.place.id.as_str()) {
        (Kind::MissingTrailer, "ST") => "2",
        (Kind::ControlNumber, "SE") => "3",
        (Kind::Count, "SE") => "4",
        (Kind::DuplicateControlNumber, "ST") => "23",
        (Kind::Code, "ST") => "6",
        _ => return None,
    };
    Some(code)
}

/// IK304 for a finding within a transaction set, and IK403 where an element is at fault. None for balance and
/// situations, which are for the answer of the application to tell.
pub(super) fn segment(finding: &Finding) -> Option<(&'static str, Option<&'static str>)> {
    let code = match finding.kind {
        Kind::UnknownSegment | Kind::SegmentId => "1",
        Kind::UnexpectedSegment => "2",
        Kind::MissingSegment => "3",
        Kind::LoopRepeat => "4",
        Kind::SegmentRepeat => "5",
        Kind::WrongOrder => "7",
        Kind::TrailingSeparators => "8",
        Kind::NotUsedSegment => "I4",
        Kind::MissingLoop => "I7",
        _ => {
            let code = match finding.kind {
                Kind::MissingElement => "1",
                Kind::Condition => "2",
                Kind::TooManyElements => "3",
                Kind::TooShort => "4",
                Kind::TooLong => "5",
                Kind::Character => "6",
                Kind::Code | Kind::Hierarchy => "7",
                Kind::Date => "8",
                Kind::Time => "9",
                Kind::Exclusion => "10",
                Kind::TooManyRepetitions => "12",
                Kind::TooManyComponents => "13",
                Kind::NotUsedElement => "I10",
                _ => return None,
            };
            return Some(("8", Some(code)));
        }
    };
    Some((code, None))
}
