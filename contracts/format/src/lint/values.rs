//! Values that nothing can ever have, and counts that ask for nothing.

use super::Lint;
use crate::{
    Finding, Node,
    ast::{Bound, Check, Matcher, MatcherKind},
};

impl Lint<'_> {
    /// The status of an HTTP message is a number from 100 to 599 (RFC 9110, section 15).
    pub(super) fn statuses(&mut self, checks: &[Check]) {
        for check in checks {
            let Check::At { locator, matcher } = check else {
                continue;
            };
            if locator.value == "status" {
                let impossible = values(matcher)
                    .into_iter()
                    .filter(|value| !may_be_status(value));
                self.findings.extend(impossible.map(|value| {
                    Finding::error("wrong-status", value.span, "no message has this status")
                        .label("expected a number from 100 to 599")
                        .help("for example `201`, or `{ one_of: [200, 201] }`")
                }));
            }
        }
    }

    /// At least none is no demand.
    pub(super) fn bound(&mut self, bound: &Bound) {
        if let (0, None, Some(span)) = (bound.min, bound.max, bound.span) {
            self.findings.push(
                Finding::warning("demands-nothing", span, "any number satisfies this")
                    .label("demands nothing")
                    .help("write `absent` for none, or `at least 1`"),
            );
        }
    }
}

/// The values that a matcher names, where it names them.
fn values(matcher: &Matcher) -> Vec<&Node> {
    match &matcher.kind {
        MatcherKind::Equals { value, .. } => vec![value],
        MatcherKind::OneOf(values) => values.iter().collect(),
        _ => Vec::new(),
    }
}

fn may_be_status(value: &Node) -> bool {
    let text = value.as_text().unwrap_or_default();
    text.contains("${") || (text.len() == 3 && matches!(text.parse(), Ok(100_u16..=599)))
}
