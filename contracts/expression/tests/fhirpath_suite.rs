//! The official FHIRPath test suite for R4, from the folder that `WARDGATE_CORPORA` names.
//!
//! The suite's expected types need FHIR's definitions, which are read from the same folder into a [`Model`]. Tests whose
//! input file is not there are counted apart; the misses are printed, so that `--nocapture` shows what is left.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use wardgate_expression::fhirpath::{Context, DateTime, ElementType, Expression, Model, Value};
use wardgate_expression::{Json, Number};

/// The share of the tests with an input that must pass when types are known, in thousandths.
///
/// What is missed are tests about static analysis, about an extension that the JSON example lacks, and about bounds that
/// contradict the specification (a bound of 0.0034 is not 0.0; 08 o'clock does not end at 08:00:59).
const FLOOR_WITH_MODEL: usize = 985;

/// The same when nothing but the documents tells types.
const FLOOR_WITHOUT_MODEL: usize = 960;

/// Element types as the structure definitions give them.
struct Definitions {
    elements: HashMap<String, String>,
    choices: std::collections::HashSet<String>,
    bases: HashMap<String, String>,
}

impl Definitions {
    fn read(folder: &Path) -> Self {
        let mut definitions = Self {
            elements: HashMap::new(),
            choices: std::collections::HashSet::new(),
            bases: HashMap::new(),
        };
        for entry in std::fs::read_dir(folder).expect("the definitions are readable") {
            let path = entry.expect("an entry").path();
            let text = std::fs::read(&path).expect("a definition is readable");
            let json = Json::parse_bytes(&text).expect("a definition is JSON");
            definitions.add(&json);
        }
        definitions
    }

    fn add(&mut self, definition: &Json) {
        let text = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let Some(name) = text(definition, "type") else {
            return;
        };
        let base = text(definition, "baseDefinition").unwrap_or_default();
        let base = base.rsplit('/').next().unwrap_or_default().to_owned();
        self.bases.insert(name, base);
        let elements = definition
            .pointer("/snapshot/element")
            .and_then(Json::as_array)
            .unwrap_or_default();
        for element in elements {
            let Some(path) = text(element, "path").filter(|path| path.contains('.')) else {
                continue;
            };
            if let Some(choice) = path.strip_suffix("[x]") {
                self.choices.insert(choice.to_owned());
                continue;
            }
            let type_name = match text(element, "contentReference") {
                Some(reference) => reference.trim_start_matches('#').to_owned(),
                None => match element.pointer("/type/0/code").and_then(Json::as_str) {
                    Some("BackboneElement" | "Element") => path.clone(),
                    // The value and id of primitives are given as types of FHIRPath.
                    Some(code) if code.starts_with("http:") => "string".to_owned(),
                    Some(code) => code.to_owned(),
                    None => continue,
                },
            };
            self.elements.insert(path, type_name);
        }
    }
}

impl Model for Definitions {
    fn element<'m>(&'m self, parent: &str, name: &str) -> Option<ElementType<'m>> {
        let path = format!("{parent}.{name}");
        if self.choices.contains(&path) {
            return Some(ElementType::Choice);
        }
        if let Some(type_name) = self.elements.get(&path) {
            return Some(ElementType::One(type_name));
        }
        parent
            .contains('.')
            .then(|| self.element("BackboneElement", name))
            .flatten()
    }

    fn base<'m>(&'m self, name: &str) -> Option<&'m str> {
        self.bases
            .get(name)
            .map(String::as_str)
            .filter(|base| !base.is_empty())
    }

    fn is_type(&self, name: &str) -> bool {
        self.bases.contains_key(name)
    }
}

/// One test of the suite.
struct Case {
    group: String,
    name: String,
    input: Option<String>,
    strict: bool,
    expression: String,
    expected: Expected,
    outputs: Vec<(Option<String>, String)>,
}

/// What a test says about the result.
#[derive(PartialEq)]
enum Expected {
    /// The outputs, in order.
    Ordered,
    /// The outputs, in any order.
    Unordered,
    /// Whether there is a result at all.
    Predicate,
    /// No result: the expression or its evaluation fails.
    Failure,
}

fn read_suite(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).expect("the suite is readable");
    let document = roxmltree::Document::parse(&text).expect("the suite is XML");
    let mut cases = Vec::new();
    for test in document
        .descendants()
        .filter(|node| node.has_tag_name("test"))
    {
        let Some(expression) = test.children().find(|node| node.has_tag_name("expression")) else {
            continue;
        };
        let attribute = |name: &str| test.attribute(name).map(str::to_owned);
        cases.push(Case {
            group: test
                .parent_element()
                .and_then(|group| group.attribute("name"))
                .unwrap_or_default()
                .to_owned(),
            name: attribute("name").unwrap_or_default(),
            input: attribute("inputfile"),
            strict: test.attribute("mode").or(expression.attribute("mode")) == Some("strict"),
            expression: expression.text().unwrap_or_default().to_owned(),
            expected: if expression.has_attribute("invalid") {
                Expected::Failure
            } else if test.attribute("predicate") == Some("true") {
                Expected::Predicate
            } else if test.attribute("ordered") == Some("false") {
                Expected::Unordered
            } else {
                Expected::Ordered
            },
            outputs: test
                .children()
                .filter(|node| node.has_tag_name("output"))
                .map(|node| {
                    (
                        node.attribute("type").map(str::to_owned),
                        node.text().unwrap_or_default().to_owned(),
                    )
                })
                .collect(),
        });
    }
    cases
}

