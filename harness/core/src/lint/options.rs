//! What is wrong with the options of a partner: whatever keeps its stub from being made.

use wardgate_contract::{Finding, Node, Span, Spanned, ast::Partner, guide::Guide, suggest};
use wardgate_expression::{Json, Object};
use wardgate_synth::Seed;

use crate::port::{Protocol, StubOptions};

/// Makes the stub as a run would, and finds the options that it refuses.
pub(super) fn check(protocol: &dyn Protocol, partner: &Partner) -> Vec<Finding> {
    let trial = Trial { protocol, partner };
    let Err(reason) = trial.make(partner.options.to_json()) else {
        return Vec::new();
    };
    if trial.make(Json::Object(Object::new())).is_err() {
        return vec![wrong(partner.protocol.span, reason)];
    }
    let members = partner.options.as_mapping().unwrap_or_default();
    let findings: Vec<_> = members
        .iter()
        .filter_map(|(key, value)| trial.option(key, value))
        .collect();
    // Options that are refused only together are the partner's fault.
    if findings.is_empty() {
        vec![wrong(partner.name.span, reason)]
    } else {
        findings
    }
}

struct Trial<'a> {
    protocol: &'a dyn Protocol,
    partner: &'a Partner,
}

impl Trial<'_> {
    fn make(&self, options: Json) -> Result<(), String> {
        let options = StubOptions {
            partner: self.partner.name.value.clone(),
            options,
            seed: Seed::from_u64(0),
        };
        self.protocol.stub(&options).map(drop)
    }

    /// What the stub says to one option alone.
    fn option(&self, key: &Spanned<String>, value: &Node) -> Option<Finding> {
        let with = |value: Json| {
            let mut options = Object::new();
            options.push(key.value.as_str(), value);
            self.make(Json::Object(options)).err()
        };
        let reason = with(value.to_json())?;
        let known = Guide::names_of(self.protocol.guide().options);
        if !known.contains(&key.value.as_str()) {
            let mut finding = Finding::error(
                "unknown-option",
                key.span,
                format!(
                    "`{}` is not an option of `{}`",
                    key.value,
                    self.protocol.name()
                ),
            )
            .label("expected an option of the stub");
            finding.help = suggest::help(key, &known)
                .or_else(|| Some(String::from("this stub has no options")));
            return Some(finding);
        }
        let refused = value.as_sequence().and_then(|items| {
            items
                .iter()
                .find(|item| with(Json::Array(vec![item.to_json()])).is_some())
        });
        Some(wrong(blamed(refused.unwrap_or(value), &reason), reason))
    }
}

/// The member of a refused value that the reason speaks of; the whole value where it speaks of none.
fn blamed(value: &Node, reason: &str) -> Span {
    let members = value.as_mapping().unwrap_or_default();
    members
        .iter()
        .find(|(name, _)| reason.contains(&format!("'{}'", name.value)))
        .map_or(value.span, |(name, _)| name.span)
}

fn wrong(span: Span, reason: String) -> Finding {
    Finding::error("wrong-option", span, reason).label("the stub cannot be made with this")
}
