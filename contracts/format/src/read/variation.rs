//! `variations:`.

use super::{Reader, optional, text};
use crate::{
    Finding, Node, Spanned,
    ast::{FrameStyle, Variation, VariationKind},
    duration, grammar,
};

impl Reader {
    pub(super) fn variation(&mut self, node: &Node) -> Option<Variation> {
        if let Some(word) = node.as_text() {
            return Some(Variation {
                kind: named(word)?,
                at: None,
                expect: None,
                span: node.span,
            });
        }
        let attempts = node.get("for").and_then(Node::as_text);
        let attempts = attempts.and_then(grammar::parse_attempts).unwrap_or(1);
        let kind = if let Some(word) = node.get("variation").and_then(Node::as_text) {
            named(word)?
        } else if let Some(whose) = optional(node, "ack lost") {
            match whose.value.as_str() {
                "inbound" => VariationKind::AckLostInbound,
                "outbound" => VariationKind::AckLostOutbound {
                    partner: self.only_partner(&whose)?,
                },
                _ => VariationKind::AckLostOutbound { partner: whose },
            }
        } else if let Some(partner) = optional(node, "partner down") {
            VariationKind::PartnerDown { partner, attempts }
        } else if let Some(partner) = optional(node, "partner slow") {
            VariationKind::PartnerSlow {
                partner,
                by: duration::parse(&text(node, "by"))?,
                attempts,
            }
        } else {
            VariationKind::PartnerRefusing {
                partner: optional(node, "partner refusing")?,
                with: optional(node, "with"),
                attempts,
            }
        };
        Some(Variation {
            kind,
            at: optional(node, "at"),
            expect: node.get("expect").map(|node| self.expect(node)),
            span: node.span,
        })
    }

    /// The partner that `outbound` means.
    fn only_partner(&mut self, word: &Spanned<String>) -> Option<Spanned<String>> {
        if let [only] = self.partners.as_slice() {
            return Some(Spanned::new(only.clone(), word.span));
        }
        let finding = if self.partners.is_empty() {
            Finding::error(
                "which-partner",
                word.span,
                "there is no partner whose ack could be lost",
            )
            .label("`outbound` needs a partner")
            .help("declare one under `partners:`, or write `ack lost: inbound`")
        } else {
            let names: Vec<_> = self
                .partners
                .iter()
                .map(|name| format!("`ack lost: {name}`"))
                .collect();
            Finding::error(
                "which-partner",
                word.span,
                "`outbound` could mean any of several partners",
            )
            .label("expected the name of a partner")
            .help(format!("say whose ack is lost: {}", names.join(" or ")))
        };
        self.findings.push(finding);
        None
    }
}

/// The variation that a word names. The grammar has refused any other word.
fn named(word: &str) -> Option<VariationKind> {
    Some(match word {
        "duplicate delivery" => VariationKind::DuplicateDelivery,
        "split frames" => VariationKind::Frames(FrameStyle::Split),
        "trickled frames" => VariationKind::Frames(FrameStyle::Trickled),
        "coalesced frames" => VariationKind::Frames(FrameStyle::Coalesced),
        "candidate restarted" => VariationKind::CandidateRestarted,
        "malformed input" => VariationKind::MalformedInput,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_grammar_is_read() {
        for word in grammar::VARIATION_WORDS {
            assert!(named(word.name).is_some(), "{}", word.name);
        }
    }
}
