//! Matching: how what came differs from what was promised.

mod duplicates;
mod list;
mod located;
mod moment;
mod scalar;
mod text;
mod value;

use wardgate_contract::{Span, ast::Matcher};
use wardgate_expression::{Json, fhirpath::Expression, jsonpath::JsonPath};

use crate::{
    bindings::Bindings,
    plan::{CompiledFilter, PlannedCheck},
    port::{Protocol, Reading, Typing},
    verdict::{Mismatch, MismatchKind},
};

/// What a check needs beside the message.
pub struct Ground<'a> {
    /// The values in reach.
    pub bindings: &'a Bindings,
    /// The protocol's own form of a synthetic record.
    pub render: &'a dyn Fn(&str, &Json) -> Option<Json>,
}

/// What came of some checks on one message or record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Every difference.
    pub mismatches: Vec<Mismatch>,
    /// What was seen, check by check, as `place = value` lines.
    pub actual: Vec<String>,
    /// Where the contract says the first thing that is not so.
    pub span: Option<Span>,
}

/// Checks a message that its protocol has read.
pub fn check_message(
    checks: &[PlannedCheck],
    reading: &dyn Reading,
    ground: &Ground<'_>,
) -> Checked {
    let mut out = Checked::default();
    for check in checks {
        match check {
            PlannedCheck::At {
                locator, matcher, ..
            } => match reading.locate(locator) {
                Ok(values) => {
                    let typing = reading.typing(Some(locator));
                    located::check(locator, matcher, &values, typing, ground, &mut out);
                }
                Err(reason) => out.malformed(locator, &reason),
            },
            PlannedCheck::Body { matcher } => match reading.json() {
                Ok(body) => {
                    let typing = reading.typing(None);
                    value::check("", matcher, Some(body), typing, ground, &mut out.mismatches);
                    out.actual
                        .push(format!("body = {}", text::short(&body.to_string())));
                }
                Err(reason) => out.malformed("body", &reason),
            },
            PlannedCheck::Expression { expression, .. } => match reading.json() {
                Ok(body) => expression_holds(expression, body, ground, &mut out),
                Err(reason) => out.malformed(expression.source(), &reason),
            },
            PlannedCheck::JsonPath { path, matcher, .. } => match reading.json() {
                Ok(body) => {
                    let typing = reading.typing(None);
                    json_path(path, matcher, body, typing, ground, &mut out);
                }
                Err(reason) => out.malformed(path.source(), &reason),
            },
        }
        out.mark(check);
    }
    let reads_json = checks.iter().any(|check| {
        let locator = match check {
            PlannedCheck::At { locator, .. } => Some(locator.as_str()),
            _ => None,
        };
        reading.typing(locator) == Typing::Json
    });
    if reads_json && let Ok(body) = reading.json() {
        duplicates::report(body, "", &mut out.mismatches);
    }
    out
}

/// Checks a record that a partner holds.
pub fn check_record(
    checks: &[PlannedCheck],
    record: &Json,
    protocol: &dyn Protocol,
    ground: &Ground<'_>,
) -> Checked {
    let typing = protocol.typing();
    let mut out = Checked::default();
    for check in checks {
        match check {
            PlannedCheck::At {
                locator, matcher, ..
            } => {
                let values = values_at(record, locator, protocol);
                located::check(locator, matcher, &values, typing, ground, &mut out);
            }
            PlannedCheck::Body { matcher } => {
                value::check(
                    "",
                    matcher,
                    Some(record),
                    typing,
                    ground,
                    &mut out.mismatches,
                );
                out.actual.push(text::short(&record.to_string()));
            }
            PlannedCheck::Expression { expression, .. } => {
                expression_holds(expression, record, ground, &mut out);
            }
            PlannedCheck::JsonPath { path, matcher, .. } => {
                json_path(path, matcher, record, typing, ground, &mut out);
            }
        }
        out.mark(check);
    }
    if typing == Typing::Json && !checks.is_empty() {
        duplicates::report(record, "", &mut out.mismatches);
    }
    out
}

