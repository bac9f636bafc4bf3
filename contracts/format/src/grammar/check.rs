//! A document against the grammar: every fault of shape at once.

use super::{Among, Key, Others, Rule, Shape, Syntax, Table, Word};
use crate::{Finding, Node, Span, Spanned, Value, suggest};

/// Compares a contract's document with the grammar. Matchers and what a protocol reads are left to others. `known` names the
/// protocols that there are; nobody knows where it is empty.
pub fn check(document: &Node, known: &[String], findings: &mut Vec<Finding>) {
    let members = document
        .get("partners")
        .and_then(Node::as_mapping)
        .unwrap_or_default();
    let partners = members
        .iter()
        .map(|(name, partner)| {
            let protocol = partner.get("stub").and_then(Node::as_text);
            (name.value.as_str(), protocol.unwrap_or_default())
        })
        .collect();
    Check {
        findings,
        partners,
        known,
        protocols: Vec::new(),
        example: None,
        entry: None,
    }
    .value(document, &Shape::Mapping(&super::CONTRACT));
}

struct Check<'n> {
    findings: &'n mut Vec<Finding>,
    /// The contract's partners and their protocols.
    partners: Vec<(&'n str, &'n str)>,
    /// The protocols that there are; none where nobody knows.
    known: &'n [String],
    /// The protocols that a message at hand may have; none where that cannot be told.
    protocols: Vec<&'n str>,
    /// The key whose value is being looked at, and an example of it.
    example: Option<(&'static str, &'static str)>,
    /// The author's own name for the entry that is being looked at, under a key whose entries they name.
    entry: Option<&'n str>,
}

impl<'n> Check<'n> {
    fn value(&mut self, node: &'n Node, shape: &Shape) {
        match (shape, &node.value) {
            (Shape::Value | Shape::Matcher, _) | (Shape::Record, Value::Mapping(_)) => {}
            (Shape::Text(syntax), Value::Scalar(_)) if !node.is_null() => self.text(node, syntax),
            (Shape::Word(words), Value::Scalar(_)) if !node.is_null() => self.word(node, words),
            (Shape::Mapping(table), Value::Mapping(members)) => self.mapping(node, members, table),
            (Shape::Named { name, each }, Value::Mapping(members)) => {
                for (key, value) in members {
                    self.name(key, name);
                    let outer = self.entry.replace(&key.value);
                    self.value(value, each);
                    self.entry = outer;
                }
            }
            (Shape::List(item), Value::Sequence(items)) => {
                for node in items {
                    self.value(node, item);
                }
            }
            (Shape::Either(shapes), _) if !node.is_null() => {
                match shapes.iter().find(|shape| fits(shape, node)) {
                    Some(shape) => self.value(node, shape),
                    None => self.wrong_type(node, shape),
                }
            }
            _ => self.wrong_type(node, shape),
        }
    }

    /// ` of `within``, where a key is known.
    fn whose(&self) -> String {
        let key = self.entry.or(self.example.map(|(key, _)| key));
        key.map_or(String::new(), |key| format!(" of `{}`", shortened(key)))
    }

    fn wrong_type(&mut self, node: &Node, shape: &Shape) {
        let key = self.whose();
        let mut finding = Finding::error(
            "wrong-type",
            node.span,
            format!("the value{key} is {}", node.describe()),
        )
        .label(format!("expected {}", shape.describe()));
        finding = finding.help(match self.example {
            Some((key, example)) => format!("for example `{key}: {example}`"),
            None => format!("write {}", shape.describe()),
        });
        self.findings.push(finding);
    }

    fn text(&mut self, node: &Node, syntax: &Syntax) {
        let text = node.as_text().unwrap_or_default();
        if (syntax.admits)(text) {
            return;
        }
        let key = self.whose();
        let message = if text.is_empty() {
            format!("the value{key} is empty")
        } else {
            format!("`{}` is not {}", shortened(text), before_colon(syntax.what))
        };
        let rule = if syntax.what == super::syntax::FORMAT_VERSION.what {
            "format-version"
        } else {
            "wrong-value"
        };
        let mut finding = Finding::error(rule, node.span, message)
            .label(format!("expected {}", syntax.describe()));
        if let Some((key, example)) = self.example {
            finding = finding.help(format!("for example `{key}: {example}`"));
        }
        self.findings.push(finding);
    }

