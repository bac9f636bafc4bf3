//! SNIP level 4: what the situation requires. These are the rules that are broken most often, not all of them.
//!
//! | set | rule | source |
//! |---|---|---|
//! | all with levels | HL04 is 1 where a level stands below, 0 where none does | TR3, HL04 |
//! | 837 | SBR02 is 18 exactly where the subscriber is the patient, that is without 2000C | TR3, 2000B SBR02 |
//! | 837 | address and birth date of a subscriber who is the patient | TR3, 2010BA N3, N4, DMG |
//! | 837 | a replacement or void (CLM05-3 of 7 or 8) names the claim of the payer, REF*F8 | TR3, 2300 REF*F8 |
//! | 837P | an accident (CLM11 with AA or OA) has its date, DTP*439 | TR3 X222, 2300 DTP*439 |
//! | 837P | pointers of a line (SV107) point to diagnoses of the claim | TR3 X222, 2400 SV107 |
//! | 837I | an inpatient claim (facility type 11) has its admission, DTP*435, and admitting diagnosis, HI*ABJ | TR3 X223, 2300 |
//! | 835 | what is paid by ACH, BOP or FWT names the accounts, BPR06 to BPR10 and BPR12 to BPR15, by ACH also its format, BPR05; NON pays nothing | TR3 X221, BPR |
//! | 835 | CLP05 is the sum of the adjustments of group PR | TR3 X221, 2100 CLP05 |
//! | 835 | no adjustment of zero | TR3 X221, CAS |
//! | 277CA | what is accepted (categories A0, A1, A2, A5) has STC03 WQ, what is rejected (A3, A6, A7, A8) U; one claim has one outcome | TR3 X214, STC |

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::hierarchy::level;
use super::money::{amount, sum};
use crate::element::Segment;
use crate::finding::{Findings, Kind, Place};
use crate::matching::Tree;

/// Judges the situations of a transaction set.
pub(super) fn judge(tree: &Tree<'_>, findings: &mut Findings) {
    let mut situation = Situation { tree, findings };
    situation.children();
    match (tree.guide().set, tree.guide().version) {
        ("837", version) => situation.claims(version),
        ("835", _) => situation.remittance(),
        ("277", "005010X214") => situation.claim_acknowledgement(),
        _ => {}
    }
}

struct Situation<'t, 'a> {
    tree: &'t Tree<'a>,
    findings: &'t mut Findings,
}