/// Whether a `where:` means this record. Where that cannot be told, the error says of which expression and record, and
/// why: a record that cannot be judged must not pass for one that is not meant.
pub fn selects(
    filter: &CompiledFilter,
    record: &Json,
    protocol: &dyn Protocol,
    ground: &Ground<'_>,
) -> Result<bool, String> {
    let typing = protocol.typing();
    match filter {
        CompiledFilter::Members(members) => {
            for (path, matcher) in members.iter() {
                let mut out = Checked::default();
                let values = values_at(record, path, protocol);
                located::check(path, matcher, &values, typing, ground, &mut out);
                let unjudged = out
                    .mismatches
                    .iter()
                    .find(|found| found.kind == MismatchKind::Unjudged);
                if let Some(unjudged) = unjudged {
                    return Err(cannot_tell(path, record, &unjudged.actual));
                }
                if !out.mismatches.is_empty() {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        CompiledFilter::Expression(expression) => expression
            .is_true(&ground.bindings.context(record))
            .map_err(|error| cannot_tell(expression.source(), record, &error.to_string())),
    }
}

/// What stands at a place of a record: where the protocol's locator leads, or else the member of that path.
fn values_at(record: &Json, place: &str, protocol: &dyn Protocol) -> Vec<Json> {
    protocol
        .locate_in(record, place)
        .unwrap_or_else(|| member(record, place).into_iter().collect())
}

fn cannot_tell(filter: &str, record: &Json, reason: &str) -> String {
    format!(
        "`{filter}` cannot be told of {}: {reason}",
        text::short(&record.to_string())
    )
}

/// Checks what a path leads to.
fn json_path(
    path: &JsonPath,
    matcher: &Matcher,
    json: &Json,
    typing: Typing,
    ground: &Ground<'_>,
    out: &mut Checked,
) {
    let values: Vec<Json> = path.find(json).into_iter().cloned().collect();
    located::check(path.source(), matcher, &values, typing, ground, out);
}

/// Checks that an expression is true of a JSON value.
pub fn expression_holds(
    expression: &Expression,
    json: &Json,
    ground: &Ground<'_>,
    out: &mut Checked,
) {
    let context = ground.bindings.context(json);
    match expression.is_true(&context) {
        Ok(true) => out.actual.push(format!("{} is true", expression.source())),
        Ok(false) => {
            let untrue = text::untrue(expression, &context);
            out.actual.push(untrue.explained);
            out.mismatches.push(Mismatch {
                kind: MismatchKind::Value,
                at: untrue.at,
                expected: untrue.expected,
                actual: untrue.actual,
            });
        }
        Err(error) => out.malformed(expression.source(), &error.to_string()),
    }
}

/// The values of an expression over a JSON value, for captures.
pub fn evaluate(
    expression: &Expression,
    json: &Json,
    ground: &Ground<'_>,
) -> Result<Vec<Json>, String> {
    expression
        .evaluate(&ground.bindings.context(json))
        .map(|values| {
            values
                .iter()
                .map(wardgate_expression::fhirpath::Value::to_json)
                .collect()
        })
        .map_err(|error| error.to_string())
}

/// The value at a member path such as `address.city` or `lines[0].amount`.
pub fn member(record: &Json, path: &str) -> Option<Json> {
    let mut value = record;
    for part in path.split('.') {
        let (name, indices) = part
            .split_once('[')
            .map_or((part, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            value = value.get(name)?;
        }
        for index in indices.split('[').filter(|index| !index.is_empty()) {
            value = value.at(index.trim_end_matches(']').parse().ok()?)?;
        }
    }
    Some(value.clone())
}

impl Checked {
    /// Notes where the contract says the first check that failed.
    fn mark(&mut self, check: &PlannedCheck) {
        if self.span.is_none() && !self.mismatches.is_empty() {
            self.span = check.span();
        }
    }

    fn malformed(&mut self, at: &str, reason: &str) {
        self.actual.push(format!("{at}: {reason}"));
        self.mismatches.push(Mismatch {
            kind: MismatchKind::Malformed,
            at: at.to_owned(),
            expected: String::from("something that can be read"),
            actual: reason.to_owned(),
        });
    }
}
