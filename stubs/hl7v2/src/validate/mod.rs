//! Judging a message by the structure of its version: segments, groups, fields, data types, lengths.
//!
//! [`validate`] tells everything at once, each finding with its place. An error is what the declared version does not
//! allow. A warning is what a receiver of that version can live with: what a later version allows or an earlier one
//! did, parts beyond those that are defined (which receivers ignore: HL7 v2.5.1, chapter 2, section 2.8), lengths
//! (which sites agree on), required components, and a structure name in MSH-9.3 that disagrees with the trigger event.
//! Z-segments may stand anywhere. What is required only under a condition is not asked for, but OBX-2 where OBX-5 has a
//! value. Findings name places and rules, never values.

mod fields;
mod order;
mod primitive;

use std::fmt;

use crate::message::Message;
use crate::place::Place;
use crate::structure::Version;

/// The most findings that are told of one message.
pub const FINDINGS_MAX: usize = 1_000;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A receiver of the declared version can live with it.
    Warning,
    /// The declared version does not allow it.
    Error,
}

/// The rule that a message breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Nothing is known of the structure of this message type and trigger event.
    UnknownStructure,
    /// MSH-9.3 names another structure than the trigger event has.
    WrongStructureName,
    /// A required segment or group is missing.
    MissingSegment,
    /// A segment stands where the structure does not have it.
    SegmentOutOfOrder,
    /// A segment that may be there once is there again.
    SegmentTooOften,
    /// The structure has no such segment.
    SegmentNotInStructure,
    /// A required field has no value.
    MissingField,
    /// A field beyond the last that the version defines.
    FieldBeyond,
    /// A field or component that the version withdrew or reserves.
    Withdrawn,
    /// A field has more repetitions than it may.
    FieldTooOften,
    /// A required component has no value.
    MissingComponent,
    /// A component or subcomponent beyond the last of its data type.
    ComponentBeyond,
    /// A value is not of its data type.
    WrongType,
    /// A code is none of its closed table.
    WrongCode,
    /// A value is longer than the version gives it room for.
    TooLong,
}

impl Rule {
    /// Its name, such as `missing-segment`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownStructure => "unknown-structure",
            Self::WrongStructureName => "wrong-structure-name",
            Self::MissingSegment => "missing-segment",
            Self::SegmentOutOfOrder => "segment-out-of-order",
            Self::SegmentTooOften => "segment-too-often",
            Self::SegmentNotInStructure => "segment-not-in-structure",
            Self::MissingField => "missing-field",
            Self::FieldBeyond => "field-beyond",
            Self::Withdrawn => "withdrawn",
            Self::FieldTooOften => "field-too-often",
            Self::MissingComponent => "missing-component",
            Self::ComponentBeyond => "component-beyond",
            Self::WrongType => "wrong-type",
            Self::WrongCode => "wrong-code",
            Self::TooLong => "too-long",
        }
    }
}

/// One thing that is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule that is broken.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// The number of the segment in the message, from 1; for a missing one, of the segment before which it should stand.
    pub segment: usize,
    /// Where the fault is, in bytes from the start of the message.
    pub offset: usize,
    /// What was expected, without what stands there.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.expected)
    }
}

/// Judges a message by the structure of its version. Findings come in the order of the message, [`FINDINGS_MAX`] at most.
///
/// ```
/// use wardgate_stub_hl7v2::{Message, validate};
///
/// let raw = b"MSH|^~\\&|A|B|C|D|20260704||ADT^A04^ADT_A01|1|P|2.5.1\rEVN||20260704\rPID|1||77||Doe^Ann\r";
/// let findings = validate(&Message::parse(raw)?);
/// assert_eq!(findings[0].to_string(), "PV1: ADT_A01 needs this segment here");
/// # Ok::<(), wardgate_stub_hl7v2::ParseError>(())
/// ```
pub fn validate(message: &Message<'_>) -> Vec<Finding> {
    let mut report = Report {
        findings: Vec::new(),
        version: Version::of(message),
    };
    order::check(message, &mut report);
    fields::check(message, &mut report);
    let mut findings = report.findings;
    findings.sort_by_key(|finding| (finding.offset, finding.rule));
    findings
}

/// Where findings are gathered.
struct Report {
    findings: Vec<Finding>,
    version: Version,
}

impl Report {
    fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }

    fn push(&mut self, finding: Finding) {
        if !self.is_full() {
            self.findings.push(finding);
        }
    }

    /// Error, unless some later version allows it.
    fn severity(&self, is_allowed: impl Fn(Version) -> bool) -> Severity {
        let later = Version::ALL
            .into_iter()
            .filter(|version| *version > self.version);
        if later.into_iter().any(is_allowed) {
            Severity::Warning
        } else {
            Severity::Error
        }
    }
}

#[cfg(test)]
mod tests;
