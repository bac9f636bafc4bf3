//! What is wrong with a contract, and where.

use crate::Span;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The contract cannot be run.
    Error,
    /// The contract runs, but its author should look here.
    Warning,
}

/// One fault in a contract file: what, where, what was expected, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable rule name in kebab case, such as `unknown-key`.
    pub rule: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where it stands.
    pub span: Span,
    /// What stands in the margin beside the place, such as `expected a duration`.
    pub label: String,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
}

impl Finding {
    /// A fault that keeps the contract from running.
    pub fn error(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule,
            message: message.into(),
            span,
            label: String::from("here"),
            help: None,
        }
    }

    /// A fault that does not keep the contract from running.
    pub fn warning(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, span, message)
        }
    }

    /// Says in the margin what was expected.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// How many findings of one file are told.
pub(crate) const FINDINGS_MAX: usize = 100;

/// Puts findings into the order of the file and keeps the first of them: a file with a thousand faults has one cause.
pub(crate) fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.span);
    if findings.len() > FINDINGS_MAX {
        let worst = findings[FINDINGS_MAX..]
            .iter()
            .map(|finding| finding.severity)
            .min();
        let place = findings[FINDINGS_MAX].span;
        findings.truncate(FINDINGS_MAX);
        findings.push(Finding {
            severity: worst.unwrap_or(Severity::Error),
            ..Finding::error(
                "more-findings",
                place,
                format!("there is more: the first {FINDINGS_MAX} findings have been told"),
            )
            .label("the next one is here")
            .help("mend the first ones, then look again")
        });
    }
    findings
}
