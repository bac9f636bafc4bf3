//! Types: what documents tell, and what a model adds.

use wardgate_expression::fhirpath::{Context, ElementType, Expression, Model};
use wardgate_expression::json;

use crate::{fails_to_hold, failure, holds, shown, shown_for, yields_nothing};

#[test]
fn own_types() {
    for (value, name) in [
        ("1", "Integer"),
        ("1.0", "Decimal"),
        ("'a'", "String"),
        ("true", "Boolean"),
        ("@2024", "Date"),
        ("@2024T", "DateTime"),
        ("@T10", "Time"),
        ("1 'mg'", "Quantity"),
    ] {
        holds(&format!("({value}) is {name}"));
        holds(&format!("({value}).is(System.{name})"));
        fails_to_hold(&format!("({value}) is FHIR.{name}"));
        holds(&format!("({value}).type().name = '{name}'"));
    }
    yields_nothing("{} is Integer");
    yields_nothing("1 as String");
    assert_eq!(shown("(1 | 'a' | 2.5).ofType(Integer)"), ["1"]);
    assert!(failure("name is HumanName").0.contains("one item"));
}

#[test]
fn documents_tell_by_notation_and_shape() {
    holds("Patient is Patient");
    holds("Patient is DomainResource");
    fails_to_hold("Patient is Observation");
    holds("active is boolean");
    holds("active is Boolean");
    holds("birthDate is date");
    holds("gender is code");
    fails_to_hold("gender is date");
    fails_to_hold("gender is Integer");
    assert_eq!(
        shown("name.ofType(HumanName).family"),
        ["'Smith'", "'Jones'"]
    );
    let document = json!({"a": {"reference": "Patient/1"}, "b": {"reference": "x", "other": 1}});
    assert_eq!(
        shown_for(&document, "descendants().ofType(Reference).reference"),
        ["'Patient/1'"]
    );
}

struct Definitions;

impl Model for Definitions {
    fn element<'m>(&'m self, parent: &str, name: &str) -> Option<ElementType<'m>> {
        Some(match (parent, name) {
            ("Patient", "gender") => ElementType::One("code"),
            ("Patient", "active") => ElementType::One("boolean"),
            ("Patient", "birthDate") => ElementType::One("date"),
            ("Patient" | "Patient.contact", "name") => ElementType::One("HumanName"),
            ("Patient", "contact") => ElementType::One("Patient.contact"),
            ("Patient", "multipleBirth") => ElementType::Choice,
            ("HumanName", "family") => ElementType::One("string"),
            _ => return None,
        })
    }

    fn base<'m>(&'m self, name: &str) -> Option<&'m str> {
        (name == "Patient").then_some("DomainResource")
    }

    fn is_type(&self, name: &str) -> bool {
        matches!(name, "Patient" | "HumanName")
    }
}

#[test]
fn a_model_makes_types_exact() {
    let patient = crate::patient();
    let context = Context::new(&patient).with_model(&Definitions);
    let holds = |text: &str| {
        Expression::parse(text)
            .unwrap()
            .is_true(&context)
            .unwrap_or_else(|e| panic!("{text}: {e}"))
    };
    assert!(holds("gender is code"));
    assert!(holds("gender is string"));
    assert!(!holds("gender is id"));
    assert!(!holds("gender.as(string).exists()"));
    assert!(holds("active.type().namespace = 'FHIR'"));
    assert!(!holds("active is Boolean"));
    assert!(holds(
        "birthDate is date and birthDate = @1974-12-25 and birthDate = '1974-12-25'"
    ));
    assert!(holds(
        "birthDate.toString() = '1974-12-25' and birthDate.startsWith('1974')"
    ));
    assert!(holds("multipleBirth is integer"));
    assert!(holds("children().ofType(HumanName).count() = 2"));
    assert!(holds("children().ofType(integer) = 2"));
    assert!(holds("nonsense.empty()"));
    assert!(holds(
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')"
    ));
}

#[test]
fn strict_evaluation_refuses_elements_that_do_not_exist() {
    let patient = crate::patient();
    let context = Context::new(&patient).with_model(&Definitions).strict();
    let error = Expression::parse("name.famly = 'x'")
        .unwrap()
        .evaluate(&context)
        .unwrap_err();
    assert_eq!(error.message(), "HumanName has no element `famly`");
    assert_eq!(error.span(), 5..10);
    assert!(
        Expression::parse("name.family.first() = 'Smith'")
            .unwrap()
            .is_true(&context)
            .unwrap()
    );
    // What the model does not know is not refused.
    let other = json!({"famly": 1});
    let lenient = Context::new(&other).with_model(&Definitions).strict();
    assert!(
        Expression::parse("famly = 1")
            .unwrap()
            .is_true(&lenient)
            .unwrap()
    );
}
