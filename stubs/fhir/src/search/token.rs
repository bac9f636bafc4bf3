//! Token search: codes, identifiers, contact points and truth values (FHIR R4, search, "token").
//!
//! Codes and identifiers are compared case-sensitively: what differs in case is told apart, which is what a test
//! wants to see, and Identifier says so of its values.

use std::borrow::Cow;

use wardgate_expression::Json;

/// What a token parameter asks for: `code`, `system|code`, `|code` or `system|`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenQuery {
    /// The system asked for; an empty one asks for values without a system.
    pub(crate) system: Option<String>,
    /// The code asked for; none asks for any.
    pub(crate) code: Option<String>,
}

/// The systems of a ContactPoint: codes, where Identifier and Coding have URIs (FHIR R4, contact-point-system).
const CONTACT_SYSTEMS: [&str; 7] = ["email", "fax", "other", "pager", "phone", "sms", "url"];

impl TokenQuery {
    /// Whether a value is what is asked for.
    pub(crate) fn matches(&self, value: &Json) -> bool {
        let mut hit = false;
        // The system of a code or a truth value is implicit: HL7's own, as its definition binds it.
        let is_implicit = !matches!(value, Json::Object(_))
            && self.system.as_deref().is_some_and(|system| {
                ["http://hl7.org/fhir/", "http://terminology.hl7.org/"]
                    .iter()
                    .any(|own| system.starts_with(own))
            });
        visit_pairs(value, &mut |system, code| {
            hit |= self.code.as_deref().is_none_or(|wanted| wanted == code)
                && match self.system.as_deref() {
                    None => true,
                    Some(_) if is_implicit => true,
                    Some("") => system.is_none(),
                    Some(wanted) => system == Some(wanted),
                };
        });
        hit
    }
}

/// Hands every code in a value to `found`, without its system.
pub(crate) fn visit_codes(value: &Json, found: &mut dyn FnMut(&str)) {
    visit_pairs(value, &mut |_, code| found(code));
}

/// Hands every pair of a system, where there is one, and a code to `found`.
fn visit_pairs(value: &Json, found: &mut dyn FnMut(Option<&str>, &str)) {
    match value {
        Json::Object(members) => {
            if let Some(Json::Array(codings)) = members.get("coding") {
                for coding in codings {
                    visit_pairs(coding, found);
                }
                return;
            }
            let text = |name: &str| members.get(name).and_then(Json::as_str);
            let Some(code) = text("code").or_else(|| text("value")) else {
                return;
            };
            let system = text("system").filter(|system| !CONTACT_SYSTEMS.contains(system));
            found(system, code);
        }
        Json::Array(_) | Json::Null => {}
        scalar => found(None, &scalar_text(scalar)),
    }
}

fn scalar_text(scalar: &Json) -> Cow<'_, str> {
    match scalar {
        Json::String(text) => Cow::Borrowed(text),
        Json::Bool(true) => Cow::Borrowed("true"),
        Json::Bool(false) => Cow::Borrowed("false"),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    fn query(system: Option<&str>, code: Option<&str>) -> TokenQuery {
        TokenQuery {
            system: system.map(str::to_owned),
            code: code.map(str::to_owned),
        }
    }

    #[test]
    fn systems_and_codes_are_compared_as_asked() {
        let identifier = json!({"system": "urn:mrn", "value": "7"});
        assert!(query(None, Some("7")).matches(&identifier));
        assert!(query(Some("urn:mrn"), Some("7")).matches(&identifier));
        assert!(query(Some("urn:mrn"), None).matches(&identifier));
        assert!(!query(Some(""), Some("7")).matches(&identifier));
        assert!(!query(Some("urn:other"), Some("7")).matches(&identifier));
        assert!(query(Some(""), Some("7")).matches(&json!({"value": "7"})));
        let concept = json!({"coding": [{"system": "s", "code": "a"}, {"code": "b"}], "text": "c"});
        assert!(query(Some("s"), Some("a")).matches(&concept));
        assert!(!query(Some("s"), Some("b")).matches(&concept));
        assert!(!query(None, Some("c")).matches(&concept));
        assert!(query(None, Some("true")).matches(&json!(true)));
        let gender = Some("http://hl7.org/fhir/administrative-gender");
        assert!(query(gender, Some("male")).matches(&json!("male")));
        assert!(!query(gender, Some("female")).matches(&json!("male")));
        assert!(!query(Some("urn:other"), Some("male")).matches(&json!("male")));
        assert!(query(None, Some("+1")).matches(&json!({"system": "phone", "value": "+1"})));
    }
}
