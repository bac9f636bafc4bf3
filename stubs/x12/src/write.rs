//! Writing interchanges whose counts and control numbers are right (ASC X12.5; ASC X12.6; TR3 appendix C.1).
//!
//! X12 has no escapes, so text that holds a delimiter cannot be written: it is refused, never changed.

use thiserror::Error;

use crate::delimiters::Delimiters;

/// Why something cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WriteError {
    /// Text holds a delimiter or a control character.
    #[error(
        "write {id}{element:02}: the text holds {byte:?}, which stands for itself nowhere in this interchange"
    )]
    Delimiter {
        /// The segment.
        id: String,
        /// The element, counted from 1.
        element: usize,
        /// The character.
        byte: char,
    },
    /// A value is longer than its place in a header of fixed length.
    #[error("write {id}{element:02}: the text has more than {length} characters")]
    Length {
        /// The segment.
        id: String,
        /// The element, counted from 1.
        element: usize,
        /// The most characters that it may have.
        length: usize,
    },
    /// The delimiters cannot be told apart.
    #[error("write ISA: the delimiters cannot be told apart from each other or from text")]
    Delimiters,
    /// A repetition in an interchange without repetition separator.
    #[error("write {id}{element:02}: nothing can repeat in this interchange")]
    Repetition {
        /// The segment.
        id: String,
        /// The element, counted from 1.
        element: usize,
    },
    /// A segment where its envelope is not open, or one that the writer writes itself.
    #[error("write {id}: {expected}")]
    Envelope {
        /// The segment.
        id: String,
        /// What has to be done first.
        expected: &'static str,
    },
}

/// The value of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'v> {
    /// Text; empty says nothing.
    Text(&'v str),
    /// The components of a composite.
    Composite(&'v [&'v str]),
    /// Repetitions, each text or a composite.
    Repeated(&'v [Value<'v>]),
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

/// Who sends to whom, and when: what ISA says beyond its fixed parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeHeader<'v> {
    /// ISA05 and ISA06: the kind and the identifier of the sender, at most fifteen characters.
    pub sender: (&'v str, &'v str),
    /// ISA07 and ISA08: the kind and the identifier of the receiver, at most fifteen characters.
    pub receiver: (&'v str, &'v str),
    /// ISA09, YYMMDD.
    pub date: &'v str,
    /// ISA10, HHMM.
    pub time: &'v str,
    /// ISA12, such as `00501`.
    pub version: &'v str,
    /// ISA13 and IEA02, at most nine digits.
    pub control_number: u32,
    /// ISA14: whether a TA1 is asked for.
    pub acknowledge: bool,
    /// ISA15: `P` for production, `T` for test.
    pub usage: &'v str,
}

/// What GS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupHeader<'v> {
    /// GS01, such as `HC`.
    pub functional_id: &'v str,
    /// GS02.
    pub sender: &'v str,
    /// GS03.
    pub receiver: &'v str,
    /// GS04, CCYYMMDD.
    pub date: &'v str,
    /// GS05, HHMM to HHMMSSDD.
    pub time: &'v str,
    /// GS06 and GE02.
    pub control_number: u32,
    /// GS08, such as `005010X222A1`.
    pub version: &'v str,
}

/// Writes one interchange.
#[derive(Debug, Clone)]
pub struct Writer {
    delimiters: Delimiters,
    line_end: &'static str,
    out: Vec<u8>,
    control_number: String,
    groups: usize,
    group: Option<(String, usize)>,
    set: Option<(String, usize)>,
}

impl Writer {
    /// Begins an interchange. `line_end` stands behind every terminator: nothing, or a line end for people.
    pub fn new(
        header: &InterchangeHeader<'_>,
        delimiters: Delimiters,
        line_end: LineEnd,
    ) -> Result<Self, WriteError> {
        if !delimiters.are_usable() {
            return Err(WriteError::Delimiters);
        }
        let control_number = format!("{:09}", header.control_number);
        let mut writer = Self {
            delimiters,
            line_end: line_end.text(),
            out: Vec::new(),
            control_number,
            groups: 0,
            group: None,
            set: None,
        };
        writer.header(header)?;
        Ok(writer)
    }

