//! What an expression is evaluated against.

use super::types::Model;
use super::{Date, DateTime, Node, Value};
use crate::{Json, Object};

/// The document under evaluation, the variables, and the moment that `now()` and `today()` give.
///
/// ```
/// use wardgate_expression::fhirpath::{Context, Expression};
/// use wardgate_expression::json;
///
/// let patient = json!({"resourceType": "Patient", "name": [{"family": "O'Brien"}]});
/// let expression = Expression::parse("name.first().family = %patient.family").unwrap();
/// let context = Context::new(&patient).with_variable("patient", json!({"family": "O'Brien"}));
/// assert!(expression.is_true(&context).unwrap());
/// ```
#[derive(Clone)]
pub struct Context<'a> {
    pub(crate) input: Vec<Value<'a>>,
    resource: Option<&'a Json>,
    root_resource: Option<&'a Json>,
    owned: Vec<(String, Json)>,
    borrowed: Vec<(String, &'a Json)>,
    scopes: Vec<&'a Object>,
    now: Option<DateTime>,
    today: Option<Date>,
    pub(crate) model: Option<&'a dyn Model>,
    pub(crate) strict: bool,
    pub(crate) trace: Option<Trace<'a>>,
    pub(crate) steps_max: usize,
}

/// How many parts of expressions one evaluation may work off, repetitions included, unless told otherwise.
const STEPS_MAX: usize = 10_000_000;

/// Where `trace()` reports to: the name given there, and the collection that passed.
pub(crate) type Trace<'a> = &'a dyn Fn(&str, &[Json]);

impl<'a> Context<'a> {
    /// A context for this document: it is the input, `%context`, `%resource` and `%rootResource`.
    /// An array at the top stands for its items.
    pub fn new(resource: &'a Json) -> Self {
        let mut context = Self::empty();
        context.input = items_of(resource);
        context.resource = Some(resource);
        context.root_resource = Some(resource);
        context
    }

    /// A context without a document, for expressions over variables and literals alone.
    pub fn empty() -> Self {
        Self {
            input: Vec::new(),
            resource: None,
            root_resource: None,
            owned: Vec::new(),
            borrowed: Vec::new(),
            scopes: Vec::new(),
            now: None,
            today: None,
            model: None,
            strict: false,
            trace: None,
            steps_max: STEPS_MAX,
        }
    }

    /// Evaluates from these items instead of the whole document: the result of an expression that named a place, whose
    /// types are then known.
    pub fn with_input(mut self, input: Vec<Value<'a>>) -> Self {
        self.input = input;
        self
    }

    /// Sets the resources that `%resource` and, for something contained, `%rootResource` stand for.
    pub fn with_resources(mut self, resource: &'a Json, root_resource: &'a Json) -> Self {
        self.resource = Some(resource);
        self.root_resource = Some(root_resource);
        self
    }

    /// Defines `%name`. An array is a collection of its items, `null` an empty one. The latest definition wins.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        let name = name.into();
        self.borrowed.retain(|(known, _)| *known != name);
        self.owned.push((name, value.into()));
        self
    }

    /// Defines `%name` without taking the value over.
    pub fn with_variable_ref(mut self, name: impl Into<String>, value: &'a Json) -> Self {
        let name = name.into();
        self.owned.retain(|(known, _)| *known != name);
        self.borrowed.push((name, value));
        self
    }

    /// Defines a variable for every member of the object. Single definitions go before scopes, later scopes before
    /// earlier ones.
    pub fn with_variables(mut self, scope: &'a Object) -> Self {
        self.scopes.push(scope);
        self
    }

    /// Sets the moment that `now()` gives, and with it `timeOfDay()` and, unless it is set apart, `today()`.
    pub fn with_now(mut self, now: DateTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Sets the date that `today()` gives.
    pub fn with_today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Lets FHIR's definitions tell the types of elements.
    pub fn with_model(mut self, model: &'a dyn Model) -> Self {
        self.model = Some(model);
        self
    }

    /// Makes an element that its type does not have an error instead of nothing. Works where a model knows the type.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Sends what passes a `trace()` to a listener.
    pub fn with_trace(mut self, listener: &'a dyn Fn(&str, &[Json])) -> Self {
        self.trace = Some(listener);
        self
    }

    /// Sets how much work an evaluation may take before it is an error: one step for a part of an expression, each time
    /// it is evaluated, and one for an item it passes. Ten million unless told otherwise, which is about a second.
    pub fn with_step_limit(mut self, steps: usize) -> Self {
        self.steps_max = steps;
        self
    }

    pub(crate) fn now(&self) -> Option<DateTime> {
        self.now
    }

    pub(crate) fn today(&self) -> Option<Date> {
        self.today.or(self.now.map(|now| now.date()))
    }

    /// The value of a variable; `None` when there is none of that name.
    pub(crate) fn variable(&'a self, name: &str) -> Option<Vec<Value<'a>>> {
        let defined = self
            .owned
            .iter()
            .rev()
            .find_map(|(known, value)| (known == name).then_some(value))
            .or_else(|| {
                self.borrowed
                    .iter()
                    .rev()
                    .find_map(|(known, value)| (known == name).then_some(*value))
            })
            .or_else(|| self.scopes.iter().rev().find_map(|scope| scope.get(name)));
        if let Some(value) = defined {
            return Some(items_of(value));
        }
        match name {
            "context" => Some(self.input.clone()),
            "resource" => Some(self.resource.map_or_else(Vec::new, items_of)),
            "rootResource" => Some(self.root_resource.map_or_else(Vec::new, items_of)),
            _ => well_known(name).map(|text| vec![Value::from(text)]),
        }
    }
}

/// Whether a variable is there without anyone defining it.
pub(crate) fn is_built_in(name: &str) -> bool {
    matches!(name, "context" | "resource" | "rootResource") || well_known(name).is_some()
}

/// The constants of FHIR's use of FHIRPath.
fn well_known(name: &str) -> Option<String> {
    Some(match name {
        "sct" => "http://snomed.info/sct".to_owned(),
        "loinc" => "http://loinc.org".to_owned(),
        "ucum" => "http://unitsofmeasure.org".to_owned(),
        _ => match name.split_once('-')? {
            ("vs", value_set) => format!("http://hl7.org/fhir/ValueSet/{value_set}"),
            ("ext", extension) => format!("http://hl7.org/fhir/StructureDefinition/{extension}"),
            _ => return None,
        },
    })
}

/// A document or variable as a collection.
fn items_of(json: &Json) -> Vec<Value<'_>> {
    match json {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().flat_map(items_of).collect(),
        _ => vec![Value::Node(Node::root(json))],
    }
}
