//! 999: what became of each transaction set of a functional group (TR3 X231A1).

use super::{Settings, codes, within};
use crate::envelope::{Group, Transaction};
use crate::finding::{FINDINGS_MAX, Finding, Kind};
use crate::guide::Guide;
use crate::matching::Tree;
use crate::validate;
use crate::write::{GroupHeader, Value, WriteError, Writer};

/// The version of the 999 that is written.
const VERSION: &str = "005010X231A1";

/// Most characters that CTX01-2 may have.
const CONTEXT_MAX: usize = 35;

/// What becomes of a transaction set: IK501.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetOutcome {
    /// `A`.
    Accepted,
    /// `E`: taken, with errors that are noted.
    AcceptedWithErrors,
    /// `R`.
    Rejected,
}

impl SetOutcome {
    /// IK501, and AK901 of a group of such sets.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "A",
            Self::AcceptedWithErrors => "E",
            Self::Rejected => "R",
        }
    }
}

/// One segment that is at fault: IK3 with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SegmentFault {
    /// IK301.
    id: String,
    /// IK302: the segment's place in its transaction set, ST being the first.
    position: usize,
    /// IK304.
    code: &'static str,
    /// The claim that it stands in: CLM01.
    claim: Option<String>,
    elements: Vec<ElementFault>,
}

/// One element that is at fault: IK4.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ElementFault {
    element: usize,
    component: Option<usize>,
    repetition: Option<usize>,
    data_element: &'static str,
    code: &'static str,
}

/// What is answered to one transaction set: AK2 to IK5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAnswer<'a> {
    /// ST01.
    pub id: &'a str,
    /// ST02.
    pub control_number: &'a str,
    /// ST03; empty where there is none.
    pub version: &'a str,
    /// IK501.
    pub outcome: SetOutcome,
    /// IK502 to IK506: at most five codes.
    pub codes: Vec<&'static str>,
    faults: Vec<SegmentFault>,
}

/// What is answered to one functional group: AK1 to AK9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupAnswer<'a> {
    /// GS01.
    pub functional_id: &'a str,
    /// GS06.
    pub control_number: &'a str,
    /// GS08.
    pub version: &'a str,
    /// AK901: `A`, `E`, `P` or `R`.
    pub outcome: &'static str,
    /// AK902: how many transaction sets GE01 counts.
    pub included: usize,
    /// AK904: how many were accepted.
    pub accepted: usize,
    /// AK905 to AK909: at most five codes.
    pub codes: Vec<&'static str>,
    /// One answer for each transaction set, in order.
    pub sets: Vec<SetAnswer<'a>>,
    sender: &'a str,
    receiver: &'a str,
}

pub(super) fn answer<'a>(
    group: &Group<'a>,
    findings: &[Finding],
    tolerated: &[Kind],
) -> GroupAnswer<'a> {
    let own = [group.header, group.trailer];
    let mut codes = Vec::new();
    let mut rejected = false;
    for finding in own
        .iter()
        .flatten()
        .flat_map(|own| within(findings, own.number(), own.number()))
    {
        if let Some(code) = codes::group(finding) {
            rejected |= !tolerated.contains(&finding.kind);
            note(&mut codes, code);
        }
    }
    let sets: Vec<_> = group
        .transactions
        .iter()
        .map(|set| set_answer(group, set, findings, tolerated))
        .collect();
    let of = |outcome| sets.iter().filter(|set| set.outcome == outcome).count();
    let refused = of(SetOutcome::Rejected);
    let outcome = if rejected || (!sets.is_empty() && refused == sets.len()) {
        "R"
    } else if refused > 0 {
        "P"
    } else if of(SetOutcome::AcceptedWithErrors) > 0 || !codes.is_empty() {
        "E"
    } else {
        "A"
    };
    let text = |number| {
        let header = group.header.and_then(|header| header.text(number));
        header.unwrap_or_default()
    };
    let counted = group.trailer.and_then(|trailer| trailer.text(1));
    let counted = counted.filter(|text| text.len() <= 6);
    GroupAnswer {
        functional_id: text(1),
        control_number: text(6),
        version: text(8),
        outcome,
        included: counted
            .and_then(|text| text.parse().ok())
            .unwrap_or(sets.len()),
        accepted: if outcome == "R" {
            0
        } else {
            sets.len() - refused
        },
        codes,
        sets,
        sender: text(2),
        receiver: text(3),
    }
}