    fn header(&mut self, header: &InterchangeHeader<'_>) -> Result<(), WriteError> {
        let standard = self.delimiters.repetition.unwrap_or(b'U');
        let number = self.control_number.clone();
        let acknowledge = if header.acknowledge { "1" } else { "0" };
        let fields: [(&str, usize); 15] = [
            ("00", 2),
            ("", 10),
            ("00", 2),
            ("", 10),
            (header.sender.0, 2),
            (header.sender.1, 15),
            (header.receiver.0, 2),
            (header.receiver.1, 15),
            (header.date, 6),
            (header.time, 4),
            ("", 1),
            (header.version, 5),
            (&number, 9),
            (acknowledge, 1),
            (header.usage, 1),
        ];
        self.out.extend(b"ISA");
        for (index, (text, length)) in fields.into_iter().enumerate() {
            self.out.push(self.delimiters.element);
            if index == 10 {
                self.out.push(standard);
                continue;
            }
            self.check("ISA", index + 1, text)?;
            if text.len() > length {
                let id = "ISA".to_owned();
                return Err(WriteError::Length {
                    id,
                    element: index + 1,
                    length,
                });
            }
            self.out.extend(text.as_bytes());
            self.out
                .extend(std::iter::repeat_n(b' ', length - text.len()));
        }
        self.out.push(self.delimiters.element);
        self.out.push(self.delimiters.component);
        self.end();
        Ok(())
    }

    /// Begins a functional group; the one before it is closed.
    pub fn group(&mut self, header: &GroupHeader<'_>) -> Result<&mut Self, WriteError> {
        self.close_group()?;
        let number = header.control_number.to_string();
        let fields = [
            header.functional_id,
            header.sender,
            header.receiver,
            header.date,
            header.time,
            &number,
            "X",
            header.version,
        ];
        self.write("GS", &fields.map(Value::Text))?;
        self.groups += 1;
        self.group = Some((number, 0));
        Ok(self)
    }

    /// Begins a transaction set; the one before it is closed. `version` is ST03, where its guide has one.
    pub fn transaction(
        &mut self,
        id: &str,
        control_number: &str,
        version: Option<&str>,
    ) -> Result<&mut Self, WriteError> {
        self.close_transaction()?;
        let Some((_, sets)) = &mut self.group else {
            return Err(misplaced("ST", "a functional group has to be begun first"));
        };
        *sets += 1;
        let fields = [id, control_number, version.unwrap_or_default()];
        self.write("ST", &fields.map(Value::Text))?;
        self.set = Some((control_number.to_owned(), 1));
        Ok(self)
    }

    /// Writes a segment of the transaction set that is open, or a TA1 before the first group. Empty elements and
    /// components at the end are left out.
    pub fn segment(&mut self, id: &str, elements: &[Value<'_>]) -> Result<&mut Self, WriteError> {
        if matches!(id, "ISA" | "GS" | "ST" | "SE" | "GE" | "IEA") {
            return Err(misplaced(id, "the writer writes envelopes itself"));
        }
        match &mut self.set {
            Some((_, count)) => *count += 1,
            None if id == "TA1" && self.groups == 0 => {}
            None => return Err(misplaced(id, "a transaction set has to be begun first")),
        }
        self.write(id, elements)?;
        Ok(self)
    }

    /// Closes what is open and gives the bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, WriteError> {
        self.close_group()?;
        let count = self.groups.to_string();
        let number = std::mem::take(&mut self.control_number);
        self.write("IEA", &[Value::Text(&count), Value::Text(&number)])?;
        Ok(self.out)
    }

    fn close_transaction(&mut self) -> Result<(), WriteError> {
        let Some((number, count)) = self.set.take() else {
            return Ok(());
        };
        let count = (count + 1).to_string();
        self.write("SE", &[Value::Text(&count), Value::Text(&number)])
    }

    fn close_group(&mut self) -> Result<(), WriteError> {
        self.close_transaction()?;
        let Some((number, count)) = self.group.take() else {
            return Ok(());
        };
        let count = count.to_string();
        self.write("GE", &[Value::Text(&count), Value::Text(&number)])
    }

