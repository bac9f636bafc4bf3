//! What the desk does with a registration.

use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Trouble, call};

/// How often a partner is tried before the desk gives up.
const TRIES: u32 = 6;
/// How long the desk waits after the first failure; each further wait is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The company in whose books customers are opened.
const COMPANY: &str = "HOSP";

/// What the front desk sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registration {
    /// The medical record number: letters, digits and dashes.
    pub mrn: String,
    /// The family name; it must not be empty.
    pub family: String,
    /// The first given name.
    pub given: String,
    /// The date of birth, as `YYYY-MM-DD`.
    pub birth_date: String,
}

/// How the desk works. A careless one is here to show that its defect is caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// A patient is made only where the record has none with this number.
    Careful,
    /// A patient is made in any case: one more each time a registration is repeated.
    Careless,
}

/// The desk, and where its partners are.
#[derive(Clone, Debug)]
pub struct Desk {
    ehr: String,
    ledger: String,
    care: Care,
}

impl Desk {
    /// A desk between a FHIR server and an ERP, each given by its base URL without a slash at its end.
    pub fn new(ehr: impl Into<String>, ledger: impl Into<String>, care: Care) -> Self {
        Self {
            ehr: ehr.into(),
            ledger: ledger.into(),
            care,
        }
    }

    /// Brings a registration to both partners. Registering the same patient again changes nothing.
    pub async fn register(&self, registration: &Registration) -> Result<(), Trouble> {
        check(registration)?;
        persist(|| self.record(registration)).await?;
        persist(|| self.open_account(registration)).await
    }

    /// The patient gets a place in the record.
    async fn record(&self, registration: &Registration) -> Result<(), Trouble> {
        let path = format!("/Patient?identifier={}", registration.mrn);
        // Looking first is what makes it harmless to try again: the answer to an earlier try may only have been lost.
        if self.care == Care::Careful {
            let found = call(Method::GET, &self.ehr, &path, None).await?;
            if found["entry"].get(0).is_some() {
                return Ok(());
            }
        }
        let patient = json!({
            "resourceType": "Patient",
            "identifier": [{ "system": "urn:example:mrn", "value": registration.mrn }],
            "name": [{ "family": registration.family, "given": [registration.given] }],
            "birthDate": registration.birth_date,
        });
        call(Method::POST, &self.ehr, "/Patient", Some(&patient)).await?;
        Ok(())
    }

    /// The patient gets a customer in the ledger.
    async fn open_account(&self, registration: &Registration) -> Result<(), Trouble> {
        let company = self.find("/companies", "name", COMPANY).await?;
        let company = company
            .as_ref()
            .and_then(|company| company["id"].as_str())
            .ok_or_else(|| Trouble::Refused(format!("the ledger has no company {COMPANY}")))?;
        let customers = format!("/companies({company})/customers");
        if self
            .find(&customers, "number", &registration.mrn)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let customer = json!({
            "number": registration.mrn,
            "displayName": format!("{} {}", registration.given, registration.family),
        });
        call(Method::POST, &self.ledger, &customers, Some(&customer)).await?;
        Ok(())
    }

    /// The one record of a collection with this value.
    async fn find(
        &self,
        collection: &str,
        property: &str,
        value: &str,
    ) -> Result<Option<Value>, Trouble> {
        let path = format!("{collection}?$filter={property}%20eq%20%27{value}%27");
        let found = call(Method::GET, &self.ledger, &path, None).await?;
        Ok(found["value"].get(0).cloned())
    }
}

fn check(registration: &Registration) -> Result<(), Trouble> {
    let wrong = |what: &str| Err(Trouble::Unacceptable(what.to_owned()));
    let mrn = registration.mrn.as_bytes();
    if mrn.is_empty() || !mrn.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') {
        return wrong("the medical record number has letters, digits and dashes");
    }
    if registration.family.trim().is_empty() {
        return wrong("there is no family name");
    }
    Ok(())
}

/// Tries something again while its trouble may pass.
async fn persist<F>(attempt: impl Fn() -> F) -> Result<(), Trouble>
where
    F: Future<Output = Result<(), Trouble>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match attempt().await {
            Err(trouble) if trouble.may_pass() => tokio::time::sleep(pause).await,
            done => return done,
        }
        pause *= 2;
    }
    attempt().await
}