    fn word(&mut self, node: &Node, words: &[Word]) {
        let text = node.as_text().unwrap_or_default();
        if words.iter().any(|word| word.name == text) {
            return;
        }
        let names: Vec<_> = words.iter().map(|word| word.name).collect();
        let key = self.example.map_or("here", |(key, _)| key);
        let mut finding = Finding::error(
            "unknown-word",
            node.span,
            format!("`{}` is not one of the words of `{key}`", shortened(text)),
        )
        .label("expected one of the known words");
        finding.help = suggest::help(text, &names);
        self.findings.push(finding);
    }

    fn name(&mut self, key: &Spanned<String>, syntax: &Syntax) {
        if !(syntax.admits)(&key.value) {
            self.findings.push(
                Finding::error(
                    "wrong-name",
                    key.span,
                    format!("`{}` cannot be a name here", shortened(key)),
                )
                .label(format!("expected {}", syntax.describe()))
                .help(format!("for example `{}`", syntax.example)),
            );
        }
    }

    fn mapping(
        &mut self,
        node: &'n Node,
        members: &'n [(Spanned<String>, Node)],
        table: &'static Table,
    ) {
        let sent = protocols_sent(node);
        let outer = self.protocols.clone();
        if !sent.is_empty() {
            self.protocols = sent;
        }
        self.members(node, members, table);
        self.protocols = outer;
    }

    fn members(
        &mut self,
        node: &'n Node,
        members: &'n [(Spanned<String>, Node)],
        table: &'static Table,
    ) {
        for (key, value) in members {
            match (table.key(key), &table.others) {
                (Some(known), _) => self.member(value, known),
                (None, Some(others)) => self.other(key, value, table, others),
                (None, None) => self.unknown(key, table),
            }
        }
        for key in table
            .keys
            .iter()
            .filter(|key| key.required && node.get(key.name).is_none())
        {
            self.findings.push(
                Finding::error(
                    "missing-key",
                    start_of(node),
                    format!("the key `{}` is missing", key.name),
                )
                .label(format!("{} needs `{}`", before_colon(table.what), key.name))
                .help(format!("add `{}: {}`", key.name, key.example)),
            );
        }
        for rule in table.rules {
            self.rule(node, members, table, rule);
        }
    }

    fn member(&mut self, value: &'n Node, key: &'static Key) {
        let outer = (
            self.example.replace((key.name, key.example)),
            self.entry.take(),
        );
        self.value(value, &key.shape);
        (self.example, self.entry) = outer;
    }

    fn other(
        &mut self,
        key: &'n Spanned<String>,
        value: &'n Node,
        table: &'static Table,
        others: &'static Others,
    ) {
        let fitting = fits(&others.shape, value);
        let near = suggest::nearest(key, table.keys.iter().map(|key| key.name));
        let outer_protocols = self.protocols.clone();
        match others.among {
            // A value of another kind: not a name of the author's but a key misspelt.
            Among::Anything if !fitting && near.is_some() => return self.unknown(key, table),
            Among::Anything => self.name(key, others.name),
            Among::Partners => match self.partners.iter().find(|(name, _)| *name == key.value) {
                Some((_, protocol)) => self.protocols = vec![protocol],
                None => return self.unknown_partner(key, table),
            },
            Among::Protocol => {
                let is_another = !self.protocols.is_empty()
                    && !self.protocols.contains(&key.value.as_str())
                    && self.protocols.iter().all(|name| self.may_be(name));
                if is_another {
                    return self.unknown(key, table);
                }
            }
        }
        let outer = self.example.take();
        if fitting {
            self.value(value, &others.shape);
        } else {
            self.findings.push(
                Finding::error(
                    "wrong-type",
                    value.span,
                    format!("the value of `{}` is {}", shortened(key), value.describe()),
                )
                .label(format!("expected {}", others.shape.describe()))
                .help(format!("for example `{}`", others.example)),
            );
        }
        self.example = outer;
        self.protocols = outer_protocols;
    }

