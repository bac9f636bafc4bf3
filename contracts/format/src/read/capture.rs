//! `capture: { id: reply.fhirpath("id") }`.

use super::{Reader, members};
use crate::{
    Finding, Node,
    ast::{Capture, CaptureFrom, CaptureVia},
    suggest,
    template::is_name,
};

/// Reads `reply.method("argument")` or `partner.received.method("argument")` as its three parts.
pub fn parse(text: &str) -> Option<(CaptureFrom, &str, &str)> {
    let (head, argument) = text.strip_suffix(')')?.split_once('(')?;
    let (from, method) = head.rsplit_once('.')?;
    let from = match from.strip_suffix(".received") {
        None if from == "reply" => CaptureFrom::Reply,
        Some(partner) if is_name(partner) => CaptureFrom::Received(partner.to_owned()),
        _ => return None,
    };
    let quoted = |quote: char| argument.strip_prefix(quote)?.strip_suffix(quote);
    let argument = quoted('"').or_else(|| quoted('\''))?;
    is_name(method).then_some((from, method, argument))
}

impl Reader {
    pub(super) fn captures(&mut self, node: &Node) -> Vec<Capture> {
        let protocol = node
            .get("send")
            .and_then(Node::as_mapping)
            .and_then(|members| members.first());
        let protocol = protocol.map(|(name, _)| name.value.as_str());
        members(node, "capture")
            .iter()
            .filter_map(|(name, value)| {
                let (from, method, argument) = parse(value.as_text()?)?;
                let via = match method {
                    "fhirpath" => CaptureVia::Expression(argument.to_owned()),
                    "at" => CaptureVia::Locator(argument.to_owned()),
                    // Locations belong to a protocol; its name says so in other words.
                    name if protocol == Some(name) || from != CaptureFrom::Reply => {
                        CaptureVia::Locator(argument.to_owned())
                    }
                    _ => {
                        let known: Vec<_> =
                            ["fhirpath", "at"].into_iter().chain(protocol).collect();
                        let mut finding = Finding::error(
                            "capture-method",
                            value.span,
                            format!("a value cannot be captured by `{method}`"),
                        )
                        .label("expected `fhirpath(\"…\")` or `at(\"…\")`");
                        finding.help = suggest::help(method, &known);
                        self.findings.push(finding);
                        return None;
                    }
                };
                Some(Capture {
                    name: name.clone(),
                    from,
                    via,
                    span: name.span.to(value.span),
                })
            })
            .collect()
    }
}
