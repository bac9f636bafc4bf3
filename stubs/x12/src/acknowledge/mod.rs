//! Acknowledging what was received: TA1 for the interchange, one 999 for each functional group.
//!
//! Both are made of the findings of [`validate`]: what is found is what is told. An interchange that
//! TA1 rejects has no 999. Levels 1 and 2 reject a transaction set, unless their kind is tolerated; balance and
//! situations are for the answer of the application to tell (277CA, 835).
//!
//! Values of the received file are not repeated (IK404), but for the identifier of a claim that CTX names.

mod codes;
mod group;
mod ta1;

use crate::delimiters::Delimiters;
use crate::envelope::Envelope;
use crate::finding::{Finding, Kind};
use crate::interchange::Interchange;
use crate::validate;
use crate::write::{InterchangeHeader, LineEnd, WriteError, Writer};

pub use group::{GroupAnswer, SetAnswer, SetOutcome};
pub use ta1::{InterchangeAnswer, InterchangeOutcome};

/// What acknowledgements are written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings<'s> {
    /// When they are written, CCYYMMDD.
    pub date: &'s str,
    /// When they are written, HHMM.
    pub time: &'s str,
    /// ISA13 and GS06 of the interchange that they are written in.
    pub control_number: u32,
    /// Kinds of findings that are noted (E), but do not reject a transaction set.
    pub tolerated: &'s [Kind],
    /// Whether an interchange with this control number was taken before.
    pub is_repeated: bool,
}

/// What is answered to one interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The outcome of the interchange as a whole.
    pub interchange: InterchangeAnswer<'a>,
    /// The outcome of each functional group; empty where the interchange is rejected.
    pub groups: Vec<GroupAnswer<'a>>,
    sender: (&'a str, &'a str),
    receiver: (&'a str, &'a str),
    usage: &'a str,
    acknowledge: bool,
}

impl<'a> Answer<'a> {
    /// Judges an interchange and decides what is answered.
    pub fn to(interchange: &Interchange<'a>, settings: &Settings<'_>) -> Self {
        let envelope = Envelope::read(interchange);
        let findings = validate::envelopes(&envelope);
        let answer = ta1::answer(&envelope, &findings, settings.is_repeated);
        let groups = if answer.outcome == InterchangeOutcome::Rejected {
            Vec::new()
        } else {
            let groups = envelope
                .groups
                .iter()
                .filter(|group| group.header.is_some());
            groups
                .filter(|group| group.functional_id() != "FA")
                .map(|found| group::answer(found, &findings, settings.tolerated))
                .collect()
        };
        let header = envelope.header;
        let text = |number: usize| header.text(number).unwrap_or_default().trim_end();
        Self {
            interchange: answer,
            groups,
            sender: (text(5), text(6)),
            receiver: (text(7), text(8)),
            usage: text(15),
            acknowledge: text(14) == "1",
        }
    }

    /// Whether a TA1 is sent: it was asked for, or there is something to say.
    pub fn has_ta1(&self) -> bool {
        self.acknowledge || self.interchange.outcome != InterchangeOutcome::Accepted
    }

    /// An interchange with the TA1 alone.
    pub fn ta1(&self, settings: &Settings<'_>) -> Result<Vec<u8>, WriteError> {
        let mut writer = self.writer(settings)?;
        self.interchange.write(&mut writer)?;
        writer.finish()
    }

    /// An interchange with one 999 for each functional group; None where there is none to acknowledge.
    pub fn acknowledgement(&self, settings: &Settings<'_>) -> Result<Option<Vec<u8>>, WriteError> {
        let Some(first) = self.groups.first() else {
            return Ok(None);
        };
        let mut writer = self.writer(settings)?;
        first.begin(&mut writer, settings)?;
        for (number, group) in self.groups.iter().enumerate() {
            group.write(&mut writer, number + 1)?;
        }
        writer.finish().map(Some)
    }

    fn writer(&self, settings: &Settings<'_>) -> Result<Writer, WriteError> {
        let header = InterchangeHeader {
            sender: self.receiver,
            receiver: self.sender,
            date: settings.date.get(2..).unwrap_or_default(),
            time: settings.time,
            version: "00501",
            control_number: settings.control_number,
            acknowledge: false,
            usage: if self.usage == "P" { "P" } else { "T" },
        };
        Writer::new(&header, Delimiters::default(), LineEnd::None)
    }
}

/// The findings that lie in a range of segments.
fn within(findings: &[Finding], first: usize, last: usize) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(move |finding| (first..=last).contains(&finding.place.segment))
}
