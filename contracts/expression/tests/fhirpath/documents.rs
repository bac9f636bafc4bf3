//! Paths through documents: FHIR's and others.

use wardgate_expression::{Json, json};

use crate::{holds, shown, shown_for, yields_nothing};

#[test]
fn paths_go_through_arrays() {
    assert_eq!(shown("name.given"), ["'Anna'", "'Maria'", "'Anna'"]);
    assert_eq!(shown("Patient.name[1].family"), ["'Jones'"]);
    assert_eq!(shown("name[0].given[1]"), ["'Maria'"]);
    yields_nothing("name[7].family");
    yields_nothing("name.suffix.nowhere");
    yields_nothing("Encounter.name");
    assert_eq!(shown("Resource.id"), ["'p1'"]);
}

#[test]
fn a_primitive_and_its_extensions_are_one_element() {
    assert_eq!(shown("birthDate.count()"), ["1"]);
    assert_eq!(
        shown("birthDate.extension('urn:time').value"),
        ["'1974-12-25T14:35:45-05:00'"]
    );
    assert_eq!(shown("birthDate.extension.url"), ["'urn:time'"]);
    yields_nothing("birthDate.extension('urn:other')");
    let absent = json!({
        "resourceType": "Patient",
        "_birthDate": {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]},
        "name": [{"given": [null, "B"], "_given": [{"id": "x"}, null]}],
    });
    assert_eq!(shown_for(&absent, "birthDate.exists()"), ["true"]);
    assert_eq!(shown_for(&absent, "birthDate.hasValue()"), ["false"]);
    assert_eq!(
        shown_for(&absent, "name.given.select(hasValue())"),
        ["false", "true"]
    );
    assert_eq!(shown_for(&absent, "name.given[0].id"), ["'x'"]);
    assert_eq!(shown_for(&absent, "birthDate.getValue().empty()"), ["true"]);
}

#[test]
fn choices_are_found_by_their_base_name() {
    assert_eq!(shown("multipleBirth"), ["2"]);
    assert_eq!(shown("multipleBirthInteger"), ["2"]);
    // A date of birth is no choice of type date called birth.
    yields_nothing("birth");
    let observation = json!({
        "resourceType": "Observation",
        "valueQuantity": {"value": 5, "unit": "kg"},
        "component": [{"valueString": "a"}, {"_valueDateTime": {"id": "d"}}],
    });
    assert_eq!(shown_for(&observation, "Observation.value.unit"), ["'kg'"]);
    assert_eq!(
        shown_for(&observation, "value.ofType(Quantity).value"),
        ["5"]
    );
    assert_eq!(
        shown_for(&observation, "(value as Quantity).unit"),
        ["'kg'"]
    );
    assert_eq!(
        shown_for(&observation, "(value as Period).start"),
        Vec::<String>::new()
    );
    assert_eq!(
        shown_for(&observation, "component.value.type().name"),
        ["'string'", "'dateTime'"]
    );
}

#[test]
fn other_documents_are_walked_by_their_names() {
    let record = Json::parse(
        r#"{"No": "INV-7", "currencyCode": "EUR", "lines": [{"amount": 10.10, "qty": 2}, {"amount": 5.05, "qty": 1}],
            "PID": {"5": [{"1": "Smith"}]}, "odd name": true, "matrix": [[1, 2], [3]], "nothing": null, "none": []}"#,
    )
    .unwrap();
    let shown = |text: &str| shown_for(&record, text);
    assert_eq!(shown("lines.amount.sum() = 15.15"), ["true"]);
    assert_eq!(shown("lines.sum(amount * qty)"), ["25.25"]);
    assert_eq!(shown("lines.where(qty > 1).amount"), ["10.10"]);
    assert_eq!(shown("PID.`5`.`1`"), ["'Smith'"]);
    assert_eq!(shown("`odd name`"), ["true"]);
    assert_eq!(shown("matrix"), ["1", "2", "3"]);
    assert_eq!(shown("(nothing | none).empty()"), ["true"]);
    assert_eq!(shown("No"), ["'INV-7'"]);
    // FHIR's way of naming choices does not leak into other documents.
    assert_eq!(shown("currency.empty()"), ["true"]);
    let array = json!([{"a": 1}, {"a": 2}]);
    assert_eq!(shown_for(&array, "a.sum()"), ["3"]);
    assert_eq!(shown_for(&Json::from("text"), "$this.length()"), ["4"]);
}

#[test]
fn parts_come_in_order() {
    assert_eq!(
        shown("name.first().children()"),
        ["'official'", "'Smith'", "'Anna'", "'Maria'"]
    );
    holds("descendants().where($this = 'Jones').exists()");
    holds("descendants().count() > children().count()");
    holds("birthDate.children().url = 'urn:time'");
    assert_eq!(
        shown_for(
            &json!({"a": {"b": 1, "c": [2, 3]}, "d": 4}),
            "descendants().where($this is Integer)"
        ),
        ["1", "2", "3", "4"]
    );
}

#[test]
fn contained_resources_and_bundles() {
    let bundle = json!({
        "resourceType": "Bundle",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "1"}},
            {"resource": {"resourceType": "Observation", "id": "2", "valueBoolean": true}},
        ],
    });
    assert_eq!(
        shown_for(&bundle, "entry.resource.ofType(Observation).value"),
        ["true"]
    );
    assert_eq!(
        shown_for(&bundle, "entry.resource.where($this is Patient).id"),
        ["'1'"]
    );
    assert_eq!(
        shown_for(&bundle, "Bundle.entry.resource.type().name"),
        ["'Patient'", "'Observation'"]
    );
}
