//! A contract from a recorded case: what was sent as its contract says it, and of what came back just what was recorded.
//!
//! The messages are not taken from the wire. What draws their values anew stands in the recorded contract, and a guess
//! at which of the bytes were drawn would be wrong for every number that the guess does not know.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt::Write as _,
    fs::File,
    io::BufReader,
    path::Path,
    sync::Arc,
};

use wardgate_contract::{Node, ast::Contract, yaml as document};
use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    plan::{self, Case, CaseKind, Plan},
    port::{Catalog, Draft},
    wire::{Direction, Message},
};
use wardgate_report::run_file::{RunFile, VerdictsLine};

use super::yaml;
use crate::exit::Failure;

/// Keys of the recorded contract that the new one has of its own.
const OWN: [&str; 9] = [
    "wardgate",
    "contract",
    "version",
    "title",
    "owner",
    "partners",
    "data",
    "interactions",
    "properties",
];

/// The contract of a case in a run file.
pub fn of_run(
    path: &Path,
    id: Option<&str>,
    case: Option<&str>,
    catalog: &Arc<Catalog>,
) -> Result<String, Failure> {
    let wrong = |message: String| Failure::could_not_run(format!("{}: {message}", path.display()));
    let file = File::open(path).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
    let run = RunFile::read(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    let request = run.run.request().map_err(wrong)?;
    let plan = plan::make(request, catalog).map_err(|error| wrong(error.to_string()))?;
    let found = match case {
        Some(name) => run.verdicts.iter().find(|verdict| verdict.name == name),
        None => first(&run, &plan),
    };
    let Some(verdict) = found else {
        return Err(wrong(case.map_or_else(
            || String::from("it holds no finished case"),
            |name| {
                format!("it holds no finished case '{name}'; `wardgate contract list` names them")
            },
        )));
    };
    let case = plan
        .cases
        .get(verdict.case)
        .ok_or_else(|| wrong(String::from("it speaks of a case that its plan lacks")))?;
    refuse(case, &plan).map_err(wrong)?;
    // What a variation does to an interaction is no promise of the interaction.
    let written = plain_of(case, &plan).and_then(|plain| {
        let verdict = run.verdicts.iter().find(|one| one.case == plain.index)?;
        Some((plain, verdict))
    });
    let (case, verdict) = written.unwrap_or((case, verdict));
    let recorded = Recorded::read(&run, &plan, case, verdict, catalog);
    if !recorded.promises() {
        return Err(wrong(format!(
            "of '{}' nothing was recorded that a contract could promise: no reply, and nothing at a partner of which the run \
             waited for the end",
            verdict.name
        )));
    }
    let id = id.map_or_else(
        || format!("{}-recorded", plan.contract_of(case).id.value),
        str::to_owned,
    );
    recorded
        .write(&id)
        .ok_or_else(|| wrong(format!("the contract of '{}' is not in it", verdict.name)))
}

/// The first case that is a base for a contract, or else the first of all, which says why it is none.
fn first<'a>(run: &'a RunFile, plan: &Plan) -> Option<&'a VerdictsLine> {
    let fits = |verdict: &&VerdictsLine| {
        let case = plan.cases.get(verdict.case);
        case.is_some_and(|case| refuse(case, plan).is_ok())
    };
    run.verdicts.iter().find(fits).or(run.verdicts.first())
}

/// Says why a case is no base for a contract, where it is none.
fn refuse(case: &Case, plan: &Plan) -> Result<(), String> {
    if matches!(case.kind, CaseKind::Property(_)) {
        return Err(format!(
            "'{}' is a property, which tried many values and promises nothing of one of them; begin from an interaction",
            case.name
        ));
    }
    if case.stimuli.iter().any(|one| one.malformation.is_some()) {
        let base = plain_of(case, plan).map_or(case.name.as_str(), |one| one.name.as_str());
        return Err(format!(
            "'{}' sends a broken form of a message on purpose, which no contract can say of its own; begin from '{base}' \
             and give it the variation `malformed input`",
            case.name
        ));
    }
    if case.stimuli.is_empty() {
        return Err(format!(
            "'{}' sent nothing that a contract could be begun from",
            case.name
        ));
    }
    Ok(())
}

