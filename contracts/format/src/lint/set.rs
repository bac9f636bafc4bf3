//! Contracts that do not go together.

use std::collections::HashMap;

use crate::{Finding, ast::Contract};

/// Judges the contracts of a run side by side. Each finding comes with the index of the contract that it is about.
///
/// A run plays each partner once for all contracts, so one name has one protocol; and results are filed by contract
/// id, so no two share one.
pub fn lint_set(contracts: &[Contract]) -> Vec<(usize, Finding)> {
    let mut findings = Vec::new();
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut partners: HashMap<&str, (usize, &str)> = HashMap::new();
    let place = |index: usize, offset: usize| contracts[index].source.place(offset);
    for (index, contract) in contracts.iter().enumerate() {
        if let Some(first) = ids.get(contract.id.as_str()) {
            let finding = Finding::error(
                "duplicate-contract",
                contract.id.span,
                format!("the id `{}` is taken", contract.id.value),
            )
            .label(format!("also the id of {}", place(*first, contracts[*first].id.span.start)))
            .help("give each contract an id of its own; by habit it is the file's path below the suites");
            findings.push((index, finding));
        } else {
            ids.insert(&contract.id, index);
        }
        for partner in &contract.partners {
            let (first, protocol) = *partners
                .entry(&partner.name)
                .or_insert((index, &partner.protocol));
            if protocol != partner.protocol.value {
                let there = contracts[first]
                    .partners
                    .iter()
                    .find(|other| other.name.value == partner.name.value);
                let offset = there.map_or(0, |other| other.protocol.span.start);
                let finding = Finding::error(
                    "partner-conflict",
                    partner.protocol.span,
                    format!(
                        "the partner `{}` speaks `{}` here and `{protocol}` elsewhere",
                        partner.name.value, partner.protocol.value
                    ),
                )
                .label(format!("`{protocol}` in {}", place(first, offset)))
                .help("one name is one system: give one of them another name");
                findings.push((index, finding));
            }
        }
    }
    findings
}
