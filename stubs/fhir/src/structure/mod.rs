//! What R4 says a resource may hold: which elements, how often, of which type.
//!
//! The facts stand in `elements.tsv`, which a test derives anew from the official definitions. Bindings, invariants and
//! profiles are not judged here.

mod elements;
mod links;
mod primitive;

pub(crate) use elements::Context;
pub(crate) use links::{Link, visit_links};

use wardgate_expression::{Json, Object};

use elements::{Content, Member};

/// One thing that is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// A code of the issue-type code system: `structure`, `required` or `value`.
    pub(crate) code: &'static str,
    /// Where, as a FHIRPath: `Patient.name[0].given`.
    pub(crate) place: String,
    /// What, in a sentence.
    pub(crate) what: String,
}

/// The most faults that are told of one resource.
const FAULTS_MAX: usize = 20;

/// A place in a resource, written out only where something is wrong with it.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl Place<'_> {
    fn text(&self) -> String {
        let before = self.parent.map(Place::text).unwrap_or_default();
        match self.step {
            Step::Member(name) if before.is_empty() => name.to_owned(),
            Step::Member(name) => format!("{before}.{name}"),
            Step::Item(index) => format!("{before}[{index}]"),
        }
    }
}

/// How much is asked of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rigour {
    /// FHIR's JSON form: no member without a value, no empty list or object, no name twice (FHIR R4, json).
    Form,
    /// Also only elements that its type has, of the right type, and lists where they repeat.
    Elements,
    /// Also every element that is required.
    Cardinality,
}

/// What is wrong with a resource of this type.
pub(crate) fn faults(resource: &Json, kind: &str, rigour: Rigour) -> Vec<Fault> {
    judge(resource, kind, rigour, false)
}

/// What is wrong with a resource whose texts may be templates. A template may become any value, so that nothing is said of
/// what it stands for; that it stands under a name that is no element's is wrong whatever it becomes.
pub(crate) fn faults_of_draft(resource: &Json, kind: &str, rigour: Rigour) -> Vec<Fault> {
    judge(resource, kind, rigour, true)
}

fn judge(resource: &Json, kind: &str, rigour: Rigour, is_draft: bool) -> Vec<Fault> {
    let mut faults = Faults {
        told: Vec::new(),
        rigour,
        is_draft,
    };
    let place = Place {
        parent: None,
        step: Step::Member(kind),
    };
    let context = Context::find(kind).filter(|_| rigour >= Rigour::Elements);
    match resource {
        Json::Object(members) => check_object(members, context, true, &place, &mut faults),
        other => tell(
            &mut faults,
            "structure",
            &place,
            format!("a resource is an object, not a JSON {}", other.kind()),
        ),
    }
    faults.told
}

/// The faults found so far.
struct Faults {
    told: Vec<Fault>,
    rigour: Rigour,
    /// Whether texts may be templates.
    is_draft: bool,
}

impl Faults {
    /// Whether a text is a template, of which nothing is known before it is filled.
    fn is_open(&self, text: &str) -> bool {
        self.is_draft && text.contains("${")
    }

    /// Whether a value is such a text.
    fn is_open_value(&self, value: &Json) -> bool {
        value.as_str().is_some_and(|text| self.is_open(text))
    }
}

fn tell(faults: &mut Faults, code: &'static str, place: &Place<'_>, what: impl Into<String>) {
    if faults.told.len() < FAULTS_MAX {
        faults.told.push(Fault {
            code,
            place: place.text(),
            what: what.into(),
        });
    }
}

// The JSON parser bounds how deep a document is nested.
fn check_object(
    members: &Object,
    context: Option<&'static Context>,
    is_resource: bool,
    place: &Place<'_>,
    faults: &mut Faults,
) {
    if members.is_empty() {
        tell(faults, "structure", place, "an object is not empty");
    }
    for name in repeated(members) {
        tell(
            faults,
            "structure",
            place,
            format!("'{name}' stands here twice"),
        );
    }
    let known = context.map(Context::members);
    for (name, value) in members {
        let place = Place {
            parent: Some(place),
            step: Step::Member(name),
        };
        if value.is_null() {
            tell(faults, "structure", &place, "null is not a value");
            continue;
        }
        let Some(known) = known else {
            check_form(value, &place, faults);
            continue;
        };
        if (is_resource && name == "resourceType") || faults.is_open(name) {
            continue;
        }
        if let Some(member) = known.get(name) {
            check_member(value, member, &place, faults);
        } else if let Some(member) = name.strip_prefix('_').and_then(|name| known.get(name)) {
            check_companion(value, member, &place, faults);
        } else {
            tell(
                faults,
                "structure",
                &place,
                format!("there is no element '{name}' here"),
            );
        }
    }
    let Some(known) = known else {
        return;
    };
    let required = match faults.rigour {
        Rigour::Cardinality => known.required(),
        Rigour::Form | Rigour::Elements => &[],
    };
    for required in required {
        let is_there = |name: &String| {
            members
                .keys()
                .any(|found| found == name || found.strip_prefix('_') == Some(name))
        };
        if !required.names.iter().any(is_there) {
            let what = format!("'{}' is missing", required.element);
            tell(faults, "required", place, what);
        }
    }
    for choice in known.choices() {
        let count = members
            .keys()
            .filter(|name| choice.names.iter().any(|known| known == name))
            .count();
        if count > 1 {
            tell(
                faults,
                "structure",
                place,
                format!("'{}' has one type, not {count}", choice.element),
            );
        }
    }
}

