//! What is wrong with contracts, the planner's own refusals among it: what lint lets pass can be planned.

mod options;
mod vocabulary;

use std::sync::Arc;

use wardgate_contract::{
    Finding, Severity,
    ast::{Contract, Interaction, Variation},
    lint,
};

use crate::{
    plan::{PlanError, Request, make},
    port::Catalog,
};

/// Judges one contract with the words of these protocols. The findings come in the order of the file.
pub fn lint(contract: &Contract, catalog: &Catalog) -> Vec<Finding> {
    let mut findings = lint::lint_with(contract, catalog);
    if is_sound(&findings) {
        findings.extend(refusals(contract, catalog));
        findings.sort_by_key(|finding| finding.span);
    }
    findings
}

/// Judges the contracts of a run side by side. Each finding comes with the index of the contract that it is about.
pub fn lint_set(contracts: &[Contract], catalog: &Catalog) -> Vec<(usize, Finding)> {
    let mut findings = lint::lint_set(contracts);
    if findings.is_empty()
        && contracts.len() > 1
        && let Err(PlanError::Contract {
            place,
            span,
            message,
        }) = plan(contracts.iter().cloned(), catalog)
    {
        let found = contracts.iter().position(|contract| {
            contract.source.place(span.start) == place && refused(contract, catalog).is_none()
        });
        // What a contract is refused for by itself was said where it was judged.
        findings.extend(found.map(|index| (index, finding(span, message))));
    }
    findings
}

fn is_sound(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.severity != Severity::Error)
}

/// What the planner refuses in a contract. It stops at the first fault, so where it finds one it is asked about one case after
/// the other; what it finds in none of them lies between them.
fn refusals(contract: &Contract, catalog: &Catalog) -> Vec<Finding> {
    let Some(whole) = refused(contract, catalog) else {
        return Vec::new();
    };
    let empty = Contract {
        interactions: Vec::new(),
        properties: Vec::new(),
        ..contract.clone()
    };
    let mut findings = Vec::new();
    for interaction in &contract.interactions {
        let with = |variations: &[Variation]| Contract {
            interactions: vec![Interaction {
                variations: variations.to_vec(),
                ..interaction.clone()
            }],
            ..empty.clone()
        };
        // Where the plain case is refused, its variations would be refused for the same.
        if let Some(finding) = refused(&with(&[]), catalog) {
            findings.push(finding);
            continue;
        }
        let varied = interaction.variations.iter();
        findings.extend(
            varied.filter_map(|variation| refused(&with(std::slice::from_ref(variation)), catalog)),
        );
    }
    findings.extend(contract.properties.iter().filter_map(|property| {
        let alone = Contract {
            properties: vec![property.clone()],
            ..empty.clone()
        };
        refused(&alone, catalog)
    }));
    if findings.is_empty() {
        findings.push(whole);
    }
    findings
}

fn refused(contract: &Contract, catalog: &Catalog) -> Option<Finding> {
    match plan([contract.clone()], catalog) {
        Err(PlanError::Contract { span, message, .. }) => Some(finding(span, message)),
        _ => None,
    }
}

fn plan(contracts: impl IntoIterator<Item = Contract>, catalog: &Catalog) -> Result<(), PlanError> {
    let request = Request {
        contracts: contracts.into_iter().map(Arc::new).collect(),
        ..Request::default()
    };
    make(request, catalog).map(drop)
}

fn finding(span: wardgate_contract::Span, message: String) -> Finding {
    Finding::error("no-plan", span, message).label("no case can be made of this")
}
