//! Writing interchanges to a submitter: who writes to whom, when, and with which delimiters.

use jiff::Timestamp;
use rust_decimal::Decimal;
use wardgate_core::port::Moment;

use super::claim::own;
use crate::delimiters::Delimiters;
use crate::element::Segment;
use crate::envelope::{Envelope, Group};
use crate::interchange::Interchange;
use crate::matching::Tree;
use crate::write::{GroupHeader, InterchangeHeader, LineEnd, Value, WriteError, Writer};

/// A moment as X12 writes it, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// CCYYMMDD.
    pub(crate) date: String,
    /// HHMM.
    pub(crate) time: String,
}

impl Stamp {
    /// The stamp of a moment.
    pub(crate) fn of(at: Moment) -> Self {
        let time = Timestamp::from_millisecond(at.unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            date: time.strftime("%Y%m%d").to_string(),
            time: time.strftime("%H%M").to_string(),
        }
    }
}

/// Who wrote to whom. What is written back goes the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Correspondents {
    /// ISA05 and ISA06, without padding.
    pub(crate) sender: (String, String),
    /// ISA07 and ISA08, without padding.
    pub(crate) receiver: (String, String),
    /// GS02 and GS03.
    pub(crate) group: (String, String),
    /// ISA15.
    usage: String,
    delimiters: Delimiters,
}

impl Correspondents {
    /// Those of an interchange, and of one of its groups.
    pub(crate) fn of(
        interchange: &Interchange<'_>,
        envelope: &Envelope<'_>,
        group: &Group<'_>,
    ) -> Self {
        let text = |number: usize| {
            let text = envelope.header.text(number).unwrap_or_default();
            text.trim_end().to_owned()
        };
        let named = |number: usize| {
            let header = group.header.and_then(|header| header.text(number));
            header.unwrap_or_default().to_owned()
        };
        Self {
            sender: (text(5), text(6)),
            receiver: (text(7), text(8)),
            group: (named(2), named(3)),
            usage: text(15),
            delimiters: interchange.delimiters(),
        }
    }
}

/// What one interchange to a submitter is headed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading<'h> {
    /// Who wrote what this answers.
    pub(crate) to: &'h Correspondents,
    /// When it is written.
    pub(crate) stamp: &'h Stamp,
    /// ISA13 and GS06.
    pub(crate) control_number: u32,
    /// GS01.
    pub(crate) functional_id: &'static str,
    /// GS08.
    pub(crate) version: &'static str,
}

/// Delimiters that stand in no value: control characters never do.
const CONTROLS: Delimiters = Delimiters {
    element: 0x1D,
    component: 0x1F,
    repetition: Some(0x1E),
    terminator: 0x1C,
};

impl Heading<'_> {
    /// Writes an interchange of one group. Values may hold what is a delimiter elsewhere, so the submitter's own
    /// delimiters are tried first, then the usual ones, then such as stand in no value.
    pub(crate) fn write(
        &self,
        content: impl Fn(&mut Writer) -> Result<(), WriteError>,
    ) -> Result<Vec<u8>, WriteError> {
        let own = Delimiters {
            repetition: self.to.delimiters.repetition.or(Some(b'^')),
            ..self.to.delimiters
        };
        let mut last = WriteError::Delimiters;
        for delimiters in [own, Delimiters::default(), CONTROLS] {
            match self.with(delimiters, &content) {
                Ok(bytes) => return Ok(bytes),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Writes an interchange that answers each inquiry with a transaction set of its own.
    pub(crate) fn answer_each(
        &self,
        set: &str,
        version: &str,
        inquiries: &[Tree<'_>],
        one: impl Fn(&mut Writer, &Tree<'_>) -> Result<(), WriteError>,
    ) -> Result<Vec<u8>, WriteError> {
        self.write(|writer| {
            for (index, tree) in inquiries.iter().enumerate() {
                writer.transaction(set, &format!("{:04}", index + 1), Some(version))?;
                one(writer, tree)?;
            }
            Ok(())
        })
    }

    /// Writes the BHT of an answer: structure and purpose, the reference of the inquiry, when, and what comes behind.
    pub(crate) fn begin(
        &self,
        writer: &mut Writer,
        inquiry: &Tree<'_>,
        front: &[&str],
        behind: &[&str],
    ) -> Result<(), WriteError> {
        let asked = own(inquiry, 0, "BHT");
        let reference = asked.and_then(|found| found.text(3)).unwrap_or_default();
        let when = [reference, &self.stamp.date, &self.stamp.time];
        put(writer, "BHT", &[front, &when, behind].concat())
    }

    fn with(
        &self,
        delimiters: Delimiters,
        content: &impl Fn(&mut Writer) -> Result<(), WriteError>,
    ) -> Result<Vec<u8>, WriteError> {
        let header = InterchangeHeader {
            sender: (&self.to.receiver.0, &self.to.receiver.1),
            receiver: (&self.to.sender.0, &self.to.sender.1),
            date: self.stamp.date.get(2..).unwrap_or_default(),
            time: &self.stamp.time,
            version: "00501",
            control_number: self.control_number,
            acknowledge: false,
            usage: if self.to.usage == "P" { "P" } else { "T" },
        };
        let mut writer = Writer::new(&header, delimiters, LineEnd::None)?;
        writer.group(&GroupHeader {
            functional_id: self.functional_id,
            sender: &self.to.group.1,
            receiver: &self.to.group.0,
            date: &self.stamp.date,
            time: &self.stamp.time,
            control_number: self.control_number,
            version: self.version,
        })?;
        content(&mut writer)?;
        writer.finish()
    }
}

/// Writes a segment of simple elements.
pub(crate) fn put(writer: &mut Writer, id: &str, elements: &[&str]) -> Result<(), WriteError> {
    let values: Vec<_> = elements.iter().map(|text| Value::Text(text)).collect();
    writer.segment(id, &values)?;
    Ok(())
}

/// Writes a segment whose first element is a composite.
pub(crate) fn put_composite(
    writer: &mut Writer,
    id: &str,
    first: &[&str],
    rest: &[&str],
) -> Result<(), WriteError> {
    let mut values = vec![Value::Composite(first)];
    values.extend(rest.iter().map(|text| Value::Text(text)));
    writer.segment(id, &values)?;
    Ok(())
}

/// Writes these elements of a segment of simple elements as they came. The others have no use in the answer.
pub(crate) fn echo(
    writer: &mut Writer,
    segment: &Segment<'_>,
    places: &[usize],
) -> Result<(), WriteError> {
    let mut elements = Vec::new();
    for &place in places {
        elements.resize(place.max(1) - 1, "");
        elements.push(segment.text(place).unwrap_or_default());
    }
    put(writer, segment.id(), &elements)
}

/// An amount without zeros that say nothing.
pub(crate) fn money(amount: Decimal) -> String {
    if amount.is_zero() {
        // Zero may have a sign, which X12 does not.
        return String::from("0");
    }
    amount.normalize().to_string()
}

/// Days as DTP02 and DTP03 have them: one day, or a range.
pub(crate) fn period(days: &(String, String)) -> (&'static str, String) {
    if days.0 == days.1 {
        ("D8", days.0.clone())
    } else {
        ("RD8", format!("{}-{}", days.0, days.1))
    }
}
