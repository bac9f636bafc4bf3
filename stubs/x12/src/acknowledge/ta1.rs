//! TA1: whether the interchange as a whole was taken (ASC X12.5, TA1; TR3 appendix C.1).

use super::codes;
use crate::envelope::Envelope;
use crate::finding::{FINDINGS_MAX, Finding};
use crate::write::{Value, WriteError, Writer};

/// What becomes of an interchange: TA104.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterchangeOutcome {
    /// `A`: nothing is wrong with its envelope.
    Accepted,
    /// `E`: taken, although its envelope is not right.
    AcceptedWithErrors,
    /// `R`: nothing in it was looked at.
    Rejected,
}

impl InterchangeOutcome {
    /// TA104.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "A",
            Self::AcceptedWithErrors => "E",
            Self::Rejected => "R",
        }
    }
}

/// What TA1 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeAnswer<'a> {
    /// ISA13 of the interchange, as it stands.
    pub control_number: &'a str,
    /// ISA09 of the interchange.
    pub date: &'a str,
    /// ISA10 of the interchange.
    pub time: &'a str,
    /// TA104.
    pub outcome: InterchangeOutcome,
    /// TA105: 0 for no error, the worst error otherwise.
    pub note: u16,
}

/// Code of TA105 for a control structure that is not one.
const CONTROL_STRUCTURE: u16 = 22;

/// Code of TA105 for a control number that was there before.
const REPEATED: u16 = 25;

pub(super) fn answer<'a>(
    envelope: &Envelope<'a>,
    findings: &[Finding],
    is_repeated: bool,
) -> InterchangeAnswer<'a> {
    let mut noted: Vec<_> = findings.iter().filter_map(codes::interchange).collect();
    if findings.len() >= FINDINGS_MAX {
        // What was left off may have been fatal.
        noted.push((CONTROL_STRUCTURE, true));
    }
    let fatal = noted.iter().find(|(_, fatal)| *fatal);
    let (outcome, note) = match (fatal, noted.first()) {
        _ if is_repeated => (InterchangeOutcome::Rejected, REPEATED),
        (Some((note, _)), _) => (InterchangeOutcome::Rejected, *note),
        (None, Some((note, _))) => (InterchangeOutcome::AcceptedWithErrors, *note),
        (None, None) => (InterchangeOutcome::Accepted, 0),
    };
    let text = |number| envelope.header.text(number).unwrap_or_default();
    InterchangeAnswer {
        control_number: text(13),
        date: text(9),
        time: text(10),
        outcome,
        note,
    }
}

impl InterchangeAnswer<'_> {
    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        let note = format!("{:03}", self.note);
        let values = [
            self.control_number,
            self.date,
            self.time,
            self.outcome.code(),
            &note,
        ];
        writer.segment("TA1", &values.map(Value::Text))?;
        Ok(())
    }
}
