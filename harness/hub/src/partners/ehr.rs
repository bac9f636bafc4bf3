//! The EHR: a FHIR R4 server.

use hyper::Method;
use wardgate_fhir_types::parse_patient;

use super::Trouble;
use super::http::{Call, HttpPartner, encode};
use crate::work::Subject;
use crate::workflows;

/// Client of the EHR.
pub struct Ehr {
    http: HttpPartner,
}

const FHIR_JSON: &str = "application/fhir+json";

impl Ehr {
    /// A client over an HTTP partner whose base is the FHIR base URL.
    pub fn new(http: HttpPartner) -> Self {
        Self { http }
    }

    /// Conditional update (FHIR R4, RESTful API 3.1.0.4.3): creates the resource, or replaces the one that has the
    /// identifier, so that a repeated delivery has one effect.
    pub async fn put(
        &self,
        resource_type: &str,
        system: &str,
        value: &str,
        body: &str,
    ) -> Result<(), Trouble> {
        let token = encode(&format!("{}|{}", escape_token(system), escape_token(value)));
        let call = Call {
            method: Method::PUT,
            target: format!("{resource_type}?identifier={token}"),
            headers: &[
                ("content-type", "application/fhir+json; charset=utf-8"),
                ("accept", FHIR_JSON),
            ],
            body: body.to_owned(),
        };
        self.http.send(call).await.map(drop)
    }

    /// The MRN of an order's subject, read from the EHR where the order names its Patient by reference.
    pub async fn mrn(&self, facility: &str, subject: &Subject) -> Result<String, Trouble> {
        let id = match subject {
            Subject::Mrn(mrn) => return Ok(mrn.clone()),
            Subject::Reference(id) => id,
        };
        let headers = [("accept", FHIR_JSON)];
        let call = Call {
            headers: &headers,
            ..Call::get(format!("Patient/{}", encode(id)))
        };
        let answer = self.http.send(call).await?;
        let text = std::str::from_utf8(&answer.body).map_err(|_| self.http.garbled())?;
        let patient = parse_patient(text).map_err(|_| self.http.garbled())?;
        let system = workflows::system(facility, "mrn");
        let mrn = patient
            .identifiers
            .into_iter()
            .find(|identifier| identifier.system == system);
        mrn.map(|identifier| identifier.value)
            .ok_or_else(|| Trouble::permanent("ehr: the subject has no MRN at this facility"))
    }
}

/// Escapes the delimiters of a token parameter (FHIR R4, search 3.1.1.4.8).
fn escape_token(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '|' | ',' | '$') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn token_delimiters_are_escaped() {
        assert_eq!(super::escape_token("a|b,c"), "a\\|b\\,c");
    }
}
