//! Variables, resources and listeners.

use std::cell::RefCell;

use wardgate_expression::fhirpath::{Context, Expression};
use wardgate_expression::{Json, Object, json};

#[test]
fn variables_are_values_not_text() {
    let patient = crate::patient();
    let context = Context::new(&patient)
        .with_variable("patient", json!({"family": "Smith", "codes": ["a", "b"]}))
        .with_variable("odd name", "it's")
        .with_variable("none", Json::Null);
    let holds = |text: &str| Expression::parse(text).unwrap().is_true(&context).unwrap();
    assert!(holds("name.first().family = %patient.family"));
    assert!(holds("%patient.codes.count() = 2 and %none.empty()"));
    assert!(holds("%`odd name` = 'it\\'s'"));
    assert!(holds(
        "%context.id = 'p1' and %resource.id = 'p1' and %rootResource.id = 'p1'"
    ));
    assert!(holds("name.where(%resource.active).count() = 2"));
    assert!(holds("%ucum = 'http://unitsofmeasure.org'"));
    assert!(holds(
        "%`vs-gender` = 'http://hl7.org/fhir/ValueSet/gender'"
    ));
    let error = Expression::parse("1 = %missing.x")
        .unwrap()
        .evaluate(&context)
        .unwrap_err();
    assert_eq!(
        (error.message(), error.span()),
        ("the variable `%missing` is not defined", 4..12)
    );
}

#[test]
fn inner_definitions_go_before_outer_ones() {
    let nothing = Json::Null;
    let value = |text: &str, context: &Context<'_>| {
        Expression::parse(text).unwrap().evaluate(context).unwrap()[0]
            .to_json()
            .to_string()
    };
    let outer: Object = [("a", 1), ("b", 1)].into_iter().collect();
    let inner: Object = [("b", 2), ("c", 2)].into_iter().collect();
    let three = Json::from(3);
    let context = Context::new(&nothing)
        .with_variables(&outer)
        .with_variables(&inner)
        .with_variable_ref("c", &three);
    assert_eq!(
        (
            value("%a", &context),
            value("%b", &context),
            value("%c", &context)
        ),
        ("1".into(), "2".into(), "3".into())
    );
    let redefined = context.with_variable("c", 4);
    assert_eq!(value("%c", &redefined), "4");
    assert_eq!(value("%c", &redefined.with_variable_ref("c", &three)), "3");
}

#[test]
fn an_expression_tells_its_variables() {
    let expression = Expression::parse(
        "%a.b = %c and name.where(%a = $this or %`d e` in %resource.x)[%f] is Quantity",
    )
    .unwrap();
    assert_eq!(expression.variables(), ["a", "c", "d e", "f"]);
}

#[test]
fn one_expression_continues_where_another_ended() {
    let bundle = json!({"resourceType": "Bundle", "entry": [{"resource": crate::patient()}]});
    let context = Context::new(&bundle);
    let entry = Expression::parse("entry.resource").unwrap();
    let resources = entry.evaluate(&context).unwrap();
    let inner = context.clone().with_input(resources);
    let family = Expression::parse("name.family").unwrap();
    assert_eq!(family.evaluate(&inner).unwrap().len(), 2);
    let contained = json!({"resourceType": "Patient", "id": "inner"});
    let resources = Context::new(&contained).with_resources(&contained, &bundle);
    let both =
        Expression::parse("%resource.id = 'inner' and %rootResource.entry.exists()").unwrap();
    assert!(both.is_true(&resources).unwrap());
}

#[test]
fn traces_are_heard() {
    let patient = crate::patient();
    let heard = RefCell::new(Vec::new());
    let listener =
        |name: &str, values: &[Json]| heard.borrow_mut().push(format!("{name}: {}", values.len()));
    let context = Context::new(&patient).with_trace(&listener);
    let expression =
        Expression::parse("name.trace('names').trace('given', given).count() = 2").unwrap();
    assert!(expression.is_true(&context).unwrap());
    assert_eq!(*heard.borrow(), ["names: 2", "given: 3"]);
}
