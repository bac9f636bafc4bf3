//! Medication: a FHIR MedicationRequest becomes an order message for the pharmacy.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use wardgate_fhir_types::{
    Concept, FhirTypesError, Identifier, MedicationRequestFacts, Quantity, parse_medication_request,
};

use super::system;
use crate::defect::{Defect, Defects};
use crate::hl7_time::hl7_timestamp;
use crate::state::PatientState;
use crate::store::key;
use crate::work::{PharmacyOrder, Subject, Work, WorkItem};

/// Why an order is not taken, in words that carry nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// FHIR issue type.
    pub code: &'static str,
    /// What a person should know.
    pub text: &'static str,
}

impl Refusal {
    /// A refusal.
    pub const fn new(status: u16, code: &'static str, text: &'static str) -> Self {
        Self { status, code, text }
    }
}

/// Only FHIR's JSON is read.
pub fn check_content_type(content_type: Option<&str>) -> Result<(), Refusal> {
    let media_type = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if ["application/fhir+json", "application/json"]
        .iter()
        .any(|served| media_type.eq_ignore_ascii_case(served))
    {
        Ok(())
    } else {
        Err(Refusal::new(
            415,
            "not-supported",
            "only application/fhir+json is served",
        ))
    }
}

/// The identifier of an `If-None-Exist` header (FHIR R4, conditional create): `identifier=system|value`.
pub fn condition(query: &str) -> Result<Identifier, Refusal> {
    const REFUSAL: Refusal = Refusal::new(
        400,
        "not-supported",
        "If-None-Exist is served for identifier=system|value only",
    );
    let query = query.trim().trim_start_matches('?');
    let token = query
        .strip_prefix("identifier=")
        .filter(|token| !token.contains('&'))
        .ok_or(REFUSAL)?;
    let token = percent_decode(token).ok_or(REFUSAL)?;
    let (system, value) = token.split_once('|').unwrap_or(("", &token));
    if value.is_empty() {
        return Err(REFUSAL);
    }
    Ok(Identifier {
        system: system.to_owned(),
        value: value.to_owned(),
    })
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'%' => {
                let hexadecimal = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(hexadecimal, 16).ok()?);
                rest = &rest[2..];
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Reads and checks an order: one that may be dispensed, for one patient, with one dose.
pub fn read(body: &[u8], tenant: &str) -> Result<MedicationRequestFacts, Refusal> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Refusal::new(400, "structure", "the body is not UTF-8"))?;
    let order = parse_medication_request(text).map_err(|error| refusal(&error))?;
    let unprocessable = |text| Err(Refusal::new(422, "business-rule", text));
    if order.status != "active" {
        return unprocessable("only orders with status active are dispensed");
    }
    let intents = [
        "order",
        "original-order",
        "reflex-order",
        "filler-order",
        "instance-order",
    ];
    if !intents.contains(&order.intent.as_str()) {
        return unprocessable("only orders are dispensed, not proposals or plans");
    }
    if code_and_text(&order.medication).is_none() {
        return Err(Refusal::new(
            422,
            "required",
            "the medication has neither code nor text",
        ));
    }
    if order
        .dose
        .value
        .as_str()
        .parse::<Decimal>()
        .is_ok_and(|dose| dose <= Decimal::ZERO)
    {
        return unprocessable("the dose is not above zero");
    }
    let mrn_system = system(tenant, "mrn");
    match (&order.subject.identifier, reference_id(&order)) {
        (Some(identifier), _)
            if !identifier.system.is_empty() && identifier.system != mrn_system =>
        {
            unprocessable("the subject is not identified by an MRN of this facility")
        }
        (Some(identifier), _) if identifier.value.is_empty() => Err(Refusal::new(
            422,
            "required",
            "the subject's identifier has no value",
        )),
        (None, None) => Err(Refusal::new(
            422,
            "required",
            "the subject has neither MRN nor reference",
        )),
        _ => Ok(order),
    }
}

/// The logical id of a `Patient/id` reference, relative or absolute.
fn reference_id(order: &MedicationRequestFacts) -> Option<&str> {
    let mut parts = order.subject.literal.as_deref()?.rsplit('/');
    let id = parts.next()?;
    let is_id = !id.is_empty()
        && id.len() <= 64
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    (parts.next() == Some("Patient") && is_id).then_some(id)
}