    fn write(&mut self, id: &str, elements: &[Value<'_>]) -> Result<(), WriteError> {
        self.check(id, 0, id)?;
        self.out.extend(id.as_bytes());
        let mut kept = self.out.len();
        for (index, value) in elements.iter().enumerate() {
            self.out.push(self.delimiters.element);
            let start = self.out.len();
            self.value(id, index + 1, value, true)?;
            if self.out.len() > start {
                kept = self.out.len();
            }
        }
        self.out.truncate(kept);
        self.end();
        Ok(())
    }

    fn value(
        &mut self,
        id: &str,
        element: usize,
        value: &Value<'_>,
        may_repeat: bool,
    ) -> Result<(), WriteError> {
        match value {
            Value::Text(text) => {
                self.check(id, element, text)?;
                self.out.extend(text.as_bytes());
            }
            Value::Composite(components) => {
                let mut kept = self.out.len();
                for (index, text) in components.iter().enumerate() {
                    if index > 0 {
                        self.out.push(self.delimiters.component);
                    }
                    self.check(id, element, text)?;
                    self.out.extend(text.as_bytes());
                    if !text.is_empty() {
                        kept = self.out.len();
                    }
                }
                self.out.truncate(kept);
            }
            Value::Repeated(values) => {
                let separator = match self.delimiters.repetition {
                    Some(separator) if may_repeat => separator,
                    _ => {
                        let id = id.to_owned();
                        return Err(WriteError::Repetition { id, element });
                    }
                };
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.out.push(separator);
                    }
                    self.value(id, element, value, false)?;
                }
            }
        }
        Ok(())
    }

    fn check(&self, id: &str, element: usize, text: &str) -> Result<(), WriteError> {
        let bad = text
            .bytes()
            .find(|byte| self.delimiters.contains(*byte) || byte.is_ascii_control());
        match bad {
            None => Ok(()),
            Some(byte) => Err(WriteError::Delimiter {
                id: id.to_owned(),
                element,
                byte: char::from(byte),
            }),
        }
    }

    fn end(&mut self) {
        self.out.push(self.delimiters.terminator);
        self.out.extend(self.line_end.as_bytes());
    }
}

fn misplaced(id: &str, expected: &'static str) -> WriteError {
    WriteError::Envelope {
        id: id.to_owned(),
        expected,
    }
}

/// What stands behind every terminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// Nothing: what partners exchange.
    #[default]
    None,
    /// A line feed, for people.
    Lf,
    /// Carriage return and line feed.
    CrLf,
}

impl LineEnd {
    fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Envelope;
    use crate::interchange::File;
    use proptest::prelude::*;

