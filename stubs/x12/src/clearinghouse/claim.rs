//! A claim as it came: what acknowledgements, adjudication and remittances need of it (TR3 X222, X223, X224, 2300).

use rust_decimal::Decimal;

use crate::element::Segment;
use crate::matching::Tree;
use crate::validate::money::amount;

/// A provider, payer, subscriber or patient: NM1 with the address behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Party {
    /// NM102: `1` for a person, `2` for anything else.
    pub(crate) entity_type: String,
    /// NM103.
    pub(crate) name: String,
    /// NM104.
    pub(crate) given: String,
    /// NM105.
    pub(crate) middle: String,
    /// NM107.
    pub(crate) suffix: String,
    /// NM108.
    pub(crate) qualifier: String,
    /// NM109.
    pub(crate) id: String,
    /// N301.
    pub(crate) street: String,
    /// N401 to N403.
    pub(crate) city: [String; 3],
    /// REF02 of EI or SY: the taxpayer.
    pub(crate) tax_id: String,
}

impl Party {
    /// What identifies it: NM109, or else its taxpayer number or its name.
    pub(crate) fn key(&self) -> &str {
        [&self.id, &self.tax_id, &self.name]
            .into_iter()
            .find(|text| !text.is_empty())
            .map_or("", String::as_str)
    }
}

/// One service line: 2400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The components of the procedure: qualifier, code, modifiers. `NU` and the revenue code where there is none.
    pub(crate) procedure: Vec<String>,
    /// SV201, where a procedure stands beside it.
    pub(crate) revenue: String,
    /// What is charged for it.
    pub(crate) charge: Decimal,
    /// How much of it; empty where nothing is said.
    pub(crate) units: String,
    /// First and last day of service, CCYYMMDD; empty where the line names none.
    pub(crate) days: (String, String),
    /// REF02 of 6R.
    pub(crate) control: String,
}

impl Line {
    /// The code of the procedure, without qualifier and modifiers.
    pub(crate) fn code(&self) -> &str {
        self.procedure.get(1).map_or("", String::as_str)
    }
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// `837P`, `837I` or `837D`.
    pub(crate) kind: String,
    /// CLM01.
    pub(crate) number: String,
    /// CLM02.
    pub(crate) charge: Decimal,
    /// CLM05-1.
    pub(crate) facility: String,
    /// CLM05-3: 1 original, 7 replacement, 8 void.
    pub(crate) frequency: String,
    /// REF02 of F8: the number that the payer gave the claim that this one replaces.
    pub(crate) original: String,
    /// SBR09.
    pub(crate) filing: String,
    /// 2010AA.
    pub(crate) provider: Party,
    /// 2010BB.
    pub(crate) payer: Party,
    /// 2010BA.
    pub(crate) subscriber: Party,
    /// 2010CA, or the subscriber where that is the patient.
    pub(crate) patient: Party,
    /// HI, of ABK, BK, ABF and BF.
    pub(crate) diagnoses: Vec<String>,
    /// First and last day of service, CCYYMMDD; empty where the claim names none.
    pub(crate) days: (String, String),
    /// 2400, in order.
    pub(crate) lines: Vec<Line>,
}

impl Claim {
    /// What two claims have in common where one is a duplicate of the other: number, provider, total and days.
    pub(crate) fn duplicate_key(&self) -> String {
        [
            self.number.as_str(),
            self.provider.key(),
            &self.charge.normalize().to_string(),
            &self.days.0,
            &self.days.1,
        ]
        .join("\u{1f}")
    }

    /// The identifier of the member: NM109 of the subscriber.
    pub(crate) fn member(&self) -> &str {
        &self.subscriber.id
    }
}

/// A claim with its place in the transaction set: the index of its loop 2300.
pub(crate) struct Placed {
    pub(crate) number: usize,
    pub(crate) claim: Claim,
}

/// The claims of a transaction set, in order.
pub(crate) fn of(tree: &Tree<'_>, kind: &str) -> Vec<Placed> {
    tree.within(0, "2300")
        .filter_map(|number| {
            Some(Placed {
                number,
                claim: one(tree, number, kind)?,
            })
        })
        .collect()
}

/// The loops around one, innermost first, the loop itself among them.
pub(crate) fn around<'t>(tree: &'t Tree<'_>, number: usize) -> impl Iterator<Item = usize> + 't {
    std::iter::successors(Some(number), |inner| tree.loops().get(*inner)?.parent)
}

