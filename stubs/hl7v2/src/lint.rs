//! What lint says of the structure of a message that a contract sends.

use wardgate_contract::{Finding, Node};

use crate::{
    message::Message,
    validate::{Rule, Severity, validate},
};

/// How many faults of one message are told: a message with more has one cause.
const FAULTS_MAX: usize = 5;

/// Warnings about a message whose shape is not that of its version: segments or repetitions that have no place there, or
/// an MSH-9 that fits nothing. What a message leaves out is not told, nor values that are wrong: a contract is about little,
/// and often about just that. `token` is what stands for what only a run knows.
pub(crate) fn structure(node: &Node, message: &Message<'_>, token: &str) -> Vec<Finding> {
    let header = message.header().segment();
    let is_open = |number: usize| {
        header
            .field(number)
            .is_some_and(|field| memchr::memmem::find(field.raw(), token.as_bytes()).is_some())
    };
    if is_open(9) || is_open(12) {
        return Vec::new();
    }
    let mut faults = validate(message);
    faults.retain(|fault| match fault.rule {
        Rule::WrongStructureName | Rule::UnknownStructure => true,
        Rule::SegmentOutOfOrder
        | Rule::SegmentTooOften
        | Rule::SegmentNotInStructure
        | Rule::FieldTooOften => fault.severity == Severity::Error,
        _ => false,
    });
    let mut findings: Vec<_> = faults
        .iter()
        .take(FAULTS_MAX)
        .map(|fault| {
            Finding::warning("wrong-structure", node.span, fault.to_string())
                .label(format!(
                    "{} in segment {}",
                    fault.rule.name(),
                    fault.segment
                ))
                .help("a message that is meant to be wrong may stay so")
        })
        .collect();
    if faults.len() > FAULTS_MAX {
        let more = format!("{} more faults in its structure", faults.len() - FAULTS_MAX);
        findings.push(Finding::warning("wrong-structure", node.span, more));
    }
    findings
}