fn refusal(error: &FhirTypesError) -> Refusal {
    match error {
        FhirTypesError::Json { .. } => {
            Refusal::new(400, "structure", "the body is not well-formed JSON")
        }
        FhirTypesError::ResourceType { .. } => {
            Refusal::new(400, "structure", "the body is not a MedicationRequest")
        }
        FhirTypesError::Shape { .. } => Refusal::new(
            422,
            "structure",
            "the body is not a valid MedicationRequest",
        ),
        FhirTypesError::Missing { element } => Refusal::new(422, "required", element),
        FhirTypesError::Invalid { element } => Refusal::new(422, "value", element),
        FhirTypesError::Decimal => Refusal::new(422, "value", "a decimal is not valid"),
    }
}

/// How the order names its patient.
pub fn subject(order: &MedicationRequestFacts) -> Subject {
    match (&order.subject.identifier, reference_id(order)) {
        (None, Some(id)) => Subject::Reference(id.to_owned()),
        (identifier, _) => Subject::Mrn(
            identifier
                .as_ref()
                .map(|identifier| identifier.value.clone())
                .unwrap_or_default(),
        ),
    }
}

/// An order about to be stored.
pub struct Draft<'a> {
    /// What was ordered.
    pub order: &'a MedicationRequestFacts,
    /// The facility that ordered.
    pub tenant: &'a str,
    /// The resource's id.
    pub id: &'a str,
    /// MSH-10 of the order message.
    pub control_id: String,
    /// When it was placed.
    pub at: Timestamp,
    /// Whom it is for, after merges.
    pub subject: Subject,
    /// What is known of the patient.
    pub patient: Option<PatientState>,
}

impl Draft<'_> {
    /// The order for the pharmacy, with the patient's name as the hub knows it.
    pub fn work_item(self, defects: Defects) -> WorkItem {
        let Self {
            order,
            tenant,
            id,
            control_id,
            at,
            subject,
            patient,
        } = self;
        let patient = patient.as_ref();
        let lane = match &subject {
            Subject::Mrn(mrn) => key(&["pharmacy", tenant, "mrn", mrn]),
            Subject::Reference(id) => key(&["pharmacy", tenant, "reference", id]),
        };
        let placer = order
            .identifiers
            .iter()
            .map(|identifier| identifier.value.as_str())
            .find(|value| !value.is_empty());
        let display = order.subject.display.clone().unwrap_or_default();
        let family = patient
            .and_then(|patient| patient.family.clone())
            .unwrap_or(display);
        let given = patient
            .and_then(|patient| patient.given.first().cloned())
            .unwrap_or_default();
        let written = order.dose.value.as_str();
        let amount = if defects.has(Defect::WrongDose) {
            let tenfold = written
                .parse::<Decimal>()
                .ok()
                .and_then(|dose| dose.checked_mul(Decimal::TEN));
            tenfold.map_or_else(|| written.to_owned(), |dose| dose.normalize().to_string())
        } else {
            written.to_owned()
        };
        let dispense = order.dispense.as_ref();
        let order = PharmacyOrder {
            control_id,
            placed: hl7_timestamp(at),
            placer: placer.unwrap_or(id).to_owned(),
            subject,
            family,
            given,
            medicine: code_and_text(&order.medication).unwrap_or_default(),
            amount,
            units: units(&order.dose),
            timing: order
                .timing
                .as_ref()
                .and_then(code_and_text)
                .map(first_of)
                .unwrap_or_default(),
            instructions: order.dosage_text.clone().unwrap_or_default(),
            dispense: dispense
                .and_then(|dispense| dispense.quantity.as_ref())
                .map(|quantity| [quantity.value.to_string(), first_of(units(quantity))]),
            refills: dispense.and_then(|dispense| dispense.repeats),
            route: order.route.as_ref().and_then(code_and_text),
        };
        let work = Work::SendOrder {
            facility: tenant.to_owned(),
            order: Box::new(order),
        };
        WorkItem {
            lane,
            origin: id.to_owned(),
            work,
        }
    }
}

/// Code, text and coding system of a concept, as CWE-1 to CWE-3.
fn code_and_text(concept: &Concept) -> Option<[String; 3]> {
    let coding = concept
        .codings
        .iter()
        .find(|coding| coding.code.as_ref().is_some_and(|code| !code.is_empty()));
    let text = concept.text.clone().filter(|text| !text.is_empty());
    match coding {
        Some(coding) => Some([
            coding.code.clone().unwrap_or_default(),
            text.or_else(|| coding.display.clone()).unwrap_or_default(),
            coding_system(coding.system.as_deref().unwrap_or_default()),
        ]),
        None => text.map(|text| [String::new(), text, String::new()]),
    }
}

