//! The elements of a resource that may lead to another: by their type, not by their name.
//!
//! A `uri` that is a business identifier's system is such an element, the identifier's value is a string and none.

use wardgate_expression::{Json, Object};

use super::{
    elements::{Content, Context, Member},
    primitive::Primitive,
};

/// What a text is that may lead to another resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The `reference` of a Reference.
    Reference,
    /// A uri, url, oid or uuid. A canonical is none: it means the same on every server.
    Uri,
    /// A narrative, which has links in it.
    Narrative,
}

/// Hands every text of a resource that may lead to another to `found`, in document order, those of contained resources
/// included.
pub(crate) fn visit_links(resource: &mut Json, found: &mut dyn FnMut(Link, &mut String)) {
    if let Json::Object(members) = resource {
        let context = context_of(members);
        visit_object(members, context, found);
    }
}

fn context_of(resource: &Object) -> Option<&'static Context> {
    Context::find(resource.get("resourceType")?.as_str()?)
}

// The JSON parser bounds how deep a document is nested.
fn visit_object(
    members: &mut Object,
    context: Option<&'static Context>,
    found: &mut dyn FnMut(Link, &mut String),
) {
    let known = context.map(Context::members);
    for (name, value) in members.iter_mut() {
        if let Some(member) = known.and_then(|known| known.get(name)) {
            let link = link_of(context, name, member);
            visit_value(value, link, &|part| within(member, part), found);
            continue;
        }
        // An extension beside a primitive, or what the table does not know: there a reference is told by its name.
        let link = (known.is_none() && name == "reference").then_some(Link::Reference);
        let is_companion = known.is_some() && name.starts_with('_');
        let inner = is_companion.then(|| Context::find("Element")).flatten();
        visit_value(value, link, &|_| inner, found);
    }
}

fn visit_value(
    value: &mut Json,
    link: Option<Link>,
    context: &dyn Fn(&Object) -> Option<&'static Context>,
    found: &mut dyn FnMut(Link, &mut String),
) {
    match value {
        Json::Array(items) => {
            for item in items {
                visit_value(item, link, context, found);
            }
        }
        Json::Object(members) => visit_object(members, context(members), found),
        Json::String(text) => {
            if let Some(link) = link {
                found(link, text);
            }
        }
        _ => {}
    }
}

fn link_of(context: Option<&'static Context>, name: &str, member: &Member) -> Option<Link> {
    match member.content {
        Content::Primitive(Primitive::Uri) => Some(Link::Uri),
        Content::Primitive(Primitive::Xhtml) => Some(Link::Narrative),
        Content::Primitive(Primitive::Text) => {
            let is_reference = context.is_some_and(|context| context.name() == "Reference");
            (is_reference && name == "reference").then_some(Link::Reference)
        }
        _ => None,
    }
}

/// What stands in an object that is a value of this member.
fn within(member: &Member, part: &Object) -> Option<&'static Context> {
    match member.content {
        Content::Part(context) => context,
        Content::Resource => context_of(part),
        Content::Primitive(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn links_are_told_by_the_type_of_their_element() {
        let mut resource = json!({
            "resourceType": "Observation",
            "meta": {"profile": ["canonical"], "source": "uri source"},
            "text": {"status": "generated", "div": "narrative"},
            "contained": [{"resourceType": "Patient", "generalPractitioner": [{"reference": "contained"}]}],
            "identifier": [{"system": "uri system", "value": "value"}],
            "status": "final", "_status": {"extension": [{"url": "string", "valueUrl": "uri beside a primitive"}]},
            "subject": {"reference": "subject", "display": "display"},
            "performer": [{"reference": "one"}, {"reference": "two"}],
            "extension": [
                {"url": "string", "valueReference": {"reference": "of a choice"}},
                {"url": "string", "valueCanonical": "canonical"},
                {"url": "string", "valueOid": "urn:oid:1"},
                {"url": "string", "valueUuid": "urn:uuid:1"},
            ],
            "unknown": {"reference": "not in the table", "url": "no uri, as far as is known"},
        });
        let mut found = Vec::new();
        visit_links(&mut resource, &mut |link, text| {
            found.push((link, text.clone()));
        });
        let expected = [
            (Link::Uri, "uri source"),
            (Link::Narrative, "narrative"),
            (Link::Reference, "contained"),
            (Link::Uri, "uri system"),
            (Link::Uri, "uri beside a primitive"),
            (Link::Reference, "subject"),
            (Link::Reference, "one"),
            (Link::Reference, "two"),
            (Link::Reference, "of a choice"),
            (Link::Uri, "urn:oid:1"),
            (Link::Uri, "urn:uuid:1"),
            (Link::Reference, "not in the table"),
        ];
        let expected: Vec<_> = expected
            .map(|(link, text)| (link, text.to_owned()))
            .to_vec();
        assert_eq!(found, expected);
    }
}
