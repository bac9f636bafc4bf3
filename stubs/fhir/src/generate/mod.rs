//! Generators of resources for properties: `fhir.Patient` and its like.
//!
//! A resource is drawn as a synthetic record, rendered, and then varied in the ways that FHIR has and records do not:
//! partial dates, several names, values of other types, decimals of any scale. Shrinking makes the record plain and
//! leaves the variations out. Identifiers are placeholders such as `${mrn}`, stamped afresh for each attempt.

mod resources;
mod values;

use proptest::strategy::BoxedStrategy;
use wardgate_expression::Json;

/// The generator of this name, if there is one.
pub(crate) fn generator(name: &str) -> Option<BoxedStrategy<Json>> {
    Some(match name {
        "Patient" => resources::patient(),
        "Observation" => resources::observation(),
        "Appointment" => resources::appointment(),
        "MedicationRequest" => resources::medication_request(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{
        strategy::{Strategy, ValueTree},
        test_runner::TestRunner,
    };

    use wardgate_core::port::Guide;

    use super::*;
    use crate::guide::GUIDE;

    #[test]
    fn what_is_generated_is_valid_and_identified_by_placeholders() {
        let mut runner = TestRunner::deterministic();
        for name in Guide::names(GUIDE.generators) {
            let strategy = generator(name).expect("a listed generator is there");
            for _ in 0..100 {
                let resource = strategy.new_tree(&mut runner).expect("it draws").current();
                let text = resource.to_string();
                assert_eq!(
                    resource.get("resourceType").and_then(Json::as_str),
                    Some(name)
                );
                assert_eq!(wardgate_fhir_types::typed_check(&text), Ok(()), "{text}");
                assert!(
                    crate::server::check_resource(&resource, crate::structure::Rigour::Cardinality)
                        .is_ok(),
                    "{text}"
                );
                let identifier = resource
                    .pointer("/identifier/0/value")
                    .and_then(Json::as_str);
                assert!(
                    identifier.is_some_and(|value| value.starts_with("${")),
                    "{text}"
                );
            }
        }
        assert!(generator("Nonsense").is_none());
    }

    #[test]
    fn awkward_values_come_up() {
        let mut runner = TestRunner::deterministic();
        let mut seen = BTreeSet::new();
        for _ in 0..400 {
            let draw = |name: &str, runner: &mut TestRunner| {
                let strategy = generator(name).expect("a listed generator is there");
                strategy.new_tree(runner).expect("it draws").current()
            };
            let patient = draw("Patient", &mut runner);
            if let Some(date) = patient.get("birthDate").and_then(Json::as_str) {
                seen.insert(["", "year", "month", "day"][date.split('-').count()]);
            }
            let text = patient.to_string();
            seen.extend(text.contains('\'').then_some("apostrophe"));
            seen.extend((!text.is_ascii()).then_some("accent"));
            let observation = draw("Observation", &mut runner);
            for value in [
                "valueQuantity",
                "valueString",
                "valueCodeableConcept",
                "dataAbsentReason",
            ] {
                seen.extend(observation.get(value).map(|_| value));
            }
            let number = observation
                .pointer("/valueQuantity/value")
                .and_then(Json::as_number);
            if let Some((_, decimals)) = number.and_then(|number| number.as_str().split_once('.')) {
                seen.extend(decimals.ends_with('0').then_some("trailing zero"));
            }
        }
        for wanted in [
            "accent",
            "apostrophe",
            "dataAbsentReason",
            "day",
            "month",
            "trailing zero",
            "valueCodeableConcept",
            "valueQuantity",
            "valueString",
            "year",
        ] {
            assert!(seen.contains(wanted), "{wanted} never came up");
        }
    }

    #[test]
    fn shrinking_leads_to_the_plainest() {
        let mut runner = TestRunner::deterministic();
        for name in Guide::names(GUIDE.generators) {
            let strategy = generator(name).expect("a listed generator is there");
            let mut plainest = BTreeSet::new();
            for _ in 0..3 {
                let mut tree = strategy.new_tree(&mut runner).expect("it draws");
                while tree.simplify() {}
                plainest.insert(tree.current().to_string());
            }
            assert_eq!(plainest.len(), 1, "{name}: {plainest:#?}");
        }
    }
}
