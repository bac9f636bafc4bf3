//! The envelopes of an interchange: ISA to IEA, GS to GE, ST to SE, and TA1 (ASC X12.5; ASC X12.6; TR3 appendix C.1).
//!
//! What the envelopes hold is found in one pass. Missing, doubled and misplaced headers and trailers, wrong counts and
//! control numbers are findings: partners send them every day, and the content can still be read.

mod reader;

use crate::delimiters::Delimiters;
use crate::element::Segment;
use crate::finding::{Finding, Findings, Kind, Place};
use crate::interchange::{File, Interchange, Segments};

/// One transaction set, ST to SE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction<'a> {
    raw: &'a [u8],
    offset: usize,
    number: usize,
    count: usize,
    delimiters: Delimiters,
    header: Segment<'a>,
    trailer: Option<Segment<'a>>,
}

impl<'a> Transaction<'a> {
    /// ST.
    pub fn header(&self) -> Segment<'a> {
        self.header
    }

    /// SE, where it is there.
    pub fn trailer(&self) -> Option<Segment<'a>> {
        self.trailer
    }

    /// ST01, such as `837`; empty where it says nothing.
    pub fn id(&self) -> &'a str {
        self.header.text(1).unwrap_or_default()
    }

    /// ST02.
    pub fn control_number(&self) -> &'a str {
        self.header.text(2).unwrap_or_default()
    }

    /// Its segments in order, ST and SE among them.
    pub fn segments(&self) -> Segments<'a> {
        Segments::new(self.raw, self.offset, self.number, self.delimiters)
    }

    /// How many segments it has, ST and SE among them.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Never: there is at least ST.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// One functional group, GS to GE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// GS; None where transaction sets stand outside a group.
    pub header: Option<Segment<'a>>,
    /// GE, where it is there.
    pub trailer: Option<Segment<'a>>,
    /// Its transaction sets in order.
    pub transactions: Vec<Transaction<'a>>,
}

impl<'a> Group<'a> {
    /// GS01, such as `HC`.
    pub fn functional_id(&self) -> &'a str {
        self.text(1)
    }

    /// GS06.
    pub fn control_number(&self) -> &'a str {
        self.text(6)
    }

    /// GS08, such as `005010X222A1`.
    pub fn version(&self) -> &'a str {
        self.text(8)
    }

    fn text(&self, number: usize) -> &'a str {
        self.header
            .and_then(|header| header.text(number))
            .unwrap_or_default()
    }
}

/// What the envelopes of one interchange hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// ISA.
    pub header: Segment<'a>,
    /// IEA, where it is there.
    pub trailer: Option<Segment<'a>>,
    /// Acknowledgements of interchanges, TA1.
    pub acknowledgements: Vec<Segment<'a>>,
    /// The functional groups in order.
    pub groups: Vec<Group<'a>>,
    /// What is wrong with the envelopes.
    pub findings: Vec<Finding>,
}

impl<'a> Envelope<'a> {
    /// Reads the envelopes of an interchange.
    pub fn read(interchange: &Interchange<'a>) -> Self {
        let mut reader = reader::Reader::new(interchange);
        for segment in interchange.segments() {
            reader.take(segment);
        }
        reader.close()
    }

    /// All transaction sets with the group that each stands in, in order.
    pub fn transactions(&self) -> impl Iterator<Item = (&Group<'a>, &Transaction<'a>)> {
        self.groups.iter().flat_map(|group| {
            group
                .transactions
                .iter()
                .map(move |transaction| (group, transaction))
        })
    }

    /// ISA13.
    pub fn control_number(&self) -> &'a str {
        self.header.text(13).unwrap_or_default()
    }
}

