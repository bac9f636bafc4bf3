//! SNIP level 3: sums within a transaction set, in exact decimals.
//!
//! | set | rule | source |
//! |---|---|---|
//! | 837 | CLM02 = sum of SV102, SV203, SV302 of its lines | TR3 X222, X223, X224, 2300 CLM02 |
//! | 837 | charge of a line = SVD02 + its adjustments, for each other payer | TR3 section 1.4.4 |
//! | 837 | CLM02 = AMT*D + adjustments of claim and lines, for each other payer | TR3 section 1.4.4 |
//! | 835 | SVC02 - adjustments = SVC03 | TR3 X221, section 1.10.2.1.1 |
//! | 835 | CLP03 - adjustments of claim and lines = CLP04 | TR3 X221, section 1.10.2.1.2 |
//! | 835 | BPR02 = sum of CLP04 - sum of PLB amounts | TR3 X221, section 1.10.2.1.3 |
//! | 820 | RMR05 + adjustments = RMR04; BPR02 = sum of RMR04 + adjustments of entities | TR3 X218, section 1.10 |
//! | 999 | AK903 counts no fewer sets than AK2 names; AK904 = AK903 - sets that are rejected | TR3 X231, AK9 |
//!
//! What holds an amount that cannot be read is not summed: that is a finding of level 1.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::money::{adjusted, amount, provider_adjusted, sum};
use crate::element::Segment;
use crate::finding::{Findings, Kind, Place};
use crate::matching::Tree;

/// Judges the sums of a transaction set.
pub(super) fn judge(tree: &Tree<'_>, findings: &mut Findings) {
    let mut balance = Balance { tree, findings };
    match tree.guide().set {
        "837" => balance.claims(),
        "835" => balance.remittance(),
        "820" => balance.premiums(),
        "999" => balance.acknowledgement(),
        _ => {}
    }
}

struct Balance<'t, 'a> {
    tree: &'t Tree<'a>,
    findings: &'t mut Findings,
}

