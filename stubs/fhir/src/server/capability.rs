//! The CapabilityStatement: what is served, no more and no less (FHIR R4, capabilitystatement).

use bytes::Bytes;
use wardgate_expression::{Json, Object, json};

use super::Setting;
use crate::{search::ResourceType, time};

/// The interactions that every resource type has.
const INTERACTIONS: [&str; 8] = [
    "read",
    "vread",
    "update",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
];

/// The CapabilityStatement of a server at this base.
pub(super) fn statement(setting: Setting<'_>) -> Bytes {
    let coded =
        |codes: &[&str]| -> Vec<Json> { codes.iter().map(|code| json!({"code": *code})).collect() };
    let resources: Vec<Json> = ResourceType::all()
        .iter()
        .map(|kind| {
            let parameters: Vec<Json> = kind
                .parameters()
                .map(|parameter| json!({"name": parameter.code, "type": parameter.kind.code()}))
                .collect();
            let mut resource = Object::new();
            resource.push("type", kind.name);
            resource.push("interaction", coded(&INTERACTIONS));
            resource.push("versioning", "versioned-update");
            resource.push("readHistory", true);
            resource.push("updateCreate", true);
            resource.push("conditionalCreate", true);
            resource.push("conditionalRead", "full-support");
            resource.push("conditionalUpdate", true);
            resource.push("conditionalDelete", "single");
            resource.push("searchParam", parameters);
            Json::Object(resource)
        })
        .collect();
    let statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": time::instant(setting.at.unix_ms),
        "kind": "instance",
        "software": {"name": "Wardgate FHIR stub", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "A FHIR R4 server for tests", "url": setting.base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "resource": resources,
            "interaction": coded(&["transaction", "batch"]),
        }],
    });
    Bytes::from(statement.to_string())
}