fn set_answer<'a>(
    group: &Group<'a>,
    set: &Transaction<'a>,
    findings: &[Finding],
    tolerated: &[Kind],
) -> SetAnswer<'a> {
    let first = set.header().number();
    let guide = validate::guide(group, set);
    let mut codes = Vec::new();
    let mut rejected = false;
    let mut faults: Vec<SegmentFault> = Vec::new();
    let tree = guide.map(|guide| Tree::build(set, guide));
    let content = tree.as_ref().map(validate::tree).unwrap_or_default();
    if content.len() >= FINDINGS_MAX {
        // What was left off may be no fault that is tolerated.
        rejected = true;
    }
    if guide.is_none() {
        rejected = true;
        let known = Guide::known().any(|(known, _)| known == set.id());
        note(&mut codes, if known { "I6" } else { "1" });
    }
    let around = within(findings, first, first + set.len() - 1);
    for finding in around.chain(&content) {
        if let Some(code) = codes::envelope(finding) {
            rejected |= !tolerated.contains(&finding.kind);
            note(&mut codes, code);
        } else if let Some((code, element)) = codes::segment(finding) {
            rejected |= !tolerated.contains(&finding.kind);
            let level = if finding.kind.snip() == 1 { "5" } else { "I5" };
            note(&mut codes, level);
            add(&mut faults, finding, code, first);
            if let (Some(code), Some(fault)) = (element, faults.last_mut()) {
                fault.claim = tree.as_ref().and_then(|tree| claim(tree, finding));
                fault.elements.push(ElementFault {
                    element: finding.place.element.unwrap_or(1),
                    component: finding.place.component,
                    repetition: finding.place.repetition,
                    data_element: finding.place.data_element,
                    code,
                });
            } else if let Some(fault) = faults.last_mut() {
                fault.claim = tree.as_ref().and_then(|tree| claim(tree, finding));
            }
        }
    }
    let outcome = match (rejected, codes.is_empty()) {
        (true, _) => SetOutcome::Rejected,
        (false, false) => SetOutcome::AcceptedWithErrors,
        (false, true) => SetOutcome::Accepted,
    };
    SetAnswer {
        id: set.id(),
        control_number: set.control_number(),
        version: set.header().text(3).unwrap_or_default(),
        outcome,
        codes,
        faults,
    }
}

/// Adds a code that is not yet there, as long as there is room.
fn note(codes: &mut Vec<&'static str>, code: &'static str) {
    if codes.len() < 5 && !codes.contains(&code) {
        codes.push(code);
    }
}

/// Makes the last fault that of this finding's segment: faults of the elements of one segment stand together.
fn add(faults: &mut Vec<SegmentFault>, finding: &Finding, code: &'static str, first: usize) {
    let position = finding.place.segment - first + 1;
    let same = faults
        .last()
        .is_some_and(|last| code == "8" && last.code == "8" && last.position == position);
    if same {
        return;
    }
    let id = if finding.place.expected.is_empty() {
        &finding.place.id
    } else {
        finding.place.expected
    };
    let sound = matches!(id.len(), 2 | 3) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    faults.push(SegmentFault {
        // IK301 has two or three characters, and what is at fault may have none.
        id: if sound {
            id.to_owned()
        } else {
            "ZZZ".to_owned()
        },
        position,
        code,
        claim: None,
        elements: Vec::new(),
    });
}

/// The claim that a finding's segment stands in, where a 999 can name it.
fn claim(tree: &Tree<'_>, finding: &Finding) -> Option<String> {
    let placed = tree
        .segments()
        .binary_search_by_key(&finding.place.segment, |placed| placed.segment.number())
        .ok()?;
    let mut inside = Some(tree.segments()[placed].inside);
    while let Some(found) = inside.and_then(|number| tree.loops().get(number)) {
        if found.spec.id == "2300" {
            let head = tree.segments().get(found.first)?;
            let text = head.segment.text(1)?;
            let usable = text.chars().count() <= CONTEXT_MAX
                && !text
                    .chars()
                    .any(|letter| letter.is_control() || "*:^~".contains(letter));
            return usable.then(|| text.to_owned());
        }
        inside = found.parent;
    }
    None
}

impl GroupAnswer<'_> {
    /// Begins the functional group of acknowledgements, to who sent this group.
    pub(super) fn begin(
        &self,
        writer: &mut Writer,
        settings: &Settings<'_>,
    ) -> Result<(), WriteError> {
        writer.group(&GroupHeader {
            functional_id: "FA",
            sender: self.receiver,
            receiver: self.sender,
            date: settings.date,
            time: settings.time,
            control_number: settings.control_number,
            version: VERSION,
        })?;
        Ok(())
    }

    /// Writes the 999 of this group.
    pub(super) fn write(&self, writer: &mut Writer, number: usize) -> Result<(), WriteError> {
        writer.transaction("999", &format!("{number:04}"), Some(VERSION))?;
        let names = [self.functional_id, self.control_number, self.version];
        writer.segment("AK1", &names.map(Value::Text))?;
        for set in &self.sets {
            set.write(writer)?;
        }
        let counts = [self.included, self.sets.len(), self.accepted].map(|count| count.to_string());
        let mut values = vec![Value::Text(self.outcome)];
        values.extend(counts.iter().map(|count| Value::Text(count)));
        values.extend(self.codes.iter().map(|code| Value::Text(code)));
        writer.segment("AK9", &values)?;
        Ok(())
    }
}

impl SetAnswer<'_> {
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        let names = [self.id, self.control_number, self.version];
        writer.segment("AK2", &names.map(Value::Text))?;
        for fault in &self.faults {
            let position = fault.position.to_string();
            let values = [&fault.id, &position, "", fault.code];
            writer.segment("IK3", &values.map(Value::Text))?;
            if let Some(claim) = &fault.claim {
                writer.segment("CTX", &[Value::Composite(&["CLM01", claim])])?;
            }
            for element in &fault.elements {
                let numbers = [
                    element.element.to_string(),
                    shown(element.component),
                    shown(element.repetition),
                ];
                let place = [&*numbers[0], &*numbers[1], &*numbers[2]];
                let values = [
                    Value::Composite(&place),
                    Value::Text(element.data_element),
                    Value::Text(element.code),
                ];
                writer.segment("IK4", &values)?;
            }
        }
        let mut values = vec![Value::Text(self.outcome.code())];
        values.extend(self.codes.iter().map(|code| Value::Text(code)));
        writer.segment("IK5", &values)?;
        Ok(())
    }
}

fn shown(number: Option<usize>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
