//! Interactions, properties and what stands in them.

use super::{Lint, Meaning, Scope};
use crate::{
    Finding, Spanned,
    ast::{
        CaptureFrom, CaptureVia, Check, Claim, Expect, Filter, Interaction, Matcher, MatcherKind,
        Property, Step, Variation, VariationKind,
    },
};

impl Lint<'_> {
    pub(super) fn interaction(&mut self, interaction: &Interaction, mut scope: Scope) {
        self.given(&interaction.given, &scope);
        let scopes = self.steps(&interaction.steps, &mut scope);
        if interaction.steps.iter().all(|step| step.expect.is_empty()) {
            self.expects_nothing(&interaction.name);
        }
        for variation in &interaction.variations {
            self.variation(variation, &interaction.steps, &scopes);
        }
    }

    pub(super) fn property(&mut self, property: &Property, mut scope: Scope) {
        for (name, generator) in &property.forall {
            if let Some(vocabulary) = self.vocabulary {
                let known = vocabulary.generators();
                if !known.contains(&generator.value) {
                    self.unknown(
                        "unknown-generator",
                        generator,
                        "is not a generator",
                        "expected a generator",
                        &known,
                    );
                }
            }
            self.define(name, self.generated(generator), &mut scope);
        }
        self.given(&property.given, &scope);
        self.steps(&property.steps, &mut scope);
        match &property.holds {
            Some(holds) => {
                self.expression(holds, &scope);
                self.held(holds);
            }
            None if property.steps.iter().all(|step| step.expect.is_empty()) => {
                self.expects_nothing(&property.name);
            }
            None => {}
        }
    }

    /// What a generator yields: a record where its members are known.
    fn generated(&self, generator: &str) -> Meaning {
        let members = self
            .vocabulary
            .and_then(|vocabulary| vocabulary.members(generator));
        match members {
            Some(_) => Meaning::Record {
                kind: generator.to_owned(),
                set: Vec::new(),
            },
            None => Meaning::Anything,
        }
    }

    fn expects_nothing(&mut self, name: &Spanned<String>) {
        self.findings.push(
            Finding::warning(
                "expects-nothing",
                name.span,
                format!("`{}` expects nothing", name.value),
            )
            .label("passes whatever the candidate does")
            .help("add `expect:`, if only `expect: { reply: {} }` for an answer of any kind"),
        );
    }

    /// Judges steps in order; gives the names that each step could use.
    fn steps(&mut self, steps: &[Step], scope: &mut Scope) -> Vec<Scope> {
        self.unique(
            steps.iter().filter_map(|step| step.name.as_ref()),
            "name of a step",
        );
        let mut scopes = Vec::new();
        for step in steps {
            scopes.push(scope.clone());
            if let Some(send) = &step.send {
                self.protocol(&send.protocol);
                self.node(&send.body, scope);
                if let Some(vocabulary) = self.vocabulary {
                    let findings = vocabulary.send(send, &|name| scope.has(name));
                    // What was said of a place already is not said again in other words.
                    let news = findings.into_iter().filter(|finding| {
                        self.findings.iter().all(|said| said.span != finding.span)
                    });
                    let news: Vec<_> = news.collect();
                    self.findings.extend(news);
                }
            }
            let sent = step.send.as_ref().map(|send| send.protocol.as_str());
            self.expectations(&step.expect, sent, scope);
            self.captures(step, scope);
        }
        scopes
    }

    fn captures(&mut self, step: &Step, scope: &mut Scope) {
        for capture in &step.captures {
            let mut protocol = step.send.as_ref().map(|send| send.protocol.as_str());
            if let CaptureFrom::Received(name) = &capture.from {
                let partner = Spanned::new(name.clone(), capture.span);
                protocol = self.protocol_of(&partner);
                let counted = step.expect.iter().any(|expect| {
                    matches!(&expect.claim, Claim::Received { partner, .. } if partner.value == *name)
                });
                if protocol.is_some() && !counted {
                    self.findings.push(
                        Finding::error(
                            "nothing-received",
                            capture.span,
                            format!("this step expects no message at `{name}` to capture from"),
                        )
                        .label("captures from the last message that an expectation of the step counted")
                        .help(format!("add `{name}: [{{ received: … }}]` under the step's `expect:`")),
                    );
                }
            }
            match &capture.via {
                CaptureVia::Expression(text) => self.expression_within(text, capture.span, scope),
                CaptureVia::Locator(text) => {
                    let locator = Spanned::new(text.clone(), capture.span);
                    self.locator(protocol, &locator);
                }
            }
        }
        // Values are captured side by side: none can use another of the same step.
        for capture in &step.captures {
            self.define(&capture.name, Meaning::Anything, scope);
        }
    }

    fn expectations(&mut self, expectations: &[Expect], sent: Option<&str>, scope: &Scope) {
        for expect in expectations {
            match &expect.claim {
                Claim::Reply { checks } | Claim::Accept { checks } => {
                    self.statuses(checks);
                    self.checks(checks, sent, scope);
                }
                Claim::Received {
                    partner,
                    selector,
                    times,
                    checks,
                } => {
                    self.bound(times);
                    self.statuses(checks);
                    let protocol = self.protocol_of(partner);
                    if let Some(protocol) = protocol {
                        let what = format!("a message that `{protocol}` can select");
                        self.ask("selector", &what, selector, |words| {
                            words.selector(protocol, selector)
                        });
                    }
                    self.template(&selector.value, selector.span, scope);
                    self.checks(checks, protocol, scope);
                }
                Claim::Holds {
                    partner,
                    collection,
                    filter,
                    count,
                    checks,
                } => {
                    self.bound(count);
                    let protocol = self.protocol_of(partner);
                    self.collection(protocol, collection);
                    match filter {
                        Some(Filter::Expression(text)) => self.expression(text, scope),
                        Some(Filter::Members(members)) => {
                            for (_, matcher) in members {
                                self.matcher(matcher, scope);
                            }
                        }
                        None => {}
                    }
                    self.checks(checks, protocol, scope);
                }
            }
        }
    }

    pub(super) fn collection(&mut self, protocol: Option<&str>, collection: &Spanned<String>) {
        let Some(protocol) = protocol else { return };
        let what = format!("something that `{protocol}` files records under");
        self.ask("collection", &what, collection, |words| {
            words.collection(protocol, collection)
        });
    }

    fn locator(&mut self, protocol: Option<&str>, locator: &Spanned<String>) {
        let Some(protocol) = protocol else { return };
        let what = format!("a location of `{protocol}`");
        self.ask("locator", &what, locator, |words| {
            words.locator(protocol, locator)
        });
    }

    fn checks(&mut self, checks: &[Check], protocol: Option<&str>, scope: &Scope) {
        for check in checks {
            match check {
                Check::At { locator, matcher } => {
                    self.locator(protocol, locator);
                    self.matcher(matcher, scope);
                }
                Check::Body { matcher } => self.matcher(matcher, scope),
                Check::Expression(text) => self.expression(text, scope),
                Check::JsonPath { path, matcher } => {
                    self.json_path(path);
                    self.matcher(matcher, scope);
                }
            }
        }
    }

    fn matcher(&mut self, matcher: &Matcher, scope: &Scope) {
        let text =
            |lint: &mut Self, text: &Spanned<String>| lint.template(&text.value, text.span, scope);
        match &matcher.kind {
            MatcherKind::Equals { value: node, .. }
            | MatcherKind::Like(node)
            | MatcherKind::EachLike { item: node, .. } => {
                self.node(node, scope);
            }
            MatcherKind::OneOf(items) | MatcherKind::Unordered(items) => {
                for item in items {
                    self.node(item, scope);
                }
            }
            MatcherKind::Regex(pattern) | MatcherKind::Decimal(pattern) => text(self, pattern),
            MatcherKind::Range { min, max } => {
                min.iter().chain(max).for_each(|bound| text(self, bound));
            }
            MatcherKind::DateWithin { of, .. } => of.iter().for_each(|of| text(self, of)),
            MatcherKind::Absent | MatcherKind::Present => {}
        }
    }

    fn variation(&mut self, variation: &Variation, steps: &[Step], scopes: &[Scope]) {
        match &variation.kind {
            VariationKind::AckLostOutbound { partner }
            | VariationKind::PartnerDown { partner, .. }
            | VariationKind::PartnerSlow { partner, .. } => {
                self.protocol_of(partner);
            }
            VariationKind::PartnerRefusing { partner, with, .. } => {
                let protocol = self.protocol_of(partner);
                if let (Some(protocol), Some(with)) = (protocol, with) {
                    let what = format!("a refusal of `{protocol}`");
                    self.ask("refusal", &what, with, |words| {
                        words.refusal(protocol, with)
                    });
                }
            }
            _ => {}
        }
        let step = match &variation.at {
            Some(at) => steps.iter().position(|step| {
                step.name
                    .as_ref()
                    .is_some_and(|name| name.value == at.value)
            }),
            None => steps.iter().rposition(|step| step.send.is_some()),
        };
        match (step, &variation.at) {
            (Some(index), at) => {
                if let (None, Some(at)) = (&steps[index].send, at) {
                    self.findings.push(
                        Finding::error(
                            "unknown-step",
                            at.span,
                            format!("the step `{}` sends nothing", at.value),
                        )
                        .label("expected the name of a step that sends")
                        .help("a variation is something done to what is sent"),
                    );
                }
                if let Some(expect) = &variation.expect {
                    let sent = steps[index]
                        .send
                        .as_ref()
                        .map(|send| send.protocol.as_str());
                    self.expectations(expect, sent, &scopes[index]);
                }
            }
            (None, Some(at)) => {
                let names: Vec<_> = steps
                    .iter()
                    .filter_map(|step| step.name.as_ref())
                    .map(|name| name.as_str())
                    .collect();
                self.unknown(
                    "unknown-step",
                    at,
                    "is not a step of this interaction",
                    "expected the name of a step",
                    &names,
                );
            }
            (None, None) => self.findings.push(
                Finding::error("unknown-step", variation.span, "there is nothing to vary")
                    .label("no step of this interaction sends anything")
                    .help("add `send:` to a step, or remove the variation"),
            ),
        }
    }
}
