//! `wardgate contract new`: a first working contract to edit, from a message, a resource or a recorded case.

use std::{fmt::Write as _, fs::File, io::BufReader, path::Path, sync::Arc};

use wardgate_core::{
    event::{Event, EventKind, Party, Wire},
    plan::{self, Plan},
    port::{Catalog, Draft},
    wire::{Direction, Message},
};
use wardgate_report::run_file::RunFile;
use wardgate_runner::bounded;

use crate::{
    exit::{Failure, Outcome, PASSED},
    print, run_folder,
};

/// Runs `wardgate contract new …`.
pub fn run(from: &Path, id: Option<&str>, to: Option<&str>, case: Option<&str>) -> Outcome {
    let catalog = wardgate_stub_catalog::catalog();
    let is_run = from.is_dir()
        || from
            .extension()
            .is_some_and(|extension| extension == "jsonl");
    let text = if is_run {
        if to.is_some() {
            return Err(Failure::usage(
                "a recorded case is sent to the endpoints that it was sent to; --to is for messages and resources",
            ));
        }
        of_run(&run_folder::run_file(from), id, case, &catalog)?
    } else {
        of_file(from, id, to, &catalog)?
    };
    print::bytes(text.as_bytes());
    Ok(PASSED)
}

/// The largest message or resource that a contract is begun from, in bytes.
const BYTES_MAX: usize = 16 << 20;

/// A step of the new contract.
struct Step {
    protocol: String,
    /// The candidate's endpoint.
    to: String,
    draft: Draft,
    /// Messages that partners received after it: partner and selector, with how often.
    received: Vec<(String, String, usize)>,
}

fn of_file(
    path: &Path,
    id: Option<&str>,
    to: Option<&str>,
    catalog: &Catalog,
) -> Result<String, Failure> {
    let unreadable = |reason: String| {
        Failure::could_not_run(format!("{} cannot be read: {reason}", path.display()))
    };
    let content = bounded::read(path, BYTES_MAX).map_err(|error| unreadable(error.to_string()))?;
    if content.len() > BYTES_MAX {
        let limit = format!("it has more than {} MiB", BYTES_MAX >> 20);
        return Err(unreadable(limit));
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let message = Message::File {
        name,
        content: content.into(),
    };
    let found = catalog.iter().find_map(|protocol| {
        protocol
            .draft(&message)
            .map(|draft| (protocol.name(), draft))
    });
    let Some((protocol, draft)) = found else {
        return Err(Failure::could_not_run(format!(
            "{} is neither an HL7 v2 message (it would begin with MSH) nor a FHIR resource (a JSON object with a resourceType)",
            path.display()
        )));
    };
    let name = path
        .file_stem()
        .map(|stem| slug(&stem.to_string_lossy()))
        .unwrap_or_default();
    let id = id.map_or_else(|| format!("{}/{name}", draft.workflow), str::to_owned);
    let step = Step {
        protocol: protocol.to_owned(),
        to: to
            .unwrap_or_else(|| endpoint_of_the_hub(protocol))
            .to_owned(),
        draft,
        received: Vec::new(),
    };
    Ok(write(&id, &[], &[step]))
}

/// Where the reference hub takes this, so that a new contract runs before anything in it was changed.
fn endpoint_of_the_hub(protocol: &str) -> &str {
    match protocol {
        "hl7v2" => "adt",
        "fhir" => "orders",
        other => other,
    }
}

fn of_run(
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
    let verdict = match case {
        Some(name) => run.verdicts.iter().find(|verdict| verdict.name == name),
        None => run.verdicts.first(),
    };
    let Some(verdict) = verdict else {
        return Err(wrong(case.map_or_else(
            || String::from("it holds no finished case"),
            |name| {
                format!("it holds no finished case '{name}'; `wardgate contract list` names them")
            },
        )));
    };
    let events = run
        .lanes
        .get(verdict.lane)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let timeline: Vec<&Event> = verdict
        .timeline
        .iter()
        .filter_map(|sequence| events.get(usize::try_from(*sequence).ok()?))
        .collect();
    let sent = steps(&timeline, &plan, catalog);
    if sent.is_empty() {
        return Err(wrong(format!(
            "'{}' sent nothing that a contract could be begun from",
            verdict.name
        )));
    }
    let contract = plan.contract_of(&plan.cases[verdict.case]);
    let partners: Vec<(String, String)> = contract
        .partners
        .iter()
        .map(|partner| (partner.name.value.clone(), partner.protocol.value.clone()))
        .collect();
    let id = id.map_or_else(|| format!("{}-recorded", contract.id.value), str::to_owned);
    Ok(write(&id, &partners, &sent))
}

fn steps(timeline: &[&Event], plan: &Plan, catalog: &Catalog) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for event in timeline {
        let EventKind::Wire(wire) = &event.kind else {
            continue;
        };
        match (wire.party, wire.direction) {
            (Party::Endpoint(endpoint), Direction::ToCandidate) => {
                let endpoint = &plan.endpoints[endpoint];
                let draft = decode(wire, &endpoint.protocol, catalog)
                    .and_then(|message| catalog.get(&endpoint.protocol)?.draft(&message));
                if let Some(draft) = draft {
                    steps.push(Step {
                        protocol: endpoint.protocol.clone(),
                        to: endpoint.name.clone(),
                        draft,
                        received: Vec::new(),
                    });
                }
            }
            (Party::Partner(partner), Direction::FromCandidate) => {
                let partner = &plan.partners[partner];
                let selector = decode(wire, &partner.protocol, catalog)
                    .and_then(|message| catalog.get(&partner.protocol)?.selector_of(&message));
                if let (Some(selector), Some(step)) = (selector, steps.last_mut()) {
                    let known = step
                        .received
                        .iter_mut()
                        .find(|(name, known, _)| *name == partner.name && *known == selector);
                    match known {
                        Some((_, _, count)) => *count += 1,
                        None => step.received.push((partner.name.clone(), selector, 1)),
                    }
                }
            }
            _ => {}
        }
    }
    for step in &mut steps {
        // Which partner was first is chance; what one of them received one after the other is not.
        step.received
            .sort_by(|(one, ..), (other, ..)| one.cmp(other));
    }
    steps
}

