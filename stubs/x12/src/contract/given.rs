//! Checks on the records that the clearinghouse is to hold before a case begins.

use wardgate_contract::{Finding, Node};
use wardgate_expression::Json;
use wardgate_stub_kit::lint;

use crate::clearinghouse::{GIVEN, members};
use crate::interchange::File;

/// Checks the name of a collection.
pub(crate) fn check_collection(name: &str) -> Result<(), String> {
    if GIVEN.contains(&name) {
        Ok(())
    } else {
        Err(format!("expected {}, not '{name}'", GIVEN.join(" or ")))
    }
}

/// Checks a record, member by member: what stands under a template is judged by its name alone.
pub(crate) fn check_record(collection: &str, record: &Node) -> Vec<Finding> {
    if lint::is_one_template(record) {
        return Vec::new();
    }
    let refused = match collection {
        "members" => member(record),
        "interchanges" => interchange(record),
        _ => Ok(()),
    };
    refused
        .err()
        .map(|reason| lint::refused_record(record, &reason))
        .into_iter()
        .collect()
}

fn member(record: &Node) -> Result<(), String> {
    let members = record
        .as_mapping()
        .ok_or_else(|| format!("a member is a mapping, not {}", record.describe()))?;
    for (name, value) in members {
        let value = if lint::has_templates(value) {
            Json::Null
        } else {
            value.to_json()
        };
        members::check(&name.value, &value)?;
    }
    if members.iter().any(|(name, _)| name.value == "member") {
        Ok(())
    } else {
        Err(String::from("'member', the identifier, is missing"))
    }
}

fn interchange(record: &Node) -> Result<(), String> {
    let text = record
        .as_text()
        .or_else(|| record.get("text")?.as_text())
        .ok_or("an interchange is given as text")?;
    if text.contains("${") {
        return Ok(());
    }
    File::parse(text.trim_start().as_bytes())
        .map(|_| ())
        .map_err(|error| error.to_string())
}
