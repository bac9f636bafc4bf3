//! Synthetic records as FHIR resources.
//!
//! A resource refers to others by their business identifiers, since a record knows no server's ids. Identifiers of the
//! facility HOSP have the systems `urn:wardgate:HOSP:mrn`, `:visit`, `:order` and so on.

mod care;
mod orders;
mod people;

use wardgate_expression::{Json, Object, json};
use wardgate_synth::Kind;

/// Units of measure in UCUM's notation.
const UCUM: &str = "http://unitsofmeasure.org";

/// The FHIR form of a synthetic record, if its kind has one: a line of a stay's charges has none, for it does not name
/// its patient.
pub(crate) fn render(kind: &str, record: &Json) -> Option<Json> {
    let fields = Fields(record.as_object()?);
    Some(match Kind::parse(kind)? {
        Kind::Patient => people::patient(fields),
        Kind::Practitioner => people::practitioner(fields),
        Kind::Encounter | Kind::Stay => care::encounter(fields),
        Kind::Appointment => care::appointment(fields),
        Kind::Charge => care::charge_item(fields),
        Kind::Order => orders::service_request(fields),
        Kind::Result => orders::observation(fields),
        Kind::MedicationOrder => orders::medication_request(fields),
        Kind::ChargeLine => return None,
    })
}

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
struct Fields<'a>(&'a Object);

impl<'a> Fields<'a> {
    /// A field as text; nothing where it is missing or empty.
    fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A field as it stands, such as a decimal with its digits.
    fn value(self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The fields of a record inside this one; none where it is missing.
    fn record(self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().map(Self)
    }
}

/// A resource in the making: members without a value are left out, since FHIR's JSON has no null.
struct Resource(Object);

impl Resource {
    /// A resource of this type.
    fn new(kind: &str) -> Self {
        Self::part().with("resourceType", Some(kind))
    }

    /// A part of a resource.
    fn part() -> Self {
        Self(Object::new())
    }

    /// Adds a member, if it has a value.
    fn with(mut self, name: &str, value: Option<impl Into<Json>>) -> Self {
        match value.map(Into::into) {
            None | Some(Json::Null) => {}
            Some(Json::Array(items)) if items.is_empty() => {}
            Some(Json::Object(members)) if members.is_empty() => {}
            Some(value) => self.0.push(name, value),
        }
        self
    }

    /// Adds a member that is a list of those of these that have a value.
    fn list(self, name: &str, items: impl IntoIterator<Item = Option<Json>>) -> Self {
        let items: Vec<Json> = items.into_iter().flatten().collect();
        self.with(name, Some(items))
    }

    fn json(self) -> Json {
        Json::Object(self.0)
    }
}

/// The system of an identifier of the facility HOSP.
fn system(kind: &str) -> String {
    format!("urn:wardgate:HOSP:{kind}")
}

/// An identifier of the facility HOSP; none without a value.
fn identifier(kind: &str, value: Option<&str>) -> Option<Json> {
    value.map(|value| json!({"system": system(kind), "value": value}))
}

/// A reference by business identifier.
fn logical(
    kind: &str,
    identifier_kind: &str,
    value: Option<&str>,
    display: Option<String>,
) -> Option<Json> {
    let identifier = identifier(identifier_kind, value)?;
    Some(
        Resource::part()
            .with("type", Some(kind))
            .with("identifier", Some(identifier))
            .with("display", display)
            .json(),
    )
}

/// The reference to the patient that a record names.
fn subject(fields: Fields<'_>) -> Option<Json> {
    let patient = fields.record("patient")?;
    logical("Patient", "mrn", patient.text("mrn"), full_name(patient))
}

/// The reference to the practitioner that a record names.
fn practitioner(fields: Fields<'_>) -> Option<Json> {
    let practitioner = fields.record("practitioner")?;
    logical(
        "Practitioner",
        "practitioner",
        practitioner.text("id"),
        full_name(practitioner),
    )
}

/// The reference to the visit that a record belongs to.
fn visit(fields: Fields<'_>) -> Option<Json> {
    logical("Encounter", "visit", fields.text("visit_number"), None)
}

fn full_name(person: Fields<'_>) -> Option<String> {
    let parts: Vec<&str> = [person.text("given"), person.text("family")]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A concept of one coding and its text.
fn concept(system: &str, code: Option<&str>, display: Option<&str>) -> Option<Json> {
    let coding = code.map(|code| {
        Resource::part()
            .with("system", Some(system))
            .with("code", Some(code))
            .with("display", display)
            .json()
    });
    let concept = Resource::part()
        .list("coding", [coding])
        .with("text", display)
        .json();
    (concept != json!({})).then_some(concept)
}

/// A quantity in a UCUM unit, its value as written.
fn quantity(value: Option<&Json>, unit: Option<&str>) -> Option<Json> {
    let value = value?;
    Some(
        Resource::part()
            .with("value", Some(value))
            .with("unit", unit)
            .with("system", unit.map(|_| UCUM))
            .with("code", unit)
            .json(),
    )
}

#[cfg(test)]
mod tests {
    use wardgate_synth::{Identifiers, REFERENCE_DATE, Seed, draw};

    use super::*;

    #[test]
    fn every_kind_that_names_its_patient_has_a_valid_resource() {
        let seed = Seed::from_u64(3);
        let identifiers = Identifiers::new(&seed, "test");
        for kind in Kind::ALL {
            for number in 0..20_u32 {
                let record = draw(
                    kind,
                    &seed.child(number),
                    &identifiers,
                    REFERENCE_DATE,
                    None,
                )
                .expect("it draws");
                let rendered = render(kind.name(), &record.fields);
                let Some(resource) = rendered else {
                    assert_eq!(kind, Kind::ChargeLine);
                    continue;
                };
                let text = resource.to_string();
                assert_eq!(wardgate_fhir_types::typed_check(&text), Ok(()), "{text}");
                assert!(
                    crate::server::check_resource(&resource, crate::structure::Rigour::Cardinality)
                        .is_ok(),
                    "{text}"
                );
                assert!(text.contains(&record.id), "{text}");
            }
        }
    }

    #[test]
    fn decimals_keep_their_digits_and_empty_fields_are_left_out() {
        let result = json!({
            "value": wardgate_expression::Number::from_text("4.200"), "unit": "mg/dL", "status": "final", "code": "c",
            "patient": {"mrn": "M", "middle": "", "family": "O'Brien"},
        });
        let observation = render("result", &result).expect("results have a form");
        assert_eq!(
            observation
                .get("valueQuantity")
                .map(ToString::to_string)
                .as_deref(),
            Some(
                r#"{"value":4.200,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}"#
            )
        );
        let patient = render("patient", result.get("patient").expect("it is there"))
            .expect("patients have a form");
        assert_eq!(
            patient.get("name").map(ToString::to_string).as_deref(),
            Some(r#"[{"use":"official","family":"O'Brien"}]"#)
        );
        assert_eq!(render("charge-line", &json!({})), None);
        assert_eq!(render("nothing", &json!({})), None);
    }
}
