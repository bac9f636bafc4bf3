//! Deciding what is paid of a claim, line by line, so that it balances: what is charged less what is adjusted is what is
//! paid (TR3 X221, section 1.10.2.1).

use rust_decimal::{Decimal, RoundingStrategy};

use super::claim::Claim;
use super::rules::{self, Outcome, Rule};

/// One adjustment: CAS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Adjustment {
    /// CAS01: `CO`, `PR`, `OA` or `PI`.
    pub(crate) group: String,
    /// CAS02: a claim adjustment reason code.
    pub(crate) reason: String,
    /// CAS03: what is not paid because of it.
    pub(crate) amount: Decimal,
}

/// What was decided of a service line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineDecision {
    /// What is paid.
    pub(crate) paid: Decimal,
    /// Why the rest is not. There is at most one, and none of zero.
    pub(crate) adjustment: Option<Adjustment>,
    /// A remittance advice remark code; empty where there is none.
    pub(crate) remark: String,
}

/// What was decided of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Adjudication {
    /// Something is decided of every line.
    Decided(Vec<LineDecision>),
    /// Nothing is decided yet.
    Pended,
}

impl Adjudication {
    /// What is paid in all.
    pub(crate) fn paid(&self) -> Decimal {
        match self {
            Self::Decided(lines) => lines.iter().map(|line| line.paid).sum(),
            Self::Pended => Decimal::ZERO,
        }
    }

    /// What the patient owes: the sum of the adjustments of group PR (TR3 X221, CLP05).
    pub(crate) fn patient_owes(&self) -> Decimal {
        let Self::Decided(lines) = self else {
            return Decimal::ZERO;
        };
        lines
            .iter()
            .filter_map(|line| line.adjustment.as_ref())
            .filter(|adjustment| adjustment.group == "PR")
            .map(|adjustment| adjustment.amount)
            .sum()
    }

    /// `paid`, `part paid`, `denied` or `pended`.
    pub(crate) fn status(&self, charge: Decimal) -> &'static str {
        match self {
            Self::Pended => "pended",
            Self::Decided(_) if self.paid() == charge => "paid",
            Self::Decided(_) if self.paid() > Decimal::ZERO => "part paid",
            Self::Decided(_) => "denied",
        }
    }
}

/// Adjudicates a claim by the rules.
pub(crate) fn adjudicate(claim: &Claim, rules: &[Rule]) -> Adjudication {
    let mut lines = Vec::with_capacity(claim.lines.len());
    for line in &claim.lines {
        let rule = rules::find(rules, claim, line);
        let charge = line.charge;
        let paid = match rule.map(|rule| &rule.outcome) {
            None => charge,
            Some(Outcome::Pend) => return Adjudication::Pended,
            Some(Outcome::Share(share)) => charge
                .checked_mul(*share)
                .unwrap_or(charge)
                .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
                .min(charge),
            Some(Outcome::Allowed(allowed)) => charge.min(*allowed),
            Some(Outcome::Deny { .. }) => Decimal::ZERO,
        };
        // Nothing else is refunded than what was charged.
        let paid = paid.max(Decimal::ZERO.min(charge));
        let (group, reason, remark) = match rule {
            Some(Rule {
                outcome: Outcome::Deny { carc, rarc },
                adjust,
                ..
            }) => (adjust.0.clone(), carc.clone(), rarc.clone()),
            Some(rule) => (rule.adjust.0.clone(), rule.adjust.1.clone(), String::new()),
            None => Default::default(),
        };
        let amount = charge - paid;
        lines.push(LineDecision {
            paid,
            adjustment: (!amount.is_zero()).then_some(Adjustment {
                group,
                reason,
                amount,
            }),
            remark,
        });
    }
    Adjudication::Decided(lines)
}

/// The same with every sign turned round: what a reversal takes back.
pub(crate) fn reversed(lines: &[LineDecision]) -> Vec<LineDecision> {
    lines
        .iter()
        .map(|line| LineDecision {
            paid: -line.paid,
            adjustment: line.adjustment.as_ref().map(|adjustment| Adjustment {
                amount: -adjustment.amount,
                ..adjustment.clone()
            }),
            remark: String::new(),
        })
        .collect()
}