fn one(tree: &Tree<'_>, number: usize, kind: &str) -> Option<Claim> {
    let level = |id: &str| around(tree, number).find(|outer| tree.loops()[*outer].spec.id == id);
    let (billing, subscriber) = (level("2000A")?, level("2000B")?);
    let head = own(tree, number, "CLM")?;
    let named = |outer: usize, id: &str| tree.within(outer, id).next().map(|at| party(tree, at));
    let insured = named(subscriber, "2010BA").unwrap_or_default();
    let patient = level("2000C").and_then(|at| named(at, "2010CA"));
    let lines: Vec<Line> = tree
        .within(number, "2400")
        .filter_map(|at| line(tree, at))
        .collect();
    let mut all_days: Vec<(String, String)> = tree
        .own(number)
        .filter(|placed| placed.segment.id() == "DTP")
        .filter(|placed| matches!(placed.segment.text(1), Some("472" | "434")))
        .filter_map(|placed| days(&placed.segment))
        .collect();
    all_days.extend(
        lines
            .iter()
            .map(|line| line.days.clone())
            .filter(|days| !days.0.is_empty()),
    );
    let first = all_days.iter().map(|days| &days.0).min().cloned();
    let last = all_days.iter().map(|days| &days.1).max().cloned();
    Some(Claim {
        kind: kind.to_owned(),
        number: head.text(1)?.to_owned(),
        charge: amount(&head, 2)?,
        facility: component(&head, 5, 1),
        frequency: component(&head, 5, 3),
        original: coded(tree, number, "REF", "F8")
            .map_or_else(String::new, |found| text(&found, 2)),
        filing: own(tree, subscriber, "SBR").map_or_else(String::new, |found| text(&found, 9)),
        provider: named(billing, "2010AA").unwrap_or_default(),
        payer: named(subscriber, "2010BB").unwrap_or_default(),
        patient: patient.unwrap_or_else(|| insured.clone()),
        subscriber: insured,
        diagnoses: diagnoses(tree, number),
        days: (first.unwrap_or_default(), last.unwrap_or_default()),
        lines,
    })
}

fn diagnoses(tree: &Tree<'_>, number: usize) -> Vec<String> {
    let all = tree
        .own(number)
        .filter(|placed| placed.segment.id() == "HI");
    all.flat_map(|placed| placed.segment.elements().collect::<Vec<_>>())
        .filter_map(|element| {
            let qualifier = element.component(1)?;
            let is_diagnosis = matches!(qualifier.raw(), b"ABK" | b"BK" | b"ABF" | b"BF");
            let code = element.component(2).filter(|_| is_diagnosis)?;
            Some(code.text().into_owned())
        })
        .collect()
}

fn party(tree: &Tree<'_>, number: usize) -> Party {
    let Some(name) = own(tree, number, "NM1") else {
        return Party::default();
    };
    let street = own(tree, number, "N3").map_or_else(String::new, |found| text(&found, 1));
    let city = own(tree, number, "N4").map(|found| [1, 2, 3].map(|place| text(&found, place)));
    let tax_id = coded(tree, number, "REF", "EI").or_else(|| coded(tree, number, "REF", "SY"));
    Party {
        entity_type: text(&name, 2),
        name: text(&name, 3),
        given: text(&name, 4),
        middle: text(&name, 5),
        suffix: text(&name, 7),
        qualifier: text(&name, 8),
        id: text(&name, 9),
        street,
        city: city.unwrap_or_default(),
        tax_id: tax_id.map_or_else(String::new, |found| text(&found, 2)),
    }
}

fn line(tree: &Tree<'_>, number: usize) -> Option<Line> {
    // SV1: procedure, charge and units; SV2 has the revenue code in front; SV3 counts in its sixth element.
    let places = [
        ("SV1", 1, 2, 4, 0),
        ("SV2", 2, 3, 5, 1),
        ("SV3", 1, 2, 6, 0),
    ];
    let (service, procedure, charge, units, revenue) =
        places
            .into_iter()
            .find_map(|(id, procedure, charge, units, revenue)| {
                Some((own(tree, number, id)?, procedure, charge, units, revenue))
            })?;
    let components = |place: usize| -> Vec<String> {
        let element = service.element(place).filter(|found| !found.is_empty());
        let parts = element.map(|element| element.components().take(6).collect::<Vec<_>>());
        parts
            .unwrap_or_default()
            .iter()
            .map(|part| part.text().into_owned())
            .collect()
    };
    let mut procedure = components(procedure);
    let mut revenue = if revenue > 0 {
        text(&service, revenue)
    } else {
        String::new()
    };
    if procedure.len() < 2 {
        procedure = vec![String::from("NU"), std::mem::take(&mut revenue)];
    }
    let day = coded(tree, number, "DTP", "472").and_then(|found| days(&found));
    Some(Line {
        procedure,
        revenue,
        charge: amount(&service, charge)?,
        units: text(&service, units),
        days: day.unwrap_or_default(),
        control: coded(tree, number, "REF", "6R").map_or_else(String::new, |found| text(&found, 2)),
    })
}

/// The days that a DTP names: one, or the first and the last of a range.
pub(crate) fn days(segment: &Segment<'_>) -> Option<(String, String)> {
    let value = segment.text(3)?;
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    // Times of day may follow, as in statement dates.
    Some((first.get(..8)?.to_owned(), last.get(..8)?.to_owned()))
}

/// The first segment of this identifier in a loop itself.
pub(crate) fn own<'a>(tree: &Tree<'a>, number: usize, id: &str) -> Option<Segment<'a>> {
    tree.own(number)
        .map(|placed| placed.segment)
        .find(|segment| segment.id() == id)
}

/// The first segment of this identifier in a loop itself that begins with this code.
pub(crate) fn coded<'a>(
    tree: &Tree<'a>,
    number: usize,
    id: &str,
    code: &str,
) -> Option<Segment<'a>> {
    tree.own(number)
        .map(|placed| placed.segment)
        .find(|segment| segment.id() == id && segment.text(1) == Some(code))
}

/// The text of an element; empty where there is none.
pub(crate) fn text(segment: &Segment<'_>, place: usize) -> String {
    segment.text(place).unwrap_or_default().to_owned()
}

fn component(segment: &Segment<'_>, place: usize, part: usize) -> String {
    let found = segment
        .element(place)
        .and_then(|element| element.component(part));
    found.map_or_else(String::new, |found| found.text().into_owned())
}
