//! `expect:` and the checks under it.

use super::{Reader, matcher, optional, text};
use crate::{
    Finding, Node, Spanned, Value,
    ast::{Bound, Check, Claim, Expect, Filter, Matcher},
    duration, grammar,
};

impl Reader {
    pub(super) fn expect(&mut self, node: &Node) -> Vec<Expect> {
        let mut expectations = Vec::new();
        for (key, value) in node.as_mapping().unwrap_or_default() {
            let from = expectations.len();
            match key.value.as_str() {
                "reply" => {
                    let checks = self.checks(value, grammar::ANSWER.keys);
                    expectations.push(expectation(value, Claim::Reply { checks }));
                }
                "accept" => {
                    let checks = self.checks(value, grammar::ANSWER.keys);
                    expectations.push(expectation(value, Claim::Accept { checks }));
                }
                _ => match &value.value {
                    Value::Sequence(claims) => {
                        expectations
                            .extend(claims.iter().filter_map(|claim| self.claim(key, claim)));
                    }
                    _ => expectations.extend(self.claim(key, value)),
                },
            }
            // A single mapping begins at its key, so that a report cites the line that names the leg.
            if value.as_mapping().is_some()
                && let Some(only) = expectations.get_mut(from)
            {
                only.span = key.span.to(only.span);
            }
        }
        expectations
    }

    fn claim(&mut self, partner: &Spanned<String>, node: &Node) -> Option<Expect> {
        let checks = self.checks(node, grammar::CLAIM.keys);
        let claim = if node.get("received").is_some() {
            Claim::Received {
                partner: partner.clone(),
                selector: text(node, "received"),
                times: self.bound(node.get("times")),
                checks,
            }
        } else {
            node.get("holds")?;
            Claim::Holds {
                partner: partner.clone(),
                collection: text(node, "holds"),
                filter: node.get("where").and_then(|node| self.filter(node)),
                count: self.bound(node.get("count")),
                checks,
            }
        };
        Some(expectation(node, claim))
    }

    fn filter(&mut self, node: &Node) -> Option<Filter> {
        if let Some(members) = node.as_mapping() {
            let members = members
                .iter()
                .map(|(path, value)| (path.clone(), self.matcher(value)))
                .collect();
            return Some(Filter::Members(members));
        }
        Some(Filter::Expression(node.spanned_text()?))
    }

    fn bound(&mut self, node: Option<&Node>) -> Bound {
        let Some(node) = node else {
            return Bound::AT_LEAST_ONE;
        };
        let number = |key: &str| node.get(key)?.as_text()?.parse().ok();
        let (min, max) = match node.as_text() {
            Some(text) => grammar::parse_bound(text).unwrap_or((1, None)),
            None => (number("at least").unwrap_or(0), number("at most")),
        };
        if max.is_some_and(|max| max < min) {
            self.findings.push(
                Finding::error(
                    "wrong-value",
                    node.span,
                    "`at most` is less than `at least`",
                )
                .label("no number satisfies both")
                .help("exchange the two"),
            );
        }
        Bound {
            min,
            max,
            span: Some(node.span),
        }
    }

    fn checks(&mut self, node: &Node, keys: &[grammar::Key]) -> Vec<Check> {
        let mut checks = Vec::new();
        for (key, value) in node.as_mapping().unwrap_or_default() {
            match key.value.as_str() {
                "status" => checks.push(Check::At {
                    locator: key.clone(),
                    matcher: self.matcher(value),
                }),
                "headers" => {
                    for (name, value) in value.as_mapping().unwrap_or_default() {
                        checks.push(Check::At {
                            locator: Spanned::new(format!("header.{}", name.value), name.span),
                            matcher: self.matcher(value),
                        });
                    }
                }
                "body" => checks.push(Check::Body {
                    matcher: self.matcher(value),
                }),
                "fhirpath" => match &value.value {
                    Value::Sequence(items) => {
                        checks.extend(
                            items
                                .iter()
                                .filter_map(Node::spanned_text)
                                .map(Check::Expression),
                        );
                    }
                    _ => checks.extend(value.spanned_text().map(Check::Expression)),
                },
                "jsonpath" => {
                    for (path, value) in value.as_mapping().unwrap_or_default() {
                        checks.push(Check::JsonPath {
                            path: path.clone(),
                            matcher: self.matcher(value),
                        });
                    }
                }
                name if name == "fields" || !keys.iter().any(|key| key.name == name) => {
                    for (locator, value) in value.as_mapping().unwrap_or_default() {
                        checks.push(Check::At {
                            locator: locator.clone(),
                            matcher: self.matcher(value),
                        });
                    }
                }
                // `within`, `times` and the like are no checks.
                _ => {}
            }
        }
        checks
    }

    fn matcher(&mut self, node: &Node) -> Matcher {
        matcher::read(node, &mut self.findings)
    }
}

fn expectation(node: &Node, claim: Claim) -> Expect {
    let within = optional(node, "within")
        .and_then(|text| Some(Spanned::new(duration::parse(&text)?, text.span)));
    Expect {
        claim,
        within,
        span: node.span,
    }
}
