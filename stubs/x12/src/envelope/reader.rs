//! Finding the envelopes of an interchange in one pass over its segments.

use std::collections::HashSet;

use super::{Envelope, Group, Transaction};
use crate::element::Segment;
use crate::finding::{Findings, Kind, Place, shown};
use crate::header;
use crate::interchange::Interchange;

/// What is open, and what was found so far.
pub(super) struct Reader<'a> {
    interchange: Interchange<'a>,
    header: Segment<'a>,
    trailer: Option<Segment<'a>>,
    acknowledgements: Vec<Segment<'a>>,
    groups: Vec<Group<'a>>,
    group_open: bool,
    /// The transaction set that is open.
    open: Option<Transaction<'a>>,
    group_numbers: HashSet<&'a [u8]>,
    set_numbers: HashSet<&'a [u8]>,
    findings: Findings,
}

impl<'a> Reader<'a> {
    pub(super) fn new(interchange: &Interchange<'a>) -> Self {
        let header = interchange.header();
        let mut findings = Findings::default();
        if !interchange.is_padded() {
            findings.add(Kind::HeaderLength, Place::of(&header), || {
                format!(
                    "ISA has {} bytes and a terminator; it must have 105",
                    header.raw().len()
                )
            });
        }
        let version = header.element(12).map_or(&b""[..], |version| version.raw());
        if header::repeats(version) && interchange.delimiters().repetition.is_none() {
            findings.add(
                Kind::NoRepetitionSeparator,
                Place::element(&header, 11),
                || {
                    format!(
                        "ISA11 is {}, so nothing can repeat",
                        shown(header.element(11))
                    )
                },
            );
        }
        Self {
            interchange: *interchange,
            header,
            trailer: None,
            acknowledgements: Vec::new(),
            groups: Vec::new(),
            group_open: false,
            open: None,
            group_numbers: HashSet::new(),
            set_numbers: HashSet::new(),
            findings,
        }
    }

    #[inline]
    pub(super) fn take(&mut self, segment: Segment<'a>) {
        if !segment.is_terminated() {
            self.findings
                .add(Kind::Unterminated, Place::of(&segment), || {
                    "the file ends within the segment".to_owned()
                });
        }
        match segment.id_bytes() {
            b"ST" => self.open_transaction(segment),
            b"SE" => self.close_transaction(segment),
            b"GS" => self.open_group(segment),
            b"GE" => self.close_group(segment),
            b"IEA" => self.close_interchange(segment),
            b"TA1" if self.open.is_none() => self.acknowledge(segment),
            b"ISA" => {}
            id => {
                if !is_id(id) {
                    self.findings.add(Kind::SegmentId, Place::of(&segment), || {
                        if id.is_empty() {
                            "the segment has no identifier".to_owned()
                        } else {
                            "an identifier has two or three capital letters and digits".to_owned()
                        }
                    });
                }
                match &mut self.open {
                    Some(open) => open.count += 1,
                    None => self
                        .findings
                        .add(Kind::OutsideEnvelope, Place::of(&segment), || {
                            "the segment stands in no transaction set".to_owned()
                        }),
                }
            }
        }
    }

    fn acknowledge(&mut self, segment: Segment<'a>) {
        if !self.groups.is_empty() {
            self.findings
                .add(Kind::OutsideEnvelope, Place::of(&segment), || {
                    "TA1 stands behind a functional group".to_owned()
                });
        }
        self.acknowledgements.push(segment);
    }

    fn open_group(&mut self, segment: Segment<'a>) {
        self.end_group(&segment);
        if let Some(number) = segment.element(6)
            && !self.group_numbers.insert(number.raw())
        {
            self.findings.add(
                Kind::DuplicateControlNumber,
                Place::element(&segment, 6),
                || format!("GS06 {} is used twice", shown(Some(number))),
            );
        }
        self.set_numbers = HashSet::new();
        self.group_open = true;
        self.groups.push(Group {
            header: Some(segment),
            trailer: None,
            transactions: Vec::new(),
        });
    }

    fn open_transaction(&mut self, segment: Segment<'a>) {
        self.end_transaction(segment.offset());
        if !self.group_open {
            self.findings
                .add(Kind::MissingHeader, Place::of(&segment), || {
                    "a transaction set stands in no functional group".to_owned()
                });
            self.set_numbers = HashSet::new();
            self.group_open = true;
            self.groups.push(Group {
                header: None,
                trailer: None,
                transactions: Vec::new(),
            });
        }
        if let Some(number) = segment.element(2)
            && !self.set_numbers.insert(number.raw())
        {
            self.findings.add(
                Kind::DuplicateControlNumber,
                Place::element(&segment, 2),
                || format!("ST02 {} is used twice", shown(Some(number))),
            );
        }
        self.open = Some(Transaction {
            raw: &[],
            offset: segment.offset(),
            number: segment.number(),
            count: 1,
            delimiters: segment.delimiters(),
            header: segment,
            trailer: None,
        });
    }

