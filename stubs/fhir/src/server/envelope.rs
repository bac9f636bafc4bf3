//! The envelope of a batch or transaction: what is misspelt in it would otherwise be passed over in silence, and a create that
//! was meant to be conditional would be none (FHIR R4, Bundle).

use std::collections::HashSet;

use wardgate_expression::{Json, Object};

use super::outcome::Refusal;

const BUNDLE: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "identifier",
    "type",
    "timestamp",
    "total",
    "link",
    "entry",
    "signature",
];
const ENTRY: &[&str] = &[
    "id",
    "extension",
    "modifierExtension",
    "link",
    "fullUrl",
    "resource",
    "search",
    "request",
    "response",
];
const REQUEST: &[&str] = &[
    "id",
    "extension",
    "modifierExtension",
    "method",
    "url",
    "ifNoneMatch",
    "ifModifiedSince",
    "ifMatch",
    "ifNoneExist",
];

/// Refuses a Bundle whose own members are not those of a Bundle. The resources in it are looked at one by one, later.
pub(super) fn check(bundle: &Json) -> Result<(), Refusal> {
    if let Some(members) = bundle.as_object() {
        known(members, BUNDLE, "Bundle")?;
    }
    let entries = match bundle.get("entry") {
        None => return Ok(()),
        Some(Json::Array(entries)) => entries,
        Some(_) => {
            return Err(
                Refusal::new(400, "structure", "the entries are to be a list").at("Bundle.entry"),
            );
        }
    };
    let mut urls = HashSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("Bundle.entry[{index}]");
        let Some(members) = entry.as_object() else {
            return Err(Refusal::new(400, "structure", "an entry is to be an object").at(at));
        };
        known(members, ENTRY, &at)?;
        if let Some(url) = entry.get("fullUrl").and_then(Json::as_str)
            && !urls.insert(url)
        {
            // Invariant bdl-7: a reference to it could mean either.
            let reason = format!("{url} is the fullUrl of two entries");
            return Err(Refusal::new(400, "invariant", reason).at(format!("{at}.fullUrl")));
        }
        if let Some(request) = entry.get("request").and_then(Json::as_object) {
            let at = format!("{at}.request");
            known(request, REQUEST, &at)?;
            let texts = request
                .iter()
                .filter(|(name, _)| REQUEST[3..].contains(name));
            for (name, value) in texts {
                if value.as_str().is_none() {
                    return Err(
                        Refusal::new(400, "structure", format!("{name} is to be text"))
                            .at(format!("{at}.{name}")),
                    );
                }
            }
        }
    }
    Ok(())
}

/// Refuses members of other names, and one that stands twice.
fn known(members: &Object, names: &[&str], at: &str) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for (name, _) in members.iter() {
        let reason = if !names.contains(&name.strip_prefix('_').unwrap_or(name)) {
            format!("there is no member '{name}' here")
        } else if !seen.insert(name) {
            format!("the member '{name}' stands twice")
        } else {
            continue;
        };
        return Err(Refusal::new(400, "structure", reason).at(format!("{at}.{name}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<u16> {
        let bundle = Json::parse(text).expect("it is JSON");
        check(&bundle).err().map(|refusal| refusal.status)
    }

    #[test]
    fn what_is_misspelt_in_an_envelope_is_refused() {
        let entry = |request: &str| {
            format!(
                r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"fullUrl":"urn:uuid:1","request":{request}}}]}}"#
            )
        };
        assert_eq!(
            refused(&entry(
                r#"{"method":"POST","url":"Patient","ifNoneExist":"a=b"}"#
            )),
            None
        );
        for request in [
            r#"{"method":"POST","url":"Patient","ifNoneExsit":"a=b"}"#,
            r#"{"method":"POST","url":"Patient","ifNoneExist":5}"#,
            r#"{"method":"POST","url":"Patient","url":"Observation"}"#,
        ] {
            assert_eq!(refused(&entry(request)), Some(400), "{request}");
        }
        for bundle in [
            r#"{"resourceType":"Bundle","type":"transaction","entry":{}}"#,
            r#"{"resourceType":"Bundle","type":"transaction","entries":[]}"#,
            r#"{"resourceType":"Bundle","type":"transaction","entry":[],"entry":[]}"#,
            r#"{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:a"},{"fullUrl":"urn:a"}]}"#,
            r#"{"resourceType":"Bundle","type":"batch","entry":[1]}"#,
        ] {
            assert_eq!(refused(bundle), Some(400), "{bundle}");
        }
    }
}