    fn header() -> InterchangeHeader<'static> {
        InterchangeHeader {
            sender: ("ZZ", "SENDER"),
            receiver: ("ZZ", "RECEIVER"),
            date: "260301",
            time: "0930",
            version: "00501",
            control_number: 7,
            acknowledge: false,
            usage: "T",
        }
    }

    fn group(control_number: u32) -> GroupHeader<'static> {
        GroupHeader {
            functional_id: "HC",
            sender: "SENDER",
            receiver: "RECEIVER",
            date: "20260301",
            time: "0930",
            control_number,
            version: "005010X222A1",
        }
    }

    fn writer() -> Writer {
        Writer::new(&header(), Delimiters::default(), LineEnd::None).unwrap()
    }

    #[test]
    fn empty_ends_are_left_out() {
        let mut writer = writer();
        writer.group(&group(1)).unwrap();
        writer.transaction("837", "0001", None).unwrap();
        let values = [
            Value::Text(""),
            Value::Composite(&["HC", "99213", "", ""]),
            Value::Repeated(&[Value::Text("1"), Value::Composite(&["2", "3"])]),
            Value::Text(""),
        ];
        writer.segment("SV1", &values).unwrap();
        let bytes = writer.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.ends_with("ST*837*0001~SV1**HC:99213*1^2:3~SE*3*0001~GE*1*1~IEA*1*000000007~")
        );
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let mut writer = writer();
        assert!(writer.segment("BHT", &[]).is_err());
        assert!(writer.transaction("837", "1", None).is_err());
        writer.group(&group(1)).unwrap();
        writer.transaction("837", "1", None).unwrap();
        for text in ["a*b", "a~", ":", "^", "a\nb"] {
            let error = writer.clone().segment("NTE", &[text.into()]).unwrap_err();
            assert!(matches!(error, WriteError::Delimiter { element: 1, .. }));
        }
        assert!(writer.segment("SE", &[]).is_err());
        let long = InterchangeHeader {
            sender: ("ZZ", "SIXTEEN LETTERS."),
            ..header()
        };
        assert!(Writer::new(&long, Delimiters::default(), LineEnd::None).is_err());
        let alike = Delimiters {
            component: b'*',
            ..Delimiters::default()
        };
        assert_eq!(
            Writer::new(&header(), alike, LineEnd::None).unwrap_err(),
            WriteError::Delimiters
        );
    }

    fn delimiters() -> impl Strategy<Value = Delimiters> {
        let one = || {
            prop_oneof![
                Just(b'*'),
                Just(b'|'),
                Just(b'>'),
                Just(b':'),
                Just(b'^'),
                Just(b'~'),
                Just(b'\''),
                Just(0x1D),
                Just(0x1C),
                Just(b'\n')
            ]
        };
        (one(), one(), proptest::option::of(one()), one())
            .prop_map(|(element, component, repetition, terminator)| Delimiters {
                element,
                component,
                repetition,
                terminator,
            })
            .prop_filter("they differ", Delimiters::are_usable)
            .prop_filter("a line end separates no elements", |found| {
                found.element != b'\n'
            })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            delimiters in delimiters(),
            line_end in prop_oneof![Just(LineEnd::None), Just(LineEnd::Lf), Just(LineEnd::CrLf)],
            sets in proptest::collection::vec(
                proptest::collection::vec(("[A-Z][A-Z0-9]{1,2}", proptest::collection::vec("[ -)+-9;-=?-\\]_-{éß]{0,5}", 0..5)), 0..4),
                1..4,
            ),
        ) {
            let mut writer = Writer::new(&header(), delimiters, line_end).unwrap();
            let mut written = Vec::new();
            for (number, set) in sets.iter().enumerate() {
                writer.group(&group(u32::try_from(number).unwrap() + 1)).unwrap();
                writer.transaction("837", &format!("{number:04}"), None).unwrap();
                for (id, texts) in set {
                    let values: Vec<Value<'_>> = texts.iter().map(|text| Value::Text(text)).collect();
                    match writer.segment(id, &values) {
                        Ok(_) => written.push((id.clone(), texts.clone())),
                        Err(WriteError::Envelope { .. }) => {}
                        Err(error) => {
                            let held = texts.iter().any(|text| text.bytes().any(|byte| delimiters.contains(byte)));
                            prop_assert!(held, "{}", error);
                            return Ok(());
                        }
                    }
                }
            }
            let bytes = writer.finish().unwrap();
            let file = File::parse(&bytes).unwrap();
            prop_assert_eq!(file.interchanges().len(), 1);
            prop_assert_eq!(file.interchanges()[0].raw(), &bytes[..]);
            let envelope = Envelope::read(&file.interchanges()[0]);
            let version = delimiters.repetition.is_some();
            prop_assert!(!version || envelope.findings.is_empty(), "{:?}", envelope.findings);
            let read: Vec<_> = envelope
                .transactions()
                .flat_map(|(_, set)| set.segments().filter(|segment| !matches!(segment.id(), "ST" | "SE")))
                .collect();
            prop_assert_eq!(read.len(), written.len());
            for (segment, (id, texts)) in read.iter().zip(&written) {
                prop_assert_eq!(segment.id(), id);
                for (number, text) in texts.iter().enumerate() {
                    let found = segment.element(number + 1).map_or(String::new(), |found| found.text().into_owned());
                    prop_assert_eq!(&found, text);
                }
            }
        }
    }
}
