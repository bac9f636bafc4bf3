//! What is wrong with a contract that reads well: names that refer to nothing, expressions that do not parse, claims that
//! can never fail.
//!
//! A protocol's words (bodies, selectors, locations) are judged by a [`Vocabulary`] that comes from outside.

mod held;
mod scope;
mod set;
mod steps;
mod texts;
mod values;
mod vocabulary;

pub use scope::{Content, Member};
pub use set::lint_set;
pub use vocabulary::Vocabulary;

use scope::{Meaning, Part, Scope};

use wardgate_expression::fhirpath::{Expression, Root};

use crate::{
    Finding, Node, Span, Spanned,
    ast::{Contract, Draw, Given, Partner},
    finding::in_order,
    suggest,
};

/// Names that are always there: the case's control ID, the run's logical time and date, the case's number and the seed.
pub const BUILT_IN: [&str; 5] = ["control_id", "now", "today", "case", "seed"];

/// Identifiers that are always there too: each is fresh in every attempt of every case, so that a contract can number
/// what it speaks of without drawing a record for it.
pub const IDENTIFIERS: [&str; 10] = [
    "mrn",
    "account",
    "visit_number",
    "order_number",
    "filler_number",
    "placer",
    "filler",
    "result_number",
    "charge_number",
    "invoice_number",
];

/// Names that cannot be a partner's, since they mean something else where partners are named.
const RESERVED_PARTNERS: [&str; 4] = ["reply", "accept", "inbound", "outbound"];

/// Judges a contract without knowing any protocol. The findings come in the order of the file.
pub fn lint(contract: &Contract) -> Vec<Finding> {
    run(contract, None)
}

/// Judges a contract together with the words of its protocols.
pub fn lint_with(contract: &Contract, vocabulary: &dyn Vocabulary) -> Vec<Finding> {
    run(contract, Some(vocabulary))
}

fn run(contract: &Contract, vocabulary: Option<&dyn Vocabulary>) -> Vec<Finding> {
    let mut lint = Lint {
        contract,
        vocabulary,
        findings: Vec::new(),
    };
    lint.contract();
    in_order(lint.findings)
}

struct Lint<'c> {
    contract: &'c Contract,
    vocabulary: Option<&'c dyn Vocabulary>,
    findings: Vec<Finding>,
}

impl<'c> Lint<'c> {
    fn contract(&mut self) {
        let contract = self.contract;
        if contract.interactions.is_empty() && contract.properties.is_empty() {
            self.findings.push(
                Finding::error(
                    "empty-contract",
                    contract.id.span,
                    "the contract promises nothing",
                )
                .label("this contract has neither interactions nor properties")
                .help("add an entry under `interactions:` or `properties:`"),
            );
        }
        self.partners();
        let mut scope = Scope::new();
        self.data(&mut scope);
        self.given(&contract.given, &scope);
        let names = contract
            .interactions
            .iter()
            .map(|interaction| &interaction.name)
            .chain(contract.properties.iter().map(|property| &property.name));
        self.unique(names, "name of an interaction or property");
        for interaction in &contract.interactions {
            self.interaction(interaction, scope.clone());
        }
        for property in &contract.properties {
            self.property(property, scope.clone());
        }
    }

    fn partners(&mut self) {
        for partner in &self.contract.partners {
            if RESERVED_PARTNERS.contains(&partner.name.as_str()) {
                self.findings.push(
                    Finding::error(
                        "reserved-name",
                        partner.name.span,
                        format!("`{}` cannot be a partner's name", partner.name.value),
                    )
                    .label("has a meaning of its own in expectations and variations")
                    .help("choose a name for the system, such as `ehr` or `ledger`"),
                );
            }
            self.protocol(&partner.protocol);
            if let Some(vocabulary) = self.vocabulary {
                self.findings.extend(vocabulary.options(partner));
            }
        }
    }

    /// Whether a name is that of a known protocol.
    fn protocol(&mut self, name: &Spanned<String>) {
        let Some(vocabulary) = self.vocabulary else {
            return;
        };
        let known = vocabulary.protocols();
        if !known.contains(&name.value) {
            self.unknown(
                "unknown-protocol",
                name,
                "is not a protocol that Wardgate plays",
                "expected a protocol",
                &known,
            );
        }
    }

    /// Asks the vocabulary about a word; its error says what was expected, and stands beside the word as it is.
    fn ask(
        &mut self,
        rule: &'static str,
        what: &str,
        word: &Spanned<String>,
        question: impl FnOnce(&dyn Vocabulary) -> Result<(), String>,
    ) {
        let Some(Err(reason)) = self.vocabulary.map(question) else {
            return;
        };
        self.findings.push(
            Finding::error(rule, word.span, format!("`{}` is not {what}", word.value))
                .label(reason)
                .help("correct the word, or the protocol: it is the partner's `stub`, or the key under `send`"),
        );
    }

    fn unknown(
        &mut self,
        rule: &'static str,
        name: &Spanned<String>,
        message: &str,
        label: &str,
        known: &[impl AsRef<str>],
    ) {
        let mut finding =
            Finding::error(rule, name.span, format!("`{}` {message}", name.value)).label(label);
        finding.help = suggest::help(name, known).or_else(|| {
            Some(String::from(
                "there is none yet: declare one, or leave this out",
            ))
        });
        self.findings.push(finding);
    }