impl<'t, 'a> Balance<'t, 'a> {
    /// The segments of this identifier in a loop and those within it.
    fn all(
        &self,
        number: usize,
        id: &'static str,
    ) -> impl Iterator<Item = Segment<'a>> + use<'t, 'a> {
        let inside = self.tree.loops().get(number);
        let inside = inside.map_or(&[][..], |found| self.tree.inside(found));
        let named = inside
            .iter()
            .filter(move |placed| placed.spec.is_some() && placed.segment.id() == id);
        named.map(|placed| placed.segment)
    }

    /// The first segment of this identifier in a loop itself.
    fn own(&self, number: usize, id: &str) -> Option<Segment<'a>> {
        let mut own = self.tree.own(number);
        own.find(|placed| placed.segment.id() == id)
            .map(|placed| placed.segment)
    }

    fn compare(
        &mut self,
        place: (&Segment<'a>, usize, usize),
        said: Option<Decimal>,
        expected: Option<Decimal>,
        rule: &str,
    ) {
        let (segment, element, inside) = place;
        let (Some(said), Some(expected)) = (said, expected) else {
            return;
        };
        if said != expected {
            let inside = self.tree.loops().get(inside);
            let inside = inside.map_or("", |found| found.spec.id);
            let place = Place::element(segment, element).within(inside);
            self.findings.add(Kind::Balance, place, || {
                format!(
                    "{}{element:02} is {}, and {rule} is {}",
                    segment.id(),
                    said.normalize(),
                    expected.normalize()
                )
            });
        }
    }

    fn claims(&mut self) {
        let tree = self.tree;
        for claim in tree.within(0, "2300") {
            let Some(head) = self.own(claim, "CLM") else {
                continue;
            };
            let charge = amount(&head, 2);
            let lines: Vec<_> = tree
                .within(claim, "2400")
                .map(|line| (line, self.charge(line)))
                .collect();
            if !lines.is_empty() {
                let total = sum(lines
                    .iter()
                    .map(|(_, charge)| charge.and_then(|(_, _, paid)| paid)));
                self.compare((&head, 2, claim), charge, total, "the sum of its lines");
            }
            for (line, charge) in &lines {
                if let Some((service, place, charge)) = charge {
                    self.adjudicated(*line, service, *place, *charge);
                }
            }
            let others: Vec<_> = tree.within(claim, "2320").collect();
            if !others.is_empty() {
                let by_payer = self.line_adjustments(claim);
                for other in others {
                    self.coordinated(claim, other, &head, &by_payer);
                }
            }
        }
    }

    /// The segment of a line that holds its charge, the place of the charge, and the charge.
    fn charge(&self, line: usize) -> Option<(Segment<'a>, usize, Option<Decimal>)> {
        [("SV1", 2), ("SV2", 3), ("SV3", 2)]
            .into_iter()
            .find_map(|(id, place)| {
                let service = self.own(line, id)?;
                Some((service, place, amount(&service, place)))
            })
    }

    /// What each other payer paid and adjusted of a line comes to its charge.
    fn adjudicated(
        &mut self,
        line: usize,
        service: &Segment<'a>,
        place: usize,
        charge: Option<Decimal>,
    ) {
        let mut payers: BTreeMap<&str, Option<Decimal>> = BTreeMap::new();
        for decision in self.tree.within(line, "2430") {
            let Some(head) = self.own(decision, "SVD") else {
                continue;
            };
            let adjusted = sum(self.all(decision, "CAS").map(|found| adjusted(&found)));
            let covered = sum([amount(&head, 2), adjusted]);
            let payer = head.text(1).unwrap_or_default();
            let total = payers.entry(payer).or_insert(Some(Decimal::ZERO));
            *total = sum([*total, covered]);
        }
        for covered in payers.into_values() {
            self.compare(
                (service, place, line),
                charge,
                covered,
                "what another payer paid and adjusted of it",
            );
        }
    }

    /// What each other payer adjusted of the lines of a claim.
    fn line_adjustments(&self, claim: usize) -> BTreeMap<&'a str, Option<Decimal>> {
        let mut payers = BTreeMap::new();
        for decision in self.tree.within(claim, "2430") {
            let Some(payer) = self.own(decision, "SVD").and_then(|head| head.text(1)) else {
                continue;
            };
            let adjusted = sum(self.all(decision, "CAS").map(|found| adjusted(&found)));
            let total = payers.entry(payer).or_insert(Some(Decimal::ZERO));
            *total = sum([*total, adjusted]);
        }
        payers
    }

    /// What another payer paid and adjusted of a claim comes to its charge.
    fn coordinated(
        &mut self,
        claim: usize,
        other: usize,
        head: &Segment<'a>,
        by_payer: &BTreeMap<&'a str, Option<Decimal>>,
    ) {
        let tree = self.tree;
        let paid = tree
            .own(other)
            .map(|placed| placed.segment)
            .find(|found| found.id() == "AMT" && found.text(1) == Some("D"));
        let Some(paid) = paid else {
            return;
        };
        let payer = tree
            .within(other, "2330B")
            .find_map(|name| self.own(name, "NM1")?.text(9));
        let own = tree
            .own(other)
            .filter(|placed| placed.segment.id() == "CAS");
        let own = sum(own.map(|placed| adjusted(&placed.segment)));
        let lines = payer.and_then(|payer| by_payer.get(payer).copied());
        let lines = lines.unwrap_or(Some(Decimal::ZERO));
        let covered = sum([amount(&paid, 2), own, lines]);
        self.compare(
            (head, 2, claim),
            amount(head, 2),
            covered,
            "what another payer paid and adjusted of it",
        );
    }

    fn remittance(&mut self) {
        let tree = self.tree;
        let mut paid = Vec::new();
        for claim in tree.within(0, "2100") {
            let Some(head) = self.own(claim, "CLP") else {
                continue;
            };
            for line in tree.within(claim, "2110") {
                let Some(service) = self.own(line, "SVC") else {
                    continue;
                };
                let adjusted = sum(self.all(line, "CAS").map(|found| adjusted(&found)));
                let expected = less(amount(&service, 2), adjusted);
                let said = amount(&service, 3);
                self.compare(
                    (&service, 3, line),
                    said,
                    expected,
                    "SVC02 less its adjustments",
                );
            }
            let adjusted = sum(self.all(claim, "CAS").map(|found| adjusted(&found)));
            let expected = less(amount(&head, 3), adjusted);
            let said = amount(&head, 4);
            self.compare(
                (&head, 4, claim),
                said,
                expected,
                "CLP03 less the adjustments of claim and lines",
            );
            paid.push(said);
        }
        let Some(head) = self.own(0, "BPR") else {
            return;
        };
        let provider = tree.own(0).filter(|placed| placed.segment.id() == "PLB");
        let provider = sum(provider.map(|placed| provider_adjusted(&placed.segment)));
        let expected = less(sum(paid), provider);
        self.compare(
            (&head, 2, 0),
            amount(&head, 2),
            expected,
            "the sum of CLP04 less that of PLB",
        );
    }

    fn premiums(&mut self) {
        let tree = self.tree;
        let mut paid = Vec::new();
        for (detail, adjustment) in [("2300A", "2320A"), ("2300B", "2320B")] {
            for item in tree.within(0, detail) {
                let Some(head) = self.own(item, "RMR") else {
                    continue;
                };
                let adjusted = tree
                    .within(item, adjustment)
                    .map(|inner| amount(&self.own(inner, "ADX")?, 1));
                let expected = sum([amount(&head, 5), sum(adjusted)]);
                if head.text(5).is_some() {
                    let said = amount(&head, 4);
                    self.compare(
                        (&head, 4, item),
                        said,
                        expected,
                        "RMR05 with its adjustments",
                    );
                }
                paid.push(amount(&head, 4));
            }
        }
        for entity in ["2200A", "2200B"] {
            for inner in tree.within(0, entity) {
                paid.extend(self.own(inner, "ADX").map(|found| amount(&found, 1)));
            }
        }
        if let Some(head) = self.own(0, "BPR") {
            let said = amount(&head, 2);
            self.compare(
                (&head, 2, 0),
                said,
                sum(paid),
                "the sum of RMR04 and of the adjustments of entities",
            );
        }
    }

    fn acknowledgement(&mut self) {
        let tree = self.tree;
        let Some(group) = self.own(0, "AK9") else {
            return;
        };
        let named: Vec<_> = tree
            .within(0, "2000")
            .map(|set| self.own(set, "IK5").and_then(|outcome| outcome.text(1)))
            .collect();
        let received = amount(&group, 3);
        let count = Decimal::from(named.len());
        if received.is_some_and(|received| received < count) {
            self.compare((&group, 3, 0), received, Some(count), "the count of AK2");
        }
        let rejected = named
            .iter()
            .filter(|outcome| !matches!(outcome, Some("A" | "E") | None))
            .count();
        let expected = less(received, Some(Decimal::from(rejected)));
        // A group that is rejected as a whole has no set accepted, whether or not it names them.
        if group.text(1) != Some("R") {
            self.compare(
                (&group, 4, 0),
                amount(&group, 4),
                expected,
                "AK903 less the sets that are rejected",
            );
        }
    }
}

fn less(from: Option<Decimal>, amount: Option<Decimal>) -> Option<Decimal> {
    from?.checked_sub(amount?)
}