impl<'t, 'a> Situation<'t, 'a> {
    fn own(
        &self,
        number: usize,
        id: &'static str,
    ) -> impl Iterator<Item = Segment<'a>> + use<'t, 'a> {
        let own = self.tree.own(number);
        own.filter(move |placed| placed.segment.id() == id)
            .map(|placed| placed.segment)
    }

    /// The segment of a loop itself whose first element, or the first component of it, is one of these codes.
    fn coded(&self, number: usize, id: &'static str, codes: &[&str]) -> Option<Segment<'a>> {
        self.own(number, id).find(|found| {
            let code = found.element(1).and_then(|element| element.component(1));
            code.is_some_and(|code| codes.iter().any(|known| known.as_bytes() == code.raw()))
        })
    }

    fn add(
        &mut self,
        inside: usize,
        segment: &Segment<'a>,
        element: Option<usize>,
        detail: impl Into<String>,
    ) {
        let place = match element {
            Some(element) => Place::element(segment, element),
            None => Place::of(segment),
        };
        let inside = self.tree.loops().get(inside);
        let place = place.within(inside.map_or("", |found| found.spec.id));
        let detail = detail.into();
        self.findings.add(Kind::Situation, place, || detail);
    }

    fn children(&mut self) {
        let tree = self.tree;
        let mut parents = HashSet::new();
        for found in tree.loops() {
            if level(tree, found).is_none() {
                continue;
            }
            let mut around = found.parent;
            while let Some(number) = around {
                let outer = &tree.loops()[number];
                if level(tree, outer).is_some() {
                    parents.insert(number);
                    break;
                }
                around = outer.parent;
            }
        }
        for (number, found) in tree.loops().iter().enumerate() {
            let Some(segment) = level(tree, found) else {
                continue;
            };
            match (segment.text(4), parents.contains(&number)) {
                (Some("1"), false) => {
                    self.add(
                        number,
                        &segment,
                        Some(4),
                        "HL04 is 1, and no level stands below",
                    );
                }
                (Some("0"), true) => {
                    self.add(
                        number,
                        &segment,
                        Some(4),
                        "HL04 is 0, and a level stands below",
                    );
                }
                _ => {}
            }
        }
    }

    fn claims(&mut self, version: &str) {
        let tree = self.tree;
        for subscriber in tree.within(0, "2000B") {
            self.subscriber(subscriber);
        }
        for claim in tree.within(0, "2300") {
            let Some(head) = self.own(claim, "CLM").next() else {
                continue;
            };
            let part = |element: usize, number: usize| {
                let part = head.element(element)?.component(number)?;
                std::str::from_utf8(part.raw()).ok()
            };
            if matches!(part(5, 3), Some("7" | "8")) && self.coded(claim, "REF", &["F8"]).is_none()
            {
                self.add(
                    claim,
                    &head,
                    Some(5),
                    "a replacement or void lacks REF F8, the number that the payer gave the claim",
                );
            }
            if version == "005010X223A2" {
                if part(5, 1) == Some("11") {
                    self.inpatient(claim, &head);
                }
                continue;
            }
            let causes = [part(11, 1), part(11, 2)];
            if causes
                .iter()
                .any(|cause| matches!(cause, Some("AA" | "OA")))
                && self.coded(claim, "DTP", &["439"]).is_none()
            {
                self.add(
                    claim,
                    &head,
                    Some(11),
                    "an accident lacks its date, DTP 439",
                );
            }
            self.pointers(claim);
        }
    }

    fn subscriber(&mut self, subscriber: usize) {
        let tree = self.tree;
        let Some(head) = self.own(subscriber, "SBR").next() else {
            return;
        };
        let said = self.own(subscriber, "HL").next();
        let is_patient = tree.within(subscriber, "2000C").next().is_none();
        if is_patient && said.is_some_and(|level| level.text(4) == Some("1")) {
            // The patient is missing, or HL04 is wrong: that is told once.
            return;
        }
        match (head.text(2), is_patient) {
            (Some("18"), true) | (None, false) => {}
            (_, true) => self.add(
                subscriber,
                &head,
                Some(2),
                "no patient stands below, so the subscriber is the patient and SBR02 is 18",
            ),
            (Some(_), false) => self.add(
                subscriber,
                &head,
                Some(2),
                "a patient stands below, so SBR02 is not used",
            ),
        }
        if !is_patient {
            return;
        }
        for name in tree.within(subscriber, "2010BA") {
            let Some(first) = self.own(name, "NM1").next() else {
                continue;
            };
            for (id, what) in [("N3", "address"), ("N4", "city"), ("DMG", "birth date")] {
                if first.text(2) == Some("1") && self.own(name, id).next().is_none() {
                    let detail =
                        format!("the subscriber is the patient and lacks {id}, the {what}");
                    self.add(name, &first, None, detail);
                }
            }
        }
    }

    fn inpatient(&mut self, claim: usize, head: &Segment<'a>) {
        if self.coded(claim, "DTP", &["435"]).is_none() {
            self.add(
                claim,
                head,
                Some(5),
                "an inpatient claim lacks its admission, DTP 435",
            );
        }
        if self.coded(claim, "HI", &["ABJ", "BJ"]).is_none() {
            let detail = "an inpatient claim lacks its admitting diagnosis, HI ABJ";
            self.add(claim, head, Some(5), detail);
        }
    }

    fn pointers(&mut self, claim: usize) {
        let tree = self.tree;
        let Some(diagnoses) = self.coded(claim, "HI", &["ABK", "BK"]) else {
            return;
        };
        let count = diagnoses
            .elements()
            .filter(|found| !found.is_empty())
            .count();
        for line in tree.within(claim, "2400") {
            let Some(service) = self.own(line, "SV1").next() else {
                continue;
            };
            let pointers = service.element(7).into_iter();
            let beyond = pointers
                .flat_map(|element| element.components())
                .filter_map(|pointer| std::str::from_utf8(pointer.raw()).ok()?.parse().ok())
                .find(|pointer: &usize| *pointer == 0 || *pointer > count);
            if let Some(beyond) = beyond {
                let detail =
                    format!("it points to diagnosis {beyond}, and the claim has {count} of them");
                self.add(line, &service, Some(7), detail);
            }
        }
    }

    fn remittance(&mut self) {
        let tree = self.tree;
        if let Some(payment) = self.own(0, "BPR").next() {
            let is_clearing_house = payment.text(4) == Some("ACH");
            let missing = [5, 6, 7, 8, 9, 10, 12, 13, 14, 15]
                .into_iter()
                .filter(|place| *place != 5 || is_clearing_house)
                .find(|place| payment.text(*place).is_none());
            match (payment.text(4), missing) {
                (Some("ACH" | "BOP" | "FWT"), Some(place)) => {
                    let detail = "an electronic payment names the accounts of both sides";
                    self.add(0, &payment, Some(place), detail);
                }
                (Some("NON"), _) if amount(&payment, 2).is_some_and(|paid| !paid.is_zero()) => {
                    let detail = "BPR04 is NON, and nothing can be paid by it";
                    self.add(0, &payment, Some(2), detail);
                }
                _ => {}
            }
        }
        for claim in tree.within(0, "2100") {
            let Some(head) = self.own(claim, "CLP").next() else {
                continue;
            };
            let inside = tree.loops().get(claim);
            let inside = inside.map_or(&[][..], |found| tree.inside(found));
            let adjustments = inside.iter().filter(|placed| placed.segment.id() == "CAS");
            let mut patient = Vec::new();
            for placed in adjustments {
                for place in [3, 6, 9, 12, 15, 18] {
                    let Some(found) = amount(&placed.segment, place) else {
                        continue;
                    };
                    let said = placed.segment.text(place).is_some();
                    if said && found.is_zero() {
                        let detail = "an adjustment of zero is not told";
                        self.add(placed.inside, &placed.segment, Some(place), detail);
                    }
                    if placed.segment.text(1) == Some("PR") {
                        patient.push(Some(found));
                    }
                }
            }
            let (said, expected) = (amount(&head, 5), sum(patient));
            if head.text(5).is_some() && said.is_some() && said != expected {
                let shown = expected.unwrap_or(Decimal::ZERO).normalize();
                let detail = format!("the adjustments of group PR come to {shown}");
                self.add(claim, &head, Some(5), detail);
            }
        }
    }

    fn claim_acknowledgement(&mut self) {
        let tree = self.tree;
        for claim in ["2200B", "2200C", "2200D"] {
            for number in tree.within(0, claim) {
                let mut first = None;
                for status in self.own(number, "STC") {
                    let category = status.element(1).and_then(|element| element.component(1));
                    let category = category.map_or(&b""[..], |category| category.raw());
                    let action = status.text(3);
                    let expected = match category {
                        b"A0" | b"A1" | b"A2" | b"A5" => Some("WQ"),
                        b"A3" | b"A6" | b"A7" | b"A8" => Some("U"),
                        _ => None,
                    };
                    if action.is_some() && expected.is_some() && action != expected {
                        let detail = format!(
                            "a status of category {} goes with {}",
                            category.escape_ascii(),
                            expected.unwrap_or_default()
                        );
                        self.add(number, &status, Some(3), detail);
                    } else if claim == "2200D" && first.is_some_and(|first| first != action) {
                        let detail = "one claim is both accepted and rejected";
                        self.add(number, &status, Some(3), detail);
                    }
                    first = first.or(Some(action));
                }
            }
        }
    }
}