fn decode(wire: &Wire, protocol: &str, catalog: &Catalog) -> Option<Message> {
    let transport = catalog.get(protocol)?.transport();
    Message::decode(transport, true, wire.name.as_deref(), &wire.bytes).ok()
}

fn write(id: &str, partners: &[(String, String)], steps: &[Step]) -> String {
    let first = &steps[0].draft;
    let mut out = String::from(
        "# Begun by `wardgate contract new`: say in its title what it promises, and make its expectations yours.\n",
    );
    let _ = writeln!(out, "wardgate: 1\ncontract: {id}\nversion: 0.1.0");
    let _ = writeln!(out, "title: {}", first.title);
    let _ = writeln!(
        out,
        "consumer: the-sender\nprovider: the-candidate\nworkflow: {}",
        first.workflow
    );
    if !partners.is_empty() {
        out.push_str("partners:\n");
        for (name, protocol) in partners {
            let _ = writeln!(out, "  {name}: {{ stub: {protocol} }}");
        }
    }
    let mut data: Vec<_> = steps
        .iter()
        .flat_map(|step| step.draft.data.iter())
        .collect();
    data.sort_unstable();
    data.dedup();
    if !data.is_empty() {
        out.push_str("data:\n");
        for (name, kind) in data {
            let _ = writeln!(out, "  {name}: {{ draw: {kind} }}");
        }
    }
    let _ = writeln!(out, "interactions:\n  - name: {}", first.title);
    if let [step] = steps {
        write_step(&mut out, step, 4);
    } else {
        out.push_str("    steps:\n");
        for (number, step) in steps.iter().enumerate() {
            let _ = writeln!(out, "      - name: step {}", number + 1);
            write_step(&mut out, step, 8);
        }
    }
    if !first.variations.is_empty() {
        out.push_str("    variations:\n");
        for variation in first.variations {
            let _ = writeln!(out, "      - {variation}");
        }
    }
    out
}

fn write_step(out: &mut String, step: &Step, indent: usize) {
    let pad = " ".repeat(indent);
    let to = &step.to;
    let _ = writeln!(
        out,
        "{pad}send:\n{pad}  {}:\n{pad}    to: {to}",
        step.protocol
    );
    indented(out, &step.draft.send, indent + 4);
    let _ = writeln!(out, "{pad}expect:\n{pad}  reply:");
    indented(out, &step.draft.reply, indent + 4);
    let mut written: Vec<&str> = Vec::new();
    for (partner, _, _) in &step.received {
        if written.contains(&partner.as_str()) {
            continue;
        }
        written.push(partner);
        let _ = writeln!(out, "{pad}  {partner}:");
        for (_, selector, count) in step.received.iter().filter(|(name, _, _)| name == partner) {
            let _ = writeln!(out, "{pad}    - {{ received: {selector}, times: {count} }}");
        }
    }
}

fn indented(out: &mut String, text: &str, indent: usize) {
    let pad = " ".repeat(indent);
    for line in text.lines() {
        let _ = writeln!(out, "{pad}{line}");
    }
}

/// A file's name as a part of a contract id: small letters, digits and hyphens.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-').to_owned();
    if out.is_empty() {
        String::from("new")
    } else {
        out
    }
}