/// Names of HL7 table 0396 for well-known systems; others keep their URI.
fn coding_system(uri: &str) -> String {
    match uri {
        "http://loinc.org" => "LN",
        "http://snomed.info/sct" => "SCT",
        "http://unitsofmeasure.org" => "UCUM",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RXNORM",
        "http://www.whocc.no/atc" => "ATC",
        "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration" => "HL70162",
        other => other,
    }
    .to_owned()
}

fn units(quantity: &Quantity) -> [String; 3] {
    let unit = quantity.unit.clone().unwrap_or_default();
    match &quantity.code {
        Some(code) => [
            code.clone(),
            unit,
            coding_system(quantity.system.as_deref().unwrap_or_default()),
        ],
        None => [unit, String::new(), String::new()],
    }
}

/// The code, or the text where there is none.
fn first_of([code, text, _]: [String; 3]) -> String {
    if code.is_empty() { text } else { code }
}

/// The resource as it came, with the server's id and meta in place of its own; every other element to the digit.
pub fn with_identity(body: &[u8], id: &str, now: Timestamp) -> Result<String, Refusal> {
    let Elements(elements) = serde_json::from_slice(body)
        .map_err(|_| Refusal::new(400, "structure", "the body is not well-formed JSON"))?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let meta = format!("{{\"versionId\":\"1\",\"lastUpdated\":\"{now:.3}\"}}");
    let mut written = format!(
        "{{\"resourceType\":\"MedicationRequest\",\"id\":{},\"meta\":{meta}",
        quoted(id)
    );
    for (name, value) in &elements {
        if !matches!(name.as_str(), "resourceType" | "id" | "meta") {
            written.push(',');
            written.push_str(&quoted(name));
            written.push(':');
            written.push_str(value.get());
        }
    }
    written.push('}');
    Ok(written)
}

/// Whether two stored orders say the same: every element but the server's own, in whatever order and layout they come.
/// Each is compared as it is written, so that in doubt an order is refused rather than dropped.
pub fn is_same(one: &str, other: &str) -> bool {
    let content = |resource: &str| -> Option<BTreeMap<String, String>> {
        let Elements(elements) = serde_json::from_str(resource).ok()?;
        let content = elements
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "id" | "meta"))
            .map(|(name, value)| (name, compact(value.get())));
        Some(content.collect())
    };
    content(one).is_some_and(|content_of_one| Some(content_of_one) == content(other))
}

/// JSON text without the white space between its tokens.
fn compact(json: &str) -> String {
    let (mut is_quoted, mut is_escaped) = (false, false);
    json.chars()
        .filter(|character| {
            let was_quoted = is_quoted;
            if *character == '"' && !is_escaped {
                is_quoted = !is_quoted;
            }
            is_escaped = was_quoted && *character == '\\' && !is_escaped;
            was_quoted || !character.is_ascii_whitespace()
        })
        .collect()
}

