//! From a document to the syntax tree.
//!
//! The grammar says first what is wrong with the document's shape. Reading goes on regardless and passes quietly over
//! what has been said, so that one pass over a broken file reports everything; the tree is handed out only where nothing
//! was found.

mod capture;
mod expect;
mod matcher;
mod variation;

use std::sync::Arc;

pub(crate) use capture::parse as parse_capture;
pub use matcher::is_matcher;

use crate::{
    Finding, Node, Severity, Source, Spanned,
    ast::{Contract, Criticality, Draw, Given, Interaction, Partner, Property, Send, Step},
    finding::in_order,
    grammar, yaml,
};

/// How many values a property tries where it does not say.
const CASES_DEFAULT: u32 = 100;

/// What reading a contract file gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The contract; none where a finding is an error.
    pub contract: Option<Contract>,
    /// What was found, in the order of the file.
    pub findings: Vec<Finding>,
}

/// Reads a contract file. Whether names refer to something is for [`lint`](crate::lint::lint) to say.
pub fn read(source: Arc<Source>) -> Reading {
    read_with(source, &[])
}

/// Reads a contract file, knowing which protocols there are. Where a message is of none of them, what is expected of its
/// reply is not compared with it: lint says that there is no such protocol.
pub fn read_with(source: Arc<Source>, protocols: &[String]) -> Reading {
    let (document, mut findings) = yaml::read(&source);
    let mut contract = None;
    if let Some(document) = &document {
        grammar::check(document, protocols, &mut findings);
        let mut reader = Reader {
            findings: Vec::new(),
            partners: Vec::new(),
        };
        contract = Some(reader.contract(document, source));
        findings.append(&mut reader.findings);
    }
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        contract = None;
    }
    Reading {
        contract,
        findings: in_order(findings),
    }
}

/// Reads parts of a contract and collects what the grammar cannot say.
struct Reader {
    findings: Vec<Finding>,
    /// The names of the contract's partners.
    partners: Vec<String>,
}

impl Reader {
    fn contract(&mut self, node: &Node, source: Arc<Source>) -> Contract {
        let partners: Vec<_> = members(node, "partners").iter().map(partner).collect();
        self.partners = partners
            .iter()
            .map(|partner| partner.name.value.clone())
            .collect();
        Contract {
            id: text(node, "contract"),
            version: text(node, "version"),
            title: optional(node, "title"),
            consumer: text(node, "consumer"),
            provider: text(node, "provider"),
            workflow: text(node, "workflow"),
            criticality: match node.get("criticality").and_then(Node::as_text) {
                Some("advisory") => Criticality::Advisory,
                _ => Criticality::Required,
            },
            owner: optional(node, "owner"),
            partners,
            data: members(node, "data").iter().map(draw).collect(),
            given: items(node, "given").iter().filter_map(given).collect(),
            interactions: items(node, "interactions")
                .iter()
                .map(|node| self.interaction(node))
                .collect(),
            properties: items(node, "properties")
                .iter()
                .map(|node| self.property(node))
                .collect(),
            source,
        }
    }

    fn interaction(&mut self, node: &Node) -> Interaction {
        let steps = if node.get("steps").is_some() {
            self.steps(node, "steps")
        } else {
            vec![Step {
                name: None,
                ..self.step(node)
            }]
        };
        Interaction {
            name: text(node, "name"),
            given: items(node, "given").iter().filter_map(given).collect(),
            steps,
            variations: items(node, "variations")
                .iter()
                .filter_map(|node| self.variation(node))
                .collect(),
            span: node.span,
        }
    }

    fn property(&mut self, node: &Node) -> Property {
        let key = if node.get("after").is_some() {
            "after"
        } else {
            "steps"
        };
        let cases = node.get("cases").and_then(Node::as_text);
        Property {
            name: text(node, "name"),
            forall: members(node, "forall")
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.spanned_text()?)))
                .collect(),
            cases: cases
                .and_then(|text| text.parse().ok())
                .unwrap_or(CASES_DEFAULT),
            given: items(node, "given").iter().filter_map(given).collect(),
            steps: self.steps(node, key),
            holds: optional(node, "holds"),
            span: node.span,
        }
    }

    fn steps(&mut self, node: &Node, key: &str) -> Vec<Step> {
        if let Some(list) = node
            .get(key)
            .filter(|list| list.as_sequence().is_some_and(<[Node]>::is_empty))
        {
            self.findings.push(
                Finding::error("no-steps", list.span, format!("`{key}` is empty"))
                    .label("expected at least one step")
                    .help("add `- send: …`"),
            );
        }
        items(node, key)
            .iter()
            .map(|node| self.step(node))
            .collect()
    }

    fn step(&mut self, node: &Node) -> Step {
        Step {
            name: optional(node, "name"),
            send: node.get("send").and_then(send),
            expect: node
                .get("expect")
                .map(|node| self.expect(node))
                .unwrap_or_default(),
            captures: self.captures(node),
            span: node.span,
        }
    }
}

fn send(node: &Node) -> Option<Send> {
    let [(protocol, body)] = node.as_mapping()? else {
        return None;
    };
    Some(Send {
        protocol: protocol.clone(),
        to: optional(body, "to"),
        body: body.clone(),
        span: node.span,
    })
}

fn partner((name, node): &(Spanned<String>, Node)) -> Partner {
    let mut options = node.clone();
    if let crate::Value::Mapping(members) = &mut options.value {
        members.retain(|(key, _)| key.value != "stub");
    }
    Partner {
        name: name.clone(),
        protocol: text(node, "stub"),
        options,
    }
}

fn draw((name, node): &(Spanned<String>, Node)) -> Draw {
    Draw {
        name: name.clone(),
        kind: text(node, "draw"),
        filter: optional(node, "where"),
        with: members(node, "with")
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.spanned_text()?)))
            .collect(),
    }
}

fn given(node: &Node) -> Option<Given> {
    if node.get("state").is_some() {
        return Some(Given::State {
            name: text(node, "state"),
            with: node.get("with").cloned(),
        });
    }
    node.get("holds")?;
    Some(Given::Holds {
        partner: text(node, "partner"),
        collection: text(node, "holds"),
        records: items(node, "records").to_vec(),
    })
}

impl Node {
    /// The scalar's text with its place.
    pub fn spanned_text(&self) -> Option<Spanned<String>> {
        Some(Spanned::new(self.as_text()?.to_owned(), self.span))
    }
}

/// The text under a key; empty where the grammar has complained already.
fn text(node: &Node, key: &str) -> Spanned<String> {
    optional(node, key).unwrap_or_else(|| Spanned::new(String::new(), node.span))
}

fn optional(node: &Node, key: &str) -> Option<Spanned<String>> {
    node.get(key)?.spanned_text()
}

fn members<'n>(node: &'n Node, key: &str) -> &'n [(Spanned<String>, Node)] {
    node.get(key).and_then(Node::as_mapping).unwrap_or_default()
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key)
        .and_then(Node::as_sequence)
        .unwrap_or_default()
}