/// The interaction as it is written, of which this case is a variation.
fn plain_of<'a>(case: &Case, plan: &'a Plan) -> Option<&'a Case> {
    let sent = |case: &Case| case.stimuli.first().map(|one| one.body.span);
    plan.cases.iter().find(|plain| {
        plain.contract == case.contract
            && matches!(plain.kind, CaseKind::Example { variation: None })
            && sent(plain) == sent(case)
    })
}

/// What was recorded of one step.
#[derive(Default)]
struct Step {
    /// The promise of its reply, and of its commit acknowledgement.
    reply: Option<String>,
    accept: Option<String>,
    /// What partners received: by partner the selectors, each with how often.
    received: BTreeMap<String, Vec<(String, usize)>>,
    /// Whether nothing more of the step was to come when it was over.
    is_closed: bool,
}

/// What was recorded of a case.
struct Recorded<'a> {
    contract: &'a Contract,
    plan: &'a Plan,
    case: &'a Case,
    steps: Vec<Step>,
    /// What the protocol of the first message would write of it.
    draft: Option<Draft>,
    /// Whether a message was refused.
    refused: bool,
}

impl<'a> Recorded<'a> {
    fn read(
        run: &RunFile,
        plan: &'a Plan,
        case: &'a Case,
        verdict: &VerdictsLine,
        catalog: &Catalog,
    ) -> Self {
        let lane = run.lanes.get(verdict.lane).map(Vec::as_slice);
        let own: HashSet<u64> = verdict.timeline.iter().copied().collect();
        let whole = verdict.first..=verdict.last;
        let events = lane
            .unwrap_or_default()
            .iter()
            .filter(|event| whole.contains(&event.sequence));
        let count = case.stimuli.iter().map(|one| one.step + 1).max();
        let mut recorded = Self {
            contract: plan.contract_of(case),
            plan,
            case,
            steps: (0..count.unwrap_or(0)).map(|_| Step::default()).collect(),
            draft: None,
            refused: false,
        };
        let mut reading = Reading {
            repeats: !matches!(case.kind, CaseKind::Example { variation: None }),
            catalog,
            step: 0,
            requests: BTreeMap::new(),
            seen: HashSet::new(),
        };
        for event in events {
            reading.add(event, own.contains(&event.sequence), &mut recorded);
        }
        recorded
    }

    /// Whether there is anything to be promised.
    fn promises(&self) -> bool {
        self.steps.iter().enumerate().any(|(number, step)| {
            let answered = step.reply.is_some() || step.accept.is_some();
            answered || (self.is_apart(number) && !step.received.is_empty())
        })
    }

    /// Whether what partners received can be told apart from what followed from other steps.
    fn is_apart(&self, step: usize) -> bool {
        self.steps[step].is_closed && (step == 0 || self.steps[step - 1].is_closed)
    }
}

/// Goes through the events of a case.
struct Reading<'a> {
    /// Whether a message that came again counts once: a variation makes partners and candidate repeat themselves.
    repeats: bool,
    catalog: &'a Catalog,
    step: usize,
    /// What was sent so far, by stimulus, with its connection.
    requests: BTreeMap<usize, (u32, Message)>,
    seen: HashSet<(usize, usize, Vec<u8>)>,
}