    /// Whether there may be a protocol of this name. One that there is not is told where it is named, and not again.
    fn may_be(&self, protocol: &str) -> bool {
        self.known.is_empty() || self.known.iter().any(|name| name == protocol)
    }

    fn unknown(&mut self, key: &Spanned<String>, table: &'static Table) {
        let mut names: Vec<_> = table.keys.iter().map(|key| key.name).collect();
        if table
            .others
            .as_ref()
            .is_some_and(|others| others.among == Among::Protocol)
        {
            names.extend(&self.protocols);
        }
        let mut finding = Finding::error(
            "unknown-key",
            key.span,
            format!("`{}` is not a key here", shortened(key)),
        )
        .label(format!("expected a key of {}", before_colon(table.what)));
        finding.help = suggest::help(key, &names);
        self.findings.push(finding);
    }

    fn unknown_partner(&mut self, key: &Spanned<String>, table: &'static Table) {
        let keys = table.keys.iter().map(|key| key.name);
        let names: Vec<_> = keys
            .chain(self.partners.iter().map(|(name, _)| *name))
            .collect();
        let mut finding = Finding::error(
            "unknown-partner",
            key.span,
            format!("`{}` is neither a partner nor a key here", shortened(key)),
        )
        .label("expected a name from `partners:`");
        finding.help = suggest::help(key, &names);
        self.findings.push(finding);
    }

    fn rule(
        &mut self,
        node: &Node,
        members: &[(Spanned<String>, Node)],
        table: &'static Table,
        rule: &Rule,
    ) {
        let place = |name: &str| {
            members
                .iter()
                .find(|(key, _)| key.value == name)
                .map(|(key, _)| key.span)
        };
        let what = before_colon(table.what);
        match rule {
            Rule::ExactlyOne(names) | Rule::AtLeastOne(names) => {
                let found: Vec<_> = names
                    .iter()
                    .filter_map(|name| Some((*name, place(name)?)))
                    .collect();
                let list = listed(names);
                if found.is_empty() {
                    let example = names.first().and_then(|name| table.key(name));
                    let mut finding = Finding::error(
                        "missing-key",
                        start_of(node),
                        format!("one of {list} is missing"),
                    )
                    .label(format!("{what} needs one of them"));
                    if let Some(key) = example {
                        finding = finding
                            .help(format!("add `{}: {}`, for example", key.name, key.example));
                    }
                    self.findings.push(finding);
                } else if let (Rule::ExactlyOne(_), [(first, _), (second, span), ..]) =
                    (rule, found.as_slice())
                {
                    self.findings.push(
                        Finding::error(
                            "keys-exclude",
                            *span,
                            format!("`{second}` cannot stand beside `{first}`"),
                        )
                        .label(format!("expected only one of {list}"))
                        .help("keep one of them, or write two entries"),
                    );
                }
            }
            Rule::Single => {
                if members.len() != 1 {
                    let span = members.get(1).map_or(node.span, |(key, _)| key.span);
                    let mut finding = Finding::error(
                        "one-key",
                        span,
                        format!("there are {} keys where one is expected", members.len()),
                    )
                    .label(format!("expected {}", table.what));
                    if let Some(others) = &table.others {
                        finding = finding.help(format!("for example `{}`", others.example));
                    }
                    self.findings.push(finding);
                }
            }
            Rule::Needs(name, needed) => {
                let Some(span) = place(name) else { return };
                for needed in needed.iter().filter(|needed| place(needed).is_none()) {
                    let key = table.key(needed);
                    let mut finding = Finding::error(
                        "missing-key",
                        span,
                        format!("`{name}` needs `{needed}` beside it"),
                    )
                    .label(format!("expected `{needed}` in the same mapping"));
                    if let Some(key) = key {
                        finding = finding.help(format!("add `{}: {}`", key.name, key.example));
                    }
                    self.findings.push(finding);
                }
            }
            Rule::Excludes(name, excluded) => {
                if place(name).is_none() {
                    return;
                }
                for (excluded, span) in excluded
                    .iter()
                    .filter_map(|other| Some((*other, place(other)?)))
                {
                    self.findings.push(
                        Finding::error(
                            "keys-exclude",
                            span,
                            format!("`{excluded}` cannot stand beside `{name}`"),
                        )
                        .label(format!("has no meaning with `{name}`"))
                        .help(format!("remove `{excluded}`, or put it where it belongs")),
                    );
                }
            }
        }
    }
}