    fn data(&mut self, scope: &mut Scope) {
        for draw in &self.contract.data {
            if let Some(vocabulary) = self.vocabulary {
                let known = vocabulary.draws();
                if !known.contains(&draw.kind.value) {
                    self.unknown(
                        "unknown-draw",
                        &draw.kind,
                        "is not a kind of record that can be drawn",
                        "expected a kind of record",
                        &known,
                    );
                }
            }
            if let Some(filter) = &draw.filter {
                self.expression(filter, scope);
                self.filter(filter, draw);
            }
            for (member, value) in &draw.with {
                // Anything else would be misspelt, or nobody's.
                self.member(&[Part::Member(member)], member.span, draw);
                self.template(&value.value, value.span, scope);
            }
            let meaning = Meaning::Record {
                kind: draw.kind.value.clone(),
                set: draw
                    .with
                    .iter()
                    .map(|(member, _)| member.value.clone())
                    .collect(),
            };
            self.define(&draw.name, meaning, scope);
        }
    }

    /// A condition on a record that is drawn asks for members that its kind has.
    fn filter(&mut self, filter: &Spanned<String>, draw: &Draw) {
        let Ok(expression) = Expression::parse(filter) else {
            return;
        };
        for access in expression.accesses() {
            if access.root == Root::Input {
                let part = Span::new(access.span.start, access.span.end);
                let span = self.place(filter.span, filter, part);
                self.member(&texts::parts(&access), span, draw);
            }
        }
    }

    /// Reports a member that records of the drawn kind do not have.
    fn member(&mut self, parts: &[Part<'_>], span: Span, draw: &Draw) {
        if let Some(astray) = self.within_record(&draw.name, &draw.kind, parts) {
            let mut finding = Finding::error("unknown-member", span, astray.message)
                .label("expected a member that the record has");
            finding.help = astray.help;
            self.findings.push(finding);
        }
    }

    fn unique<'n>(&mut self, names: impl Iterator<Item = &'n Spanned<String>>, what: &str) {
        let mut seen: Vec<&Spanned<String>> = Vec::new();
        for name in names {
            match seen.iter().find(|earlier| earlier.value == name.value) {
                Some(earlier) => {
                    let (line, _) = self.contract.source.line_column(earlier.span.start);
                    self.findings.push(
                        Finding::error("duplicate-name", name.span, format!("`{}` is the {what} a second time", name.value))
                            .label(format!("first used in line {line}"))
                            .help("give each a name of its own: reports and `--case` tell them apart by it"),
                    );
                }
                None => seen.push(name),
            }
        }
    }

    fn given(&mut self, given: &[Given], scope: &Scope) {
        for given in given {
            match given {
                Given::Holds {
                    partner,
                    collection,
                    records,
                } => {
                    for record in records {
                        self.node(record, scope);
                    }
                    if let Some(partner) = self.partner(partner) {
                        self.records(partner, collection, records);
                    }
                }
                Given::State { name, with } => {
                    self.template(&name.value, name.span, scope);
                    if let Some(with) = with {
                        self.node(with, scope);
                    }
                }
            }
        }
    }

    /// Whether the partner's stub would take these records.
    fn records(&mut self, partner: &Partner, collection: &Spanned<String>, records: &[Node]) {
        let protocol = partner.protocol.as_str();
        let what = format!("something that `{protocol}` can be given");
        self.ask("collection", &what, collection, |words| {
            words.given(protocol, collection)
        });
        if let Some(vocabulary) = self.vocabulary {
            let findings = records
                .iter()
                .flat_map(|record| vocabulary.record(partner, collection, record));
            self.findings.extend(findings);
        }
    }

    /// The protocol of a partner; a finding where there is no such partner.
    fn protocol_of(&mut self, name: &Spanned<String>) -> Option<&'c str> {
        self.partner(name).map(|partner| partner.protocol.as_str())
    }

    /// The protocol of a partner, where there is one of that name.
    fn known_protocol(&self, name: &str) -> Option<&'c str> {
        let mut partners = self.contract.partners.iter();
        partners
            .find(|partner| partner.name.value == name)
            .map(|partner| partner.protocol.as_str())
    }

    /// The partner of that name; a finding where there is none.
    fn partner(&mut self, name: &Spanned<String>) -> Option<&'c Partner> {
        let partners = &self.contract.partners;
        let found = partners
            .iter()
            .find(|partner| partner.name.value == name.value);
        if found.is_none() {
            let known: Vec<_> = partners
                .iter()
                .map(|partner| partner.name.as_str())
                .collect();
            self.unknown(
                "unknown-partner",
                name,
                "is not a partner of this contract",
                "expected a name from `partners:`",
                &known,
            );
        }
        found
    }

    /// Judges every text of a node that is a value.
    fn node(&mut self, node: &Node, scope: &Scope) {
        match &node.value {
            crate::Value::Scalar(scalar) => {
                if scalar.is_doubtful_number() {
                    self.findings.push(
                        Finding::warning(
                            "doubtful-number",
                            node.span,
                            format!("`{}` is read as text, not as a number", scalar.text),
                        )
                        .label("a number to YAML, but not to JSON")
                        .help(format!(
                            "write `\"{}\"` for the text, or the number as JSON writes it",
                            scalar.text
                        )),
                    );
                }
                self.template(&scalar.text, node.span, scope);
            }
            crate::Value::Sequence(items) => items.iter().for_each(|item| self.node(item, scope)),
            crate::Value::Mapping(members) => members.iter().for_each(|(key, value)| {
                self.template(&key.value, key.span, scope);
                self.node(value, scope);
            }),
        }
    }

    fn place(&self, place: Span, text: &str, part: Span) -> Span {
        self.contract.source.place_within(place, text, part)
    }
}
