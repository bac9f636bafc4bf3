//! Taking a body in: what must be true of any resource before it is stored.

use wardgate_expression::Json;

use super::outcome::{Issue, Refusal};
use crate::{
    search::ResourceType,
    structure::{self, Rigour},
};

/// Reads a body as JSON.
pub(super) fn parse(body: &[u8]) -> Result<Json, Refusal> {
    if body.is_empty() {
        return Err(Refusal::new(400, "invalid", "the body is empty"));
    }
    Json::parse_bytes(body)
        .map_err(|error| Refusal::new(400, "structure", format!("the body is not JSON: {error}")))
}

/// The type that a resource says it is.
pub(crate) fn kind_of(resource: &Json) -> Option<&'static ResourceType> {
    ResourceType::find(resource.get("resourceType")?.as_str()?)
}

/// Refuses what is no resource of FHIR R4, or one that is not as it must be.
pub(crate) fn check(resource: &Json, rigour: Rigour) -> Result<(), Refusal> {
    let Some(named) = resource.get("resourceType") else {
        let what = match resource {
            Json::Object(_) => String::from("the body has no resourceType"),
            other => format!("a resource is an object, not a JSON {}", other.kind()),
        };
        return Err(Refusal::new(400, "structure", what));
    };
    let Some(kind) = kind_of(resource) else {
        let named = named
            .as_str()
            .map_or_else(|| named.to_string(), str::to_owned);
        let what = format!("'{named}' is not a resource type of FHIR R4");
        return Err(Refusal::new(400, "structure", what).at("resourceType"));
    };
    let faults = structure::faults(resource, kind.name, rigour);
    let mut issues: Vec<Issue> = faults
        .into_iter()
        .map(|fault| Issue::error(fault.code, fault.what).at(fault.place))
        .collect();
    if let Some(meta) = resource
        .get("meta")
        .filter(|meta| meta.as_object().is_none())
        && issues.is_empty()
    {
        let what = format!("meta is an object, not a JSON {}", meta.kind());
        issues.push(Issue::error("structure", what).at("meta"));
    }
    if issues.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        status: 422,
        issues,
        headers: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<(), Refusal> {
        check(&parse(body.as_bytes())?, Rigour::Elements)
    }

    fn status(body: &str) -> Option<u16> {
        read(body).err().map(|refusal| refusal.status)
    }

    #[test]
    fn what_is_no_resource_is_refused() {
        assert_eq!(
            status(r#"{"resourceType":"Patient","name":[{"given":[null,"x"]}]}"#),
            None
        );
        for (body, expected) in [
            ("", 400),
            ("{", 400),
            ("[]", 400),
            ("{}", 400),
            (r#"{"resourceType":"Nonsense"}"#, 400),
            (r#"{"resourceType":7}"#, 400),
            (r#"{"resourceType":"Patient","name":null}"#, 422),
            (r#"{"resourceType":"Patient","name":[]}"#, 422),
            (r#"{"resourceType":"Patient","name":[{}]}"#, 422),
            (r#"{"resourceType":"Patient","gender":""}"#, 422),
            (
                r#"{"resourceType":"Patient","gender":"male","gender":"female"}"#,
                422,
            ),
            (r#"{"resourceType":"Patient","meta":[1]}"#, 422),
        ] {
            assert_eq!(status(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn an_issue_says_where_it_is() {
        let refusal = read(r#"{"resourceType":"Patient","name":[{"given":[]}]}"#)
            .expect_err("a list is empty");
        assert_eq!(
            refusal.issues[0].expression.as_deref(),
            Some("Patient.name[0].given")
        );
    }
}
