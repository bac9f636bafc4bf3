//! `wardgate contract new`: a first working contract to edit, from a message, a resource or a recorded case.

mod recorded;
mod yaml;

use std::{fmt::Write as _, path::Path};

use wardgate_contract::grammar::{CONTRACT_ID, SLUG};
use wardgate_core::{
    port::{Catalog, Draft},
    wire::Message,
};
use wardgate_runner::bounded;

use crate::{
    exit::{Failure, Outcome, PASSED},
    print, run_folder,
};

/// Runs `wardgate contract new …`.
pub fn run(from: &Path, id: Option<&str>, to: Option<&str>, case: Option<&str>) -> Outcome {
    for (option, given, syntax) in [("--id", id, &CONTRACT_ID), ("--to", to, &SLUG)] {
        if let Some(given) = given.filter(|given| !(syntax.admits)(given)) {
            return Err(Failure::usage(format!(
                "{option} '{given}' is not {}",
                syntax.describe()
            )));
        }
    }
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
        recorded::of_run(&run_folder::run_file(from), id, case, &catalog)?
    } else {
        of_file(from, id, to, &catalog)?
    };
    print::bytes(text.as_bytes());
    Ok(PASSED)
}

/// The largest message or resource that a contract is begun from, in bytes.
const BYTES_MAX: usize = 16 << 20;

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
    let to = to.unwrap_or_else(|| endpoint_of_the_hub(protocol));
    Ok(write(&id, protocol, to, &draft))
}

/// Where the reference hub takes this, so that a new contract runs before anything in it was changed.
fn endpoint_of_the_hub(protocol: &str) -> &str {
    match protocol {
        "hl7v2" => "adt",
        "fhir" => "orders",
        other => other,
    }
}

fn write(id: &str, protocol: &str, to: &str, draft: &Draft) -> String {
    let mut out = String::from(
        "# Begun by `wardgate contract new`: say in its title what it promises, and make its expectations yours.\n",
    );
    if let Some(remark) = draft.remark {
        let _ = writeln!(out, "# {remark}");
    }
    let title = &draft.title;
    let _ = writeln!(
        out,
        "wardgate: 1\ncontract: {id}\nversion: 0.1.0\ntitle: {title}\nconsumer: the-sender\nprovider: the-candidate\n\
         workflow: {}",
        draft.workflow
    );
    let mut data = draft.data.clone();
    data.sort_unstable();
    data.dedup();
    if !data.is_empty() {
        out.push_str("data:\n");
        for record in data {
            let condition = record.condition.map_or_else(String::new, |condition| {
                format!(", where: {}", yaml::quoted(condition))
            });
            let _ = writeln!(
                out,
                "  {}: {{ draw: {}{condition} }}",
                record.name, record.kind
            );
        }
    }
    let _ = writeln!(
        out,
        "interactions:\n  - name: {title}\n    send:\n      {protocol}:\n        to: {to}"
    );
    indented(&mut out, &draft.send, 8);
    out.push_str("    expect:\n      reply:\n");
    indented(&mut out, &draft.reply, 8);
    if !draft.variations.is_empty() {
        out.push_str("    variations:\n");
        for variation in draft.variations {
            let _ = writeln!(out, "      - {variation}");
        }
    }
    out
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