/// The elements of a resource in the order in which they were written.
struct Elements(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Elements {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Elements;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Elements, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = map.next_entry()? {
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"resourceType":"MedicationRequest","id":"mine","status":"active","intent":"order",
        "identifier":[{"system":"urn:o","value":"RX1"}],
        "medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"N02BE01"}],"text":"Paracetamol"},
        "subject":{"identifier":{"system":"urn:wardgate:HOSP:mrn","value":"M1"}},
        "dosageInstruction":[{"text":"twice a day","route":{"text":"PO"},
            "doseAndRate":[{"doseQuantity":{"value":2.50,"unit":"mg"}}]}],
        "dispenseRequest":{"quantity":{"value":30.0,"unit":"tablet"},"numberOfRepeatsAllowed":1}}"#;

    fn draft(order: &MedicationRequestFacts) -> Draft<'_> {
        let subject = subject(order);
        Draft {
            order,
            tenant: "HOSP",
            id: "M9",
            control_id: "W1".into(),
            at: Timestamp::UNIX_EPOCH,
            subject,
            patient: None,
        }
    }

    fn order_of(body: &str, defects: Defects) -> PharmacyOrder {
        let facts = read(body.as_bytes(), "HOSP").unwrap();
        match draft(&facts).work_item(defects).work {
            Work::SendOrder { order, .. } => *order,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_order_is_carried_over_digit_for_digit() {
        let order = order_of(ORDER, Defects::default());
        assert_eq!(order.placer, "RX1");
        assert_eq!(order.medicine, ["N02BE01", "Paracetamol", "ATC"]);
        assert_eq!(order.amount, "2.50");
        assert_eq!(order.units[0], "mg");
        assert_eq!(order.dispense, Some(["30.0".into(), "tablet".into()]));
        assert_eq!(order.refills, Some(1));
        assert_eq!(
            order.route,
            Some([String::new(), "PO".into(), String::new()])
        );
        assert_eq!(order.subject, Subject::Mrn("M1".into()));
    }

    #[test]
    fn the_wrong_dose_is_tenfold() {
        assert_eq!(
            order_of(ORDER, [Defect::WrongDose].into_iter().collect()).amount,
            "25"
        );
    }

    #[test]
    fn what_cannot_be_dispensed_is_refused_without_quoting_it() {
        let with = |from: &str, to: &str| {
            assert!(ORDER.contains(from), "{from}");
            read(ORDER.replace(from, to).as_bytes(), "HOSP").unwrap_err()
        };
        assert_eq!(with("\"active\"", "\"draft\"").status, 422);
        assert_eq!(with("\"order\"", "\"plan\"").status, 422);
        assert_eq!(with("\"value\":2.50,", "").code, "required");
        assert_eq!(with("2.50", "0").status, 422);
        assert_eq!(with("HOSP:mrn", "CLINIC:mrn").status, 422);
        assert_eq!(
            with("dosageInstruction", "dosageInstructions").code,
            "required"
        );
        assert_eq!(read(b"{", "HOSP").unwrap_err().status, 400);
        assert_eq!(read(b"\xff", "HOSP").unwrap_err().status, 400);
        assert_eq!(
            read(b"{\"resourceType\":\"Patient\"}", "HOSP")
                .unwrap_err()
                .status,
            400
        );
    }

    #[test]
    fn a_subject_may_be_a_reference() {
        let by_reference = |literal: &str| {
            let body = ORDER.replace(
                r#"{"identifier":{"system":"urn:wardgate:HOSP:mrn","value":"M1"}}"#,
                &format!(r#"{{"reference":"{literal}"}}"#),
            );
            read(body.as_bytes(), "HOSP").map(|facts| draft(&facts).work_item(Defects::default()))
        };
        let item = by_reference("http://ehr/fhir/Patient/7").unwrap();
        assert_eq!(item.lane, key(&["pharmacy", "HOSP", "reference", "7"]));
        assert!(by_reference("Group/7").is_err());
        assert!(by_reference("Patient/a b").is_err());
    }

    #[test]
    fn the_stored_resource_differs_in_identity_alone() {
        let stored = with_identity(
            ORDER.as_bytes(),
            "M9",
            "2026-07-10T07:30:00.1234Z".parse().unwrap(),
        )
        .unwrap();
        assert!(stored.starts_with(
            r#"{"resourceType":"MedicationRequest","id":"M9","meta":{"versionId":"1","lastUpdated":"2026-07-10T07:30:00.123Z"},"status":"active""#
        ), "{stored}");
        assert!(stored.contains("\"value\":2.50,") && !stored.contains("mine"));
    }

    #[test]
    fn orders_are_the_same_whatever_their_layout() {
        let order = r#"{"id":"1","meta":{},"a":[1.0, "x \" y"],"b":2}"#;
        assert!(is_same(order, r#"{"id":"2","b":2,"a": [1.0,"x \" y"]}"#));
        assert!(!is_same(order, r#"{"id":"1","a":[1.0, "x \"  y"],"b":2}"#));
        assert!(!is_same(order, r#"{"id":"1","a":[10, "x \" y"],"b":2}"#));
        assert!(!is_same(order, r#"{"id":"1","b":2}"#));
        assert!(!is_same("", ""), "what cannot be read is not the same");
    }

    #[test]
    fn conditions_are_read() {
        let expected = Identifier {
            system: "urn:o".into(),
            value: "RX 1".into(),
        };
        assert_eq!(condition("identifier=urn:o%7CRX%201"), Ok(expected.clone()));
        assert_eq!(condition("?identifier=urn:o|RX+1"), Ok(expected));
        for wrong in [
            "",
            "identifier=",
            "_id=1",
            "identifier=a&status=b",
            "identifier=%zz",
        ] {
            assert!(condition(wrong).is_err(), "{wrong}");
        }
    }
}