fn check_member(value: &Json, member: &Member, place: &Place<'_>, faults: &mut Faults) {
    if faults.is_open_value(value) {
        return;
    }
    match (value, member.list) {
        (Json::Array(items), true) => {
            if items.is_empty() {
                tell(faults, "structure", place, "a list is not empty");
            }
            for (index, item) in items.iter().enumerate() {
                let place = Place {
                    parent: Some(place),
                    step: Step::Item(index),
                };
                // A null keeps the place of a primitive's extension.
                if !(item.is_null() && matches!(member.content, Content::Primitive(_))) {
                    check_value(item, member, &place, faults);
                }
            }
        }
        (Json::Array(_), false) => {
            tell(faults, "structure", place, "this is one value, not a list");
        }
        (_, true) => tell(
            faults,
            "structure",
            place,
            "this is a list, also of one value",
        ),
        (_, false) => check_value(value, member, place, faults),
    }
}

fn check_value(value: &Json, member: &Member, place: &Place<'_>, faults: &mut Faults) {
    if faults.is_open_value(value) {
        return;
    }
    match (&member.content, value) {
        (Content::Primitive(kind), _) => {
            if let Err(expected) = kind.check(value) {
                tell(faults, "value", place, format!("expected {expected}"));
            }
        }
        (Content::Part(context), Json::Object(members)) => {
            check_object(members, *context, false, place, faults);
        }
        (Content::Resource, Json::Object(members)) => {
            let named = members
                .get("resourceType")
                .and_then(Json::as_str)
                .unwrap_or("");
            match Context::find(named).filter(|context| context.is_resource()) {
                Some(context) => check_object(members, Some(context), true, place, faults),
                None => tell(
                    faults,
                    "structure",
                    place,
                    format!("'{named}' is not a resource type of FHIR R4"),
                ),
            }
        }
        (_, other) => tell(
            faults,
            "structure",
            place,
            format!("expected an object, not a JSON {}", other.kind()),
        ),
    }
}

/// The member `_name` beside a primitive: its id and extensions, or a list of them with nulls between.
fn check_companion(value: &Json, member: &Member, place: &Place<'_>, faults: &mut Faults) {
    if faults.is_open_value(value) {
        return;
    }
    if !matches!(member.content, Content::Primitive(_)) {
        tell(
            faults,
            "structure",
            place,
            "only a primitive has a companion",
        );
        return;
    }
    let element = Context::find("Element");
    match (value, member.list) {
        (Json::Object(members), false) => check_object(members, element, false, place, faults),
        (Json::Array(items), true) => {
            for (index, item) in items.iter().enumerate() {
                let place = Place {
                    parent: Some(place),
                    step: Step::Item(index),
                };
                match item {
                    Json::Null => {}
                    Json::Object(members) => check_object(members, element, false, &place, faults),
                    _ => tell(
                        faults,
                        "structure",
                        &place,
                        "expected an object with an id or extensions",
                    ),
                }
            }
        }
        _ => tell(
            faults,
            "structure",
            place,
            "this has not the form of what it accompanies",
        ),
    }
}

/// The form of a value of which nothing else is known.
fn check_form(value: &Json, place: &Place<'_>, faults: &mut Faults) {
    match value {
        Json::Object(members) => check_object(members, None, false, place, faults),
        Json::Array(items) => {
            if items.is_empty() {
                tell(faults, "structure", place, "a list is not empty");
            }
            for (index, item) in items.iter().enumerate() {
                let place = Place {
                    parent: Some(place),
                    step: Step::Item(index),
                };
                check_form(item, &place, faults);
            }
        }
        Json::String(text) if text.is_empty() => {
            tell(faults, "value", place, "a text is not empty");
        }
        _ => {}
    }
}

