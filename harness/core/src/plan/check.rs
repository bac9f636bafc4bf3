//! Checks and filters, compiled once for all cases that use them.

use std::sync::Arc;

use wardgate_contract::{
    Span,
    ast::{Check, Filter, Matcher},
};
use wardgate_expression::{fhirpath::Expression, jsonpath::JsonPath};

/// One thing that must be true of a message or a record.
#[derive(Clone, Debug)]
pub enum PlannedCheck {
    /// A located value matches.
    At {
        /// Where, in the words of the protocol.
        locator: String,
        /// What must stand there.
        matcher: Arc<Matcher>,
        /// Where the contract says it.
        span: Span,
    },
    /// The whole body matches.
    Body {
        /// What it must be.
        matcher: Arc<Matcher>,
    },
    /// An expression is true.
    Expression {
        /// The expression.
        expression: Arc<Expression>,
        /// Where the contract says it.
        span: Span,
    },
    /// What a path leads to matches.
    JsonPath {
        /// The path.
        path: Arc<JsonPath>,
        /// What must stand there.
        matcher: Arc<Matcher>,
        /// Where the contract says it.
        span: Span,
    },
}

impl PlannedCheck {
    /// Where the contract says it, where that is one place.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::At { span, .. } | Self::Expression { span, .. } | Self::JsonPath { span, .. } => {
                Some(*span)
            }
            Self::Body { .. } => None,
        }
    }
}

/// Which records a `holds` means.
#[derive(Clone, Debug)]
pub enum CompiledFilter {
    /// Members with these values.
    Members(Arc<[(String, Matcher)]>),
    /// Those of which an expression is true.
    Expression(Arc<Expression>),
}

/// Compiles checks; the error names the expression that does not parse and where it stands.
pub(super) fn compile(checks: &[Check]) -> Result<Arc<[PlannedCheck]>, (Span, String)> {
    checks
        .iter()
        .map(|check| {
            Ok(match check {
                Check::At { locator, matcher } => PlannedCheck::At {
                    locator: locator.value.clone(),
                    matcher: Arc::new(matcher.clone()),
                    span: locator.span,
                },
                Check::Body { matcher } => PlannedCheck::Body {
                    matcher: Arc::new(matcher.clone()),
                },
                Check::Expression(text) => PlannedCheck::Expression {
                    expression: expression(&text.value, text.span)?,
                    span: text.span,
                },
                Check::JsonPath { path, matcher } => PlannedCheck::JsonPath {
                    path: JsonPath::parse(path).map(Arc::new).map_err(|error| {
                        let reason = format!("the JSONPath cannot be read: {error}");
                        (path.span, reason)
                    })?,
                    matcher: Arc::new(matcher.clone()),
                    span: path.span,
                },
            })
        })
        .collect()
}

/// Compiles a `where:`.
pub(super) fn compile_filter(filter: &Filter) -> Result<CompiledFilter, (Span, String)> {
    Ok(match filter {
        Filter::Members(members) => CompiledFilter::Members(
            members
                .iter()
                .map(|(path, matcher)| (path.value.clone(), matcher.clone()))
                .collect(),
        ),
        Filter::Expression(text) => CompiledFilter::Expression(expression(&text.value, text.span)?),
    })
}

/// Compiles one expression.
pub(super) fn expression(text: &str, span: Span) -> Result<Arc<Expression>, (Span, String)> {
    Expression::parse(text)
        .map(Arc::new)
        .map_err(|error| (span, format!("the expression does not parse: {error}")))
}