impl Reading<'_> {
    fn add(&mut self, event: &Event, is_own: bool, into: &mut Recorded<'_>) {
        match &event.kind {
            EventKind::Barrier(_) => {
                if let Some(step) = into.steps.get_mut(self.step) {
                    step.is_closed = true;
                }
            }
            EventKind::Wire(wire) if is_own => match (wire.party, wire.direction) {
                (Party::Endpoint(endpoint), Direction::ToCandidate) => {
                    self.sent(wire, endpoint, into);
                }
                (Party::Endpoint(endpoint), Direction::FromCandidate) => {
                    self.replied(wire, endpoint, into);
                }
                (Party::Partner(partner), Direction::FromCandidate) => {
                    self.received(wire, partner, into);
                }
                (Party::Partner(_), Direction::ToCandidate) => {}
            },
            _ => {}
        }
    }

    fn sent(&mut self, wire: &Wire, endpoint: usize, into: &mut Recorded<'_>) {
        let protocol = &into.plan.endpoints[endpoint].protocol;
        let Some(stimulus) = wire.stimulus else {
            return;
        };
        if let Some(sent) = into.case.stimuli.get(stimulus)
            && sent.repeats.is_none()
        {
            self.step = sent.step;
        }
        let Some(message) = decode(wire, protocol, true, self.catalog) else {
            return;
        };
        if into.draft.is_none() {
            let protocol = self.catalog.get(protocol);
            into.draft = protocol.and_then(|protocol| protocol.draft(&message));
        }
        self.requests.insert(stimulus, (wire.channel, message));
    }

    fn replied(&self, wire: &Wire, endpoint: usize, into: &mut Recorded<'_>) {
        let name = &into.plan.endpoints[endpoint].protocol;
        let (Some(protocol), Some(reply)) = (
            self.catalog.get(name),
            decode(wire, name, false, self.catalog),
        ) else {
            return;
        };
        // Where the runner does not know what a reply answers, the protocol does, or else the connection.
        let sent = self
            .requests
            .iter()
            .rev()
            .find(|(number, (channel, sent))| {
                wire.stimulus.map_or_else(
                    || {
                        let answers = protocol.answers(sent, &reply);
                        answers.unwrap_or(*channel == wire.channel)
                    },
                    |known| known == **number,
                )
            });
        let Some((number, (_, request))) = sent else {
            return;
        };
        let Some(stimulus) = into.case.stimuli.get(*number) else {
            return;
        };
        into.refused |= protocol.is_refusal(&reply);
        let step = &mut into.steps[stimulus.step];
        let place = if protocol.is_accept(&reply) {
            &mut step.accept
        } else {
            &mut step.reply
        };
        if place.is_none() {
            *place = protocol.promise_of(&stimulus.body, request, &reply);
        }
    }

    fn received(&mut self, wire: &Wire, partner: usize, into: &mut Recorded<'_>) {
        let player = &into.plan.partners[partner];
        let Some(protocol) = self.catalog.get(&player.protocol) else {
            return;
        };
        let Some(message) = decode(wire, &player.protocol, true, self.catalog) else {
            return;
        };
        let (Some(selector), Some(step)) = (
            protocol.selector_of(&message),
            into.steps.get_mut(self.step),
        ) else {
            return;
        };
        let key = (self.step, partner, protocol.identity(&message));
        if self.repeats && !self.seen.insert(key) {
            return;
        }
        let known = step.received.entry(player.name.clone()).or_default();
        match known.iter_mut().find(|(one, _)| *one == selector) {
            Some((_, count)) => *count += 1,
            None => known.push((selector, 1)),
        }
    }
}

fn decode(wire: &Wire, protocol: &str, is_request: bool, catalog: &Catalog) -> Option<Message> {
    let transport = catalog.get(protocol)?.transport();
    Message::decode(transport, is_request, wire.name.as_deref(), &wire.bytes).ok()
}