/// The names that stand in an object more than once. Most objects are small, and comparing their few names with each
/// other is cheaper than a set of them.
fn repeated(members: &Object) -> Vec<&str> {
    let is_small = members.len() <= 24;
    let all_differ = || {
        members
            .keys()
            .enumerate()
            .all(|(at, name)| members.keys().take(at).all(|earlier| earlier != name))
    };
    if is_small && all_differ() {
        return Vec::new();
    }
    members.duplicate_keys()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(resource: &str) -> Vec<(&'static str, String)> {
        let resource = Json::parse(resource).expect("it is JSON");
        let kind = resource
            .get("resourceType")
            .and_then(Json::as_str)
            .expect("it has a type");
        faults(&resource, kind, Rigour::Cardinality)
            .into_iter()
            .map(|fault| (fault.code, fault.place))
            .collect()
    }

    #[test]
    fn sound_resources_have_no_faults() {
        for sound in [
            r#"{"resourceType":"Patient","id":"1","birthDate":"1980-02","_birthDate":{"extension":[{"url":"u","valueDateTime":"1980-02-01T10:00:00Z"}]},"multipleBirthInteger":2}"#,
            r#"{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"x"}]}],"contained":[{"resourceType":"Group","type":"person","actual":true}]}"#,
            r#"{"resourceType":"Observation","_status":{"id":"a"},"code":{"text":"c"},"valueQuantity":{"value":1.10}}"#,
            r#"{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"2","type":"string"}]}]}"#,
        ] {
            assert_eq!(told(sound), [], "{sound}");
        }
    }

    #[test]
    fn faults_say_what_and_where() {
        for (broken, code, place) in [
            (
                r#"{"resourceType":"Patient","nmae":[{"family":"A"}]}"#,
                "structure",
                "Patient.nmae",
            ),
            (
                r#"{"resourceType":"Patient","name":{"family":"A"}}"#,
                "structure",
                "Patient.name",
            ),
            (
                r#"{"resourceType":"Patient","name":["A"]}"#,
                "structure",
                "Patient.name[0]",
            ),
            (
                r#"{"resourceType":"Patient","active":"true"}"#,
                "value",
                "Patient.active",
            ),
            (
                r#"{"resourceType":"Patient","gender":["male"]}"#,
                "structure",
                "Patient.gender",
            ),
            (
                r#"{"resourceType":"Patient","birthDate":"1980-02-30"}"#,
                "value",
                "Patient.birthDate",
            ),
            (
                r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}"#,
                "structure",
                "Patient",
            ),
            (
                r#"{"resourceType":"Patient","name":[]}"#,
                "structure",
                "Patient.name",
            ),
            (
                r#"{"resourceType":"Patient","name":[null]}"#,
                "structure",
                "Patient.name[0]",
            ),
            (
                r#"{"resourceType":"Patient","name":[{}]}"#,
                "structure",
                "Patient.name[0]",
            ),
            (
                r#"{"resourceType":"Patient","active":null}"#,
                "structure",
                "Patient.active",
            ),
            (
                r#"{"resourceType":"Patient","gender":""}"#,
                "value",
                "Patient.gender",
            ),
            (
                r#"{"resourceType":"Patient","active":true,"active":true}"#,
                "structure",
                "Patient",
            ),
            (
                r#"{"resourceType":"Patient","_name":[{"id":"x"}]}"#,
                "structure",
                "Patient._name",
            ),
            (
                r#"{"resourceType":"Patient","contained":[{"resourceType":"HumanName"}]}"#,
                "structure",
                "Patient.contained[0]",
            ),
            (
                r#"{"resourceType":"Patient","link":[{"type":"refer"}]}"#,
                "required",
                "Patient.link[0]",
            ),
            (
                r#"{"resourceType":"Observation","code":{"text":"c"}}"#,
                "required",
                "Observation",
            ),
            (
                r#"{"resourceType":"Patient","valueString":"x"}"#,
                "structure",
                "Patient.valueString",
            ),
        ] {
            assert_eq!(told(broken), [(code, place.to_owned())], "{broken}");
        }
    }

    #[test]
    fn templates_stand_for_anything_but_names() {
        let draft = Json::parse(
            r#"{"resourceType":"Patient","nmae":"${name}","name":"${names}","gender":"${sex|fhir}","contact":[{"name":"${name}","${key}":1}],"_birthDate":"${more}","active":"true","contained":["${one}",{"resourceType":"Basic","code":"${code}","cdoe":{}}]}"#,
        )
        .expect("it is JSON");
        let told: Vec<_> = faults_of_draft(&draft, "Patient", Rigour::Elements)
            .into_iter()
            .map(|fault| fault.place)
            .collect();
        assert_eq!(
            told,
            [
                "Patient.nmae",
                "Patient.active",
                "Patient.contained[1].cdoe"
            ]
        );
    }

    #[test]
    fn the_form_is_checked_where_elements_are_not() {
        let form = |text: &str| {
            let resource = Json::parse(text).expect("it is JSON");
            faults(&resource, "Basic", Rigour::Form).len()
        };
        assert_eq!(
            form(r#"{"resourceType":"Basic","anything":{"a":[1,null]}}"#),
            0
        );
        assert_eq!(
            form(r#"{"resourceType":"Basic","a":null,"b":[],"c":{},"d":[{"e":""}]}"#),
            4
        );
    }

    #[test]
    fn faults_are_bounded() {
        let many: Vec<String> = (0..100).map(|at| format!("\"x{at}\":1")).collect();
        let many = many.join(",");
        assert_eq!(
            told(&format!(r#"{{"resourceType":"Patient",{many}}}"#)).len(),
            FAULTS_MAX
        );
    }
}