    fn close_transaction(&mut self, segment: Segment<'a>) {
        let Some(open) = &mut self.open else {
            self.findings
                .add(Kind::MissingHeader, Place::of(&segment), || {
                    "SE closes no transaction set".to_owned()
                });
            return;
        };
        open.count += 1;
        open.trailer = Some(segment);
        let (count, header) = (open.count, open.header);
        self.counted(&segment, count, "segments");
        self.repeated((&header, 2), &segment, false);
        self.end_transaction(segment.end());
    }

    fn close_group(&mut self, segment: Segment<'a>) {
        self.end_transaction(segment.offset());
        if !self.group_open {
            self.findings
                .add(Kind::MissingHeader, Place::of(&segment), || {
                    "GE closes no functional group".to_owned()
                });
            return;
        }
        self.group_open = false;
        let Some(group) = self.groups.last_mut() else {
            return;
        };
        group.trailer = Some(segment);
        let (count, header) = (group.transactions.len(), group.header);
        self.counted(&segment, count, "transaction sets");
        if let Some(header) = header {
            self.repeated((&header, 6), &segment, true);
        }
    }

    fn close_interchange(&mut self, segment: Segment<'a>) {
        self.end_group(&segment);
        self.trailer = Some(segment);
        let count = self.groups.iter().filter(|group| group.header.is_some());
        let count = count.count();
        self.counted(&segment, count, "functional groups");
        let header = self.header;
        self.repeated((&header, 13), &segment, false);
    }

    /// Ends the transaction set that is open before the byte at `end`.
    fn end_transaction(&mut self, end: usize) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let start = self.interchange.offset();
        open.raw = &self.interchange.raw()[open.offset - start..end - start];
        if open.trailer.is_none() {
            self.findings
                .add(Kind::MissingTrailer, Place::of(&open.header), || {
                    "the transaction set has no SE".to_owned()
                });
        }
        if let Some(group) = self.groups.last_mut() {
            group.transactions.push(open);
        }
    }

    /// Ends the functional group that is open before `next`.
    fn end_group(&mut self, next: &Segment<'a>) {
        self.end_transaction(next.offset());
        self.miss_group_trailer();
    }

    fn miss_group_trailer(&mut self) {
        if std::mem::take(&mut self.group_open)
            && let Some(header) = self.groups.last().and_then(|group| group.header)
        {
            self.findings
                .add(Kind::MissingTrailer, Place::of(&header), || {
                    "the functional group has no GE".to_owned()
                });
        }
    }

    /// Compares the count in the first element of a trailer with what is there.
    fn counted(&mut self, trailer: &Segment<'a>, count: usize, what: &str) {
        let said = trailer.text(1).filter(|text| text.len() <= 10);
        if said.and_then(|text| text.parse().ok()) != Some(count) {
            self.findings
                .add(Kind::Count, Place::element(trailer, 1), || {
                    let said = shown(trailer.element(1));
                    format!("{}01 is {said}, and there are {count} {what}", trailer.id())
                });
        }
    }

    /// Compares the control number of a header with that in the second element of its trailer.
    fn repeated(&mut self, header: (&Segment<'a>, usize), trailer: &Segment<'a>, numeric: bool) {
        let (header, place) = header;
        let meaning = |segment: &Segment<'a>, place| {
            let raw = segment.element(place).map_or(&b""[..], |found| found.raw());
            let zeros = raw.iter().take_while(|byte| **byte == b'0').count();
            if numeric { &raw[zeros..] } else { raw }
        };
        if meaning(header, place) != meaning(trailer, 2) {
            self.findings
                .add(Kind::ControlNumber, Place::element(trailer, 2), || {
                    format!(
                        "{}02 is {}, and {}{place:02} is {}",
                        trailer.id(),
                        shown(trailer.element(2)),
                        header.id(),
                        shown(header.element(place)),
                    )
                });
        }
    }

    pub(super) fn close(mut self) -> Envelope<'a> {
        self.end_transaction(self.interchange.end());
        self.miss_group_trailer();
        if self.trailer.is_none() {
            self.findings
                .add(Kind::MissingTrailer, Place::of(&self.header), || {
                    "the interchange has no IEA".to_owned()
                });
        }
        Envelope {
            header: self.header,
            trailer: self.trailer,
            acknowledgements: self.acknowledgements,
            groups: self.groups,
            findings: self.findings.list,
        }
    }
}

#[inline]
fn is_id(id: &[u8]) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase();
    let other = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    match *id {
        [first, second] => letter(first) && other(second),
        [first, second, third] => letter(first) && other(second) && other(third),
        _ => false,
    }
}