impl Recorded<'_> {
    /// The contract as text; none where its own contract cannot be found again.
    fn write(&self, id: &str) -> Option<String> {
        let (root, _) = document::read(&self.contract.source);
        let root = root?;
        let place = self.case.stimuli.first()?.body.span;
        let interaction = root
            .get("interactions")?
            .as_sequence()?
            .iter()
            .find(|one| one.span.start <= place.start && place.end <= one.span.end)?;
        let body = self.interaction(interaction);
        let name: String = self
            .case
            .name
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let mut out = format!(
            "# Begun by `wardgate contract new` from '{name}': make its expectations yours.\n\
             wardgate: 1\ncontract: {id}\nversion: 0.1.0\n"
        );
        yaml::member(&mut out, "title", interaction.get("name")?, 0);
        for (key, value) in root.as_mapping()? {
            if !OWN.contains(&key.value.as_str()) {
                yaml::member(&mut out, &key.value, value, 0);
            }
        }
        self.partners(&mut out, root.get("partners"));
        if let Some(data) = root.get("data").and_then(Node::as_mapping) {
            let mut used = body.clone();
            let mut kept = BTreeSet::new();
            // A record may be drawn by what another one is.
            for _ in 0..=data.len() {
                for (number, (name, value)) in data.iter().enumerate() {
                    if !kept.contains(&number) && uses(&used, &name.value) {
                        kept.insert(number);
                        yaml::member(&mut used, &name.value, value, 0);
                    }
                }
            }
            if !kept.is_empty() {
                out.push_str("data:\n");
            }
            for number in kept {
                let (name, value) = &data[number];
                yaml::member(&mut out, &name.value, value, 2);
            }
        }
        out.push_str("interactions:\n");
        out.push_str(&body);
        Some(out)
    }

    /// The partners as they were declared, and those that took part without being named.
    fn partners(&self, out: &mut String, declared: Option<&Node>) {
        let taking_part: BTreeSet<&String> = (0..self.steps.len())
            .filter(|step| self.is_apart(*step))
            .flat_map(|step| self.steps[step].received.keys())
            .collect();
        let others: Vec<_> = self
            .plan
            .partners
            .iter()
            .filter(|one| taking_part.contains(&one.name))
            .filter(|one| declared.is_none_or(|known| known.get(&one.name).is_none()))
            .collect();
        let declared = declared.and_then(Node::as_mapping).unwrap_or_default();
        if declared.is_empty() && others.is_empty() {
            return;
        }
        out.push_str("partners:\n");
        for (name, value) in declared {
            yaml::member(out, &name.value, value, 2);
        }
        for partner in others {
            let _ = writeln!(out, "  {}:\n    stub: {}", partner.name, partner.protocol);
            let options = partner.options.as_object().into_iter();
            for (name, value) in options.flat_map(wardgate_expression::Object::iter) {
                let _ = writeln!(out, "    {}: {value}", yaml::quoted(name));
            }
        }
    }

    fn interaction(&self, written: &Node) -> String {
        let mut out = String::new();
        for (key, value) in written.as_mapping().unwrap_or_default() {
            if matches!(
                key.value.as_str(),
                "send" | "expect" | "capture" | "steps" | "variations"
            ) {
                continue;
            }
            yaml::member(&mut out, &key.value, value, 4);
        }
        let sent = sent_by(written);
        // The first key stands behind the dash.
        out.replace_range(2..3, "-");
        match written.get("steps").and_then(Node::as_sequence) {
            None => self.step(&mut out, &sent, &[written], 0, 4),
            Some(steps) => {
                out.push_str("    steps:\n");
                let sending = |step: &Node| step.get("send").is_some();
                for (number, step) in steps.iter().enumerate().filter(|(_, one)| sending(one)) {
                    // What a step without a message of its own keeps, the one before it saw.
                    let more = steps[number + 1..].iter().take_while(|one| !sending(one));
                    let nodes: Vec<&Node> = std::iter::once(step).chain(more).collect();
                    let before = out.len();
                    if let Some(name) = step.get("name") {
                        yaml::member(&mut out, "name", name, 8);
                    }
                    self.step(&mut out, &sent, &nodes, number, 8);
                    out.replace_range(before + 6..=before + 6, "-");
                }
            }
        }
        self.variations(&mut out, written);
        out
    }

    /// One step, and what the steps behind it that send nothing keep.
    fn step(&self, out: &mut String, sent: &str, nodes: &[&Node], number: usize, indent: usize) {
        if let Some(send) = nodes[0].get("send") {
            yaml::member(out, "send", send, indent);
        }
        self.expectations(out, nodes, number, indent);
        let captures: Vec<_> = nodes
            .iter()
            .filter_map(|node| node.get("capture")?.as_mapping())
            .flatten()
            // Others were kept for expectations that are no more.
            .filter(|(name, _)| uses(sent, &name.value))
            .collect();
        if !captures.is_empty() {
            let _ = writeln!(out, "{:indent$}capture:", "");
        }
        for (name, value) in captures {
            yaml::member(out, &name.value, value, indent + 2);
        }
    }

    fn expectations(&self, out: &mut String, nodes: &[&Node], number: usize, indent: usize) {
        let Some(step) = self.steps.get(number) else {
            return;
        };
        let within = |party: &str| {
            nodes
                .iter()
                .find_map(|node| within_of(node.get("expect")?.get(party)?))
        };
        let mut text = String::new();
        for (party, promise) in [("accept", &step.accept), ("reply", &step.reply)] {
            let Some(promise) = promise else { continue };
            let _ = writeln!(text, "{:indent$}  {party}:", "");
            if let Some(within) = within(party) {
                let _ = writeln!(text, "{:indent$}    within: {within}", "");
            }
            for line in promise.lines() {
                let _ = writeln!(text, "{:indent$}    {line}", "");
            }
        }
        let apart = self.is_apart(number);
        for (partner, received) in step.received.iter().filter(|_| apart) {
            let _ = writeln!(text, "{:indent$}  {partner}:", "");
            let within =
                within(partner).map_or_else(String::new, |within| format!(", within: {within}"));
            for (selector, count) in received {
                let selector = flow(selector);
                let _ = writeln!(
                    text,
                    "{:indent$}    - {{ received: {selector}, times: {count}{within} }}",
                    ""
                );
            }
        }
        if !text.is_empty() {
            let _ = writeln!(out, "{:indent$}expect:", "");
            out.push_str(&text);
        }
        if !apart && !step.received.is_empty() {
            let _ = writeln!(
                out,
                "{:indent$}# Partners received something too, but the run did not wait until that was all of this step.",
                ""
            );
        }
    }

    /// The usual variations: at once where they are safe, and for the author to switch on where they may not be.
    fn variations(&self, out: &mut String, written: &Node) {
        let Some(draft) = self.draft.as_ref().filter(|one| !one.variations.is_empty()) else {
            return;
        };
        let sent = sent_by(written);
        let redrawn = draft
            .identifiers
            .iter()
            .all(|found| !sent.contains(found.as_str()));
        let one = self.steps.len() == 1
            && self.steps[0].accept.is_none()
            && self.steps[0].reply.is_some();
        let repeatable =
            draft.variations.contains(&"duplicate delivery") && !draft.identifiers.is_empty();
        let lead = if one && repeatable && redrawn && !self.refused {
            ""
        } else {
            out.push_str("    # Not every message can bear these: take away the marks of those that should hold.\n");
            "# "
        };
        let _ = writeln!(out, "    {lead}variations:");
        for variation in draft.variations {
            let _ = writeln!(out, "    {lead}  - {variation}");
        }
    }
}

