//! What a value must be: a bare value, or a mapping whose one key is a matcher's.

use super::{items, optional};
use crate::{
    Finding, Node, Span, Spanned, Template, Value,
    ast::{Matcher, MatcherKind},
    duration,
    grammar::{MATCHER_KEYS, MatcherKey},
    suggest,
};

impl Matcher {
    /// Reads a matcher that stands inside a value. `lint` and `read` have reported its faults already; what is wrong in
    /// it is given here again for those who bring a node of their own.
    pub fn read(node: &Node) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let matcher = read(node, &mut findings);
        (matcher, findings)
    }
}

/// Whether a node is a matcher and not a value: a mapping with one matcher's key and at most that matcher's companions.
pub fn is_matcher(node: &Node) -> bool {
    form(node).is_ok_and(|form| form.is_some())
}

/// A matcher's key and its value; nothing where the node is a bare value; or a finding.
fn form(node: &Node) -> Result<Option<(&'static MatcherKey, &Node)>, Finding> {
    let Some(members) = node.as_mapping() else {
        return Ok(None);
    };
    let mut found = members.iter().filter_map(|(name, value)| {
        let key = MATCHER_KEYS.iter().find(|key| key.name == name.value)?;
        Some((key, name, value))
    });
    let Some((key, _, value)) = found.next() else {
        return misspelt(members);
    };
    if let Some((_, second, _)) = found.next() {
        return Err(Finding::error(
            "several-matchers",
            second.span,
            format!("`{}` and `{}` stand side by side", key.name, second.value),
        )
        .label("expected one matcher")
        .help("write two checks, or wrap the mapping in `equals` where it is meant literally"));
    }
    let foreign = members
        .iter()
        .find(|(name, _)| name.value != key.name && !key.beside.contains(&name.value.as_str()));
    match foreign {
        None => Ok(Some((key, value))),
        Some((foreign, _)) => Err(Finding::warning(
            "matcher-or-literal",
            foreign.span,
            format!("`{}` does not go with `{}`, so this mapping is compared literally", foreign.value, key.name),
        )
        .label(format!("not a key of the matcher `{}`", key.name))
        .help(format!("remove `{}`, or write `equals: {{ … }}` around the mapping to say that it is meant literally", foreign.value))),
    }
}

/// One key that is nearly a matcher's is most likely meant to be one.
fn misspelt(
    members: &[(Spanned<String>, Node)],
) -> Result<Option<(&'static MatcherKey, &Node)>, Finding> {
    if let [(name, _)] = members
        && name.len() > 3
        && let Some(near) = suggest::nearest(name, MATCHER_KEYS.iter().map(|key| key.name))
    {
        return Err(Finding::warning(
            "matcher-or-literal",
            name.span,
            format!(
                "`{}` is no matcher, so this mapping is compared literally",
                name.value
            ),
        )
        .label(format!("did you mean `{near}`?"))
        .help("write `equals: { … }` around the mapping to say that it is meant literally"));
    }
    Ok(None)
}

pub(super) fn read(node: &Node, findings: &mut Vec<Finding>) -> Matcher {
    let kind = match form(node) {
        Ok(Some((key, value))) => kind(node, key, value, findings),
        Ok(None) => None,
        Err(finding) => {
            findings.push(finding);
            None
        }
    };
    let kind = kind.unwrap_or_else(|| {
        inner(node, findings);
        MatcherKind::Equals {
            value: node.clone(),
            ignoring: Vec::new(),
            open: false,
        }
    });
    Matcher {
        kind,
        span: node.span,
    }
}

