//! Patient: demographics, and the links that a merge leaves behind.

use fhir_sdk::r4b::resources;
use fhir_sdk::r4b::types;

use crate::check::read;
use crate::decimal::Decimals;
use crate::{FhirTypesError, Identifier, Reference, build};

/// A postal address; empty parts are left out of the resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// Street lines, in order.
    pub lines: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
}

/// A telephone number or mail address: FHIR `ContactPoint`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactPoint {
    /// FHIR code such as `phone` or `email`.
    pub system: Option<String>,
    /// The number or address as people write it.
    pub value: String,
    /// FHIR code such as `home` or `work`.
    pub purpose: Option<String>,
}

/// A link to another Patient that is about the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientLink {
    /// FHIR code: `replaced-by`, `replaces`, `refer` or `seealso`.
    pub kind: String,
    /// The other Patient.
    pub other: Reference,
}

/// What is known of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatientFacts {
    /// Server-side logical id; absent in conditional writes.
    pub id: Option<String>,
    /// Business identifiers.
    pub identifiers: Vec<Identifier>,
    /// Whether the record is in use.
    pub active: Option<bool>,
    /// Family name.
    pub family: Option<String>,
    /// Given names, first name first.
    pub given: Vec<String>,
    /// FHIR code: `male`, `female`, `other` or `unknown`.
    pub gender: Option<String>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Home address.
    pub address: Option<Address>,
    /// Telephone numbers and mail addresses.
    pub telecom: Vec<ContactPoint>,
    /// Links to other records of the same person.
    pub links: Vec<PatientLink>,
}

/// Builds a Patient resource (FHIR R4, Patient) as compact JSON.
pub fn patient(facts: &PatientFacts) -> Result<String, FhirTypesError> {
    let mut built = resources::Patient::builder()
        .identifier(build::identifiers(&facts.identifiers))
        .build()
        .expect("every element of Patient is optional");
    built.id.clone_from(&facts.id);
    built.active = facts.active;
    if facts.family.is_some() || !facts.given.is_empty() {
        let mut name = types::HumanName::builder()
            .given(facts.given.iter().cloned().map(Some).collect())
            .build()
            .expect("every element of HumanName is optional");
        name.family.clone_from(&facts.family);
        built.name = vec![Some(name)];
    }
    built.gender = build::parse_option(facts.gender.as_ref(), "Patient.gender")?;
    built.birth_date = build::parse_option(facts.birth_date.as_ref(), "Patient.birthDate")?;
    if let Some(facts) = &facts.address {
        let mut address = types::Address::builder()
            .line(facts.lines.iter().cloned().map(Some).collect())
            .build()
            .expect("every element of Address is optional");
        address.city.clone_from(&facts.city);
        address.state.clone_from(&facts.state);
        address.postal_code.clone_from(&facts.postal_code);
        address.country.clone_from(&facts.country);
        built.address = vec![Some(address)];
    }
    for facts in &facts.telecom {
        let mut telecom = types::ContactPoint::builder()
            .value(facts.value.clone())
            .build()
            .expect("every element of ContactPoint is optional");
        telecom.system = build::parse_option(facts.system.as_ref(), "Patient.telecom.system")?;
        telecom.r#use = build::parse_option(facts.purpose.as_ref(), "Patient.telecom.use")?;
        built.telecom.push(Some(telecom));
    }
    for facts in &facts.links {
        let link = resources::PatientLink::builder()
            .other(build::reference(&facts.other))
            .r#type(build::parse(&facts.kind, "Patient.link.type")?)
            .build()
            .map_err(|_| FhirTypesError::Missing {
                element: "Patient.link",
            })?;
        built.link.push(Some(link));
    }
    build::render(&built, &Decimals::default())
}

/// Reads a Patient back into facts; elements beyond [`PatientFacts`] are passed over, and of several names and
/// addresses the first is taken.
pub fn parse_patient(json: &str) -> Result<PatientFacts, FhirTypesError> {
    let resources::Resource::Patient(mut patient) = read(json, "Patient")? else {
        return Err(FhirTypesError::ResourceType {
            expected: "Patient",
        });
    };
    let name = patient.name.iter().flatten().next();
    let address = patient
        .address
        .iter()
        .flatten()
        .next()
        .map(|address| Address {
            lines: address.line.iter().flatten().cloned().collect(),
            city: address.city.clone(),
            state: address.state.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.clone(),
        });
    let telecom = patient.telecom.iter().flatten().filter_map(|telecom| {
        Some(ContactPoint {
            system: telecom.system.as_ref().map(ToString::to_string),
            value: telecom.value.clone()?,
            purpose: telecom.r#use.as_ref().map(ToString::to_string),
        })
    });
    let links = patient.link.iter().flatten().map(|link| PatientLink {
        kind: link.r#type.to_string(),
        other: build::reference_facts(&link.other),
    });
    Ok(PatientFacts {
        identifiers: patient
            .identifier
            .iter()
            .flatten()
            .map(build::identifier_facts)
            .collect(),
        active: patient.active,
        family: name.and_then(|name| name.family.clone()),
        given: name
            .map(|name| name.given.iter().flatten().cloned().collect())
            .unwrap_or_default(),
        gender: patient.gender.as_ref().map(ToString::to_string),
        birth_date: patient.birth_date.as_ref().and_then(|date| {
            let text = serde_json::to_value(date).ok()?;
            text.as_str().map(str::to_owned)
        }),
        address,
        telecom: telecom.collect(),
        links: links.collect(),
        id: patient.id.take(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> PatientFacts {
        PatientFacts {
            identifiers: vec![Identifier {
                system: "urn:wardgate:HOSP:mrn".into(),
                value: "M1".into(),
            }],
            active: Some(true),
            family: Some("O'Brien & Søn".into()),
            given: vec!["Zoë".into(), "Q".into()],
            gender: Some("female".into()),
            birth_date: Some("1980-02".into()),
            address: Some(Address {
                lines: vec!["1 Main St".into()],
                city: Some("Ulm".into()),
                postal_code: Some("89073".into()),
                ..Address::default()
            }),
            telecom: vec![ContactPoint {
                system: Some("phone".into()),
                value: "0731 1".into(),
                purpose: Some("home".into()),
            }],
            links: vec![PatientLink {
                kind: "replaces".into(),
                other: Reference::logical(
                    "Patient",
                    Identifier {
                        system: "urn:x".into(),
                        value: "M2".into(),
                    },
                ),
            }],
            id: None,
        }
    }

    #[test]
    fn a_patient_reads_back_as_it_was_written() {
        let json = patient(&facts()).unwrap();
        assert!(json.starts_with("{\"resourceType\":\"Patient\","), "{json}");
        assert_eq!(parse_patient(&json), Ok(facts()));
    }

    #[test]
    fn a_code_that_fhir_does_not_list_is_refused() {
        let facts = PatientFacts {
            gender: Some("F".into()),
            ..facts()
        };
        assert_eq!(
            patient(&facts),
            Err(FhirTypesError::Invalid {
                element: "Patient.gender"
            })
        );
    }

    #[test]
    fn an_impossible_birth_date_is_refused() {
        let facts = PatientFacts {
            birth_date: Some("1980-02-30".into()),
            ..facts()
        };
        assert_eq!(
            patient(&facts),
            Err(FhirTypesError::Invalid {
                element: "Patient.birthDate"
            })
        );
    }

    #[test]
    fn another_resource_is_no_patient() {
        let found = parse_patient("{\"resourceType\":\"Basic\",\"code\":{}}");
        assert_eq!(
            found,
            Err(FhirTypesError::ResourceType {
                expected: "Patient"
            })
        );
    }
}