/// The protocols that a step, or an interaction with all its steps, sends by.
fn protocols_sent(node: &Node) -> Vec<&str> {
    let steps = ["steps", "after"]
        .into_iter()
        .filter_map(|key| node.get(key)?.as_sequence());
    let own = protocol_sent(node).into_iter();
    own.chain(steps.flatten().filter_map(protocol_sent))
        .collect()
}

/// The protocol under a node's own `send:`.
fn protocol_sent(node: &Node) -> Option<&str> {
    match node.get("send")?.as_mapping()? {
        [(protocol, _)] => Some(&protocol.value),
        _ => None,
    }
}

/// Whether the node is of the kind that the shape wants, whatever is inside.
fn fits(shape: &Shape, node: &Node) -> bool {
    match shape {
        Shape::Value | Shape::Matcher => true,
        Shape::Text(_) | Shape::Word(_) => matches!(node.value, Value::Scalar(_)),
        Shape::Mapping(_) | Shape::Named { .. } | Shape::Record => {
            matches!(node.value, Value::Mapping(_))
        }
        Shape::List(_) => matches!(node.value, Value::Sequence(_)),
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(shape, node)),
    }
}

/// The first key of a mapping, or the mapping's first character: a label under ten lines helps nobody.
fn start_of(node: &Node) -> Span {
    match node.as_mapping() {
        Some([(key, _), ..]) => key.span,
        _ => node.span,
    }
}

/// `a claim: a mapping with …` is `a claim` in running text.
fn before_colon(what: &str) -> &str {
    what.split(':').next().unwrap_or(what)
}

fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A text for a message: its first line, cut where it is long.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 40 {
        format!("{}…", line.chars().take(40).collect::<String>())
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, ast::Matcher, grammar::MATCHER_KEYS, yaml};

    fn node(text: &str) -> Node {
        let (node, findings) = yaml::read(&Source::new("example", text));
        assert_eq!(findings, [], "{text}");
        node.unwrap()
    }

    /// What the grammar says about a value of this shape, in a contract with the partners of the examples.
    fn findings(node: &Node, shape: &Shape) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut check = Check {
            findings: &mut findings,
            partners: vec![("ehr", "fhir"), ("ledger", "erp")],
            known: &[],
            protocols: Vec::new(),
            example: None,
            entry: None,
        };
        check.value(node, shape);
        findings
    }

    #[test]
    fn the_grammars_own_examples_are_sound() {
        for table in Shape::Mapping(&super::super::CONTRACT).tables() {
            for key in table.keys {
                let found = findings(&node(key.example), &key.shape);
                assert_eq!(found, [], "{}: {}: {}", table.name, key.name, key.example);
            }
            if let Some(others) = &table.others {
                let example = node(others.example);
                let (_, value) = &example.as_mapping().unwrap()[0];
                assert_eq!(
                    findings(value, &others.shape),
                    [],
                    "{}: {}",
                    table.name,
                    others.example
                );
            }
        }
        for key in MATCHER_KEYS {
            let example = node(key.example);
            assert!(crate::is_matcher(&example), "{}", key.example);
            assert_eq!(Matcher::read(&example).1, [], "{}", key.example);
        }
    }
}