/// Everything that an interaction sends, as text.
fn sent_by(interaction: &Node) -> String {
    let mut sent = String::new();
    let steps = interaction.get("steps").and_then(Node::as_sequence);
    for step in std::iter::once(interaction).chain(steps.unwrap_or_default()) {
        if let Some(send) = step.get("send") {
            yaml::member(&mut sent, "send", send, 0);
        }
    }
    sent
}

/// The `within` of an expectation, or of the first of several that has one.
fn within_of(expectation: &Node) -> Option<&str> {
    match expectation.as_sequence() {
        Some(items) => items.iter().find_map(|item| item.get("within")),
        None => expectation.get("within"),
    }?
    .as_text()
}

/// A selector within braces.
fn flow(selector: &str) -> String {
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '/' | '_' | '-' | '.' | '^' | '$' | '*')
    };
    if selector.starts_with(|c: char| c.is_ascii_alphabetic()) && selector.chars().all(plain) {
        selector.to_owned()
    } else {
        yaml::quoted(selector)
    }
}

/// Whether a text uses a value of this name in a template or an expression.
fn uses(text: &str, name: &str) -> bool {
    ["${", "%"].iter().any(|mark| {
        let mark = format!("{mark}{name}");
        text.match_indices(&mark).any(|(at, _)| {
            let next = text[at + mark.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    })
}