/// Whether a result is what the suite writes for it.
fn matches(value: &Value<'_>, type_name: Option<&str>, text: &str) -> bool {
    let text = text.trim_start_matches('@');
    match (value, type_name) {
        (Value::Quantity(quantity), _) => quantity.to_string() == text,
        (_, Some("decimal" | "integer")) => {
            let json = value.to_json();
            matches!((json.as_number(), Number::from_text(text)), (Some(left), Some(right)) if left.same_value(&right))
        }
        _ => match value.to_json() {
            Json::String(found) => found == text.trim_start_matches('T'),
            other => other.to_string() == text,
        },
    }
}

fn run(case: &Case, input: &Json, model: Option<&dyn Model>) -> Result<(), String> {
    let expression = match Expression::parse(&case.expression) {
        Ok(expression) => expression,
        Err(_) if case.expected == Expected::Failure => return Ok(()),
        Err(error) => return Err(format!("does not parse: {error}")),
    };
    let now = DateTime::parse("2024-05-01T10:30:00.000Z").expect("a moment");
    let mut context = Context::new(input).with_now(now);
    if let Some(model) = model {
        context = context.with_model(model);
    }
    if case.strict {
        context = context.strict();
    }
    if case.expected == Expected::Predicate {
        let wanted = case.outputs.first().is_some_and(|(_, text)| text == "true");
        let found = expression
            .evaluate(&context)
            .map_err(|error| error.to_string())?;
        if found.is_empty() == wanted {
            return Err("the predicate differs".to_owned());
        }
        return Ok(());
    }
    let mut found = match expression.evaluate(&context) {
        Ok(found) => found,
        Err(_) if case.expected == Expected::Failure => return Ok(()),
        Err(error) => return Err(format!("fails: {error}")),
    };
    if case.expected == Expected::Failure {
        return Err(format!("should fail, yields {}", show(&found)));
    }
    let mut outputs = case.outputs.clone();
    if case.expected == Expected::Unordered {
        found.sort_by_key(Value::display);
        outputs.sort_by_key(|(_, text)| format!("'{text}'"));
    }
    let same = found.len() == outputs.len()
        && found
            .iter()
            .zip(&outputs)
            .all(|(value, (type_name, text))| matches(value, type_name.as_deref(), text));
    if same {
        Ok(())
    } else {
        Err(format!("yields {}, not {outputs:?}", show(&found)))
    }
}

fn show(values: &[Value<'_>]) -> String {
    format!(
        "[{}]",
        values
            .iter()
            .map(Value::display)
            .collect::<Vec<_>>()
            .join(", ")
    )
}

/// The input under one of the names it may have in the folder.
fn find_input(suite: &Path, examples: &Path, name: &str) -> Option<Json> {
    let stem = Path::new(name).file_stem()?.to_str()?;
    let mut capital = stem.to_owned();
    capital.get_mut(..1)?.make_ascii_uppercase();
    let candidates = [
        suite.join(format!("{stem}.json")),
        examples.join(format!("{capital}.json")),
    ];
    candidates
        .iter()
        .find_map(|path| std::fs::read(path).ok())
        .map(|bytes| Json::parse_bytes(&bytes).expect("an example is JSON"))
}

/// The folder of public test data, where there is one.
fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("WARDGATE_CORPORA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: WARDGATE_CORPORA is not set");
    }
    folder
}

/// Runs the suite, prints the misses, and demands the floor.
fn run_suite(fhir: &Path, model: Option<&dyn Model>, floor_per_mille: usize) {
    let folder = fhir.join("fhirpath-suite/r4");
    let cases = read_suite(&folder.join("fhirpath/tests-fhir-r4.xml"));
    let mut inputs = BTreeMap::new();
    let (mut passed, mut without_input, mut misses) = (0_usize, 0_usize, Vec::new());
    for case in &cases {
        let name = case
            .input
            .clone()
            .unwrap_or_else(|| "patient-example.json".to_owned());
        let input = inputs.entry(name.clone()).or_insert_with(|| {
            find_input(&folder.join("examples"), &fhir.join("r4-examples"), &name)
        });
        let Some(input) = input else {
            without_input += 1;
            continue;
        };
        match run(case, input, model) {
            Ok(()) => passed += 1,
            Err(reason) => {
                let reason = reason.chars().take(300).collect::<String>();
                misses.push(format!(
                    "{} {}: {}\n    {reason}",
                    case.group,
                    case.name,
                    case.expression.trim()
                ));
            }
        }
    }
    for miss in &misses {
        println!("{miss}");
    }
    let run = passed + misses.len();
    println!(
        "{passed} of {run} pass; {without_input} of {} have no input file here",
        cases.len()
    );
    assert!(run > 800, "the suite shrank to {run} tests");
    assert!(
        passed * 1000 >= run * floor_per_mille,
        "{passed} of {run} pass, fewer than {floor_per_mille} in a thousand"
    );
}

#[test]
fn the_official_suite_passes_with_the_definitions() {
    let Some(corpora) = corpora() else {
        return;
    };
    let fhir = corpora.join("fhir");
    let model = Definitions::read(&fhir.join("definitions/structure-definitions"));
    run_suite(&fhir, Some(&model), FLOOR_WITH_MODEL);
}

#[test]
fn the_official_suite_passes_on_the_documents_alone() {
    let Some(corpora) = corpora() else {
        return;
    };
    run_suite(&corpora.join("fhir"), None, FLOOR_WITHOUT_MODEL);
}