/// Reads the value under a matcher's key. After a finding any kind will do: the contract is not handed out.
fn kind(
    node: &Node,
    key: &MatcherKey,
    value: &Node,
    findings: &mut Vec<Finding>,
) -> Option<MatcherKind> {
    let wrong = |findings: &mut Vec<Finding>, place: &Node, expected: &str| {
        findings.push(
            Finding::error(
                "wrong-matcher",
                place.span,
                format!("`{}` cannot take {}", key.name, place.describe()),
            )
            .label(format!("expected {expected}"))
            .help(format!("for example `{}`", key.example)),
        );
    };
    let kind = match key.name {
        "equals" | "includes" => {
            let open = key.name == "includes";
            if open && value.as_text().is_some() {
                wrong(findings, value, key.value);
            }
            check_members(value, findings);
            MatcherKind::Equals {
                value: value.clone(),
                ignoring: ignoring(node, findings),
                open,
            }
        }
        "like" => {
            check_members(value, findings);
            MatcherKind::Like(value.clone())
        }
        "each_like" => {
            inner_or_matcher(value, findings);
            let min = node.get("min");
            let number = min
                .and_then(Node::as_text)
                .and_then(|text| text.parse().ok());
            if let Some(min) = min.filter(|_| number.is_none()) {
                wrong(findings, min, "a whole number under `min`");
            }
            MatcherKind::EachLike {
                item: value.clone(),
                min: number.unwrap_or(1),
            }
        }
        "regex" => {
            let Some(pattern) = value.spanned_text() else {
                wrong(findings, value, key.value);
                return Some(MatcherKind::Present);
            };
            findings.extend(regex_fault(&pattern));
            MatcherKind::Regex(pattern)
        }
        "one_of" | "unordered" => {
            let Some(items) = value.as_sequence() else {
                wrong(findings, value, key.value);
                return Some(MatcherKind::Present);
            };
            for item in items {
                inner_or_matcher(item, findings);
            }
            if key.name == "one_of" {
                if items.is_empty() {
                    wrong(
                        findings,
                        value,
                        "at least one value: nothing is one of none",
                    );
                }
                MatcherKind::OneOf(items.to_vec())
            } else {
                MatcherKind::Unordered(items.to_vec())
            }
        }
        "range" => {
            let known = value.as_mapping().is_some_and(|members| {
                !members.is_empty()
                    && members
                        .iter()
                        .all(|(key, _)| matches!(key.value.as_str(), "min" | "max"))
            });
            if !known {
                wrong(findings, value, key.value);
            }
            for bound in ["min", "max"].into_iter().filter_map(|key| value.get(key)) {
                if !is_number_or_template(bound) {
                    wrong(findings, bound, "a number");
                }
            }
            let (min, max) = (optional(value, "min"), optional(value, "max"));
            if let (Some(low), Some(high)) = (&min, &max)
                && decimal(low) > decimal(high)
                && decimal(high).is_some()
            {
                findings.push(
                    Finding::error("wrong-matcher", value.span, "`max` is less than `min`")
                        .label("no number lies between the two")
                        .help("exchange the two"),
                );
            }
            MatcherKind::Range { min, max }
        }
        "date_within" => {
            let distance_node = if value.as_mapping().is_some() {
                value.get("distance")
            } else {
                Some(value)
            };
            let distance = distance_node
                .and_then(Node::as_text)
                .and_then(duration::parse);
            let Some((distance, place)) = distance.zip(distance_node) else {
                wrong(
                    findings,
                    distance_node.unwrap_or(value),
                    "a length of time, such as `5s`",
                );
                return Some(MatcherKind::Present);
            };
            let foreign = value.as_mapping().and_then(|members| {
                members
                    .iter()
                    .find(|(key, _)| !matches!(key.value.as_str(), "of" | "distance"))
            });
            if foreign.is_some() {
                wrong(findings, value, key.value);
            }
            MatcherKind::DateWithin {
                of: optional(value, "of"),
                distance: Spanned::new(distance, place.span),
            }
        }
        "decimal" => {
            if !is_number_or_template(value) {
                wrong(findings, value, "a number");
            }
            MatcherKind::Decimal(value.spanned_text()?)
        }
        "absent" | "present" => {
            if value.as_text() != Some("true") {
                let other = if key.name == "absent" {
                    "present"
                } else {
                    "absent"
                };
                findings.push(
                    Finding::error(
                        "wrong-matcher",
                        value.span,
                        format!("`{}` takes only `true`", key.name),
                    )
                    .label("expected `true`")
                    .help(format!("the opposite is `{other}: true`")),
                );
            }
            if key.name == "absent" {
                MatcherKind::Absent
            } else {
                MatcherKind::Present
            }
        }
        _ => return None,
    };
    Some(kind)
}

fn ignoring(node: &Node, findings: &mut Vec<Finding>) -> Vec<Spanned<String>> {
    let Some(list) = node.get("ignoring") else {
        return Vec::new();
    };
    let paths: Vec<_> = match list.as_text() {
        Some(_) => list.spanned_text().into_iter().collect(),
        None => items(node, "ignoring")
            .iter()
            .filter_map(Node::spanned_text)
            .collect(),
    };
    if paths.is_empty()
        || list
            .as_sequence()
            .is_some_and(|items| items.len() != paths.len())
    {
        findings.push(
            Finding::error("wrong-matcher", list.span, "`ignoring` cannot take this")
                .label("expected a list of member paths")
                .help("for example `ignoring: [id, meta, text]`"),
        );
    }
    paths
}

/// Looks for faulty matchers among the members of a value that is itself none.
fn inner(node: &Node, findings: &mut Vec<Finding>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items
            .iter()
            .for_each(|item| inner_or_matcher(item, findings)),
        Value::Mapping(members) => members
            .iter()
            .for_each(|(_, value)| inner_or_matcher(value, findings)),
    }
}

fn inner_or_matcher(node: &Node, findings: &mut Vec<Finding>) {
    if node.as_text().is_none() {
        read(node, findings);
    }
}

/// The value under `equals`, `includes` and `like` is meant as a value even where it has a matcher's key.
fn check_members(value: &Node, findings: &mut Vec<Finding>) {
    inner(value, findings);
}

fn is_number_or_template(node: &Node) -> bool {
    node.as_text().is_some_and(|text| {
        text.contains("${") || wardgate_expression::Number::from_text(text).is_some()
    })
}

/// The number that a text is, where it is one and not a template.
fn decimal(text: &str) -> Option<impl PartialOrd + use<>> {
    wardgate_expression::Number::from_text(text)?.decimal()
}

/// Why a regular expression does not compile, where it holds no places to fill.
fn regex_fault(pattern: &Spanned<String>) -> Option<Finding> {
    let template = Template::parse(pattern).ok()?;
    let literal = template.literal()?;
    let error = regex::Regex::new(literal).err()?;
    let text = error.to_string();
    // The last line says what is wrong; those before it draw the pattern.
    let reason = text.lines().last().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason).to_owned();
    Some(
        Finding::error(
            "regex",
            Span::new(pattern.span.start, pattern.span.end),
            format!("the regular expression does not compile: {reason}"),
        )
        .label("expected a regular expression")
        .help("put a backslash before `( ) [ ] { } . * + ? |` where they stand for themselves; look-around and back-references are not available"),
    )
}