/// What is wrong around the interchanges of a file: bytes that belong to none of them.
pub fn around(file: &File<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    let place = |offset| Place {
        offset,
        segment: 0,
        id: String::new(),
        element: None,
        repetition: None,
        component: None,
        loop_id: "",
        expected: "",
        data_element: "",
    };
    let before = file.before();
    if !before.trim_ascii().is_empty() {
        findings.add(Kind::StrayBytes, place(0), || {
            format!("{} bytes stand before ISA", before.len())
        });
    }
    let behind = file.behind();
    if !behind.trim_ascii().is_empty() {
        findings.add(
            Kind::StrayBytes,
            place(file.raw().len() - behind.len()),
            || format!("{} bytes stand behind the last interchange", behind.len()),
        );
    }
    findings.list
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260301*0930*^*00501*000000001*0*T*:~";

    fn found(rest: &str) -> Vec<(Kind, String)> {
        let text = format!("{ISA}{rest}");
        let interchange = Interchange::parse(text.as_bytes()).unwrap();
        let findings = Envelope::read(&interchange).findings;
        findings
            .into_iter()
            .map(|finding| {
                let place = finding.place.to_string();
                (finding.kind, place[..place.rfind(',').unwrap()].to_owned())
            })
            .collect()
    }

    const GS: &str = "GS*HC*S*R*20260301*0930*1*X*005010X222A1~";

    #[test]
    fn what_is_sound_has_no_findings() {
        let rest = format!(
            "{GS}ST*837*0001~BHT*0019~SE*3*0001~ST*837*0002~SE*2*0002~GE*2*01~IEA*1*000000001~"
        );
        assert_eq!(found(&rest), []);
        assert_eq!(found("TA1*1~IEA*0*000000001~"), []);
        let text = format!("{ISA}{rest}");
        let envelope = Envelope::read(&Interchange::parse(text.as_bytes()).unwrap());
        let sets: Vec<_> = envelope
            .transactions()
            .map(|(group, set)| {
                let ids: Vec<_> = set.segments().map(|segment| segment.id()).collect();
                (
                    group.version(),
                    set.control_number(),
                    set.len(),
                    ids.join(" "),
                )
            })
            .collect();
        assert_eq!(
            sets,
            [
                ("005010X222A1", "0001", 3, "ST BHT SE".to_owned()),
                ("005010X222A1", "0002", 2, "ST SE".to_owned())
            ]
        );
    }

    #[test]
    fn wrong_counts_and_numbers_are_located() {
        let rest = format!("{GS}ST*837*0001~BHT*0019~SE*9*0002~GE*2*7~IEA*x*1~");
        assert_eq!(
            found(&rest),
            [
                (Kind::Count, "segment 5, SE-01".to_owned()),
                (Kind::ControlNumber, "segment 5, SE-02".to_owned()),
                (Kind::Count, "segment 6, GE-01".to_owned()),
                (Kind::ControlNumber, "segment 6, GE-02".to_owned()),
                (Kind::Count, "segment 7, IEA-01".to_owned()),
                (Kind::ControlNumber, "segment 7, IEA-02".to_owned()),
            ]
        );
    }

    #[test]
    fn envelopes_that_are_not_closed_or_opened_are_located() {
        let kinds =
            |rest: &str| -> Vec<Kind> { found(rest).into_iter().map(|(kind, _)| kind).collect() };
        assert_eq!(kinds(""), [Kind::MissingTrailer]);
        assert_eq!(
            kinds(&format!("{GS}ST*837*1~BHT*1~{GS}ST*837*1")),
            [
                Kind::MissingTrailer,
                Kind::MissingTrailer,
                Kind::DuplicateControlNumber,
                Kind::Unterminated,
                Kind::MissingTrailer,
                Kind::MissingTrailer,
                Kind::MissingTrailer
            ]
        );
        assert_eq!(
            kinds("SE*1*1~GE*1*1~BHT*1~ST*837*1~SE*2*1~IEA*0*000000001~"),
            [
                Kind::MissingHeader,
                Kind::MissingHeader,
                Kind::OutsideEnvelope,
                Kind::MissingHeader
            ]
        );
        assert_eq!(
            kinds(&format!(
                "{GS}ST*837*1~ST*837*1~~b*1~SE*4*1~GE*2*1~TA1*1~IEA*1*000000001~"
            )),
            [
                Kind::MissingTrailer,
                Kind::DuplicateControlNumber,
                Kind::SegmentId,
                Kind::SegmentId,
                Kind::OutsideEnvelope
            ]
        );
    }

    #[test]
    fn odd_headers_and_bytes_around_are_found() {
        let short = "ISA*00**00**ZZ*S*ZZ*R*260301*0930*U*00501*000000001*0*T*:~IEA*0*000000001~ x";
        let file = File::parse(short.as_bytes()).unwrap();
        let envelope = Envelope::read(&file.interchanges()[0]);
        let kinds: Vec<_> = envelope.findings.iter().map(|found| found.kind).collect();
        assert_eq!(kinds, [Kind::HeaderLength, Kind::NoRepetitionSeparator]);
        let around = around(&file);
        assert_eq!(around.len(), 1);
        assert_eq!(around[0].place.offset, short.len() - 1);
    }
}
