//! Checks on the records that a partner is to hold before a case begins.

use wardgate_contract::{Finding, Node};
use wardgate_expression::{Json, Object};
use wardgate_stub_kit::lint;

use super::place;
use crate::{options::Options, search::ResourceType, structure};

/// Checks a record under `given:`. What is found keeps the case from running, for the stub would not take the record.
pub(crate) fn check_record(options: &Json, collection: &str, record: &Node) -> Vec<Finding> {
    // What is wrong with the options or the collection is said of them.
    let (Ok(options), Some(kind)) = (Options::read(options), ResourceType::find(collection)) else {
        return Vec::new();
    };
    let refused = |span, message: String| {
        Finding::error("refused-record", span, message)
            .label(format!("expected an instance of {collection} as R4 has it"))
    };
    if lint::is_one_template(record) {
        return Vec::new();
    }
    if record.as_mapping().is_none() {
        let what = format!("a resource is a mapping, not {}", record.describe());
        return vec![
            refused(record.span, what)
                .help("write a mapping, or a drawn value such as \"${patient}\""),
        ];
    }
    let written = record.to_json();
    let resource = match &written {
        Json::Object(members) if !members.contains_key("resourceType") => {
            let mut whole = Object::new();
            whole.push("resourceType", kind.name);
            whole.extend(members.clone());
            Json::Object(whole)
        }
        _ => written,
    };
    let named = resource.get("resourceType").and_then(Json::as_str);
    if named.is_some_and(|named| named.contains("${")) {
        return Vec::new();
    }
    if let Some(named) = named.filter(|named| *named != kind.name) {
        let span = record
            .get("resourceType")
            .map_or(record.span, |node| node.span);
        return vec![refused(
            span,
            format!("this is an instance of {named}, not of {collection}"),
        )];
    }
    structure::faults_of_draft(&resource, kind.name, options.rigour)
        .iter()
        .map(|fault| {
            refused(
                place::find(record, &fault.place),
                format!(
                    "the stub does not take this record: {}: {}",
                    fault.place, fault.what
                ),
            )
        })
        .collect()
}
